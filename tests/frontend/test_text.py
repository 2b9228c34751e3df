"""Texts of values, and methods of texts."""

# Templates are written in every way that people write, and some do not fit.
# ruff: noqa: F507, F524, UP031

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ast_ad import KindError, UnsupportedSyntaxError, grad, value_and_grad

X = np.array([1.5, 2.5])


def described(x: Any, n: int) -> Any:
    parts = (n, 1.5, "a{b}", None, [n, (n,)], {"k": n, 2: ()}, x.dtype, True)
    return np.sum(x * x), f"{parts} {x.shape!s:>6}|{n:03d}", str((x.shape, [])), str(n)


def test_texts_are_those_of_python():
    value, aux = value_and_grad(described, has_aux=True), described(X, 7)
    (total, *texts), slopes = (lambda found: ((found[0][0], *found[0][1]), found[1]))(
        value_and_grad(lambda x, n: (described(x, n)[0], described(x, n)[1:]), has_aux=True)(X, 7)
    )
    assert value is not None
    assert (total, *texts) == aux
    assert slopes.tolist() == [3.0, 5.0]


def test_what_is_printed(capsys: pytest.CaptureFixture[str]):
    def talkative(x: Any, n: int) -> Any:
        print("shape", x.shape, [n, "two"], {"n": n}, sep="; ")
        return np.sum(x)

    grad(talkative)(X, 3)
    assert capsys.readouterr().out == "shape; (2,); [3, 'two']; {'n': 3}\n"


def test_methods_of_known_texts_are_called_when_lowering():
    def scaled(x: float, mode: str = "Twice,thrice") -> float:
        factor = 0.0
        for i, word in enumerate(mode.lower().split(",")):
            factor += {"twice": 2.0, "thrice": 3.0}[word] * (10 if word.startswith("t") else 1) ** i
        for letter in "ab":
            factor += len(letter.upper().replace("A", "aa"))
        return factor * x

    assert grad(scaled)(1.0) == 2 + 30 + 3


def test_a_text_of_numbers_is_no_argument_of_a_method():
    with pytest.raises(UnsupportedSyntaxError, match="known when lowering"):
        grad(lambda x: x * len("a-b".replace("-", f"{x}")))(1.0)


class _Shown:
    """An object with two texts, and one for each format."""

    def __str__(self) -> str:
        return "text"

    def __repr__(self) -> str:
        return "<shown>"

    def __format__(self, spec: str) -> str:
        return f"in {spec!r}"


def converted(x: float) -> tuple[float, tuple[str, ...]]:
    xs, shown, none = [x, "a"], _Shown(), x if x < 0 else None
    return x, (
        f"{xs!r} {xs=} {shown!r} {shown!s} {shown} {shown:>9} {[shown]!r:>12} {none} {none!r}",
        "%r %s %5.2f%% %r" % (xs, shown, x, shown),
        "%(x)r, %(n)03d" % {"x": x, "n": 2},
        ", ".join("ab"),
    )


def test_conversions_show_what_python_shows():
    assert value_and_grad(converted, has_aux=True)(1.5)[0] == converted(1.5)


def test_a_format_that_a_list_does_not_have_fails_as_in_python():
    def formatted(x: float) -> float:
        return x * len(f"{[x]:>10}")

    with pytest.raises(TypeError, match="unsupported format string passed to list"):
        value_and_grad(formatted)(1.5)


def test_what_is_bound_in_a_comprehension_of_unknown_length_is_refused():
    def last_of(xs: np.ndarray) -> float:
        found = any((last := each) > 1 for each in xs)
        return last * found

    with pytest.raises(KindError, match="it is bound in a comprehension"):
        value_and_grad(last_of)(X)


def test_texts_of_constants_are_known_as_keys():
    def named(weights: dict[str, float], x: float) -> float:
        return (
            x * weights["w%d" % 1] * weights["{}{node}".format("w", node=2)] + weights["w" + str(1)] * weights[f"w{2}"]
        )

    derivative = grad(named, 1)
    assert derivative({"w1": 2.0, "w2": 3.0}, 0.5) == 6.0
    assert "format" not in derivative.source and "%" not in derivative.source


@pytest.mark.parametrize(
    ("fun", "cls"),
    [
        (lambda x: x * len("%d of %d" % 1), TypeError),
        (lambda x: x * len("%d" % "a"), TypeError),
        (lambda x: x * len("{} {}".format(1)), IndexError),
        (lambda x: x * len("{:d}".format("a")), ValueError),
        (lambda x: x * len("{a}{b}".format(a=1)), KeyError),
    ],
)
def test_templates_that_do_not_fit_constants_fail_as_in_python(fun: Any, cls: type[Exception]):
    with pytest.raises(cls) as expected:
        fun(1.0)
    with pytest.raises(cls) as found:
        grad(fun)(1.0)
    assert found.value.args == expected.value.args
