"""Sets: displays, comprehensions, and the functions that do not mind in which order they get the items.

Importing this module adds them to the expressions and functions that lowering knows.  What a set does is written in
Python, in `ast_ad.models.sets`.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import gast

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend import (
    comprehensions,
    containers,
    heap,
    members,
    sorting,  # noqa: F401  (its table is changed)
)
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.expressions import EXPRESSIONS, elements
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import modelled
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.values import Grown, Known, Ref, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import sets as models
from ast_ad.models.sets import MODELS


def is_set(value: Value) -> TypeGuard[Ref]:
    """Tell whether an abstract value is a set."""
    return isinstance(value, Ref) and value.cls.value in MODELS.values()


def _display(frame: Frame, node: gast.Set) -> Value:
    return call_known(frame, node, Known(set), [tuple(elements(frame, node.elts))], {})


def _comprehension(frame: Frame, node: gast.SetComp) -> Value:
    return call_known(frame, node, Known(set), [comprehensions.listed(frame, node)], {})


def _in_order(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Return the items in the order in which Python's set goes through them.

    That is known of a set that came in and has not changed, and of small integers: in the table of a set these stand at
    their own place, and it always has more places than items (CPython, Objects/setobject.c: 8 or more, of which less
    than 3 in 5 are taken).  Objects without a `__hash__` of their own come in another order each time: here as put in.
    """
    owner, listed = args
    items = containers.seen(frame, owner)
    if not isinstance(items, Grown):
        known = [each.value for each in items if isinstance(each, Lit)]
        own_place = max(8, len(items) + 1)
        if len(items) < 2 or (isinstance(listed, Lit) and listed.value):
            return tuple(items)
        if len(known) == len(items) and all(type(each) is int and 0 <= each < own_place for each in known):
            return tuple(map(Lit, sorted(known)))
        if all(map(_stands_where_it_lies, items)):
            return tuple(items)
    raise RunTimeIndexError(
        "in which order a loop goes through this set is not known",
        help="loop over `sorted(...)` of it",
        where=frame.where(node),
    )


def _stands_where_it_lies(item: Value) -> bool:
    """Tell whether the place of an object in the table of a set is that in memory: then any order may be Python's."""
    cls = members.class_of(item)
    return cls is not None and vars(object)["__hash__"] is getattr(cls, "__hash__", None)


def _only(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    items = containers.seen(frame, args[0])
    if isinstance(items, Grown) or len(items) > 1:
        frame.refuse(node, "which item `pop` takes from this set is not known", "take `min(...)`, and `remove` that")
    return items[0] if items else frame.fail(node, KeyError, Lit("pop from an empty set"))


def _members(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if is_set(value):
        return value.attribute(frame.env, "items")
    if heap.is_generator(value):
        return frame.context.collected(frame, node, value)
    return value


def _in_any_order(handler: Handler) -> Handler:
    """Let a function that does not mind the order of what it is given get the items of a set."""

    def handle(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if len(args) == 1 and is_set(args[0]) and "key" not in kwargs:
            args = [containers.made(frame, containers.seen(frame, args[0].attribute(frame.env, "items")))]
        return handler(frame, node, args, kwargs)

    return handle


HANDLERS.update({cls: modelled(model) for cls, model in MODELS.items()})
HANDLERS.update({fn: _in_any_order(HANDLERS[fn]) for fn in (all, any, max, min, sorted)})
HANDLERS.update({models.in_order: _in_order, models.members: _members, models.only: _only})
EXPRESSIONS.update({gast.Set: _display, gast.SetComp: _comprehension})
