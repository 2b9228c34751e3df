"""`collections.deque`: a list whose class says how long it may get.

Importing this module adds it to the functions and methods that lowering knows.
"""

from __future__ import annotations

import collections
import functools
import operator
from collections.abc import Sequence
from typing import Any

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import containers, grown_items
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.methods import METHODS
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Container, Grown, Known, Value, is_none
from ast_ad.ir.nodes import Lit
from ast_ad.models import iteration


class Deque(list[Any]):
    """The class of containers that are deques; those with a limit have one of its subclasses."""

    __ast_ad_model__: type = collections.deque
    maxlen: int | None = None


@functools.lru_cache(maxsize=256)
def _of_length(maxlen: int | None) -> type:
    """Return the class of deques that are no longer than this."""
    return Deque if maxlen is None else type("deque", (Deque,), {"maxlen": maxlen})


def _deque(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    given = {**dict(zip(("iterable", "maxlen"), args)), **kwargs}
    limit = given.get("maxlen", Known(None))
    if not isinstance(limit, Lit) and not is_none(limit):
        raise RunTimeIndexError(
            "the length of this deque is known only when it runs",
            help="write `maxlen` as a constant",
            where=frame.where(node),
        )
    owner = containers.made(frame, [], cls=_of_length(limit.value))
    if "iterable" in given:
        _extend(frame, node, owner, [call_known(frame, node, Known(list), [given["iterable"]], {})], {})
    return owner


def _push(frame: Frame, node: Any, owner: Container, value: Value, *, left: bool) -> None:
    """Put an item to one end; where the deque is full, one goes at the other end."""
    name, given = ("insert", [Lit(0), value]) if left else ("append", [value])
    METHODS[list][name](frame, node, owner, given, {})
    maxlen = owner.type.maxlen  # type: ignore[attr-defined]
    if maxlen is None:
        return

    def drop() -> None:
        METHODS[list]["pop"](frame, node, owner, [Lit(-1 if left else 0)], {})

    inside = containers.seen(frame, owner)
    if not isinstance(inside, Grown):
        if len(inside) > maxlen:
            drop()
        return
    full = frame.op(node, operator.gt, grown_items.length(frame, node, inside), Lit(maxlen))
    frame.branch(node, full, drop, lambda: None, None)


def _append(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    _push(frame, node, owner, args[0], left=False)
    return Known(None)


def _append_left(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    _push(frame, node, owner, args[0], left=True)
    return Known(None)


def _extend(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    if owner.type.maxlen is None:  # type: ignore[attr-defined]
        return METHODS[list]["extend"](frame, node, owner, args, {})
    for each in items_of(frame, node, args[0]):
        _push(frame, node, owner, each, left=False)
    return Known(None)


def _extend_left(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    for each in items_of(frame, node, args[0]):
        _push(frame, node, owner, each, left=True)
    return Known(None)


def _pop(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return _taken(frame, node, owner, [])


def _pop_left(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    return _taken(frame, node, owner, [Lit(0)])


def _taken(frame: Frame, node: Any, owner: Container, where: Sequence[Value]) -> Value:
    if containers.seen(frame, owner) == []:
        frame.fail(node, IndexError, Lit("pop from an empty deque"))
    return METHODS[list]["pop"](frame, node, owner, where, {})


def _rotate(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    if owner in frame.base.iterated:
        frame.refuse(node, "a deque changes while a loop goes over it", "loop over a copy: `list(queue)`")
    by = args[0] if args else Lit(1)
    turned = call_known(frame, node, Known(iteration.rotated, Held(iteration.rotated)), [owner, by], {})
    containers.change(frame, node, owner, containers.seen(frame, turned))
    return Known(None)


def _copy(frame: Frame, node: Any, owner: Container, args: Arguments, kwargs: Keywords) -> Value:
    copied = METHODS[list]["copy"](frame, node, owner, [], {})
    return containers.made(frame, containers.seen(frame, copied), cls=owner.type)


METHODS[Deque] = {
    **{name: METHODS[list][name] for name in ("clear", "count", "index", "insert", "remove", "reverse")},
    "append": _append,
    "appendleft": _append_left,
    "copy": _copy,
    "extend": _extend,
    "extendleft": _extend_left,
    "pop": _pop,
    "popleft": _pop_left,
    "rotate": _rotate,
}
HANDLERS[collections.deque] = _deque
