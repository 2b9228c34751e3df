"""Arguments that are one array, share memory, or do not lie row by row: what lowering makes of `Argument.places`.

One that is passed twice is one array; of arrays that overlap, one that is still needed may not change with the other.
What is assumed is tested at the beginning of the function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ast_ad.frontend import layouts, memory
from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.layouts import Place
from ast_ad.frontend.paths import Path
from ast_ad.frontend.tokens import Objects
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.runtime import check_apart, check_order, check_rows, check_same
from ast_ad.trees import LEAF, TupleTree

Leaves = Mapping[str, Sequence[Var]]


def arrays_of(objects: Objects, arguments: Sequence[Argument], leaves: Leaves) -> dict[str, list[Operand]]:
    """Return what stands for the leaves of each argument, and note how they lie."""
    values: dict[str, list[Operand]] = {argument.name: list(leaves[argument.name]) for argument in arguments}
    for argument in arguments:
        for i, place in argument.places:
            param = leaves[argument.name][i]
            if place.order != tuple(range(len(place.order or ()))):
                objects.orders[param] = place.order
            if place.same is not None:
                name, position = place.same
                values[argument.name][i] = objects.copies[param] = leaves[name][position]
            for name, position in place.overlaps:
                other = leaves[name][position]
                objects.may_be(param, [other])
                objects.may_be(other, [param])
                objects.overlaps.add(frozenset((param, other)))
            objects.outside.update(dict.fromkeys(place.outside, param))
    return values


def from_outside(objects: Objects, path: Path, param: Var) -> Var:
    """Return what stands for an array from outside, which may be one of the arguments."""
    if path not in objects.outside:
        return param
    objects.copies[param] = objects.outside[path]
    return objects.copies[param]


def places_of(objects: Objects, leaves: Sequence[Operand]) -> tuple[tuple[int, Place], ...]:
    """Return which arrays are known not to lie row by row, for a derivative that is called with them."""
    if not objects.orders:
        return ()
    orders = [layouts.lies_otherwise(objects, leaf) if memory.is_array(leaf) else None for leaf in leaves]
    return tuple((i, Place(order)) for i, order in enumerate(orders) if order is not None)


def checks(objects: Objects, params: Sequence[Var]) -> list[Op]:
    """Return what tests that the arrays among the parameters lie as was assumed."""
    changed = objects.written()
    written = [param for param in params if param in changed]
    found = [Op((), check_same, (first, param)) for param, first in objects.copies.items()]
    for param in written:
        own = objects.origins(param)
        apart = [
            other
            for other in params
            if memory.is_array(other)
            and other is not param
            and objects.copies.get(other) is not param
            and own.isdisjoint(objects.origins(other))
        ]
        if apart:
            found.append(Op((), check_apart, (param, *apart), where=changed[param]))
    rows = [param for param in params if param in objects.rows]
    if rows:
        found.append(Op((), check_rows, tuple(rows)))
    for param, order in objects.orders.items():
        if written and order is not None:
            form = Form((LEAF, TupleTree((LEAF,) * len(order))))
            found.append(Op((), check_order, (param, *map(Lit, order)), form=form))
    return found
