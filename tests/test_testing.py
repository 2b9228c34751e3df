"""`check_grads` accepts right derivatives and nothing else."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from ast_ad.testing import assert_close, assert_cotangent, assert_identity, check_grads, difference


def f(x, y):
    return math.sin(x) * y + x**3


@pytest.mark.parametrize("argnums", [0, "y", (0, 1), ["x", "y"]])
@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_right_derivatives_pass(argnums: Any, modes: tuple[str, ...]):
    check_grads(f, argnums, modes)(0.7, 1.3)


def test_right_derivatives_pass_to_third_order():
    check_grads(f, (0, 1), order=3)(0.7, 1.3)


def test_integers_are_passed_as_they_are():
    check_grads(lambda x, n: x**n, order=2)(1.3, 3)


@pytest.mark.parametrize("x", [0.7, np.float64(0.7), np.float32(0.7), 1e8, 1e-8])
def test_kinds_and_sizes_of_numbers(x: Any):
    check_grads(lambda x: x * x + 3 * x)(x)


def test_tuples_of_numbers():
    def norm(p):
        (x, y), z = p
        return math.sqrt(x * x + y * y + z * z)

    check_grads(norm)(((1.0, 2.0), 3.0))


def test_complex_arguments():
    check_grads(lambda z: abs(z * z + 1) + z.imag)(0.3 + 0.4j)


def wrong(operator: Any, change: Any) -> Any:
    """Return an operator whose derivative functions return something else."""
    return lambda fun, *options: lambda *args: change(operator(fun, *options)(*args))


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda out: (out[0], (out[1][0] * 1.001,)), "reverse mode against central differences"),
        (lambda out: (out[0], (math.nan,)), "got nan"),
        (lambda out: (out[0], ((out[1][0],),)), "structure"),
        (lambda out: (out[0], (np.array([out[1][0]]),)), "structure"),
        (lambda out: (out[0], (out[1][0] + 0j,)), "complex"),
        (lambda out: (out[0], ()), "number of adjoints"),
        (lambda out: (out[0] + 1e-9, out[1]), "value of f"),
    ],
    ids=["slope", "nan", "tuple", "array", "complex", "too few", "value"],
)
def test_wrong_gradients_fail(monkeypatch: pytest.MonkeyPatch, change: Any, shown: str):
    monkeypatch.setattr(testing, "value_and_grad", wrong(ast_ad.value_and_grad, change))
    with pytest.raises(AssertionError, match=shown):
        check_grads(f, 1)(0.7, 1.3)


def test_wrong_tangents_fail(monkeypatch: pytest.MonkeyPatch):
    def jvp(*args):
        value, dot = ast_ad.jvp(*args)
        return value, dot * (1 + 1e-9)

    monkeypatch.setattr(testing, "jvp", jvp)
    with pytest.raises(AssertionError, match="reverse against forward mode"):
        check_grads(f)(0.7, 1.3)


def test_the_message_names_argument_mode_and_order_and_shows_both_numbers(monkeypatch: pytest.MonkeyPatch):
    def jvp(fun, primals, tangents):
        value, dot = ast_ad.jvp(fun, primals, tangents)
        return value, 0.0 if tangents[1] and isinstance(fun, type(ast_ad.grad(f))) else dot

    monkeypatch.setattr(testing, "jvp", jvp)
    with pytest.raises(AssertionError) as failure:
        check_grads(f, (0, 1), order=2)(0.7, 1.3)
    message = str(failure.value)
    assert "forward mode" in message
    assert "order 2: derivative of grad(f, 0) by argument 1 'y'" in message
    assert re.search(r"got 0.0, expected -1.09\d+", message)


@pytest.mark.parametrize(
    "fun",
    [abs, lambda x: max(x, 0.0), lambda x: 1.0 if x > 0 else 0.0, lambda x: x * x if x > 0 else x],
    ids=["abs", "max", "jump", "corner"],
)
def test_a_kink_or_a_jump_is_a_failure(fun: Any):
    with pytest.raises(AssertionError, match="not differentiable here"):
        difference(fun, (0.0,), 0, 1.0)


def test_a_jump_beside_the_point_is_noticed():
    with pytest.raises(AssertionError, match="do not settle"):
        difference(lambda x: 1.0 if x > 1e-4 else 0.0, (0.0,), 0, 1.0)


@pytest.mark.parametrize(
    ("fun", "x", "slope"),
    [(math.sin, 1.0, math.cos(1.0)), (lambda x: x**3, 1e4, 3e8), (math.exp, -30.0, math.exp(-30.0)), (abs, -2.0, -1.0)],
)
def test_differences_are_good_to_many_digits(fun: Any, x: float, slope: float):
    numeric, noise = difference(fun, (x,), 0, 1.0)
    assert abs(numeric - slope) <= noise + 1e-10 * abs(slope)


def test_a_structure_that_changes_beside_the_point_is_noticed():
    with pytest.raises(AssertionError, match="structure of the result beside the point"):
        difference(lambda x: (x, x) if x > 1.0 else x, (1.0,), 0, 1.0)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (math.nan, 0.0),
        (0.0, math.nan),
        (math.inf, 1e300),
        (math.inf, -math.inf),
        ((1.0, 2.0), (1.0,)),
        ((1.0,), 1.0),
        ([1.0], (1.0,)),
        (np.ones(3), 1.0),
        (np.ones((3, 1)), np.ones(3)),
        (1.0, 1.0 + 1e-5),
        (1.0, 1.0 + 1e-5j),
    ],
)
def test_what_is_not_close(actual: Any, expected: Any):
    with pytest.raises(AssertionError):
        assert_close(actual, expected, 1e-6, 1e-6, "pair")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [(math.nan, math.nan), (math.inf, math.inf), (1.0, 1.0 + 1e-9), (np.ones(3), np.ones(3) + 1e-9), ((), ())],
)
def test_what_is_close(actual: Any, expected: Any):
    assert_close(actual, expected, 1e-6, 0.0, "pair")


def test_the_identity_is_relative_to_the_terms():
    bar, direction = (1e8, 1e8), (1.0, -1.0)
    assert_identity(bar, direction, 1e-4, "terms that cancel")
    with pytest.raises(AssertionError):
        assert_identity((1.0, 1.0), direction, 1e-4, "terms that cancel")


def test_the_adjoint_of_an_array_has_its_shape():
    assert_cotangent(np.ones(3), np.zeros(3), "x")
    with pytest.raises(AssertionError, match="structure"):
        assert_cotangent(np.ones((1, 3)), np.zeros(3), "x")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modes": ("forward",)}, "modes must be"),
        ({"modes": ()}, "modes must be"),
        ({"order": 0}, "order must be"),
        ({"order": 2, "modes": ("fwd",)}, "add 'rev'"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        check_grads(f, **options)
