"""Functions and objects of NumPy and `math` that are lowered as what they come to (see `ast_ad.models`)."""

from __future__ import annotations

import collections
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import containers, text
from ast_ad.frontend.array_members import ATTRIBUTES
from ast_ad.frontend.arrays import as_array, formed, is_array, is_numpy
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import modelled
from ast_ad.frontend.handlers import HANDLERS, Handler
from ast_ad.frontend.library import operation
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.numbers import EXTREMES
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Grown, Known, Range, Value, is_none, is_operand, is_string
from ast_ad.ir.kinds import is_complex
from ast_ad.ir.nodes import Lit
from ast_ad.models import MODELS, iteration, numbers
from ast_ad.runtime import eig, eigvals, strided

# The subscripts of `np.einsum` as lists of integers: they are written as a text.


def _einsum(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if args and is_string(args[0]):
        return operation(frame, node, np.einsum, args, kwargs)
    operands, lists = args[: len(args) // 2 * 2 : 2], [*args[1::2], *(args[-1:] if len(args) % 2 else [])]
    texts = [_subscripts(frame, node, each) for each in lists]
    subscripts = ",".join(texts[: len(operands)]) + ("->" + texts[-1] if len(texts) > len(operands) else "")
    return operation(frame, node, np.einsum, [Known(subscripts), *operands], kwargs)


def _subscripts(frame: Frame, node: Any, value: Value) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found = ""
    for item in items_of(frame, node, value):
        if isinstance(item, Known) and item.value is Ellipsis:
            found += "..."
        elif isinstance(item, Lit) and isinstance(item.value, int) and 0 <= item.value < len(letters):
            found += letters[item.value]
        else:
            frame.refuse(node, "subscripts have to be known when lowering", "write them as constants")
    return found


# The largest and the smallest by a key.


def _by_key(plain: Callable[..., Any], with_default: Callable[..., Any], of_range: Callable[..., Any]) -> Handler:
    """Make the handler of `max` or `min` with ``key=`` or ``default=``."""

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        items = args[0] if len(args) == 1 else tuple(args)
        if isinstance(items, Range) and "default" in kwargs:
            items = containers.seen(frame, HANDLERS[list](frame, node, [items], {}))
        counts = isinstance(items, Range) and items.known() is None
        if isinstance(items, Range) or not (is_numpy(items) or isinstance(items, (tuple, Grown))):
            items = items if counts else tuple(items_of(frame, node, items))
        if isinstance(items, Grown):
            items = items.home or containers.made(frame, items)
        key = kwargs.get("key", Known(iteration.itself, Held(iteration.itself)))
        if is_none(key):
            key = Known(iteration.itself, Held(iteration.itself))
        if counts:
            assert isinstance(items, Range)
            limits: Sequence[Value] = items
            return call_known(frame, node, Known(of_range, Held(of_range)), [*limits, key], {})
        model = with_default if "default" in kwargs else plain
        given = [items, key, *([kwargs["default"]] if "default" in kwargs else [])]
        # The models go through the items as they are now, and Python through those that `key` adds as well.
        lists = [name for name, value in frame.env.items() if value is args[0] and isinstance(value, (list, Grown))]
        result = call_known(frame, node, Known(model, Held(model)), given, {})
        if any(_is_resized(args[0], frame.env.get(name)) for name in lists):
            frame.refuse(node, "a list grows, or shrinks, while this goes over it", "go over a copy: `list(xs)`")
        return result

    return handler


def _is_resized(before: Value, after: Value) -> bool:
    if isinstance(after, Grown) and after.before is not None and after.before[0] is before:
        return False  # read at a computed index, it has got another form only
    return containers.is_resized(before, after)


EXTREMES.update(
    {
        max: _by_key(iteration.largest, iteration.largest_or, iteration.largest_of_range),
        min: _by_key(iteration.smallest, iteration.smallest_or, iteration.smallest_of_range),
    }
)


# Classes of named tuples.


def _namedtuple(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    given = [text.constant(frame, node, arg) for arg in args]
    named = {"module": frame.namespace.get("__name__", "__main__")}
    named |= {key: text.constant(frame, node, value) for key, value in kwargs.items()}
    return Known(collections.namedtuple(*given, **named))


HANDLERS[collections.namedtuple] = _namedtuple


HANDLERS.update({fn: modelled(stand_in) for fn, stand_in in MODELS.items()})
HANDLERS[np.einsum] = _einsum


# Sums without rounding errors.


def _fsum(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    (seq,) = args
    items = containers.seen(frame, seq)
    if type(items) in (list, tuple):
        items = seq = [present(frame, node, each) for each in items]
    if is_array(seq) or isinstance(items, Grown) or (type(items) in (list, tuple) and all(map(is_operand, items))):
        return operation(frame, node, math.fsum, [seq], {})
    return call_known(frame, node, Known(numbers.fsum, Held(numbers.fsum)), args, kwargs)


HANDLERS[math.fsum] = _fsum


# Eigenvalues of real matrices are taken as complex numbers, whatever they turn out to be.


def _complex_instead(fn: Callable[..., Any], instead: Callable[..., Any]) -> Handler:

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        (a,) = [*args, *kwargs.values()]
        found = as_array(frame, node, a)
        return formed(frame, node, fn if is_complex(found.kind) else instead, [found], {})

    return handler


HANDLERS[np.linalg.eig] = _complex_instead(np.linalg.eig, eig)
HANDLERS[np.linalg.eigvals] = _complex_instead(np.linalg.eigvals, eigvals)


# Views that overlap themselves are read, not written to.


def _as_strided(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    given = {**dict(zip(("x", "shape", "strides", "subok", "writeable"), args)), **kwargs}
    x = given["x"]
    shape, strides = (
        attribute(frame, node, x) if given.get(name) is None else given[name]
        for name, attribute in (("shape", ATTRIBUTES["shape"]), ("strides", ATTRIBUTES["strides"]))
    )
    return formed(frame, node, strided, [x, shape, strides], {})


HANDLERS[np.lib.stride_tricks.as_strided] = _as_strided


# What is refused, and what to write instead.

_MATRICES = ("the class `np.matrix` is not differentiated", "use arrays of two dimensions, and `@`")
_REFUSED: dict[Any, tuple[str, str]] = {
    np.asmatrix: _MATRICES,
    np.bmat: _MATRICES,
    np.matrix: _MATRICES,
    np.poly1d: ("`np.poly1d` is not supported", "use `np.polyval(c, x)`, or `np.polynomial.Polynomial`"),
}


def _refusing(message: str, remedy: str) -> Handler:
    return lambda frame, node, args, kwargs: frame.refuse(node, message, remedy)


HANDLERS.update({fn: _refusing(*reason) for fn, reason in _REFUSED.items()})
