"""Functions of the module `operator` that change an object, or that Python writes with more than an operator."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


def iadd(a: Any, b: Any) -> Any:
    """As `operator.iadd`."""
    a += b
    return a


def isub(a: Any, b: Any) -> Any:
    """As `operator.isub`."""
    a -= b
    return a


def imul(a: Any, b: Any) -> Any:
    """As `operator.imul`."""
    a *= b
    return a


def itruediv(a: Any, b: Any) -> Any:
    """As `operator.itruediv`."""
    a /= b
    return a


def ipow(a: Any, b: Any) -> Any:
    """As `operator.ipow`."""
    a **= b
    return a


def imod(a: Any, b: Any) -> Any:
    """As `operator.imod`."""
    a %= b
    return a


def ifloordiv(a: Any, b: Any) -> Any:
    """As `operator.ifloordiv`."""
    a //= b
    return a


def imatmul(a: Any, b: Any) -> Any:
    """As `operator.imatmul`."""
    a @= b
    return a


def setitem(a: Any, b: Any, c: Any) -> None:
    """As `operator.setitem`."""
    a[b] = c


def delitem(a: Any, b: Any) -> None:
    """As `operator.delitem`."""
    del a[b]


def concat(a: Any, b: Any) -> Any:
    """As `operator.concat`."""
    return a + b


def contains(a: Any, b: Any) -> Any:
    """As `operator.contains`."""
    return b in a


def countOf(a: Any, b: Any) -> Any:
    """As `operator.countOf`."""
    found = 0
    for each in a:
        if each == b:
            found += 1
    return found


def indexOf(a: Any, b: Any) -> Any:
    """As `operator.indexOf`."""
    for i, each in enumerate(a):
        if each == b:
            return i
    raise ValueError("sequence.index(x): x not in sequence")


def call(obj: Any, *args: Any, **kwargs: Any) -> Any:
    """As `operator.call`."""
    return obj(*args, **kwargs)


def radd(a: Any, b: Any) -> Any:
    """As ``a.__radd__(b)``."""
    return b + a


def rsub(a: Any, b: Any) -> Any:
    """As ``a.__rsub__(b)``."""
    return b - a


def rmul(a: Any, b: Any) -> Any:
    """As ``a.__rmul__(b)``."""
    return b * a


def rtruediv(a: Any, b: Any) -> Any:
    """As ``a.__rtruediv__(b)``."""
    return b / a


def rpow(a: Any, b: Any) -> Any:
    """As ``a.__rpow__(b)``."""
    return b**a


def rmatmul(a: Any, b: Any) -> Any:
    """As ``a.__rmatmul__(b)``."""
    return b @ a


_REFLECTED = (radd, rsub, rmul, rtruediv, rpow, rmatmul)
_WRITTEN_OUT = (len, iter, abs, float, int, complex, bool, round, repr, str)

SPECIAL: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in dir(operator) if name.startswith("__") and name.endswith("item__")},
    **{f"__{name}__": getattr(operator, name) for name in ("iadd", "isub", "imul", "itruediv", "ipow", "contains")},
    **{f"__{each.__name__}__": each for each in (*_REFLECTED, *_WRITTEN_OUT)},
    "__getattribute__": getattr,
}
"""What does the same as a method with two underscores, called by its name: ``x.__setitem__(i, v)``."""

MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.concat: concat,
    operator.contains: contains,
    operator.countOf: countOf,
    operator.delitem: delitem,
    operator.iadd: iadd,
    operator.iconcat: iadd,
    operator.ifloordiv: ifloordiv,
    operator.imatmul: imatmul,
    operator.imod: imod,
    operator.imul: imul,
    operator.ipow: ipow,
    operator.indexOf: indexOf,
    operator.isub: isub,
    operator.itruediv: itruediv,
    operator.setitem: setitem,
}
if hasattr(operator, "call"):
    MODELS[operator.call] = call
