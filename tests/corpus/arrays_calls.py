"""Arrays through functions: helpers, closures, globals, defaults, branches on values, early returns."""

import functools

import numpy as np

from tests.corpus.registry import program

vector = np.array([0.4, -1.1, 0.9])
matrix = np.array([[0.5, -1.5, 2.0], [1.2, 0.3, -0.4], [-2.2, 1.7, 0.6]])

WEIGHTS = np.array([0.2, 0.5, -0.3])
TABLE = np.array([[1, 0, 2], [0, 3, 1], [2, 1, 0]])


def dense(x, W, b):
    return np.tanh(W @ x + b)


@program((vector, matrix, 0.1 * vector), wrt=(0, 1, 2))
def layers_with_shared_weights(x, W, b):
    for _ in range(3):
        x = dense(x, W, b)
    return np.sum(dense(x, W.T, b=b) ** 2)


@program((vector,), (vector.astype(np.float32),))
def arrays_of_the_module(x):
    y = TABLE @ x * WEIGHTS
    return np.sum(y**2) + TABLE[1, 1] * x[2]


def shifted(x, by=WEIGHTS, *, scale=2.0):
    return scale * x + by


@program((vector, 0.3), wrt=(0, 1))
def defaults_that_are_arrays(x, t):
    return np.sum(shifted(x) * shifted(x, by=x * t, scale=t)) + shifted(t).sum()


def make_quadratic(A):
    def quadratic(x):
        return x @ A @ x

    return quadratic


quadratic = make_quadratic(matrix)


@program((vector,))
def closure_over_an_array(x):
    return quadratic(x) + make_quadratic(np.eye(3) * x)(x + 1)


def make_loss(inputs, targets):
    @program((vector,), (np.zeros(3),))
    def loss_with_data_in_cells(w):
        r = inputs @ w - targets
        return r @ r / len(targets)

    return loss_with_data_in_cells


make_loss(matrix, np.array([1.0, 2.0, 3.0]))


@program((vector,), (-vector,), (np.array([0.1, -0.2, 0.05]),))
def branches_on_array_values(x):
    if x.sum() > 0:
        y = x**2
    elif np.any(x > 0.15):
        y = np.exp(x)
    else:
        y = x[:2] * 3
    return np.sum(y)


@program((vector, 0.1), (vector, 10.0), (np.zeros(3), 0.1), wrt=(0, 1))
def early_returns(x, limit):
    length = np.sqrt(np.sum(x**2) + 1e-3)
    if length < limit:
        return length
    x = x * limit / length
    if x[0] < 0:
        return -x.sum()
    return np.max(x) + limit


def project(x, low, high):
    if np.all(x >= low) and np.all(x <= high):
        return x
    return np.clip(x, low, high) * 0.99


@program((vector, 0.2), (0.1 * vector, 0.01), wrt=(0, 1))
def projected_descent(x, rate):
    for k in range(5):
        x = project(x - rate * (matrix @ x + k), -1.3, 1.4)
    return x @ WEIGHTS


def sum_and_product(a, b):
    return a + b, a * b


@program((vector, matrix), wrt=(0, 1))
def several_results(x, m):
    s, p = sum_and_product(x, m)
    s2, (p2, _, last) = sum_and_product(s[0], p)
    return np.sum(s2 * p) + p2.sum() * last[0]


@program((vector,), (np.array([3.0, 0.5]),))
def functions_passed_on(x):
    def apply(f, times, x):
        for _ in range(times):
            x = f(x)
        return x

    return apply(np.sin, 3, x).sum() + apply(lambda t: t * 0.5 + x, 2, x).prod() + np.sum(apply(np.square, 1, x))


twice = functools.partial(np.multiply, 2.0)
centred_layer = functools.partial(dense, W=matrix, b=WEIGHTS)


@program((vector, matrix), wrt=(0, 1))
def functions_made_of_functions(x, m):
    steps = [twice, np.cos, lambda v: v / (1 + v @ v), centred_layer]
    for step in steps:
        x = step(x)
    x = centred_layer(x + m[0], b=0.1)
    return np.linalg.norm(x)


def mean_of(*arrays, weights=None):
    if weights is None:
        weights = np.ones(len(arrays))
    total = 0.0
    for w, a in zip(weights, arrays):
        total = total + w * a
    return total / np.sum(weights)


@program((vector, matrix[0], matrix), wrt=(0, 1, 2))
def any_number_of_arrays(a, b, m):
    options = {"weights": a**2 + 1}
    return np.sum(mean_of(a, b) ** 2) + np.sum(mean_of(a, b, m[2], **options) * mean_of(m[0], m[1]))


def smooth(u, passes):
    for _ in range(passes):
        u = 0.25 * (u[:-2] + 2 * u[1:-1] + u[2:])
    return u


@program((np.sin(np.arange(9.0)),), (np.arange(7.0) ** 2 / 20,))
def helper_that_changes_the_shape(u):
    total = 0.0
    for passes in range(3):
        total += np.sum(smooth(u, passes) ** 2) * (passes + 1)
    return total


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@program((matrix, vector), wrt=(0, 1))
def one_helper_many_shapes(m, v):
    return np.sum(softmax(m) * softmax(m, axis=0)) + softmax(v)[0] + softmax(m[None] * v).max()


@program((vector,))
def arrays_and_numbers_on_two_paths(x):
    y = 0
    if x[0] > 0:
        y = x * 2
    z = y + 1 if x[1] > 0 else y - x
    return np.sum(z * z) + (x if x.size > 2 else -x).sum()


@program((vector, 3), (vector, 0))
def accumulator_that_starts_as_a_number(x, n):
    total = 0
    for i in range(n):
        total = total + x * i
    return np.sum(total * total)


@program((vector,), (np.array([2.0, 1.0, 5.0]),))
def assertions_and_errors(x):
    assert x.ndim == 1, "a vector is needed"
    if not np.isfinite(x).all():
        raise ValueError("not finite")
    n = x.shape[0]
    if n != 3:
        raise ValueError(f"{n} numbers")
    return np.sum(x**2) / n


@program((matrix,), (matrix[:2],), (matrix[0],))
def decisions_by_shape(m):
    if m.ndim == 1:
        m = m[np.newaxis, :]
    rows, columns = np.shape(m)
    gram = m @ m.T if rows < columns else m.T @ m
    return np.sum(gram**2) / (rows * columns) + len(m) * float(m[0, 0])


@program((vector,))
def names_reused(x):
    y = x
    x = x * 2
    z = x
    x = x + y
    x, y = y, x
    y -= 1
    return np.sum(x * y * z)


@program((vector, 1e-9), (np.array([0.2, 0.1, 0.4]), 1e-6))
def helper_with_a_loop_of_its_own(x, tol):
    def inverse_root(a):
        y = np.ones_like(a)
        while True:
            new = y * (1.5 - 0.5 * a * y * y)
            if np.max(np.abs(new - y)) < tol:
                return new
            y = new

    return np.sum(inverse_root(x**2 + 0.5) * x)


@program((vector,))
def array_made_by_its_class(x):
    rows = np.ndarray((2, len(x)), dtype=x.dtype)
    rows[0] = x * x
    rows[1] = rows[0] * x[0]
    return np.sum(rows * rows[::-1])
