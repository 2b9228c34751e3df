"""Protocols of objects: descriptors, `__getattr__`, `__setattr__`, `__new__`, `__dict__`, copies, order."""

from __future__ import annotations

import copy
import enum
import functools
from dataclasses import dataclass
from functools import total_ordering, wraps

import numpy as np

from tests.corpus.registry import program


class Positive:
    """An attribute that is kept positive, under another name."""

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, owner, cls=None):
        return getattr(owner, self.name)

    def __set__(self, owner, value):
        setattr(owner, self.name, -value if value < 0 else value)


class Once:
    """An attribute that is computed when it is first read."""

    def __init__(self, function):
        self.function = function

    def __get__(self, owner, cls=None):
        value = self.function(owner)
        owner.__dict__[self.function.__name__] = value
        return value


class Body:
    """A mass, with its energy."""

    mass = Positive()

    def __init__(self, mass):
        self.mass = mass

    @Once
    def energy(self):
        return 2.0 * self.mass


@program((0.3,), (-1.2,))
def descriptors_of_the_users(x):
    body = Body(-x)
    body.mass = body.mass - 2.0
    return body.mass * body.energy + body.energy


class Counted:
    """Counts how often it is written to."""

    def __init__(self, x):
        self.count = 0
        self.x = x

    def __setattr__(self, name, value):
        if name != "count" and hasattr(self, "count"):
            super().__setattr__("count", self.count + 1)
        object.__setattr__(self, name, value)


@program((0.3,))
def writes_that_are_counted(x):
    counted = Counted(x)
    counted.x = 2.0 * x
    counted.y = x
    return counted.count * counted.x * counted.y


class Options:
    """Holds what it is given, and knows a default for all else."""

    def __init__(self, **given):
        self.__dict__.update(given)

    def __getattr__(self, name):
        return 1.5


@program((0.3,))
def options_with_a_default(x):
    options = Options(a=x, b=x * x)
    for name, value in vars(options).items():
        setattr(options, name, 2.0 * value)
    return options.a * options.missing + sum(options.__dict__.values())


@program((0.3,), (-0.3,))
def an_attribute_on_one_path(x):
    body = Body(x)
    if x > 0:
        body.extra = x * x
    return body.extra if hasattr(body, "extra") else 3.0 * getattr(body, "extra", x)


class Scaled(Body):
    """Is made by `__new__` in part."""

    def __new__(cls, mass, scale=1.0):
        self = super().__new__(cls)
        self.scale = scale
        return self

    def __init__(self, mass, scale=1.0):
        super().__init__(mass * scale)


@program((0.3,))
def made_by_new(x):
    body = Scaled(x, 3.0)
    return body.mass * body.scale


@program((0.3,))
def copies_of_objects(x):
    body = Body(x)
    held = {"body": body, "all": [body, Body(2.0 * x)], "array": np.array([x, 1.0])}
    deep, flat = copy.deepcopy(held), copy.copy(body)
    deep["body"].mass = 5.0 * x
    deep["array"][0] = 7.0
    flat.mass = x * x
    return deep["all"][0].mass * body.mass * held["array"][0] + deep["array"].sum() * deep["all"][1].mass + flat.mass


@total_ordering
class Price:
    """An amount, in order."""

    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return self.amount == other.amount

    def __lt__(self, other):
        return self.amount < other.amount

    def __repr__(self):
        return f"{self.amount:.2f}"


@program((0.3,), (1.7,), (1.2,))
def prices_in_order(x):
    prices = sorted([Price(1.5), Price(x), Price(x * x)])
    dearest = max(prices[0], Price(1.0), prices[2])
    falling = sorted(prices, reverse=True)
    return prices[0].amount * prices[1].amount + dearest.amount + 2.0 * falling[0].amount + len(str(prices[1])) * x


@dataclass(order=True)
class Grade:
    """Two numbers, compared one after the other."""

    first: float
    second: float = 1.0


@program((0.3,), (2.5,))
def dataclasses_in_order(x):
    low, high = sorted([Grade(x, 2.0), Grade(x)])
    best = max(low, Grade(1.0, x))
    return low.second * high.second * x + best.first * best.second


class Value:
    """A number that remembers what it was computed from, and how its gradient goes back there."""

    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self.children = children
        self.backward = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out.backward = backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.backward = backward
        return out

    def differentiate(self):
        order, visited, numbers = [], set(), []

        def visit(value):
            if value not in visited:
                visited.add(value)
                for child in value.children:
                    visit(child)
                if id(value) not in numbers:
                    numbers.append(id(value))
                    order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            value.backward()


@program((0.7,))
def a_gradient_of_the_users(x):
    a, b = Value(x), Value(2.0)
    total = a * b + a * a * a
    total.differentiate()
    return a.grad * b.grad + total.data


@dataclass
class Rescaled:
    """A dataclass whose `__init__` has been replaced by a function around it."""

    x: float
    scale: float = 2.0


def _tenfold(init):
    @wraps(init)
    def around(self, *args):
        init(self, *args)
        self.scale = self.scale * 10 * self.x

    return around


Rescaled.__init__ = _tenfold(Rescaled.__init__)


@program((1.3,), (-0.4,))
def a_dataclass_with_another_init(x):
    return Rescaled(x).scale * Rescaled(x).x


class Terms(enum.Flag):
    LINEAR = enum.auto()
    SQUARE = enum.auto()
    CUBE = enum.auto()


@program((0.7,))
def flags(x):
    chosen = Terms.LINEAR | Terms.CUBE
    total = 0.0
    for power, each in enumerate(Terms, start=1):
        if each in chosen:
            total += x**power
        if each & ~chosen:
            total += 2.0 * x
    return total * (3.0 if Terms["SQUARE"] in Terms else 1.0)


class RingNode:
    def __init__(self, value):
        self.value = value
        self.before = self.after = None


class Ring:
    """Nodes that lead to each other in a circle."""

    def __init__(self):
        self.head = None

    def add(self, value):
        node = RingNode(value)
        if self.head is None:
            self.head = node.before = node.after = node
            return
        last = self.head.before
        last.after = self.head.before = node
        node.before, node.after = last, self.head


@program((0.7,))
def objects_in_a_circle(x):
    ring = Ring()
    for i in range(4):
        ring.add(x**i + i)
    node, total = ring.head, 0.0
    for _ in range(6):
        total = 0.9 * total + node.value * node.before.value
        node = node.after
    return total


class Axis(enum.IntEnum):
    X = 0
    Y = 1
    Z = 2


@program((np.array([0.7, -0.4, 1.3]),))
def members_that_are_integers(x):
    total = x[Axis.Y] * Axis.Z + x[-Axis.Y] ** Axis.Z
    for axis in Axis:
        total += x[axis] * axis.value * (2.0 if axis is Axis.Z else 1.0)
    return total + np.sum(np.outer(x, x)[Axis.X, :]) * len(Axis.X.name)


class Registered(type):
    registry: dict = {}  # noqa: RUF012

    def __new__(mcs, name, bases, namespace):
        cls = super().__new__(mcs, name, bases, namespace)
        mcs.registry[name] = cls
        return cls


class Held(metaclass=Registered):
    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values

    @functools.singledispatchmethod
    def scaled(self, by):
        return by * np.sum(self)

    @scaled.register
    def _(self, by: int):
        return by + np.max(self)

    @scaled.register(list)
    @scaled.register(tuple)
    def _(self, by, power=1):
        return sum(by) * np.linalg.norm(self) ** power


class HeldBelow(Held):
    pass


@program((0.7,), (1.3,))
def dispatches_and_becomes_an_array(x):
    """A method by the class of its argument, an object that NumPy makes an array of, a metaclass that keeps a list."""
    held = Registered.registry["HeldBelow"](np.array([x, x * x, 2.0]))
    s = held.scaled(x) * held.scaled(2) + held.scaled([x, 1.0], power=2) + held.scaled((x, x))
    for i in range(2):
        s = s + held.scaled(s * i)
    return s + np.dot(held, held) * np.exp(np.asarray(held))[0]


class Around:
    """Passes all that it does not know on to an array."""

    def __init__(self, array):
        self.array = array

    def __getattr__(self, name):
        return self.array.__getattribute__(name)

    def __setitem__(self, index, value):
        self.array.__setitem__(index, value)

    def __getitem__(self, index):
        return self.array.__getitem__(index)


@program((np.array([0.7, 1.3, 0.4]),))
def methods_with_underscores_of_an_array(x):
    around = Around(x * 2)
    around[1:] = around[:-1].__mul__(x[1:])
    rest = x.__rsub__(1.0).__abs__()
    rest.__iadd__(x)
    return around.sum() * around.shape[0] + np.sum(rest.__rpow__(2.0)) * x.__len__() * around.__contains__(x[0] * 2)


class Cached:
    def __init__(self, x):
        self.x = x
        self.drafts = 0

    @property
    def inverse(self):
        if not hasattr(self, "_inverse"):
            self._inverse = 1 / self.x
            self.drafts += 1
        return self._inverse

    @inverse.deleter
    def inverse(self):
        del self._inverse


@program((np.array([0.7, 1.3, 0.4]),))
def attributes_are_deleted(x):
    cached = Cached(x)
    total = np.sum(cached.inverse * cached.inverse)
    for i in range(2):
        cached.x = cached.x * x + i
        del cached.inverse
        total = total + np.sum(cached.inverse)
    if total > 0:
        del cached.x
    try:
        del cached.inverse, cached.inverse
    except AttributeError:
        total = total * cached.drafts
    return total if hasattr(cached, "x") else total * x[1]


class Unit(enum.IntEnum):
    INCH = 10
    YARD = 12


IN_INCHES = {Unit.INCH: 1.0, Unit.YARD: 36.0}


@program((0.7,))
def members_that_are_integers_are_keys(x):
    length = 0.0
    for unit in (Unit.INCH, Unit.YARD):
        if unit in IN_INCHES:
            length += x * IN_INCHES[unit]
    known = 12 in IN_INCHES and Unit.YARD in [12, 13] and (Unit.YARD, 1) == (12, 1)
    return length * x if known and Unit.YARD in {Unit.INCH: 0, Unit.YARD: 1} else x


class Scale(enum.IntEnum):
    SMALL = 2
    LARGE = 5

    def __mul__(self, other):
        return other * int(self) ** 2


class Access(enum.IntFlag):
    READ = 1
    WRITE = 2


class Measured:
    def __init__(self, inches):
        self.inches = inches

    def __rshift__(self, unit):
        return self.inches / IN_INCHES[unit] if isinstance(unit, Unit) else self.inches

    def __lt__(self, unit):
        return isinstance(unit, Unit) and self.inches < IN_INCHES[unit]


@program((0.7,))
def members_that_are_integers_beside_objects(x):
    length = Measured(40 * x)
    total = (length >> Unit.YARD) * x + Scale.LARGE * x * Unit.INCH
    return total * ~Access.READ * int(Unit.INCH) * (2 if length < Unit.YARD else 1)
