"""Kinds: what is known, before it runs, of the value that a variable will hold.

A kind is a small frozen value.  Two variables of one kind hold values that the same derivative code can
handle; nothing that depends on the value itself is ever part of a kind.

    Scalar(dtype, numpy)     a Python number (`float`) or a NumPy scalar (`np.float64`): they promote and fail
                             differently (`1 / 0.0`), so they are different kinds
    Array(dtype, dims)       an array; its rank is known, and of each dimension what `dims` says (see below)
    Shape(dims)              the shape of an array, a tuple of integers
    List(item)               a list of a length known only when it runs, of numbers, arrays or lists of one kind
    Stack(items)             the values that a sweep saves: a list of tuples of the kinds `items`
    Record                   what a call of a recursive function saves
    Opaque(type)             anything that is never differentiated: strings, None, an object
    Unknown                  a number of which nothing is known (`show` without `--at`)
    Undefined                a name that is bound on some paths only; never the kind of an IR variable

A *dim* says what is known of a dimension's length: an integer is its length; a string is a symbol, and equal symbols
mean equal lengths in one run of the code in which both are seen.  A symbol that starts with "?" may stand for 1; any
other may not, so it is never stretched by broadcasting.  "*" and "?" alone are symbols yet to be made (`fresh`): of an
argument's kind, which belongs to no function yet, and of a result of which nothing is known.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union

import numpy as np


@dataclass(frozen=True)
class Scalar:
    """A Python number or a NumPy scalar; `dtype` is "float" for Python's, "float64" for NumPy's."""

    dtype: str
    numpy: bool = False

    def __str__(self) -> str:
        return f"np.{self.dtype}" if self.numpy else self.dtype


Dim = Union[int, str]


@dataclass(frozen=True)
class Length(Scalar):
    """A Python integer that is the length of a dimension, and so many more (or less, where `more` is negative).

    What is known of an operand where a call of it is inferred; variables are of the kind `INT`.
    """

    dim: str = ""
    more: int = 0


@dataclass(frozen=True)
class Numbered(Scalar):
    """An integer of which nothing is known but which one it is: equal symbols mean equal integers.

    As a `Length`, that is known of an operand only.
    """

    symbol: str = ""


@dataclass(frozen=True)
class Array:
    """An array of known dtype and rank."""

    dtype: str
    dims: tuple[Dim, ...]

    @property
    def ndim(self) -> int:
        """The rank."""
        return len(self.dims)

    def __str__(self) -> str:
        return f"array[{self.dtype}, ({', '.join(map(str, self.dims))})]"


@dataclass(frozen=True)
class Shape:
    """The shape of an array: what is known of each dimension."""

    dims: tuple[Dim, ...]

    def __str__(self) -> str:
        return f"shape({', '.join(map(str, self.dims))})"


@dataclass(frozen=True)
class List:
    """A list of items of one kind, of a length known only when it runs."""

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
class Record:
    """What a call of a recursive function saves: a tuple, of what its own calls save among others."""

    def __str__(self) -> str:
        return "record"


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


Kind = Union[Scalar, Array, Shape, List, Stack, Record, Opaque, Unknown, Undefined]

_KINDS = (Scalar, Array, Shape, List, Stack, Record, Opaque, Unknown, Undefined)

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
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return Array(value.dtype.name, tuple([1 if length == 1 else "*" for length in value.shape]))
    return kind_of_class(type(value))


def kind_of_class(cls: type) -> Opaque:
    """Return the kind of the objects of a class.

    >>> import fractions
    >>> kind_of_class(type(None)).type, kind_of_class(fractions.Fraction).type
    ('NoneType', 'fractions.Fraction')
    """
    home: object = cls.__module__  # Of some classes of NumPy it is a descriptor, before Python 3.11.
    named = not isinstance(home, str) or home in ("builtins", "random") or home.partition(".")[0] == "numpy"
    return Opaque(cls.__name__ if named else f"{home}.{cls.__qualname__}")


_numbers = itertools.count(1)


def fresh(kind: Kind) -> Kind:
    """Return a kind with symbols of its own where it has "*" and "?", so that they are equal to no others.

    >>> known = fresh(Array("float64", (3, "*")))
    >>> known.dims[0], known == fresh(known), known == fresh(Array("float64", (3, "*")))
    (3, True, False)
    """
    if not isinstance(kind, (Array, Shape)) or not ("*" in kind.dims or "?" in kind.dims):
        return kind
    return replace(kind, dims=tuple([_symbol(dim) if dim in ("*", "?") else dim for dim in kind.dims]))


def numbered(kind: Scalar) -> Numbered:
    """Return the kind of an integer that is equal to no other."""
    return Numbered(kind.dtype, kind.numpy, str(_symbol("?")))


def plain(kind: Kind) -> Kind:
    """Return the kind of a variable: without what is known of an operand only."""
    return Scalar(kind.dtype, kind.numpy) if isinstance(kind, (Length, Numbered)) else kind


def _symbol(dim: Dim) -> Dim:
    return f"{'?' if dim == '?' else 'n'}{next(_numbers)}"


_SYMBOL = re.compile(r"[n?]\d+")


def symbols(kind: Kind) -> list[str]:
    """Return the symbols that the dims of a kind are made of."""
    if isinstance(kind, List):
        return symbols(kind.item)
    return [name for dim in dims_of(kind) if isinstance(dim, str) for name in _SYMBOL.findall(dim)]


def with_symbols(kind: Kind, keep: Collection[str], own: dict[str, str]) -> Kind:
    """Return a kind with new symbols in place of those that are not kept; `own` remembers which."""
    if isinstance(kind, List):
        return List(with_symbols(kind.item, keep, own))
    if not isinstance(kind, (Array, Shape)) or all(name in keep for name in symbols(kind)):
        return kind

    def new(match: re.Match[str]) -> str:
        name = match[0]
        return name if name in keep else own.setdefault(name, str(_symbol("?" if name[0] == "?" else "*")))

    return replace(kind, dims=tuple([_SYMBOL.sub(new, dim) if isinstance(dim, str) else dim for dim in kind.dims]))


def may_be_one(dim: Dim) -> bool:
    """Tell whether a dimension of length 1 is possible, so that broadcasting may stretch it.

    >>> may_be_one(1), may_be_one(3), may_be_one("n1"), may_be_one("?2")
    (True, False, False, True)
    """
    return dim == 1 or (isinstance(dim, str) and dim.startswith("?"))


def may_be_empty(dim: Dim) -> bool:
    """Tell whether a length of 0 is to be expected: of what a mask takes, but not of arguments, nor of ``x[1:]``.

    >>> may_be_empty(0), may_be_empty("?2"), may_be_empty("n1"), may_be_empty("?n1-1")
    (True, True, False, False)
    """
    return dim == 0 or (isinstance(dim, str) and re.search(r"\?\d", dim) is not None)


def dims_of(kind: Kind) -> tuple[Dim, ...]:
    """Return the dims of an array, a shape, or a number (which has none)."""
    return kind.dims if isinstance(kind, (Array, Shape)) else ()


def item_of(kind: Kind) -> Kind:
    """Return the kind of an item that is read from a list: of its lengths, nothing is known but what its kind says."""
    assert isinstance(kind, List)
    return fresh(kind.item)


def as_kind(argument: Any) -> Kind:
    """Return an argument that is a kind, or the kind of one that is a value.

    >>> print(as_kind(FLOAT), as_kind(3))
    float int
    """
    return argument if isinstance(argument, _KINDS) else kind_of(argument)


def code(kind: Kind) -> str:
    """Return NumPy's one-letter family of a kind's dtype: b, i, u, f, c, or "" where it has none."""
    if isinstance(kind, List):
        return code(kind.item)
    if isinstance(kind, (Scalar, Array)):
        return _family(kind.dtype)
    return ""


@functools.cache
def _family(dtype: str) -> str:
    return np.dtype(_AS_NUMPY.get(dtype, dtype)).kind


def is_number(kind: Kind) -> bool:
    """Tell whether values of this kind are numbers or arrays of numbers."""
    return isinstance(kind, Unknown) or (not isinstance(kind, List) and code(kind) in ("b", "i", "u", "f", "c"))


def is_truth(kind: Kind) -> bool:
    """Tell whether values of this kind are True or False: Python's, or a number of NumPy's that is one."""
    return isinstance(kind, Scalar) and code(kind) == "b"


def is_inexact(kind: Kind) -> bool:
    """Tell whether values of this kind can carry a derivative: real or complex floating point."""
    return isinstance(kind, (Unknown, Record)) or code(kind) in ("f", "c")


def is_complex(kind: Kind) -> bool:
    """Tell whether values of this kind are complex numbers."""
    return code(kind) == "c"


def is_real(kind: Kind) -> bool:
    """Tell whether values of this kind are known to be real numbers."""
    return code(kind) in ("b", "i", "u", "f")


def join(a: Kind, b: Kind) -> Kind | None:
    """Return the smallest kind that holds values of both, or None where there is none.

    Python's numbers join upwards (an `int` that starts a sum of floats becomes a float); a Python number joins a NumPy
    scalar as one of its own width: what is computed of it alone has double precision.

    >>> print(join(INT, FLOAT), join(FLOAT, Scalar("float32", True)), join(FLOAT, STRING))
    float np.float64 None
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
    if isinstance(a, List) and isinstance(b, List):
        item = join(a.item, b.item)
        return None if item is None else List(item)
    if isinstance(a, Shape) and isinstance(b, Shape):
        return Shape(_met(a.dims, b.dims)) if len(a.dims) == len(b.dims) else None
    if isinstance(a, Array) or isinstance(b, Array):
        return _join_arrays(a, b)
    if not (isinstance(a, Scalar) and isinstance(b, Scalar)):
        return None
    if not a.numpy and not b.numpy:
        order = ("bool", "int", "float", "complex")
        return Scalar(order[max(order.index(a.dtype), order.index(b.dtype))])
    return Scalar(np.promote_types(*(_AS_NUMPY.get(each.dtype, each.dtype) for each in (a, b))).name, numpy=True)


def _join_arrays(a: Kind, b: Kind) -> Kind | None:
    """Join an array with an array of the same rank, or with a number that starts an accumulation of arrays."""
    if isinstance(a, Array) and isinstance(b, Array):
        if a.ndim != b.ndim:
            return None
        return Array(np.promote_types(a.dtype, b.dtype).name, _met(a.dims, b.dims))
    array, number = (a, b) if isinstance(a, Array) else (b, a)
    if not (isinstance(array, Array) and isinstance(number, Scalar)):
        return None
    dtype = join(Scalar(array.dtype, numpy=True), number)
    assert isinstance(dtype, Scalar)
    return Array(dtype.dtype, ("?",) * array.ndim)


def _met(a: Sequence[Dim], b: Sequence[Dim]) -> tuple[Dim, ...]:
    """Return what is known of dimensions that are either these or those."""
    return tuple(x if x == y else "?" if may_be_one(x) or may_be_one(y) else "*" for x, y in zip(a, b))


_UP_TO = {family: "biufc"[: "biufc".index(family) + 1] for family in "biufc"}


def fits(kind: Kind, into: Kind) -> bool:
    """Tell whether a value of `kind` may flow into a variable of kind `into` at a join.

    Python's numbers and NumPy's of the same width may mix: a variable's kind says what it can hold, and an adjoint that
    starts as `0.0` goes on as whatever NumPy made of it.  Of arrays, the rank has to fit.
    """
    if join(kind, into) == into:
        return True
    if isinstance(kind, Stack) and isinstance(into, Stack):
        return len(kind.items) == len(into.items) and all(map(fits, kind.items, into.items))
    if isinstance(kind, List) and isinstance(into, List):
        return isinstance(kind.item, Undefined) or fits(kind.item, into.item)
    if isinstance(kind, List) or isinstance(into, List):
        return False
    if isinstance(kind, Unknown):
        return is_number(into)
    if isinstance(kind, Shape) or isinstance(into, Shape):
        return isinstance(kind, Shape) and isinstance(into, Shape)
    if isinstance(into, Array):
        if isinstance(kind, Array) and kind.ndim != into.ndim:
            return False
        return isinstance(kind, (Scalar, Array)) and code(kind) in _UP_TO[code(into)]
    if not (isinstance(kind, Scalar) and isinstance(into, Scalar)):
        return False
    if into.numpy and not kind.numpy:
        return code(kind) in _UP_TO[code(into)]
    return _AS_NUMPY.get(kind.dtype, kind.dtype) == _AS_NUMPY.get(into.dtype, into.dtype)


def in_words(kind: Kind) -> str:
    """Return what a value of a kind is, in the words of an error message.

    >>> in_words(Array("float64", ("n", 3))), in_words(INT)
    ('an array of float64 with 2 dimensions', 'an int')
    """
    if isinstance(kind, Array):
        count = f"{kind.ndim} dimension{'s' * (kind.ndim != 1)}"
        return f"an array of {kind.dtype} " + (f"with {count}" if kind.ndim else "without dimensions")
    if isinstance(kind, List):
        return "a list whose length is known only when it runs"
    if isinstance(kind, Unknown):
        return "a number"
    noun = (
        "shape" if isinstance(kind, Shape) else kind.type.rpartition(".")[2] if isinstance(kind, Opaque) else str(kind)
    )
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
