"""Kinds: what is known, before it runs, of the value that a variable will hold.

A kind is a small frozen value.  Two variables of one kind hold values that the same derivative code can
handle; nothing that depends on the value itself is ever part of a kind.

    Scalar(dtype, numpy)     a Python number (`float`) or a NumPy scalar (`np.float64`): they promote and fail
                             differently (`1 / 0.0`), so they are different kinds
    Array(dtype, ndim, shape)    an array; `shape` is a symbol: equal symbols mean equal shapes
    List(item)               a sequence whose length is known only when it runs
    Stack(items)             the values that a sweep saves: a list of tuples of the kinds `items`
    Opaque(type)             anything that is never differentiated: strings, None, an object
    Unknown                  a number of which nothing is known (`show` without `--at`)
    Undefined                a name that is bound on some paths only; never the kind of an IR variable
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

import numpy as np


@dataclass(frozen=True)
class Scalar:
    """A Python number or a NumPy scalar; `dtype` is "float" for Python's, "float64" for NumPy's."""

    dtype: str
    numpy: bool = False

    def __str__(self) -> str:
        return f"np.{self.dtype}" if self.numpy else self.dtype


@dataclass(frozen=True)
class Array:
    """An array of known dtype and rank; arrays with the same `shape` symbol have the same shape."""

    dtype: str
    ndim: int
    shape: str

    def __str__(self) -> str:
        return f"array[{self.dtype}, {self.ndim}, {self.shape}]"


@dataclass(frozen=True)
class List:
    """A sequence of items of one kind, of a length known only when it runs."""

    item: Kind

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True)
class Stack:
    """What a sweep saves: a list of tuples whose components have the kinds `items`."""

    items: tuple[Kind, ...]

    def __str__(self) -> str:
        return f"stack[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True)
class Opaque:
    """A value that is never differentiated."""

    type: str

    def __str__(self) -> str:
        return self.type


@dataclass(frozen=True)
class Unknown:
    """A number of which nothing is known."""

    def __str__(self) -> str:
        return "unknown"


@dataclass(frozen=True)
class Undefined:
    """The kind of a name on the paths where it is not bound."""

    def __str__(self) -> str:
        return "undefined"


Kind = Union[Scalar, Array, List, Stack, Opaque, Unknown, Undefined]

BOOL = Scalar("bool")
INT = Scalar("int")
FLOAT = Scalar("float")
COMPLEX = Scalar("complex")
STRING = Opaque("str")
NONE = Opaque("NoneType")
UNKNOWN = Unknown()

_PYTHON = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}
_AS_NUMPY = {"bool": "bool", "int": "int64", "float": "float64", "complex": "complex128"}


def kind_of(value: Any) -> Kind:
    """Return the kind of a run-time value.

    >>> print(kind_of(1.5), kind_of(np.float32(1.5)), kind_of("a"))
    float np.float32 str
    """
    kind = _PYTHON.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, (np.bool_, np.number)):
        return Scalar(value.dtype.name, numpy=True)
    return Opaque(type(value).__name__)


def code(kind: Kind) -> str:
    """Return NumPy's one-letter family of a kind's dtype: b, i, u, f, c, or "" where it has none."""
    if isinstance(kind, (Scalar, Array)):
        return np.dtype(_AS_NUMPY.get(kind.dtype, kind.dtype)).kind
    return ""


def is_number(kind: Kind) -> bool:
    """Tell whether values of this kind are numbers or arrays of numbers."""
    return isinstance(kind, Unknown) or code(kind) in ("b", "i", "u", "f", "c")


def is_inexact(kind: Kind) -> bool:
    """Tell whether values of this kind can carry a derivative: real or complex floating point."""
    return isinstance(kind, Unknown) or code(kind) in ("f", "c")


def is_complex(kind: Kind) -> bool:
    """Tell whether values of this kind are complex numbers."""
    return code(kind) == "c"


def is_real(kind: Kind) -> bool:
    """Tell whether values of this kind are known to be real numbers."""
    return code(kind) in ("b", "i", "u", "f")


def join(a: Kind, b: Kind) -> Kind | None:
    """Return the smallest kind that holds values of both, or None where there is none.

    Python's numbers join upwards (an `int` that starts a sum of floats becomes a float); a Python
    number joins a NumPy scalar as NumPy promotes the two dtypes.

    >>> print(join(INT, FLOAT), join(FLOAT, Scalar("float32", True)), join(FLOAT, STRING))
    float np.float32 None
    """
    if a == b or isinstance(b, Undefined):
        return a
    if isinstance(a, Undefined):
        return b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return UNKNOWN if is_number(a) and is_number(b) else None
    if isinstance(a, Stack) and isinstance(b, Stack) and len(a.items) == len(b.items):
        items = tuple(join(x, y) for x, y in zip(a.items, b.items))
        return None if None in items else Stack(items)  # type: ignore[arg-type]
    if not (isinstance(a, Scalar) and isinstance(b, Scalar)):
        return None
    if not a.numpy and not b.numpy:
        order = ("bool", "int", "float", "complex")
        return Scalar(order[max(order.index(a.dtype), order.index(b.dtype))])
    if a.numpy and b.numpy:
        return Scalar(np.promote_types(a.dtype, b.dtype).name, numpy=True)
    scalar, other = (a, b) if a.numpy else (b, a)
    families = "b?uifc"
    if families.index(code(other)) <= families.index(code(scalar)):
        return scalar
    return Scalar(np.promote_types(scalar.dtype, _AS_NUMPY[other.dtype]).name, numpy=True)


def fits(kind: Kind, into: Kind) -> bool:
    """Tell whether a value of `kind` may flow into a variable of kind `into` at a join.

    Python's numbers and NumPy's of the same width may mix: a variable's kind says what it can hold, and an adjoint that
    starts as `0.0` goes on as whatever NumPy made of it.
    """
    if join(kind, into) == into:
        return True
    if isinstance(kind, Stack) and isinstance(into, Stack):
        return len(kind.items) == len(into.items) and all(map(fits, kind.items, into.items))
    if isinstance(kind, Unknown):
        return is_number(into)
    if not (isinstance(kind, Scalar) and isinstance(into, Scalar)):
        return False
    return _AS_NUMPY.get(kind.dtype, kind.dtype) == _AS_NUMPY.get(into.dtype, into.dtype)
