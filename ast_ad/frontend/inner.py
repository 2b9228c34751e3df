"""What all operators inside a lowered function do: lower a call apart, and write its transform.

What `f` computes is lowered with new variables for the arguments that are differentiated, into a block of its own,
and made a function whose further parameters are the variables around it. The operator's transform of that is then
written in place. So `f` may close over what is differentiated outside: for the inner derivative that is a constant,
as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import gast

from ast_ad.analysis.schedule import Setting, checked
from ast_ad.errors import ArgumentError
from ast_ad.frontend import containers, dispatch, facts, memory, pools, sharing
from ast_ad.frontend.context import Context
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.parcels import Record, RecordParts
from ast_ad.frontend.source import Source
from ast_ad.frontend.values import Known, Value, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import dims_of, is_inexact
from ast_ad.ir.nodes import Function, Lit, Operand, Var, free_variables
from ast_ad.ir.rebuild import inlined
from ast_ad.runtime.gradients import shaped
from ast_ad.trees import DictTree, Leaf, ListTree, Static, Tree, TupleTree, unflatten


class Operator(Protocol):
    """What a function such as `grad` tells of itself, as its attribute `__ast_ad_operator__`."""

    name: str
    has_aux: bool
    argnums: int | str | tuple[int | str, ...]
    checkpoint: Setting

    def changed(self, **changes: Any) -> Operator:
        """Return an operator with another name or other options."""

    def forward(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the function that computes the results, then their tangents; tangents are further parameters."""

    def reverse(
        self, function: Function, wrt: Sequence[int], of: Sequence[int] | None = None, *, shaped: bool = False
    ) -> Function:
        """Return the function that computes the results, then the adjoints; seeds are 1, or further parameters."""


class Inner(NamedTuple):
    """A call that was lowered apart: its code, its new parameters, what they stand for, and its result."""

    region: Region
    params: list[Var]
    actual: list[Operand]
    result: Value

    def around(self, results: Sequence[Operand]) -> list[Var]:
        """Return the variables that the code reads and does not define."""
        return [var for var in free_variables(self.region.block(results)) if var not in self.params]

    def function(self, results: Sequence[Operand]) -> Function:
        """Return the code as a function of the parameters, and of the variables around."""
        block = replace(self.region.block(results), params=())
        return Function("inner", (*self.params, *self.around(results)), block)


def lowered_apart(
    frame: Frame,
    node: Any,
    function: Value,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    keys: Sequence[int | str],
    *,
    shared: bool = False,
) -> Inner:
    """Lower a call into a block of its own, with new variables for the arguments `keys`.

    Of arguments that were `shared`, lists, dicts and objects may be one.
    """
    values = by_key(args, kwargs)
    given = dict(values)
    params: list[Var] = []
    actual: list[Operand] = []
    for key in keys:
        leaves, tree = parts(values[key])
        new = [Var(leaf.kind, getattr(leaf, "name", "")) if differentiable(leaf) else leaf for leaf in leaves]
        params += [var for var, leaf in zip(new, leaves) if var is not leaf]
        actual += [memory.now(frame, leaf) for var, leaf in zip(new, leaves) if var is not leaf]
        arrays = [(var, leaf) for var, leaf in zip(new, leaves) if memory.is_array(leaf)]
        frame.context.objects.given.update(pair for pair in arrays if pair[0] is not pair[1])
        others = [function, *(each for other, each in given.items() if other != key)]
        _note_arrays(frame, arrays, others)
        values[key] = unflatten(tree, new)
    before = dict(frame.env)
    empty = pools.without_objects(frame)
    with frame.builder.region(Region(params)) as region:
        if shared:
            values = {key: containers.boxed(frame, value) for key, value in values.items()}
            sharing.note_shared(frame, [function, *values.values()])
        result = dispatch.call(
            frame, node, function, [values[i] for i in range(len(args))], {name: values[name] for name in kwargs}
        )
        result = facts.present(frame, node, result, "the function that is differentiated returns None")
        result = memory.settle(frame, containers.plain(frame, result), lambda leaf: memory.now(frame, leaf))
        if pools.holds_pooled(frame, result):
            frame.refuse(node, "an object of a list leaves a function that is differentiated", "return what is in it")
    _check_outside(frame, node, params)
    inner = Inner(region, params, actual, result)
    # What it writes to arrays around it stays inside, as everything that a derivative's call writes; so do its objects.
    inside = frame.context.objects.tokens.keys() | empty
    if any(frame.env.get(name) is not value for name, value in before.items() if name not in inside):
        frame.refuse(node, "the function that is differentiated assigns variables outside it", "let it return them")
    frame.env = before
    return inner


def _check_outside(frame: Frame, node: Any, params: Sequence[Var]) -> None:
    """Refuse a function that changes an array which it may find outside as well."""
    objects = frame.context.objects
    outside = set(objects.outside.values())
    changed = objects.written() if outside else {}
    if any(param in changed and not outside.isdisjoint(objects.origins(objects.given[param])) for param in params):
        frame.refuse(node, "an array is changed in place that is also found outside the function", "pass a copy of it")


def _note_arrays(frame: Frame, pairs: Sequence[tuple[Var, Var]], others: Sequence[Value]) -> None:
    """Note which of the new variables of an argument stand for arrays that it has twice, or that others have too."""
    objects = frame.context.objects
    around = frozenset().union(*map(objects.origins, sharing.arrays_of(frame, others)))
    for i, (new, token) in enumerate(pairs):
        own = objects.origins(token)
        twice = any(j != i and not own.isdisjoint(objects.origins(other)) for j, (_, other) in enumerate(pairs))
        if new is not token and (twice or not own.isdisjoint(around)):
            objects.may_be(new, [token])


def written(
    frame: Frame,
    inner: Inner,
    transform: Callable[[Function, Sequence[int]], Function],
    results: Sequence[Operand],
    dots: Sequence[Operand],
) -> list[Operand]:
    """Write a transform of a call, and return its results; `dots` are its further arguments."""
    made = transform(inner.function(results), range(len(inner.params)))
    return placed(frame, made, [*inner.actual, *inner.around(results), *dots])


def placed(frame: Frame, function: Function, args: Sequence[Operand]) -> list[Operand]:
    """Write the statements of a function, and return its results."""
    statements, outs = inlined(function, args)
    for statement in statements:
        frame.builder.append(statement)
    return list(outs)


def by_key(args: Sequence[Value], kwargs: Mapping[str, Value]) -> dict[int | str, Value]:
    """Return the arguments of a call by position and by name."""
    values: dict[int | str, Value] = dict(enumerate(args))
    values.update(kwargs)
    return values


def differentiable(leaf: Var | Lit) -> bool:
    """Tell whether a leaf can have a derivative."""
    return is_inexact(leaf.kind)


def in_place(primal: Value, bars: Iterator[Operand]) -> Value:
    """Return an argument with the next adjoints in the place of its floating-point leaves."""
    leaves, tree = parts(primal)
    return unflatten(tree, [next(bars) if differentiable(leaf) else leaf for leaf in leaves])


def divided(frame: Frame, node: Any, operator: Operator, result: Value) -> tuple[Value, Value]:
    """Return what is differentiated of a result, and what is handed through beside it."""
    if not operator.has_aux:
        return result, ()
    if type(result) is not tuple or len(result) != 2:
        frame.misfit(node, f"with has_aux=True the function has to return a pair, and this is {describe(result)}")
    return result


def with_options(frame: Frame, node: Any, operator: Operator, kwargs: Mapping[str, Value]) -> Operator:
    """Return an operator with the options that its call gives: `OPTIONS`."""
    given = {name: kwargs[name] for name in OPTIONS if name in kwargs}
    for name, value in given.items():
        if not isinstance(value, (Lit, Known)):
            frame.refuse(node, f"{name} has to be a constant here", "write its value")
    changes: dict[str, Any] = {name: value.value for name, value in given.items()}
    if "has_aux" in changes:
        changes["has_aux"] = bool(changes["has_aux"])
    if "checkpoint" in changes:
        try:
            checked(changes["checkpoint"])
        except ArgumentError as error:
            frame.misfit(node, error.message, error.help or "")
    return operator.changed(**changes)


OPTIONS = ("has_aux", "checkpoint")


def aligned(tree: Tree, value: Value) -> list[Value] | None:
    """Return the leaves of a tangent or cotangent in the order of a structure; None where it has another one.

    Keys may be in another order, and None may stand for what is no number.
    """
    if isinstance(tree, Leaf):
        return [value]
    if isinstance(tree, Static):
        none = isinstance(value, Known) and value.value is None
        own = tree.value
        same = isinstance(own, Known) and isinstance(value, Known) and own.same(value)
        return [] if none or same or parts(value)[1] == tree else None
    items: Sequence[Value]
    if isinstance(tree, DictTree):
        if type(value) is not dict or value.keys() != set(tree.keys):
            return None
        items = [value[key] for key in tree.keys]
    elif isinstance(value, Record):
        if getattr(tree, "make", None) != RecordParts(value.make) or len(value.items) != len(tree.items):
            return None
        items = value.items
    else:
        make = {TupleTree: tuple, ListTree: list}.get(type(tree)) or getattr(tree, "make", None)
        if type(value) is not make or len(value) != len(tree.items):
            return None
        items = value
    found = [aligned(part, item) for part, item in zip(tree.items, items)]
    return None if None in found else [leaf for each in found for leaf in each or ()]


def fitting(frame: Frame, node: Any, given: Value, leaf: Operand) -> Operand:
    """Return a tangent, or a cotangent, that has the shape of what it belongs to; that may have to be checked."""
    dot = frame.operand(node, given)
    assert isinstance(dot, (Var, Lit)) and isinstance(leaf, (Var, Lit))
    have, want = dims_of(dot.kind), dims_of(leaf.kind)
    if len(have) != len(want) or any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(have, want)):
        frame.misfit(
            node, f"the derivative given is {describe(dot)}, and belongs to {describe(leaf)}", "give one of its shape"
        )
    now: Operand = memory.now(frame, dot)
    return now if have == want else frame.op(node, shaped, now, leaf)


def frame_of_call(context: Context, name: str) -> Frame:
    """Return a frame in which calls can be lowered that stand in no function of the user's."""
    text = f"def {name if name.isidentifier() else 'rule'}():\n    pass"
    tree = gast.parse(text).body[0]
    return Frame(context, Source(f"<call of {name}>", tree, tuple(text.split("\n")), name), tree, {})
