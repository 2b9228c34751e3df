"""Functions and objects of NumPy and `math` that are lowered as what they come to (see `numerical_models`)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import numerical_models as models
from ast_ad.frontend import numpy_models
from ast_ad.frontend.calls import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import modelled
from ast_ad.frontend.guards import Held
from ast_ad.frontend.library import HANDLERS, Handler, operation
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.values import Known, Value, is_none, is_string
from ast_ad.ir.nodes import Lit

_MODELS: dict[Any, Callable[..., Any]] = {
    **numpy_models.MODELS,
    copy.copy: models.copied,
    copy.deepcopy: models.deeply_copied,
    math.dist: models.dist,
    math.fsum: models.fsum,
    math.modf: models.modf,
    math.prod: models.prod,
    np.fromfunction: models.fromfunction,
    np.linalg.cond: models.cond,
    np.piecewise: models.piecewise,
    np.polyadd: models.polyadd,
    np.polyint: models.polyint,
    np.polymul: models.polymul,
    np.polysub: models.polysub,
}
_NEWER: dict[str, Callable[..., Any]] = {
    "cumulative_sum": models.cumulative_sum,
    "cumulative_prod": models.cumulative_prod,
}
_MODELS.update((getattr(np, name), fn) for name, fn in _NEWER.items() if hasattr(np, name))
if hasattr(math, "sumprod"):
    _MODELS[math.sumprod] = models.sumprod


def _outer_of(ufunc: np.ufunc) -> Handler:
    """Make the handler of ``np.multiply.outer`` and its like."""

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        return call_known(
            frame, node, Known(models.outer, Held(models.outer)), [Known(ufunc, Held(ufunc)), *args], dict(kwargs)
        )

    return handler


# The subscripts of `np.einsum` as lists of integers: they are written as a text.


def _einsum(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if args and is_string(args[0]):
        return operation(frame, node, np.einsum, args, kwargs)
    operands, lists = args[: len(args) // 2 * 2 : 2], [*args[1::2], *(args[-1:] if len(args) % 2 else [])]
    texts = [_subscripts(frame, node, each) for each in lists]
    text = ",".join(texts[: len(operands)]) + ("->" + texts[-1] if len(texts) > len(operands) else "")
    return operation(frame, node, np.einsum, [Known(text), *operands], kwargs)


def _subscripts(frame: Frame, node: Any, value: Value) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    for item in items_of(frame, node, value):
        if isinstance(item, Known) and item.value is Ellipsis:
            text += "..."
        elif isinstance(item, Lit) and isinstance(item.value, int) and 0 <= item.value < len(letters):
            text += letters[item.value]
        else:
            frame.refuse(node, "subscripts have to be known when lowering", "write them as constants")
    return text


# Calls with options of which the rules know nothing.


def _with_part(fn: Callable[..., Any], model: Callable[..., Any]) -> Handler:
    """Make the handler of a reduction: with ``where=`` or ``initial=`` it is lowered as another function."""
    whole = HANDLERS.get(fn)
    stands_in = Known(model, Held(model))

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if kwargs.keys() & {"where", "initial"}:
            return call_known(frame, node, stands_in, args, dict(kwargs))
        return operation(frame, node, fn, args, kwargs) if whole is None else whole(frame, node, args, kwargs)

    return handler


HANDLERS.update(
    {
        fn: _with_part(fn, model)
        for fn, model in (
            (np.sum, models.sum_of_part),
            (np.prod, models.prod_of_part),
            (np.mean, models.mean_of_part),
            (np.max, models.max_of_part),
            (np.min, models.min_of_part),
        )
    }
)


def _masked(ufunc: np.ufunc) -> Handler:
    """Make the handler of a ufunc: with ``where=`` beside ``out=`` it changes a part of an array."""
    stands_in = Known(models.written_where, Held(models.written_where))
    plain = HANDLERS.get(ufunc)

    def handler(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if kwargs.keys() >= {"out", "where"} and not is_none(kwargs["out"]) and len(kwargs) == 2:
            given = [Known(ufunc, Held(ufunc)), kwargs["out"], kwargs["where"], *args]
            return call_known(frame, node, stands_in, given, {})
        return operation(frame, node, ufunc, args, kwargs) if plain is None else plain(frame, node, args, kwargs)

    return handler


HANDLERS.update({fn: _masked(fn) for fn in vars(np).values() if isinstance(fn, np.ufunc) and fn.nout == 1})


def _vectorize(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    frame.refuse(
        node,
        "`np.vectorize` hides a loop, and the dtype of what it fills is that of the first result",
        "let the function work on arrays, or write the loop: `np.array([f(v) for v in x])`",
    )


HANDLERS[np.vectorize] = _vectorize
HANDLERS.update({fn: modelled(stand_in) for fn, stand_in in _MODELS.items()})
HANDLERS[np.einsum] = _einsum
HANDLERS.update(
    {fn.outer: _outer_of(fn) for fn in vars(np).values() if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (2, 1)}
)
