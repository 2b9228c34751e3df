"""What is refused of objects of libraries, and what runs as it stands."""

from __future__ import annotations

import collections
import decimal
import enum
import io
import json
from typing import Any

import pytest

from ast_ad import KindError, MissingRuleError, UnsupportedSyntaxError, grad


def by_float(x):
    return float(f"{x}") * x


def by_json(x):
    return float(json.loads(f'{{"a": {x}}}')["a"]) * x


def by_file(x):
    file = io.StringIO()
    file.write(f"{x}")
    return float(file.getvalue()) * x


def by_decimal(x):
    return float(decimal.Decimal(str(x)) * 2) * x


def by_attempt(x):
    try:
        value = float(str(x))
    except ValueError:
        value = 0.0
    return value * x


def by_words(x):
    return sum([float(word) for word in f"{x} {x}".split()]) * x


@pytest.mark.parametrize("function", [by_float, by_json, by_file, by_decimal, by_attempt, by_words])
def test_a_number_read_from_a_text_of_what_is_differentiated(function: Any):
    with pytest.raises(UnsupportedSyntaxError, match="a number is read from a text that was made of what is diff") as e:
        grad(function)(0.7)
    assert "float(" in e.value.where.text
    assert e.value.help.startswith("keep the number itself")


def test_a_text_of_a_constant_may_be_read():
    assert grad(lambda x, y: x * float(f"{y}"))(0.7, 2.5) == 2.5


def caught(x):
    try:
        value = decimal.Decimal(x)
    except ValueError:
        return 0.0
    return float(value)


def test_what_is_differentiated_does_not_go_into_a_library():
    with pytest.raises(MissingRuleError, match="`Decimal` has no derivative rule, and is called with what is diff"):
        grad(caught)(0.7)


def test_a_decimal_beside_a_float_fails_as_in_python():
    with pytest.raises(KindError, match="a number or an array is needed here, and this is a Decimal"):
        grad(lambda x: x * (decimal.Decimal(1) / 3))(0.7)


def test_an_object_that_is_no_number_says_so_when_it_runs():
    with pytest.raises(TypeError, match="a number is needed here, and a str was returned by a call"):
        grad(lambda x: x * json.loads('["a"]' + " " * int(x))[0])(0.7)


def written_once(x):
    buffer = io.StringIO()
    try:
        buffer.write("a")
    except ValueError:
        return x
    return x * len(buffer.getvalue())


def test_a_call_whose_exceptions_are_caught_is_made_once():
    assert grad(written_once)(0.7) == 1.0


class Level(enum.IntEnum):
    NONE = 0
    SOME = 1


LEVEL, NO_TURNS, WAITING = Level.NONE, range(0), collections.deque()


def by_level(x):
    return x * x if LEVEL else x


def by_range(x):
    return x * x if NO_TURNS else x


def by_queue(x):
    return x * x if WAITING else x


@pytest.mark.parametrize("function", [by_level, by_range])
def test_the_truth_of_what_never_changes_is_known(function: Any):
    assert grad(function)(3.0) == 1.0


def test_the_truth_of_an_object_from_outside_that_may_change_is_refused():
    with pytest.raises(UnsupportedSyntaxError, match="whether a deque from outside is empty, or true, may change") as e:
        grad(by_queue)(3.0)
    assert "if WAITING" in e.value.where.text


def matched_list(x, n):
    values = [x]
    for _ in range(n):
        values.append(x)
    match values:
        case [_]:
            return x * x
    return x


def matched_object(x, n):
    match json.loads("[1, 2]" + " " * n):
        case [first, _]:
            return x * first
    return x


@pytest.mark.parametrize("function", [matched_list, matched_object])
def test_a_pattern_of_what_may_have_any_length_is_refused(function: Any):
    with pytest.raises(UnsupportedSyntaxError, match="matches this pattern is known only when it runs") as e:
        grad(function)(3.0, 2)
    assert "case [" in e.value.where.text
