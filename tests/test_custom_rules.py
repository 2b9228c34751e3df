"""`primitive`, `defvjp`, `defjvp`: rules of the user's, in both modes, to second order, and every mistake in them."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import (
    KindError,
    MissingRuleError,
    defjvp,
    defvjp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    primitive,
    value_and_grad,
    vjp,
)
from ast_ad.testing import check_grads, pairing, random_like

RNG = np.random.default_rng(0)
VECTOR, MATRIX = RNG.random(3), RNG.random((2, 3))


@primitive
def logsumexp(x):
    """Return the logarithm of a sum of exponentials, without overflow."""
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


defvjp(logsumexp, lambda ans, x: lambda g: np.full(x.shape, g) * np.exp(x - np.full(x.shape, ans)))


@primitive
def logsumexp_forward(x):
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


defjvp(logsumexp_forward, lambda g, ans, x: np.sum(g * np.exp(x - ans)))


def check(fun: Callable[..., Any], *args: Any) -> None:
    """Check both modes against differences and each other: first derivatives, and those of the gradient."""
    check_grads(fun, argnums=tuple(range(len(args))))(*args)
    vectors = tuple(random_like(arg, RNG) for arg in args)

    def along(*args: Any) -> Any:
        total = 0.0
        for bar, v in zip(grad(fun, tuple(range(len(args))))(*args), vectors):
            total = total + np.sum(bar * v)
        return total

    check_grads(along, argnums=tuple(range(len(args))))(*args)


@pytest.mark.parametrize("function", [logsumexp, logsumexp_forward])
def test_logsumexp_to_second_order(function: Any):
    check(function, np.array([1.5, 0.3, -0.7]))
    check(lambda y: function(y) * function(y**2), np.array([1.5, 0.3, -0.7]))


def test_logsumexp_by_hand():
    x = VECTOR
    soft = np.exp(x) / np.sum(np.exp(x))
    np.testing.assert_allclose(grad(logsumexp)(x), soft)
    np.testing.assert_allclose(hessian(logsumexp)(x), np.diag(soft) - np.outer(soft, soft), atol=1e-15)
    np.testing.assert_allclose(hvp(logsumexp)(x, x), soft * x - soft * (soft @ x))
    assert grad(logsumexp)(np.array([1e5, 0.0])).tolist() == [1.0, 0.0]
    assert logsumexp(np.zeros(1)) == 0.0


def test_the_rule_is_part_of_the_source():
    slope = grad(lambda y: logsumexp(y) * 2)
    slope(VECTOR)
    assert "from tests.test_custom_rules import logsumexp" in slope.source
    assert "np.exp(y - np.full(" in slope.source


def test_what_carries_over():
    assert logsumexp.__name__ == "logsumexp"
    assert "without overflow" in logsumexp.__doc__
    assert repr(logsumexp) == "<primitive logsumexp>"
    assert pickle.loads(pickle.dumps(logsumexp)) is logsumexp
    assert primitive(logsumexp) is logsumexp


class TestArguments:
    """Several of them, some without a derivative, by name, with defaults, in lists."""

    def test_of_several_the_active_ones(self):
        @primitive
        def f(x, y, n):
            return x * y**n

        defvjp(
            f, lambda ans, x, y, n: lambda g: g * y**n, lambda ans, x, y, n: lambda g: g * n * x * y ** (n - 1), None
        )
        assert grad(f, (0, 1))(2.0, 3.0, 2) == (9.0, 12.0)
        assert grad(f, 2)(2.0, 3.0, 2.0) == 0.0
        check(lambda x, y: f(x * y, y, 3), 1.2, 0.7)

    def test_argnums(self):
        @primitive
        def f(x, y):
            return x * y

        defvjp(f, lambda ans, x, y: lambda g: g * x, argnums=[1])
        assert grad(f, 1)(2.0, 3.0) == 2.0
        assert jvp(lambda y: f(2.0, y), (3.0,), (1.0,)) == (6.0, 2.0)
        for operation in (lambda: grad(f)(2.0, 3.0), lambda: jvp(f, (2.0, 3.0), (1.0, 0.0))):
            with pytest.raises(MissingRuleError, match="`f` has no derivative by its argument `x`") as failure:
                operation()
            assert "argnums=[0]" in failure.value.help
        defvjp(f, None, None)
        assert grad(f)(2.0, 3.0) == 0.0

    def test_options(self):
        @primitive
        def total(x, axis=None, *, scale=1.0, how="plain"):
            return np.sum(x, axis=axis) * scale

        def maker(ans, x, axis=None, *, scale=1.0, how="plain"):
            if axis is None:
                return lambda g: np.full(x.shape, g * scale)
            return lambda g: np.broadcast_to(np.expand_dims(g, axis), x.shape) * scale

        defvjp(total, maker)
        np.testing.assert_equal(grad(total)(MATRIX), np.ones((2, 3)))
        np.testing.assert_equal(grad(total)(MATRIX, scale=3.0), np.full((2, 3), 3.0))
        np.testing.assert_equal(grad(lambda x: total(x, scale=2.0))(MATRIX), np.full((2, 3), 2.0))
        np.testing.assert_equal(grad(lambda x: total(x, 0)[1])(MATRIX), [[0, 1, 0], [0, 1, 0]])
        check(lambda x: np.sum(total(x * x, axis=1, how="fancy") ** 2), MATRIX)

    def test_by_name(self):
        @primitive
        def f(x, y):
            return x * y

        defvjp(f, lambda ans, x, y: lambda g: g * y, lambda ans, x, y: lambda g: g * x)
        assert grad(lambda x: f(y=x * x, x=x))(3.0) == 27.0

    def test_lists(self):
        @primitive
        def joined(parts):
            return np.concatenate(parts)

        defvjp(joined, lambda ans, parts: lambda g: [g[:3], g[3:]])
        np.testing.assert_equal(grad(lambda x: joined([x, 2 * x])[4])(VECTOR), [0, 2, 0])
        check(lambda x: np.sum(joined([x * x, x]) ** 2), VECTOR)

    def test_integers_and_texts_are_seen_by_the_rules(self):
        @primitive
        def power(x, n, how):
            return x**n if how == "plain" else x

        defvjp(power, lambda ans, x, n, how: lambda g: g * n * x ** (n - 1) if how == "plain" else g)
        assert grad(power)(2.0, 3, "plain") == 12.0
        assert grad(power)(2.0, 3, "not") == 1.0


class TestResults:
    """Several results, and how their kinds are found."""

    def test_several_results(self):
        @primitive
        def both(x, y):
            return x * y, np.sum(x + y)

        defvjp(
            both,
            lambda ans, x, y: lambda g: g[0] * y + np.full(x.shape, g[1]),
            lambda ans, x, y: lambda g: g[0] * x + np.full(x.shape, g[1]),
        )
        check(lambda x, y: np.sum(both(x, y)[0] ** 2) * both(y, x)[1], VECTOR, VECTOR**2)
        check(lambda x, y: np.sum(both(x, y)[0] * x), VECTOR, VECTOR**2)

    def test_several_results_forward(self):
        @primitive
        def both(x):
            return x * x, np.sum(x)

        defjvp(both, lambda g, ans, x: (2 * x * g, np.sum(g)))
        check(lambda x: np.sum(both(x)[0] * x) * both(x * x)[1], VECTOR)

    def test_a_body_that_cannot_be_lowered_is_tried(self):
        @primitive
        def through_text(x, n):
            return np.array(json.loads(json.dumps([float(value) ** n for value in x])))

        defvjp(through_text, lambda ans, x, n: lambda g: g * n * x ** (n - 1), None)
        check(lambda x: np.sum(through_text(x, 3) ** 2), VECTOR)

    def test_kinds_that_nothing_tells(self):
        @primitive
        def fussy(x):
            if len(json.dumps(list(x))) < 5:
                raise AssertionError("too short")
            raise RuntimeError("never on samples")

        defvjp(fussy, lambda ans, x: lambda g: g * x)
        with pytest.raises(
            KindError, match=r"cannot tell what the primitive fussy\(\) returns.*RuntimeError: never on"
        ):
            grad(fussy)(VECTOR)

    def test_results_that_are_no_arrays(self):
        @primitive
        def table(x):
            return {"x": x}

        defvjp(table, lambda ans, x: lambda g: g["x"])
        with pytest.raises(KindError, match="the primitive table"):
            grad(lambda x: table(x)["x"])(2.0)

    def test_a_body_that_calls_itself(self):
        @primitive
        def factorial(x, n):
            return x if n == 0 else n * factorial(x, n - 1)

        defvjp(factorial, lambda ans, x, n: lambda g: g * math.factorial(3), None)
        assert value_and_grad(factorial)(1.0, 3) == (6.0, 6.0)

    def test_dtypes_and_shapes(self):
        @primitive
        def twice(x):
            return x + x

        defvjp(twice, lambda ans, x: lambda g: 2 * g)
        for x in (np.float32(1), np.ones(2, "f"), np.ones((1, 3)), np.array(2.0), 1.0):
            found = grad(lambda x: np.sum(twice(x)))(x)
            assert (type(found), np.shape(found)) == (type(x), np.shape(x))
            assert np.asarray(found).dtype == np.asarray(x).dtype
        z = np.array([1 + 2j])
        np.testing.assert_equal(vjp(twice, z)[1](z)[0], 2 * z)

    def test_gradients_are_their_own(self):
        @primitive
        def same(x):
            return x

        defvjp(same, lambda ans, x: lambda g: g)
        x = VECTOR.copy()
        value, pullback = vjp(lambda x: (same(x), same(x)), x)
        g = np.ones(3)
        (bar,) = pullback((g, g))
        assert not any(np.shares_memory(bar, other) for other in (g, x, *value))
        x[...] = value[0][...] = 5.0
        np.testing.assert_equal(pullback((g, g))[0], 2 * g)


class TestForwardRules:
    """`defjvp`, and either mode from the rule of the other."""

    def test_same(self):
        @primitive
        def product(x, y):
            return x @ y

        defjvp(product, "same", "same")
        left, right = MATRIX, MATRIX.T
        dots = RNG.random((2, 3)), RNG.random((3, 2))
        value, dot = jvp(product, (left, right), dots)
        np.testing.assert_allclose(value, left @ right)
        np.testing.assert_allclose(dot, dots[0] @ right + left @ dots[1])
        with pytest.raises(MissingRuleError, match="no derivative by its argument `x`"):
            grad(lambda x: np.sum(product(x, right)))(left)

    def test_none_is_zero(self):
        @primitive
        def rounded(x, y):
            return np.round(x) * y

        defjvp(rounded, None, lambda g, ans, x, y: np.round(x) * g)
        assert jvp(rounded, (2.7, 3.0), (1.0, 1.0)) == (9.0, 3.0)
        assert grad(rounded, (0, 1))(2.7, 3.0) == (0.0, 3.0)

    @pytest.mark.parametrize("mode", ["reverse", "forward"])
    def test_the_other_mode_comes_of_one(self, mode: str):
        @primitive
        def solve(a, b):
            return np.linalg.solve(a, b)

        if mode == "reverse":
            defvjp(
                solve,
                lambda ans, a, b: lambda g: -np.outer(np.linalg.solve(a.T, g), ans),
                lambda ans, a, b: lambda g: np.linalg.solve(a.T, g),
            )
        else:
            defjvp(
                solve,
                lambda g, ans, a, b: -np.linalg.solve(a, g @ ans),
                lambda g, ans, a, b: np.linalg.solve(a, g),
            )
        a, b = np.eye(3) * 3 + RNG.random((3, 3)), VECTOR
        check(lambda a, b: np.sum(np.sin(solve(a, b))), a, b)
        np.testing.assert_allclose(jacobian(solve, 1)(a, b), np.linalg.inv(a))

    def test_rules_with_branches_and_loops(self):
        @primitive
        def clipped(x):
            return np.minimum(x, 1.0) if isinstance(x, np.ndarray) else min(x, 1.0)

        def maker(ans, x):
            def pull(g):
                total = 0.0
                for _ in range(4):
                    total = total + g / 4
                if x > 1.0:
                    return 0.0 * total
                return total

            return pull

        defvjp(clipped, maker)
        for x in (0.5, 2.0):
            assert grad(lambda x: clipped(x) * x)(x) == (2 * x if x < 1 else 1.0)
            assert jvp(lambda x: clipped(x) * x, (x,), (1.0,))[1] == (2 * x if x < 1 else 1.0)
            assert grad(grad(lambda x: clipped(x) * x))(x) == (2.0 if x < 1 else 0.0)

    def test_in_loops(self):
        def fun(x):
            total = 0.0
            for i in range(4):
                x = x * np.cos(x)
                total = total + logsumexp(x * i) * logsumexp_forward(x)
            return total

        check(fun, VECTOR)
        dots = (random_like(VECTOR, RNG),)
        bars = vjp(fun, VECTOR)[1](1.0)
        assert pairing(bars, dots) == pytest.approx(jvp(fun, (VECTOR,), dots)[1])
