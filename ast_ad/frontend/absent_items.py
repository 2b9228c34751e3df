"""Items of lists that have grown, of which some are None: a list of booleans beside them tells which are there.

A number stands in the place of an item that is None, and nobody looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from ast_ad.frontend.values import Optional, Value, is_none, is_operand, parts
from ast_ad.ir.kinds import BOOL, STRING, Kind, Scalar
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.trees import NodeTree, Tree, unflatten

_ZEROS = {"float": 0.0, "complex": 0j}


def is_optional(tree: Tree) -> TypeGuard[NodeTree]:
    """Tell whether items of this structure may be None."""
    return isinstance(tree, NodeTree) and tree.make is Optional


def may_be_none(value: Value) -> bool:
    """Tell whether an item is None, on some paths at least."""
    return is_none(value) or isinstance(value, Optional)


def all_optional(items: Sequence[Value]) -> list[Value]:
    """Return items that are alike of items of which some may be None."""
    there = (each.value if isinstance(each, Optional) else each for each in items if not is_none(each))
    template = next(there, None)
    return [as_optional(each, template) for each in items]


def as_optional(item: Value, template: Value | None) -> Value:
    """Return an item as one that may be None; None itself where nothing is known that could stand for it."""
    if isinstance(item, Optional):
        return item
    if not is_none(item):
        return Optional(Lit(True), item)
    if template is None:
        return item
    leaves, tree = parts(template)
    zeros = [_zero(leaf.kind) for leaf in leaves]
    return item if None in zeros else Optional(Lit(False), unflatten(tree, zeros))


def _zero(kind: Kind) -> Operand | None:
    """Return what stands for a number or a text; None for what has a shape."""
    if kind == STRING:
        return Lit("")
    if not isinstance(kind, Scalar):
        return None
    return Lit(False) if kind == BOOL else Lit(_ZEROS.get(kind.dtype.rstrip("0123456789"), 0))


def is_plain(value: Value) -> bool:
    """Tell whether there are only numbers, texts and tuples of these in a value."""
    return is_operand(value) or (type(value) is tuple and all(map(is_plain, value)))
