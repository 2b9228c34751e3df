"""Calls of objects that lower themselves, such as what `grad` returns."""

from __future__ import annotations

import contextvars
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import paths, placing
from ast_ad.frontend.arguments import Argument, concrete, with_records
from ast_ad.frontend.context import Import, Lowering
from ast_ad.frontend.emission import emit, size_of
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import default
from ast_ad.frontend.invoke import refuse_recursion
from ast_ad.frontend.parcels import Record
from ast_ad.frontend.paths import Path
from ast_ad.frontend.pins import is_integer
from ast_ad.frontend.received import signature_of
from ast_ad.frontend.recursion import Activation
from ast_ad.frontend.values import Known, Value, is_operand, parts
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.trees import unflatten

_INSIDE: contextvars.ContextVar[frozenset[int]] = contextvars.ContextVar("derivatives", default=frozenset())
"""The derivatives that are being lowered (by `id`)."""

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def call_lowered(
    frame: Frame, node: Any, fn: Any, path: Path, args: Arguments, kwargs: Keywords, *, shared: bool
) -> Value:
    """Lower the call of an object that lowers itself, such as what `grad` returns.

    Of arguments that were `shared`, lists, dicts and objects may be one.
    """
    bound = inspect.signature(fn).bind(*args, **kwargs)
    given = dict(bound.arguments)
    bound.apply_defaults()
    values = {
        name: given[name] if name in given else default(frame, value, paths.Held(value))
        for name, value in bound.arguments.items()
    }
    context = frame.context
    places = {name: placing.places_of(context.objects, parts(value)[0]) for name, value in values.items()}
    key = (id(fn), path, shared, tuple((name, signature_of(value), places[name]) for name, value in values.items()))
    for done in context.memo.get(key, ()):
        return emit(frame, node, done, values, specialised=False)
    if any(each.signature == key for each in context.running):
        refuse_recursion(frame, node, fn)
    arguments = tuple(_argument(frame, node, name, value, shared, places[name]) for name, value in values.items())
    context.running.append(Activation(fn, key, key))
    try:
        lowered = _lowered(frame, node, fn, arguments)
    finally:
        context.running.pop()
    done = _as_callee(frame, lowered, path)
    context.memo.setdefault(key, []).append(done)
    return emit(frame, node, done, values, specialised=False)


def _argument(frame: Frame, node: Any, name: str, value: Value, shared: bool, places: tuple[Any, ...]) -> Argument:
    """Return what an object that lowers itself is told of an argument."""
    leaves, tree = parts(value)
    return Argument(
        name,
        concrete(frame, node, tree),
        tuple(leaf.kind for leaf in leaves),
        known=tuple((i, leaf.value) for i, leaf in enumerate(leaves) if _is_integer(leaf)),
        shared=shared,
        places=places,
    )


def _lowered(frame: Frame, node: Any, fn: Any, arguments: tuple[Argument, ...]) -> Any:
    """Let an object lower itself, unless it is doing that already."""
    inside = _INSIDE.get()
    if id(fn) in inside:
        frame.refuse(
            node,
            f"`{getattr(fn, '__name__', 'it')}` calls itself by the name of its derivative, which has no end",
            "give the derivative a name of its own: `df = grad(f)`",
        )
    token = _INSIDE.set(inside | {id(fn)})
    try:
        return fn.__ast_ad_lower__(arguments)
    finally:
        _INSIDE.reset(token)


def _as_callee(frame: Frame, lowered: Any, path: Path) -> Lowering:
    """Return what an object at a path has lowered to as a function that can be called; its guards become ours."""
    context = frame.context
    context.around.update(dict.fromkeys(lowered.around))
    for guard in lowered.guards:
        context.guard(guard.rooted(path))
    imports = []
    hidden = lowered.function.params[len(lowered.function.params) - len(lowered.hidden) :]
    for each, param in zip(lowered.hidden, hidden):
        source = each.rooted(path)
        imports.append(Import(source, source.kind, (param,), param))
    tree = lowered.out_tree

    def result(operands: Sequence[Operand]) -> Value:
        return abstract(unflatten(with_records(tree), operands))

    return Lowering(lowered.function, imports, result, True, size_of(lowered.function))


def _is_integer(leaf: Operand) -> bool:
    """Tell whether a number is a constant that may decide about structure, such as an `axis`."""
    return isinstance(leaf, Lit) and is_integer(leaf.value)


def abstract(value: Any) -> Value:
    """Return a value whose leaves are operands as an abstract value: other objects in it are known."""
    if is_operand(value):
        return value
    if type(value) in (tuple, list):
        return type(value)(map(abstract, value))
    if type(value) is dict:
        return {key: abstract(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(abstract, value))
    if isinstance(value, Record):
        return Record(value.make, tuple(map(abstract, value.items)))
    return Known(value)
