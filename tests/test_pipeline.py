"""The stages in their order, and what the pipeline refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ast_ad import KindError, SourceError, UnsupportedSyntaxError, grad, pipeline
from ast_ad.arguments import Callee, Target
from ast_ad.frontend.lower import Argument, lower
from ast_ad.ir.check import check
from ast_ad.ir.nodes import functions, walk
from ast_ad.request import Request, selected
from ast_ad.transformed import Transformed, transformed
from ast_ad.trees import LEAF, TupleTree
from tests.frontend.support import from_text
from tests.interpreter import run

K = 2.0


def product(x, y):
    return K * x * y


def arguments(**values: Any) -> tuple[Argument, ...]:
    return tuple(Argument.of(name, value) for name, value in values.items())


def request(operator: str = "grad", *names: str, single: bool = False) -> Request:
    return Request(operator, tuple(map(Target, names)), single)


def test_a_request_knows_its_direction():
    assert [request(name, "x").mode for name in ("grad", "value_and_grad", "jvp")] == ["reverse", "reverse", "forward"]


@pytest.mark.parametrize(
    ("asked", "args", "expected"),
    [
        (request("grad", "x", single=True), (3.0, 5.0, 2.0), 10.0),
        (request("grad", "x"), (3.0, 5.0, 2.0), (10.0,)),
        (request("grad", "y", "x"), (3.0, 5.0, 2.0), (6.0, 10.0)),
        (request("value_and_grad", "y", single=True), (3.0, 5.0, 2.0), (30.0, 6.0)),
        (request("jvp", "x", "y"), (3.0, 5.0, 1.0, 10.0, 2.0), (30.0, 70.0)),
        (request("jvp", "y"), (3.0, 5.0, 10.0, 2.0), (30.0, 60.0)),
    ],
)
def test_a_derived_function_takes_numbers_tangents_and_hidden_inputs(asked: Request, args: Any, expected: Any):
    derived = pipeline.derive(product, arguments(x=1.0, y=1.0), asked)
    assert [each.name for each in derived.hidden] == ["K"]
    assert [each.read(product) for each in derived.hidden] == [K]
    assert derived.function(*args) == expected
    assert derived.holds(product)


def test_what_was_assumed_is_told(monkeypatch: pytest.MonkeyPatch):
    derived = pipeline.derive(product, arguments(x=1.0, y=1.0), request("grad", "x", single=True))
    monkeypatch.setitem(globals(), "K", 7.0)
    assert derived.holds(product)
    monkeypatch.setitem(globals(), "K", 7)
    assert not derived.holds(product)


def test_the_seed_is_the_last_parameter():
    derived = pipeline.derive(product, arguments(x=1.0, y=1.0), request("grad", "x", single=True))
    assert derived.function(3.0, 5.0, 2.0, 10.0) == 100.0
    assert derived.function(3.0, 5.0, 2.0, out_bar=10.0) == 100.0
    assert derived.function.__name__ == "product_grad"


def test_the_text_is_the_same_without_compiling():
    asked = request("value_and_grad", "x", "y")
    given = arguments(x=1.0, y=1.0)
    assert pipeline.derivative_text(product, given, asked) == pipeline.derive(product, given, asked).text


def test_arguments_that_have_names_of_ours():
    def f(out_bar, x_bar, stack, np_):
        return out_bar * x_bar * stack * np_

    asked = request("grad", "out_bar", "x_bar")
    assert pipeline.derive(f, arguments(out_bar=1.0, x_bar=1.0, stack=1.0, np_=1.0), asked).function(
        2.0, 3.0, 5.0, 7.0
    ) == (105.0, 70.0)


def derivative_of(fun: Any, given: tuple[Argument, ...], asked: Request) -> Transformed:
    lowered = lower(fun, given)
    return transformed(lowered, pipeline.simplified(lowered.function), given, asked)


def test_structured_arguments_and_results():
    def f(p, q):
        return p[0] * p[1] * q, {"sum": p[0] + q}

    given = arguments(p=(1.0, 1.0), q=1.0)
    derived = pipeline.derive(f, given, request("jvp", "p", "q"))
    assert derived.function((2.0, 3.0), 5.0, (1.0, 0.0), 0.0) == ((30.0, {"sum": 7.0}), (15.0, {"sum": 1.0}))
    made = derivative_of(f, given, request("jvp", "p", "q"))
    assert isinstance(made.out_tree, TupleTree) and made.out_tree.items[0] == made.out_tree.items[1]


@pytest.mark.parametrize("operator", ["grad", "value_and_grad", "jvp"])
def test_the_transformed_function_is_checked_and_computes_the_derivative(operator: str):
    given = arguments(x=1.0, y=1.0)
    asked = request(operator, "x", single=True)
    made = derivative_of(product, given, asked)
    check(made.function, "test")
    tail = (1.0, K) if operator == "jvp" else (K, 1.0)
    results = run(made.function, 3.0, 5.0, *tail)
    assert results == run(pipeline.simplified(made.function), 3.0, 5.0, *tail)
    assert results[-1] == 10.0


def chosen(given: tuple[Argument, ...], asked: Request) -> list[int]:
    return [i for target in asked.targets for i in selected(given, target).leaves]


def test_chosen_leaves():
    given = arguments(x=1.0, p=(1.0, (2.0, 3)), r=(1.0, 2.0), o={"b": 1.0, "a": (2.0, 3.0)})
    assert chosen(given, request("grad", "x")) == [0]
    assert chosen(given, request("grad", "p", "x")) == [1, 2, 3, 0]
    assert chosen(given, Request("grad", (Target("r", 1),), True)) == [5]
    assert chosen(given, Request("grad", (Target("o", "b"), Target("o", "a")), False)) == [6, 7, 8]


@pytest.mark.parametrize("value", [3, True, np.int64(3)])
def test_integers_are_not_differentiated(value: Any):
    with pytest.raises(KindError, match="argument `x` is of type"):
        pipeline.derive(product, arguments(x=value, y=1.0), request("grad", "x", single=True))


def test_a_lowered_derivative_has_no_seed_and_no_default():
    callee = Callee(product)
    lowered = pipeline.lower_derivative(callee, arguments(x=1.0, y=1.0), request("grad", "x", single=True))
    check(lowered.function, "test")
    assert not lowered.function.defaults
    assert lowered.out_tree == LEAF
    assert len(lowered.function.params) == 2 + len(lowered.hidden)
    derivative = grad(product)
    assert [each.read(derivative) for each in lowered.hidden] == [K]
    assert all(guard.holds(derivative) for guard in lowered.guards)
    assert run(lowered.function, 3.0, 5.0, K) == (10.0,)


def test_operators_transform_with_and_without_seeds():
    primal = lower(product, arguments(x=1.0, y=1.0)).function
    reverse = pipeline.Operator("grad").reverse(primal, [1, 0])
    assert run(check(reverse, "test"), 3.0, 5.0, K) == (30.0, 6.0, 10.0)
    seeded = pipeline.Operator("vjp").reverse(primal, [0], shaped=True)
    assert run(check(seeded, "test"), 3.0, 5.0, K, 100.0) == (30.0, 1000.0)
    forward = pipeline.Operator("jvp").forward(primal, [0, 1])
    assert run(check(forward, "test"), 3.0, 5.0, K, 1.0, 10.0) == (30.0, 70.0)


def test_sources_are_checked_before_any_call():
    with pytest.raises(UnsupportedSyntaxError):
        pipeline.check_source(from_text("def f(x):\n    yield x\n", "f"))
    with pytest.raises(SourceError):
        pipeline.check_source(eval("lambda x: x"))
    pipeline.check_source(math.sin)
    pipeline.check_source(np.sin)
    pipeline.check_source(product)


def straight_line(count: int) -> Any:
    lines = [f"    y = math.sin(y) * x + {i}.5" for i in range(count)]
    return from_text("\n".join(["import math", "def f(x):", "    y = x", *lines, "    return y", ""]), "f")


def test_the_size_grows_linearly_with_the_length():
    def size(count: int) -> int:
        given = arguments(x=1.0)
        fun = straight_line(count)
        made = derivative_of(fun, given, request("grad", "x", single=True))
        simplified = pipeline.simplified(made.function)
        return sum(1 for each in functions(simplified) for _ in walk(each.body))

    small, middle, large = size(20), size(40), size(80)
    assert large - middle == 2 * (middle - small)
