"""Calls whose only argument is a starred list that has grown: ``zip(*rows)``, ``max(*xs)``."""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import containers
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.expressions import STARRED
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Container, Grown, GrownParts, Known, Value
from ast_ad.models import iteration
from ast_ad.trees import LEAF, TupleTree


def _zip(frame: Frame, node: Any, rows: Container) -> Value | None:
    """Lower ``zip(*rows)``, of a list of lists, or of one of tuples, whose columns are lists already."""
    inside: Grown = containers.seen(frame, rows)
    tree = inside.own.item
    if isinstance(tree, TupleTree) and all(item == LEAF for item in tree.items):
        columns = [containers.seen(frame, containers.made(frame, _column(leaf))) for leaf in inside.leaves]
        return [column.home for column in columns]
    if containers.single(inside) is None or tree == LEAF:
        return None
    return call_known(frame, node, Known(iteration.transposed, Held(iteration.transposed)), [rows], {})


def _column(leaf: Any) -> Grown:
    return Grown(GrownParts(LEAF), [leaf])


def _extreme(fn: Any) -> Any:
    return lambda frame, node, items: HANDLERS[fn](frame, node, [items], {})


STARRED.update({zip: _zip, max: _extreme(max), min: _extreme(min)})
