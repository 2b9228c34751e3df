"""Functions of dtypes and classes, which are known when lowering: `np.finfo`, `np.result_type`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend.arrays import is_numpy
from ast_ad.frontend.classes import type_of
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Handler
from ast_ad.frontend.mixed_results import dtype_of
from ast_ad.frontend.values import Known, Value
from ast_ad.ir.nodes import Lit

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def _limits(make: Callable[..., Any]) -> Handler:
    """Make the handler of `np.dtype`, `np.finfo` or `np.iinfo`."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        (value,) = [*args, *kwargs.values()]
        if not (isinstance(value, Known) or is_numpy(value)):
            frame.refuse(node, f"`np.{make.__name__}` of something that is no dtype", "pass a dtype")
        return Known(make(value.value if isinstance(value, Known) else dtype_of(frame, node, value)))

    return handler


def _of_dtypes(fn: Callable[..., Any]) -> Handler:
    """Make the handler of a function of dtypes: those of numbers and arrays are known."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        named = {name: _example(frame, node, value) for name, value in kwargs.items()}
        found = fn(*(_example(frame, node, arg) for arg in args), **named)
        return Lit(found) if isinstance(found, bool) else Known(found)

    return handler


def _example(frame: Frame, node: Any, value: Value) -> Any:
    """Return something of the dtype of a value, or a class."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, tuple):
        return tuple(_example(frame, node, each) for each in value)
    cls = type_of(frame, node, value)
    return np.zeros(1, dtype_of(frame, node, value)) if cls is np.ndarray else cls(1)


HANDLERS.update({make: _limits(make) for make in (np.dtype, np.finfo, np.iinfo)})
HANDLERS.update({fn: _of_dtypes(fn) for fn in (np.common_type, np.issubdtype, np.promote_types, np.result_type)})
