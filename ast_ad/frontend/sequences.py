"""Builtins that make sequences, go through them, or measure them: `range`, `zip`, `len`, `list`, ..."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.frontend import (
    arrays,
    awaited,
    containers,
    dispatch,
    foreign,
    grown,
    grown_items,
    listing,
    members,
    methods,
    mistakes,
    streams,
    tables,
)
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords, of_contents
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.keys import key_of
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Grown, Known, Range, Value, is_operand, is_string
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import INT, Opaque, Unknown, code
from ast_ad.ir.nodes import Lit, Operand, Var
from ast_ad.models import iteration
from ast_ad.runtime import trip_count


def integers(frame: Frame, node: Any, limits: Range) -> tuple[Operand, Operand, Operand]:
    """Return the limits of a range, after checking that they are integers."""
    for limit in limits:
        assert isinstance(limit, (Var, Lit))
        if code(limit.kind) not in ("b", "i", "u") and not isinstance(limit.kind, Unknown):
            frame.misfit(node, f"`range` takes integers, and this is {describe(limit)}", "convert it with `int(...)`")
    return limits.start, limits.stop, limits.step


def _range(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    limits = [
        frame.operand(node, foreign.integer(frame, node, arg) if foreign.is_foreign(arg) else arg) for arg in args
    ]
    if not 1 <= len(limits) <= 3:
        frame.misfit(node, f"`range` takes one to three arguments, not {len(limits)}")
    start, stop = (Lit(0), limits[0]) if len(limits) == 1 else limits[:2]
    result = Range(start, stop, limits[2] if len(limits) == 3 else Lit(1))
    integers(frame, node, result)
    return result


def _zip(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    seen = [containers.seen(frame, arg) for arg in args]
    if any(isinstance(each, Grown) for each in seen):
        seen = [grown.grow(frame, each) or each if type(each) is list else each for each in seen]
        for each in seen:
            if isinstance(each, Grown) and each.home is None:
                each.home = containers.made(frame, each)
    found = [streams.stream_of(each) for each in seen]
    if any(isinstance(each, (streams.Stream, Grown)) or arrays.is_array(each) for each in seen):
        if None in found:
            return _zip_with_known(frame, node, args, found)
        return streams.zipped([stream for stream in found if stream is not None])
    columns = [_later(frame, node, arg) for arg in args]
    strict = kwargs.get("strict", FALSE)
    if strict == TRUE and len({len(column) for column in columns}) > 1:
        frame.fail(node, ValueError, Lit("zip() arguments have different lengths"))
    return list(zip(*columns))


def _later(frame: Frame, node: Any, value: Value) -> list[Value]:
    """Return the items of a sequence of known length; those of a list as they are when a loop gets to them."""
    return awaited.later(frame, value) or items_of(frame, node, value)


def _zip_with_known(frame: Frame, node: Any, args: Arguments, columns: Sequence[streams.Stream | None]) -> Value:
    """Zip arrays with sequences of known length, which none of the arrays may be shorter than."""
    known = {i: _later(frame, node, arg) for i, (arg, stream) in enumerate(zip(args, columns)) if stream is None}
    count = min(map(len, known.values()))
    for stream in columns:
        length = Lit(count) if stream is None else stream.length(frame, node)
        enough = frame.op(node, operator.ge, length, Lit(count))
        if enough != TRUE:
            message = "zip: an array is shorter than a sequence of known length"
            frame.branch(
                node, enough, lambda: None, functools.partial(frame.fail, node, ValueError, Lit(message)), None
            )
    return [
        tuple(known[k][i] if stream is None else stream.get(frame, node, Lit(i)) for k, stream in enumerate(columns))
        for i in range(count)
    ]


def _enumerate(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start", Lit(0))
    stream = streams.stream_of(containers.seen(frame, args[0]))
    if stream is not None:
        return streams.enumerated(stream, frame.operand(node, start))
    if not isinstance(start, Lit):
        frame.refuse(node, "`enumerate` needs a constant start", "add the start to the index in the loop")
    return [(Lit(start.value + i), item) for i, item in enumerate(_later(frame, node, args[0]))]


def _reversed(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (given,) = args
    value = containers.seen(frame, given)
    if arrays.is_array(value) or isinstance(value, (streams.Stream, Grown)):
        stream = streams.stream_of(value)
        assert stream is not None
        return streams.backwards(stream)
    if not isinstance(value, Range):
        return _later(frame, node, given)[::-1]
    known = value.known()
    if known is not None:
        backwards = known[::-1]
        return Range(Lit(backwards.start), Lit(backwards.stop), Lit(backwards.step))
    start, stop, step = value
    if step not in (Lit(1), Lit(-1)):
        frame.refuse(node, "`reversed` of a range with another step than 1 or -1", "write the range backwards")
    first = frame.op(node, operator.sub, stop, step)
    return Range(first, frame.op(node, operator.sub, start, step), frame.op(node, operator.neg, step))


def _len(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if members.special(value, "__len__") is not None:
        return members.call_special(frame, node, value, "__len__")
    if isinstance(value, Known) and isinstance(value.value, (str, bytes)):
        return Lit(len(value.value))
    if foreign.is_foreign(value):
        return foreign.length(frame, node, value)
    if is_operand(value) and isinstance(value.kind, Opaque):
        return frame.op(node, len, value, kind=INT)
    if isinstance(value, Grown):
        return grown_items.length(frame, node, value)
    if arrays.is_array(value):
        if not value.kind.ndim:
            frame.misfit(node, "an array without dimensions has no length")
        return arrays.length(frame, node, value)
    if isinstance(value, Range):
        return _count(frame, node, value)
    if isinstance(value, streams.Stream):
        return value.length(frame, node)  # a view of a dict
    if is_operand(value) and is_string(value):
        return frame.op(node, len, value, kind=INT)
    raises = mistakes.no_length(value)
    if raises is not None:
        frame.misfit(node, f"{describe(value)} has no length", "take the length of an array, a tuple or a list", raises)
    return Lit(len(items_of(frame, node, value)))


def _count(frame: Frame, node: Any, limits: Range) -> Operand:
    """Return the length of a range."""
    if limits.start == Lit(0) and limits.step == Lit(1):
        return frame.op(node, max, limits.stop, Lit(0))
    return frame.op(node, trip_count, *limits)


def _slice(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if not 1 <= len(args) <= 3:
        frame.misfit(node, f"`slice` takes one to three arguments, not {len(args)}")
    start, stop, step = (Known(None), args[0], Known(None)) if len(args) == 1 else (*args, Known(None))[:3]
    return slice(start, stop, step)


def _sequence(make: Callable[..., Any]) -> Handler:

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if args and make is list and isinstance(args[0], Grown):
            return methods.METHODS[list]["copy"](frame, node, args[0].home, [], {})
        if args and make is list and streams.has_run_time_length(frame, node, args[0]):
            return dispatch.call_known(frame, node, Known(iteration.listed, Held(iteration.listed)), [args[0]], {})
        items = items_of(frame, node, args[0]) if args else []
        return tuple(items) if make is tuple else containers.made(frame, items)

    return handler


def _dict(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call of `dict`, of a dict or of pairs; values by name are containers still."""
    if args and tables.is_computed(frame, args[0]):
        table = tables.table_of(frame, node, {})
        tables.fill(frame, node, table, args[0])
        return table
    given = listing.pairs_of(frame, node, args[0]) if args else {}
    return tables.made(frame, node, containers.made(frame, {**given, **kwargs}))


def _from_keys(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower ``dict.fromkeys(keys, value)``."""
    keys, *value = args
    shared = value[0] if value else Known(None)
    return containers.made(frame, {key_of(frame, node, key): shared for key in items_of(frame, node, keys)})


HANDLERS.update(
    {
        **of_contents(
            {
                dict: _dict,
                dict.fromkeys: _from_keys,
                len: _len,
                list: _sequence(list),
                range: _range,
                slice: _slice,
                tuple: _sequence(tuple),
            }
        ),
        enumerate: _enumerate,
        reversed: _reversed,
        zip: _zip,
    }
)
