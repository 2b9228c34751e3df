"""Loops whose variables have another rank or kind after the first turn, and that ask what these are."""

import numpy as np

from tests.corpus.registry import program

V = np.array([0.3, 1.2, 0.7, 2.1])


@program((V,))
def rows_below_a_vector(v):
    path, x, n = v, v, 0
    while np.linalg.norm(x) > 0.5:
        x = 0.6 * x
        path = np.vstack((path, x))
        n += 1
    return np.sum(path[-1] * path[0]) * n + np.mean(path)


@program((V,))
def rows_until_a_break(v):
    path = x = v
    while True:
        x = x * 0.7
        path = np.vstack((path, x))
        if np.sum(x) < 1:
            break
        if np.sum(x) > 100:
            return np.sum(path)
    return np.sum(path[-1] ** 2) * len(path)


@program((V,))
def rows_and_a_return(v):
    out = v
    while np.sum(out) < 30:
        out = np.vstack((out, v * len(out)))
        if len(out) > 4:
            return np.sum(out**2)
    return np.sum(out)


@program((V,))
def numbers_that_become_vectors(v):
    total = 0.0
    for t in v:
        out = t
        while np.sum(out) < 3:
            out = np.append(out, t * 2)
        total += np.sum(out**2)
    return total


@program((1.2, V), wrt=(0, 1))
def rank_of_what_becomes_an_array(x, v):
    s, total, n = x, 0.0, 0
    while np.sum(s) < 20:
        total += x if np.ndim(s) == 0 else x * np.sum(s * s)
        s = s + v * x
        n += 1
    return total * np.sum(s) * n


@program((1.2,))
def class_of_what_becomes_a_float(x):
    p, total = 1, 0.0
    while total < 4:
        total += x if isinstance(p, int) else x * x
        p = p * x
    return total * p
