"""What goes onto a stack is written to there only by an update that runs later, on memory of the same turn."""

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads


def made_anew(x, n):
    for _ in range(n):
        part = np.zeros_like(x)
        part[1:] = x[:-1] * x[1:]
        x = np.sin(part) * x + part
    return np.sum(x * x)


def filled_in_a_loop_inside(x, n):
    for _ in range(n):
        part = np.zeros_like(x)
        for i in range(3):
            part[i] = x[i] * x[i - 1]
        x = np.sin(part) * x
    return np.sum(x * x)


def written_after_it_was_read(x, n):
    for _ in range(n):
        part = x * 2.0
        y = np.sin(part)
        part[0] = y[1] * part[1]
        x = y * part
    return np.sum(x * x)


def made_before_the_loop(x, n):
    part = np.zeros_like(x)
    for i in range(n):
        part[i % 3] += x[i % 3] * x[0]
        x = np.sin(part) * x
    return np.sum(x * x)


def carried_to_the_next_turn(x, n):
    part = x * 1.0
    for i in range(n):
        part[i % 3] *= x[0]
        x = np.sin(part) * x
        part = np.cos(part) if i == 1 else part
    return np.sum(x * x)


PROGRAMS = {
    made_anew: False,
    filled_in_a_loop_inside: False,
    written_after_it_was_read: True,
    made_before_the_loop: True,
    carried_to_the_next_turn: True,
}


@pytest.mark.parametrize("fun", PROGRAMS, ids=lambda fun: fun.__name__)
def test_an_array_is_copied_onto_a_stack_only_where_it_is_written_to_later(fun):
    x = np.array([0.5, 0.8, 1.3])
    check_grads(fun, order=2)(x, 4)
    gradient = ast_ad.grad(fun)
    gradient(x, 4)
    forward = gradient.source.split("# reverse sweep")[0]
    assert ("copy" in forward) == PROGRAMS[fun], gradient.source
