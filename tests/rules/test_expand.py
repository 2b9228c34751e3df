"""The small algebra of derivative code: what is written, as text."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ast_ad.ir import primitives
from ast_ad.ir.kinds import COMPLEX, FLOAT, INT, UNKNOWN, Scalar
from ast_ad.ir.nodes import Lit, Op, Operand, Var
from ast_ad.rules.expand import Code
from ast_ad.rules.registry import elementwise, find

FLOAT32, FLOAT64 = Scalar("float32", numpy=True), Scalar("float64", numpy=True)
SYMBOLS: dict[Any, str] = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
G, X, Y = Var(FLOAT, "g"), Var(FLOAT, "x"), Var(FLOAT, "y")


def text(code: Code, operand: Operand | None) -> str:
    """Write an operand with what it was computed from, every operation in parentheses."""
    if isinstance(operand, Lit):
        return repr(operand.value)
    for op in code.statements:
        if isinstance(op, Op) and op.outs[0] is operand:
            args = [text(code, arg) for arg in op.args]
            if op.fn in SYMBOLS:
                return f"({args[0]} {SYMBOLS[op.fn]} {args[1]})"
            return f"(-{args[0]})" if op.fn is operator.neg else f"{op.fn.__name__}({', '.join(args)})"
    return operand.name if isinstance(operand, Var) else str(operand)


def written(rule: Callable[..., Any], *args: Operand) -> str:
    """Write what a rule's expression gives."""
    code = Code()
    return text(code, code.expand(rule, args))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda g, x, y: g * 1, "g"),
        (lambda g, x, y: 1.0 * g, "g"),
        (lambda g, x, y: g * -1, "(-g)"),
        (lambda g, x, y: g * 0, "0"),
        (lambda g, x, y: g + 0, "g"),
        (lambda g, x, y: 0.0 + g, "g"),
        (lambda g, x, y: g - 0, "g"),
        (lambda g, x, y: x + x, "(2 * x)"),
        (lambda g, x, y: g * (x + x), "((g * 2) * x)"),
        (lambda g, x, y: 0 - g, "(-g)"),
        (lambda g, x, y: g / 1, "g"),
        (lambda g, x, y: -(g * -1), "g"),
        (lambda g, x, y: -(x - y), "(y - x)"),
        (lambda g, x, y: g + -x, "(g - x)"),
        (lambda g, x, y: -g + x, "(x - g)"),
        (lambda g, x, y: g - -x, "(g + x)"),
        (lambda g, x, y: g * -x, "(-(g * x))"),
        (lambda g, x, y: -g * x, "(-(g * x))"),
        (lambda g, x, y: -g * -x, "(g * x)"),
        (lambda g, x, y: -g / x, "(-(g / x))"),
        (lambda g, x, y: g / -x, "(-(g / x))"),
        (lambda g, x, y: y + g * (-x / y), "(y - ((g * x) / y))"),
        (lambda g, x, y: g * (2 * x), "((g * 2) * x)"),
        (lambda g, x, y: g * (x * (y * x)), "(((g * x) * y) * x)"),
        (lambda g, x, y: g * (1 / y), "(g / y)"),
        (lambda g, x, y: g * (x / y), "((g * x) / y)"),
        (lambda g, x, y: (g * 100.0) * (2 * x), "((g * 200.0) * x)"),
        (lambda g, x, y: (g * 0.1) * 3, "((g * 0.1) * 3)"),
        (lambda g, x, y: (g / 2) * 2 * x, "(g * x)"),
        (lambda g, x, y: (g / 2) * 6, "(g * 3.0)"),
        (lambda g, x, y: (g / 3) * 2, "((g / 3) * 2)"),
        (lambda g, x, y: g * (1 - y * y), "(g * (1 - (y * y)))"),
        (lambda g, x, y: x**1, "x"),
        (lambda g, x, y: math.log(2) * g, "(log(2) * g)"),
        (lambda g, x, y: primitives.select(True, x, y), "x"),
        (lambda g, x, y: primitives.select(x < y, g, 0.0), "select(lt(x, y), g, 0.0)"),
        (lambda g, x, y: 0j + g, "(0j + g)"),
    ],
)
def test_algebra(rule: Callable[..., Any], expected: str) -> None:
    assert written(rule, G, X, Y) == expected


def test_what_is_derived_twice_is_derived_once() -> None:
    assert written(lambda g, x: g * x / 3.0 + g * x / 3.0, G, X) == "(((2 * g) * x) / 3.0)"
    assert written(lambda g, x: g * x / 3.0 + g * x / 4.0, G, X) == "(((g * x) / 3.0) + ((g * x) / 4.0))"


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "None"),
        (1, "1"),
        (2, "(2 * x)"),
        (3, "(3 * pow(x, 2))"),
        (0.5, "(0.5 * pow(x, -0.5))"),
        (-1, "(-pow(x, -2))"),
    ],
)
def test_power_with_a_constant_exponent_reads_as_taught(n: float, expected: str) -> None:
    rule = find(operator.pow).partials  # type: ignore[union-attr]
    code = Code()
    by_base, by_exponent = code.expand(rule, (Y, X, Lit(n)))
    assert text(code, by_base) == expected
    assert by_exponent is None


def test_power_of_a_constant() -> None:
    rule = find(operator.pow).partials  # type: ignore[union-attr]
    code = Code()
    by_base, by_exponent = code.expand(rule, (Y, Lit(2.0), X))
    assert by_base is None
    assert text(code, by_exponent) == "(y * log(2.0))"


def test_only_derivative_arithmetic_is_taken_apart() -> None:
    code = Code()
    users = code.op(operator.mul, X, Y)
    negative = code.op(operator.neg, X)
    assert text(code, code.mul(G, users)) == "(g * (x * y))"
    assert text(code, code.add(G, negative)) == "(g + (-x))"


def test_results_are_named_once() -> None:
    code = Code()
    product = code.mul(G, X)
    assert code.named(product, "x_bar") is product
    assert code.named(product, "y_bar") is product
    assert product.name == "x_bar"
    assert code.named(X, "z_bar").name == "x"
    assert code.named(Lit(1.0), "z_bar") == Lit(1.0)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (Var(FLOAT64, "v"), FLOAT, "v"),
        (Var(FLOAT, "v"), FLOAT64, "v"),
        (Var(FLOAT, "v"), FLOAT32, "float32(v)"),
        (Var(FLOAT64, "v"), FLOAT32, "float32(v)"),
        (Var(FLOAT32, "v"), FLOAT, "float(v)"),
        (Var(FLOAT32, "v"), FLOAT64, "float64(v)"),
        (Var(FLOAT32, "v"), FLOAT32, "v"),
        (Lit(1.0), FLOAT32, "1.0"),
        (Lit(np.float64(2)), FLOAT32, "float32(np.float64(2.0))"),
        (Lit(2 + 1j), FLOAT, "2.0"),
        (Var(COMPLEX, "v"), FLOAT, "real(v)"),
        (Var(COMPLEX, "v"), COMPLEX, "v"),
        (Var(FLOAT, "v"), COMPLEX, "v"),
        (Var(COMPLEX, "v"), FLOAT32, "float32(real(v))"),
        (Var(FLOAT, "v"), Scalar("complex64", numpy=True), "complex64(v)"),
        (Var(UNKNOWN, "v"), FLOAT32, "v"),
        (Var(COMPLEX, "v"), UNKNOWN, "v"),
        (Var(INT, "v"), FLOAT, "float(v)"),
    ],
)
def test_adjoints_get_the_kind_of_their_variable(value: Operand, kind: Any, expected: str) -> None:
    code = Code()
    assert text(code, code.as_kind_of(value, kind)).replace("float32(2.0)", "float32(np.float64(2.0))") == expected


def test_a_rule_may_use_helpers_comprehensions_and_its_closure() -> None:
    factor = 3.0

    def local(x: Any) -> Any:
        return sum(m.sin(v) * factor for v in (x, x))

    m = math
    assert written(local, X) == "((sin(x) * 3.0) + (sin(x) * 3.0))"


def test_structure_of_the_result_is_kept() -> None:
    code = Code()
    first, (second, third) = code.expand(lambda x: (None, (x, 2.0)), (X,))
    assert first is None
    assert second is X
    assert third == Lit(2.0)


def test_branching_on_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match="use `select"):
        Code().expand(lambda x: 1 if x > 0 else 2, (X,))


def test_a_function_without_a_python_body_is_a_rule_too() -> None:
    assert written(math.cos, X) == "cos(x)"


def test_users_functions_are_called_by_the_generated_code() -> None:
    def helper(x: float) -> float:
        return x * x

    elementwise(helper, lambda y, x: 2 * x)
    try:
        assert written(lambda x: helper(x), X) == "helper(x)"
    finally:
        from ast_ad.rules import registry

        del registry._RULES[helper]
