"""Loops that are cut into segments: the text, how often steps run, what is kept, and where nothing is cut."""

from __future__ import annotations

import textwrap
import tracemalloc

import numpy as np
import pytest

import ast_ad
from ast_ad.frontend import emission


def code(derivative):
    """Return the text of a derivative, without its imports."""
    return derivative.source[derivative.source.index("def ") :]


X = np.linspace(0.1, 1.3, 5)


def march(x, steps):
    for _ in range(steps):
        x = x + 0.1 * np.sin(x)
    return np.sum(x)


def test_a_number_of_steps():
    derivative = ast_ad.grad(march, checkpoint=2)
    derivative(X, 7)
    assert code(derivative) == textwrap.dedent(
        """\
        def march_grad(x, steps, out_bar=1.0):
            # forward sweep
            stack = []
            x_2 = x
            for start in range(0, steps, 2):
                stack.append(x_2)
                stop = min(start + 2, steps)
                for _ in range(start, stop):
                    x_2 = x_2 + 0.1 * np.sin(x_2)
            del x_2
            # reverse sweep
            x_bar = np.full_like(x, out_bar)
            for start in range((steps - 1) // 2 * 2, -1, -2):
                x = stack.pop()
                stop = min(start + 2, steps)
                stack_2 = []
                for _ in range(start, stop):
                    stack_2.append(x)
                    x = x + 0.1 * np.sin(x)
                for _ in range(start, stop):
                    x = stack_2.pop()
                    x_bar = x_bar + x_bar * 0.1 * np.cos(x)
            return x_bar
        """
    )


def newton(a, tol):
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x


def test_segments_of_a_while_loop_grow():
    derivative = ast_ad.grad(newton, checkpoint="sqrt")
    derivative(3.0, 1e-9)
    forward = code(derivative).partition("    # reverse sweep")[0]
    assert forward == textwrap.dedent(
        """\
        def newton_grad(a, tol, out_bar=1.0):
            # forward sweep
            stack = []
            x = a
            every = 1
            running = True
            while running:
                stack.append((x, every))
                for _ in range(every):
                    step = (x * x - a) / (2 * x)
                    x = x - step
                    running = not abs(step) < tol
                    if not running:
                        break
                every = every + 1
        """
    )


def test_the_root_is_that_of_this_call():
    derivative = ast_ad.grad(march, checkpoint="sqrt")
    for steps in (0, 1, 2, 3, 10, 17):
        np.testing.assert_array_equal(derivative(X, steps), ast_ad.grad(march)(X, steps))


def negative(x, n):
    for i in range(n, -3, -2):
        x = x * np.sin(x + i)
    return x


def from_a_start(x, n):
    for i in range(n, n + 7, 3):
        x = x * np.sin(x + i)
    return x


def changing_step(x, n):
    for i in range(0, 10 * n, n):
        x = x * np.sin(x + i)
    return x


def with_break(x, n):
    for i in range(2, n, 3):
        x = x + np.sin(x * i)
        if x > 3.0:
            break
    return x


def with_else(x, n):
    for i in range(n):
        x = x + np.sin(x * i)
        if x > 3.0:
            break
    else:
        x = x * x
    return x


def left_from_inside(x, n):
    k = 0
    while k < n:
        k += 1
        m = 0
        while True:
            m += 1
            if m > 2:
                return 0.7 * x
            x += 0.3 * np.sin(x)
        x = x * x
    return x


def left_early(x, n):
    k = 0
    while k < n:
        k += 1
        x = np.sin(x)
        if k > 7:
            return 2 * x
    return x * x


def drawn_test(x, rng):
    while rng.uniform() < 0.8:
        x = x + np.sin(x)
    return x


def bound_in_the_loop(x, n):
    for i in range(n):
        last = np.sin(x) * i
        x = x + last
    return x * last


def two_loops(x, n):
    for _ in range(n):
        x = np.sin(x) + x
    for _ in range(n):
        x = np.cos(x) * x
    return x


def nested(x, n):
    for i in range(n):
        for k in range(i):
            x = x + 0.1 * np.sin(x * k)
        x = np.cos(x)
    return x


def in_a_branch(x, n):
    if x > 0:
        for i in range(n):
            x = np.sin(x) * x + i
    return x


def parameters(w, n):
    x = 0.5
    for _ in range(n):
        x = np.tanh(w * x) + w
    return x


EARLY = (negative, from_a_start, with_break, with_else, two_loops, nested, left_from_inside, left_early)
RUNS = [
    *((fun, (0.7, n)) for fun in EARLY for n in (1, 5, 12)),
    *((fun, (0.7, n)) for fun in (in_a_branch, parameters, bound_in_the_loop, changing_step) for n in (1, 4, 9)),
    (newton, (3.0, 1e-12)),
]


@pytest.mark.parametrize("setting", [1, 2, 4, 100, "sqrt", "every_other"])
@pytest.mark.parametrize(("fun", "args"), RUNS)
def test_the_same_to_the_last_bit(fun, args, setting):
    assert ast_ad.value_and_grad(fun, checkpoint=setting)(*args) == ast_ad.value_and_grad(fun)(*args)


def rows_of_a_name_that_is_another_at_first(y, w, n):
    t = y
    for _ in range(2):
        np.fill_diagonal(t, np.vstack([t, y]))
        t = t * 0.9
    for _ in range(n):
        np.add.at(w, 1, np.min(t + np.pi))
    return np.sum(w)


@pytest.mark.parametrize("setting", [1, 3, "sqrt"])
def test_what_a_segment_starts_with_has_the_shape_of_what_it_carries(setting):
    args = (np.arange(8.0).reshape(4, 2), np.ones(3), 2)
    expected = ast_ad.grad(rows_of_a_name_that_is_another_at_first)(*args)
    found = ast_ad.grad(rows_of_a_name_that_is_another_at_first, checkpoint=setting)(*args)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("setting", [1, 3, "sqrt", "every_other"])
@pytest.mark.parametrize("seed", range(5))
def test_draws_are_not_run_again(setting, seed):
    plain, with_checkpoints = np.random.default_rng(seed), np.random.default_rng(seed)
    expected = ast_ad.value_and_grad(drawn_test)(0.3, plain)
    assert ast_ad.value_and_grad(drawn_test, checkpoint=setting)(0.3, with_checkpoints) == expected
    assert with_checkpoints.bit_generator.state == plain.bit_generator.state


def walk(x, n, rng):
    for _ in range(n):
        noise = rng.normal()
        if noise > 0:
            noise = noise + rng.uniform()
        for _ in range(3):
            x = np.sin(x * noise) + rng.normal() * x
    return x


@pytest.mark.parametrize("setting", [1, 3, "sqrt", "every_other"])
def test_draws_in_branches_and_inner_loops(setting):
    plain, with_checkpoints = np.random.default_rng(0), np.random.default_rng(0)
    expected = ast_ad.value_and_grad(walk)(0.3, 10, plain)
    assert ast_ad.value_and_grad(walk, checkpoint=setting)(0.3, 10, with_checkpoints) == expected
    assert with_checkpoints.bit_generator.state == plain.bit_generator.state


def logged(x, n):
    for i in range(n):
        x = np.sin(x) * 2.0
        print(i)
    return x


def test_output_is_written_once(capsys):
    ast_ad.grad(logged, checkpoint=2)(0.3, 5)
    assert capsys.readouterr().out == "0\n1\n2\n3\n4\n"


SCALE = 0.3


def scaled(x, n):
    for _ in range(n):
        x = np.sin(SCALE * x)
    return x


def test_globals_are_those_of_the_forward_sweep(monkeypatch):
    _, pullback = ast_ad.vjp(lambda x: scaled(x, 9), 0.7, checkpoint=2)
    expected = pullback(1.0)
    monkeypatch.setitem(globals(), "SCALE", 100.0)
    assert pullback(1.0) == expected


def heat(u0, a, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += a * np.sin(u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@pytest.mark.parametrize("setting", [1, 3, "sqrt", "every_other"])
def test_writes_in_place(setting):
    u = np.sin(np.arange(12.0))
    before = u.copy()
    expected = ast_ad.grad(heat, (0, 1))(u, 0.2, 11)
    for a, b in zip(ast_ad.grad(heat, (0, 1), checkpoint=setting)(u, 0.2, 11), expected):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(u, before)


@pytest.mark.parametrize("setting", [1, 3, "sqrt", "every_other"])
def test_a_pullback_can_be_called_again(setting):
    x = X.copy()
    _, pullback = ast_ad.vjp(lambda x: march(x, 10), x, checkpoint=setting)
    first = pullback(1.0)[0]
    x[:] = 0
    np.testing.assert_array_equal(pullback(1.0)[0], first)
    np.testing.assert_array_equal(first, ast_ad.grad(march)(X, 10))


def filled(x, n):
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = np.exp(out[i - 1] * x)
    return np.sum(out)


def linear(x, n):
    for i in range(n):
        x = 0.5 * x + i
    return x


def swinging(x, n):
    v = 0.0
    for _ in range(n):
        v = v - 0.1 * np.sin(x)
        x = x + 0.1 * v
    return x


@pytest.mark.parametrize(("fun", "args"), [(filled, (0.3, 6)), (linear, (0.3, 6)), (swinging, (0.3, 6))])
def test_a_loop_that_saves_less_than_its_state_is_left_alone(fun, args):
    plain, derivative = ast_ad.grad(fun), ast_ad.grad(fun, checkpoint=2)
    assert derivative(*args) == plain(*args)
    assert derivative.jit_source == plain.source


def test_longer_segments_gain_where_short_ones_do_not():
    derivative = ast_ad.grad(swinging, checkpoint=3)
    assert derivative(0.3, 6) == ast_ad.grad(swinging)(0.3, 6)
    assert "for start in range(0, n, 3)" in derivative.source


def peak(function, *args):
    function(*args)
    tracemalloc.start()
    function(*args)
    _, found = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found


def waves(x, w, steps):
    while steps > 0:
        x = x + 0.1 * np.sin(w * x)
        steps = steps - 1
    return np.sum(x)


@pytest.mark.parametrize("fun", [lambda x, n: march(x, n), lambda x, n: waves(x, 0.3, n)])
def test_what_is_kept(fun):
    x = np.linspace(0.0, 1.0, 1000)
    steps = 400
    whole = peak(ast_ad.grad(fun), x, steps)
    root = peak(ast_ad.grad(fun, checkpoint="sqrt"), x, steps)
    half = peak(ast_ad.grad(fun, checkpoint="every_other"), x, steps)
    assert whole > 380 * x.nbytes
    assert root < 70 * x.nbytes
    assert half < 0.6 * whole


def relaxed(x, steps):
    for _ in range(steps):
        x = np.sin(x) * np.exp(-x)
    return x


def in_callees(x, n):
    return np.sum(relaxed(x, n) * relaxed(np.cos(x), n))


def deeper(x, n):
    if n == 0:
        return x
    for _ in range(100):
        x = np.sin(x) * np.exp(-0.1 * x)
    return deeper(x, n - 1) + x


def in_a_recursion(x, n):
    return np.sum(deeper(x, n // 100))


def in_what_is_run_again(x, n):
    return np.sum(ast_ad.checkpoint(relaxed)(x, n) * ast_ad.checkpoint(relaxed)(np.cos(x), n))


@pytest.mark.parametrize("fun", [in_callees, in_a_recursion, in_what_is_run_again])
def test_loops_of_functions_with_sweeps_of_their_own(fun, monkeypatch):
    monkeypatch.setattr(emission, "BUDGET", 0)
    monkeypatch.setattr(emission, "SMALL", 0)
    x = np.linspace(0.0, 1.0, 1000)
    plain = ast_ad.grad(fun)
    whole = peak(plain, x, 400)
    for setting, part in (("every_other", 0.6), ("sqrt", 0.4), (20, 0.4)):
        derivative = ast_ad.grad(fun, checkpoint=setting)
        assert peak(derivative, x, 400) < part * whole
        assert "_reverse(" in derivative.source
        np.testing.assert_array_equal(derivative(x, 400), plain(x, 400))
        _, pullback = ast_ad.vjp(lambda y: fun(y, 400), x, checkpoint=setting)
        np.testing.assert_array_equal(pullback(1.0)[0], plain(x, 400))
        np.testing.assert_array_equal(pullback(1.0)[0], plain(x, 400))


def test_a_loop_inside_of_a_segment_runs_again_whole(monkeypatch):
    """The schedule of the outer loop applies, also where the inner one is in a function of its own."""
    monkeypatch.setattr(emission, "BUDGET", 0)
    monkeypatch.setattr(emission, "SMALL", 0)

    def outer(x, n):
        for _ in range(n):
            x = relaxed(x, n)
        return np.sum(x)

    derivative = ast_ad.grad(outer, checkpoint="sqrt")
    np.testing.assert_array_equal(derivative(X, 9), ast_ad.grad(outer)(X, 9))
    assert derivative.source.count("sqrt") == 1


def simulated(x, steps):
    for _ in range(steps):
        x = np.sin(x) * x
    return np.sum(x)


@pytest.mark.parametrize("setting", ["sqrt", 3, "every_other"])
def test_second_derivatives(setting):
    x = np.array([0.3, 0.7])
    expected = ast_ad.hessian(simulated)(x, 8)
    np.testing.assert_allclose(ast_ad.hessian(simulated, checkpoint=setting)(x, 8), expected, rtol=1e-12)
    v = np.array([1.0, -2.0])
    np.testing.assert_allclose(ast_ad.hvp(simulated, checkpoint=setting)(x, 8, v), expected @ v, rtol=1e-12)
    inner = ast_ad.grad(simulated, checkpoint=setting)

    def along(x):
        return np.sum(ast_ad.grad(simulated, checkpoint=2)(x, 8) * v) + np.sum(inner(x, 8))

    np.testing.assert_allclose(ast_ad.grad(along)(x), expected @ v + expected @ np.ones(2), rtol=1e-12)


def along(setting):
    def inner(x, steps):
        return np.sum(ast_ad.grad(march, checkpoint=setting)(x, steps) * x)

    return inner


@pytest.mark.parametrize(("inner", "outer"), [("sqrt", None), (None, "sqrt"), ("sqrt", "sqrt"), (None, 20)])
def test_a_gradient_of_a_gradient_keeps_as_little(inner, outer):
    x = np.linspace(0.0, 1.0, 1000)
    plain, derivative = ast_ad.grad(along(None)), ast_ad.grad(along(inner), checkpoint=outer)
    np.testing.assert_allclose(derivative(x, 400), plain(x, 400), rtol=1e-12)
    assert peak(derivative, x, 400) < 0.1 * peak(plain, x, 400)
    # Segments are not cut once more by the derivative around them.
    assert derivative.source.count("sqrt(") <= 1


def test_a_gradient_of_a_tangent_runs_again_what_is_to_be():
    x = np.linspace(0.0, 1.0, 1000)
    step = ast_ad.checkpoint(lambda x: np.tanh(np.exp(-np.cos(np.sin(x)))))

    def tangent(step):
        def looped(x):
            for _ in range(50):
                x = step(x)
            return np.sum(x)

        return ast_ad.grad(lambda x: ast_ad.jvp(looped, (x,), (x,))[1])

    plain, derivative = tangent(step.__wrapped__), tangent(step)
    np.testing.assert_allclose(derivative(x), plain(x), rtol=1e-12)
    assert peak(derivative, x) < 0.5 * peak(plain, x)


@pytest.mark.parametrize("setting", ["every", 0, -1, True, 2.0, np.int64(0), (2,)])
def test_settings_that_are_none(setting):
    with pytest.raises(ast_ad.ArgumentError, match="no schedule"):
        ast_ad.grad(march, checkpoint=setting)


def test_a_number_of_numpy():
    derivative, other = (ast_ad.grad(march, checkpoint=setting) for setting in (np.int64(3), 3))
    np.testing.assert_array_equal(derivative(X, 7), other(X, 7))
    assert derivative.source == other.source


def test_settings_that_make_no_sense_inside():
    def inside(x):
        return ast_ad.grad(scaled, checkpoint=-1)(x, 3)

    with pytest.raises(ast_ad.KindError, match="no schedule") as info:
        ast_ad.grad(inside)(0.3)
    assert "checkpoint=-1" in info.value.where.text


def heat_at(u0, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += 0.2 * np.sin(u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def newton_at(x, n):
    while np.sum(x) < n:
        x = x + 0.1 * np.exp(x)
    return np.sum(x)


def chain(x, n):
    a = np.sin(x)
    b = np.exp(-a)
    c = np.tanh(b)
    d = np.sqrt(c)
    return np.sum(d * n)


def test_the_text_for_numba_deletes_nothing():
    derivative = ast_ad.grad(chain, checkpoint="every_other")
    assert "del " not in derivative.jit_source
    derivative(X, 2)
    kept = [line for line in derivative.source.splitlines() if not line.startswith("    del ")]
    assert derivative.jit_source.splitlines() == kept != derivative.source.splitlines()


@pytest.mark.jit
@pytest.mark.parametrize("setting", ["sqrt", 3, "every_other"])
@pytest.mark.parametrize("fun", [march, chain, heat_at, newton_at])
def test_numba_compiles_what_is_run_again(fun, setting):
    numba = pytest.importorskip("numba")
    derivative = ast_ad.grad(fun, checkpoint=setting)
    expected = derivative(X, 10)
    namespace = {}
    exec(derivative.jit_source, namespace)
    np.testing.assert_allclose(numba.njit(namespace[f"{fun.__name__}_grad"])(X, 10), expected, rtol=1e-13)


def descent(x, depth):
    return x if depth == 0 else descent(np.tanh(np.sin(np.exp(-x))), depth - 1)


def in_blocks(x, depth):
    if depth == 0:
        return np.sum(x * x)
    levels = min(10, depth)
    return in_blocks(ast_ad.checkpoint(descent)(x, levels), depth - levels)


def tree(x, height):
    if height == 0:
        return np.sin(x) * np.exp(-x)
    return tree(np.tanh(x), height - 1) * np.cos(tree(np.sin(x), height - 1))


def crown(x, height):
    if height <= 3:
        return ast_ad.checkpoint(tree)(x, height)
    return crown(np.tanh(x), height - 1) * np.cos(crown(np.sin(x), height - 1))


@pytest.mark.parametrize(
    ("plain", "fun", "depth"),
    [
        (lambda x, depth: np.sum(descent(x, depth) ** 2), in_blocks, 45),
        (lambda x, depth: np.sum(tree(x, depth)), lambda x, depth: np.sum(crown(x, depth)), 6),
    ],
)
def test_parts_of_a_recursion_are_run_again(plain, fun, depth):
    x = np.linspace(0.1, 1.0, 1000)
    expected, derivative = ast_ad.grad(plain), ast_ad.grad(fun)
    np.testing.assert_array_equal(derivative(x, depth), expected(x, depth))
    assert peak(derivative, x, depth) < 0.4 * peak(expected, x, depth)
