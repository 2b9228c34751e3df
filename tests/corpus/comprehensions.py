"""Programs with comprehensions over what is known, and over what is known only when it runs."""

from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import program


@program((0.7, [1.0, 2.0, 3.0]), wrt=(0, 1))
def over_a_known_list(x, given):
    squares = [x * c for c in given if c > 0 or True]
    table = {i: s * x for i, s in enumerate(squares)}
    return sum(squares) * table[2] + max([s for s in squares])


@program((0.7, 5), (0.7, 0))
def sum_over_a_range(x, n):
    return sum(x**k / (k + 1) for k in range(n)) + x


@program((0.7, 5))
def list_with_a_condition(x, n):
    xs = [x * k for k in range(n) if k % 2 == 0]
    return sum(xs) * xs[1] + len(xs)


@program((0.7, 4))
def condition_on_values(x, n):
    xs = [math.sin(x * k) for k in range(n)]
    positive = [v for v in xs if v > 0.7]
    return sum(positive) * xs[1]


@program((0.7, 4))
def matrix_of_rows(x, n):
    m = [[x * i + j for j in range(n)] for i in range(n)]
    a = np.array(m)
    return np.sum(a @ a) + m[1][2] * x


@program((0.7, 4))
def two_loops_in_one(x, n):
    return sum(x * i * j for i in range(n) for j in range(i)) + sum([x for i in range(2) for j in range(n) if i != j])


@program((0.7, 4))
def any_and_all(x, n):
    xs = [x * i for i in range(n)]
    total = x
    if any(v > 1.0 for v in xs):
        total = total + xs[-1]
    if all(v > 1.0 for v in xs):
        total = total * 5.0
    return total * x


@program((np.array([0.3, 0.5, 0.9]), 3))
def over_an_array(v, n):
    squares = [e * e for e in v]
    return sum(s * i for i, s in enumerate(squares)) + max(squares)


@program((0.7, 4))
def seen_from_inside(x, n):
    weights = [1.0 / (i + 1) for i in range(n)]
    scale = x * x

    def weighed(k):
        return sum(w * scale for w in weights[:k])

    return weighed(n) + sum(weights[i] * x for i in range(n))


@program((0.7, 3))
def inside_a_loop(x, n):
    state = [x, 1.0, 2.0]
    for _ in range(n):
        state = [0.5 * s + x for s in state]
    return sum(state)


@program((0.7, 3))
def grown_inside_a_loop(x, n):
    state = [x * i for i in range(n)]
    for k in range(2):
        state = [0.5 * s + x * k for s in state]
    return sum(state) * state[0]


@program((0.7, 6))
def zipped_lists(x, n):
    a = [x * i for i in range(n)]
    b = [x + i for i in range(n)]
    return sum(p * q for p, q in zip(a, b)) + sum(p - q for p, q in zip(a[1:], a[:-1]))


@program((0.7, 4))
def pairs_from_a_comprehension(x, n):
    pairs = [(x * i, x + i) for i in range(n)]
    return sum(a * b for a, b in pairs) + pairs[2][0]


@program((0.7, 4), tags=("sums",))
def matrix_product_of_lists(x, n):
    a = [[x * i + j for j in range(n)] for i in range(n)]
    b = [[float(i == j) + x for j in range(n)] for i in range(n)]
    c = [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return c[0][n - 1] + c[n - 1][1]


@program((0.7, 4))
def transposed_rows(x, n):
    a = [[x * i + j * j for j in range(3)] for i in range(n)]
    columns = [[row[j] for row in a] for j in range(3)]
    return sum(columns[1]) * columns[2][1] + sum(sum(row) for row in a)


@program((0.7, 4))
def a_closure_fills_a_list_in_its_loop(x, n):
    history = [x]

    def fill(scale):
        for i in range(n):
            history.append(history[-1] * scale + i)

    fill(x)
    fill(2.0)
    return sum(history) * history[3]


@program((0.7, 4))
def a_closure_changes_items_in_a_branch(x, n):
    totals = {"even": 0.0, "odd": x}

    def count(i):
        if i % 2 == 0:
            totals["even"] += x * i
        else:
            totals["odd"] *= x

    for i in range(n):
        count(i)
    return totals["even"] * totals["odd"]


@program((np.array([0.4, 0.7, 1.3]),))
def a_variable_has_the_name_of_what_it_goes_through(x):
    weight = x * 2
    weighted = [v * weight for v, weight in zip(x, weight)]
    x = [x * weight[0] for x in x]
    pairs = [part for i, weight in enumerate(weight) for part in (weight * i, weight + x[i])]
    return sum(weighted) * sum(x) + sum(pairs) + sum(weight * v for weight, v in zip(weight, x))
