"""Sums, means and extrema along axes, and what is built from them: softmax, layer norms, statistics."""

import numpy as np

from tests.corpus.registry import program

vector = np.array([0.4, -1.1, 0.9, 1.6, -0.5, 0.7])
matrix = np.array([[0.5, -1.5, 2.0, 0.1], [1.2, 0.3, -0.4, 0.9], [-2.2, 1.7, 0.6, -0.8]])
cube = np.random.default_rng(5).standard_normal((3, 4, 2))


@program((matrix,), (cube,), (vector,))
def sums_and_means(x):
    return x.sum() * x.mean() + np.sum(x**2) / np.prod(x.shape) + np.mean(np.exp(x))


@program((cube,))
def sums_along_axes(t):
    a = t.sum(axis=0)
    b = np.sum(t, axis=(0, 2))
    c = t.mean(axis=-1, keepdims=True)
    d = np.sum(t, axis=None, keepdims=True)
    return np.sum(a[:, 0] * b) + (t * c).sum() + np.sum(d * t.sum((1, -1))[:, None, None])


@program((matrix,), (cube,), (1000 * vector,))
def log_sum_exp(x):
    top = np.max(x, axis=-1, keepdims=True)
    return np.sum(np.squeeze(top, -1) + np.log(np.sum(np.exp(x - top), axis=-1)))


@program((matrix,), (cube,), (matrix.astype(np.float32),))
def softmax(x):
    e = np.exp(x - x.max(axis=-2, keepdims=True))
    p = e / e.sum(axis=-2, keepdims=True)
    return -np.sum(p * np.log(p)) + p.max()


@program((matrix, np.array([1.0, 0.5, 2.0, -1.0]), np.array([0.1, 0.2, 0.3, 0.4])), wrt=(0, 1, 2))
def layer_norm(x, gain, bias):
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    y = gain * (x - mean) / np.sqrt(variance + 1e-5) + bias
    return np.sum(y**3)


@program((matrix,), (matrix.astype(np.float32),))
def standardised_columns(x):
    z = (x - np.mean(x, axis=0)) / np.std(x, axis=0)
    return np.sum(z[0] * z[1] ** 2) + x.var() + np.var(x, axis=1, ddof=1).sum()


@program((matrix, 2 * matrix[::-1] + np.sin(matrix)), wrt=(0, 1))
def correlation(x, y):
    x = x - x.mean()
    y = y - y.mean()
    return (x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum())


@program((matrix,), (cube,))
def extrema(x):
    spread = x.max(axis=0) - x.min(axis=0)
    return np.sum(spread**2) + np.max(x) * np.amin(x) + np.ptp(x)


@program((vector,), (vector.astype(np.float32),))
def cumulative_sums(x):
    c = np.cumsum(x)
    running = c / np.arange(1, len(x) + 1)
    return np.sum(running**2) + np.sum(c[:-1] * running[1:]) * c[-1] + np.cumprod(x)[2]


@program((matrix,))
def cumulative_along_axes(m):
    return np.sum(np.cumsum(m, axis=0) * np.cumsum(m, axis=1) ** 2) + m.cumsum()[5]


@program((vector,), (np.array([0.0, 1.5, 2.0]),), (np.array([0.0, 1.5, 0.0]),))
def products(x):
    return np.prod(x) + x.prod() * x.sum() + np.prod(x[:2] + 1) ** 2


@program((vector, np.abs(vector) + 0.1), wrt=(0, 1))
def weighted_moments(x, w):
    w = w / w.sum()
    mean = np.average(x, weights=w)
    second = (w * (x - mean) ** 2).sum()
    third = (w * (x - mean) ** 3).sum()
    return third / second**1.5


@program((vector, 0.3), (vector, 2.0), wrt=(0, 1))
def kernel_density(data, width):
    at = np.linspace(-1, 1, 5)
    z = (at[:, None] - data) / width
    density = np.exp(-0.5 * z**2).sum(axis=1) / (len(data) * width * np.sqrt(2 * np.pi))
    return -np.log(density).sum()


@program((cube,), (np.float32(cube),))
def batch_norm_over_two_axes(t):
    mean = t.mean(axis=(0, 1), keepdims=True)
    scale = t.std(axis=(0, 1), keepdims=True) + 0.1
    return (((t - mean) / scale) ** 3).sum() + np.mean(t, (0, 1)) @ np.array([1.0, -1.0])


@program((matrix,), (np.zeros((0, 4)),), (np.zeros((3, 0)),))
def sums_over_what_may_be_empty(m):
    return m.sum(axis=0).sum() + np.sum(m.sum(axis=1) ** 2) + np.sum(m.T, axis=0).sum()


@program((matrix,), (np.abs(matrix),))
def norms(m):
    return np.linalg.norm(m) + np.linalg.norm(m, axis=0).sum() * np.linalg.norm(m[0], 1) + np.linalg.norm(m[1], np.inf)


@program((vector,), (3 * vector,))
def finite_differences(x):
    slope = np.diff(x)
    curvature = np.diff(x, n=2)
    return np.sum(np.sqrt(1 + slope**2)) + (curvature**2).sum() + np.interp(0.0, [-1.0, 1.0], slope[:2])


@program((np.array([0.3, -0.4]), np.array([0.1, 0.6, -0.2, 0.9]), np.array([1, 0, 1, 1])), wrt=(0, 1))
def logistic_regression(w, x, labels):
    logits = w[0] * x + w[1]
    return -np.mean(labels * -np.log1p(np.exp(-logits)) + (1 - labels) * -np.log1p(np.exp(logits)))


@program((vector,))
def all_and_any(x):
    if np.all(x > -2) and not (x > 5).any():
        scale = x.sum()
    else:
        scale = x.mean()
    return scale * np.sum(np.isfinite(x) * x) + (x > 0).sum() * x[0] + (x > 0).mean() * x[1]
