"""`checkpoint`, of functions: nothing inside them is kept but draws."""

from __future__ import annotations

import pickle
import textwrap

import numpy as np
import pytest

import ast_ad


def code(derivative):
    """Return the text of a derivative, without its imports."""
    return derivative.source[derivative.source.index("def ") :]


X = np.array([0.3, 1.2])


def plain(x, w):
    a = np.sin(x)
    b = np.exp(a)
    return np.tanh(b * w)


layer = ast_ad.checkpoint(plain)


@ast_ad.checkpoint
def decorated(x, w):
    """Compute a layer."""
    a = np.sin(x)
    b = np.exp(a)
    return np.tanh(b * w)


def of(step):
    return lambda x, w: np.sum(step(step(x, w), w))


def test_it_is_the_function_itself():
    np.testing.assert_array_equal(layer(X, 2.0), plain(X, 2.0))
    assert decorated.__doc__ == "Compute a layer."
    assert decorated.__name__ == "decorated"


def test_nothing_inside_is_kept():
    def loss(x):
        return np.sum(layer(x, 2.0) ** 2)

    derivative = ast_ad.value_and_grad(loss)
    derivative(X)
    assert code(derivative) == textwrap.dedent(
        """\
        def loss_value_and_grad(x, out_bar=1.0):
            # forward sweep
            a = np.sin(x)
            b = np.exp(a)
            tanh_value = np.tanh(b * 2.0)
            # reverse sweep
            a = np.sin(x)
            b = np.exp(a)
            tanh_value_2 = np.tanh(b * 2.0)
            b_bar = out_bar * 2 * tanh_value * (1 - tanh_value_2 * tanh_value_2) * 2.0
            a_bar = b_bar * b
            x_bar = a_bar * np.cos(x)
            return np.sum(tanh_value ** 2), x_bar
        """
    )


def test_the_same_to_the_last_bit():
    for a, b in zip(ast_ad.grad(of(layer), (0, 1))(X, 0.7), ast_ad.grad(of(plain), (0, 1))(X, 0.7)):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(ast_ad.grad(of(decorated), (0, 1))(X, 0.7), ast_ad.grad(of(plain), (0, 1))(X, 0.7)):
        np.testing.assert_array_equal(a, b)


def test_as_a_call_where_it_is_used():
    def loss(x, w):
        c = 3.0

        def inner(y):
            return np.sin(y) * c * w

        return np.sum(ast_ad.checkpoint(inner)(x) + ast_ad.checkpoint(lambda z: np.exp(z) * x)(x))

    def same(x, w):
        return np.sum(np.sin(x) * 3.0 * w + np.exp(x) * x)

    for a, b in zip(ast_ad.grad(loss, (0, 1))(X, 0.7), ast_ad.grad(same, (0, 1))(X, 0.7)):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_it_can_be_differentiated_itself():
    assert ast_ad.grad(layer)(0.3, 2.0) == ast_ad.grad(plain)(0.3, 2.0)
    assert ast_ad.grad(layer, "w")(0.3, w=2.0) == ast_ad.grad(plain, "w")(0.3, w=2.0)
    assert ast_ad.jvp(layer, (0.3, 2.0), (1.0, 0.5)) == ast_ad.jvp(plain, (0.3, 2.0), (1.0, 0.5))


def test_in_a_loop():
    def run(step):
        def loss(x, n):
            for i in range(n):
                x = step(x, 0.1 * i)
            return np.sum(x)

        return loss

    np.testing.assert_array_equal(ast_ad.grad(run(layer))(X, 5), ast_ad.grad(run(plain))(X, 5))
    again = ast_ad.grad(run(layer), checkpoint=2)(X, 5)
    np.testing.assert_array_equal(again, ast_ad.grad(run(plain))(X, 5))


class Model:
    def __init__(self, w):
        self.w = w

    @ast_ad.checkpoint
    def layer(self, x):
        return np.tanh(np.sin(x) * self.w)

    def loss(self, x):
        return np.sum(self.layer(self.layer(x)))


def test_methods():
    model = Model(0.7)
    expected = ast_ad.grad(lambda x: np.sum(np.tanh(np.sin(np.tanh(np.sin(x) * 0.7)) * 0.7)))(X)
    np.testing.assert_array_equal(ast_ad.grad(model.loss)(X), expected)
    model.w = 0.5
    assert not np.array_equal(ast_ad.grad(model.loss)(X), expected)


@ast_ad.checkpoint
def containers(params, x):
    return {"h": np.tanh(params["w"] * x), "pair": (x, np.exp(x))}


def test_containers():
    def loss(params, x):
        out = containers(params, x)
        return np.sum(out["h"] * out["pair"][1])

    bars = ast_ad.grad(loss)({"w": X}, 2.0)
    np.testing.assert_allclose(bars["w"], (1 - np.tanh(2 * X) ** 2) * 2 * np.exp(2.0), rtol=1e-14)


@ast_ad.checkpoint
def written_in_place(x, i):
    x[i] = np.sin(x[i]) * x[i - 1]


def test_writes_in_place():
    def loss(x):
        y = x.copy()
        for i in range(1, 4):
            written_in_place(y, i)
        return np.sum(y * y)

    def same(x):
        y = x.copy()
        for i in range(1, 4):
            y[i] = np.sin(y[i]) * y[i - 1]
        return np.sum(y * y)

    x = np.array([0.3, 0.9, 1.4, 0.2])
    np.testing.assert_array_equal(ast_ad.grad(loss)(x), ast_ad.grad(same)(x))


@ast_ad.checkpoint
def noisy(x, rng):
    y = np.sin(x)
    noise = rng.normal()
    if noise > 0:
        y = y * rng.uniform()
    while rng.uniform() < 0.7:
        y = np.cos(y) + rng.normal() * y
    return y * noise


@pytest.mark.parametrize("seed", range(6))
def test_draws_are_kept(seed):
    def loss(x, rng):
        for _ in range(4):
            x = noisy(x, rng)
        return x

    rng = np.random.default_rng(seed)
    value, slope = ast_ad.value_and_grad(loss)(0.3, rng)
    again = np.random.default_rng(seed)
    primal, tangent = ast_ad.jvp(lambda x: loss(x, again), (0.3,), (1.0,))
    assert value == primal
    assert slope == pytest.approx(tangent, rel=1e-12)
    assert rng.bit_generator.state == again.bit_generator.state


@ast_ad.checkpoint
def tree(x, n):
    if n <= 0:
        return np.sin(x)
    return tree(x * 0.5, n - 1) * np.cos(x) + tree(x + 0.1, n - 2)


def plain_tree(x, n):
    if n <= 0:
        return np.sin(x)
    return plain_tree(x * 0.5, n - 1) * np.cos(x) + plain_tree(x + 0.1, n - 2)


def test_recursion():
    def loss(x, n):
        return np.exp(tree(x, n))

    def same(x, n):
        return np.exp(plain_tree(x, n))

    assert ast_ad.grad(loss)(0.7, 5) == pytest.approx(ast_ad.grad(same)(0.7, 5), rel=1e-14)
    assert ast_ad.grad(tree)(0.7, 4) == pytest.approx(ast_ad.grad(plain_tree)(0.7, 4), rel=1e-14)


@ast_ad.checkpoint
def noisy_tree(x, n, rng):
    if n <= 0:
        return np.sin(x) * rng.normal()
    return noisy_tree(x * 0.5, n - 1, rng) * rng.normal() + noisy_tree(x + 0.1, n - 2, rng)


def test_what_a_recursion_draws_is_drawn_once():
    rng, again = np.random.default_rng(0), np.random.default_rng(0)
    slope = ast_ad.grad(lambda x: np.exp(noisy_tree(x, 3, rng)))(0.7)
    _, tangent = ast_ad.jvp(lambda x: np.exp(noisy_tree(x, 3, again)), (0.7,), (1.0,))
    assert slope == pytest.approx(tangent, rel=1e-13)
    assert rng.bit_generator.state == again.bit_generator.state


def stepped(x, n):
    return x if n == 0 else stepped(layer(x, 0.5), n - 1)


def test_inside_of_a_recursion():
    def same(x):
        return plain(plain(plain(x, 0.5), 0.5), 0.5)

    assert ast_ad.grad(stepped)(0.3, 3) == pytest.approx(ast_ad.grad(same)(0.3), rel=1e-14)


def test_second_derivatives():
    def loss(x):
        return layer(layer(x, 0.5), 2.0)

    def same(x):
        return plain(plain(x, 0.5), 2.0)

    second = ast_ad.grad(ast_ad.grad(loss))(0.3)
    assert second == pytest.approx(ast_ad.grad(ast_ad.grad(same))(0.3), rel=1e-13)
    assert ast_ad.jvp(ast_ad.grad(loss), (0.3,), (1.0,))[1] == pytest.approx(second, rel=1e-13)
    assert ast_ad.grad(lambda x: ast_ad.jvp(loss, (x,), (1.0,))[1])(0.3) == pytest.approx(second, rel=1e-13)


def raising(x):
    if x < 0:
        raise ValueError("negative")
    return np.sqrt(x)


def test_exceptions_pass():
    def loss(x):
        return ast_ad.checkpoint(raising)(x) * 2.0

    assert ast_ad.grad(loss)(4.0) == 0.5
    with pytest.raises(ValueError, match="negative"):
        ast_ad.grad(loss)(-1.0)


def test_pickle():
    assert pickle.loads(pickle.dumps(decorated)) is decorated


def test_what_is_no_function_is_refused():
    with pytest.raises(ast_ad.ArgumentError, match="takes a function"):
        ast_ad.checkpoint(3)

    def inside(x):
        return ast_ad.checkpoint(plain, 2)(x, x)

    with pytest.raises(ast_ad.UnsupportedSyntaxError, match="checkpoint takes a function"):
        ast_ad.grad(inside)(0.3)
