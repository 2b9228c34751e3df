"""Functions that make arrays, and what is known of dimensions that are computed.

Most have no derivative.  `full` is linear in what it fills with; a range of floats depends on its ends: element i of
``np.linspace(start, stop, num)`` is ``(1 - t[i]) * start + t[i] * stop``, where t goes from 0 to 1.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import (
    BOOL,
    INT,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    List,
    Opaque,
    Scalar,
    Shape,
    Unknown,
    as_kind,
    broadcast,
    dims_of,
    may_be_one,
)
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, find, inactive, jvp, vjp
from ast_ad.rules.trial import Result
from ast_ad.runtime.arrays import unbroadcast
from ast_ad.runtime.shaping import vander_derivative

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


def _label(sign: str, symbols: Sequence[str], known: int | None, unit: bool) -> Dim:
    """Return a symbol that is the same for the same computation; `unit` tells whether it may stand for 1."""
    if not all(symbol[1:].isdigit() for symbol in symbols):
        return "?" if unit else "*"
    label = sign.join([*sorted(symbols), *([] if known is None else [str(known)])])
    return label if may_be_one(label) == unit else f"{'?' if unit else 'n'}{label}"


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
    """Return a length that is given as an argument: a number, or the kind of one that is computed."""
    return "?" if is_kind(value) else int(value)


def lengths(shape: Any) -> tuple[Dim, ...]:
    """Return the dims that an argument `shape` asks for: a number, a sequence of numbers, a shape.

    >>> lengths(3), lengths((2, INT)), lengths(Shape(("n1", 4)))
    ((3,), (2, '?'), ('n1', 4))
    """
    if isinstance(shape, Shape):
        return shape.dims
    if isinstance(shape, Array):
        (rank,) = shape.dims
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
        return str(np.asarray(_example(value)).dtype.name)
    return str(np.array([_example(leaf) for leaf in leaves(value)]).dtype.name)


def _sample(value: Any) -> Any:
    """Return an array or a number of ones that is promoted as the argument is."""
    dims = nested_dims(value)
    return np.ones((1,) * len(dims), nested_dtype(value)) if dims else _example(value)


def _example(value: Any) -> Any:
    kind = as_kind(value)
    if isinstance(kind, List):
        return _example(kind.item)
    if isinstance(kind, Shape):
        return 1
    if not isinstance(kind, (Scalar, Array)):
        raise TypeError(f"{kind} is not a number or an array")
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
    """Make a `kind` that is unknown for arguments of which nothing is known."""

    @functools.wraps(kind)
    def of(*args: Any, **kwargs: Any) -> Result:
        if any(isinstance(leaf, Unknown) for leaf in leaves([*args, *kwargs.values()])):
            return UNKNOWN
        return kind(*args, **kwargs)

    return of


_OF_OPTIONS = (None,) * 5
"""There is no derivative by what stands after the arguments that have one."""


def _declare_constant(fn: Callable[..., Any], kind: Callable[..., Result]) -> None:
    inactive(fn, kind=knowing(kind), effects=("allocates",))


def _allocates(*fns: Callable[..., Any]) -> None:
    """Say that the result is made to be written to."""
    for fn in fns:
        rule = find(fn)
        assert rule is not None
        rule.effects |= {"allocates"}


# Arrays of one value.


def _full_kind(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C") -> Kind:
    return array_kind(dtype_or(dtype, nested_dtype(fill_value)), lengths(shape))


def _full_like_kind(
    a: Any, fill_value: Any = None, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Kind:
    return array_kind(dtype_or(dtype, nested_dtype(a)), nested_dims(a) if shape is None else lengths(shape))


def _fill_bar(g: Any, fill_value: Any) -> Any:
    return np.sum(g) if np.ndim(fill_value) == 0 else unbroadcast(g, fill_value)


_fn: Callable[..., Any]
for _fn in (np.zeros, np.ones, np.empty):
    _declare_constant(_fn, lambda shape, dtype=None, order="C": array_kind(dtype_or(dtype, float), lengths(shape)))
for _fn in (np.zeros_like, np.ones_like, np.empty_like):
    _declare_constant(
        _fn,
        lambda a, dtype=None, order="K", subok=True, shape=None: _full_like_kind(a, None, dtype, order, subok, shape),
    )
vjp(
    np.full,
    lambda g, y, shape, fill_value, dtype=None, order="C": (None, _fill_bar(g, fill_value), *_OF_OPTIONS),
    when=always,
    kind=knowing(_full_kind),
)
jvp(
    np.full,
    lambda dot, y, shape, fill_value, dtype=None, order="C": np.full(shape, dot),
    when=always,
    wrt=(1,),
)
vjp(
    np.full_like,
    lambda g, y, a, fill_value, dtype=None, order="K", subok=True, shape=None: (
        None,
        _fill_bar(g, fill_value),
        *_OF_OPTIONS,
    ),
    when=always,
    kind=knowing(_full_like_kind),
)
jvp(
    np.full_like,
    lambda dot, y, a, fill_value, dtype=None, order="K", subok=True, shape=None: np.full_like(y, dot),
    when=always,
    wrt=(1,),
)
_allocates(np.full, np.full_like)


# Matrices of zeros and ones.


def _matrix_kind(rows: Any, columns: Any, dtype: Any) -> Kind:
    return array_kind(dtype_or(dtype, float), (length(rows), length(rows if columns is None else columns)))


_declare_constant(np.eye, lambda N, M=None, k=0, dtype=float, order="C": _matrix_kind(N, M, dtype))
_declare_constant(np.tri, lambda N, M=None, k=0, dtype=float: _matrix_kind(N, M, dtype))
_declare_constant(np.identity, lambda n, dtype=None: _matrix_kind(n, n, dtype))

# Ranges.


def _arange_kind(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Kind:
    given = [each for each in (start, stop, step) if each is not None]
    size: Dim = "?"
    if not any(map(is_kind, given)):
        size = len(np.arange(*(start, stop, step) if stop is not None else (0, start, step)))
    return array_kind(dtype_or(dtype, np.arange(*map(_example, given)).dtype), (size,))


def _arange_bars(g: Any, y: Any, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Element i is ``start + i * step``; where it ends has no derivative."""
    return None if stop is None else np.sum(g), None, np.sum(g * np.arange(np.size(y))), None


def _arange_dot(*values: Any, dtype: Any = None) -> Any:
    dots, y = values[: len(values) // 2], values[len(values) // 2]
    start_dot = dots[0] if len(dots) > 1 else 0.0
    dot = np.full_like(y, start_dot)
    return dot + dots[2] * np.arange(np.size(y)) if len(dots) > 2 else dot


vjp(np.arange, _arange_bars, when=always, kind=knowing(_arange_kind))
jvp(np.arange, _arange_dot, when=always)


def _spaced_kind(fn: Callable[..., Any], ends: Sequence[Any], num: Any, dtype: Any, axis: int) -> tuple[Kind, Kind]:
    """Return the kinds of a range and of its step."""
    dims = broadcast(*map(nested_dims, ends))
    axis %= len(dims) + 1
    own = fn(*map(_sample, ends), 2).dtype
    made = array_kind(dtype_or(dtype, own), (*dims[:axis], length(num), *dims[axis:]))
    return made, array_kind(own, dims)


def _linspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Result:
    kinds = _spaced_kind(np.linspace, (start, stop), num, dtype, axis)
    return kinds if retstep else kinds[0]


def _geomspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Result:
    return _spaced_kind(np.geomspace, (start, stop), num, dtype, axis)[0]


def _logspace_kind(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Result:
    if nested_dims(base):
        raise TypeError("the base has to be a number")
    own = np.logspace(_sample(start), _sample(stop), 2, base=_sample(base)).dtype
    return _spaced_kind(np.logspace, (start, stop), num, dtype_or(dtype, own), axis)[0]


def _ends(g: Any, start: Any, stop: Any, num: Any, endpoint: bool, axis: int) -> tuple[Any, ...]:
    """Return the bars of the ends of a linspace: sums of `g`, weighted with the part that each has in an element."""
    return (
        _weighted(g, _linspace(1.0, 0.0, num, endpoint), start, axis),
        _weighted(g, _linspace(0.0, 1.0, num, endpoint), stop, axis),
        *_OF_OPTIONS,
    )


def _weighted(g: Any, weights: Any, end: Any, axis: int) -> Any:
    return np.sum(g * weights) if np.ndim(g) == 1 else unbroadcast(np.tensordot(g, weights, axes=(axis, 0)), end)


def _linspace(start: Any, stop: Any, num: Any, endpoint: bool, axis: int = 0) -> Any:
    """Call `np.linspace` without the options that are as they are anyway."""
    if axis != 0:
        return np.linspace(start, stop, num, endpoint, axis=axis)
    return np.linspace(start, stop, num) if endpoint is True else np.linspace(start, stop, num, endpoint)


def _log_of_base(base: Any) -> Any:
    if not isinstance(base, (int, float, complex, np.number)):
        raise TypeError("the base has to be a constant")
    return np.log(base)


vjp(
    np.linspace,
    lambda g, y, start, stop, num=50, endpoint=True, *, dtype=None, axis=0: _ends(g, start, stop, num, endpoint, axis),
    when=always,
    kind=knowing(_linspace_kind),
)
jvp(
    np.linspace,
    lambda start_dot, stop_dot, y, start, stop, num=50, endpoint=True, *, dtype=None, axis=0: _linspace(
        start_dot, stop_dot, num, endpoint, axis
    ),
    when=always,
    wrt=(0, 1),
)
vjp(
    np.logspace,
    lambda g, y, start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0: _ends(
        g * y * _log_of_base(base), start, stop, num, endpoint, axis
    ),
    when=always,
    kind=knowing(_logspace_kind),
)
jvp(
    np.logspace,
    lambda start_dot, stop_dot, y, start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0: (
        y * _linspace(start_dot, stop_dot, num, endpoint, axis) * _log_of_base(base)
    ),
    when=always,
    wrt=(0, 1),
)


def _geomspace_bars(
    g: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """The logarithms of the elements are a linspace of those of the ends."""
    by_start, by_stop, *others = _ends(g * y, start, stop, num, endpoint, axis)
    return by_start / start, by_stop / stop, *others


vjp(np.geomspace, _geomspace_bars, when=always, kind=knowing(_geomspace_kind))
jvp(
    np.geomspace,
    lambda start_dot, stop_dot, y, start, stop, num=50, endpoint=True, dtype=None, axis=0: (
        y * _linspace(start_dot / start, stop_dot / stop, num, endpoint, axis)
    ),
    when=always,
    wrt=(0, 1),
)
_allocates(np.arange, np.linspace, np.logspace, np.geomspace)
for _fn in present(np, "bartlett", "blackman", "hamming", "hanning"):
    _declare_constant(_fn, lambda M: array_kind(float, (length(M),)))

# Powers.


def _vander_kind(x: Any, N: Any = None, increasing: bool = False) -> Kind:
    rows = nested_dims(x)[0]
    return array_kind(np.promote_types(nested_dtype(x), int), (rows, rows if N is None else length(N)))


vjp(
    np.vander,
    lambda g, y, x, N=None, increasing=False: np.sum(g * vander_derivative(x, np.shape(y)[1], increasing), axis=1),
    when=always,
    kind=knowing(_vander_kind),
)
jvp(
    np.vander,
    lambda x_dot, y, x, N=None, increasing=False: (
        np.expand_dims(x_dot, 1) * vander_derivative(x, np.shape(y)[1], increasing)
    ),
    when=always,
    wrt=(0,),
)
vjp(
    vander_derivative,
    lambda g, y, x, columns, increasing, order=1: (
        np.sum(g * vander_derivative(x, columns, increasing, order + 1), axis=1),
        *_OF_OPTIONS,
    ),
    when=always,
    kind=knowing(lambda x, columns, increasing, order=1: array_kind(x.dtype, (*x.dims, length(columns)))),
)
jvp(
    vander_derivative,
    lambda x_dot, y, x, columns, increasing, order=1: (
        np.expand_dims(x_dot, 1) * vander_derivative(x, columns, increasing, order + 1)
    ),
    when=always,
    wrt=(0,),
)

# Indices.


def _indices_kind(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Result:
    dims, dtype = lengths(dimensions), dtype_or(dtype, int)
    if not sparse:
        return array_kind(dtype, (len(dims), *dims))
    ones = (1,) * len(dims)
    return several([array_kind(dtype, (*ones[:i], dim, *ones[i + 1 :])) for i, dim in enumerate(dims)])


def _ix_kind(*args: Any) -> Result:
    ones = (1,) * len(args)
    kinds = []
    for i, arg in enumerate(args):
        dtype, (dim,) = np.dtype(nested_dtype(arg)), nested_dims(arg)
        boolean = dtype.kind == "b"
        kinds.append(array_kind(np.intp if boolean else dtype, (*ones[:i], "?" if boolean else dim, *ones[i + 1 :])))
    return several(kinds)


def several(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """Return the kinds of the items of a sequence that is returned."""
    if len(kinds) == 1:
        raise TypeError("a call that returns a sequence of one array is not supported: leave it out")
    return tuple(kinds)


def _pair_of_indices(*args: Any, **kwargs: Any) -> Result:
    return (Array(np.dtype(np.intp).name, ("?",)),) * 2


inactive(np.indices, kind=knowing(_indices_kind))
inactive(np.ix_, kind=knowing(_ix_kind), cheap=True)
inactive(np.tril_indices, np.triu_indices, np.tril_indices_from, np.triu_indices_from, kind=_pair_of_indices)
inactive(
    np.diag_indices,
    kind=lambda n, ndim=2: several([array_kind(np.intp, (length(n),))] * ndim),
)
inactive(
    np.ravel_multi_index,
    kind=knowing(
        lambda multi_index, dims, mode="raise", order="C": array_kind(
            np.intp, broadcast(*map(nested_dims, multi_index))
        )
    ),
)
inactive(
    np.unravel_index,
    kind=knowing(
        lambda indices, shape, order="C": several([array_kind(np.intp, nested_dims(indices))] * len(lengths(shape)))
    ),
)

# What is known of arrays without looking at their elements.
inactive(np.shape, kind=knowing(lambda a: Shape(nested_dims(a))), cheap=True)
inactive(np.size, kind=lambda a, axis=None: INT, cheap=True)
inactive(np.ndim, kind=lambda a: INT, cheap=True)
inactive(np.broadcast_shapes, kind=knowing(lambda *args: Shape(broadcast(*map(lengths, args)))), cheap=True)
inactive(np.iscomplexobj, np.isrealobj, np.isscalar, kind=lambda *args: BOOL, cheap=True)
inactive(np.result_type, kind=lambda *args: Opaque("dtype"), cheap=True)
