"""Objects that the function makes and uses: methods, properties, inheritance, operators, attributes that change."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tests.corpus.registry import program


class Vector:
    """A vector of three numbers, with operators."""

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return self + (-other)

    def __neg__(self):
        return Vector(-self.x, -self.y, -self.z)

    def __mul__(self, other):
        if isinstance(other, Vector):
            return self.x * other.x + self.y * other.y + self.z * other.z
        return Vector(self.x * other, self.y * other, self.z * other)

    __rmul__ = __mul__

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        self.z += other.z
        return self

    def norm(self):
        return math.sqrt(self * self)

    @property
    def length(self):
        return self.norm()

    @staticmethod
    def unit():
        return Vector(1.0, 0.0, 0.0)

    @classmethod
    def filled(cls, value):
        return cls(value, value, value)


GRAVITY = Vector(0.0, 0.5, -9.8)


@program((1.3,), (-0.7,), order=3)
def operators_of_vectors(x):
    v = Vector(x, 2.0, x * x)
    w = v + 2 * v - GRAVITY
    return w.norm() + w.length + Vector.filled(x) * Vector.unit()


@program((1.3, 4), (0.2, 0))
def a_new_object_each_time_step(x, n):
    v = Vector(x, 2.0, x * x)
    p = Vector.filled(0.0)
    for _ in range(n):
        p = p + v * 0.1
        v = v + GRAVITY * 0.1
    return p * p + x


@program((1.3, 5), (0.4, 3))
def two_names_of_one_object(x, n):
    v = Vector(x, 2.0, x * x)
    w = v
    for _ in range(n):
        v.x += 0.5 * w.y * x
        if v.x > 3:
            w.y = v.x * 0.5
        else:
            w.extra = x
    return w.x * v.y


@program((1.3,), (-1.3,))
def objects_meet_after_a_branch(x):
    if x > 0:
        v = Vector(x, 1.0, 2.0)
    else:
        v = Vector(1.0, x, x * x)
    v += Vector.filled(x)
    return v * v


@program((1.3, 4), (0.3, 6))
def the_best_object_so_far(x, n):
    best = Vector(x, x, 1.0)
    candidate = best
    for i in range(n):
        candidate = Vector(x * i, 1.0, 0.5)
        if candidate * candidate > best * best:
            best = candidate
    return best * best + candidate.x


@program((1.3, 3), (0.4, 2))
def objects_from_a_conditional_expression(x, n):
    a, b = Vector(x, 1.0, 0.5), Vector(x * x, 0.5, 1.0)
    for i in range(n):
        larger = a if a * a > b * b else b
        if i % 2:
            a = larger * 0.3
        else:
            b = larger * 0.4 + GRAVITY * 0.01
    return a * b


@program((1.3, 3), (0.4, 4))
def objects_change_places(x, n):
    a, b = Vector(x, 1.0, 0.5), Vector(0.5, 2.0, x)
    for _ in range(n):
        a, b = b, a * (a * b * 0.1)
    return a * a + b.x


@program((1.3, 3), (0.4, 4))
def bound_in_the_first_iteration(x, n):
    for i in range(n):
        if i > 0:
            v = Vector(v.x * x, 1.0, x)  # noqa: F821
        else:
            v = Vector(x, 0.0, 0.0)
    return v * v


@program((1.3, 3), (0.4, 4))
def made_and_changed_in_a_loop(x, n):
    v = Vector.filled(x)
    for i in range(n):
        v = v * 0.5
        v.x += x * i
        v.count = i * x
    return v * v + v.count


class Particle:
    """A position and a velocity."""

    def __init__(self, position, velocity, mass=1.0):
        self.position = position
        self.velocity = velocity
        self.mass = mass

    def step(self, force, dt):
        self.velocity = self.velocity + force * (dt / self.mass)
        self.position = self.position + self.velocity * dt

    def energy(self):
        return 0.5 * self.mass * (self.velocity * self.velocity)


@program((1.3, 3), (0.5, 2))
def particles_in_a_list(x, n):
    particles = [Particle(Vector(x * i, 1.0, 0.0), Vector(0.0, x, 1.0), 2.0**i) for i in range(3)]
    for _ in range(n):
        for particle in particles:
            particle.step(-particle.position, 0.125)
    return sum(particle.energy() for particle in particles)


@program((1.3, 3), (0.5, 2))
def particles_made_anew_in_a_list(x, n):
    particles = [Vector(x * i, 1.0, 0.0) for i in range(3)]
    for _ in range(n):
        center = sum(particles[1:], particles[0]) * (1 / 3)
        particles = [p + (center - p) * 0.3 for p in particles]
    return particles[0] * particles[2]


@program((1.3, 4), (0.2, 2))
def arrays_in_attributes(x, n):
    p = Particle(np.array([x, 1.0, 2.0]), np.zeros(3))
    for _ in range(n):
        p.velocity[0] += x
        p.position = p.position + 0.1 * p.velocity
        p.position[1] = p.position[0] * x
    return np.sum(p.position**2)


class Accumulator:
    """An array that methods write to."""

    def __init__(self, n):
        self.values = np.zeros(n)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, i):
        return self.values[i]

    def __setitem__(self, i, value):
        self.values[i] = value

    def __iadd__(self, other):
        self.values += other
        return self

    def push(self, i, value):
        self.values[i] += value
        return self


@program((1.3,), (-0.4,))
def an_array_changed_by_methods(x):
    a = Accumulator(3)
    b = a
    for i in range(3):
        a.push(i, x * i).push(0, x)
    b += x
    a[1] = a[0] * x
    a[2] *= x
    return np.sum(b.values**2) * len(a)


@program((1.3,), (0.2,))
def items_of_an_object_in_a_loop(x):
    a = Accumulator(4)
    for i in range(len(a)):
        a[i] = x**i
    total = 0.0
    for i in range(len(a)):
        total += a[i] * a[3 - i]
    return total


class Layer:
    """A base class whose method calls one of its subclass."""

    scale = 3.0

    def __init__(self, weight):
        self.weight = weight

    def act(self, x):
        return x * self.weight

    def __call__(self, x):
        return self.act(x) * self.scale


class Affine(Layer):
    """A subclass that extends what it inherits."""

    scale = 0.5

    def __init__(self, weight, bias):
        super().__init__(weight)
        self.bias = bias

    def act(self, x):
        return super().act(x) + self.bias

    def __iter__(self):
        return iter([self.weight, self.bias])


class Squashed(Affine):
    """A subclass of a subclass."""

    def act(self, x):
        return math.tanh(super().act(x))


@program((1.3,), (-0.4,))
def layers_in_a_list(x):
    layers = [Layer(x), Affine(x, 2.0), Squashed(0.5, x)]
    y = 1.0
    for layer in layers:
        y = layer(y)
    for item in layers[1]:
        y = y * item
    return y + layers[2].bias * layers[0].weight


class Network:
    """Layers made outside, and used inside."""

    def __init__(self, sizes, rng):
        self.layers = [Dense(a, b, rng) for a, b in zip(sizes[:-1], sizes[1:])]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Dense:
    """A dense layer."""

    def __init__(self, inputs, outputs, rng):
        self.w = rng.normal(size=(inputs, outputs))
        self.b = np.zeros(outputs)

    def __call__(self, x):
        return np.tanh(x @ self.w + self.b)


NETWORK = Network([3, 4, 2], np.random.default_rng(0))


@program((np.array([[0.5, -1.0, 2.0], [0.1, 0.2, 0.3]]),))
def a_network_from_outside(x):
    return np.sum(NETWORK(x) ** 2)


class Dual:
    """A dual number, with operators for numbers too."""

    __slots__ = ("eps", "re")

    def __init__(self, re, eps=0.0):
        self.re = re
        self.eps = eps

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.re + other.re, self.eps + other.eps)

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.re * other.re, self.re * other.eps + self.eps * other.re)

    __rmul__ = __mul__

    def __sub__(self, other):
        return self + (-1) * other

    def __rsub__(self, other):
        return (-1) * self + other

    def __pow__(self, n):
        out = Dual(1.0)
        for _ in range(n):
            out = out * self
        return out

    def __lt__(self, other):
        return self.re < (other.re if isinstance(other, Dual) else other)

    def __eq__(self, other):
        return self.re == other.re

    def __bool__(self):
        return self.re != 0

    def __float__(self):
        return self.re

    def __abs__(self):
        return -1 * self if self < 0 else self


@program((1.3,), (0.4,))
def dual_numbers(x):
    d = Dual(x, 1.0)
    y = 3 * d**3 - d * 2 + 1.0
    y = abs(2 - y)
    if y and not (y < 0.0):
        y = y + sum([d, d])
    if y == d or d > y:
        return y.re
    return y.eps * float(y)


class Point(NamedTuple):
    """A named tuple with methods."""

    x: float
    y: float = 1.0

    def squared(self):
        return self.x**2 + self.y**2

    @property
    def flipped(self):
        return Point(self.y, self.x)

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


@program((1.3, 4), (0.4, 2))
def a_named_tuple_with_methods(x, n):
    p = Point(x)
    for _ in range(n):
        p = p + p.flipped
        p = p._replace(x=p.x * 0.5)
    return p.squared()


class Shape(abc.ABC):
    """An abstract class."""

    @abc.abstractmethod
    def area(self): ...

    def doubled(self):
        return self.area() * 2


class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


@program((1.3,))
def abstract_methods(x):
    total = 0.0
    for shape in [Circle(x), Square(2 * x)]:
        if isinstance(shape, Circle):
            total += shape.area()
        total += shape.doubled()
    return total


@dataclass(frozen=True)
class Ray:
    """A frozen dataclass of arrays, whose direction is made a unit vector."""

    origin: np.ndarray
    direction: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "direction", self.direction / np.linalg.norm(self.direction))

    def at(self, t):
        return self.origin + t * self.direction


@program((0.3,), (-1.0,))
def a_frozen_dataclass(x):
    ray = Ray(np.array([0.0, 0.0, -3.0]), np.array([x, 0.1, 1.0]))
    return np.sum(ray.at(2.0) ** 2 * np.array([1.0, 2.0, 3.0]))


@dataclass
class State:
    """A dataclass with defaults, and a field that is computed."""

    a: float
    b: float = 2.0
    items: list = field(default_factory=list)

    def __post_init__(self):
        self.product = self.a * self.b


@program((1.3,))
def a_dataclass_is_replaced(x):
    state = State(x)
    other = replace(state, b=x * 3)
    other.a = other.a + state.product
    return state.product * other.product + other.a + len(state.items) + (state == other) + (state == State(x))


class Counter:
    """Attributes of the class that the object overrides, and a cached property."""

    total = 0.0

    def __init__(self):
        self.items = []
        self._count = 0

    def add(self, value):
        self.items = [*self.items, value]
        self._count += 1
        self.total += value
        return self

    @cached_property
    def mean(self):
        return self.total / self._count

    def __contains__(self, value):
        return value in self.items


@program((1.3,))
def a_cached_property(x):
    counter = Counter()
    counter.add(x).add(x * x).add(2.0)
    before = counter.mean
    counter.add(5.0)
    return before * counter.items[1] + counter.mean * counter._count + (2.0 in counter)


class Temperature:
    """A property with a setter, over an attribute that is private to the class."""

    def __init__(self, celsius):
        self.__celsius = celsius

    @property
    def fahrenheit(self):
        return self.__celsius * 1.8 + 32

    @fahrenheit.setter
    def fahrenheit(self, value):
        self.__celsius = (value - 32) / 1.8


@program((1.3,))
def a_property_is_set(x):
    t = Temperature(x)
    t.fahrenheit = t.fahrenheit * 2
    t.fahrenheit += x
    return t.fahrenheit**2


class Node:
    """A binary tree."""

    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right

    def total(self):
        result = self.value**2
        if self.left is not None:
            result += self.left.total()
        if self.right is not None:
            result += self.right.total() * self.value
        return result


@program((1.3,))
def a_tree_of_objects(x):
    return Node(x, Node(2 * x), Node(x * x, Node(x + 1))).total()


class Cell:
    """One number."""

    def __init__(self, value):
        self.value = value


def _grown(x, n):
    cell = Cell(x)
    for _ in range(n):
        if cell.value > 5:
            return cell
        cell.value = cell.value * 1.5
    return cell


@program((1.3, 6), (1.3, 2))
def an_object_returned_from_a_loop(x, n):
    return _grown(x, n).value ** 2


@program((1.3,))
def objects_in_closures(x):
    cell = Cell(x)
    scale = lambda s: setattr(cell, "value", cell.value * s)  # noqa: E731

    def add(k):
        cell.value += k

    scale(2.0)
    for i in range(3):
        add(i * x)
    scale(x)
    return cell.value * getattr(cell, "value", 0) + hasattr(cell, "other")


@program((1.3,), (0.4,))
def a_while_test_that_changes_an_object(x):
    cell = Cell(x)

    def doubled():
        cell.value = cell.value * 2
        return cell.value < 50

    while doubled():
        cell.value += x
    return cell.value**2


@program((1.3,), (0.4,))
def an_attribute_ends_a_while_loop(x):
    cell = Cell(x)
    cell.steps = 0
    while cell.value < 10.0:
        cell.value = cell.value * 1.5 + x
        cell.steps += 1
        if cell.value > 7:
            break
    return cell.value * cell.steps


@program((1.3, 3), (0.4, 5))
def one_object_in_another(x, n):
    outer = Cell(Cell(x))
    for i in range(n):
        if i == 2:
            outer.value = Cell(outer.value.value * 2)
        outer.value.value = outer.value.value * x
    return outer.value.value


@program((1.3, 3), (0.4, 1))
def the_object_before(x, n):
    previous = None
    current = Cell(x)
    for _ in range(n):
        previous, current = current, Cell(current.value * x)
    return previous.value * current.value


@program((1.3, 3), (0.4, 4))
def the_two_objects_before(x, n):
    older, old, new = Cell(0.5), Cell(x), Cell(x * x)
    for _ in range(n):
        older = old
        old = new
        new = Cell(old.value * 0.5 + older.value)
        new.value += x
    return older.value * old.value + new.value


CELLS = (Cell(0.5), Cell(2.0))


@program((1.3,))
def objects_in_a_tuple_from_outside(x):
    return sum(cell.value * x for cell in CELLS) + CELLS[1].value * x**2


@program((1.3,), (-0.4,))
def objects_are_appended_to_a_list(x):
    cells = []
    for i in range(4):
        cells.append(Cell(x * i))
    for cell in cells:
        cell.value += x
    cells[0], cells[1] = cells[1], cells[0]
    cells[0].value = cells[0].value * 5.0
    del cells[3]
    total = 0.0
    for i in range(len(cells)):
        total += cells[i].value ** 2
    return total


class Stack:
    """A list as an attribute."""

    def __init__(self):
        self.items = []

    def push(self, value):
        self.items.append(value)

    def pop(self):
        return self.items.pop()

    def __bool__(self):
        return len(self.items) > 0


@program((1.3,), (0.4,))
def a_stack_of_numbers(x):
    stack = Stack()
    for i in range(3):
        stack.push(x**i)
    total = 0.0
    while stack:
        total = total * x + stack.pop()
    return total


@program((1.3, 3), (0.4, 5))
def a_stack_that_grows(x, n):
    stack = Stack()
    for i in range(n):
        stack.push(x * i)
    total = 0.0
    for value in stack.items:
        total += value * value
    return total + x


class Polynomial:
    """Coefficients in a tuple; methods that make objects of their own class."""

    def __init__(self, *coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        result = 0.0
        for c in reversed(self.coefficients):
            result = result * x + c
        return result

    def derivative(self):
        return type(self)(*[i * c for i, c in enumerate(self.coefficients)][1:])

    def doubled(self):
        return self.__class__(*(2 * c for c in self.coefficients))


@program((1.3,), (-0.4,))
def classes_that_make_themselves(x):
    p = Polynomial(1.0, x, x * x)
    return p(2.0) * p.derivative()(x) + p.doubled()(0.5)


class Logged:
    """A context that remembers."""

    def __init__(self, x):
        self.x = x
        self.log = 0.0

    def __enter__(self):
        self.log += self.x
        return self

    def __exit__(self, *exception):
        self.log *= 2
        return False


@program((1.3,))
def a_context_of_a_class(x):
    context = Logged(x)
    with context as inner:
        inner.log += 1.0
    return context.log**2


@dataclass(order=True)
class Version:
    """Fields that are compared in order."""

    major: float
    minor: float = 1.0


@program((1.3,), (2.1,), (2.5,))
def ordered_dataclasses(x):
    a, b = Version(x), Version(2.0, x)
    if a < b:
        return x * x
    return x if a >= Version(2.2) else x**3


class Link:
    """A linked list."""

    def __init__(self, value, rest=None):
        self.value = value
        self.rest = rest


@program((1.3,), (-0.4,))
def a_linked_list(x):
    head = None
    for i in range(4):
        head = Link(x * i, head)
    total = 0.0
    current = head
    while current is not None:
        total += current.value**2
        current = current.rest
    return total + x


class Recurrent:
    """A network with a state, made outside: the state is kept in a copy."""

    def __init__(self, w):
        self.w = w
        self.h = np.zeros(2)

    def step(self, x):
        self.h = np.tanh(self.w @ self.h + x)
        return self.h

    def reset(self):
        self.h = np.zeros(2)


RECURRENT = Recurrent(np.array([[0.1, 0.2], [0.3, 0.4]]))


@program((1.3, 3), (0.4, 2))
def a_state_outside(x, n):
    RECURRENT.reset()
    total = 0.0
    for i in range(n):
        total = total + np.sum(RECURRENT.step(x * i))
    RECURRENT.reset()
    return total * x


class Lazy:
    """A property that remembers what it has computed."""

    def __init__(self, x):
        self._x = x
        self._square = None

    @property
    def square(self):
        if self._square is None:
            self._square = self._x**2
        return self._square


@program((1.3,))
def a_property_that_remembers(x):
    lazy = Lazy(x)
    return lazy.square * lazy.square


class Matrix:
    """A matrix around an array."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __matmul__(self, other):
        return Matrix(self.values @ other.values)

    def __add__(self, other):
        return Matrix(self.values + (other.values if isinstance(other, Matrix) else other))

    __radd__ = __add__

    @property
    def T(self):  # noqa: N802
        return Matrix(self.values.T)

    def __getitem__(self, key):
        return self.values[key]


@program((1.3,), (-0.4,))
def a_class_around_an_array(x):
    m = Matrix(np.array([[x, 1.0], [2.0, x * x]]))
    return np.trace((m @ m.T + 1.0 + m).values) * m[0, 1] + np.sum(m[1])
