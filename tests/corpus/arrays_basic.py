"""Elementwise code on arrays: broadcasting of all kinds, dtypes, 0-d and empty arrays, selections."""

import numpy as np

from tests.corpus.registry import program

x = np.array([0.3, -1.2, 2.1, 0.8])
y = np.array([1.1, 0.4, -0.7, 1.9])
matrix = np.array([[0.5, -1.5, 2.0, 0.1], [1.2, 0.3, -0.4, 0.9], [-2.2, 1.7, 0.6, -0.8]])
column = np.array([[0.7], [-0.2], [1.4]])


@program((np.array([[-0.5, 0.2], [-0.3, 0.8]]), np.array([[0.2], [0.4]])), wrt=(0, 1))
def relu_layer(W, x):
    return np.sum(np.maximum(0, W @ x))


@program((x,), (np.abs(matrix),), (np.zeros((0, 2)),), order=3)
def chain_of_elementary_functions(x):
    s1 = np.sin(x)
    s2 = np.exp(s1)
    s3 = np.tanh(s2)
    s4 = np.sqrt(s3)
    return np.sum(s4 * s4 * s4)


@program((column, x, 0.5), (x[:3, None], matrix, 2.0), (column, column, -1.0), wrt=(0, 1, 2))
def broadcast_both_ways(a, b, c):
    z = a * b + c
    return np.sum(z * z / (1 + b**2)) + np.mean(a - c)


@program((x, y), wrt=(0, 1))
def table_of_all_pairs(u, v):
    table = u[:, None] - 2 * v
    return (table**2).sum() + np.sum(np.cos(u[:, np.newaxis] * v[np.newaxis, :]))


@program((np.array([0.5]), matrix), (np.array([[0.5]]), x), (0.5, y), wrt=(0, 1))
def stretched_axes_of_length_one(scale, m):
    return np.sum(np.exp(-scale * m**2)) + np.sum(scale)


@program((matrix[:, :3], column, x[:3]), wrt=(0, 1, 2))
def three_shapes_meet(m, col, row):
    centred = m - m.mean(axis=0)
    left = centred * col
    right = row * left + col * row
    return (left * right).sum() / m.size


@program((0.5 * x.astype(np.float32), 3), (0.5 * matrix.astype(np.float32), 2))
def single_precision(x, n):
    h = 0.5 * x + 1
    for _ in range(n):
        h = h * x / 2 + np.float32(0.1) * n
    return np.sum(np.sin(h))


@program((x.astype(np.float32), y), (x, y.astype(np.float32)), wrt=(0, 1))
def precisions_mixed(a, b):
    product = a * b
    return np.sum(product * product) + np.sum(np.tanh(a)) * 2.0 + (b - 1).sum()


@program((np.abs(x), np.array([1, 2, 3, 0])), (np.abs(matrix), np.array([[2], [1], [4]])))
def integers_beside_floats(x, k):
    weights = k / (k + 1) + np.arange(x.shape[-1])
    return np.sum(weights * x**k) + (k * x).sum() + np.sum(k)


@program((np.array(0.7), x), (np.array(1.3), np.array(2.0)), wrt=(0, 1))
def arrays_without_axes(t, v):
    shift = np.sin(t) * v
    return np.sum(shift * shift) + t**3 + float(len(np.shape(v)))


@program((np.array(0.7, np.float32), x.astype(np.float32)), wrt=(0, 1))
def arrays_without_axes_in_single_precision(t, v):
    return np.sum(t * v * v) / 2 + t


@program((np.zeros(0), 2.0), (x, 0.5), wrt=(0, 1))
def nothing_to_sum(v, scale):
    return np.sum(v * scale) + np.prod(v) * scale + scale * v.size


@program((x,), (5 * matrix,))
def stable_sigmoid(x):
    e = np.exp(-np.abs(x))
    s = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
    return np.sum(s * np.log1p(e))


@program((x, y, 1.0), (matrix, x, 0.55), wrt=(0, 1, 2))
def huber_loss(prediction, target, delta):
    r = np.abs(prediction - target)
    return np.mean(np.where(r < delta, 0.5 * r**2, delta * (r - 0.5 * delta)))


@program((x,), (3 * matrix,))
def clipped_and_masked_by_arithmetic(x):
    inside = np.clip(x, -1.0, 1.0)
    positive = (x > 0) * x**2
    return np.sum(inside * positive) + np.minimum(x, 0.15).sum() + np.count_nonzero(x > 0)


@program((x, y), (matrix, y), wrt=(0, 1))
def augmented_names(x, y):
    h = x * 2
    h += y
    h *= 3
    h -= x
    h /= 1 + y**2
    h **= 2
    total = np.zeros(4)
    total = total + h
    total += 1.5
    return np.sum(total) / 10


@program((matrix[:, :2], matrix[:2, 1:3]), wrt=(0, 1))
def distances_between_points(a, b):
    difference = a[:, None, :] - b[None, :, :]
    return np.sqrt((difference**2).sum(axis=-1)).sum()


@program((x, y), (matrix, 0.3 * matrix), wrt=(0, 1))
def many_functions(x, y):
    a = np.arctan2(x, 2 + np.abs(y)) + np.hypot(x, y)
    b = np.log1p(x * x) - np.expm1(-y * y) + np.sinh(0.1 * x) * np.square(y)
    c = np.logaddexp(x, y) + np.reciprocal(3 + np.cosh(y)) + np.cbrt(5 + x)
    return np.sum(a * b - c)


@program((x,))
def values_as_numbers(x):
    a, b, c, d = x
    return a * b - c / d + float(x[1]) * np.sum([a, b * c]) + x.item(2) ** 2


@program((np.array([1.0 + 0.5j, -0.3 + 1.2j]), 0.4), wrt=(0, 1))
def complex_amplitudes(z, phase):
    rotated = z * np.exp(1j * phase)
    return np.sum(np.abs(rotated + 1) ** 2) + np.sum(np.real(z * z)) + rotated.imag.sum()


@program((x, 0.65), (np.float32(x), np.float32(0.65)), wrt=(0, 1))
def floors_and_remainders(x, period):
    whole = np.floor(x / period)
    return np.sum((x - whole * period) ** 2) + np.sum(np.mod(x, period)) + np.sum(np.round(x)) * period


@program((np.array([1.0, 2.0, 3.0]),))
def items_of_arrays_of_length_one(x):
    return np.sum(x**2, keepdims=True).item() * x[:1].item() + x.reshape(1, -1)[:, 1:2].item()


@program((0.4, -0.7, 1.2))
def lists_of_numbers_given_to_functions_of_arrays(a, b, c):
    return np.abs(np.fft.fft([a, b, c]))[1] + np.cov([a, b, c], [c, a, b])[0, 1] + np.vander([a, b])[0, 0]
