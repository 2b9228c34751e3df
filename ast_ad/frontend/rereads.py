"""The names whose values a statement, or what follows it, may still read when a call in it has returned."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import gast

from ast_ad.frontend.scope import NONE, Names

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

_COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
_WITHOUT_BLOCKS = (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.Expr, gast.Return)


def begin(frame: Frame, statement: Any) -> None:
    """Note which names may be read when the calls in a statement, which is lowered now, have returned."""
    after = frame.scope.live_after.get(id(statement))
    own = None if after is None else _read_after(statement, None)
    frame.statement = statement
    frame.live_now = after if after is None or own is None else after | own


def live_during(frame: Frame, call: Any) -> Names | None:
    """Return the names whose values may be read when one call of the statement has returned.

    What an assignment binds has another value then, unless the call fails, and that is caught.
    """
    after = frame.scope.live_after.get(id(frame.statement))
    own = None if after is None else _read_after(frame.statement, call)
    if after is None or own is None:
        return frame.live_now
    return (after if frame.attempts else after - _bound_last(frame.statement)) | own


@functools.lru_cache(maxsize=4096)
def _bound_last(statement: Any) -> Names:
    """Return the names that an assignment binds to what its right-hand side returns."""
    if not isinstance(statement, gast.Assign):
        return NONE
    names = [each for target in statement.targets for each in gast.walk(target) if isinstance(each, gast.Name)]
    read = {each.id for each in names if isinstance(each.ctx, gast.Load)}
    return frozenset(each.id for each in names) - read


@functools.lru_cache(maxsize=4096)
def _read_after(statement: Any, call: Any) -> Names | None:
    """Return the names that a statement reads after a call, or its first one; None if it has none there.

    A comprehension reads its names again.
    """
    nodes = list(gast.walk(statement))
    calls = [node for node in nodes if isinstance(node, gast.Call)]
    if not calls or (call is not None and not any(each is call for each in calls)):
        return None
    looping = [node for node in nodes if isinstance(node, _COMPREHENSIONS)]
    again = {id(inside) for loop in looping for inside in gast.walk(loop)}
    ends = [(node.end_lineno, node.end_col_offset) for node in calls if getattr(node, "end_lineno", None) is not None]
    first = min(ends) if isinstance(statement, _WITHOUT_BLOCKS) and len(ends) == len(calls) else (0, 0)
    if call is not None and first != (0, 0):
        first = (call.end_lineno, call.end_col_offset)
    return frozenset(
        node.id
        for node in nodes
        if isinstance(node, gast.Name)
        and isinstance(node.ctx, gast.Load)
        and (id(node) in again or (getattr(node, "lineno", first[0]), getattr(node, "col_offset", first[1])) >= first)
    )
