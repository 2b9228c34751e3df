"""What Python raises for values that do not fit: caught, or on paths that are never taken."""

import functools
import math
from collections.abc import MutableMapping

import numpy as np

from tests.corpus.registry import program

BREAKPOINTS = [0.0, 1.0, 2.0, 4.0]
HEIGHTS = [1.0, 3.0, 2.0, 5.0]


@program((0.7,), (np.array([0.7, -0.4]),))
def number_or_sequence(x):
    """Which it is, a function finds out by trying."""
    try:
        count = len(x)
    except TypeError:
        count = 1
        x = [x]
    try:
        width = x.shape[0]
    except AttributeError:
        width = 3
    total = 0.0
    for each in x:
        total = total + each**2 * count * width
    return total


@program((0.7,))
def first_item_or_itself(x):
    def first(value):
        try:
            return value[0]
        except (TypeError, IndexError):
            return value

    return first(x) * first([x, 1.0]) + first(np.float64(x))


@program((0.7,))
def missing_operand(x, scale=None):
    try:
        y = x * scale
    except TypeError:
        y = 2 * x
    try:
        return y if y < scale else x
    except TypeError:
        return y * x


@program((0.7,))
def option_that_is_needed_on_another_path(x, length=None):
    def entrance():
        return (x / length) ** 0.3

    if x > 5:
        return entrance() + length * x
    return x * x


@program((0.7,), (-0.7,))
def attribute_that_is_made_later(x):
    class Cache:
        def value(self):
            try:
                return self.kept
            except AttributeError:
                self.kept = x * x
            return self.kept * 3

    cache = Cache()
    return cache.value() + cache.value()


class Unsettled(Exception):
    def __init__(self, message, steps=0, point=None):
        super().__init__(message)
        self.steps = steps
        self.point = point


def _secant(function, x, *, steps):
    other = 1.01 * x + 1e-3
    f, g = function(x), function(other)
    for i in range(steps):
        if abs(f - g) < 1e-12:
            return other
        x, other = other, other - g * (other - x) / (g - f)
        f, g = g, function(other)
    raise Unsettled("no root", steps=i, point=other)


@program((2.0, 30), (2.0, 2))
def exception_with_named_arguments(a, steps):
    try:
        return _secant(lambda x: x * x - a, 1.3, steps=steps)
    except Unsettled as failure:
        return failure.point * failure.steps


def _place(x, knots):
    last = len(knots) - 1
    if x > knots[last]:
        return last
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if x < knots[middle]:
            high = middle
        else:
            low = middle
    return low


@program((2.5,), (0.4,))
def table_read_by_a_function(x):
    """The function goes through a list from outside by bisection, and returns early on one path."""
    i = _place(x, BREAKPOINTS)
    slope = (HEIGHTS[i + 1] - HEIGHTS[i]) / (BREAKPOINTS[i + 1] - BREAKPOINTS[i])
    return HEIGHTS[i] + slope * (x - BREAKPOINTS[i])


@program((0.7,), (-0.7,))
def product_of_a_list_that_grew(x):
    turns = [np.array([[1.0, x], [-x, 1.0]])]
    if x > 0:
        turns.append(np.array([[x, 0.5], [0.0, 1.0]]))
    return np.sum(functools.reduce(np.dot, turns[::-1]))


@program((0.7,), (-0.7,))
def methods_that_apply(x):
    """Texts in lists whose length depends on the path."""
    methods = []
    if x < 0.5:
        methods.append("square")
    if x < 1.0:
        methods.append("cube")
    if methods[0] == "square":
        return x * x * len(methods)
    return x**3


@program((0.7,), (-0.7,))
def keys_that_depend_on_the_path(x):
    shares = {"base": x}
    if x > 0:
        shares["more"] = x * x
    if x > 10:
        shares["rest"] = x**3
    total = sum(shares.values()) * len(shares)
    return total * shares["more"] if "more" in shares else total


@program((0.7, True), (0.7, False))
def exactly_true(x, flag):
    y = x * x if flag is True else x
    return y * 3 if flag is not False else y


@program((0.7, True), (0.7, False))
def derivative_beside_the_value_or_not(x, both):
    """A bool is given where a function may be, and is not called on that path."""

    def step(function, slope, start):
        if slope is True or both:
            value, rate = function(start)
        else:
            value, rate = function(start)[0], slope(start)
        return start - value / rate

    return step(lambda t: (t * t - x, 2 * t), True if both else lambda t: 2 * t, 1.0)


@program((0.7,), (2.2,))
def place_of_a_number_in_a_list(x):
    sizes = [1.0, 2.0, 3.0]
    i = sizes.index(round(x))
    same = math.isclose(x, 2.0, rel_tol=0.2, abs_tol=1e-12)
    return sizes[i] * x**2 + (x if same else 0.0)


class Lowered(MutableMapping):
    """A dict whose keys are lower case; what else a mapping has, the standard library adds."""

    def __init__(self, items):
        self.items_by_key = dict(items)

    def __getitem__(self, key):
        return self.items_by_key[key.lower()]

    def __setitem__(self, key, value):
        self.items_by_key[key.lower()] = value

    def __delitem__(self, key):
        del self.items_by_key[key.lower()]

    def __iter__(self):
        return iter(self.items_by_key)

    def __len__(self):
        return len(self.items_by_key)


@program((0.7,))
def mapping_of_the_standard_library(x):
    shares = Lowered({"first": 2.0})
    shares["Second"] = x
    total = sum(share * share for share in shares.values())
    return total * shares.get("SECOND", 1.0) + shares.get("third", 3.0) * x * ("first" in shares)
