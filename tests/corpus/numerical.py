"""Numerical programs of plain Python: matrices as lists of lists, pivots, generators in generators."""

import random

import numpy as np

from tests.corpus.registry import program

MATRIX = [[0.5, 1.5, 0.2], [2.0, 0.3, 1.0], [0.4, 1.1, 3.0]]


def _product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


@program((MATRIX,))
def generator_in_a_generator(m):
    """The inner one reads a variable of the outer one, and runs in another function."""
    size = range(len(m))
    return sum(_product(m[(row + shift) % len(m)][row] for row in size) for shift in size)


@program((MATRIX, 1), (MATRIX, 2))
def largest_of_a_range(m, start):
    """A range is a sequence of its numbers, not of its limits."""
    total = 0.0
    for column in range(len(m)):
        row = max(range(start, len(m)), key=lambda i: abs(m[i][column]))
        total += m[row][column] ** 2 * row
    return total


@program((MATRIX, 3))
def largest_of_pairs(m, n):
    total = 0.0
    for column in range(n):
        size, row = max((abs(m[i][column]), i) for i in range(n))
        least = min((abs(x), -i) for i, x in enumerate(m[column]))
        total += size * m[row][0] + least[0] * least[1]
    return total


@program((MATRIX,))
def rows_change_places_under_a_condition(m):
    """The pivoting matrix of Doolittle's method."""
    n = len(m)
    order = [[float(i == j) for i in range(n)] for j in range(n)]
    for column in range(n):
        row = max(range(column, n), key=lambda i: abs(m[i][column]))
        if row != column:
            order[column], order[row] = order[row], order[column]
    columns = list(zip(*m))
    moved = [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in order]
    return moved[0][0] * moved[1][1] - moved[0][1] * moved[1][0] * moved[2][2]


def _determinant(m):
    indices = list(range(len(m)))
    if len(m) == 1:
        return m[0][0]
    total = 0
    for column in indices:
        below = [row[:column] + row[column + 1 :] for row in m[1:]]
        total += (-1) ** (column % 2) * m[0][column] * _determinant(below)
    return total


@program((MATRIX,))
def list_of_a_range(m):
    """The length of the range is known only when it runs: the recursion is lowered for all sizes."""
    return _determinant(m)


@program((MATRIX,))
def columns_about_their_means(m):
    """The loop is written out, after its first attempt has failed in the middle of the generator."""
    n = len(m)
    rows = [row[:] for row in m]
    for j in range(n):
        mean = sum(rows[i][j] for i in range(n)) / n
        for i in range(n):
            rows[i][j] -= mean
    return rows[0][0] * rows[1][1] * rows[2][0] - rows[1][0] * rows[2][2]


@program((1.5, 0), (1.5, 1))
def a_row_that_stands_twice(x, i):
    rows = [[0.0, x]] * 2
    rows[i][0] = x
    return rows[0][0] * 2 + rows[1][0] * x


@program((MATRIX,))
def gram_schmidt(vectors):
    """What a generator has read that `sum` went through is not read any more."""
    basis = []
    for v in vectors:
        w = v[:]
        for b in basis:
            projection = sum(x * y for x, y in zip(v, b))
            w = [x - projection * y for x, y in zip(w, b)]
        length = sum(x**2 for x in w) ** 0.5
        if length > 1e-10:
            basis.append([x / length for x in w])
    return basis[1][0] + basis[2][1] * basis[1][2]


@program((MATRIX, 4))
def columns_of_rows_that_have_grown(m, n):
    rows, points = [], []
    for i in range(n):
        rows.append([m[0][0] * i, m[1][1] ** i, 2.0])
        points.append((m[0][1] * i, m[2][2] + i))
    xs, ys = zip(*points)
    turned = list(zip(*rows))
    return sum(x * y for x, y in zip(turned[0], turned[1])) + xs[2] * ys[1] + max(*xs)


@program((MATRIX,))
def rows_change_places_on_one_path(m):
    m = [row[:] for row in m]
    for i in range(1, 3):
        if abs(m[i][0]) > abs(m[0][0]):
            m[0], m[i] = m[i], m[0]
    m[0][1] *= m[0][0]
    m[1][1] += m[0][1] * m[2][0]
    return m[1][1] * m[2][1]


class _Node:
    def __init__(self, value, before=()):
        self.value = value
        self.slope = 0
        self.before = set(before)
        self.pull = lambda: None

    def __mul__(self, other):
        made = _Node(self.value * other.value, (self, other))

        def pull():
            self.slope += other.value * made.slope
            other.slope += self.value * made.slope

        made.pull = pull
        return made


@program((1.5, 0.7), wrt=(0, 1))
def reverse_mode_by_hand(x, y):
    """A set of objects is gone through in any order."""
    a, b = _Node(x), _Node(y)
    out = a * b * a
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for each in node.before:
                visit(each)
            order.append(node)

    visit(out)
    out.slope = 1
    for node in reversed(order):
        node.pull()
    return a.slope * b.slope


@program(([[1.0, 2.0], [2.0, 3.5], [3.0, 5.0]],))
def checks_that_points_differ(points):
    if len({tuple(point) for point in points}) != len(points):
        raise ValueError("points are equal")
    try:
        scale = float(points[0][0])
    except (TypeError, ValueError):
        return None
    return sum(x * y for x, y in points) * scale


@program((10.0, 0, 5.0), wrt=(0, 2))
def messages_and_counts(voltage, current, resistance):
    if (voltage, current, resistance).count(0) != 1:
        raise ValueError("one of %r, %r and %r has to be 0" % (voltage, current, resistance))
    sizes = dict.fromkeys(("voltage", "current"), voltage / resistance)
    sizes["voltage"] *= resistance
    print("%s: %.3f, %d" % ("current", sizes["current"], len(sizes)))
    return sizes["current"] * sizes["voltage"]


@program(([1.5, 0.5, 1.0],), tags=("outermost",))
def order_by_a_method(values):
    source = random.Random(3)
    places = sorted(range(len(values)), key=values.__getitem__)
    return sum(rank * values[i] ** 2 * source.gauss(0, 1) for rank, i in enumerate(places))


def _smooth(u, f, sweeps):
    for _ in range(sweeps):
        u[1:-1:2] = 0.5 * (u[:-2:2] + u[2::2] + f[1:-1:2])
        u[2:-1:2] = 0.5 * (u[1:-2:2] + u[3::2] + f[2:-1:2])


def _cycle(u, f, level):
    _smooth(u, f, 2)
    if level > 0:
        r = np.zeros_like(u)
        r[1:-1] = f[1:-1] - (2 * u[1:-1] - u[:-2] - u[2:])
        coarse = r[::2].copy()
        coarse[1:-1] = r[1:-2:2][: len(coarse) - 2] + 2 * r[2:-1:2] + r[3::2]
        e = np.zeros_like(coarse)
        _cycle(e, coarse, level - 1)
        u[::2] += e
        u[1::2] += 0.5 * (e[:-1] + e[1:])
    _smooth(u, f, 1)


@program((np.array([0.3, -0.8, 1.2, 0.4, -1.5, 0.9, 0.1, 0.7, -0.2]),))
def multigrid_cycles(f):
    u = np.zeros_like(f)
    _cycle(u, f, 2)
    _cycle(u, f, 2)
    return np.sum(u**2)
