"""Axes of parameters that have to be equally long, or as long as is known, or the function fails.

A gradient alone may leave out the operation that fails: that of ``np.sum(a + b)`` never adds, nor does that of
``np.sum(a + np.ones(4))``. So the lengths that a function needs to agree are compared.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator

import numpy as np

from ast_ad.ir.kinds import Dim, dims_of, may_be_one
from ast_ad.ir.nodes import Function, Lit, Op, Var
from ast_ad.rules.registry import find
from ast_ad.runtime import fitted

Axis = tuple[int, int]
"""A parameter, and one of its axes."""

Length = Axis | int
"""What an axis has to be as long as."""

_PRODUCTS = (operator.matmul, np.matmul, np.dot, np.inner, np.vdot)


def agreeing(function: Function) -> tuple[tuple[Axis, Length], ...]:
    """Return axes of parameters with the lengths that an operation needs them to have which is always reached."""
    places: dict[Dim, Axis] = {}
    for i, param in enumerate(function.params):
        for axis, dim in enumerate(dims_of(param.kind)):
            if isinstance(dim, str) and not may_be_one(dim):
                places.setdefault(dim, (i, axis))
    found: dict[tuple[Axis, Length], None] = {}
    for s in function.body.statements:
        if isinstance(s, Op):
            for one, other in _met(s):
                if one == other:
                    continue
                if one in places and other in places:
                    first, second = sorted((places[one], places[other]))
                    found[first, second] = None
                elif one in places and isinstance(other, int):
                    found[places[one], other] = None
                elif other in places and isinstance(one, int):
                    found[places[other], one] = None
    return tuple(found)


def _met(s: Op) -> Iterator[tuple[Dim, Dim]]:
    """Yield the dims that an operation lets meet."""
    rule = find(s.fn)
    shapes = [dims_of(arg.kind) for arg in s.args if isinstance(arg, Var)]
    if rule is not None and rule.broadcasts:
        for axis in range(1, max(map(len, shapes), default=0) + 1):
            dims = [shape[-axis] for shape in shapes if len(shape) >= axis and shape[-axis] != 1]
            yield from itertools.pairwise(dims)
    elif s.fn in _PRODUCTS and len(shapes) == 2 and all(shapes):
        left, right = shapes
        yield left[-1], right[-1 if len(right) == 1 or s.fn is np.inner else -2]
    elif s.fn is fitted:
        yield from zip(*shapes)
    elif s.fn is np.einsum:
        (subscripts, *_), _ = s.arranged(s.args)
        text = subscripts.value if isinstance(subscripts, Lit) else subscripts
        factors = text.replace(" ", "").partition("->")[0].split(",") if isinstance(text, str) else []
        dims_by_letter: dict[str, Dim] = {}
        for letters, shape in zip(factors, shapes):
            for letter, dim in zip(letters.partition(".")[0], shape):
                yield dims_by_letter.setdefault(letter, dim), dim
