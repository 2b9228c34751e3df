"""Calls of functions that are not written in Python: builtins that work on structure, and operations with rules."""

from __future__ import annotations

import builtins
import cmath
import collections
import functools
import inspect
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from ast_ad.errors import MissingRuleError
from ast_ad.frontend import arrays, containers, external, grown, listing, memory, objects, outs, text
from ast_ad.frontend.choices import choice
from ast_ad.frontend.frame import FALSE, TRUE, Frame
from ast_ad.frontend.heap import refs_in
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import (
    Bound,
    Closure,
    Container,
    Escaped,
    Grown,
    Known,
    Method,
    Optional,
    Partial,
    Range,
    Ref,
    Value,
    describe,
    is_operand,
    is_string,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import INT, STRING, List, Opaque, Scalar, Unknown, code, dims_of, kind_of
from ast_ad.ir.nodes import Lit, Operand, Var
from ast_ad.rules import registry
from ast_ad.runtime import trip_count

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]
Handler = Callable[[Frame, Any, Arguments, Keywords], Value]


def operation(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> Value:
    """Return ``fn(*args, **kwargs)`` as an operation of the IR.

    Raises
    ------
    MissingRuleError
        If nothing is known of the function.
    """
    name = getattr(fn, "__name__", type(fn).__name__)
    for arg in (*args, *kwargs.values()):
        if refs_in(arg):
            result = objects.unary(frame, node, fn, args[0]) if len(args) == 1 else NotImplemented
            if result is not NotImplemented:
                return result
            frame.misfit(node, f"`{name}` is called with {describe(arg)}", "pass the numbers that are in it")
    if registry.find(fn) is None and not isinstance(fn, np.ufunc):
        if external.module_of(fn).split(".")[0] not in ("_operator", "builtins", "cmath", "math", "numpy", "operator"):
            return external.call(frame, node, fn, args, kwargs)
        refuse_without_rule(frame, node, fn)
    args, kwargs = _positional(fn, args, kwargs)
    kwargs, out = outs.without_out(kwargs)
    args, out = outs.without_positional_out(fn, args, out)
    if out is not None and "where" in kwargs:
        return outs.where_true(frame, node, fn, args, kwargs, out)
    if out is not None and args and arrays.is_generator(args[0]) and "size" not in kwargs:
        kwargs = {**kwargs, "size": arrays.shape_of(frame, node, out)}
    result = arrays.formed(frame, node, fn, args, kwargs)
    return result if out is None else outs.into(frame, node, out, result)


def refuse_without_rule(frame: Frame, node: Any, fn: Callable[..., Any], why: str = "") -> NoReturn:
    """Refuse the call of a function of which nothing is known."""
    name = getattr(fn, "__name__", type(fn).__name__)
    raise MissingRuleError(
        f"there is no derivative rule for `{name}`{why}",
        help="write the computation with functions that have rules, or compute the value before and pass it in",
        where=frame.where(node),
    ) from None


def _positional(fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
    """Pass arguments without a default by position, where the signature tells how: options keep their names."""
    if not kwargs:
        return args, kwargs
    try:
        signature = inspect.signature(fn)
        signature.bind(*args, **kwargs)
    except (TypeError, ValueError):
        return args, kwargs
    positional, named = list(args), dict(kwargs)
    for name, parameter in list(signature.parameters.items())[len(args) :]:
        required = parameter.default is parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY
        if name not in named or not (required or getattr(fn, "__module__", "") in ("math", "builtins")):
            break
        positional.append(named.pop(name))
    return positional, named


def integers(frame: Frame, node: Any, limits: Range) -> tuple[Operand, Operand, Operand]:
    """Return the limits of a range, after checking that they are integers."""
    for limit in limits:
        assert isinstance(limit, (Var, Lit))
        if code(limit.kind) not in ("b", "i", "u") and not isinstance(limit.kind, Unknown):
            frame.misfit(node, f"`range` takes integers, and this is {describe(limit)}", "convert it with `int(...)`")
    return limits.start, limits.stop, limits.step


def _no_keywords(frame: Frame, node: Any, name: str, kwargs: Keywords) -> None:
    if kwargs:
        frame.refuse(node, f"`{name}` takes no keyword arguments here", "leave them out")


def _extreme(fn: Callable[..., Any]) -> Handler:
    """Make the handler of `min` or `max`: a chain of calls with two arguments (the first of equals wins)."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if kwargs:
            return EXTREMES[fn](frame, node, args, kwargs)
        if len(args) == 1 and isinstance(args[0], Grown):
            return _extreme_of_list(frame, node, fn, args[0])
        if len(args) == 1 and arrays.is_array(args[0]):
            return arrays.formed(frame, node, {max: np.max, min: np.min}[fn], args, {})
        items = list(args) if len(args) > 1 else items_of(frame, node, args[0])
        if not items:
            frame.fail(node, ValueError, Lit(f"{fn.__name__}() arg is an empty sequence"))
        result = frame.operand(node, items[0])
        for item in items[1:]:
            result = frame.op(node, fn, result, frame.operand(node, item))
        return result

    return handler


EXTREMES: dict[Callable[..., Any], Handler] = {}
"""What lowers `max` and `min` with keywords; `ast_ad.frontend.numerical` fills it."""


def _added(frame: Frame, node: Any, left: Value, right: Value) -> Value:
    """Return ``left + right``, where one of them may be an object."""
    result = objects.binary(frame, node, operator.add, left, right)
    if result is not NotImplemented:
        return result
    return frame.op(node, operator.add, frame.operand(node, left), frame.operand(node, right))


def _extreme_of_list(frame: Frame, node: Any, fn: Callable[..., Any], items: Grown) -> Value:
    leaf = containers.single(items)
    if leaf is None:
        frame.misfit(node, f"`{fn.__name__}` of a list of tuples that has grown", "compare the numbers in a loop")
    return frame.op(node, {max: primitives.largest, min: primitives.smallest}[fn], leaf)


def _sum(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start")
    if isinstance(args[0], Grown):
        leaf = containers.single(args[0])
        if leaf is None:
            frame.misfit(node, "`sum` of a list of tuples that has grown", "add up the numbers in a loop")
        return frame.op(node, sum, leaf, *([] if start is None else [frame.operand(node, start)]))
    if arrays.is_array(args[0]):
        total = frame.op(node, np.sum, args[0], Lit(0)) if args[0].kind.ndim > 1 else frame.op(node, np.sum, args[0])
        return total if start is None else frame.op(node, operator.add, frame.operand(node, start), total)
    items = items_of(frame, node, args[0])
    if start is not None:
        items = [start, *items]
    if not items:
        return Lit(0)
    if any(objects.class_of(item) is not None for item in items):
        return functools.reduce(
            functools.partial(_added, frame, node), items if start is not None else [Lit(0), *items]
        )
    result = frame.operand(node, items[0])
    if len(items) == 1:
        return result if start is not None else frame.op(node, operator.add, Lit(0), result)
    for item in items[1:]:
        result = frame.op(node, operator.add, result, frame.operand(node, item))
    return result


def _pow(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    args = [*args, *(kwargs[name] for name in ("base", "exp", "mod") if name in kwargs)]
    if len(args) != 2:
        frame.refuse(node, "`pow` with a modulus has no derivative", "write `pow(x, y) % m`")
    return frame.op(node, operator.pow, frame.operand(node, args[0]), frame.operand(node, args[1]))


def _divmod(quotient: Callable[..., Any], remainder: Callable[..., Any]) -> Handler:
    """Make the handler of `divmod`, of Python's or of NumPy's."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        _no_keywords(frame, node, "divmod", kwargs)
        x, y = (frame.operand(node, arg) for arg in args)
        return frame.op(node, quotient, x, y), frame.op(node, remainder, x, y)

    return handler


def _conversion(fn: Callable[..., Any]) -> Handler:
    """Make the handler of `float`, `int` or `complex`; text that is known is converted at once."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if not args and not kwargs:
            return Lit(fn())
        if len(args) == 1 and isinstance(args[0], Known) and isinstance(args[0].value, str):
            try:
                return Lit(fn(args[0].value))
            except ValueError as error:
                frame.fail(node, ValueError, Lit(str(error)))
        if len(args) == 1 and is_operand(args[0]) and isinstance(args[0].kind, Opaque):
            return frame.op(node, fn, args[0], kind=kind_of(fn()))
        return operation(frame, node, fn, args, kwargs)

    return handler


def _bool(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if args and is_operand(args[0]):
        return frame.op(node, bool, args[0])
    return Lit(bool(args and (args[0].value if isinstance(args[0], Known) else args[0])))


def _range(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    limits = [frame.operand(node, arg) for arg in args]
    if not 1 <= len(limits) <= 3:
        frame.misfit(node, f"`range` takes one to three arguments, not {len(limits)}")
    start, stop = (Lit(0), limits[0]) if len(limits) == 1 else limits[:2]
    result = Range(start, stop, limits[2] if len(limits) == 3 else Lit(1))
    integers(frame, node, result)
    return result


def _print(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    operands = [memory.now(frame, frame.operand(node, _shown(frame, node, arg))) for arg in args]
    named = [(key, frame.operand(node, value)) for key, value in kwargs.items()]
    frame.builder.effect(print, operands, named, frame.where(node))
    return Known(None)


def _shown(frame: Frame, node: Any, value: Value) -> Value:
    """Return what is printed for a value that may be None, or is an object."""
    if isinstance(value, Known) and value.path is None:
        return Lit(value.value)
    if not isinstance(value, Optional):
        return text.shown(frame, node, value)
    inside = value.value
    of_value = functools.partial(_str, frame, node, (inside,), {})
    return choice(frame, node, value.present, of_value, lambda: Known("None"))


def _zip(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    seen = [containers.seen(frame, arg) for arg in args]
    if any(isinstance(each, Grown) for each in seen):
        seen = [grown.grow(frame, each) or each if type(each) is list else each for each in seen]
        for each in seen:
            if isinstance(each, Grown) and each.home is None:
                each.home = containers.made(frame, each)
    streams = [arrays.items(each) for each in seen]
    if any(isinstance(each, (arrays.Items, Grown)) or arrays.is_array(each) for each in seen):
        if None in streams:
            return _zip_with_known(frame, node, args, streams)
        return arrays.zipped([stream for stream in streams if stream is not None])
    columns = [_later(frame, node, arg) for arg in args]
    strict = kwargs.get("strict", FALSE)
    if strict == TRUE and len({len(column) for column in columns}) > 1:
        frame.fail(node, ValueError, Lit("zip() arguments have different lengths"))
    return list(zip(*columns))


def _later(frame: Frame, node: Any, value: Value) -> list[Value]:
    """Return the items of a sequence of known length; those of a list as they are when a loop gets to them."""
    return containers.later(frame, value) or items_of(frame, node, value)


def _zip_with_known(frame: Frame, node: Any, args: Arguments, streams: Sequence[arrays.Items | None]) -> Value:
    """Zip arrays with sequences of known length, which none of the arrays may be shorter than."""
    known = {i: items_of(frame, node, arg) for i, (arg, stream) in enumerate(zip(args, streams)) if stream is None}
    count = min(map(len, known.values()))
    for stream in streams:
        length = Lit(count) if stream is None else stream.length(frame, node)
        enough = frame.op(node, operator.ge, length, Lit(count))
        if enough != TRUE:
            message = "zip: an array is shorter than a sequence of known length"
            frame.branch(
                node, enough, lambda: None, functools.partial(frame.fail, node, ValueError, Lit(message)), None
            )
    return [
        tuple(known[k][i] if stream is None else stream.get(frame, node, Lit(i)) for k, stream in enumerate(streams))
        for i in range(count)
    ]


def _enumerate(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start", Lit(0))
    stream = arrays.items(containers.seen(frame, args[0]))
    if stream is not None:
        return arrays.enumerated(stream, frame.operand(node, start))
    if not isinstance(start, Lit):
        frame.refuse(node, "`enumerate` needs a constant start", "add the start to the index in the loop")
    return [(Lit(start.value + i), item) for i, item in enumerate(_later(frame, node, args[0]))]


def _reversed(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (given,) = args
    value = containers.seen(frame, given)
    if arrays.is_array(value) or isinstance(value, (arrays.Items, Grown)):
        stream = arrays.items(value)
        assert stream is not None
        return arrays.backwards(stream)
    if not isinstance(value, Range):
        return _later(frame, node, given)[::-1]
    start, stop, step = value
    if all(isinstance(limit, Lit) for limit in value):
        backwards = range(start.value, stop.value, step.value)[::-1]  # type: ignore[union-attr]
        return Range(Lit(backwards.start), Lit(backwards.stop), Lit(backwards.step))
    if step not in (Lit(1), Lit(-1)):
        frame.refuse(node, "`reversed` of a range with another step than 1 or -1", "write the range backwards")
    first = frame.op(node, operator.sub, stop, step)
    return Range(first, frame.op(node, operator.sub, start, step), frame.op(node, operator.neg, step))


def _len(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if objects.special(value, "__len__") is not None:
        return objects.call_special(frame, node, value, "__len__")
    if isinstance(value, Known) and isinstance(value.value, (str, bytes)):
        return Lit(len(value.value))
    if is_operand(value) and isinstance(value.kind, Opaque):
        return frame.op(node, len, value, kind=INT)
    if isinstance(value, Grown):
        return grown.length(frame, node, value)
    if arrays.is_array(value):
        if not value.kind.ndim:
            frame.misfit(node, "an array without dimensions has no length")
        return arrays.length(frame, node, value)
    if isinstance(value, Range):
        return _count(frame, node, value)
    if is_operand(value) and is_string(value):
        return frame.op(node, len, value, kind=INT)
    return Lit(len(items_of(frame, node, value)))


def _count(frame: Frame, node: Any, limits: Range) -> Operand:
    """Return the length of a range."""
    if limits.start == Lit(0) and limits.step == Lit(1):
        return frame.op(node, max, limits.stop, Lit(0))
    return frame.op(node, trip_count, *limits)


def _polar(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    z = frame.operand(node, *args)
    return frame.op(node, builtins.abs, z), frame.op(node, cmath.phase, z)


def _sequence(make: Callable[..., Any]) -> Handler:

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if args and make is list and isinstance(args[0], Grown):
            return listing.METHODS[list]["copy"](frame, node, args[0].home, [], {})
        items = items_of(frame, node, args[0]) if args else []
        return tuple(items) if make is tuple else containers.made(frame, items)

    return handler


def _dict(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call of `dict`, of a dict or of pairs; values by name are containers still."""
    given = listing.pairs_of(frame, node, args[0]) if args else {}
    return containers.made(frame, {**given, **kwargs})


def isinstance_of(frame: Frame, node: Any, value: Value, classes: tuple[type, ...]) -> bool:
    """Tell whether a value is of one of some classes, which its kind tells."""
    return issubclass(type_of(frame, node, value), classes)


def _isinstance(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    value, classes = args
    if isinstance(value, Optional):
        there, nothing = (_isinstance(frame, node, (each, classes), {}) for each in (value.value, Known(None)))
        return choice(frame, node, value.present, lambda: there, lambda: nothing)
    wanted = classes if isinstance(classes, tuple) else (classes,)
    known = [each.value for each in wanted if isinstance(each, Known) and isinstance(each.value, type)]
    if len(known) != len(wanted):
        frame.refuse(node, "`isinstance` needs classes that are known when lowering", "name the classes")
    return Lit(isinstance_of(frame, node, value, tuple(known)))


def _type(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    return value.cls if isinstance(value, Ref) else Known(type_of(frame, node, value))


def type_of(frame: Frame, node: Any, value: Value) -> type:
    """Return the class of a value, which its kind tells."""
    if is_string(value):
        return str
    own = objects.class_of(value)
    if own is not None:
        return own
    if isinstance(value, Known):
        return type(value.value)
    if arrays.is_array(value):
        return np.ndarray
    if is_operand(value) and isinstance(value.kind, Scalar):
        name = value.kind.dtype
        return np.dtype(name).type if value.kind.numpy else getattr(builtins, name)
    if isinstance(value, Container):
        return value.type
    if type(value) in (tuple, list, dict):
        return type(value)
    if isinstance(value, Range):
        return range
    if isinstance(value, (Closure, Escaped)):
        return types.FunctionType
    if type(value) in _NAMED:
        return _NAMED[type(value)]
    if isinstance(value, tuple) and not type(value).__module__.startswith(__package__):
        return type(value)
    frame.refuse(node, f"the class of {describe(value)} is not known when lowering", "leave the test of the class out")


def _callable(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if isinstance(value, Known):
        return Lit(callable(value.value))
    if isinstance(value, Ref):
        return Lit(callable(value.cls.value) and objects.special(value, "__call__") is not None)
    return Lit(isinstance(value, (Bound, Closure, Escaped, Method)))


def _str(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if isinstance(value, Known) and isinstance(value.value, str):
        return value
    if isinstance(value, Known) and isinstance(value.value, np.dtype):
        return Known(str(value.value))
    if isinstance(value, Optional):
        return _shown(frame, node, value)
    printed = text.shown(frame, node, value)
    if is_string(printed):
        return printed
    return frame.op(node, str.format, Lit("{}"), frame.operand(node, printed), kind=STRING)


def _shape(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args or kwargs.values()
    if arrays.is_array(value):
        return arrays.shape_of(frame, node, value)
    return () if is_operand(value) else arrays.formed(frame, node, np.shape, [value], {})


def _rank(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args or kwargs.values()
    known = is_operand(value) and not isinstance(value.kind, Unknown)
    return Lit(len(dims_of(value.kind))) if known else arrays.formed(frame, node, np.ndim, [value], {})


def _slice(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if not 1 <= len(args) <= 3:
        frame.misfit(node, f"`slice` takes one to three arguments, not {len(args)}")
    start, stop, step = (Known(None), args[0], Known(None)) if len(args) == 1 else (*args, Known(None))[:3]
    return slice(start, stop, step)


def _nonzero(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """The places where an array is not zero: one array of them for each dimension, in a tuple."""
    (value,) = args or kwargs.values()
    if arrays.is_array(value) and value.kind.ndim == 1:
        return (frame.op(node, np.flatnonzero, value),)
    return arrays.formed(frame, node, np.nonzero, [value], {})


def _where(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if len(args) == 1 and not kwargs:
        return _nonzero(frame, node, args, kwargs)
    return operation(frame, node, np.where, args, kwargs)


def _joined(fn: Callable[..., Any]) -> Handler:
    """Make the handler of a function that makes one array of a list of arrays, also of one that has grown."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if not args or not isinstance(args[0], Grown):
            return operation(frame, node, fn, args, kwargs)
        items = args[0]
        leaf = containers.single(items)
        if leaf is not None and isinstance(leaf.kind.item, List) and fn in (np.array, np.asarray):
            return _as_array(frame, node, fn, items, kwargs)
        if leaf is None or isinstance(leaf.kind.item, List):
            return operation(frame, node, fn, args, kwargs)
        rank = len(dims_of(leaf.kind.item))
        axis = args[1] if len(args) > 1 else kwargs.get("axis", Lit(0))
        options = {**kwargs, **({"axis": axis} if len(args) > 1 else {})}
        if fn in (np.array, np.asarray, np.vstack, np.stack) and rank == 0 and fn is not np.vstack:
            return _as_array(frame, node, fn, items, options)
        if fn in (np.array, np.asarray) or (fn is np.vstack and rank == 1) or (fn is np.stack and axis == Lit(0)):
            return _as_array(frame, node, fn, items, {} if fn is np.stack else options)
        if fn is np.stack:
            whole = grown.as_array(frame, node, items)
            return arrays.formed(frame, node, np.moveaxis, [whole, Lit(0), axis], {})
        if rank and fn in (np.concatenate, np.hstack, np.vstack):
            along = axis if fn is np.concatenate else Lit(0 if fn is np.vstack or rank == 1 else 1)
            return frame.op(node, primitives.concatenation_of, leaf, *([] if along == Lit(0) else [along]))
        return operation(frame, node, fn, args, kwargs)

    return handler


def _as_array(frame: Frame, node: Any, fn: Any, items: Grown, options: Keywords) -> Value:
    whole = grown.as_array(frame, node, items)
    return arrays.formed(frame, node, fn, [whole], options) if options else whole


_NAMED: dict[type, type] = {Partial: functools.partial, Method: types.MethodType}
"""The classes of what abstract values of these stand for."""


def _of_contents(handler: Handler) -> Handler:
    """Make a handler that gets what containers contain, instead of the containers."""

    def seeing(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        named = {name: containers.seen(frame, value) for name, value in kwargs.items()}
        return handler(frame, node, [containers.seen(frame, arg) for arg in args], named)

    return seeing


_OF_CONTENTS: dict[Any, Handler] = {
    bool: _bool,
    callable: _callable,
    cmath.polar: _polar,
    complex: _conversion(complex),
    collections.OrderedDict: _dict,
    dict: _dict,
    divmod: _divmod(operator.floordiv, operator.mod),
    np.divmod: _divmod(np.floor_divide, np.remainder),
    float: _conversion(float),
    int: _conversion(int),
    isinstance: _isinstance,
    len: _len,
    list: _sequence(list),
    max: _extreme(max),
    min: _extreme(min),
    pow: _pow,
    print: _print,
    range: _range,
    slice: _slice,
    str: _str,
    sum: _sum,
    tuple: _sequence(tuple),
    type: _type,
    **{fn: _joined(fn) for fn in (np.array, np.asarray, np.concatenate, np.hstack, np.stack, np.vstack)},
    np.ndim: _rank,
    np.nonzero: _nonzero,
    np.shape: _shape,
    np.where: _where,
}

HANDLERS: dict[Any, Handler] = {
    **{fn: _of_contents(handler) for fn, handler in _OF_CONTENTS.items()},
    enumerate: _enumerate,
    reversed: _reversed,
    zip: _zip,
}
TAKES_NONE = (print, isinstance, str)
"""Functions to which None is as good as any value."""
