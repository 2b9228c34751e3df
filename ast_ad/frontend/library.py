"""Calls of functions that are not written in Python: operations with rules."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ast_ad.errors import MissingRuleError
from ast_ad.frontend import arrays, containers, external, members, outs, overloads
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import Arguments, Keywords
from ast_ad.frontend.heap import refs_in
from ast_ad.frontend.values import Value, is_none, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import is_inexact
from ast_ad.ir.nodes import Lit
from ast_ad.rules import registry
from ast_ad.rules.mathematics import present


def operation(frame: Frame, node: Any, fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> Value:
    """Return ``fn(*args, **kwargs)`` as an operation of the IR.

    Raises
    ------
    MissingRuleError
        If nothing is known of the function.
    """
    name = getattr(fn, "__name__", type(fn).__name__)
    if len(args) != 1 or overloads.unary_name(fn, args[0]) is None:
        args = [members.without_class(frame, arg) for arg in args]
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
    args, kwargs = _arranged(fn, args, kwargs)
    rule = registry.find(fn)
    if rule is not None and (rule.broadcasts or fn in _OF_ARRAYS):
        args = [_as_array(frame, node, arg, all_lists=rule.broadcasts) for arg in args]
    kwargs, out = outs.without_out(kwargs)
    args, out = outs.without_positional_out(fn, args, out)
    if out is not None and "where" in kwargs:
        return outs.where_true(frame, node, fn, args, kwargs, out)
    if out is not None and args and arrays.is_generator(args[0]) and "size" not in kwargs:
        kwargs = {**kwargs, "size": arrays.shape_of(frame, node, out)}
    args, kwargs = outs.computed_in_out(fn, args, kwargs, out)
    result = arrays.formed(frame, node, fn, args, kwargs)
    return result if out is None else outs.into(frame, node, fn, out, result)


_OF_ARRAYS = frozenset(
    [
        *(fn for name, fn in vars(np.fft).items() if not name.startswith("_") and callable(fn)),
        *(np.bincount, np.compress, np.corrcoef, np.cov, np.extract, np.frexp, np.geomspace, np.linspace, np.logspace),
        *(np.modf, np.real_if_close, np.unwrap, np.vander, np.linalg.lstsq),
        *present(np.linalg, "diagonal", "matrix_transpose"),
    ]
)
"""Functions whose rules take arrays: lists of numbers are made arrays before."""


def _as_array(frame: Frame, node: Any, value: Value, *, all_lists: bool) -> Value:
    """Return what a function makes of a list: an array; only of one that holds floating-point numbers, if so asked."""
    inside = containers.seen(frame, value)
    if type(inside) not in (list, tuple):
        return value
    if not all_lists and not any(is_inexact(leaf.kind) for leaf in parts(containers.plain(frame, inside))[0]):
        return value
    return arrays.formed(frame, node, np.array, [inside], {})


def refuse_without_rule(frame: Frame, node: Any, fn: Callable[..., Any], why: str = "") -> NoReturn:
    """Refuse the call of a function of which nothing is known."""
    name = getattr(fn, "__name__", type(fn).__name__)
    raise MissingRuleError(
        f"there is no derivative rule for `{name}`{why}",
        help="write the computation with functions that have rules, or compute the value before and pass it in",
        where=frame.where(node),
    ) from None


def _arranged(fn: Callable[..., Any], args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
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
        if name not in named or parameter.kind is parameter.KEYWORD_ONLY:
            break
        required = parameter.default is parameter.empty
        if not (required or getattr(fn, "__module__", "") in ("math", "builtins")):
            break
        positional.append(named.pop(name))
    # Options that ask for what the function does without them are left out.
    if "axis" in named and is_none(named["axis"]) and signature.parameters["axis"].default is None:
        del named["axis"]
    if named.get("keepdims") == Lit(False):
        del named["keepdims"]
    return positional, named
