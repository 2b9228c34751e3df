"""Derivatives of IR that can be found in several ways, and have to agree: the oracle of the transforms' tests.

Reverse mode, forward mode and central differences know nothing of each other, and neither do the ways to nest them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from ast_ad.ir.check import check
from ast_ad.ir.kinds import is_inexact
from ast_ad.ir.nodes import Function, Lit, Var
from ast_ad.transform.forward import forward
from ast_ad.transform.reverse import reverse
from tests.interpreter import run

Numbers = list[float]


def evaluate(function: Function, *args: Any) -> Numbers:
    """Return the results of a function as numbers, or raise `ArithmeticError` where they are useless for comparing."""
    with np.errstate(all="ignore"):
        results = [complex(value) if isinstance(value, complex) else float(value) for value in run(function, *args)]
    if not all(np.isfinite(value) and abs(value) < 1e6 for value in results):
        raise ArithmeticError("too large to compare")
    return results


def differentiable(function: Function) -> list[int]:
    """Return the positions of the parameters that can be differentiated."""
    return [i for i, param in enumerate(function.params) if is_inexact(param.kind)]


def seedable(function: Function) -> list[int]:
    """Return the positions of the results that can have an adjoint."""
    return [i for i, result in enumerate(function.results) if isinstance(result, (Var, Lit)) and is_inexact(result.kind)]


def close(name: str, a: Sequence[float], b: Sequence[float], tolerance: float, scale: float = 1.0) -> None:
    """Assert that two lists of numbers agree."""
    assert len(a) == len(b), (name, a, b)
    for x, y in zip(a, b):
        assert abs(x - y) <= tolerance * max(scale, abs(x), abs(y)), f"{name}: {a} and {b}"


class Derivatives:
    """The derivatives of a function at one point, along fixed directions, by every way that there is."""

    def __init__(self, function: Function, args: Sequence[Any], seed: int = 0) -> None:
        check(function, "primal")
        rng = random.Random(seed)
        self.function, self.args = function, tuple(args)
        self.wrt, self.of = differentiable(function), seedable(function)
        self.bars = [rng.uniform(0.5, 1.5) for _ in self.of]
        self.directions = [[rng.uniform(-1.0, 1.0) for _ in self.wrt] for _ in range(3)]
        self.values = evaluate(function, *args)
        self.scale = max([1.0, *map(abs, self.values)])

    def reversed(self, function: Function, wrt: Sequence[int], value: bool = False) -> Function:
        return check(reverse(function, wrt, name="r", value=value), "reverse")

    def forwarded(self, function: Function, wrt: Sequence[int]) -> Function:
        return check(forward(function, wrt, name="f"), "forward")

    def weighted(self, bars: Sequence[float]) -> float:
        """Return the sum of results, weighted by the seeds."""
        return sum(bar * value for bar, value in zip(self.bars, bars))

    def first(self) -> list[float]:
        """Compare reverse mode, forward mode and the primal; return the gradient of the weighted sum of results."""
        self.gradient = self.reversed(self.function, self.wrt, value=True)
        self.tangents = self.forwarded(self.function, self.wrt)
        self.only_gradient = self.reversed(self.function, self.wrt)
        count = len(self.values)
        both = evaluate(self.gradient, *self.args, *self.bars)
        gradient = evaluate(self.only_gradient, *self.args, *self.bars)
        close("adjoints with and without the value", both[count:], gradient, 0.0)
        close("value in reverse mode", both[:count], self.values, 0.0)
        for direction in self.directions:
            forwards = evaluate(self.tangents, *self.args, *direction)
            close("value in forward mode", forwards[:count], self.values, 0.0)
            along = self.weighted([forwards[count + i] for i in self.of])
            against = sum(bar * dot for bar, dot in zip(gradient, direction))
            size = max(self.scale, *map(abs, gradient), *map(abs, forwards)) if gradient else self.scale
            close("reverse and forward", [against], [along], 1e-9, size)
        return gradient

    def moved(self, direction: Sequence[float], step: float) -> list[Any]:
        args = list(self.args)
        for i, along in zip(self.wrt, direction):
            args[i] += step * along
        return args

    def differences(self) -> None:
        """Compare the gradient with central differences, where these are trustworthy: no jump is near."""
        gradient = evaluate(self.only_gradient, *self.args, *self.bars)
        direction = self.directions[0]
        slopes = []
        for step in (1e-5, 1e-6):
            ahead, behind = (
                self.weighted([evaluate(self.function, *self.moved(direction, h))[i] for i in self.of]) for h in (step, -step)
            )
            slopes.append((ahead - behind) / (2 * step))
        exact = sum(bar * dot for bar, dot in zip(gradient, direction))
        if abs(slopes[0] - slopes[1]) < 1e-5 * max(self.scale, abs(exact)):
            close("central differences", [exact], [slopes[1]], 1e-3, self.scale)

    def second(self) -> list[float]:
        """Compare the ways to the product of the Hessian of the weighted sum and a direction; return it."""
        n, v = len(self.function.params), self.directions[0]
        zeros = [0.0] * len(self.values)
        over = self.reversed(self.only_gradient, self.wrt)
        rr = evaluate(over, *self.args, *self.bars, *v)
        fr = evaluate(self.forwarded(self.only_gradient, self.wrt), *self.args, *self.bars, *v)[len(self.wrt) :]
        rf = evaluate(self.reversed(self.tangents, self.wrt), *self.args, *v, *self.tangent_bars())
        size = max([self.scale, *map(abs, rr), *map(abs, fr)])
        close("forward over reverse, reverse over reverse", fr, rr, 1e-8, size)
        close("forward over reverse, reverse over forward", fr, rf, 1e-8, size)
        self.over, self.hessian = over, rr
        assert n and zeros
        return rr

    def tangent_bars(self) -> list[float]:
        """Seeds for the results of forward mode: none for the values, and the weights for the tangents."""
        count, bars = len(self.values), dict(zip(self.of, self.bars))
        seeds = [0.0] * len(self.of)
        kinds = seedable(self.tangents)
        return seeds + [bars.get(i - count, 0.0) for i in kinds if i >= count]

    def third(self) -> None:
        """Compare the ways to the third derivative along two directions."""
        v, w = self.directions[:2]
        rrr = evaluate(self.reversed(self.over, self.wrt), *self.args, *self.bars, *v, *w)
        frr = evaluate(self.forwarded(self.over, self.wrt), *self.args, *self.bars, *v, *w)[len(self.wrt) :]
        fr = self.forwarded(self.only_gradient, self.wrt)
        count = len(self.wrt)
        rfr = evaluate(self.reversed(fr, self.wrt), *self.args, *self.bars, *v, *[0.0] * count, *w)
        size = max([self.scale, *map(abs, rrr), *map(abs, frr), *map(abs, self.hessian)])
        close("forward and reverse over reverse over reverse", frr, rrr, 1e-7, size)
        close("forward over reverse over reverse, reverse over forward over reverse", frr, rfr, 1e-7, size)
