"""Reading by index: numbers, slices, integer arrays with repeats, masks, and what comes out of `where` and `sort`."""

import numpy as np

from tests.corpus.registry import program

vector = np.array([0.4, -1.1, 0.9, 1.6, -0.5, 0.7])
matrix = np.array([[0.5, -1.5, 2.0, 0.1], [1.2, 0.3, -0.4, 0.9], [-2.2, 1.7, 0.6, -0.8]])
cube = np.random.default_rng(5).standard_normal((3, 4, 2))

PAIRS = np.array([[0, 1], [1, 2], [0, 2], [2, 0]])


@program((vector,), (matrix[0],))
def first_and_last(x):
    return x[0] * x[-1] + x[1] ** 2 - x[-2] * x[0] * x[0]


@program((matrix,))
def elements_of_a_matrix(m):
    return m[0, 1] * m[1][2] + m[-1, -1] ** 2 + m[0][0] * m[2, 0] + m[1].sum() * m[(2, 3)]


@program((matrix,), (matrix[:, ::-1],))
def rows_and_columns(m):
    return m[0] @ m[1] + m[:, 0] @ m[:, -1] + np.sum(m[1:, :2] * m[:-1, 2:]) + m[:, 1:2].sum() ** 2


@program((vector,), (np.arange(7.0),))
def slices_of_all_kinds(x):
    a = x[::2].sum() * x[1::2].sum()
    b = np.sum(x[::-1] * x**2)
    c = x[-3:] @ x[:3]
    d = x[4:1:-1].prod() + np.sum(x[10:]) + x[: len(x) // 2].max()
    return a + b + c * d


@program((cube,))
def ellipsis_and_new_axes(t):
    a = t[..., 0] * t[0, :, 1]
    b = t[:, None, 1] - t[None, ..., 2, :]
    return a.sum() + (b**2).sum() + np.sum(t[1, ...] * t[1, :, 1, None])


@program((vector, np.array([0, 2, 2, 5, 0, 0])), (vector, np.array([-1, -1, 3])))
def gather_with_repeats(x, index):
    taken = x[index]
    return np.sum(taken**2 * np.arange(1, len(index) + 1)) + x[[1, 1, 0]].prod()


@program((matrix,))
def pairs_of_index_arrays(m):
    rows = np.array([0, 2, 2, 1])
    columns = np.array([3, 0, 0, 2])
    a = m[rows, columns]
    b = m[rows[:, None], columns[None, :2]]
    c = m[:, columns]
    return (a**3).sum() + b.sum() ** 2 + np.sum(c[1] * c[2])


@program((vector,), (-vector,), (np.abs(vector),))
def boolean_masks(x):
    positive = x > 0
    kept = x[positive]
    return np.sum(kept**2) + x[~positive].sum() * 0.5 + kept.size + np.sum(x[(x > 0.3) & (x < 1)])


@program((matrix, vector), wrt=(0, 1))
def masks_of_rows(m, v):
    tall = m[m.sum(axis=1) > 0]
    flat = m[m < 0]
    return (tall * v[:4]).sum() + np.sum(flat) * v[v > 0].mean()


@program((vector,))
def indices_computed_inside(x):
    order = np.argsort(x)
    ranked = x[order]
    best = np.argmax(x)
    return np.sum(ranked * np.arange(len(x))) + x[best] ** 2 - x[x.argmin()] * ranked[-2]


@program((vector, 3), (matrix[1], 2))
def the_largest_few(x, k):
    top = np.sort(x)[-k:]
    return top.sum() ** 2 + np.median(x) + np.sum(np.sort(x)[::-1][:k] * top)


@program((cube[:, :3, 0], np.array([0.1, 0.5, 0.7, 1.1])), wrt=(0, 1))
def springs_between_points(points, lengths):
    energy = 0.0
    for (i, j), rest in zip(PAIRS, lengths):
        d = points[i] - points[j]
        energy += 0.5 * (np.sqrt(d @ d) - rest) ** 2
    return energy


@program((cube[:, :3, 0], np.array([0.1, 0.5, 0.7, 1.1])), wrt=(0, 1))
def springs_vectorised(points, lengths):
    d = points[PAIRS[:, 0]] - points[PAIRS[:, 1]]
    return 0.5 * np.sum((np.linalg.norm(d, axis=1) - lengths) ** 2)


@program((vector,), (vector[:3],))
def neighbours_around_the_corner(x):
    n = len(x)
    total = 0.0
    for i in range(n):
        total += x[i] * x[(i + 1) % n] - x[i - 1] ** 2 * x[-i]
    return total


@program((matrix, np.array([2, 0, 3])))
def cross_entropy_with_labels(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probabilities[np.arange(len(labels)), labels].mean()


@program((matrix, np.array([[1, 0, 0], [2, 2, 1]])))
def embeddings_looked_up(table, words):
    sentences = table[words].mean(axis=1)
    return np.sum(sentences[0] * sentences[1]) + np.take(table, words, axis=0)[1, 0].sum() ** 2


@program((np.array([1.0, 3.0, -2.0, 0.5]), np.array([0.2, 1.7, 2.5])), wrt=(0, 1))
def linear_interpolation(values, at):
    below = np.floor(at).astype(int)
    weight = at - below
    return np.sum((1 - weight) * values[below] + weight * values[below + 1] ** 2)


@program((vector,), (vector[::-1],))
def places_where(x):
    (places,) = np.nonzero(x > 0)
    first, last = places[0], places[-1]
    return x[first] * x[last] + np.where(x > 0, x, 0.1 * x).sum() * np.sum(x[places] ** 2)


@program((np.array([[2.0, -1.0, 0.5], [0.3, 1.0, 4.0], [1.5, 2.5, -3.0]]),))
def determinant_by_minors(m):
    total = 0.0
    for j in range(3):
        rest = np.delete(m[1:], j, axis=1)
        total += (-1) ** j * m[0, j] * (rest[0, 0] * rest[1, 1] - rest[0, 1] * rest[1, 0])
    return total


@program((np.array([0.2, 0.8, 0.5, 0.1, 0.9]), 0.4, 3), (np.array([0.2, 0.8, 0.5]), -1.1, 0), wrt=(0, 1))
def index_carried_by_a_loop(x, start, hops):
    i = 0
    value = start
    for _ in range(hops):
        value = value * x[i] + x[i] ** 2
        i = (2 * i + 1) % len(x)
    return value + x[i]


@program((np.array([[0.2, 0.8, 0.5], [0.1, -0.9, 1.3]]), vector[:2]), wrt=(0, 1))
def tuples_as_indices(x, v):
    places = ((0, 1, 1), (2, 0, 0))
    y = x * x
    y[(0, 1), (1, 1)] += v
    y[:, (0, 2)] *= x[places][:2]
    return np.sum(y**2) + x[(1, 0)] * np.sum(x[((0, 1), (1, 0))])
