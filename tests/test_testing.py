"""`check_grads` accepts right derivatives and nothing else."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import numpy as np
import pytest

import ast_ad
from ast_ad import testing
from ast_ad.testing import (
    adjoint,
    assert_adjoint,
    assert_close,
    assert_cotangent,
    assert_identity,
    check_grads,
    difference,
    fresh,
    random_like,
    seed_of,
    structure,
    value_and_adjoints,
)


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


class Line(NamedTuple):
    slope: Any
    at_zero: Any


MATRIX = np.array([[2.0, 1.0], [0.0, 4.0]])


@pytest.mark.parametrize(
    "x",
    [
        np.array([0.7, -1.2]),
        np.array([[0.7, -1.2]], np.float32),
        np.array(0.7),
        np.zeros((0, 2)),
        np.asfortranarray(MATRIX),
        MATRIX.T[:, ::-1],
    ],
    ids=["vector", "single precision", "no axes", "empty", "by columns", "turned"],
)
def test_arrays(x: Any):
    check_grads(lambda x: np.sum(np.sin(x) * x) + 1.0, order=2)(x)


def test_containers_of_arrays():
    def loss(model, x):
        total = model["scale"]
        for line in model["lines"]:
            x = np.tanh(line.slope * x + line.at_zero)
            total = total + np.sum(x) * model["n"]
        return total * len(model["name"])

    lines = [Line(np.array([0.5, -1.0]), 0.3), Line(np.float32(2.0), np.zeros((2, 1)))]
    check_grads(loss, ("model", 1), order=2)({"name": "two", "lines": lines, "scale": 1.0, "n": 2}, np.ones(2))


@pytest.mark.parametrize(
    "fun",
    [
        np.linalg.inv,
        np.sin,
        lambda a: a[0],
        lambda a: (a @ a, {"trace": np.trace(a), "size": a.size}),
        lambda a: Line(a.T, a[0, 0]),
        lambda a: np.ones(3),
        lambda a: a[:1, 0] * 1j,
        lambda a: a[:1, 0] ** 2,
    ],
    ids=["bare", "ufunc", "row", "dict", "named tuple", "constant", "complex", "one element"],
)
@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_functions_that_return_anything(fun: Any, modes: tuple[str, ...]):
    check_grads(fun, modes=modes, order=1 if modes == ("fwd",) else 2)(MATRIX)


@pytest.mark.parametrize("x", [0.3, 0.7, -1.3])
def test_terms_that_cancel_out_leave_rounding_errors(x: float):
    check_grads(lambda x: np.divide(2.5, x) * x, order=2)(np.float64(x))
    check_grads(lambda x, y: np.divide(x, y) * y, (0, 1), order=2)(np.array([x, 2 * x, 0.11]), np.array([[0.4], [1.7]]))


def test_a_jump_of_the_gradient_near_by():
    check_grads(np.sort, order=2)(np.array([-0.23415337, 1.5, -0.23413696, 0.3]))


def test_single_precision_is_rounded_in_its_own_way():
    x = np.linspace(0.1, 2.0, 50, dtype=np.float32)
    check_grads(lambda x: np.sum(np.sin(x) * x) - x @ x, order=2)(x)


def test_options_by_name_are_handed_on():
    check_grads(np.cumsum, order=2)(MATRIX, axis=1)
    check_grads(lambda x, *, scale: scale * x**2)(0.5, scale=3.0)
    with pytest.raises(TypeError):
        check_grads(np.sin)(0.5, axis=1)


def test_several_arguments_of_a_function_that_returns_an_array():
    check_grads(lambda x, n, y: x**n / (1 + y), ("y", 0), order=3)(MATRIX[0], 2, 0.5)


def test_functions_that_write_into_their_arguments_or_draw():
    def f(x, generator):
        x[0] = x[1] * generator.normal()
        return np.sum(x * x)

    x, generator = np.array([1.0, 2.0]), np.random.default_rng(0)
    state = generator.bit_generator.state
    check_grads(f)(x, generator)
    assert x.tolist() == [1.0, 2.0]
    assert generator.bit_generator.state == state


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


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda bar: bar + np.array([0.0, 1e-3]), "reverse mode against central differences"),
        (lambda bar: np.where(bar == bar.max(), bar, math.nan), "got nan"),
        (lambda bar: bar[:, None], "structure"),
        (lambda bar: bar[:1], "structure"),
        (lambda bar: [*bar], "structure"),
        (lambda bar: bar.astype(np.float32), "dtype"),
        (lambda bar: bar + 0j, "complex"),
    ],
    ids=["slope", "nan", "column", "short", "list", "single precision", "complex"],
)
def test_wrong_pullbacks_fail(monkeypatch: pytest.MonkeyPatch, change: Any, shown: str):
    def vjp(fun, *args):
        value, pullback = ast_ad.vjp(fun, *args)
        return value, lambda seed: (change(pullback(seed)[0]),)

    monkeypatch.setattr(testing, "vjp", vjp)
    with pytest.raises(AssertionError, match=shown):
        check_grads(lambda x, y: x * y)(np.array([0.7, -1.2]), 2.0)


def test_gradients_that_are_wrong_in_one_leaf_fail(monkeypatch: pytest.MonkeyPatch):
    def change(out):
        value, (bar,) = out
        return value, ({"w": bar["w"], "b": bar["b"] * 1.001},)

    monkeypatch.setattr(testing, "value_and_grad", wrong(ast_ad.value_and_grad, change))
    with pytest.raises(AssertionError, match="reverse mode against central differences"):
        check_grads(lambda p: np.sum(p["w"] * p["b"]))({"w": np.ones(3), "b": 2.0})


def test_tangents_that_are_wrong_in_one_element_fail(monkeypatch: pytest.MonkeyPatch):
    def jvp(*args):
        value, dot = ast_ad.jvp(*args)
        return value, dot + np.array([0.0, 1e-7])

    monkeypatch.setattr(testing, "jvp", jvp)
    with pytest.raises(AssertionError, match="reverse against forward mode"):
        check_grads(np.sin)(np.array([0.7, -1.2]))


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


@pytest.mark.parametrize(
    "fun",
    [lambda x: np.abs(x) + 100 * x**2, lambda x: np.sum(np.maximum(x, 0.0)) + np.sum(x), lambda x: np.sort(x)[0]],
    ids=["beside a curve", "in a sum", "sorted"],
)
def test_a_kink_in_one_element_is_a_failure(fun: Any):
    with pytest.raises(AssertionError, match="not differentiable here"):
        difference(fun, (np.array([1.0, 0.0, 0.0]),), 0, np.array([1.0, 1.0, -1.0]))


def test_a_derivative_of_zero_is_differentiable():
    """All that differences see of it is the error of their step."""
    for x in (np.zeros(3), np.array([0.0, 1.5, 0.0])):
        numeric, noise = difference(lambda x: np.prod(x) + np.sum(x) ** 3 + 1, (x,), 0, np.array([1.0, 1.0, -1.0]))
        assert abs(numeric - 3 * x.sum() ** 2) <= noise + 1e-10


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


def test_differences_of_containers():
    def f(p):
        return {"out": (p["w"] ** 2, p["name"]), "sizes": [p["w"].size, np.arange(2), True], "none": None}

    direction = {"w": np.array([1.0, -1.0], np.float32), "name": "f"}
    slope, noise = difference(f, ({"w": np.array([0.5, 1.5], np.float32), "name": "f"},), 0, direction)
    assert slope["out"][0].dtype == np.float32
    assert_close(slope["out"], (np.array([1.0, -3.0]), "f"), 0.0, noise, "slope")
    assert_close([*slope["sizes"], slope["none"]], [0, np.zeros(2), 0, None], 0.0, 0.0, "slopes of integers")


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
        (Line(1.0, 2.0), (1.0, 2.0)),
        ({"a": 1.0}, {"b": 1.0}),
        ("a", "b"),
        ("a", 1.0),
        (None, 0.0),
        (True, False),
        (np.array([1.0, math.nan]), np.array([1.0, 2.0])),
    ],
)
def test_what_is_not_close(actual: Any, expected: Any):
    with pytest.raises(AssertionError):
        assert_close(actual, expected, 1e-6, 1e-6, "pair")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (math.nan, math.nan),
        (math.inf, math.inf),
        (1.0, 1.0 + 1e-9),
        (np.ones(3), np.ones(3) + 1e-9),
        ((), ()),
        ({"a": 1.0, "b": "text"}, {"b": "text", "a": np.array(1.0)}),
        (Line(np.zeros(2), None), Line(np.zeros(2, np.float32), None)),
        (np.array([True, False]), np.array([True, False])),
    ],
)
def test_what_is_close(actual: Any, expected: Any):
    assert_close(actual, expected, 1e-6, 0.0, "pair")


def test_the_identity_is_relative_to_the_terms():
    bar, direction = (1e8, 1e8), (1.0, -1.0)
    assert_identity(bar, direction, 1e-4, "terms that cancel")
    with pytest.raises(AssertionError):
        assert_identity((1.0, 1.0), direction, 1e-4, "terms that cancel")


def test_the_identity_pairs_the_cotangent_of_any_result():
    bar, direction, dot, seed = (2.0, 3.0), (1.0, 1.0), {"a": np.array([1.0, 2.0]), "n": 0}, {"a": np.ones(2), "n": 0}
    with pytest.raises(AssertionError):
        assert_identity(bar, direction, dot, "x", seed=seed)
    assert_identity(bar, direction, {**dot, "a": np.array([1.0, 4.0])}, "x", seed=seed)


def test_an_adjoint_is_compared_relative_to_the_terms():
    assert_adjoint((1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1e6, 2.001 - 1e6), 1e-6, 0.0, "terms that cancel")
    with pytest.raises(AssertionError):
        assert_adjoint((1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, 1.001), 1e-6, 0.0, "terms that do not")


@pytest.mark.parametrize(
    ("bar", "value"),
    [
        (np.ones((1, 3)), np.zeros(3)),
        (np.ones(3, np.float32), np.zeros(3)),
        (np.float64(1.0), np.float32(1.0)),
        (1.0, np.array(1.0)),
        (np.array(1.0), 1.0),
        ({"a": 1.0}, {"b": 1.0}),
        ((1.0, 2.0), [1.0, 2.0]),
        ((1.0, 2.0), Line(1.0, 2.0)),
        (1.0, "text"),
    ],
)
def test_what_is_no_adjoint(bar: Any, value: Any):
    with pytest.raises(AssertionError):
        assert_cotangent(bar, value, "x")


@pytest.mark.parametrize(
    "value", [np.zeros(3), np.zeros(3, np.float32), np.array(1.0), 1.0, np.float32(1.0), {"a": [1j, "text", 2, None]}]
)
def test_what_is_an_adjoint(value: Any):
    assert_cotangent(random_like(value, np.random.default_rng(0)), value, "x")


def test_fresh_arguments_share_what_the_arguments_share():
    x = np.ones(2)
    (a, [b]), c = fresh(((x, [x]), x))
    assert a is b and b is c and a is not x


def test_the_structure_of_containers():
    value = {"line": Line(np.zeros((2, 0)), 1), "rest": [(), "text", None, np.array(2.0)]}
    assert structure(value) == {"line": (Line, (2, 0), None), "rest": [(), str, type(None), None]}


def test_adjoints_for_a_cotangent():
    def f(x, n, y):
        return {"a": x * n, "b": (y @ x, "text")}

    args = (np.array([1.0, 2.0]), 3, np.array([4.0, 5.0]))
    seed = {"a": np.array([1.0, -1.0]), "b": (10.0, "text")}
    value, bars = value_and_adjoints(f, args, (2, 0), seed)
    assert_close(value, f(*args), 0.0, 0.0, "value")
    assert_close(bars, (np.array([10.0, 20.0]), np.array([43.0, 47.0])), 1e-15, 0.0, "adjoints")
    assert_close(adjoint(f, 2, seed)(*args), bars[0], 0.0, 0.0, "one adjoint")


def test_the_seed_of_one_real_number_is_one():
    rng = np.random.default_rng(0)
    assert [seed_of(out, rng) for out in (2.0, np.float32(2.0), np.array(2.0))] == [1.0, 1.0, 1.0]
    assert [structure(seed_of(out, rng)) for out in (1j, (2.0,), np.zeros(1))] == [None, (None,), (1,)]


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


def test_arguments_in_the_place_of_argnums_are_no_check():
    with pytest.raises(TypeError, match="give the arguments to what"):
        check_grads(f, (np.ones(3),), order=2)  # type: ignore[arg-type]
