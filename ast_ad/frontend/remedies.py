"""What to do instead, for error messages: by what stands where a number is needed, and by what a name is near to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ast_ad.frontend.values import Bound, Closure, Container, Either, Grown, Known, Optional, Partial, Ref, Value
from ast_ad.frontend.values import is_operand as _is_number


def for_numbers(*values: Value) -> str:
    """Return what to do where numbers are needed, and some of these values are none."""
    value = next((each for each in values if not _is_number(each)), None)
    if isinstance(value, Container):
        return "use the numbers inside" if value.type is dict else _ARRAY
    if isinstance(value, (tuple, list, Grown)):
        return _ARRAY
    if isinstance(value, Ref):
        cls = value.cls.value
        own = f"give the class `{cls.__name__}` a method for this operator, or use the numbers inside"
        return _for_class(cls) or own
    if isinstance(value, (Bound, Closure, Either, Partial)):
        return "call it"
    if isinstance(value, Optional):
        return "test before whether it is None"
    return _for_known(value.value) if isinstance(value, Known) else "use the numbers inside"


_ARRAY = "make an array of it: `np.array(...)`"


def _for_known(value: object) -> str:
    if value is None:
        return "give it a number on every path that leads here: does a function return nothing?"
    if isinstance(value, str):
        return "convert it before the call: `float(...)`"
    return _for_class(type(value)) or ("call it" if callable(value) else "use the numbers inside")


def _for_class(cls: type) -> str:
    if issubclass(cls, np.ndarray):
        return f"pass an ordinary array of numbers: `{_AS_NUMBERS.get(cls, _AS_ARRAY)}`"
    if hasattr(cls, "__array__"):
        return "pass its numbers as an array: `np.asarray(...)`"
    return "pass an ordinary number: `float(...)`" if hasattr(cls, "__float__") else ""


_AS_ARRAY = "np.asarray(x)"
_AS_NUMBERS: dict[type, str] = {np.ndarray: "x.astype(float)", np.ma.MaskedArray: "x.filled(0.0)"}


def near(name: str, names: Iterable[str]) -> str:
    """Return which of some names was perhaps meant.

    >>> near("sun", dir(np)), near("quux", dir(np))
    ('did you mean `sum`?', '')
    """
    found = difflib.get_close_matches(name, [each for each in names if not each.startswith("_")], n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else ""


def for_call(fn: Callable[..., Any]) -> str:
    """Return what to do where a function does not take what it is given: those of `math` take no arrays.

    >>> import math
    >>> for_call(math.sin), for_call(float)
    ('for arrays, use `np.sin`', 'take an item of it, or `x.astype(float)` for all')
    """
    name = getattr(fn, "__name__", "")
    if fn in _CONVERSIONS:
        return f"take an item of it, or `x.astype({name})` for all"
    ufunc = _NAMES.get(name, name)
    return f"for arrays, use `np.{ufunc}`" if getattr(fn, "__module__", "") == "math" and hasattr(np, ufunc) else ""


_CONVERSIONS = (float, int, complex)
_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power", "fabs": "abs"}
