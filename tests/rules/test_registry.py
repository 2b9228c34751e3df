"""The kinds of results, found by trial, and the table itself."""

from __future__ import annotations

import builtins
import itertools
import math
import operator
import warnings
from typing import Any

import numpy as np
import pytest

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, NONE, STRING, UNKNOWN, Array, Kind, Scalar, kind_of
from ast_ad.rules import registry
from ast_ad.rules.registry import effects, find, infer, rules

FLOAT32, FLOAT64 = Scalar("float32", numpy=True), Scalar("float64", numpy=True)
INT64, BOOL_ = Scalar("int64", numpy=True), Scalar("bool", numpy=True)

SAMPLES = (True, 2, 0.5, 0.5 + 0.25j, np.bool_(True), np.int64(2), np.float32(0.5), np.float64(0.5), np.complex64(1j))


def _literal(value: Any) -> Any:
    return (value,)


@pytest.mark.parametrize(
    ("fn", "count"),
    [
        *[(fn, 2) for fn in (operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv)],
        *[(fn, 2) for fn in (operator.mod, operator.pow, operator.lt, operator.eq, operator.and_, operator.lshift)],
        *[(fn, 1) for fn in (operator.pos, operator.neg, operator.abs, operator.invert, abs, int, float, round)],
        *[(fn, 1) for fn in (complex, math.sin, math.floor, np.sin, np.sign, np.floor, np.isnan, np.float32, np.int64)],
        *[(fn, 2) for fn in (complex, round, math.pow, math.hypot, np.power, np.maximum, np.divide, np.logaddexp)],
        *[(fn, 1) for fn in (primitives.real, primitives.imag, primitives.conjugate, np.sinc, np.i0, np.angle)],
        *[(np.ldexp, 2), (np.where, 3), (np.clip, 3)],
    ],
)
def test_the_kind_of_a_result_is_that_of_the_value(fn: Any, count: int) -> None:
    """For every combination of kinds: right, or a TypeError where the function itself refuses."""
    tried = 0
    for args in itertools.product(SAMPLES, repeat=count):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = fn(*args)
            except TypeError:
                with pytest.raises(TypeError):
                    infer(fn, [kind_of(arg) for arg in args])
                continue
            except (ArithmeticError, ValueError):
                continue
        tried += 1
        assert infer(fn, [kind_of(arg) for arg in args]) == kind_of(
            value[()] if isinstance(value, np.ndarray) else value
        )
    assert tried > 1


@pytest.mark.parametrize(
    ("fn", "kinds", "expected"),
    [
        (operator.add, (UNKNOWN, FLOAT), UNKNOWN),
        (operator.lt, (UNKNOWN, FLOAT), BOOL),
        (operator.eq, (UNKNOWN, UNKNOWN), BOOL),
        (operator.not_, (UNKNOWN,), BOOL),
        (np.isnan, (UNKNOWN,), BOOL_),
        (math.sin, (UNKNOWN,), FLOAT),
        (np.sin, (UNKNOWN,), UNKNOWN),
        (int, (UNKNOWN,), INT),
        (float, (UNKNOWN,), FLOAT),
        (math.floor, (UNKNOWN,), INT),
        (np.float32, (UNKNOWN,), FLOAT32),
        (builtins.max, (UNKNOWN, FLOAT), UNKNOWN),
        (builtins.max, (INT, FLOAT), FLOAT),
        (builtins.min, (FLOAT64, FLOAT), FLOAT64),
        (primitives.select, (BOOL, INT, FLOAT), FLOAT),
        (operator.eq, (STRING, STRING), BOOL),
        (operator.is_, (FLOAT, NONE), BOOL),
        (print, (FLOAT,), NONE),
        (str.format, (STRING, FLOAT), STRING),
        (lambda x: x, (FLOAT,), UNKNOWN),
    ],
)
def test_kinds_that_are_declared_or_unknown(fn: Any, kinds: tuple[Kind, ...], expected: Kind) -> None:
    assert infer(fn, kinds) == expected


@pytest.mark.parametrize("order", [(0j, 0.0, 0), (0, 0.0, 0j)])
def test_equal_constants_of_other_types_are_others(order: tuple[Any, ...]) -> None:
    """What was tried before decides nothing: 0, 0.0 and 0j are equal, but no result of theirs has one kind."""
    array = Array("float64", ("n1",))
    for constant in order:
        for fn in (np.multiply, np.append):
            found = infer(fn, [array, kind_of(constant)], [None, (constant,)])
            assert found.dtype == ("complex128" if isinstance(constant, complex) else "float64")


def test_the_sign_of_a_constant_exponent_decides() -> None:
    assert infer(operator.pow, (INT, INT), (None, _literal(2))) == INT
    assert infer(operator.pow, (INT, INT), (None, _literal(-2))) == FLOAT
    assert infer(np.clip, (FLOAT, NONE, FLOAT), (None, _literal(None), None)) == FLOAT64


def test_a_choice_between_things_that_have_nothing_in_common_has_no_kind() -> None:
    with pytest.raises(TypeError, match="one of float, str"):
        infer(primitives.select, (BOOL, FLOAT, STRING))


def test_a_function_that_cannot_take_the_arguments_says_so_itself() -> None:
    with pytest.raises(TypeError, match="must be real number, not complex"):
        infer(math.sin, (COMPLEX,))
    with pytest.raises(TypeError, match="not supported between"):
        infer(operator.lt, (COMPLEX, FLOAT))
    with pytest.raises(TypeError, match="a number or an array is needed here"):
        infer(math.sin, (kind_of(object()),))


def test_a_function_that_fails_on_every_sample_is_named() -> None:
    def never(x: float) -> float:
        raise ValueError(x)

    registry.inactive(never)
    with pytest.raises(TypeError, match="cannot tell what never returns for a float"):
        infer(never, (FLOAT,))
    del registry._RULES[never]


def test_functions_without_a_rule_are_not_called() -> None:
    called: list[Any] = []
    assert infer(called.append, (FLOAT,)) == UNKNOWN
    assert called == []


def test_printing_is_never_tried(capsys: pytest.CaptureFixture[str]) -> None:
    infer(print, (FLOAT,))
    assert capsys.readouterr().out == ""


def test_effects() -> None:
    assert effects(print) == {"draws"}
    assert effects(math.sin) == frozenset()
    assert effects(input) == {"draws", "raises"}


def test_unhashable_callables_have_no_rule() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> None: ...

    assert find(Unhashable()) is None


def test_costs() -> None:
    cheap = (operator.mul, operator.lt, operator.truediv, abs, max, np.maximum, float, math.fabs, primitives.select)
    assert [fn for fn in cheap if not find(fn).cheap] == []  # type: ignore[union-attr]
    dear = (math.sin, np.exp, math.sqrt, operator.pow, np.power, math.hypot)
    assert [fn for fn in dear if find(fn).cheap] == []  # type: ignore[union-attr]


def test_rules_that_are_inactive_have_no_expressions() -> None:
    assert [rule.fn for rule in rules() if rule.inactive and (rule.partials or rule.vjps or rule.jvps)] == []
    active = [rule for rule in rules() if not rule.inactive]
    both = [rule for rule in active if rule.partials is None and not rule.linearity]
    assert [rule.fn for rule in both if not (rule.vjps and rule.jvps)] == []


def test_kinds_are_inferred_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))
    calls = []

    def counted(x: float) -> float:
        calls.append(x)
        return x

    registry.inactive(counted)
    for _ in range(3):
        assert infer(counted, (FLOAT,)) == FLOAT
    assert len(calls) == 1
