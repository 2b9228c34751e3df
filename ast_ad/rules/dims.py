"""What is known of dims that are computed, of arguments that may be nested lists, and of the kinds of results."""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Union

import numpy as np

from ast_ad.ir.kinds import (
    Array,
    Dim,
    Kind,
    Length,
    List,
    Numbered,
    Opaque,
    Scalar,
    Shape,
    Unknown,
    as_kind,
    dims_of,
    in_words,
    may_be_one,
)
from ast_ad.rules.trial import UNRANKED, Result

_KINDS = (Scalar, Array, Shape, List, Opaque, Unknown)


# What is known of dimensions.


def total(dims: Sequence[Dim]) -> Dim:
    """Return what is known of a sum of lengths, none of which is negative.

    >>> total((2, 3)), total((0, "n1")), total(("n1", 2)), total((1, "n1")), total(("n2", "n1"))
    (5, 'n1', 'n1+2', '?n1+1', 'n1+n2')
    """
    known = sum(dim for dim in dims if isinstance(dim, int))
    symbols = [dim for dim in dims if isinstance(dim, str)]
    if not symbols:
        return known
    if known == 0 and len(symbols) == 1:
        return symbols[0]
    return _label("+", symbols, known or None, known < 2 and (known == 1 or any(map(may_be_one, symbols))))


def product(dims: Sequence[Dim]) -> Dim:
    """Return what is known of a product of lengths.

    >>> product((2, 3)), product((1, "n1")), product((2, "?1")), product(("n1", "?1")), product(("?1", "?2"))
    (6, 'n1', 'n?1*2', 'n?1*n1', '?1*?2')
    """
    known = math.prod(dim for dim in dims if isinstance(dim, int))
    symbols = [dim for dim in dims if isinstance(dim, str)]
    if known == 0 or not symbols:
        return known
    if known == 1 and len(symbols) == 1:
        return symbols[0]
    return _label("*", symbols, known if known > 1 else None, known == 1 and all(map(may_be_one, symbols)))


def less(dim: str, count: int) -> Dim:
    """Return what is known of a length without so many, or of zero where it is shorter.

    >>> less("n1", 2), less("?n1-2", 1)
    ('?n1-2', '?n1-3')
    """
    base, _, before = dim.removeprefix("?").partition("-")
    if not before.isdigit():
        base, before = dim.removeprefix("?"), "0"
    return f"?{base}-{count + int(before)}"


def part_of(dim: str, count: int) -> Dim:
    """Return what is known of a length that is divided by a number.

    >>> part_of("n1", 4), part_of("?n1-2", 4)
    ('?n1/4', '?(?n1-2)/4')
    """
    return _short(f"{_closed(dim)}/{count}", True)


def _label(sign: str, symbols: Sequence[str], known: int | None, unit: bool) -> Dim:
    """Return a symbol that is the same for the same computation; `unit` tells whether it may stand for 1."""
    return _short(sign.join([*sorted(map(_closed, symbols)), *([] if known is None else [str(known)])]), unit)


def _closed(symbol: str) -> str:
    return symbol if symbol[1:].isdigit() else f"({symbol})"


def _short(label: str, unit: bool) -> Dim:
    """Return a label as a symbol. Of a long one nothing is known: they could double with each operation."""
    if len(label) > _LONGEST or "(?)" in label or "(*)" in label:
        return "?" if unit else "*"
    return label if may_be_one(label) == unit else f"{'?' if unit else 'n'}{label}"


_LONGEST = 40

Formula = Union[int, str, tuple[str, Any, Any]]


def formula(dim: str) -> Formula:
    """Return how a length is computed from symbols, as (sign, left, right); that of a part as ("[]", whole, slice).

    >>> formula("n1+n1"), formula("?(?n1-2)/3"), formula("n?2*2"), formula("n1"), formula("?n1|n2")
    (('+', 'n1', 'n1'), ('/', ('-', 'n1', 2), 3), ('*', '?2', 2), 'n1', ('|', 'n1', 'n2'))
    >>> formula("?n1-1[::2]"), formula("?n1[5:None:-1]")
    (('[]', ('-', 'n1', 1), slice(None, None, 2)), ('[]', 'n1', slice(5, None, -1)))
    >>> formula("?(n1)[?(n1)[None:?2:None]+1:None:None]")
    ('[]', 'n1', slice(('+', ('[]', 'n1', slice(None, '?2', None)), 1), None, None))
    """
    if dim[1:].isdigit():
        return dim
    label = re.sub(r"(^|[(\[:])[n?](?=[n?(])", r"\1", dim)
    whole, bracket, part = label.partition("[")
    tree = ast.parse(f"({whole}){bracket}{part}".replace("?", "_"), mode="eval")
    return _formula(tree.body)


def _formula(tree: ast.expr) -> Formula:
    if isinstance(tree, ast.BinOp):
        return _SIGNS[type(tree.op)], _formula(tree.left), _formula(tree.right)
    if isinstance(tree, ast.Subscript):
        assert isinstance(tree.slice, ast.Slice)
        return "[]", _formula(tree.value), slice(*map(_limit, (tree.slice.lower, tree.slice.upper, tree.slice.step)))
    if isinstance(tree, ast.Name):
        return tree.id.replace("_", "?")
    return int(ast.literal_eval(tree))


def _limit(tree: ast.expr | None) -> Any:
    """Return a limit of a slice: a number, None, or a formula."""
    if tree is None:
        return None
    try:
        return ast.literal_eval(tree)
    except ValueError:
        return _formula(tree)


_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.BitOr: "|"}


def quotient(dims: Sequence[Dim], others: Sequence[Dim]) -> Dim:
    """Return what is known of the length that, times `others`, gives as many elements as `dims` have.

    >>> quotient((6,), (2,)), quotient(("n1", 3), (3,)), quotient(("n1",), (3,))
    (3, 'n1', '?')
    """
    left = list(dims)
    for dim in others:
        if isinstance(dim, str):
            if dim in ("?", "*") or dim not in left:
                return "?"
            left.remove(dim)
    known, divisor = (math.prod(dim for dim in each if isinstance(dim, int)) for each in (left, others))
    if divisor == 0 or known % divisor:
        return "?"
    return product([known // divisor, *(dim for dim in left if isinstance(dim, str))])


def same(dims: Sequence[Dim]) -> Dim:
    """Return what is known of a length of which all of this is true."""
    return min(dims, key=lambda dim: (not isinstance(dim, int), may_be_one(dim)))


def is_kind(value: Any) -> bool:
    """Tell whether an argument is known by its kind only."""
    return isinstance(value, _KINDS)


def length(value: Any) -> Dim:
    """Return a length that is given as an argument: a number, or the kind of one that is computed.

    >>> length(3), length(Scalar("int")), length(Length("int", dim="n1", more=-1))
    (3, '?', '?n1-1')
    """
    if isinstance(value, Numbered):
        return value.symbol
    if isinstance(value, Length):
        # A negative one makes no array.
        return less(value.dim, -value.more) if value.more < 0 else total((value.dim, value.more))
    return "?" if is_kind(value) else int(value)


def lengths(shape: Any) -> tuple[Dim, ...]:
    """Return the dims that an argument `shape` asks for: a number, a sequence of numbers, a shape.

    >>> lengths(3), lengths((2, Scalar("int"))), lengths(Shape(("n1", 4)))
    ((3,), (2, '?'), ('n1', 4))
    """
    if isinstance(shape, Shape):
        return shape.dims
    if isinstance(shape, Array):
        rank = shape.dims[0] if shape.ndim == 1 else None
        if not isinstance(rank, int):
            raise TypeError("the rank of the result has to be known before the call runs: give the shape as a tuple")
        return ("?",) * rank
    return tuple(map(length, shape)) if isinstance(shape, (tuple, list)) else (length(shape),)


# Arguments that may be nested lists.


def leaves(value: Any) -> Iterator[Any]:
    """Yield the arrays and numbers in nested lists."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def nested_dims(value: Any) -> tuple[Dim, ...]:
    """Return the dims of the array that NumPy makes of an argument: of nested lists of arrays, too.

    >>> nested_dims([[1.0, Scalar("float")]]), nested_dims([Array("float64", ("n1",)), Array("float64", (3,))])
    ((1, 2), (2, 3))
    """
    if isinstance(value, (list, tuple)):
        return (len(value), *map(same, zip(*map(nested_dims, value))))
    if isinstance(value, List):
        return ("?", *nested_dims(value.item))
    if isinstance(value, Shape):
        return (len(value.dims),)
    return dims_of(as_kind(value))


def nested_dtype(value: Any) -> str:
    """Return the dtype of the array that NumPy makes of an argument: it promotes what is in a list."""
    if not isinstance(value, (list, tuple)):
        return str(np.asarray(example(value)).dtype.name)
    return str(np.array([example(leaf) for leaf in leaves(value)]).dtype.name)


def sample(value: Any) -> Any:
    """Return an array or a number of ones that is promoted as the argument is."""
    dims = nested_dims(value)
    return np.ones((1,) * len(dims), nested_dtype(value)) if dims else example(value)


def example(value: Any) -> Any:
    """Return a number that is promoted as the items of the argument are."""
    kind = as_kind(value)
    if isinstance(kind, List):
        return example(kind.item)
    if isinstance(kind, Shape):
        return 1
    if not isinstance(kind, (Scalar, Array)):
        raise TypeError(f"{in_words(kind)} stands where a number or an array is needed")
    dtype = np.dtype(kind.dtype)
    return dtype.type(1) if isinstance(kind, Array) or kind.numpy else dtype.type(1).item()


# Kinds of arrays.


def array_kind(dtype: Any, dims: Sequence[Dim]) -> Kind:
    """Return the kind of an array; an array without dimensions does whatever a scalar does."""
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        return Opaque("ndarray")
    return Array(dtype.name, tuple(dims)) if dims else Scalar(dtype.name, numpy=True)


def dtype_or(dtype: Any, default: Any) -> Any:
    """Return an argument `dtype`, which has to be known, or the default where there is none."""
    if is_kind(dtype):
        raise TypeError("the dtype has to be known before the call runs")
    return default if dtype is None else dtype


def knowing(kind: Callable[..., Result]) -> Callable[..., Result]:
    """Make a `kind` that needs to know the ranks of the arguments, as the rules of arrays do."""

    @functools.wraps(kind)
    def of(*args: Any, **kwargs: Any) -> Result:
        if any(isinstance(leaf, Unknown) for leaf in leaves([*args, *kwargs.values()])):
            raise TypeError(UNRANKED)
        return kind(*args, **kwargs)

    return of


def several(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """Return the kinds of the items of a sequence that is returned."""
    if len(kinds) == 1:
        raise TypeError("a call that returns a sequence of one array is not supported: leave it out")
    return tuple(kinds)
