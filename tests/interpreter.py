"""Runs IR as it stands, without emission: the oracle for every pass.

`UNDEF` is a value of its own here, and reading it is an error: so a program that runs is one that never reads what is
not there.
"""

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
)


def run(function: Function, *args: Any) -> tuple[Any, ...]:
    """Return the results of an IR function for run-time arguments."""
    assert len(args) == len(function.params), (len(args), function.params)
    frame = dict(zip(function.params, args))
    return tuple(_read(frame, value) for value in _block(frame, function.body))


def _read(frame: dict[Var, Any], operand: Operand) -> Any:
    value = _peek(frame, operand)
    assert value is not UNDEF, f"{operand} is read where it is undefined"
    return value


def _peek(frame: dict[Var, Any], operand: Operand) -> Any:
    if isinstance(operand, Lit):
        return operand.value
    return frame[operand] if isinstance(operand, Var) else UNDEF


def _block(frame: dict[Var, Any], block: Block) -> tuple[Operand, ...]:
    for statement in block.statements:
        _statement(frame, statement)
    return block.yields


def _statement(frame: dict[Var, Any], s: Statement) -> None:
    if isinstance(s, Op):
        values = [_read(frame, a) for a in s.args]
        named = {k: _read(frame, v) for k, v in s.kwargs}
        if s.form is not None:
            values, named = s.form.arranged(values)
        result = s.fn(*values, **named)
        frame.update(zip(s.outs, result if len(s.outs) > 1 else (result,)))
    elif isinstance(s, If):
        yields = _block(frame, s.then if _read(frame, s.test) else s.orelse)
        frame.update(zip(s.outs, [_peek(frame, value) for value in yields]))
    elif isinstance(s, Loop):
        carried = [_peek(frame, value) for value in s.inits]
        counter = iter(range(*(_read(frame, value) for value in s.range))) if s.range else None
        go = True
        while go:
            if counter is not None:
                index = next(counter, None)
                if index is None:
                    break
                frame[s.body.params[0]] = index
            if s.test is not None:
                frame.update(zip(s.test.params, carried))
                (on,) = _block(frame, s.test)
                if not _read(frame, on):
                    break
            frame.update(zip(s.carried, carried))
            yields = _block(frame, s.body)
            go = _read(frame, yields[0])
            carried = [_peek(frame, value) for value in yields[1:]]
        frame.update(zip(s.outs, carried))
    elif isinstance(s, Call):
        frame.update(zip(s.outs, run(s.function, *(_peek(frame, a) for a in s.args))))
    elif isinstance(s, Push):
        frame[s.stack].append(tuple(_read(frame, value) for value in s.values))
    elif isinstance(s, Pop):
        frame.update(zip(s.outs, frame[s.stack].pop()))
    elif isinstance(s, Raise):
        raise s.fn(*(_read(frame, a) for a in s.args))
    else:
        assert isinstance(s, Note)
