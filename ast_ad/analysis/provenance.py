"""How a variable came to depend on what is differentiated: for error messages."""

from __future__ import annotations

from collections.abc import Callable

from ast_ad.ir.nodes import Function, If, Loop, Operand, Statement, Var, Where, defined, operands, walk


def path_to(function: Function, var: Var, depends: Callable[[Operand], bool]) -> str:
    """Return the user's names on a way from a parameter to a variable, each with its line: "`x`, `y` (line 3)"."""
    maker: dict[Var, Statement] = {}
    sources: dict[Var, tuple[Operand, ...]] = {}
    for s in walk(function.body):
        maker.update(dict.fromkeys(defined(s), s))
        if isinstance(s, If):
            sources.update(zip(s.outs, zip(s.then.yields, s.orelse.yields)))
        elif isinstance(s, Loop):
            for param, out, *pair in zip(s.carried, s.outs, s.inits, s.body.yields[1:]):
                sources[param] = sources[out] = tuple(pair)
    steps: list[str] = []
    seen: set[Var] = set()
    at: Var | None = var
    while at is not None and at not in seen:
        seen.add(at)
        step = _step(at, maker.get(at))
        if step and step not in steps:
            steps.append(step)
        found = sources.get(at) or (operands(maker[at]) if at in maker else ())
        at = next((each for each in found if isinstance(each, Var) and each not in seen and depends(each)), None)
    return ", then ".join(reversed(steps)) or "an argument"


def _step(var: Var, maker: Statement | None) -> str:
    if not var.name or isinstance(maker, (If, Loop)):
        return ""
    where: Where | None = maker.where if maker is not None else None
    return f"`{var.name}`" if where is None else f"`{var.name}` (line {where.line})"
