"""Loops over arrays and with arrays: rows, steps of integrators and solvers, arrays that grow and shrink."""

import numpy as np

from tests.corpus.registry import program

rng = np.random.default_rng(3)
series = rng.standard_normal((5, 3))
vector = np.array([0.4, -1.1, 0.9, 1.6, -0.5])
spd = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.5]])
rhs = np.array([1.0, -2.0, 0.5])


@program((vector,), (vector.astype(np.float32),), (np.array([2.0]),))
def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


@program((series, rhs), wrt=(0, 1))
def rows_weighted(x, w):
    total = 0.0
    for row in x:
        total += np.tanh(row @ w)
    return total


@program((series, vector), wrt=(0, 1))
def rows_with_their_numbers(x, t):
    loss = 0
    for i, row in enumerate(x):
        if i % 2 == 0:
            loss = loss + np.sum(row * row) * t[i]
        else:
            loss = loss - t[-i] * row.max()
    return loss / len(x)


@program((series, 2 * series), wrt=(0, 1))
def rows_of_two_arrays(a, b):
    similarity = 0.0
    for u, v in zip(a, b):
        similarity += u.dot(v) / (np.linalg.norm(u) * np.linalg.norm(v) + 0.1)
    for u, v in zip(a, reversed(b)):
        similarity += (u * v).sum()
    return similarity


@program((0.2 * rng.standard_normal((4, 4)), 0.5 * rng.standard_normal((4, 3)), np.zeros(4), series), wrt=(0, 1, 2, 3))
def recurrent_network(W, U, b, inputs):
    h = np.zeros(4)
    for x in inputs:
        h = np.tanh(W @ h + U @ x + b)
    return h @ h


@program((vector, np.array([2.0, 0.3, -1.0])), (vector[:3], np.array([1.0, 2.0])), wrt=(0, 1))
def horner_on_an_array(x, coefficients):
    y = np.zeros_like(x)
    for c in coefficients[::-1]:
        y = y * x + c
    return (y**2).mean()


@program((vector, 0.1, 4), (np.linspace(0, 1, 7) ** 2, 0.2, 6), (vector, 0.1, 0), wrt=(0, 1))
def heat_by_concatenation(u, a, steps):
    for _ in range(steps):
        inner = u[1:-1] + a * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u * u)


@program((vector, 0.3), wrt=(0, 1))
def advection_on_a_ring(u, c):
    for n in range(6):
        u = u - c * (u - np.roll(u, 1))
        if n == 3:
            u = u * 0.9
    return (u**3).sum()


@program((spd,), (spd + np.eye(3),))
def power_iteration(A):
    v = np.ones(A.shape[0])
    for _ in range(12):
        v = A @ v
        v = v / np.linalg.norm(v)
    return v @ A @ v


@program((spd, rhs), wrt=(0, 1))
def conjugate_gradients(A, b):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r
    rs = r @ r
    iterations = 0
    while iterations < 10:
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        if rs_new < 1e-3:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
        iterations += 1
    return np.sum(x * b) + x[0]


@program((np.array([1.5, 0.5]),), (np.array([0.8, 0.3]),))
def newton_on_a_system(c):
    z = np.array([1.0, 1.0])
    for _ in range(20):
        a, b = z
        f = np.array([a**2 + b**2 - c[0] ** 2, a - b - c[1]])
        jacobian = np.array([[2 * a, 2 * b], [1.0, -1.0]])
        step = np.linalg.solve(jacobian, f)
        z = z - step
        if np.linalg.norm(step) < 1e-12:
            break
    return z[0] * z[1]


@program((0.3 * spd, rhs), wrt=(0, 1))
def fixed_point(W, b):
    h = np.zeros(3)
    change = np.inf
    n = 0
    while change > 1e-9 and n < 500:
        new = np.tanh(0.4 * W @ h + b)
        change = np.max(np.abs(new - h))
        h = new
        n += 1
    return np.sum(h**2)


@program((np.array([0.4, 1.3]), 4), (np.array([1.5]), 2), (np.array([0.7, 0.1, 0.2]), 0))
def array_grows(x, n):
    for i in range(n):
        x = np.concatenate((x, x[-1:] * x[:1] + i))
    return np.sum(np.sin(x)) * len(x)


@program((vector,), (vector[:2],), (vector[:1],))
def array_shrinks(x):
    while len(x) > 1:
        x = x[:-1] * x[1:] + x[1:]
    return x[0]


@program((series, 1.0), (series, 100.0), wrt=(0, 1))
def return_from_a_loop_over_rows(x, limit):
    total = np.zeros(3)
    for row in x:
        total = total + row**2
        if total.sum() > limit:
            return total.max() * limit
    return total.min()


@program((series,), (-series,))
def skipped_rows(x):
    kept = 0.0
    for row in x:
        if row[0] < 0:
            continue
        if not np.any(row > 1.0):
            kept += row.sum() ** 2
        else:
            kept += np.prod(row)
    return kept


@program((np.array([1.0, 0.0]), 0.3, 5), wrt=(0, 1))
def runge_kutta(y, damping, n):
    def f(y):
        return np.array([y[1], -np.sin(y[0]) - damping * y[1]])

    h = 0.1
    for _ in range(n):
        k1 = f(y)
        k2 = f(y + h / 2 * k1)
        k3 = f(y + h / 2 * k2)
        k4 = f(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y[0] ** 2 + y[1]


@program((rhs, 0.1), wrt=(0, 1))
def descent_by_hand(x, rate):
    velocity = np.zeros(3)
    for _ in range(8):
        slope = spd @ x - rhs
        velocity = 0.9 * velocity - rate * slope
        x = x + velocity
    return 0.5 * x @ spd @ x - rhs @ x


@program((0.3 * spd,), (np.array([[0.0, -1.2], [1.2, 0.0]]),))
def matrix_exponential_by_its_series(A):
    total = np.eye(len(A))
    term = np.eye(len(A))
    for k in range(1, 15):
        term = term @ A / k
        total += term
    return total.sum() + np.trace(total)


@program((series,), (series[:2, :2],))
def two_loops_over_indices(m):
    rows, columns = m.shape
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            if i > j:
                total += m[i, j] * m[j, i % columns]
            elif i == j:
                total += m[i][j] ** 3
            else:
                total -= m[-1, j] / (2 + m[i, -1] ** 2)
    return total


@program((vector, 0.3), wrt=(0, 1))
def exponential_moving_average(x, alpha):
    average = x[0]
    variation = 0.0
    for value in x[1:]:
        previous, average = average, alpha * value + (1 - alpha) * average
        variation += (average - previous) ** 2
    return variation + average


@program((np.array([0.2, 0.9, 0.4]), np.array([[0.0, 1.0, 0.2], [0.3, 0.0, 2.0], [1.0, 0.5, 0.0]])), wrt=(0, 1))
def nested_while_with_arrays(x, rates):
    t = 0.0
    while t < 1.0:
        speed = x @ rates
        h = 0.25
        while h * np.abs(speed).max() > 0.15:
            h = h / 2
        x = x + h * (speed - x * rates.sum(axis=1))
        t += h
    return x[0] * x[1] + x[2] ** 2


@program((np.linspace(0.2, 1.1, 6),))
def last_of_growing_slices(x):
    total = 0.0
    for j in range(1, 5):
        part = x[:j] * 2
        total = total + np.sum(np.sin(part))
    return np.sum(part * part) * total


@program((0.3,))
def last_of_growing_arrays(x):
    total = 0.0
    for j in range(1, 3):
        y = np.ones(j) * x
        total = total + np.sum(np.sin(y))
    return total + np.sum(y * y)


@program((np.linspace(0.2, 1.1, 6),))
def last_of_either_slice(x):
    j = 0
    while j < 4:
        j += 1
        if j % 2:
            y = x[:j]
        elif j > 1:
            y = np.sin(x[j:])
        t = np.sum(y**2)
    return np.sum(y) * t + np.max(x[:j])


@program((np.linspace(0.2, 1.1, 6),))
def slices_of_the_turn_before(x):
    total = 0.0
    before = x[:1]
    for j in range(1, 3):
        part = x[:j] * 2
        total = total + np.sum(before * part * part)
        before = part
    return total


@program((0.5, np.array([0.3, 1.2, 0.7])), (3.5, np.array([3.3, 1.2, 0.7])), wrt=(0, 1))
def number_that_becomes_an_array(x, v):
    s = x
    while np.sum(s) < 10:
        s = s * 1.5 + v
    return np.sum(s * s)


@program((1.0,), (0.7,))
def roots_of_what_is_cut_off_at_zero(x):
    """Heston's variances, truncated: the root of 0 has no derivative, and is not what was chosen."""
    v = np.array([-1.0, 2.0]) * x
    total = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(2):
            whole = np.maximum(v, 0)
            total = total + np.sum(np.sqrt(whole * 0.2))
            v = v + 0.1 * np.sqrt(whole * 0.2) * x
    return total
