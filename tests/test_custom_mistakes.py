"""Rules of the user's that change, that fail, and that are not right."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import (
    ArgumentError,
    AutodiffError,
    KindError,
    MissingRuleError,
    defjvp,
    defvjp,
    grad,
    jvp,
    primitive,
)
from tests.frontend.support import from_text

VECTOR = np.random.default_rng(0).random(3)


class TestNeverStale:
    """Rules read what is outside when they run, and are lowered again where that has changed."""

    def make(self) -> Any:
        return from_text(
            "\n".join(
                [
                    "import numpy as np",
                    "from ast_ad import primitive, defvjp",
                    "k = 2.0",
                    "helper = np.sin",
                    "def inner(x):",
                    "    return x",
                    "@primitive",
                    "def f(x):",
                    "    return x * k",
                    "defvjp(f, lambda ans, x: lambda g: g * k * helper(x) * inner(1.0))",
                ]
            ),
            "f",
        )

    def test_numbers_from_outside(self):
        f = self.make()
        scope, slope = f.fun.__globals__, grad(f)
        for k in (2.0, 3.0, np.float32(4.0)):
            scope["k"] = k
            assert slope(1.0) == pytest.approx(k * math.sin(1.0), rel=1e-6)
            assert jvp(f, (1.0,), (1.0,))[1] == pytest.approx(k * math.sin(1.0), rel=1e-6)
        scope["k"] = np.array([1.0, 2.0])
        with pytest.raises((KindError, TypeError, ValueError)):
            slope(1.0)

    def test_functions_from_outside(self):
        f = self.make()
        scope, slope = f.fun.__globals__, grad(f)
        assert slope(1.0) == pytest.approx(2 * math.sin(1.0), rel=1e-14)
        scope["helper"] = np.cos
        assert slope(1.0) == pytest.approx(2 * math.cos(1.0), rel=1e-14)
        scope["inner"] = lambda x: 5 * x
        assert slope(1.0) == pytest.approx(10 * math.cos(1.0))

    def test_rules_that_are_given_anew(self):
        f = self.make()
        slope, second = grad(f), grad(lambda x: f(x) ** 2)
        assert slope(1.0) == pytest.approx(2 * math.sin(1.0), rel=1e-14)
        second(1.0)
        defvjp(f, lambda ans, x: lambda g: g * 100)
        assert slope(1.0) == 100.0
        assert second(1.0) == 400.0
        defvjp(f, None)
        defjvp(f, lambda g, ans, x: g * 7)
        assert slope(1.0) == 0.0
        assert jvp(f, (1.0,), (1.0,)) == (2.0, 7.0)

    def test_rules_in_closures(self):
        def scaling(k):
            @primitive
            def f(x):
                return x * k

            defvjp(f, lambda ans, x: lambda g: g * k)
            return f

        slopes = [grad(scaling(k)) for k in (2.0, 3.0)]
        assert [slope(1.0) for slope in slopes] == [2.0, 3.0]
        twice, thrice = scaling(2.0), scaling(3.0)
        assert [grad(lambda x, f=f: f(x) * x)(1.0) for f in (twice, thrice, twice)] == [4.0, 6.0, 4.0]


class TestMistakes:
    """Each points at what is wrong."""

    @pytest.mark.parametrize(
        ("operation", "message"),
        [
            (lambda: primitive(3), "primitive takes a function, not 3"),
            (lambda: defvjp(math.sin, None), "defvjp takes a primitive, not <built-in function sin>"),
            (lambda: defjvp(lambda x: x, None), "defjvp takes a primitive"),
            (lambda: defvjp(primitive(lambda x: x), None, argnums=[0, 1]), "defvjp got 1 rules for 2 argnums"),
            (lambda: defvjp(primitive(lambda x: x), "same"), "defvjp takes functions and None, not 'same'"),
            (lambda: defjvp(primitive(lambda x: x), "other"), "defjvp takes functions and None, not 'other'"),
        ],
    )
    def test_declarations(self, operation: Callable[[], Any], message: str):
        with pytest.raises(ArgumentError, match=message):
            operation()

    def test_no_rule_at_all(self):
        @primitive
        def f(x):
            return x * x

        assert grad(lambda x, y: x * f(y))(2.0, 3.0) == 9.0
        for operation in (lambda: grad(f)(2.0), lambda: jvp(f, (2.0,), (1.0,)), lambda: grad(lambda x: f(x))(2.0)):
            with pytest.raises(MissingRuleError, match="the primitive `f` has no derivative by its argument `x`"):
                operation()

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            (lambda ans, x: lambda g: np.sum(g), "returns a np.float64 as the derivative of an array"),
            (lambda ans, x: lambda g: np.outer(g, g), "as the derivative of an array"),
            (lambda ans, x: lambda g: (g, g), "returns 2 numbers for an argument of 1"),
            (lambda ans, x: lambda g: None, "returns 0 numbers for an argument of 1"),
        ],
    )
    def test_derivatives_of_another_shape(self, rule: Any, message: str):
        @primitive
        def f(x):
            return x * 2

        defvjp(f, rule)
        with pytest.raises(KindError, match=message):
            grad(lambda x: np.sum(f(x)))(VECTOR)

    def test_lengths_are_checked_when_it_runs(self):
        @primitive
        def f(x):
            return x * 2

        defvjp(f, lambda ans, x: lambda g: g[1:])
        with pytest.raises(ValueError, match=r"a derivative has the shape \(2,\), and what it belongs to has \(3,\)"):
            grad(lambda x: np.sum(f(x)))(VECTOR)

    def test_rules_that_always_fail(self):
        @primitive
        def f(x):
            return x * 2

        def maker(ans, x):
            raise NotImplementedError("later")

        defvjp(f, maker)
        with pytest.raises(MissingRuleError, match="the rule `maker` always raises an exception"):
            grad(f)(2.0)

    def test_mistakes_in_a_rule_are_located_there(self):
        @primitive
        def f(x):
            return x * 2

        defvjp(f, lambda ans, x: lambda g: missing(g))  # noqa: F821
        with pytest.raises(AutodiffError, match=r"`missing` is not defined\n  File .*test_custom_mistakes.py"):
            grad(f)(2.0)
