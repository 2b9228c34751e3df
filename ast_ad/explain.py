"""What a derivative does with each line of the user's function: what is active, what is saved, and why.

line  active  saved                          text
2  y       y: `mul` of line 3 reads it        y = np.sin(x)
3  z                                          z = y * y
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ast_ad import pipeline
from ast_ad.analysis.activity import activity, everything, nothing
from ast_ad.analysis.schedule import schedule
from ast_ad.derivative import Derivative
from ast_ad.frontend.lower import Argument, Lowered
from ast_ad.ir.nodes import (
    Block,
    Function,
    If,
    Loop,
    Note,
    Op,
    Pop,
    Push,
    Statement,
    Var,
    Where,
    blocks,
    defined,
    walk,
)
from ast_ad.lowerings import lower_for, simplified
from ast_ad.request import Request, selected
from ast_ad.storage import storage
from ast_ad.transform.reverse import reverse


@dataclass
class Line:
    """One line of the user's text.

    Attributes
    ----------
    active
        The variables that it defines, and that the result depends on as they depend on the arguments.
    saved
        The variables that the reverse sweep gets from the forward sweep, each with what needs it.
    """

    where: Where
    active: dict[str, None] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)


def show(fun: Any, *args: Any, **kwargs: Any) -> None:
    """Print the source of a derivative for arguments like these; of another function, that of its gradient.

    Examples
    --------
    >>> show(lambda x: x * x, 1.0)
    def function_grad(x, out_bar=1.0):
        # reverse sweep
        x_bar = out_bar * 2 * x
        return x_bar
    """
    derivative, arguments = specialised(fun, args, kwargs)
    print(pipeline.derivative_text(derivative.callee.function, arguments, derivative.request).rstrip("\n"))


def explain(fun: Any, *args: Any, **kwargs: Any) -> None:
    """Print, for each line of a function, what of it is active, and what is saved for the reverse sweep, and why.

    Then what the gradient keeps, loop by loop, with its size at these arguments, and what checkpoints would save
    (see `ast_ad.storage`).

    Parameters
    ----------
    fun
        A function, or a derivative of one.
    *args, **kwargs
        The arguments to explain it for; the gradient is run with them.
    """
    derivative, arguments = specialised(fun, args, kwargs)
    function = derivative.callee.function
    print(table(lines(lower_for(function, arguments, derivative.request.checkpoint), arguments, derivative.request)))
    if derivative.request.operator in ("grad", "value_and_grad"):
        print(f"\n{storage(derivative, *args, **kwargs)}")


def specialised(fun: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Derivative, tuple[Argument, ...]]:
    """Return a derivative (of another function, its gradient), and what it is specialised on for these arguments."""
    derivative = fun if isinstance(fun, Derivative) else Derivative(fun, "grad", 0)
    return derivative, derivative.arguments_of(args, kwargs)


def lines(lowered: Lowered, arguments: tuple[Argument, ...], request: Request) -> list[Line]:
    """Return what is known of each line, in the order of the text."""
    primal = simplified(lowered.function)
    found: dict[tuple[str, int], Line] = {}

    def line(where: Where) -> Line:
        return found.setdefault((where.file, where.line), Line(where))

    chosen = [i for target in request.targets for i in selected(arguments, target).leaves]
    wrt = [everything(p.kind) if i in chosen else nothing(p.kind) for i, p in enumerate(primal.params)]
    facts = activity(primal, wrt, [everything(result.kind) for result in primal.results if isinstance(result, Var)])
    for statement in walk(primal.body):
        where = getattr(statement, "where", None)
        if where is not None and where.text:
            names = [out.name or _named(statement) for out in defined(statement) if facts(out)]
            line(where).active.update(dict.fromkeys(name for name in names if name))
    if request.mode == "reverse":
        plan = schedule(request.checkpoint)
        function = simplified(reverse(primal, chosen, name=primal.name, value=True, schedule=plan))
        for var, where, why in saved(function):
            if where.text:
                line(where).saved[var.name or "(temporary)"] = why
    return [found[key] for key in sorted(found)]


def saved(function: Function) -> Iterator[tuple[Var, Where, str]]:
    """Yield the variables that the reverse sweep takes from the forward sweep, where they come from, and for what."""
    statements = function.body.statements
    start = next((i for i, s in enumerate(statements) if isinstance(s, Note) and "reverse" in s.text), len(statements))
    forward, reverse = Block((), statements[:start], ()), Block((), statements[start:], ())
    homes = {var: s for s in walk(forward) for var in _outs(s)}
    readers = {
        var: s for s in reversed(list(walk(reverse))) if isinstance(s, Op) for var in s.args if isinstance(var, Var)
    }
    popped = {s.stack: s.outs for s in walk(reverse) if isinstance(s, Pop)}
    pairs = [(var, readers.get(var)) for var in homes if var in readers]
    for push in walk(forward):
        if isinstance(push, Push):
            outs = popped.get(push.stack, ())
            pairs += [(v, readers.get(out)) for v, out in zip(push.values, outs) if isinstance(v, Var)]
    for var, reader in pairs:
        home = homes.get(var)
        where = getattr(home, "where", None)
        if where is not None:
            yield var, where, _why(reader)


def _outs(statement: Statement) -> tuple[Var, ...]:
    inner = tuple(param for block in blocks(statement) for param in block.params) if isinstance(statement, Loop) else ()
    return (*defined(statement), *inner)


def _why(reader: Op | None) -> str:
    if reader is None:
        return "a test or a loop of the reverse sweep reads it"
    name = getattr(reader.fn, "__name__", "an operation")
    return f"`{name}` of line {reader.where.line} reads it" if reader.where is not None else f"`{name}` reads it"


def _named(statement: Statement) -> str:
    if isinstance(statement, (If, Loop)):
        return ""
    return f"({getattr(getattr(statement, 'fn', None), '__name__', 'temporary')})"


def table(found: Sequence[Line]) -> str:
    """Return lines as a table."""
    rows = [("line", "active", "saved", "text")]
    for each in found:
        why = "; ".join(f"{name}: {reason}" for name, reason in each.saved.items())
        rows.append((str(each.where.line), ", ".join(each.active), why, each.where.text.rstrip()))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        f"{row[0]:>{widths[0]}}  {row[1]:{widths[1]}}  {row[2]:{widths[2]}}  {row[3]}".rstrip() for row in rows
    )
