"""NumPy as it is written in many fields: optics, finance, chemistry, statistics, signals, networks."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tests.corpus.registry import program

rng = np.random.default_rng(3)
image, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 3))
square, samples = rng.normal(size=(4, 4)), rng.normal(size=10)
queries = rng.normal(size=(2, 4, 6))
projections = tuple(rng.normal(size=(6, 6)) for _ in range(3))


@program((kernel, image), wrt=(0, 1))
def convolution_of_strided_windows(k, img):
    kh, kw = k.shape
    oh, ow = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    s0, s1 = img.strides
    windows = as_strided(img, shape=(oh, ow, kh, kw), strides=(s0, s1, s0, s1))
    return np.sum(np.tensordot(windows, k, axes=2) ** 2)


@program((kernel, image), wrt=(0, 1))
def convolution_by_transforms(k, img):
    shape = (img.shape[0] + k.shape[0] - 1, img.shape[1] + k.shape[1] - 1)
    out = np.fft.irfft2(np.fft.rfft2(img, shape) * np.fft.rfft2(k, shape), shape)
    return np.sum(out**3)


@program((square,))
def spectral_radius(a):
    return np.max(np.abs(np.linalg.eigvals(a)))


@program((square,))
def logarithm_of_a_matrix(a):
    w, v = np.linalg.eig(np.eye(4) + 0.1 * a)
    log = v @ np.diag(np.log(w)) @ np.linalg.inv(v)
    return np.trace(log @ log).real


@program((np.array([1.0, -2.5, 0.5, 1.2]),))
def moduli_of_roots(c):
    return np.sum(np.abs(np.roots(c)) ** 2 * np.arange(1, 4)) / np.abs(c[-1])


@program((np.array([2.0, 3.0, 1.5, 0.7]),))
def largest_drawdown(r):
    wealth = np.cumprod(1 + 0.3 * np.sin(r * np.arange(1, 5)))
    peak = np.maximum.accumulate(wealth)
    return np.max((peak - wealth) / peak) + np.min(wealth)


@program((samples,))
def sums_of_runs(x):
    return np.prod(np.add.reduceat(np.exp(x), [0, 3, 4, 7])) ** 0.2


@program((1.4,))
def gauss_legendre(a):
    x, w = np.polynomial.legendre.leggauss(8)
    t = 0.5 * a * (x + 1)
    return 0.5 * a * np.sum(w * np.exp(-(t**2)) * np.sin(a * t))


@program((np.array([0.1, 0.3]), 1.2), wrt=(0, 1))
def transmission_of_layers(thickness, n):
    m = np.eye(2, dtype=complex)
    for d in thickness:
        phi = 2 * np.pi * n * d
        m = m @ np.array([[np.cos(phi), 1j * np.sin(phi) / n], [1j * n * np.sin(phi), np.cos(phi)]])
    t = 2 / (m[0, 0] + m[0, 1] + m[1, 0] + m[1, 1])
    return (t * np.conj(t)).real


@program((queries, *projections), wrt=(0, 1, 2, 3))
def attention_with_heads(x, w_query, w_key, w_value, heads=2):
    b, t, d = x.shape

    def split(z):
        return z.reshape(b, t, heads, d // heads).transpose(0, 2, 1, 3)

    q, k, v = split(x @ w_query), split(x @ w_key), split(x @ w_value)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d // heads)
    scores = np.where(np.triu(np.ones((t, t), dtype=bool), k=1), -1e9, scores)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return np.mean((p @ v).transpose(0, 2, 1, 3).reshape(b, t, d) ** 2)


@program((samples,))
def spread_without_outliers(x):
    kept = np.abs(x - np.median(x)) < 1.5
    low, high = np.percentile(x, [25, 75], method="median_unbiased")
    return x.std(where=kept, ddof=1) + np.mean(x, where=kept) ** 2 + (high - low)


@program((image[:3],))
def parts_of_a_state(x):
    parts = np.split(x, 3)
    parts.append(parts[0] * parts[1])
    parts[1] = np.tanh(parts.pop()) + np.sin([x[0, 0], x[1, 1], 1.0])[0]
    return sum(np.sum(part**2) for part in parts)
