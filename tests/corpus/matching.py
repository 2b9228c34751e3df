"""`match`: on values, sequences, mappings and classes, with guards, alternatives and captures."""

import collections
import math

import numpy as np

from tests.corpus.registry import program

Point = collections.namedtuple("Point", "x y")


@program((0.7, "sin"), (0.7, "cosine"), (0.7, "none"))
def match_on_strings(x, name):
    match name:
        case "sin":
            return math.sin(x)
        case "cos" | "cosine":
            y = math.cos(x)
        case _:
            y = x
    return y * x


@program((0.7, 0), (0.7, 2), (0.7, 5), (0.7, -1))
def match_on_integers(x, n):
    """The test of a guard is made only where the pattern matches; what it captures is bound there."""
    k = 10
    match n:
        case 0:
            return x
        case 1 | 2:
            y = x * x
        case k if k > 2:
            y = x**k
        case _:
            y = 3 * x
    return y + k * x


@program((0.7, 3))
def match_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        match i % 3, total > 1:
            case 0, _:
                total += x
                continue
            case 1, True:
                break
            case 1, False:
                total += x * x
            case other, flag if not flag:
                total += other * x**3
        total *= 1.5
    return total


@program(((0.7, 2.0),), ((0.7, 2.0, (1.5, 3.0)),), ((0.7,),))
def match_on_sequences(p):
    match p:
        case (a,):
            return a * a
        case (a, b):
            return a * b
        case [a, *_, (b, c)]:
            return a * b * c


@program(({"kind": "circle", "r": 2.0, "at": (0.5, 1.0)},), ({"kind": "square", "a": 2.0},))
def match_on_mappings(shape):
    match shape:
        case {"kind": "square", "a": a}:
            return a * a
        case {"kind": "circle", "r": r, **others}:
            return math.pi * r * r + others["at"][0]


@program((Point(0.7, 1.2),), ((0.7, 3.0),), (0.7,), (np.float64(0.7),))
def match_on_classes(p):
    match p:
        case Point(x, y=y):
            return x * y
        case tuple((first, float() as other)):
            return first * other**2
        case float(x):
            return x * x


@program((0.7,), (-0.7,))
def match_on_computed_values(x):
    match (x > 0, [x, (x * x, None)]):
        case (True, [a, (b, None)]):
            y = a + b
        case (False, [a, _]) if a < -0.5:
            y = a**3
        case _:
            y = 1.0
    return y * x
