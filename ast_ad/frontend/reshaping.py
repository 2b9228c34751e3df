"""``x.shape = ...`` and ``x.resize(...)``: all that hold an array hold another one then; ``x.flat = ...``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import array_members, arrays, memory, reach, writes
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Held
from ast_ad.frontend.tokens import InPlace, Objects, Token
from ast_ad.frontend.values import Known, Value, parts
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models import in_place


def set_attribute(frame: Frame, node: gast.Attribute, owner: Value, value: Value) -> None:
    """Lower ``owner.shape = value``, and the same of other attributes that change an array."""
    if node.attr == "shape":
        _take_shape(frame, node, owner, arrays.formed(frame, node, np.reshape, [owner, value], {}))
    elif node.attr == "flat":
        call_known(frame, node, Known(in_place.set_flat, Held(in_place.set_flat)), [owner, value], {})
    else:
        array_members.set_attribute(frame, node, owner, value)


def _take_shape(frame: Frame, node: Any, token: Var, new: Value) -> None:
    """Let an array have another shape; `new` is a view of it that has."""
    view = frame.context.objects.views.get(new)
    if view is None or view.base is not token:
        frame.refuse(node, "whether the array can take this shape in place is not known", "write `x = x.reshape(...)`")
    _become(frame, node, token, new, "write `x = x.reshape(...)`")


def _resize(frame: Frame, node: Any, token: Value, args: Sequence[Value], kwargs: Mapping[str, Value]) -> None:
    """Lower ``x.resize(shape)``: the elements are kept in their order, and zeros follow."""
    shape = args[0] if len(args) == 1 else tuple(args)
    objects = frame.context.objects
    if token in objects.views:
        frame.refuse(node, "a view cannot be resized", "make a new array")
    bound = (value for name, value in frame.env.items() if name not in objects.tokens)
    holders = sum(leaf is token for value in bound for leaf in parts(value)[0])
    if kwargs.get("refcheck") != Lit(False) and (holders > 1 or token in objects.params):
        frame.refuse(
            node,
            "an array is resized that others hold too: NumPy refuses that",
            "write `x.resize(shape, refcheck=False)`, or make a new array",
        )
    new = call_known(frame, node, Known(in_place.resized, Held(in_place.resized)), [token, shape], {})
    _become(frame, node, token, new, "make a new array")


def _become(frame: Frame, node: Any, token: Var, new: Value, instead: str) -> None:
    """Let all that holds an array hold another one, in this function and in the callers that it is a part of."""
    if not frame.is_outermost:
        raise InPlace
    objects = frame.context.objects
    if (
        (objects.root(token) is token and objects.origins(token) != {token})
        or any(each is token for each in _held_elsewhere(frame))
        or any(_may_be(objects, each, token) for _, each in reach.reachable(frame))
    ):
        frame.refuse(
            node,
            "an array takes another shape that others may hold too: an expression, what is outside the function",
            instead,
        )
    each: Frame | None = frame
    while each is not None:
        for values in (each.env, each.cells):
            for name, value in values.items():
                if name not in objects.tokens and any(leaf is token for leaf in parts(value)[0]):
                    values[name] = memory.settle(each, value, lambda leaf: new if leaf is token else leaf)
        each = each.host


def _may_be(objects: Objects, other: Token, token: Var) -> bool:
    """Tell whether a name may hold an array, and nothing tells on which paths it does."""
    choice = objects.choices.get(other) if isinstance(other, Var) else None
    sides = () if choice is None else (choice.first, choice.second)
    return any(each is token or _may_be(objects, each, token) for each in sides) or (
        objects.root(other) is other is not token and token in objects.origins(other)
    )


def _held_elsewhere(frame: Frame) -> Iterator[Token]:
    """Yield the arrays that are held by more than names, lists and objects, or from outside the function."""
    values: list[Value] = [value for _, value in reach.around(frame)]
    each: Frame | None = frame
    while each is not None:
        values += each.unnamed
        each = each.host
    for value in values:
        yield from reach.objects_in(frame.env, value)


writes.METHODS["resize"] = _resize
