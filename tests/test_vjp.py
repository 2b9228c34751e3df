"""`vjp`: the pullback of functions of every structure, called many times, whatever is written in between."""

from __future__ import annotations

import collections
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad import ArgumentError, KindError, grad, jacobian, jvp, vjp
from ast_ad.testing import check_grads, pairing, random_like
from tests.frontend.support import from_text

Pair = collections.namedtuple("Pair", "left right")
RNG = np.random.default_rng(0)
MATRIX, VECTOR = RNG.random((3, 4)), RNG.random(4)


def mlp(params, x):
    for w, b in params:
        x = np.tanh(x @ w + b)
    return x


def decay(x, n):
    total = 0.0
    for i in range(n):
        x = np.sin(x) * 0.9
        if i % 2 == 0:
            total = total + x * x
    return {"end": x, "total": total}


def nested_loops(x):
    y = x
    for i in range(3):
        for _ in range(i):
            y = y * np.cos(y)
        y = y + x
    return y


def until_small(x):
    count = 0
    while np.sum(x * x) > 0.5:
        x = x * 0.7 * np.cos(x)
        count = count + 1
    return x, count


def rows(x):
    total = 0.0
    for row in x:
        total = total + np.prod(row) * row[0]
    return total


def in_place(x, v):
    y = x.copy()
    for i in range(len(v)):
        y[i] = y[i] * v[i] + y[i - 1]
    return y


def calls() -> Callable[..., Any]:
    """Return a function that calls another one too often for all calls to be written in place."""
    lines = [f"    y = y + np.sin(y) * {i}e-3" for i in range(30)]
    loop = ["    y = x", "    for part in x:", "        y = y * part", "        x = x.T.T"]
    text = ["import numpy as np", "def g(x):", *loop, *lines, "    return y", "def f(x):"]
    return from_text("\n".join([*text, "    for _ in range(2):", *["        x = g(x)"] * 9, "    return x"]), "f")


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "number": (lambda x: math.sin(x) * x, (1.2,)),
    "broadcasting": (lambda a, b: a * b + b, (MATRIX, VECTOR)),
    "matrices": (lambda a, b: (a @ b, a.T, np.sum(b)), (MATRIX, VECTOR)),
    "itself": (lambda x: x, (VECTOR,)),
    "views": (lambda x: [x[1:], x.T, x.reshape(-1), x], (MATRIX,)),
    "twice the same": (lambda x: (x, x), (VECTOR,)),
    "constant": (lambda x: (x * 2, 3.0), (VECTOR,)),
    "unused": (lambda x, y: y * 2, (VECTOR, MATRIX)),
    "multilayer perceptron": (mlp, ([(RNG.random((4, 3)), RNG.random(3)), (RNG.random((3, 2)), np.zeros(2))], MATRIX)),
    "loop": (decay, (VECTOR, 5)),
    "loop of numbers": (decay, (0.7, 5)),
    "nested loops": (nested_loops, (VECTOR,)),
    "while": (until_small, (2 * VECTOR,)),
    "rows": (rows, (MATRIX,)),
    "written to": (in_place, (VECTOR, RNG.random(4))),
    "functions": (calls(), (VECTOR / 5,)),
    "named tuple": (lambda p: Pair(p.left * p.right, p.right), (Pair(2.0, VECTOR),)),
    "dict": (lambda p: {"c": p["b"] * p["a"], "d": [p["a"]]}, ({"b": VECTOR, "a": 2.0},)),
    "no dimensions": (lambda x: x * x, (np.array(3.0),)),
    "no elements": (lambda x: x * 2, (np.ones((0, 3)),)),
    "small floats": (lambda x, y: x * y, (VECTOR.astype("f"), MATRIX.astype("f"))),
    "complex": (lambda z, x: z * z * x, (VECTOR + 1j * VECTOR, VECTOR)),
}


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, (tuple, list)) else [value]


def arrays(value: Any) -> list[np.ndarray]:
    return [leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray)]


def assert_like(bar: Any, value: Any) -> None:
    """The structure, the types, the shapes and the dtypes are those of the value."""
    assert type(bar) is type(value) or (isinstance(bar, float) and isinstance(value, float))
    if isinstance(value, (tuple, list)):
        assert len(bar) == len(value)
        for a, b in zip(bar, value):
            assert_like(a, b)
    elif isinstance(value, dict):
        assert list(bar) == list(value)
        for key in value:
            assert_like(bar[key], value[key])
    else:
        assert (np.shape(bar), np.asarray(bar).dtype) == (np.shape(value), np.asarray(value).dtype)


@pytest.mark.parametrize("case", CASES)
def test_pullbacks_agree_with_forward_mode(case: str):
    """<out_bar, out_dot> == <x_bar, x_dot>, for random ones; forward mode is checked against differences elsewhere."""
    fun, args = CASES[case]
    rng = np.random.default_rng(1)
    value, pullback = vjp(fun, *args)
    np.testing.assert_equal(value, fun(*args))
    for _ in range(2):
        dots = tuple(random_like(arg, rng) for arg in args)
        out_dot = jvp(fun, args, dots)[1]
        out_bar = random_like(value, rng)
        bars = pullback(out_bar)
        assert [bar is None for bar in bars] == [isinstance(arg, int) for arg in args]
        having = [i for i, bar in enumerate(bars) if bar is not None]
        assert_like([bars[i] for i in having], [args[i] for i in having])
        scale = 1e-3 if case == "small floats" else 1e-9
        paired = sum(pairing(bars[i], dots[i]) for i in having)
        assert paired == pytest.approx(pairing(out_bar, out_dot), rel=scale, abs=scale)


@pytest.mark.parametrize("case", CASES)
def test_later_writes_change_nothing(case: str):
    """Not to the arguments, nor to the value, nor to what earlier calls returned, nor to earlier cotangents."""
    fun, given = CASES[case]
    args = np_copy(given)
    value, pullback = vjp(fun, *args)
    out_bar = random_like(value, np.random.default_rng(2))
    first = pullback(np_copy(out_bar))
    expected = np_copy(first)
    assert_all_own([*arrays(args), *arrays(value)], arrays(first))
    for array in [*arrays(args), *arrays(value), *arrays(first)]:
        array[...] = 99
    again = np_copy(out_bar)
    second = pullback(again)
    np.testing.assert_equal(second, expected)
    assert_all_own([*arrays(first), *arrays(again)], arrays(second))
    np.testing.assert_equal(again, out_bar)


def np_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: np_copy(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(np_copy, value))
    if isinstance(value, (tuple, list)):
        return type(value)(map(np_copy, value))
    return value.copy() if isinstance(value, np.ndarray) else value


def assert_all_own(others: list[np.ndarray], made: list[np.ndarray]) -> None:
    """No array that was made shares memory with another one, and each can be written to."""
    for i, array in enumerate(made):
        assert array.flags.writeable
        assert not any(np.shares_memory(array, other) for other in [*others, *made[:i]])


def test_later_writes_to_globals_change_nothing():
    fun = from_text("import numpy as np\nk = np.ones(3)\ndef fun(x): return np.sin(x * k)", "fun")
    pullback = vjp(fun, np.ones(3))[1]
    expected = pullback(np.ones(3))[0].copy()
    fun.__globals__["k"][...] = 7.0
    np.testing.assert_equal(pullback(np.ones(3))[0], expected)
    fun.__globals__["k"] = np.full(3, 9.0)
    np.testing.assert_equal(pullback(np.ones(3))[0], expected)
    np.testing.assert_equal(vjp(fun, np.ones(3))[1](np.ones(3))[0], 9 * np.cos(np.full(3, 9.0)))


def test_calls_of_functions_stay_calls():
    fun, args = CASES["functions"]
    assert "g_reverse(" in vjp(fun, *args)[1].source


def test_draws_are_those_of_the_forward_sweep():
    fun = from_text("import numpy as np\ndef fun(x): return x * np.random.rand(5)", "fun")
    value, pullback = vjp(fun, np.ones(5))
    for _ in range(3):
        np.testing.assert_equal(pullback(np.ones(5))[0], value)


def test_what_the_function_prints_is_printed_once(capsys: pytest.CaptureFixture[str]):
    def fun(x):
        print("called")
        return x * x

    pullback = vjp(fun, 3.0)[1]
    assert [pullback(1.0), pullback(2.0)] == [(6.0,), (12.0,)]
    assert capsys.readouterr().out == "called\n"


def test_keys_that_are_no_names():
    def model(p):
        return np.sum(p["log scale"] * p["log-scale"]) * p["class"] * p["lower triangles"]["x"] * p["log_scale"] * p[7]

    p = {"log scale": np.ones(2), "log-scale": np.full(2, 3.0), "class": 1.5, "log_scale": 2.0, 7: 0.5}
    check_grads(model, order=2)({**p, "lower triangles": {"x": 0.5}})
    _, pullback = vjp(lambda p: {"a b": p["log scale"] * p["class"], "not": p[7]}, p)
    bars = pullback({"a b": np.ones(2), "not": 4.0})[0]
    assert (bars["class"], bars[7], bars["log scale"].tolist()) == (2.0, 4.0, [1.5, 1.5])


def test_aux_is_handed_through():
    def fun(x, how):
        return x * x, {"double": 2 * x, "how": how, "none": None, "n": 3, "x": x}

    value, pullback, aux = vjp(fun, VECTOR, "fast", has_aux=True)
    np.testing.assert_equal(value, VECTOR**2)
    np.testing.assert_equal(aux, {"double": 2 * VECTOR, "how": "fast", "none": None, "n": 3, "x": VECTOR})
    aux["x"][...] = aux["double"][...] = 5.0
    assert pullback(np.ones(4))[1] is None
    np.testing.assert_equal(pullback(np.ones(4))[0], 2 * VECTOR)


def test_leaves_that_are_no_floating_point_numbers_stay():
    def fun(p, x):
        return p["x"] * p["n"] * x, p["n"]

    value, pullback = vjp(fun, {"x": 2.0, "n": 3, "name": "a", "i": np.arange(2)}, 5.0)
    assert value == (30.0, 3)
    for nothing in (0, None):
        p_bar, x_bar = pullback((1.0, nothing))
        np.testing.assert_equal(p_bar, {"x": 15.0, "n": 3, "name": "a", "i": np.arange(2)})
        assert x_bar == 6.0


def test_numbers_for_numbers():
    """A float, a number of NumPy's and an array without dimensions stand for each other."""
    pullback = vjp(lambda x: x * x, 3.0)[1]
    assert [pullback(one)[0] for one in (1, 1.0, np.float32(1), np.array(1.0), True)] == [6.0] * 5
    pullback = vjp(lambda x: np.sum(x * x), VECTOR)[1]
    np.testing.assert_equal(pullback(1), pullback(np.array(1.0)))


@pytest.mark.parametrize(
    ("fun", "out_bar", "error", "message"),
    [
        (lambda x: x * 2, np.ones((1, 4)), ArgumentError, r"has the shape \(1, 4\)"),
        (lambda x: x * 2, 1.0, ArgumentError, r"has the shape \(\)"),
        (lambda x: np.sum(x), np.ones(1), ArgumentError, r"has the shape \(1,\)"),
        (lambda x: x * 2, [1.0, 2.0, 3.0, 4.0], ArgumentError, "a number is needed"),
        (lambda x: (x, x), [VECTOR, VECTOR], ArgumentError, "a tuple of 2 items is needed"),
        (lambda x: (x, x), (VECTOR,), ArgumentError, "a tuple of 2 items is needed"),
        (lambda x: {"a": x}, {"b": VECTOR}, ArgumentError, "a dict with the keys 'a' is needed"),
        (lambda x: {"a": [x]}, {"a": [1.0]}, ArgumentError, r"result\['a'\]\[0\] has the shape"),
        (lambda x: Pair(x, x), (VECTOR, VECTOR), ArgumentError, "is needed"),
        (lambda x: x * 2, 1j * VECTOR, KindError, "is complex, and what it belongs to is real"),
        (lambda x: (x, 3), (VECTOR, 1), KindError, "belongs to an integer"),
        (lambda x: (x, "a"), (VECTOR, "b"), ArgumentError, "where 'a' stands"),
    ],
)
def test_cotangents_that_do_not_fit(fun: Any, out_bar: Any, error: type[Exception], message: str):
    pullback = vjp(fun, VECTOR)[1]
    with pytest.raises(error, match=message):
        pullback(out_bar)


def test_refusals():
    with pytest.raises(ArgumentError, match="vjp differentiates a function, not 3"):
        vjp(3, 1.0)  # type: ignore[arg-type]
    with pytest.raises(KindError, match="only floating-point numbers can be differentiated"):
        vjp(lambda n: n * 2, 3)
    with pytest.raises(KindError, match="returns one number: with has_aux=True"):
        vjp(lambda x: x, 3.0, has_aux=True)


def test_source_holds_both_sweeps():
    def square(x):
        return x * x

    pullback = vjp(square, 3.0)[1]
    assert "def square_forward(x):" in pullback.source
    assert "def square_pullback(x, out_bar):" in pullback.source
    assert repr(pullback) == "<pullback of square>"
    assert inspect.getsource(pullback._sweeps.backward) in pullback.source


def test_a_pullback_saves_no_more_than_it_needs():
    def fun(x, y):
        return x + y * 2, np.sin(x)

    source = vjp(fun, VECTOR, VECTOR)[1].source
    assert "copy(y)" not in source.replace("y.copy()", "copy(y)")
    assert source.count("copy(") == 1


class TestInsideADifferentiatedFunction:
    """`vjp` in a function that is differentiated."""

    def test_a_pullback_called_twice(self):
        def fun(x):
            (value, total), pullback = vjp(lambda z: (z * z, np.sum(np.sin(z))), x)
            a = pullback((value, 2.0))[0]
            return np.sum(a * pullback((np.ones(4), total))[0])

        # By hand: a = 2 x**3 + 2 cos x, b = 2 x + sum(sin x) cos x
        s, c, total = np.sin(VECTOR), np.cos(VECTOR), np.sum(np.sin(VECTOR))
        a, b = 2 * VECTOR**3 + 2 * c, 2 * VECTOR + total * c
        by_hand = (6 * VECTOR**2 - 2 * s) * b + a * (2 - total * s) + np.sum(a * c) * c
        np.testing.assert_allclose(grad(fun)(VECTOR), by_hand)

    def test_a_pullback_leaves_the_function_that_made_it(self):
        def made(x):
            return vjp(lambda z: np.tanh(z) * z, x)[1]

        def fun(x):
            pullback = made(x)
            total = 0.0
            for i in range(3):
                total = total + np.sum(pullback(x * i)[0] ** 2)
            return total

        expected = jvp(fun, (VECTOR,), (VECTOR,))[1]
        assert np.sum(grad(fun)(VECTOR) * VECTOR) == pytest.approx(expected)
        step = 1e-6
        numeric = (fun(VECTOR * (1 + step)) - fun(VECTOR * (1 - step))) / (2 * step)
        assert expected == pytest.approx(numeric, rel=1e-7)

    def test_cotangents_from_outside(self):
        bar = {"a": 2.0, "b": VECTOR}
        found = vjp(lambda p: vjp(lambda q: q, p)[1](bar), {"b": VECTOR, "a": 1.0})[0]
        np.testing.assert_equal(found, ({"b": VECTOR, "a": 2.0},))

    def test_aux_and_other_leaves(self):
        def fun(x):
            value, pullback, aux = vjp(lambda z, n: (z**n, z * 5), x, 3, has_aux=True)
            z_bar, n_bar = pullback(value)
            return z_bar * aux * (3 if n_bar is None else x)

        assert grad(fun)(1.5) == pytest.approx(15 * 15 * 3 * 6 * 1.5**5 / 15)

    @pytest.mark.parametrize(
        ("fun", "message"),
        [
            (lambda x: vjp(lambda z: z * 2, x)[1](1.0)[0], "the derivative given is"),
            (lambda x: vjp(lambda z: (z, z), x)[1](x)[0], "not structured as the result"),
            (lambda x: vjp(lambda z: z)[1](x), "vjp takes a function and its arguments|none of the arguments"),
            (lambda x: vjp(lambda z, n: z * n, x, 2)[1](x, x), "a pullback takes one cotangent"),
        ],
    )
    def test_refusals(self, fun: Any, message: str):
        with pytest.raises((KindError, SyntaxError), match=message):
            grad(lambda x: np.sum(fun(x)))(VECTOR)

    def test_a_cotangent_of_another_length(self):
        fun = grad(lambda x, g: np.sum(vjp(np.sin, x)[1](g)[0]))
        np.testing.assert_allclose(fun(VECTOR, np.ones(4)), -np.sin(VECTOR))
        with pytest.raises(ValueError, match="a derivative has the shape"):
            fun(VECTOR, np.ones(5))


def powers(x, n):
    found = []
    while len(found) < n:
        found.append(x ** (len(found) + 1))
    return found


class TestArgumentsWithoutFloats:
    """They have no adjoint, and what stands in its place must not look like one."""

    @staticmethod
    def weighted(n, f, x, sizes, nothing):
        total = 0.0
        for _ in range(n):
            total += f(x) * sizes["a"]
        return total

    def test_from_outside(self):
        _, pullback = vjp(self.weighted, 2, math.sin, 0.5, {"a": 3}, [])
        n_bar, f_bar, x_bar, sizes_bar, nothing_bar = pullback(1.0)
        assert n_bar is None and f_bar is None and sizes_bar is None
        assert nothing_bar == []
        assert math.isclose(x_bar, 6 * math.cos(0.5))

    def test_inside(self):
        def slope(x):
            _, pullback = vjp(self.weighted, 2, math.sin, x, {"a": 3}, [])
            bars = pullback(1.0)
            return bars[2] if bars[0] is None and bars[1] is None and bars[3] is None and bars[4] == [] else x

        assert math.isclose(grad(slope)(0.5), -6 * math.sin(0.5))


@pytest.mark.parametrize("x", [1.5, np.array([1.0, 2.0])])
def test_the_cotangent_of_a_list_that_has_grown(x):
    value, pullback = vjp(powers, x, 3)
    bars = [np.ones_like(each) for each in value]
    np.testing.assert_allclose(pullback(bars)[0], 1 + 2 * x + 3 * x**2)
    np.testing.assert_allclose(pullback(bars)[0], 1 + 2 * x + 3 * x**2)


@pytest.mark.parametrize("bar", [1.0, [1.0], (1.0, 1.0, 1.0)])
def test_a_cotangent_that_is_no_such_list(bar):
    _, pullback = vjp(powers, 1.5, 3)
    with pytest.raises(ArgumentError, match="a list of 3 items is needed"):
        pullback(bar)


def test_the_jacobian_of_a_list_that_has_grown():
    assert jacobian(powers)(1.5, 3) == [1.0, 3.0, 3 * 1.5**2]


class TestListsOfUnknownLength:
    """As results."""

    def test_a_list_of_lists(self):
        def table(x, n):
            rows = []
            while len(rows) < n:
                rows.append([x ** len(rows), 1.0])
            return rows

        value, pullback = vjp(table, 2.0, 3)
        assert value == [[1.0, 1.0], [2.0, 1.0], [4.0, 1.0]]
        assert pullback([[1.0, 5.0], [10, 5.0], [100.0, 5.0]])[0] == 10.0 + 100.0 * 4.0
        assert jacobian(table)(2.0, 3) == [[0.0, 0.0], [1.0, 0.0], [4.0, 0.0]]
        with pytest.raises(ArgumentError, match="a list of 3 items is needed"):
            pullback([[1.0, 1.0]])

    def test_a_list_of_tuples(self):
        def trajectory(x, v, dt, steps):
            path = [(0.0, x, {"v": v})]
            for i in range(steps):
                x, v = x + dt * v, v - dt * x
                path.append(((i + 1) * dt, x, {"v": v}))
            return path

        check_grads(trajectory, argnums=(0, 1, 2))(1.0, 0.5, 0.1, 3)
        value, pullback = vjp(trajectory, 1.0, 0.5, 0.1, 2)
        assert [pullback([(0.0, 0.0, {"v": 0.0})] * 2 + [(0.0, 1.0, {"v": 0.0})])[0]] == [1.0 - 0.1 * 0.1]
        assert [row[1] for row in value] == pytest.approx([1.0, 1.05, 1.09])
