"""Classes that are defined in the function: methods that see its variables, bases, decorators, exceptions."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.corpus.registry import program


@program((0.7,))
def methods_that_see_variables(x):
    y = x * x

    class Scaled:
        factor = 3.0

        def __init__(self, a):
            self.a = a

        def at(self, t):
            return self.a * t * y * self.factor

    scaled = Scaled(x)
    y = y * 2
    return scaled.at(x)


@program((0.7,))
def bases_and_decorators(x):
    @dataclass
    class Point:
        a: float
        b: float = 2.0
        seen: list = field(default_factory=list)

        def norm(self):
            self.seen.append(self.a)
            return math.hypot(self.a, self.b)

    class Shifted(Point):
        @property
        def norm_and_more(self):
            return super().norm() + x * len(self.seen)

        @staticmethod
        def scale(t):
            return t * x

    class Pair(NamedTuple):
        a: float
        b: float

    p, q = Shifted(x), Pair(x, x * x)
    return Shifted.scale(p.norm_and_more) + p.seen[0] * q.b + q.a


@program((0.7, 4))
def a_class_in_a_loop(x, n):
    total = 0.0
    for i in range(n):

        class Number:
            def __init__(self, value):
                self.value = value

            def __mul__(self, other):
                return Number(self.value * other.value)

        total += (Number(x) * Number(total + i)).value
    return total


@program((0.7,), (0.1,))
def an_exception_of_its_own(x):
    class Enough(Exception):
        pass

    total = 0.0
    try:
        for i in range(5):
            total += x * i
            if total > 2:
                raise Enough("stop")
    except Enough:
        total = total * x
    return total
