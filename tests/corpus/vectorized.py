"""Functions of numbers that `np.vectorize` and `np.frompyfunc` apply to arrays."""

import math

import numpy as np

from tests.corpus.registry import program

POINTS = np.array([0.5, -1.0, 2.0])


@np.vectorize
def ramp(a, b):
    return a * b if a > b else a + b


@np.vectorize
def only_of_floats(a):
    return math.exp(a) if a < 1 else a**2


softened = np.vectorize(lambda t: 0 if t < 0 else t * t, otypes=[float])


@program((POINTS,))
def objects_of_the_module(x):
    return np.sum(ramp(x, 1.0) * only_of_floats(x)) + np.sum(softened(x[:, None] * x))


@program((POINTS,))
def made_in_the_function(x):
    scale = x[0]

    def product(t, u):
        return t * u * scale

    def polynomial(t, coefficients):
        result = 0.0
        for c in coefficients:
            result = result * t + c
        return result

    table = np.vectorize(product, otypes=[float])(x[:, None], x)
    values = np.vectorize(polynomial, excluded={1})(x, x)
    norms = np.vectorize(lambda row: row @ row, signature="(n)->()")(table)
    return np.sum(table) * np.sum(values) + np.sum(norms * np.frompyfunc(lambda a, b: a * b + 1, 2, 1)(x, 2.0))
