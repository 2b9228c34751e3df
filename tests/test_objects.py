"""Derivatives by objects: dataclasses, plain objects, registered classes, in containers and in each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

import ast_ad
from ast_ad import (
    ArgumentError,
    UnsupportedSyntaxError,
    grad,
    hvp,
    jacobian,
    jvp,
    register_container,
    value_and_grad,
    vjp,
)
from ast_ad.testing import check_grads


@dataclass(frozen=True)
class Params:
    """A frozen dataclass whose `__post_init__` must not be called for a gradient."""

    w: Any
    b: Any
    name: str = "params"
    order: int = 2
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError("a name is a string")

    def predict(self, x: Any) -> Any:
        return self.w * x + self.b


CALLS: list[str] = []


@dataclass
class Positive:
    """A dataclass that refuses what its gradient may be."""

    w: float

    def __post_init__(self) -> None:
        if self.w < 0:
            raise ValueError("a weight is positive")


class Model:
    """A plain object: a function, a text and other objects among its attributes."""

    def __init__(self, w: Any, inner: Params) -> None:
        CALLS.append("Model")
        self.w = w
        self.act = math.tanh
        self.inner = inner
        self.tag = "model"

    def loss(self, x: Any) -> Any:
        self.cached = self.act(self.w * x)
        return self.cached * self.inner.predict(x) ** self.inner.order


class Slotted:
    """Attributes in slots, one of them never set."""

    __slots__ = ("other", "w")

    def __init__(self, w: Any) -> None:
        self.w = w


class Line:
    """A class that is registered: its name is no child."""

    def __init__(self, slope: Any, offset: Any, name: str) -> None:
        self.slope, self.offset, self.name = slope, offset, name

    def at(self, x: Any) -> Any:
        return self.slope * x + self.offset * len(self.name)


register_container(Line, lambda line: ((line.slope, line.offset), line.name), lambda name, made: Line(*made, name))


class Pair(NamedTuple):
    """A named tuple that holds objects."""

    first: Any
    second: Any


def loss(p, x):
    return np.sum(p.predict(x) ** 2) * p.order


def example() -> Params:
    return Params(np.array([1.0, 2.0]), 0.5)


X = np.array([1.0, 3.0])


def test_the_gradient_by_a_dataclass_is_one_that_is_not_initialised() -> None:
    params = example()
    bar = grad(loss)(params, X)
    assert type(bar) is Params
    assert grad(lambda p: -(p.w**2))(Positive(3.0)).w == -6.0
    np.testing.assert_allclose(bar.w, 2 * 2 * (params.w * X + 0.5) * X)
    np.testing.assert_allclose(bar.b, np.sum(2 * 2 * (params.w * X + 0.5)))
    assert (bar.name, bar.order, bar.made) == ("params", 2, [])


def test_the_text_reads_attributes() -> None:
    derivative = grad(loss)
    derivative(example(), X)
    assert "p.w, p.b" in derivative.source
    assert "return new_Params(" in derivative.source


def test_a_plain_object_stays_as_it_was() -> None:
    model = Model(0.7, Params(2.0, 0.3))
    before = dict(vars(model))
    CALLS.clear()
    bar = grad(Model.loss, argnums="self")(model, 1.5)
    assert type(bar) is Model
    assert not CALLS
    assert vars(model) == before
    assert (bar.act, bar.tag, bar.inner.order) == (math.tanh, "model", 2)
    check_grads(lambda m: m.loss(1.5))(model)


def by_method(m, x):
    return m.loss(x) * m.w


CASES: list[tuple[Callable[..., Any], Any]] = [
    (lambda p: loss(p, X), example()),
    (lambda m: by_method(m, 0.4), Model(0.7, Params(2.0, 0.3))),
    (lambda line: line.at(2.0) ** 2, Line(1.5, -0.5, "ab")),
    (lambda s: math.exp(s.w) * s.w, Slotted(0.3)),
    (lambda ms: sum(m.predict(0.7) * m.w for m in ms), [Params(1.0, 2.0), Params(0.5, 4.0)]),
    (lambda pair: pair.first.at(pair.second.w) ** 2, Pair(Line(1.5, 0.5, "a"), Params(2.0, 1.0))),
    (lambda d: d["a"].w ** 2 * d["b"].b, {"a": Params(1.5, 1.0), "b": Params(1.0, -2.0)}),
]


@pytest.mark.parametrize(("fun", "value"), CASES)
def test_derivatives_by_objects(fun: Callable[..., Any], value: Any) -> None:
    check_grads(fun, order=2)(value)


@pytest.mark.parametrize("vector", [{"w": 1.0, "n": 3}, {"w": 1.0, "n": 0}, {"w": 1.0, "n": None}])
def test_integers_stay_what_they_are_in_products_with_the_hessian(vector: dict[str, Any]) -> None:
    assert hvp(lambda d: d["w"] ** d["n"])({"w": 2.0, "n": 3}, vector) == {"w": 12.0, "n": 3}


def test_jvp_vjp_hvp_and_jacobian() -> None:
    params, direction = example(), Params(np.array([1.0, 0.0]), 1.0)
    value, dot = jvp(loss, (params, X), (direction, np.zeros(2)))
    bar = grad(loss)(params, X)
    assert value == loss(params, X)
    np.testing.assert_allclose(dot, bar.w[0] + bar.b)
    out, pullback = vjp(lambda p, x: Params(p.w * x, p.b, "out"), params, 2.0)
    assert (type(out), out.name, out.b) == (Params, "out", 0.5)
    back, x_bar = pullback(Params(np.array([1.0, 3.0]), 1.0, "out"))
    np.testing.assert_allclose(back.w, [2.0, 6.0])
    np.testing.assert_allclose(x_bar, 1.0 + 6.0)
    np.testing.assert_allclose(hvp(loss)(params, X, direction).b, 4 * (2 * 1.0 + X[0]))
    rows = jacobian(lambda p: p.w * p.b)(params)
    np.testing.assert_allclose(rows.w, 0.5 * np.eye(2))
    np.testing.assert_allclose(rows.b, params.w)


def test_a_gradient_is_a_tangent() -> None:
    bar = grad(loss)(example(), X)
    _, dot = jvp(loss, (example(), X), (bar, np.zeros(2)))
    np.testing.assert_allclose(dot, np.sum(bar.w**2) + bar.b**2)


def test_a_tangent_of_another_class_is_refused() -> None:
    with pytest.raises(ArgumentError, match="an object of 5 items is needed"):
        jvp(loss, (example(), X), (Slotted(1.0), np.zeros(2)))


def step(p, x):
    bar = grad(loss)(p, x)
    return loss(Params(p.w - 0.1 * bar.w, p.b - 0.1 * bar.b), x)


def test_derivatives_inside_a_function_take_and_return_objects() -> None:
    check_grads(lambda p: step(p, X))(example())
    assert grad(lambda q: grad(lambda r: r.w**3 * r.b)(q).w)(Params(2.0, 3.0)).b == 12.0


def doubled(p, q):
    p.w = p.w * 2
    return p.w * q.w


def test_arguments_that_are_one_object_are_not_taken_for_two() -> None:
    first, second = Slotted(2.0), Slotted(5.0)
    assert grad(doubled)(first, second).w == 10.0
    with pytest.raises(UnsupportedSyntaxError, match="may be the argument that is changed"):
        grad(doubled)(first, first)
    with pytest.raises(UnsupportedSyntaxError, match="may be the same"):
        grad(doubled, (0, 1))(first, first)
    assert (first.w, second.w) == (2.0, 5.0)


def scaled(x, config):
    return x * config.w + config.b


def test_dataclasses_beside_what_is_differentiated_are_read_at_each_call() -> None:
    derivative = grad(scaled)
    derivative(2.0, Params(3.0, 1.0))
    first = derivative.source
    assert derivative(2.0, Params(5.0, 1.0)) == 5.0
    assert derivative.source is first


def test_objects_whose_attributes_change_are_lowered_anew() -> None:
    derivative = value_and_grad(lambda m: m.loss(0.5))
    model = Model(0.7, Params(2.0, 0.3))
    derivative(model)
    model.act = math.sin
    value, bar = derivative(model)
    assert value == model.loss(0.5)
    assert bar.act is math.sin


def test_registered_classes_whose_children_are_no_attributes() -> None:
    class Hidden:
        def __init__(self, values: tuple[Any, ...]) -> None:
            self.values = list(values)

    register_container(Hidden, lambda h: (tuple(h.values), None), lambda aux, made: Hidden(made))
    with pytest.raises(TypeError, match="has to be the value of an attribute"):
        grad(lambda h: h.values[0])(Hidden((1.0, 2.0)))


def test_the_names_are_public() -> None:
    assert ast_ad.register_container is register_container
