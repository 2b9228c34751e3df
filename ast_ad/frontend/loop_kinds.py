"""The kinds of what a loop carries: what holds of a variable in each of its iterations, and after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ast_ad.frontend import grown
from ast_ad.frontend.meeting import Joining, meet
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.values import Grown, GrownParts, Maybe, Value, parts
from ast_ad.ir.kinds import Array, Dim, Kind, List, Shape, dims_of, fresh, may_be_one, symbols
from ast_ad.ir.nodes import Lit, Operand, Var
from ast_ad.trees import Tree, unflatten

Shaped = tuple[Tree, tuple[Kind, ...]]
"""The structure of a value, and the kinds of its leaves."""


def shape_of(value: Value) -> Shaped:
    """Return the structure of a value, and the kinds of its operands."""
    leaves, tree = parts(value)
    return tree, tuple(leaf.kind for leaf in leaves)


def fresh_value(name: str, shape: Shaped) -> Value:
    """Return a value of this structure, with new variables of these kinds."""
    tree, kinds = shape
    value = unflatten(tree, [Var(fresh(kind), name) for kind in kinds])
    if isinstance(value, Maybe) and isinstance(value.bound, Var):
        value.bound.name = f"{name}_bound"
    return value


def unnamed(shape: Shaped, head: Value, known: Shaped) -> Shaped:
    """Return a shape with "?" and "*" again where the head of a loop has symbols that were made for it."""
    made = {
        symbol: dim
        for leaf, kind in zip(parts(head)[0], known[1])
        for symbol, dim in zip(dims_of(leaf.kind), dims_of(kind))
        if dim in ("*", "?")
    }
    kinds = tuple(
        replace(kind, dims=tuple(made.get(dim, dim) for dim in kind.dims)) if isinstance(kind, (Array, Shape)) else kind
        for kind in shape[1]
    )
    return shape[0], kinds


def leaving(kind: Kind, init: Operand) -> Kind:
    """Return the kind of what leaves a loop: lengths that change from turn to turn have other symbols outside."""
    if not isinstance(kind, (Array, Shape)):
        return kind
    before = dims_of(init.kind) if isinstance(init, (Var, Lit)) else ()
    same = before if len(before) == len(kind.dims) else (None,) * len(kind.dims)
    dims = tuple(
        dim if dim == own or isinstance(dim, int) else "?" if may_be_one(dim) else "*"
        for dim, own in zip(kind.dims, same)
    )
    return fresh(replace(kind, dims=dims))


def conformed(value: Value, template: Value, side: grown.Side) -> list[Operand]:
    """Return the operands of `value` in the places of the template's variables.

    With `side`, lists in containers are seen, and lists that grow are made.
    """
    found: dict[Operand, Operand] = {}

    def combine(x: Operand, y: Operand, kind: Kind) -> Operand:
        found[y] = x
        return y

    def lists(a: Value, b: Value) -> Value:
        pair = grown.common(a, b, side, side)
        return None if pair is None else grown.met(*pair, combine)

    meet(value, template, combine, None, Joining(lambda a, b: a, lists))
    return [found.get(leaf, leaf) for leaf in parts(template)[0]]


def lasting(shape: Shaped, symbols: Collection[str]) -> Shaped:
    """Return a shape whose lists claim no more of the lengths of their items than what holds in every turn."""
    return shape[0], tuple(_with_lasting(kind, symbols) if isinstance(kind, List) else kind for kind in shape[1])


def _with_lasting(kind: Kind, known: Collection[str]) -> Kind:
    if isinstance(kind, List):
        return List(_with_lasting(kind.item, known))
    if not isinstance(kind, Array):
        return kind
    dims = tuple(
        dim if isinstance(dim, int) or all(name in known for name in symbols(Array(kind.dtype, (dim,)))) else _open(dim)
        for dim in kind.dims
    )
    return Array(kind.dtype, dims)


def _open(dim: Dim) -> Dim:
    return "?" if may_be_one(dim) else "*"


def has_grown(value: Value) -> bool:
    """Tell whether a value is a list that has grown."""
    value = value.contents if isinstance(value, Parcel) else value
    return isinstance(value, Grown)


def shared(value: Value) -> Value:
    """Return a list of lists that may stand in other lists too."""
    if isinstance(value, Parcel):
        return Parcel(value.own, shared(value.contents))
    if isinstance(value, Grown):
        return Grown(GrownParts(value.own.item, True), value.leaves)
    return value


def bound_where(value: Value, at_end: Value) -> Value:
    """Drop the doubt about a name that every iteration binds, after a loop that runs at least once."""
    return value.value if isinstance(value, Maybe) and not isinstance(at_end, Maybe) else value
