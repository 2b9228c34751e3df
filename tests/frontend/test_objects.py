"""Objects: whose they are, which one a name holds, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import pytest

from ast_ad import KindError, UnsupportedSyntaxError, grad, value_and_grad
from ast_ad.testing import check_grads
from tests.frontend.support import from_text


class Box:
    """One value, and nothing else."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def shift(self, by: Any) -> Box:
        self.value = self.value + by
        return self


class Meta(type):
    """A metaclass that makes objects in a way of its own."""

    def __call__(cls) -> Any:
        return 1.0


class Odd(metaclass=Meta):
    """A class that is made in an unusual way."""


class Listed(list):  # type: ignore[type-arg]
    """A list with another name."""


LISTED = Listed([1.0, 2.0])


class Computing:
    """Attributes that are made when they are read."""

    def __getattr__(self, name: str) -> Any:
        return 1.0


@dataclass(frozen=True)
class Frozen:
    """A frozen dataclass."""

    x: float


BOX = Box(2.0)


class Kind(Enum):
    """Two members."""

    ONE = 1
    TWO = 2


FIRST, SECOND = Box(1.0), Box(2.0)


def which_of_two_from_outside(x, n):
    box = FIRST
    for _ in range(n):
        x, box = (2 * x, SECOND) if box is FIRST else (x + 1.0, FIRST)
    return x


def returns_a_member(x, n):
    return [x, Kind.ONE if x > 0 else Kind.TWO]


def two_classes(x, n):
    a = Box(x) if x > 0 else Frozen(x)
    return a


def missing(x, n):
    return Box(x).other


def with_a_metaclass(x, n):
    return Odd()


def inherits_a_list(x, n):
    return Listed([x])


def a_list_from_outside(x, n):
    return LISTED[0] * x


def counts_in_its_class(x, n):
    Box.count = n
    return x


def computed(x, n):
    return x if hasattr(Computing(), "anything") else 2 * x


def given_to_numpy(x, n):
    return np.sin(Box(x))


def not_callable(x, n):
    return Box(x)(x)


def too_many(x, n):
    return Box(x, x).value


def beside_an_array(x, n):
    return np.ones(3) * Box(x)


def ordered(x, n):
    return x if Box(x) < Box(x) else 1.0


@pytest.mark.parametrize(
    ("fun", "error", "message", "column"),
    [
        (which_of_two_from_outside, UnsupportedSyntaxError, "whether two objects are one", 36),
        (returns_a_member, UnsupportedSyntaxError, "which member of an enumeration leaves", 0),
        (two_classes, KindError, "returns has no single kind: it is a Box or a Frozen", 0),
        (missing, KindError, "'Box' object has no attribute 'other'", 11),
        (with_a_metaclass, UnsupportedSyntaxError, "its metaclass is `Meta`", 11),
        (inherits_a_list, UnsupportedSyntaxError, "a Listed leaves the function", 0),
        (a_list_from_outside, UnsupportedSyntaxError, "inherits from `list`, comes from outside", 11),
        (counts_in_its_class, UnsupportedSyntaxError, "`count` of `Box` cannot be assigned", 4),
        (computed, UnsupportedSyntaxError, "computed by `__getattr__`", 16),
        (given_to_numpy, KindError, "`sin` is called with a Box", 11),
        (not_callable, KindError, "a Box cannot be called", 11),
        (too_many, KindError, "`__init__` takes 2 positional arguments", 11),
        (beside_an_array, UnsupportedSyntaxError, "element by element", 11),
        (ordered, KindError, "a Box and another Box cannot be ordered|cannot be ordered", 16),
    ],
)
def test_what_is_not_known_is_refused_where_it_stands(
    fun: Callable[..., Any], error: type[Exception], message: str, column: int
) -> None:
    with pytest.raises(error, match=message) as caught:
        grad(fun)(1.5, 3)
    assert caught.value.where.column == column  # type: ignore[attr-defined]
    assert caught.value.where.file == __file__  # type: ignore[attr-defined]


def frozen_is_assigned(x):
    point = Frozen(x)
    if x > 0:
        point.x = 2.0
    return point.x


def test_an_assignment_that_fails_fails_when_it_runs() -> None:
    assert grad(frozen_is_assigned)(-1.0) == 1.0
    with pytest.raises(AttributeError, match="cannot assign to field 'x'"):
        grad(frozen_is_assigned)(1.0)


def missing_on_a_path(x):
    box = Box(x)
    if x > 0:
        box.extra = 2.0 * x
    return box.extra


def test_an_attribute_that_is_missing_on_a_path() -> None:
    assert grad(missing_on_a_path)(1.0) == 2.0
    with pytest.raises(AttributeError, match="'Box' object has no attribute 'extra'"):
        grad(missing_on_a_path)(-1.0)


def counts(x):
    BOX.value = BOX.value * x
    BOX.shift(x)
    return BOX.value * BOX.value


def test_the_users_objects_are_changed_in_a_copy() -> None:
    assert value_and_grad(counts)(3.0) == (81.0, 2 * 9.0 * 3.0)
    assert BOX.value == 2.0
    assert vars(BOX) == {"value": 2.0}


def in_a_loop(x, n):
    for _ in range(n):
        BOX.value = BOX.value * x
    return BOX.value


def test_a_copy_is_changed_in_a_loop_and_read_anew_at_each_call() -> None:
    assert grad(in_a_loop)(3.0, 2) == 2.0 * 2 * 3.0
    BOX.value = 5.0
    try:
        assert grad(in_a_loop)(3.0, 2) == 5.0 * 2 * 3.0
    finally:
        BOX.value = 2.0


class Color(Enum):
    """An enumeration with a method."""

    RED = 2.0
    BLUE = 3.0

    def twice(self) -> float:
        return 2 * self.value


def by_color(x, color):
    if color is Color.RED:
        return x * x
    return x * color.value * Color.RED.twice()


def test_enumerations() -> None:
    assert grad(by_color)(3.0, Color.RED) == 6.0
    assert grad(by_color)(3.0, Color.BLUE) == 12.0


class Model:
    """Methods that are differentiated, and that call others."""

    def __init__(self, w: Any) -> None:
        self.w = w

    @property
    def squared(self) -> Any:
        return self.w * self.w

    def predict(self, x: Any) -> Any:
        return self.squared * math.sin(x)

    @grad
    def slope(self, x: Any) -> Any:
        return self.predict(x)

    @value_and_grad
    def both(self, x: Any) -> Any:
        return self.predict(x) * self.w

    def through(self, x: Any) -> Any:
        return self.slope(x) * x


def test_derivatives_as_methods() -> None:
    model = Model(2.0)
    assert model.slope(0.5) == 4 * math.cos(0.5)
    assert model.both(0.5) == (8 * math.sin(0.5), 8 * math.cos(0.5))
    check_grads(model.through)(0.5)
    model.w = 3.0
    assert model.slope(0.5) == 9 * math.cos(0.5)
    assert grad(model.predict)(0.5) == 9 * math.cos(0.5)


def test_a_class_that_changes_is_lowered_anew() -> None:
    class Local:
        def value(self, x: Any) -> Any:
            return 2 * x

    def f(x):
        return Local().value(x)

    derivative = grad(f)
    assert derivative(1.0) == 2.0
    Local.value = lambda self, x: 3 * x  # type: ignore[method-assign]
    assert derivative(1.0) == 3.0


def touched(box, by):
    box.value = box.value + by
    return Box(box.value)


def test_classes_of_programs_without_a_module_name() -> None:
    """`exec` in a bare namespace says that they are builtins."""
    cell = "class Cell:\n    def __init__(self, v): self.v = v\n"
    text = f"{cell}def f(x):\n    c = Cell(0.5)\n    c.v += x\n    return c.v**2\n"
    assert grad(from_text(text, "f"))(1.5) == 4.0
