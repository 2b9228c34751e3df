"""How objects are gone through: by what `__iter__` returns, or else item by item with `__getitem__`."""

from __future__ import annotations

from typing import Any

import gast

from ast_ad.frontend import dispatch, members, paths
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.scope import scope_of
from ast_ad.frontend.values import Known, Ref, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import stepping

WRITTEN_OUT = 64
"""The most items that are asked for one by one, each with an index that is known."""


def is_iterable(value: Value) -> bool:
    """Tell whether the class of an object says how it is gone through."""
    return any(members.special(value, name) is not None for name in ("__iter__", "__getitem__"))


def plain(frame: Frame, value: Value) -> Value:
    """Return the list, dict or tuple that an object is, if its class goes through it as they do; others as they are."""
    base = members.base_of(value.cls.value) if isinstance(value, Ref) else None
    own = members.special(value, "__iter__") if base is not None else None
    return members.without_class(frame, value) if own is not None and members.is_of_model(own.value) else value


def iterated(frame: Frame, node: Any, value: Value) -> Value:
    """Return what the `__iter__` of an object gives, which may start it anew; other values as they are."""
    if members.special(value, "__iter__") is not None:
        return members.call_special(frame, node, value, "__iter__")
    return _by_index(frame, node, value) if is_iterable(value) else value


def _by_index(frame: Frame, node: Any, owner: Value) -> Value:
    """Return the generator of the items that `__getitem__` gives, up to an IndexError.

    Items up to a length that is known are asked for with indices that are known, so that each may be of its own kind.
    """
    length = members.call_special(frame, node, owner, "__len__") if members.special(owner, "__len__") else Lit(0)
    first = length.value if isinstance(length, Lit) and length.value <= WRITTEN_OUT else 0
    if first == 0:
        return dispatch.call_known(frame, node, _BY_INDEX, [owner, Lit(0)], {})
    name = gast.Name("owner", gast.Load(), None, None)
    body: list[Any] = [
        gast.Expr(gast.Yield(gast.Subscript(name, gast.Constant(i, None), gast.Load()))) for i in range(first)
    ]
    rest = gast.Call(gast.Constant(stepping.by_index, None), [name, gast.Constant(first, None)], [])
    body.append(gast.Expr(gast.YieldFrom(rest)))
    arguments = gast.arguments([gast.Name("owner", gast.Param(), None, None)], [], None, [], [], None, [])
    function = gast.FunctionDef("items", arguments, body, [], None, None, [])
    for each in gast.walk(function):
        gast.copy_location(each, node)
    callee = Frame(frame.context, frame.source, function, frame.namespace, parent=frame)
    callee.around = frozenset(scope_of(function).free & frame.inner.keys())
    return frame.context.generator(frame, callee, {"owner": owner})


_BY_INDEX = Known(stepping.by_index, paths.Held(stepping.by_index))
