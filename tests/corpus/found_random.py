"""Programs that the random tester found wrong, made small: one for each mistake."""

import numpy as np

from tests.corpus.registry import program

WEIGHTS = [0.3, 0.7, 1.1]


@program((np.array([[1.0, 2.0], [0.5, -0.3]]),))
def tangent_of_a_stretched_row(y):
    """The tangent of a sum has the shape of the sum, also where only the run knows what is stretched."""
    total = np.zeros((2, 2))
    total = total + y[1:]
    total[1] += 1.0
    return np.sum(total * total)


@program((np.array([[1.0, 2.0], [0.5, -0.3]]),))
def tangent_of_a_stretched_part(y):
    _, last = np.split(y, [1])
    column = np.swapaxes(last, 0, 1)
    return np.sum(column + WEIGHTS)
