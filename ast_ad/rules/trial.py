"""What a function returns for arguments of given kinds, found by trying it on samples.

Promotion is NumPy's own, whatever its version, and so are ranks.  What is known of the dimensions is found out by two
trials in which every symbol has another length each time: a length of the result that goes along with a symbol's is
that symbol; one that is the same in both is that number; of any other, nothing is known.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import operator
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    Dim,
    Kind,
    Scalar,
    Shape,
    Unknown,
    code,
    dims_of,
    in_words,
    is_inexact,
    kind_of,
)
from ast_ad.ir.nodes import Form

Result = Kind | tuple[Kind, ...]

_SAMPLES = {BOOL: True, INT: 1, FLOAT: 1.0, COMPLEX: 1.0 + 0.5j}
_SCALES = (1.0, 0.5, 2.0)
_UNKNOWN_MAY_BE = (INT, FLOAT, Scalar("float64", numpy=True), COMPLEX)
_LENGTHS = ((5, 7, 9, 11, 13, 15), (8, 6, 12, 10, 17, 14))
"""The lengths of up to six symbols in the two trials; from two symbols up, no sum of them is another."""
_EQUAL = (4, 5)

UNRANKED = "it is not known whether a number or an array is given"
"""Why a function of arrays cannot be tried on an argument of which nothing is known."""


@dataclass(frozen=True, eq=False)
class Constant:
    """An argument of a trial that is known by its value, and equal to those of the same type alone: 1 is not 1.0."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and _typed(self.value) == _typed(other.value)

    def __hash__(self) -> int:
        return hash(self.value)


def _typed(value: Any) -> Any:
    """Return a constant with its type, and those of its items."""
    return type(value), tuple(map(_typed, value)) if isinstance(value, tuple) else value


def trial(
    fn: Callable[..., Any],
    kinds: Sequence[Kind],
    literals: Sequence[Any] | None = None,
    form: Form | None = None,
    *,
    broadcasts: bool = False,
) -> Result:
    """Return the kind that `fn` returns for samples of `kinds`; a tuple where it returns several values.

    Parameters
    ----------
    literals
        One entry an argument: a one-element tuple ``(value,)`` for an argument that is a constant, None for the others.
    form
        How the arguments stand in the call.
    broadcasts
        Whether the function works element by element: then the dims are known without trials.

    Raises
    ------
    TypeError
        Where the function does not take such arguments.  The message is the function's own.
    """
    literals = literals or (None,) * len(kinds)
    kinds = [_number(kind) for kind in kinds]
    if not broadcasts and _is_of_arrays(fn) and any(isinstance(kind, Unknown) for kind in kinds):
        raise TypeError(UNRANKED)
    if form is None and not any(isinstance(kind, (Array, Shape)) for kind in kinds):
        args = tuple(map(_argument, kinds, literals))
        if any(isinstance(kind, Unknown) for kind in kinds):
            return _kind_of_unknowns(fn, args)
        kind = _kind_by_trial(fn, args)
    elif any(isinstance(kind, Unknown) for kind in kinds):
        return UNKNOWN
    else:
        args = tuple(kind if literal is None else Constant(literal[0]) for kind, literal in zip(kinds, literals))
        if broadcasts:
            kind = _elementwise_kind(fn, args, form)
        else:
            args, own = _numbered(args)
            # A constant that cannot be looked up, an array, is tried each time.
            found = (
                _array_kind
                if all(isinstance(arg.value, Hashable) for arg in args if isinstance(arg, Constant))
                else None
            )
            kind = _named((found or _array_kind.__wrapped__)(fn, args, form), own)
    if kind is None:
        given = ", ".join(map(in_words, kinds))
        raise TypeError(f"cannot tell what {getattr(fn, '__name__', fn)} returns for {given}{_said(fn, args, form)}")
    return kind


def _said(fn: Callable[..., Any], args: Args, form: Form | None) -> str:
    """Return what the function itself says of arguments that it refuses, unless that depends on their lengths."""
    said = set()
    for i, length in enumerate(_lengths(args)):
        try:
            _called(fn, args, form, length, 2 + i)
        except _REFUSALS as error:
            said.add(str(error))
    return f": {said.pop()}" if len(said) == 1 else ""


def _number(kind: Kind) -> Kind:
    """Return an array without dimensions as a scalar: what is computed from it is the same."""
    return Scalar(kind.dtype, numpy=True) if isinstance(kind, Array) and not kind.dims else kind


def _is_of_arrays(fn: Callable[..., Any]) -> bool:
    """Tell whether the rule of a function depends on the ranks of its arguments."""
    module = getattr(fn, "__module__", None) or ""
    return fn is operator.matmul or isinstance(fn, np.ufunc) or module.split(".")[0] == "numpy"


Args = tuple[Kind | Constant, ...]


def _argument(kind: Kind, literal: Any) -> Kind | Constant:
    """What a trial needs: the kind of a number, the sign of a constant integer (for `2 ** n`), the value of a text."""
    if literal is None or isinstance(kind, Unknown):
        return kind
    (value,) = literal
    if kind == INT:
        return Constant(-1) if value < 0 else kind
    return kind if isinstance(kind, Scalar) else Constant(value)


_REFUSALS = (ArithmeticError, ValueError, IndexError, np.linalg.LinAlgError)
"""What a function may raise for a sample, and take others."""


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


# Numbers.


def _sample(arg: Kind | Constant, scale: float) -> Any:
    if isinstance(arg, Constant):
        return arg.value
    if not isinstance(arg, Scalar):
        raise TypeError(f"a number or an array is needed here, and this is {in_words(arg)}")
    size = scale if is_inexact(arg) else max(1, int(scale))
    if not arg.numpy:
        return type(_SAMPLES[arg])(_SAMPLES[arg] * size)
    return np.dtype(arg.dtype).type(size)


def _kind_of_result(value: Any) -> Result:
    """An array without dimensions, which `np.where` makes of scalars, does whatever a scalar does."""
    return kind_of(value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value)


@functools.lru_cache(maxsize=4096)
def _kind_by_trial(fn: Callable[..., Any], args: Args) -> Result | None:
    for scale in _SCALES:
        with contextlib.suppress(*_REFUSALS), _quietly():
            kind = _kind_of_result(fn(*(_sample(arg, scale) for arg in args)))
            # Numbers that make an array: how long it is, one sample does not tell.
            return Array(kind.dtype, ("?",) * kind.ndim) if isinstance(kind, Array) else kind
    return None


@functools.lru_cache(maxsize=4096)
def _kind_of_unknowns(fn: Callable[..., Any], args: Args) -> Kind:
    """What `fn` returns whatever its unknown arguments are, such as the float of every function of `math`."""
    found: dict[Any, None] = {}
    for guess in _UNKNOWN_MAY_BE:
        with contextlib.suppress(TypeError):
            kind = _kind_by_trial(fn, tuple(guess if isinstance(arg, Unknown) else arg for arg in args))
            if kind is not None:
                found.setdefault(kind)
    if len(found) == 1:
        return next(iter(found))  # type: ignore[no-any-return]
    return BOOL if found and all(code(kind) == "b" for kind in found) else UNKNOWN


# Arrays.


def _numbered(args: Args) -> tuple[Args, tuple[Dim, ...]]:
    """Return arguments whose symbols are numbered, so that equal patterns are tried once, and what the numbers mean."""
    own: dict[Dim, int] = {}

    def number(dim: Dim) -> Dim:
        return dim if isinstance(dim, int) else f"#{own.setdefault(dim, len(own))}"

    def numbered(arg: Kind | Constant) -> Kind | Constant:
        return replace(arg, dims=tuple(map(number, arg.dims))) if isinstance(arg, (Array, Shape)) else arg

    return tuple(map(numbered, args)), tuple(own)


def _named(result: Result | None, own: Sequence[Dim]) -> Result | None:
    """Put symbols for numbers again in what a trial found out."""
    if isinstance(result, tuple):
        return tuple(_named(kind, own) for kind in result)  # type: ignore[misc]
    if not isinstance(result, (Array, Shape)):
        return result
    dims = tuple(own[int(dim[1:])] if isinstance(dim, str) and dim.startswith("#") else dim for dim in result.dims)
    return Array(result.dtype, dims) if isinstance(result, Array) else Shape(dims)


def sample(arg: Kind | Constant, length: Callable[[Dim], int], number: int) -> Any:
    """Return a value of a kind, for a trial in which a dim has this length and a free integer this value.

    Matrices are well conditioned, so that they can be factorised and inverted.
    """
    if isinstance(arg, Constant):
        return arg.value
    if isinstance(arg, Shape):
        return tuple(map(length, arg.dims))
    if isinstance(arg, Scalar):
        size = number if code(arg) in "iu" else 1.0
        return np.dtype(arg.dtype).type(size) if arg.numpy else type(_SAMPLES[arg])(size)
    if not isinstance(arg, Array):
        raise TypeError(f"a number or an array is needed here, and this is {in_words(arg)}")
    shape = tuple(map(length, arg.dims))
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    if code(arg) in "iub":
        return (numbers % 2).astype(arg.dtype)
    value = 0.1 + 0.05 * np.sin(numbers)
    if len(shape) >= 2:
        value = value + 3.0 * np.eye(shape[-2], shape[-1])
    return value.astype(arg.dtype)


def _attempt(fn: Callable[..., Any], args: Args, form: Form | None, length: Callable[[Dim], int], number: int) -> Any:
    """Return what a function returns for samples, in a tuple; None where it refuses them."""
    with contextlib.suppress(*_REFUSALS):
        return (_called(fn, args, form, length, number),)
    return None


def _called(fn: Callable[..., Any], args: Args, form: Form | None, length: Callable[[Dim], int], number: int) -> Any:
    values = [sample(arg, length, number) for arg in args]
    positional, named = (values, {}) if form is None else form.arranged(values)
    with _quietly():
        return fn(*positional, **named)


def _lengths(args: Args) -> tuple[Callable[[Dim], int], Callable[[Dim], int]]:
    """Return the lengths of the dims in two trials; the lengths of symbols are none of the known ones."""
    dims = list(dict.fromkeys(dim for arg in args if isinstance(arg, (Array, Shape)) for dim in arg.dims))
    taken = {dim for dim in dims if isinstance(dim, int)}
    tables: list[dict[Dim, int]] = []
    for lengths in _LENGTHS:
        free = (length for length in itertools.chain(lengths, itertools.count(19, 2)) if length not in taken)
        tables.append({dim: dim if isinstance(dim, int) else next(free) for dim in dims})
    return tables[0].__getitem__, tables[1].__getitem__


@functools.lru_cache(maxsize=4096)
def _array_kind(fn: Callable[..., Any], args: Args, form: Form | None) -> Result | None:
    first, second = _lengths(args)
    symbols = [dim for arg in args if isinstance(arg, (Array, Shape)) for dim in arg.dims if isinstance(dim, str)]
    one, two = (_attempt(fn, args, form, length, 2 + i) for i, length in enumerate((first, second)))
    if one is None or two is None:
        # Some lengths have to be equal: try it with all of them equal.
        symbols = []
        one, two = (
            _attempt(fn, args, form, lambda dim, n=n: dim if isinstance(dim, int) else n, 2 + i)  # type: ignore[misc]
            for i, n in enumerate(_EQUAL)
        )
    if one is None or two is None:
        return _beside_a_literal(fn, args, form)
    return _compared(one[0], two[0], {(first(dim), second(dim)): dim for dim in symbols})


def _beside_a_literal(fn: Callable[..., Any], args: Args, form: Form | None) -> Result | None:
    """Try it with every symbol equal to the one length that is known: of the result's lengths, little is known then."""
    known = {dim for arg in args if isinstance(arg, (Array, Shape)) for dim in arg.dims if isinstance(dim, int)} - {1}
    if len(known) != 1:
        return None
    (length,) = known
    one, two = (_attempt(fn, args, form, lambda dim: dim if isinstance(dim, int) else length, 2 + i) for i in (0, 1))
    if one is None or two is None:
        return None
    found = _compared(one[0], two[0], {})
    return _forgotten(found)


def _forgotten(result: Result | None) -> Result | None:
    if isinstance(result, tuple):
        return tuple(_forgotten(kind) for kind in result)  # type: ignore[misc]
    if not isinstance(result, (Array, Shape)):
        return result
    return replace(result, dims=("?",) * len(result.dims))


def _compared(one: Any, two: Any, symbols: dict[tuple[int, int], Dim]) -> Result | None:
    """Return the kind of two results of one call: what they have in common."""
    if isinstance(one, (tuple, list)) and not (one and all(type(item) is int for item in one)):
        if len(one) != len(two):
            return None
        return tuple(_compared(a, b, symbols) for a, b in zip(one, two))  # type: ignore[misc]
    if isinstance(one, tuple):
        return Shape(_dims(one, two, symbols)) if len(one) == len(two) else None
    kind, other = _kind_of_result(one), _kind_of_result(two)
    if not isinstance(kind, Array):
        return kind if kind == other else None
    if not isinstance(other, Array) or kind.ndim != other.ndim:
        return None
    return Array(kind.dtype, _dims(one.shape, two.shape, symbols))


def _dims(one: Sequence[int], two: Sequence[int], symbols: dict[tuple[int, int], Dim]) -> tuple[Dim, ...]:
    return tuple(symbols.get((a, b), a if a == b else "?") for a, b in zip(one, two))


def _elementwise_kind(fn: Callable[..., Any], args: Args, form: Form | None) -> Kind | None:
    ranks = tuple(Array(arg.dtype, (2,) * arg.ndim) if isinstance(arg, Array) else arg for arg in args)
    found = _elementwise_trial(fn, ranks, form)
    if not isinstance(found, Array):
        return found if not isinstance(found, tuple) else None
    shapes = [np.shape(arg.value) if isinstance(arg, Constant) else dims_of(arg) for arg in args]
    return Array(found.dtype, broadcast(*shapes))


@functools.lru_cache(maxsize=4096)
def _elementwise_trial(fn: Callable[..., Any], args: Args, form: Form | None) -> Result | None:
    value = _attempt(fn, args, form, lambda dim: dim, 1)  # type: ignore[arg-type, return-value]
    return None if value is None else _kind_of_result(value[0])
