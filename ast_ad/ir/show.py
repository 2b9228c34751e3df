"""IR as text that reads like Python, for `show --stage` and for error messages; the emitter writes the real code."""

from __future__ import annotations

from typing import Any

from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    functions,
)


class _Names:
    """Gives every variable a name of its own: `x`, `x.1`, `x.2`, ..., `%1` for temporaries."""

    def __init__(self) -> None:
        self._names: dict[Var, str] = {}
        self._count: dict[str, int] = {}

    def __call__(self, operand: Operand) -> str:
        if isinstance(operand, Lit):
            return getattr(operand.value, "__name__", repr(operand.value))
        if operand is UNDEF:
            return "UNDEF"
        assert isinstance(operand, Var)
        if operand not in self._names:
            count = self._count.get(operand.name, 0)
            self._count[operand.name] = count + 1
            self._names[operand] = f"{operand.name or '%'}{f'.{count}' if count and operand.name else ''}"
            if not operand.name:
                self._names[operand] = f"%{count}"
        return self._names[operand]

    def all(self, operands: tuple[Operand, ...]) -> str:
        return ", ".join(map(self, operands))

    def typed(self, variables: tuple[Var, ...]) -> str:
        return ", ".join(f"{self(v)}: {v.kind}" for v in variables)


def text(function: Function) -> str:
    """Return a function of the IR, and those it calls, as text."""
    return "\n\n".join(_function(each) for each in functions(function))


def statement_text(statement: Statement) -> str:
    """Return the first line of a statement, for messages."""
    return _lines(_Names(), statement)[0]


def _function(function: Function) -> str:
    names = _Names()
    head = f"def {function.name}({names.typed(function.params)}):"
    body = [line for s in function.body.statements for line in _lines(names, s)]
    return "\n".join([head, *_indent([*body, f"return {names.all(function.results)}"])])


def _indent(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def _block(names: _Names, block: Block) -> list[str]:
    lines = [line for s in block.statements for line in _lines(names, s)]
    return _indent([*lines, f"yield {names.all(block.yields)}"])


def _callable_name(fn: Any) -> str:
    module = getattr(fn, "__module__", None) or "numpy"  # which ufuncs have depends on NumPy's version
    name = getattr(fn, "__name__", repr(fn))
    if module == "builtins" or module.startswith("ast_ad"):
        return name
    return f"{'np' if module.startswith('numpy') else module.lstrip('_')}.{name}"


def _lines(names: _Names, s: Statement) -> list[str]:
    if isinstance(s, Op):
        args = [names(a) for a in s.args] + [f"{k}={names(v)}" for k, v in s.kwargs]
        call = f"{_callable_name(s.fn)}({', '.join(args)})"
        return [f"{names.typed(s.outs)} = {call}" if s.outs else call]
    if isinstance(s, If):
        head = f"{names.typed(s.outs)} = " if s.outs else ""
        then, orelse = _block(names, s.then), _block(names, s.orelse)
        return [f"{head}if {names(s.test)}:", *then, "else:", *orelse]
    if isinstance(s, Loop):
        carried = ", ".join(f"{names(p)}: {p.kind} = {names(init)}" for p, init in zip(s.carried, s.inits))
        head = f"{names.typed(s.outs)} = " if s.outs else ""
        if s.range is not None:
            kind = f"for {names(s.body.params[0])} in range({names.all(s.range)})"
            return [f"{head}{kind} carrying ({carried}):", *_block(names, s.body)]
        test = [] if s.test is None else [f"  test({names.all(s.test.params)}):", *_block(names, s.test)]
        return [f"{head}while carrying ({carried}):", *test, "  do:", *_block(names, s.body)]
    if isinstance(s, Call):
        return [f"{names.typed(s.outs)} = call {s.function.name}({names.all(s.args)})"]
    if isinstance(s, Push):
        return [f"push {names(s.stack)} <- {names.all(s.values)}"]
    if isinstance(s, Pop):
        return [f"{names.typed(s.outs)} = pop {names(s.stack)}"]
    if isinstance(s, Raise):
        return [f"raise {_callable_name(s.fn)}({names.all(s.args)})"]
    assert isinstance(s, Note)
    return [f"# {s.text}"]
