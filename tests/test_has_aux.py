"""`has_aux=True`: a second result that is handed through, whatever it is."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest

from ast_ad import KindError, grad, jvp, value_and_grad, vjp

Pair = collections.namedtuple("Pair", "left right")
VECTOR = np.array([1.0, 2.0, 3.0])


def loss(x, how="a"):
    total = 0.0
    steps = 0
    for value in x:
        total = total + value**3
        steps = steps + 1
    return total, {"steps": steps, "how": how, "none": None, "pair": Pair(x * 2, [total])}


AUX = {"steps": 3, "how": "a", "none": None, "pair": Pair(2 * VECTOR, [36.0])}


def test_the_structure_of_what_is_returned():
    gradient, aux = grad(loss, has_aux=True)(VECTOR)
    np.testing.assert_equal(gradient, 3 * VECTOR**2)
    np.testing.assert_equal(aux, AUX)
    assert type(aux["pair"]) is Pair
    (value, aux), gradient = value_and_grad(loss, has_aux=True)(VECTOR)
    assert value == 36.0
    np.testing.assert_equal(aux, AUX)
    np.testing.assert_equal(gradient, 3 * VECTOR**2)
    (value, aux), (gradient,) = value_and_grad(loss, (0,), has_aux=True)(VECTOR, how="b")
    assert aux["how"] == "b"


@pytest.mark.parametrize("aux", [None, "text", 3, True, 2.5, (), [], {}, np.float32(2), (1, ("a", None))], ids=repr)
def test_aux_of_any_kind(aux: Any):
    assert value_and_grad(lambda x, aux: (x * x, aux), has_aux=True)(3.0, aux) == ((9.0, aux), 6.0)
    found = grad(lambda x, aux: (x * x, aux), has_aux=True)(3.0, aux)
    assert found == (6.0, aux)
    assert type(found[1]) is type(aux)


def test_decorators():
    @grad(has_aux=True)
    def slope(x):
        return x * x, x

    assert slope(3.0) == (6.0, 3.0)

    @value_and_grad(argnums="y", has_aux=True)
    def both(x, y):
        return x * y, y

    assert both(3.0, 4.0) == ((12.0, 4.0), 3.0)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: (np.sum(x), x),
        lambda x: (np.sum(x), np.ones_like(x)),
        lambda x: (np.sum(x * x), 2 * x),
        lambda x: (np.sum(x * np.exp(x)), (np.exp(x), x[1:], x)),
        lambda x: (x[0] * x[1], x.T),
    ],
)
def test_aux_and_gradient_share_no_memory(fun: Any):
    x = VECTOR.copy()
    expected = grad(lambda x: fun(x)[0])(x)
    for gradient, aux in (
        grad(fun, has_aux=True)(x),
        value_and_grad(fun, has_aux=True)(x)[::-1],
    ):
        for each in aux if isinstance(aux, tuple) else (aux,):
            for array in each if isinstance(each, tuple) else (each,):
                assert not np.shares_memory(gradient, array)
        assert gradient.flags.writeable
        np.testing.assert_equal(gradient, expected)


def test_what_is_handed_through_has_no_influence():
    def fun(x):
        return x * x, x**5

    assert grad(fun, has_aux=True)(2.0) == (4.0, 32.0)
    assert value_and_grad(fun, has_aux=True)(2.0) == ((4.0, 32.0), 4.0)
    assert vjp(fun, 2.0, has_aux=True)[1](1.0) == (4.0,)


def test_derivatives_of_it():
    def second(x):
        gradient, aux = grad(lambda z: (np.sum(z**3), z * 2), has_aux=True)(x)
        return np.sum(gradient * aux)  # 6 x**3

    np.testing.assert_allclose(grad(second)(VECTOR), 18 * VECTOR**2)
    assert jvp(second, (VECTOR,), (VECTOR,))[1] == pytest.approx(18 * np.sum(VECTOR**3))
    slope = value_and_grad(lambda z: (np.sum(z**3), {"twice": z * 2}), has_aux=True)

    def third(x):
        (value, aux), gradient = slope(x)
        return value * np.sum(gradient * aux["twice"])

    cubes = np.sum(VECTOR**3)
    np.testing.assert_allclose(grad(third)(VECTOR), 3 * VECTOR**2 * 6 * cubes + cubes * 18 * VECTOR**2)
    inside = grad(lambda x: value_and_grad(lambda z: (z * z, "a"), has_aux=True)(x)[1])
    assert inside(3.0) == 2.0


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (lambda x: x, "returns one number: with has_aux=True, it has to return a pair"),
        (lambda x: (x, 1, 2), "returns a tuple of 3 numbers: with has_aux=True"),
        (lambda x: [x, 1], "returns a list of 2 numbers: with has_aux=True"),
        (lambda x: ((x, x), 1), "returns a tuple of 2 numbers: a gradient needs one real number"),
        (lambda x: (x < 3, 1), "of type bool, which does not depend smoothly"),
    ],
)
def test_refusals(fun: Any, message: str):
    with pytest.raises(KindError, match=message):
        grad(fun, has_aux=True)(3.0)


def test_refusals_inside_a_differentiated_function():
    with pytest.raises(KindError, match="with has_aux=True the function has to return a pair"):
        grad(lambda x: grad(lambda z: z * z, has_aux=True)(x)[0])(3.0)
    with pytest.raises(SyntaxError, match="has_aux has to be a constant here"):
        grad(lambda x: grad(lambda z: (z * z, z), has_aux=x > 0)(x)[0])(3.0)
