"""A program for each row of the table in `docs/language.md`: what is written there is what happens to these."""

# The programs are written in every way that people write.
# ruff: noqa: F842, UP031, B023, E731, F841

from __future__ import annotations

import asyncio
import contextlib
import datetime
import fractions
import functools
import io
import itertools
import math
import operator
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import ast_ad

PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {}


def at(*args: Any) -> Callable[[Any], Any]:
    """List a function as a program, with the arguments to run it at."""

    def register(fun: Any) -> Any:
        PROGRAMS[fun.__name__] = fun, args
        return fun

    return register


VECTOR = np.array([0.5, 1.5, 2.0])
SCALE = 2.0
COUNT = 0

# Statements.


@at(0.7)
def inner_function(x):
    def f(a, b=2.0):
        return a * b + x

    return f(x) * f(x, b=x)


@at(0.7)
def inner_decorator(x):
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args):
            return 2 * f(*args)

        return wrapper

    @twice
    def g(t):
        return t * x

    return g(x)


@at(0.7)
def every_parameter(x):
    def f(a, /, b, *more, c=1.0, **named):
        return a * b + c * sum(more) + named.get("d", 0.0)

    return f(x, 2.0) + f(x, b=x, c=x) + f(x, x, x, 1.0, d=x)


@at(0.7)
def mutable_default(x):
    def f(a, items=[]):  # noqa: B006
        return a * (len(items) + 1)

    return f(x) * f(x)


@at(0.7, 4)
def recursion(x, n):
    return 1.0 if n == 0 else x * recursion(x, n - 1)


@at(0.7)
async def async_function(x):
    return x


@at(0.7)
def inner_async_function(x):
    async def f():
        return x

    return asyncio.run(f())


class Ending:
    """Ends every exception but a `KeyError`."""

    def __enter__(self):
        return self

    def __exit__(self, cls, error, trace):
        return cls is not None and not issubclass(cls, KeyError)


@at(0.7)
def with_ends_exceptions(x):
    y = x
    with Ending():
        y = x * x
        y = math.log(x - 1)
    return y


@at(0.7)
def jumps_in_finally(x):
    for i in range(4):
        try:
            x = x * x
            if i == 2:
                raise ValueError(i)
        finally:
            if i == 1:
                continue  # noqa: B012
            if i == 2:
                return x * i  # noqa: B012
    return x


@at(0.7, 4)
def computed_keys(x, n):
    values = {}
    for i in range(n):
        values[i, f"{i}"] = x * i
    return sum(values.values()) * values[n - 1, str(n - 1)]


@at(0.7)
def inner_class(x):
    class Point:
        def __init__(self, v):
            self.v = v

    return Point(x).v * x


@at(0.7)
def returns(x):
    if x > 0:
        return x * x
    return -x


@at(0.7)
def delete_name(x):
    y = x * x
    z = y + x
    del y
    return z


@at(0.7)
def delete_item(x):
    items = {"a": x, "b": x * x}
    del items["b"]
    return sum(items.values())


@at(0.7)
def assign_names(x):
    a = b = x * x
    c, (d, e) = a, (b, x)
    return a * c + d * e


@at(0.7)
def assign_starred(x):
    first, *others, last = x, 1.0, x * x, 2 * x
    return first * others[1] + last


@at(VECTOR)
def assign_array_items(x):
    y = np.zeros(3)
    y[0] = x[1] * x[2]
    y[1:] = x[:2] ** 2
    return np.sum(y * x)


@at(0.7)
def assign_container_items(x):
    items, table = [x, 1.0], {"a": x}
    items[1] = x * x
    table["b"] = items[1] * x
    return items[0] * table["b"]


class Counter:
    def __init__(self, value):
        self.value = value


@at(0.7)
def assign_attribute(x):
    counter = Counter(x)
    counter.value = counter.value * x
    return counter.value


@at(0.7)
def augmented(x):
    y = x
    y += 1
    y *= x
    y **= 2
    items = [x, 1.0]
    items[0] -= 2 * x
    return y * items[0]


@at(VECTOR)
def augmented_array(x):
    y = x * 1.0
    y += x
    y[0] *= x[1]
    return np.sum(y * x)


@at(0.7)
def annotated(x):
    y: float = x * x
    z: int
    return y


@at(0.7, 3)
def for_range(x, n):
    total = 0.0
    for i in range(n):
        total += x**i
    return total


@at(VECTOR)
def for_sequences(x):
    total = 0.0
    for i, (a, b) in enumerate(zip(x, [1.0, 2.0, 3.0])):
        total += i * a * b
    for key, value in {"a": x[0], "b": x[1]}.items():
        total += value * len(key)
    for a in reversed(x):
        total *= a
    return total


@at(0.7)
def for_else(x):
    for k in range(5):
        if x * k > 10:
            break
    else:
        return x**3
    return x


@at(0.7)
def for_generator(x):
    def squares(n):
        for i in range(n):
            yield x * i

    total = 0.0
    for square in squares(3):
        total += square
    return total


@at(0.7)
def for_infinite(x):
    total = 0.0
    for k in itertools.count():
        if k > 3:
            break
        total += x**k
    return total


@at(0.7)
def while_loop(x):
    n = 0
    while x < 5:
        x = x * 1.5
        n += 1
        if n == 2:
            continue
        if n > 4:
            break
    else:
        x = x * x
    return x


@at(0.7)
def branches(x):
    if x > 1:
        return x
    elif x > 0.5:
        y = x * x
    else:
        y = 1.0
    return y


@contextlib.contextmanager
def scaled(k):
    yield k * 2


class Section:
    def __init__(self, scale):
        self.scale = scale

    def __enter__(self):
        return self.scale

    def __exit__(self, *error):
        return False


@at(0.7)
def with_contexts(x):
    with np.errstate(divide="ignore"), scaled(x) as k, Section(k) as s:
        y = s * x
    with contextlib.suppress(ZeroDivisionError):
        y = y / 0
    return y


@at(0.7)
def with_loop_in_generator(x):
    @contextlib.contextmanager
    def many():
        for _ in range(1):
            yield x

    with many() as y:
        return y * x


@at(0.7, 3)
def match_statement(x, n):
    match n, {"a": x}:
        case 0, _:
            return x
        case k, {"a": v} if k > 2:
            return v**k
    return 1.0


@at(0.7)
def raises(x):
    if x < 0:
        raise ValueError(f"negative: {x}") from None
    return x * x


@at(-0.7)
def raises_again(x):
    try:
        try:
            y = math.sqrt(x)
        except ValueError:
            raise
    except ValueError as error:
        print(f"no root: {error}")
        y = x * x
    return y


@at(0.7)
def try_except_else_finally(x):
    y = x
    try:
        y = 1 / (x - x)
    except ZeroDivisionError:
        y = x * x
    else:
        y = 0.0
    finally:
        y = y * x
    return y


@at(0.7)
def exception_out_of_a_loop(x):
    try:
        for k in (2, 1, 0):
            x = x / k
    except ZeroDivisionError:
        return x * x
    return x


def checked(x):
    if x < 1:
        raise ValueError("small")
    return x


@at(0.7)
def exception_of_a_function(x):
    try:
        return checked(x)
    except ValueError:
        return x * x


@at(0.7)
def while_of_two_ranks(x):
    rows, step = x, 0
    while step == 0 or np.sum(rows) < 3:
        rows = np.append(rows, x * step)
        step += 1
    return rows[0] * rows[-1] * step


@at(0.7)
def exception_in_the_middle(x):
    try:
        y = x > 0 and checked(x) > 2
    except ValueError:
        return x * x
    return x * y


@at(0.7)
def asserts(x):
    assert x > 0, "negative"
    return x * x


@at(0.7)
def imports(x):
    import math as m
    from math import cos

    return m.sin(x) * cos(x)


@at(0.7)
def import_relative(x):
    from . import programs

    return x * programs.SCALE


@at(0.7)
def reads_global(x):
    global SCALE
    return x * SCALE


@at(0.7)
def writes_global(x):
    global COUNT
    COUNT = COUNT + 1
    return x


@at(0.7)
def loops_over_global(x):
    global COUNT
    for COUNT in range(3):
        x = x * COUNT
    return x


@at(0.7)
def writes_nonlocal(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v * x

    add(x)
    add(2.0)
    return total


def make_counter(x):
    n = 0

    def count():
        nonlocal n
        n += 1
        return n * x

    return count


@at(0.7)
def nonlocal_of_a_function_that_returned(x):
    count = make_counter(x)
    return count() + count()


@at(0.7)
def statements_for_nothing(x):
    """The program's documentation."""
    pass
    ...
    print("x is", x)
    return x * x


@at(0.7)
def dynamic_code(x):
    return eval("x * x")


# Expressions.


@at(0.7)
def bool_op(x):
    return (x > 0 and x * x) or x


@at(0.7)
def walrus(x):
    if (y := x * x) > 0.1:
        return y * x
    return y


@at(0.7, 6)
def arithmetic(x, n):
    bits = (n << 2 >> 1) & 7 | 8 ^ 3
    return (x + 1) * (x - 2) / (x**2 + n // 2) + x % 0.4 + bits * x


@at(np.array([[0.5, 1.0], [2.0, 0.3]]))
def matrix_product(x):
    return np.sum(x @ x)


@at(0.7, 6)
def unary(x, n):
    return -x * +x + (~n) * x + (not n) * x


@at(0.7)
def lambdas(x):
    f = lambda t, k=x: t * k
    return f(x) + f(2.0, k=1.0)


@at(0.7)
def conditional(x):
    return x * x if x > 0 else -x


@at(0.7)
def dicts(x):
    p = {"a": x, 3: x * x}
    q = {**p, "b": 1.0}
    return q["a"] * q[3] + q["b"]


@at(0.7)
def sets(x):
    chosen = {1, 2}
    chosen.add(4)
    return sum(x**k for k in sorted(chosen))


@at(0.7)
def set_membership(x):
    return x * x if 2 in {1, 2} else x


@at(0.7, 3)
def list_comprehension(x, n):
    return sum([x * a * b for a in (1.0, 2.0) for b in range(3) if b > 0]) + sum([x**i for i in range(n)])


@at(VECTOR)
def comprehension_tests_values(x):
    return sum([v * v for v in x if v > 1])


@at(0.7)
def set_comprehension(x):
    return sum(x * k for k in {i % 3 for i in range(5)})


@at(0.7)
def dict_comprehension(x):
    p = {k: x * i for i, k in enumerate("ab")}
    return p["a"] + p["b"] * x


@at(0.7)
def generator_expression(x):
    return sum(x**k for k in (1, 2, 3)) + max(v * x for v in (1.0, 2.0))


@at(0.7)
async def awaits(x):
    return await x


@at(0.7)
def yields(x):
    yield x


@at(0.7)
def yields_from(x):
    yield from (x, x)


@at(0.7)
def comparisons(x):
    if 0 < x <= 1 != 2 and x >= 0 and x in (x, 1.0) and "a" not in {"b": 1} and None is not x:
        return x * x
    return x if x == 1 else -x


@at(0.7)
def identity_of_numbers(x):
    y = x
    return x * x if x is y else x


@at(0.7)
def calls(x):
    args, options = (x, 2.0), {"initial": 1.0}
    return operator.mul(*args) * math.hypot(x, *(1.0,)) * np.prod(np.array([x, 2.0]), **options)


@at(0.7)
def library_call_of_constants(x):
    return x * len(sorted([3, 1, 2])) * int("2")


@at(0.7)
def library_objects(x):
    days = (datetime.date(2024, 3, 1) - datetime.date(2024, 1, 1)).days
    with io.StringIO("1.5 2") as lines:
        factors = [float(word) for line in lines for word in line.split()]
    return x**2 * days + math.prod(factors) * fractions.Fraction(1, 3) * x


@at(0.7)
def number_read_from_a_text(x):
    return float(f"{x}") * x


@at(0.7)
def library_call_without_a_rule(x):
    return x * operator.length_hint([x])


@at(0.7)
def strings(x):
    text = f"{x:>8.{2}f} {'a'!r}".strip() + "%d" % 3
    if text.startswith("0"):
        return x * x
    return x


@at(0.7)
def constants(x):
    values = (1, 2.5, True, None, "a", b"b", ..., 1j)
    return x * values[0] * values[1] * values[2] + abs(x * values[-1])


Pair = namedtuple("Pair", "a b")


@dataclass
class Model:
    scale: float
    shift: float = 1.0

    @property
    def double(self):
        return 2 * self.scale

    def __call__(self, x):
        return self.scale * x + self.shift


@at(0.7)
def attributes(x):
    pair = Pair(x, x * x)
    model = Model(x)
    return pair.a * pair.b + model(x) * model.double


@at(VECTOR)
def subscripts(x):
    items = [x[0], (x[1], {"k": x[-1]})]
    return items[0] * items[1][0] * items[1][1]["k"] + np.sum(x[::-1][1:] * x[[0, 2]] * x[x > 0][:2])


@at(0.7)
def starred(x):
    items = [*(x, 2.0), *[x * x]]
    return sum((*items, x))


@at(0.7)
def displays(x):
    items, pair = [x, [x * x, 1.0]], (x, (2.0,))
    return items[1][0] * pair[1][0] + items[0]


@at(VECTOR, 1)
def slices(x, n):
    items = [x[0], x[1], x[2]]
    return np.sum(x[n:] ** 2) + sum(items[1:]) * items[:2][-1]


@at(0.7)
def unbound_name(x):
    if x > 0:
        y = x * x
    return y


# Patterns.


@at(0.7, "sin")
def pattern_value(x, name):
    match name:
        case "cos":
            return x
        case "sin":
            return x * x


@at(0.7)
def pattern_singleton(x):
    match None:
        case True:
            return x
        case None:
            return x * x


@at((0.7, 2.0, 3.0))
def pattern_sequence(p):
    match p:
        case [a]:
            return a
        case [a, *rest]:
            return a * a * len(rest)


@at({"kind": "circle", "r": 0.7})
def pattern_mapping(p):
    match p:
        case {"kind": "circle", "r": r, **others}:
            return r * r


@at(Pair(0.7, 2.0))
def pattern_class(p):
    match p:
        case Pair(a, b=float(b)):
            return a * b * a


@at(0.7, 2)
def pattern_alternatives(x, n):
    match n:
        case 1 | 2 as k:
            return x**k * x


# What functions do with functions.


@at(0.7)
def functions_as_values(x):
    fs = {"f": math.sin, "g": functools.partial(math.pow, x)}
    composed = functools.reduce(lambda v, f: f(v), [fs["f"], math.exp], x)
    return composed * fs["g"](2) + sum(map(operator.neg, filter(None, [x, 0.0, 1.0])))


@at(0.7, 1)
def function_chosen_when_it_runs(x, n):
    f = math.sin if n > 0 else math.cos
    return f(x) * x


@at(0.7)
def one_of_two_classes(x):
    class Scaled:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, x):
            return self.factor * x

    class Clipped:
        def __call__(self, x):
            return min(x, 0.5)

    act = Scaled(x) if x > 0.5 else Clipped()
    width = act.factor if isinstance(act, Scaled) else 1.0
    return act(x) * width


@at(0.7)
def none_or_a_number(x):
    best = None
    for k in range(3):
        if best is None or x * k < best:
            best = x * x - k
    return best * x


@at(0.7)
def derivative_inside(x):
    return ast_ad.grad(lambda t: t**3 * x)(x) * ast_ad.jvp(math.sin, (x,), (1.0,))[1]


@functools.lru_cache
def cached(n):
    return n * 2.0


@at(0.7)
def cached_function(x):
    return x * cached(3) * cached(x)


@ast_ad.grad
def gradient_of_itself(x):
    return x * x if x > 1 else gradient_of_itself(x + 1.0)


PROGRAMS["gradient_of_itself"] = gradient_of_itself, (0.7,)


@at(0.7)
def variable_of_a_comprehension_that_ended(x):
    fs = [lambda t: t * i for i in (1.0, 2.0)]
    return fs[0](x)


NEW: dict[str, tuple[tuple[int, int], str]] = {
    "except_star": (
        (3, 11),
        "def except_star(x):\n    try:\n        y = x * x\n    except* ValueError:\n        y = x\n    return y\n",
    ),
    "type_alias": ((3, 12), "def type_alias(x):\n    type Number = float\n    return x * x\n"),
    "template_string": ((3, 14), 'def template_string(x):\n    t"{x}"\n    return x * x\n'),
}
"""Programs in syntax that not every version of Python has: the version, and the text."""
