"""Calls of ordinary Python functions, written into code that a transform is making: for rules that users give.

The function is lowered for the operands of the call, as the frontend lowers any other; what it reads from outside is
read when the code runs, and what lowering it assumed is noted for the plan that is being made (`assuming`).
"""

from __future__ import annotations

import contextlib
import contextvars
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ast_ad.errors import MissingRuleError
from ast_ad.frontend import containers, generators, grown_items, memory
from ast_ad.frontend.attributes import proxy
from ast_ad.frontend.context import Context
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.guards import Guard
from ast_ad.frontend.inner import frame_of_call
from ast_ad.frontend.jumps import Unreachable
from ast_ad.frontend.loops import run_loop
from ast_ad.frontend.lower import run_body
from ast_ad.frontend.objects import object_of
from ast_ad.frontend.paths import FreeInput, Held
from ast_ad.frontend.values import Known, Value, is_operand, parts
from ast_ad.ir.kinds import Kind, symbols, with_symbols
from ast_ad.ir.nodes import Block, Call, Function, Lit, Note, Op, Operand, Var, walk
from ast_ad.ir.rebuild import inlined
from ast_ad.rules.expand import Code
from ast_ad.rules.registry import inactive
from ast_ad.trees import Tree, unflatten

_GUARDS: contextvars.ContextVar[list[Guard] | None] = contextvars.ContextVar("what rules assumed", default=None)


@contextlib.contextmanager
def assuming() -> Iterator[list[Guard]]:
    """Collect what lowering of rules assumes, within the ``with`` statement."""
    guards: list[Guard] = []
    token = _GUARDS.set(guards)
    try:
        yield guards
    finally:
        _GUARDS.reset(token)


def assume(*guards: Guard) -> None:
    """Note assumptions for the plan that is being made."""
    collected = _GUARDS.get()
    if collected is not None:
        collected += guards


class Outside:
    """A number that a rule reads from outside, as a constant of generated code: `read` gives its value."""

    def __init__(self, source: FreeInput) -> None:
        self.source = source
        self.__name__ = source.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outside) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)


def outside(name: Outside) -> Any:
    """Return what a rule reads from outside."""
    return name.source.read(None)


inactive(outside, kind=lambda name: name.source.kind, cheap=True, views=True)


@dataclass(frozen=True)
class Application:
    """A call that was lowered.

    Attributes
    ----------
    function
        Takes the variables among the operands of the call, then what is read from outside.
    inputs
        What is read from outside.
    tree
        The structure of the result.
    """

    function: Function
    inputs: tuple[Outside, ...]
    tree: Tree

    def results(self, code: Code, operands: Sequence[Operand]) -> list[Operand]:
        """Write the call into `code`, and return the leaves of its result."""
        return placed(code, self.function, [*(each for each in operands if isinstance(each, Var)), *self.outside(code)])

    def outside(self, code: Code) -> list[Operand]:
        """Write the reading of what is outside into `code`."""
        return [code.op(outside, Lit(each)) for each in self.inputs]


def placed(code: Code, function: Function, given: Sequence[Operand]) -> list[Operand]:
    """Write a call of a function into `code`: its statements, where they are a sequence of operations."""
    renew = _own_symbols(given)
    if all(isinstance(s, (Op, Note, Call)) for s in walk(function.body)):
        statements, results = inlined(function, given, renew)
        code.statements += [statement for statement in statements if not isinstance(statement, Note)]
        return list(results)
    outs = tuple(Var(renew(_kind(result))) for result in function.results)
    code.statements.append(Call(outs, function, tuple(given), code.where))
    return [result if isinstance(result, Lit) else out for result, out in zip(function.results, outs)]


def _kind(operand: Operand) -> Kind:
    assert isinstance(operand, (Var, Lit))
    return operand.kind


def _own_symbols(given: Sequence[Operand]) -> Callable[[Kind], Kind]:
    """Return what gives the lengths that a call finds out names of its own; those of its arguments stay."""
    keep = {name for value in given for name in symbols(_kind(value))}
    own: dict[str, str] = {}
    return lambda kind: with_symbols(kind, keep, own)


Steps = Callable[[Frame, Any, Value, Sequence[Value]], Value]
"""``steps(frame, node, fun, values)``: lowers what is done with a function."""


def application(fun: Callable[..., Any], values: Sequence[Value], steps: Steps) -> Application:
    """Lower what `steps` do with a function.

    Parameters
    ----------
    values
        Operands, and containers of operands, that `steps` use.
    """
    frame = frame_of_call(
        Context(run_body, run_loop, proxy, object_of, generators.make, generators.collected, grown_items.as_item),
        getattr(fun, "__name__", "rule"),
    )
    frame.context.frames.append(frame)
    leaves, tree = parts(list(values))
    params = [Var(leaf.kind, leaf.name) for leaf in leaves if isinstance(leaf, Var)]
    remaining = iter(params)
    mine = unflatten(tree, [next(remaining) if isinstance(leaf, Var) else leaf for leaf in leaves])
    try:
        value = steps(frame, frame.node, Known(fun, Held(fun)), mine)
    except Unreachable:
        raise MissingRuleError(
            f"the rule `{getattr(fun, '__name__', fun)}` always raises an exception", help="let it return a derivative"
        ) from None
    value = memory.settle(frame, containers.plain(frame, value), lambda leaf: memory.now(frame, leaf))
    results, out_tree = parts(value)
    inputs = []
    for each in frame.imports.values():
        assert isinstance(each.key, FreeInput)
        inputs.append(Outside(each.key))
        params += each.params
    assume(*frame.context.guards.values())
    body = frame.builder.function("rule", params, results).body
    name = f"{getattr(fun, '__name__', 'rule')}_rule"
    function = Function(name if name.isidentifier() else "rule", tuple(params), Block((), body.statements, body.yields))
    return Application(function, tuple(inputs), out_tree)


KINDS: tuple[type, ...] = typing.get_args(Kind)
_NUMBERS = (bool, int, float, complex, np.number, np.bool_)


def is_constant_or_kind(value: Any) -> bool:
    """Tell whether a value is a kind, or a constant number."""
    return isinstance(value, (*KINDS, *_NUMBERS))


def abstract(value: Any) -> Value:
    """Return a kind, or a constant, as an abstract value."""
    if isinstance(value, KINDS):
        kind: Any = value
        return Var(kind)
    if isinstance(value, _NUMBERS):
        return Lit(value)
    if type(value) in (tuple, list):
        return type(value)(map(abstract, value))
    return value if is_operand(value) else Known(value)
