"""Derivatives of contractions, `tensordot` and `einsum`, and what all products of arrays have in common.

A bar of a contraction is a contraction again, with the adjoint of the result in the place of the operand.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import Dim, Kind, dims_of
from ast_ad.rules.common import as_array, halves, is_zero, structured
from ast_ad.rules.dims import array_kind, knowing, nested_dims, nested_dtype
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import always, jvp, vjp
from ast_ad.rules.tracing import Tracer
from ast_ad.rules.trial import Result
from ast_ad.runtime import unbroadcast

_fn: Callable[..., Any]


# What all products have in common.


def kinds_of(*args: Any) -> list[Any]:
    """Return the kinds of arguments as arrays or numbers: lists, too, are arrays."""
    return [array_kind(nested_dtype(arg), nested_dims(arg)) for arg in args]


def promoted(*kinds: Any) -> np.dtype[Any]:
    """Return the dtype that arguments have in common, once they are arrays."""
    return np.result_type(*(np.dtype(kind.dtype) for kind in kinds))


def product_of(
    fn: Callable[..., Any],
    bars: Callable[..., Any],
    kind: Callable[..., Result],
    *,
    first: int = 0,
    count: int | None = 2,
    views: bool = False,
) -> None:
    """Declare a function that is linear in each of some arguments, which may be lists.

    Parameters
    ----------
    bars
        The bars of these arguments alone.
    first, count
        Which of the positional arguments they are; None: all that follow.
    """

    def rule(g: Any, z: Any, *args: Any, **options: Any) -> Any:
        last = len(args) if count is None else first + count
        factors = args[first:last]
        own = bars(g, z, *args[:first], *map(as_array, factors), *args[last:], **options)
        rest = [None] * (len(args) - first - len(own))
        return (*[None] * first, *map(structured, own, factors), *rest)

    def dot(*given: Any, **options: Any) -> Any:
        dots, _, args = halves(given)
        total = 0.0
        for i in range(first, len(args) if count is None else first + count):
            if not is_zero(dots[i]):
                total = total + fn(*args[:i], dots[i], *args[i + 1 :], **options)
        return total

    vjp(fn, rule, when=always, kind=knowing(kind), views=views)
    jvp(fn, dot, when=always)


# Contractions of axes.


def _axes(axes: Any, a_ndim: int, b_ndim: int) -> tuple[list[int], list[int]]:
    """Return which axes of `a` and `b` are contracted with each other.

    >>> _axes(2, 3, 3), _axes((-1, 0), 2, 2)
    (([1, 2], [0, 1]), ([1], [0]))
    """
    if isinstance(axes, (int, np.integer)):
        return list(range(a_ndim - int(axes), a_ndim)), list(range(int(axes)))
    if not isinstance(axes, (tuple, list)):
        raise TypeError("the axes have to be constants")
    own, other = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    return [axis % a_ndim for axis in own], [axis % b_ndim for axis in other]


def _free(ndim: int, axes: Sequence[int]) -> list[int]:
    return [axis for axis in range(ndim) if axis not in axes]


def _contracted(x: Any, y: Any, x_axes: Sequence[int], y_axes: Sequence[int]) -> Any:
    """Return ``np.tensordot``, written as shortly as it can be."""
    if not x_axes:
        return x * y if np.ndim(x) == 0 or np.ndim(y) == 0 else np.tensordot(x, y, 0)
    if len(x_axes) == 1:
        return np.tensordot(x, y, (x_axes[0], y_axes[0]))
    return np.tensordot(x, y, (tuple(x_axes), tuple(y_axes)))


def _placed(x: Any, places: Sequence[int]) -> Any:
    """Move each axis of `x` to its place."""
    order = [places.index(axis) for axis in range(len(places))]
    return x if order == sorted(order) else np.transpose(x, tuple(order))


def tensordot_bars(g: Any, z: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Return the bars of both operands of a `tensordot`."""
    a_axes, b_axes = _axes(axes, np.ndim(a), np.ndim(b))
    a_free, b_free = _free(np.ndim(a), a_axes), _free(np.ndim(b), b_axes)
    split = len(a_free)
    a_bar = _contracted(g, b, range(split, split + len(b_free)), b_free)
    b_bar = _contracted(a, g, a_free, range(split))
    return (
        _placed(a_bar, a_free + [a_axes[b_axes.index(axis)] for axis in sorted(b_axes)]),
        _placed(b_bar, [b_axes[a_axes.index(axis)] for axis in sorted(a_axes)] + b_free),
    )


def _tensordot_kind(a: Any, b: Any, axes: Any = 2) -> Kind:
    kinds = kinds_of(a, b)
    x, y = map(dims_of, kinds)
    x_axes, y_axes = _axes(axes, len(x), len(y))
    dims = [x[axis] for axis in _free(len(x), x_axes)] + [y[axis] for axis in _free(len(y), y_axes)]
    return array_kind(promoted(*kinds), dims)


product_of(np.tensordot, tensordot_bars, _tensordot_kind)
for _fn in present(np.linalg, "tensordot"):
    product_of(
        _fn,
        lambda g, z, x1, x2, *, axes=2: tensordot_bars(g, z, x1, x2, axes),
        lambda x1, x2, *, axes=2: _tensordot_kind(x1, x2, axes),
    )


# Contractions of indices.


def _parsed(subscripts: Any, ndims: Sequence[int]) -> tuple[list[str], str]:
    """Return the subscripts of the operands and of the result of an `einsum`.

    An ellipsis stays where all operands have one that stands for as many axes; otherwise it becomes letters.

    >>> _parsed("ij,jk", (2, 2)), _parsed("...i,...i->...", (3, 3)), _parsed("...i,i", (3, 1))
    ((['ij', 'jk'], 'ik'), (['...i', '...i'], '...'), (['abi', 'i'], 'ab'))
    >>> _parsed("...i,i...->...", (3, 2))
    (['abi', 'ib'], 'ab')
    """
    if not isinstance(subscripts, str):
        raise TypeError("the subscripts have to come first and in one text, such as `np.einsum('ij,jk->ik', x, y)`")
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    letters = sorted(left.replace(",", "").replace("...", ""))
    if not arrow:
        output = "..." * ("..." in left) + "".join([letter for letter in letters if letters.count(letter) == 1])
    if "..." in left:
        ranks = [ndim - len(term.replace("...", "")) for term, ndim in zip(inputs, ndims)]
        rank = max(own for own, term in zip(ranks, inputs) if "..." in term)
        if rank == 0 or not all("..." in term and own == rank for own, term in zip(ranks, inputs)):
            names = _unused(letters)[:rank]
            inputs = [term.replace("...", names[rank - own :]) for term, own in zip(inputs, ranks)]
            output = output.replace("...", names)
    return inputs, output


def _unused(letters: Sequence[str]) -> str:
    return "".join([letter for letter in string.ascii_letters if letter not in letters])


def _axis_of(place: int, term: str) -> int:
    """Return the axis that the letter at `place` names, counting letters only; from the end behind an ellipsis."""
    head, ellipsis, _ = term.partition("...")
    return place - len(term.replace("...", "")) if ellipsis and place >= len(head) else place


def _einsum(g: Any, z: Any, subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    inputs, output = _parsed(subscripts, [np.ndim(x) for x in operands])
    # A path that was given for the call does not fit the calls for the bars.
    options = {"optimize": optimize if isinstance(optimize, str) else True} if optimize else {}
    return [_einsum_bar(g, i, inputs, output, operands, options) for i in range(len(operands))]


def _einsum_bar(
    g: Any, i: int, inputs: Sequence[str], output: str, operands: Sequence[Any], options: dict[str, Any]
) -> Any:
    """Return the bar of operand `i`: the `einsum` of the others with `g` in its place.

    An index that nothing else has was summed up: the bar has length 1 there. A repeated one took a diagonal.
    """
    x, own = operands[i], inputs[i]
    terms, values = [*inputs[:i], output, *inputs[i + 1 :]], [*operands[:i], g, *operands[i + 1 :]]
    if not output:
        del terms[i], values[i]
    elsewhere, letters = "".join(terms), own.replace("...", "")
    if all(letters.count(letter) == 1 and letter not in elsewhere for letter in letters) and "..." not in own:
        letters = own = ""
    target, summed, unused = list(own.partition("...")), [], iter(_unused("".join([*inputs, output])))
    for place, letter in enumerate(letters):
        axis = _axis_of(place, own)
        part = 2 if axis < 0 else 0
        if letter in letters[:place]:
            other = next(unused)
            terms.append(letter + other)
            values.append(np.eye(x.shape[axis], **precision(x)))
            target[part] = other.join(target[part].rsplit(letter, 1))
        elif letters.count(letter) == 1 and letter not in elsewhere:
            if len(operands) == 1:
                summed.append(axis)
                target[part] = target[part].replace(letter, "")
            else:
                terms.append(letter)
                values.append(np.ones(x.shape[axis], **precision(x)))
    bar = _summed(terms, "".join(target), values, options)
    bar = bar if output else g if bar is None else g * bar
    if summed:
        return np.expand_dims(bar, summed[0] if len(summed) == 1 else tuple(summed))
    if len(operands) == 1 or not own:
        return bar
    bar = unbroadcast(bar, x)
    # Where all others had length 1 along an axis, they were stretched to that of `x`.
    return np.full_like(x, bar) if isinstance(bar, Tracer) and bar.may_be_smaller(x) else bar


def _summed(terms: Sequence[str], target: str, values: Sequence[Any], options: dict[str, Any]) -> Any:
    """Return an `einsum`, or None where it has no operands."""
    if list(terms) == [target]:
        return values[0]
    return np.einsum(",".join(terms) + "->" + target, *values, **options) if values else None


def precision(x: Any) -> dict[str, Any]:
    """Return the option for constants that are multiplied with `x`: those of NumPy are of double precision."""
    return {"dtype": np.float32} if x.dtype in (np.float32, np.complex64) else {}


def _einsum_kind(subscripts: Any, *operands: Any, optimize: Any = False) -> Kind:
    kinds = kinds_of(*operands)
    inputs, output = _parsed(subscripts, [len(dims_of(kind)) for kind in kinds])
    lengths: dict[str, tuple[Dim, ...]] = {}
    for term, kind in zip(inputs, kinds):
        dims = dims_of(kind)
        for place, letter in enumerate(term.replace("...", "")):
            lengths[letter] = broadcast(lengths.get(letter, (1,)), (dims[_axis_of(place, term)],))
        if "..." in term:
            start = term.index("...")
            stack = dims[start : start + len(dims) - len(term) + 3]
            lengths["..."] = broadcast(lengths.get("...", ()), stack)
    head, ellipsis, tail = output.partition("...")
    parts = [*head, *([ellipsis] if ellipsis else []), *tail]
    # Before NumPy 2, a number has no say in the precision; since then, it is an array as any other.
    dtype = np.result_type(*(np.ones((1,) * len(dims_of(kind)), kind.dtype) for kind in kinds))
    return array_kind(dtype, [dim for part in parts for dim in lengths[part]])


product_of(np.einsum, _einsum, _einsum_kind, first=1, count=None, views=True)
