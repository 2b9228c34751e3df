"""`with` around differentiated code, and what is left before the end of a block."""

import contextlib
import math
import warnings

import numpy as np

from tests.corpus.registry import program


@contextlib.contextmanager
def scaled(k):
    yield k * 2


@contextlib.contextmanager
def shifted(values, by=1.0):
    before = values[0]
    values[0] = before + by
    try:
        yield
    finally:
        values[0] = before


class Section:
    def __init__(self, scale):
        self.scale = scale

    def __enter__(self):
        return self.scale

    def __exit__(self, kind, error, trace):
        return False


SECTION = Section(1.5)


@program((np.array([1.0, 2.0, -1.0]),))
def errors_ignored_in_both_sweeps(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, np.log(x), 0.0)
    return np.sum(y * x)


@program((0.7,))
def warnings_caught(x):
    with warnings.catch_warnings(), contextlib.nullcontext(x) as y:
        return x * y


@program((0.7,))
def value_of_a_context(x):
    with scaled(x) as k, scaled(k) as m:
        y = k * x
        y = y * m
    return y + k


@program((np.array([1.0, 2.0]),))
def context_that_changes_an_array(x):
    x = x.copy()
    with shifted(x, by=0.5):
        y = x[0] * x[1]
    return y * x[0]


@program((0.7,), (-0.7,))
def return_inside_of_a_context(x):
    with SECTION as scale:
        if x > 0:
            return x**2 * scale
        y = x * scale
    return y**3


@program((0.7, 4))
def loop_left_from_a_context(x, n):
    total = 0.0
    for i in range(n):
        with scaled(x) as k:
            total += k * i
            if total > 2:
                break
    return total * math.exp(x)


class Ending:
    """A context that tells how it was left, and may end what was raised."""

    def __init__(self, ends):
        self.ends = ends
        self.left = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.left.append(kind is None)
        return self.ends


@program((0.7,), (-0.7,))
def several_contexts_that_end_exceptions(x):
    y = x
    with Ending(True) as outer, Ending(False) as inner:
        y = x * x
        if x < 0:
            raise ValueError("negative")
        y = y * x
    return y * (2 if outer.left == [True] else 3) * (5 if inner.left == [False] else 7)
