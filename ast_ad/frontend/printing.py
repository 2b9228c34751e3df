"""`print` and `str`, and the tests of `numpy.testing`: what is called for its effect alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, external, memory, text
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.values import (
    Known,
    Value,
    is_operand,
)
from ast_ad.ir.kinds import NONE
from ast_ad.ir.nodes import Form, Lit, Op
from ast_ad.rules import registry


def _print(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    operands = [memory.now(frame, frame.operand(node, _shown(frame, node, arg))) for arg in args]
    named = [(key, frame.operand(node, value)) for key, value in kwargs.items()]
    frame.builder.effect(print, operands, named, frame.where(node))
    return Known(None)


def _shown(frame: Frame, node: Any, value: Value) -> Value:
    """Return what is printed for a value."""
    if isinstance(value, Known) and value.path is None:
        return Lit(value.value)
    return text.shown(frame, node, value)


def _str(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if isinstance(value, Known) and isinstance(value.value, str):
        return value
    if isinstance(value, Known) and isinstance(value.value, np.dtype):
        return Known(str(value.value))
    return text.of(frame, node, value)


def _repr(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return text.represented(frame, node, args[0])


def is_test(fn: Any) -> bool:
    """Tell whether a function is one of `numpy.testing` that raises if its arguments are not as they should be."""
    return external.module_of(fn).startswith("numpy.testing") and fn.__name__.startswith("assert_")


def test(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of such a function, which looks at numbers and changes nothing."""
    registry.inactive(fn, kind=lambda *args, **kwargs: NONE, effects=("raises",))
    given = [arrays.plain(frame, node, arg) for arg in args]
    named = {name: arrays.plain(frame, node, value) for name, value in kwargs.items()}
    operands, form = Form.of(given, named, is_operand)
    now = [memory.now(frame, operand) for operand in operands]
    frame.builder.append(Op((), fn, tuple(now), (), frame.where(node), form))
    return Known(None)


HANDLERS.update({print: _print, repr: _repr, str: _str})
