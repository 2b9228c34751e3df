"""The quick way into a derivative: it is taken wherever it can be, and never with a plan that is not the call's."""

from __future__ import annotations

import collections
import functools
import itertools
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ast_ad import UnsupportedSyntaxError, grad, jvp, pipeline, value_and_grad, vjp
from ast_ad.derivative import Derivative
from tests.frontend.support import from_text

Pair = collections.namedtuple("Pair", "left right")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """One entry for each call that goes the long way from here on, and one more for each that lowers."""
    ways: list[str] = []
    call, derive = Derivative._call, pipeline.derive

    def calling(self: Derivative, *rest: Any) -> Any:
        ways.append("call")
        return call(self, *rest)

    def deriving(*rest: Any) -> Any:
        ways.append("derive")
        return derive(*rest)

    monkeypatch.setattr(Derivative, "_call", calling)
    monkeypatch.setattr(pipeline, "derive", deriving)
    yield ways


def total(value: Any) -> Any:
    return sum(np.sum(item) for item in value)


VECTOR = np.array([1.0, 2.0, 3.0])
MATRIX = np.arange(6.0).reshape(2, 3)
CALLS: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {
    "numbers": (lambda x, y: x * y, (1.0, np.float32(2.0)), {}),
    "vector": (lambda x: np.sum(x * x), (VECTOR,), {}),
    "four arrays": (lambda a, b, c, d: np.sum(a * b + c * d), (MATRIX, MATRIX, VECTOR, MATRIX), {}),
    "column": (lambda x, y: np.sum(x * y), (MATRIX[:, :1], MATRIX), {}),
    "no dimensions": (lambda x: x * x, (np.array(2.0),), {}),
    "dict": (lambda p: np.sum(p["w"] * p["b"]), ({"w": MATRIX, "b": VECTOR},), {}),
    "list of pairs": (lambda ps: ps[0][0] * np.sum(ps[1][1]), ([(2.0, VECTOR), (3.0, VECTOR)],), {}),
    "named tuple": (lambda p: np.sum(p.left * p.right), (Pair(VECTOR, 2.0),), {}),
    "static": (lambda x, how, f, none: f(x) if how == "a" else x, (2.0, "a", np.sin, None), {}),
    "by name": (lambda x, y: np.sum(x * y), (), {"y": VECTOR, "x": VECTOR}),
    "variadic": (lambda x, *rest, **named: np.sum(x) * rest[0] * named["k"], (VECTOR, 3.0), {"k": 2.0}),
    "defaults": (lambda x, y=VECTOR, *, k=2.0: np.sum(x * y) * k, (VECTOR,), {}),
}


@pytest.mark.parametrize("case", CALLS)
def test_the_second_call_is_quick(case: str, slow: list[str]):
    fun, args, kwargs = CALLS[case]
    argnums = "x" if kwargs else 0
    derivative = value_and_grad(fun, argnums)
    first = derivative(*args, **kwargs)
    assert slow == ["call", "derive"]
    slow.clear()
    np.testing.assert_equal(derivative(*args, **kwargs), first)
    assert slow == []
    again = value_and_grad(fun, argnums)
    np.testing.assert_equal(again(*args, **kwargs), first)
    assert slow == [], "another derivative of the same function"
    assert again.source == derivative.source


class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b


class Slotted:
    __slots__ = ("label", "layers")

    def __init__(self, layers, label="net"):
        self.layers, self.label = layers, label


def through(net, x):
    for layer in net.layers:
        x = np.tanh(layer.w * x + layer.b)
    return np.sum(x) * (2.0 if net.label == "net" else 1.0)


def same(a, b):
    return a.w * b.w + (a.b if a is b else 2.0 * b.b)


def changed(a, b):
    a.w = a.w * a.b
    return a.w * b.w


class TestObjects:
    """Objects that are differentiated have a quick way in, which looks at all that the long way would look at."""

    def net(self, *, x=1.0, label="net"):
        return Slotted([Layer(VECTOR * x, 0.5), Layer(VECTOR + x, 1.5 * x)], label)

    def test_the_second_call_is_quick(self, slow: list[str]):
        derivative = grad(through)
        derivative(self.net(), VECTOR)
        slow.clear()
        bar = derivative(self.net(x=2.0), VECTOR)
        assert slow == []
        assert isinstance(bar, Slotted)
        expected = grad(lambda w: through(Slotted([Layer(w, 0.5), Layer(VECTOR + 2.0, 3.0)]), VECTOR))(VECTOR * 2.0)
        np.testing.assert_allclose(bar.layers[0].w, expected)

    @pytest.mark.parametrize(
        "change",
        [
            lambda net: setattr(net, "label", "other"),
            lambda net: setattr(net.layers[1], "b", np.float32(1.5)),
            lambda net: setattr(net.layers[0], "name", "first"),
            lambda net: net.layers.append(Layer(VECTOR, 0.5)),
            lambda net: net.layers.__setitem__(0, net.layers[1]),
        ],
        ids=["text", "kind", "attribute", "length", "one object twice"],
    )
    def test_what_differs_goes_the_long_way(self, change: Any, slow: list[str]):
        fun = from_text("def f(net, x):\n    return sum(np.sum(each.w * x) for each in net.layers)\n", "f")
        fun.__globals__["np"] = np
        derivative = grad(fun)
        derivative(self.net(), VECTOR)
        net = self.net()
        change(net)
        slow.clear()
        bar = derivative(net, VECTOR)
        assert slow == ["call", "derive"]
        assert vars(bar.layers[0]).keys() == vars(net.layers[0]).keys()
        assert (bar.label, len(bar.layers), type(bar.layers[1].b)) == (
            net.label,
            len(net.layers),
            type(net.layers[1].b),
        )

    @pytest.mark.parametrize("fun", [same, changed])
    def test_one_object_twice_is_noticed(self, fun: Any):
        derivative = value_and_grad(fun)
        a, b = Layer(2.0, 3.0), Layer(5.0, 4.0)
        for _ in range(2):
            value, bar = derivative(a, b)
            assert (value, bar.w) == (fun(Layer(2.0, 3.0), b), 5.0 if fun is same else 15.0)
            with pytest.raises(UnsupportedSyntaxError, match="a Layer from outside"):
                derivative(a, a)


def test_bound_methods_partials_and_objects(slow: list[str]):
    class Model:
        def __init__(self, w):
            self.w = w

        def loss(self, x):
            return np.sum(x * self.w)

        def __call__(self, x):
            return np.sum(x * self.w * 2)

        @grad
        def slope(self, x):
            return np.sum(x * self.w)

    model, other = Model(2.0), Model(3.0)
    for fun, expected in [
        (grad(model.loss), 2.0),
        (grad(model), 4.0),
        (model.slope, 2.0),
        (grad(functools.partial(lambda k, x, y: np.sum(x) * k * y, 5.0, y=2.0)), 10.0),
    ]:
        slow.clear()
        for _ in range(3):
            np.testing.assert_equal(fun(VECTOR), np.full(3, expected))
        assert slow.count("call") == 1
    np.testing.assert_equal(other.slope(VECTOR), np.full(3, 3.0))
    model.w = 7.0
    np.testing.assert_equal(model.slope(VECTOR), np.full(3, 7.0))


def test_forward_mode_and_pullbacks(slow: list[str]):
    def f(p, x):
        return np.sum(p["w"] * x)

    p, x = {"w": VECTOR, "b": 1.0}, VECTOR
    for _ in range(3):
        assert jvp(f, (p, x), (p, x))[1] == 2 * np.sum(VECTOR**2)
        np.testing.assert_equal(vjp(f, p, x)[1](2.0)[1], 2 * VECTOR)
    assert slow.count("call") == 2
    slope = grad(lambda x: x**3)
    assert [jvp(slope, (2.0,), (1.0,)) for _ in range(3)] == [(12.0, 12.0)] * 3
    assert slow.count("call") == 3


VALUES: list[Any] = [
    *(2, 2.0, True, np.float32(2.0), np.float64(2.0), np.int64(2)),
    *(np.array(2.0), np.array([2.0]), VECTOR, VECTOR.astype("f"), VECTOR.astype(int), VECTOR.astype(">f8")),
    *(np.ones((1, 3)), np.ones((3, 1)), np.ones((3, 3)), np.ones((1, 1)), np.zeros((0, 3)), np.ones((3, 3)).T),
]


def pick(x, y):
    return np.sum(x * y)


def test_kinds_are_told_apart():
    """Whatever is called in which order, a call gets what a fresh derivative would give it."""
    expected = {}
    for i, value in enumerate(VALUES):
        fresh = from_text("import numpy as np\ndef pick(x, y): return np.sum(x * y)", "pick")
        expected[i] = value_and_grad(fresh, 1)(value, 3.0)
    shared = value_and_grad(pick, 1)
    rng = np.random.default_rng(0)
    for i in rng.integers(len(VALUES), size=300):
        value, slope = shared(VALUES[i], 3.0)
        assert (type(value), type(slope)) == tuple(map(type, expected[i])), VALUES[i]
        np.testing.assert_equal((value, slope), expected[i])


def test_arrays_by_which_they_differ_in_length_one(slow: list[str]):
    slope = grad(lambda x, y: np.sum(x * y))
    shapes = [(2, 3), (1, 3), (2, 1), (1, 1)]
    for _ in range(2):
        for a, b in itertools.product(shapes, repeat=2):
            x, y = np.random.default_rng(1).random(a), np.random.default_rng(2).random(b)
            expected = np.broadcast_to(y, np.broadcast_shapes(a, b))
            axes = tuple(i for i in range(2) if a[i] == 1)
            np.testing.assert_allclose(slope(x, y), expected.sum(axis=axes, keepdims=True))
    assert slow.count("derive") == 16


def test_other_lengths_are_no_other_kinds(slow: list[str]):
    slope = grad(lambda x: np.sum(x**2))
    for n in (2, 3, 5, 0, 7):
        np.testing.assert_equal(slope(np.ones(n)), np.full(n, 2.0))
    assert slow == ["call", "derive"]


class TestContainers:
    """Types, lengths, keys and their order."""

    def test_lengths_and_types(self):
        slope = grad(lambda p: p[0] * p[-1])
        assert slope([2.0, 3.0]) == [3.0, 2.0]
        assert slope((2.0, 3.0)) == (3.0, 2.0)
        assert slope([2.0, 1.0, 3.0]) == [3.0, 0.0, 2.0]
        assert slope(Pair(2.0, 3.0)) == Pair(3.0, 2.0)
        assert type(slope(Pair(2.0, 3.0))) is Pair
        assert slope([2.0, 3.0]) == [3.0, 2.0]

    def test_keys(self):
        slope = grad(lambda p: p["a"] * p.get("b", 5.0))
        assert slope({"a": 2.0, "b": 3.0}) == {"a": 3.0, "b": 2.0}
        assert slope({"a": 2.0, "c": 3.0}) == {"a": 5.0, "c": 0.0}
        assert slope({"a": 2.0}) == {"a": 5.0}
        assert slope({"a": 2.0, "b": 3.0}) == {"a": 3.0, "b": 2.0}

    def test_gradients_keep_the_order_of_the_keys(self):
        def chain(p):
            x = 1.0
            for value in p.values():
                x = x * value + 1
            return x

        slope = grad(chain)
        for p in ({"w": 2.0, "b": 3.0}, {"b": 3.0, "w": 2.0}, {"w": 2.0, "b": 3.0}):
            first, second = p.values()
            assert list(slope(p).items()) == list(zip(p, (second, first + 1.0)))

    def test_order_of_keywords(self):
        def chain(x, **named):
            for value in named.values():
                x = x * value + 1
            return x

        slope = grad(chain, "a")
        for _ in range(2):
            assert slope(1.0, a=2.0, b=3.0) == 3.0
            assert slope(1.0, b=3.0, a=2.0) == 4.0

    def test_mutated_containers(self):
        slope = grad(lambda p: np.sum(p["x"] * p["x"]))
        p: dict[str, Any] = {"x": 2.0}
        assert slope(p) == {"x": 4.0}
        p["x"] = VECTOR
        np.testing.assert_equal(slope(p), {"x": 2 * VECTOR})
        p["y"] = None
        np.testing.assert_equal(slope(p), {"x": 2 * VECTOR, "y": None})
        del p["y"]
        np.testing.assert_equal(slope(p), {"x": 2 * VECTOR})


class TestNeverStale:
    """What can change between two calls of one form."""

    def test_static_values(self):
        slope = grad(lambda x, how, f: f(x) if how == "f" else 2 * x)
        for _ in range(2):
            assert slope(0.0, "f", np.sin) == 1.0
            assert slope(0.0, "f", np.cos) == 0.0
            assert slope(0.0, "g", np.sin) == 2.0
            assert slope(0.0, None, None) == 2.0

    def test_values_that_are_equal_and_of_another_type(self):
        slope = grad(lambda x, n: x if isinstance(n, bool) else x * 2 if isinstance(n, int) else x * 3)
        for _ in range(2):
            assert [slope(1.0, n) for n in (True, 1, 1.0)] == [1.0, 2.0, 3.0]

    def test_defaults(self):
        def f(x, k=2.0, *, m=3.0):
            return x * k * m

        slope = grad(f)
        assert [slope(1.0), slope(1.0)] == [6.0, 6.0]
        f.__defaults__ = (5.0,)
        assert [slope(1.0), slope(1.0)] == [15.0, 15.0]
        f.__kwdefaults__["m"] = 7.0
        assert [slope(1.0), slope(1.0), grad(slope)(1.0)] == [35.0, 35.0, 0.0]
        f.__kwdefaults__ = {"m": np.full(2, 1.0)}
        assert value_and_grad(lambda x: np.sum(f(x)))(1.0) == (10.0, 10.0)

    def test_defaults_of_a_function_under_two_derivatives(self):
        def f(x, k=2.0):
            return k * x**2

        curvature = grad(grad(f))
        assert [curvature(1.0), curvature(1.0)] == [4.0, 4.0]
        f.__defaults__ = (5.0,)
        assert [curvature(1.0), curvature(1.0)] == [10.0, 10.0]

    def test_code(self):
        def f(x):
            return 2 * x

        def g(x):
            return x**2

        slope = grad(f)
        pulled = [slope(3.0), slope(3.0), vjp(f, 3.0)[1](1.0), vjp(f, 3.0)[1](1.0)]
        assert pulled == [2.0, 2.0, (2.0,), (2.0,)]
        f.__code__ = g.__code__
        assert [slope(3.0), slope(3.0), vjp(f, 3.0)[1](1.0)] == [6.0, 6.0, (6.0,)]

    def test_globals_and_cells(self):
        fun = from_text("import numpy as np\nk = 2.0\nf = np.sin\ndef fun(x): return f(x) * k", "fun")
        slope = grad(fun)
        assert [slope(0.0), slope(0.0)] == [2.0, 2.0]
        fun.__globals__["k"] = 3.0
        assert slope(0.0) == 3.0
        fun.__globals__["k"] = np.full(1, 4.0)
        np.testing.assert_equal(slope(0.0), 4.0)
        fun.__globals__["f"] = np.cos
        assert slope(0.0) == 0.0

    def test_lambdas_of_one_code(self, slow: list[str]):
        def slope(k, j):
            return grad(lambda x, k=k: np.sum(x * k * j))(VECTOR)[0]

        slopes = [slope(k, j) for k in (1.0, 2.0) for j in (3.0, 4.0)]
        assert slopes == [3.0, 4.0, 6.0, 8.0]
        assert slow == ["call", "derive"]

    def test_arrays_that_are_no_plain_arrays(self):
        slope = grad(lambda x, y: 5 * x if isinstance(y, np.ma.MaskedArray) else x)
        for _ in range(2):
            assert slope(1.0, VECTOR) == 1.0
            assert slope(1.0, np.ma.masked_array(VECTOR)) == 5.0


def test_source_is_that_of_the_latest_call():
    slope = grad(lambda x: np.sum(x * 2))
    texts = []
    for value in (1.0, VECTOR, 1.0, VECTOR):
        slope(value)
        texts.append(slope.source)
    assert texts[0] == texts[2] != texts[1] == texts[3]


def test_the_result_may_be_none():
    """Nothing that a derivative returns is taken for "not found"."""
    slope = grad(lambda x: (x, None), has_aux=True)
    assert [slope(1.0)[1] for _ in range(3)] == [None] * 3


def test_errors_of_the_derivative_itself_are_not_caught(slow: list[str]):
    slope = grad(lambda p: p["x"] ** 2 / p["y"])
    assert slope({"x": 1.0, "y": 1.0}) == {"x": 2.0, "y": -1.0}
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            slope({"x": 1.0, "y": 0.0})
    assert slow.count("call") == 1


def test_errors_of_calls_are_python_s():
    slope = grad(lambda x, y: x * y)
    slope(1.0, 2.0)
    for args, kwargs in [((1.0,), {}), ((1.0, 2.0, 3.0), {}), ((1.0, 2.0), {"z": 1.0}), ((1.0, 2.0), {"y": 1.0})]:
        with pytest.raises(TypeError):
            slope(*args, **kwargs)


def test_threads_with_different_kinds():
    slope = grad(lambda p: np.sum(p["x"] * p["x"]))
    values = [2.0, VECTOR, MATRIX, np.float32(2.0), np.ones((1, 3)), np.ones((3, 1))]
    barrier, failures = threading.Barrier(len(values)), []

    def work(value: Any) -> None:
        barrier.wait(10)
        for _ in range(50):
            found = slope({"x": value})["x"]
            if not (type(found) is type(value) and np.array_equal(found, 2 * value)):
                failures.append((value, found))

    threads = [threading.Thread(target=work, args=(value,)) for value in values]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    assert failures == []
