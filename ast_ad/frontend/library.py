"""Calls of functions that are not written in Python: operations with rules."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ast_ad.errors import MissingRuleError
from ast_ad.frontend import arrays, containers, external, outs, overloads
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import Arguments, Keywords
from ast_ad.frontend.heap import refs_in
from ast_ad.frontend.values import Value
from ast_ad.frontend.wording import describe
from ast_ad.rules import registry


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
            result = overloads.unary(frame, node, fn, args[0]) if len(args) == 1 else NotImplemented
            if result is not NotImplemented:
                return result
            frame.misfit(node, f"`{name}` is called with {describe(arg)}", "pass the numbers that are in it")
    if registry.find(fn) is None and not isinstance(fn, np.ufunc):
        if external.module_of(fn).split(".")[0] not in ("_operator", "builtins", "cmath", "math", "numpy", "operator"):
            return external.call(frame, node, fn, args, kwargs)
        refuse_without_rule(frame, node, fn)
    args, kwargs = _positional(fn, args, kwargs)
    rule = registry.find(fn)
    if rule is not None and rule.broadcasts:
        args = [_as_array(frame, node, arg) for arg in args]
    kwargs, out = outs.without_out(kwargs)
    args, out = outs.without_positional_out(fn, args, out)
    if out is not None and "where" in kwargs:
        return outs.where_true(frame, node, fn, args, kwargs, out)
    if out is not None and args and arrays.is_generator(args[0]) and "size" not in kwargs:
        kwargs = {**kwargs, "size": arrays.shape_of(frame, node, out)}
    result = arrays.formed(frame, node, fn, args, kwargs)
    return result if out is None else outs.into(frame, node, out, result)


def _as_array(frame: Frame, node: Any, value: Value) -> Value:
    """Return what a function that works element by element makes of a list: an array."""
    inside = containers.seen(frame, value)
    return arrays.formed(frame, node, np.array, [inside], {}) if type(inside) in (list, tuple) else value


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
