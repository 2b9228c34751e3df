"""Exceptions that the lowered function makes: those of the user's own classes are objects.

Importing this module adds what it knows to the tables of calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ast_ad.frontend import dispatch, heap, members, sites, text
from ast_ad.frontend.attributes import INITS
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.raised import MADE_FROM
from ast_ad.frontend.values import Known, Raised, Value, is_operand
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Lit


def made(frame: Frame, node: Any, known: Known, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Raised:
    """Return an exception that is made: of a class of the user's, an object with its attributes."""
    cls = known.value
    name = Known(frame.context.name_of_exception(cls))
    if not heap.is_users_class(cls):
        if kwargs:
            frame.refuse(node, "an exception is made from positional arguments only", "pass them by position")
        return Raised(name, tuple(args), _text(frame, node, cls, args))
    made_from = ((*args, *kwargs.values()), Known(tuple(kwargs)))
    ref = heap.make(frame, known, {"args": tuple(args), MADE_FROM: made_from})
    init = members.special(ref, "__init__")
    if init is not None:
        dispatch.call_known(frame, node, init, [ref, *args], kwargs)
    if members.special(ref, "__str__") is not None:
        shown = members.call_special(frame, node, ref, "__str__")
    else:
        shown = _text(frame, node, cls, ref.attribute(frame.env, "args"))
    return Raised(name, tuple(args), shown, ref)


def _text(frame: Frame, node: Any, cls: type, args: Sequence[Value]) -> Value:
    """Return the text of an exception: that of its argument, which a `KeyError` quotes."""
    if len(args) != 1:
        return text.represented(frame, node, tuple(args)) if args else Known("")
    if issubclass(cls, KeyError):
        return text.represented(frame, node, args[0])
    shown = text.shown(frame, node, args[0])
    is_number = is_operand(shown) and shown.kind != STRING
    return frame.op(node, str.format, Lit("{}"), shown, kind=STRING) if is_number else shown


def _init(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``BaseException.__init__``."""
    heap.write(frame, node, args[0], "args", tuple(args[1:]))
    return Known(None)


HANDLERS.update(dict.fromkeys(INITS, _init))
sites.CLASSES[BaseException] = lambda site: made(site.frame, site.node, site.known, site.args, site.kwargs)
