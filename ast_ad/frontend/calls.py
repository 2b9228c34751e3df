"""The table of calls: how the call of each kind of abstract values is lowered.

Importing this module fills it.
"""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import foreign, members, mistakes
from ast_ad.frontend.choices import either
from ast_ad.frontend.dispatch import CALLS, Arguments, Keywords, call, call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import call_closure, call_escaped
from ast_ad.frontend.known_calls import call_known_object
from ast_ad.frontend.method_calls import call_method
from ast_ad.frontend.operator_calls import call_derived
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.values import Bound, Closure, Derived, Either, Known, Method, Partial, Value
from ast_ad.frontend.wording import describe


def _call_bound(frame: Frame, node: Any, fn: Bound, args: Arguments, kwargs: Keywords) -> Value:
    return call_known(frame, node, fn.function, [fn.owner, *args], kwargs)


def _call_either(frame: Frame, node: Any, fn: Either, args: Arguments, kwargs: Keywords) -> Value:
    return either(frame, node, fn, lambda each: call(frame, node, each, args, kwargs))


def _call_partial(frame: Frame, node: Any, fn: Partial, args: Arguments, kwargs: Keywords) -> Value:
    return call(frame, node, fn.function, [*fn.args, *args], {**dict(fn.kwargs), **kwargs})


def _call_object(frame: Frame, node: Any, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    if members.special(fn, "__call__") is not None:
        return members.call_special(frame, node, fn, "__call__", args, kwargs)
    if foreign.is_foreign(fn):
        return foreign.call(frame, node, fn, args, kwargs)
    raises = mistakes.not_callable(fn)
    if members.class_of(fn) is None:
        mistakes.fail_where_possible(frame, node, raises)
    frame.let_catch(node, raises)
    frame.misfit(node, f"{describe(fn)} cannot be called")


CALLS.update(
    {
        object: _call_object,
        Bound: _call_bound,
        Closure: call_closure,
        Derived: call_derived,
        Either: _call_either,
        Escaped: call_escaped,
        Known: call_known_object,
        Method: call_method,
        Partial: _call_partial,
    }
)
