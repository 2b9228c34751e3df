"""Lists that have grown, and lists of such, made into one array."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -0.4])
MATRIX = np.array([[0.7, -0.4, 1.2], [0.3, 0.9, -1.1], [0.2, 1.3, 0.8]])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((MATRIX, 2))
def pooled(image, size):
    count = len(image) - size + 1
    return weighed(
        np.array([[image[i : i + size, j].max(axis=0) * image[j] for j in range(count)] for i in range(count)])
    )


@program((VECTOR, 3))
def rows_of_rows_three_deep(x, n):
    table = []
    for i in range(n):
        planes = []
        for j in range(n):
            planes.append([np.sin(x * (i + j + k)) for k in range(n)])
        table.append(planes)
    return weighed(np.array(table) ** 2)


@program((VECTOR, 3))
def table_of_arrays_written_afterwards(x, n):
    y = np.array([[x * (i + j) for j in range(n)] for i in range(n)])
    y[0] *= y[1]
    y[:, 0, 0] = x[0]
    return weighed(y)


@program((VECTOR, 3))
def blocks_in_a_row(x, n):
    return weighed(np.sin(np.block([x * i for i in range(n)])) * np.block([x[0] ** i for i in range(2 * n)]))


@program((VECTOR, 3))
def blocks_of_vectors(x, n):
    return weighed(np.block([[x * i * j for j in range(n)] for i in range(n)])[1] ** 2)


@program((VECTOR, 3))
def blocks_of_matrices(x, n):
    rows = []
    for i in range(n):
        rows.append([np.outer(x, x) * i, np.eye(2)])
    return weighed(np.linalg.solve(np.block(rows)[:4].T @ np.block(rows)[:4] + np.eye(4), np.ones(4)))


@program((VECTOR, 3))
def blocks_some_of_which_grew(x, n):
    return weighed(np.block([[x * i for i in range(n)], [x**2 * i for i in range(n)]]))


@program((VECTOR, 3))
def joined_in_brackets(x, n):
    rows = np.r_[[x * i for i in range(n)], np.outer(x, x)]
    columns = np.c_[[x[0] * i for i in range(n)], [x[1] ** i for i in range(n)]]
    return weighed(rows.sum() * np.r_[columns[0], [x[0] * i for i in range(n)], 3.0])


@program((VECTOR, 3))
def lists_of_other_lengths_one_after_the_other(x, n):
    pieces = []
    for i in range(n):
        pieces.append([x[0] ** j for j in range(i + 1)])
    return weighed(np.concatenate(pieces) * np.hstack(pieces))


@program((VECTOR, 3))
def lists_of_vectors_one_after_the_other(x, n):
    pieces = []
    for i in range(n):
        pieces.append([x * j for j in range(i + 1)])
    return weighed(np.concatenate(pieces, axis=1 - 1) + np.vstack(pieces) ** 2)


@program((VECTOR, 3))
def flat_after_joining(x, n):
    return weighed(np.concatenate([np.outer(x[: 1 + i % 2], x) * i for i in range(n)], axis=None) ** 2)


@program((VECTOR.astype(np.float32), 3))
def joined_with_more_digits(x, n):
    rows = [x * i for i in range(n)]
    return weighed(np.concatenate(rows, dtype=float))


if np.lib.NumpyVersion(np.__version__) >= "1.24.0":

    @program((VECTOR.astype(np.float32), 3))
    def stacked_with_more_digits(x, n):
        rows = [x * i for i in range(n)]
        return weighed(np.stack(rows, axis=1, dtype=float)[1])


@program(((0.4, -0.2), 5))
def path_of_pairs(start, steps):
    y, v = start
    path = [(y, v)]
    for i in range(steps):
        y, v = y + 0.1 * v, v - 0.1 * np.sin(y)
        path.append((y, v))
    path = np.array(path)
    return np.sum(path[:, 0] ** 2) * path[-1, 1] + weighed(np.diff(path, axis=0))


@program((VECTOR, 4))
def rows_of_numbers_and_of_integers(x, n):
    rows = []
    for i in range(n):
        rows.append((i, x[0] * i, i > 1))
    times, values, late = np.array(rows).T
    return weighed(values * late + np.interp(0.3 * times, times, values))


@program((VECTOR, 3))
def pairs_of_vectors_and_of_pairs(x, n):
    states, grids = [], []
    for i in range(n):
        states.append((x * i, x**2))
        grids.append(((x[0] * i, x[1] ** 2), (x[1] * i, 1.0)))
    return weighed(np.array(states)) * weighed(np.mean(grids, axis=0)) + weighed(np.concatenate(states))


@program((VECTOR, 4))
def array_in_a_dtype_by_its_place(x, n):
    rows = [x * i for i in range(n)]
    first, second = np.array_split([x[0] ** i for i in range(n)], 2)
    return weighed(np.array(rows, float)) + weighed(np.asarray(rows, complex).real * 2) * first[1] * second[0]


@program((VECTOR, 3))
def columns_of_other_widths(x, n):
    columns = [np.outer(x, np.arange(1.0, i + 2)) * i for i in range(n)]
    deep = [np.ones((2, 2, i + 1)) * x[0] ** i for i in range(n)]
    return weighed(np.column_stack(columns)) * weighed(np.dstack(deep)) + weighed(
        np.column_stack([x * i for i in range(n)])
    )
