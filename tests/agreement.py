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
    return [
        i for i, result in enumerate(function.results) if isinstance(result, (Var, Lit)) and is_inexact(result.kind)
    ]


def close(name: str, a: Sequence[float], b: Sequence[float], tolerance: float, scale: float = 1.0) -> None:
    """Assert that two lists of numbers agree."""
    assert len(a) == len(b), (name, a, b)
    for x, y in zip(a, b):
        assert abs(x - y) <= tolerance * max(scale, abs(x), abs(y)), f"{name}: {a} and {b}"


class Derivatives:
    """The derivatives of a function at one point, along fixed directions, by every way that there is."""

    def __init__(self, function: Function, args: Sequence[Any], seed: int = 0) -> None:
        rng = random.Random(seed)
        self.function, self.args = check(function, "primal"), tuple(args)
        self.wrt, self.of = differentiable(function), seedable(function)
        self.bars = [rng.uniform(0.5, 1.5) for _ in self.of]
        self.directions = [[rng.uniform(-1.0, 1.0) for _ in self.wrt] for _ in range(3)]
        self.values = evaluate(function, *args)
        self.scale = max([1.0, *map(abs, self.values)])
        self.tangent = forwarded(function, self.wrt)
        self.adjoint = reversed_(function, self.wrt)

    def weighted(self, values: Sequence[float]) -> float:
        """Return the sum of what can have an adjoint, weighted by the seeds."""
        return sum(bar * value for bar, value in zip(self.bars, values))

    def first(self) -> Numbers:
        """Compare reverse and forward mode, and their values with the primal's; return the weighted gradient."""
        count = len(self.values)
        gradient = evaluate(self.adjoint, *self.args, *self.bars)
        with_value = evaluate(reversed_(self.function, self.wrt, value=True), *self.args, *self.bars)
        close("reverse mode with the value", with_value, [*self.values, *gradient], 0.0)
        for direction in self.directions:
            forwards = evaluate(self.tangent, *self.args, *direction)
            close("value in forward mode", forwards[:count], self.values, 0.0)
            along = self.weighted([forwards[count + i] for i in self.of])
            against = sum(bar * dot for bar, dot in zip(gradient, direction))
            size = max([self.scale, *map(abs, gradient), *map(abs, forwards)])
            close("reverse and forward", [against], [along], 1e-9, size)
        return gradient

    def differences(self) -> None:
        """Compare the gradient with central differences, unless two step sizes disagree because a jump is near."""
        direction = self.directions[0]
        slopes = []
        for step in (1e-5, 1e-6):
            ahead, behind = (evaluate(self.function, *self.moved(direction, h)) for h in (step, -step))
            difference = self.weighted([ahead[i] for i in self.of]) - self.weighted([behind[i] for i in self.of])
            slopes.append(difference / (2 * step))
        gradient = evaluate(self.adjoint, *self.args, *self.bars)
        exact = sum(bar * dot for bar, dot in zip(gradient, direction))
        if abs(slopes[0] - slopes[1]) < 1e-5 * max(self.scale, abs(exact)):
            close("central differences", [exact], [slopes[1]], 1e-3, self.scale)

    def moved(self, direction: Sequence[float], step: float) -> list[Any]:
        """Return the arguments, moved along a direction."""
        args = list(self.args)
        for i, along in zip(self.wrt, direction):
            args[i] += step * along
        return args

    def second(self) -> Numbers:
        """Compare three ways to the product of the Hessian of the weighted sum with a direction; return it."""
        v, values = self.directions[0], len(self.values)
        rr = evaluate(reversed_(self.adjoint, self.wrt), *self.args, *self.bars, *v)
        fr = evaluate(forwarded(self.adjoint, self.wrt), *self.args, *self.bars, *v)[len(self.wrt) :]
        weights = dict(zip((values + i for i in self.of), self.bars))
        seeds = [weights.get(i, 0.0) for i in seedable(self.tangent)]
        rf = evaluate(reversed_(self.tangent, self.wrt), *self.args, *v, *seeds)
        size = max([self.scale, *map(abs, rr), *map(abs, fr)])
        close("forward over reverse, reverse over reverse", fr, rr, 1e-8, size)
        close("forward over reverse, reverse over forward", fr, rf, 1e-8, size)
        return rr

    def third(self) -> Numbers:
        """Compare three ways to the third derivative along two directions; return it."""
        (v, w), count = self.directions[:2], len(self.wrt)
        over = reversed_(self.adjoint, self.wrt)
        along = forwarded(self.adjoint, self.wrt)
        rrr = evaluate(reversed_(over, self.wrt), *self.args, *self.bars, *v, *w)
        frr = evaluate(forwarded(over, self.wrt), *self.args, *self.bars, *v, *w)[count:]
        rfr = evaluate(reversed_(along, self.wrt), *self.args, *self.bars, *v, *[0.0] * count, *w)
        size = max([self.scale, *map(abs, rrr), *map(abs, frr), *evaluate(over, *self.args, *self.bars, *v)])
        close("forward and reverse, over reverse over reverse", frr, rrr, 1e-7, size)
        close("reverse over forward over reverse", rfr, rrr, 1e-7, size)
        return rrr


def reversed_(function: Function, wrt: Sequence[int], *, value: bool = False) -> Function:
    return check(reverse(function, wrt, name=f"{function.name}_grad", value=value), "reverse")


def forwarded(function: Function, wrt: Sequence[int]) -> Function:
    return check(forward(function, wrt, name=f"{function.name}_jvp"), "forward")


def agree(function: Function, *args: Any, order: int = 3) -> Numbers:
    """Assert that all ways to the derivatives agree, up to an order; return the weighted gradient."""
    derivatives = Derivatives(function, args)
    gradient = derivatives.first()
    derivatives.differences()
    if order > 1:
        derivatives.second()
    if order > 2:
        derivatives.third()
    return gradient
