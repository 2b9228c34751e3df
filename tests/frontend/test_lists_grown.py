"""Lists that grow are lists of the IR: a loop that fills one stays a loop, whatever its length."""

from __future__ import annotations

import numpy as np
import pytest

from ast_ad import UnsupportedSyntaxError, grad, vjp
from ast_ad.frontend.arguments import Argument
from ast_ad.frontend.lower import lower
from tests.corpus import comprehensions, lists_grown
from tests.corpus.registry import programs

PROGRAMS = [each for each in programs() if each.fun.__module__ in (lists_grown.__name__, comprehensions.__name__)]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
def test_no_integer_has_to_be_known_for_it(program):
    names = program.fun.__code__.co_varnames
    lowered = lower(program.fun, [Argument.of(*each) for each in zip(names, program.samples[0])])
    assert lowered.function.params


def test_the_length_may_differ_from_call_to_call():
    derivative = grad(lists_grown.appended_and_read)
    for n in (0, 1, 7):
        up, down = (lists_grown.appended_and_read(0.7 + e, n) for e in (1e-6, -1e-6))
        assert derivative(0.7, n) == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_the_code_reads_as_if_written_by_hand():
    from ast_ad.stages import stage_text

    text = stage_text(lists_grown.appended_and_read, "code", at={"x": 0.7, "n": 3})
    for line in ("xs = [x]", "xs.append(s * x)", "xs_bar = [0.0] * len(xs)", "xs_bar[i] += v_bar", "= xs_bar.pop()"):
        assert line in text, text


def reset_to_a_list(x, n):
    a = x * 2.0
    xs = []
    k = 0
    while k < n:
        xs.append(x * k)
        k += 1
        if k == 3:
            xs = [a]
            continue
        a *= 1.1
    return sum(np.sum(v) for v in xs)


def reset_in_a_tuple(x, n):
    a = x * 2.0
    t = ([], 1.0)
    k = 0
    while k < n:
        t[0].append(x * k)
        k += 1
        if k == 3:
            t = ([a], 2.0)
            continue
        a *= 1.1
    return sum(np.sum(v) for v in t[0])


@pytest.mark.parametrize("fun", [reset_to_a_list, reset_in_a_tuple])
def test_an_array_in_a_list_that_has_grown_is_not_written_to(fun):
    """Also where the loop sets the list to one of known length, and writes to the array in other turns."""
    with pytest.raises(UnsupportedSyntaxError, match="`a` is changed in place") as caught:
        grad(fun)(np.array([0.7, -0.4]), 4)
    assert "x.copy()" in caught.value.help
    assert "a *= 1.1" in str(caught.value)


def test_a_list_that_a_called_function_indexes_is_made_once():
    def item(values, i):
        return values[i] ** 2

    def f(values, n):
        total = 0.0
        for i in range(n):
            total += item(values, i)
        return total

    derivative = grad(f)
    assert derivative([1.0, 2.0, 3.0], 2) == [2.0, 4.0, 0.0]
    assert derivative.source.count("[values_0, values_1, values_2]") == 1


def test_none_on_some_paths():
    def moving(x, n):
        means = []
        for i in range(n):
            means.append(None if i < 1 else x * i)
        return means[n - 1] * 2

    def first(x):
        y = None
        if x > 1:
            y = x * 2
        return [y, x]

    assert grad(moving)(1.5, 3) == 4.0
    with pytest.raises(UnsupportedSyntaxError, match="a part of the result is None on some paths") as error:
        vjp(first, 1.5)
    assert "math.nan" in error.value.help
