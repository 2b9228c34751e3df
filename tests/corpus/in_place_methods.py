"""NumPy's functions and methods that change an array, one at a time: `fill`, `sort`, `copyto`, `out=`, `ufunc.at`."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7])
MATRIX = np.arange(1.0, 13.0).reshape(3, 4) / 7


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR,))
def m_fill(x):
    y = np.empty(5)
    y.fill(x[0])
    y[1:].fill(x[1] * 2)
    x.fill(3.0)
    return weighed(y) + weighed(x)


@program((VECTOR,))
def m_sort(x):
    y = x.copy()
    y.sort()
    y[1:4].sort()
    x[::-1].sort()
    return weighed(y) + weighed(x)


@program((MATRIX,))
def m_sort_axis(m):
    m.sort(axis=0)
    m[0] *= 2
    m.sort()
    m.sort(axis=None) if False else None
    return weighed(m)


@program((MATRIX,))
def m_sort_pos(m):
    m = m * np.array([1, -1, 1, -1.0])
    m.sort(0)
    m.T.sort(0)
    return weighed(m)


@program((VECTOR,))
def m_copyto(x):
    y = np.zeros(5)
    np.copyto(y, x * x)
    np.copyto(y, 3.0, where=x > 1)
    np.copyto(x[1:], y[:-1])
    np.copyto(x[:2], x[0])
    return weighed(y) + weighed(x)


@program((VECTOR,))
def m_copyto_cast(x):
    k = np.zeros(5, int)
    np.copyto(k, x, casting="unsafe")
    return weighed(x * k)


@program((VECTOR,))
def m_copyto_where_bc(x):
    y = np.ones((2, 5))
    np.copyto(y, x, where=[[True], [False]])
    return weighed(y)


@program((VECTOR,))
def m_place(x):
    np.place(x, x > 1, [x[0] * 2])
    np.place(x, x < 0, 0.3)
    return weighed(x)


@program((VECTOR,))
def m_putmask(x):
    np.putmask(x, x > 1, x * x)
    np.putmask(x, x < 0, 2.0)
    np.putmask(x[1:], x[1:] > 1, x[0])
    return weighed(x)


@program((MATRIX,))
def m_fill_diagonal(m):
    np.fill_diagonal(m, m[0, 1] * 2)
    np.fill_diagonal(m[:, 1:], m[:, 0])
    np.fill_diagonal(m.T, 0.5)
    return weighed(m)


@program((MATRIX,))
def m_fill_diagonal_tall(m):
    t = np.concatenate([m, m, m])
    np.fill_diagonal(t, m[0, 1])
    return weighed(t)


@program((MATRIX,))
def m_fill_diagonal_sq(m):
    t = m[:, :3].copy()
    np.fill_diagonal(t, t[0])
    return weighed(t)


@program((VECTOR,))
def m_out(x):
    y = np.empty(5)
    np.sin(x, out=y)
    np.multiply(x, y, out=y)
    np.add(y, 1, y)
    r = np.exp(y, out=x)
    r[0] = 2.0
    return weighed(y) + weighed(x)


@program((np.array([0.3, 0.5, 0.8]), np.linspace(0.1, 0.9, 6).reshape(2, 3)), wrt=(0, 1))
def results_that_are_smaller_than_out(x, y):
    """A ufunc stretches what it computes to the array that it writes to."""
    np.add(2 * x, y[:, :1], out=y)
    a = np.sum(y**3)
    np.multiply(x, y[:1], out=y)
    np.sin(x[0], out=x)
    np.clip(x[1:], 0.1, 0.9, out=y[:, 1:])
    return a * np.sum(y * y) + np.sum(x)


@program((VECTOR,))
def m_out_overlap(x):
    np.add(x[1:], x[:-1], out=x[1:])
    np.multiply(x[:-1], x[1:], out=x[:-1])
    np.subtract(x, x[::-1], out=x)
    return weighed(x)


@program((VECTOR,))
def m_out_tuple(x):
    y = np.zeros(5)
    np.sin(x, out=(y,))
    np.cos(x, (y[:]))
    return weighed(y)


@program((VECTOR,))
def m_out_view(x):
    y = np.zeros((2, 5))
    np.sin(x, out=y[1])
    np.cos(x, out=y[0, ::-1])
    return weighed(y)


@program((VECTOR,))
def m_out_f32(x):
    y = np.zeros(5, np.float32)
    np.multiply(x, 0, out=y)
    return weighed(y * x)


@program((MATRIX,))
def m_out_dot(m):
    y = np.zeros((3, 3))
    np.dot(m, m.T, out=y)
    np.matmul(m, m.T * 2, out=y)
    z = np.zeros(4)
    np.sum(m, axis=0, out=z)
    m.sum(axis=0, out=z)
    np.cumsum(z, out=z)
    np.clip(z, 0.1, 2.0, out=z)
    z.clip(0.2, 1.5, out=z)
    np.max(m, axis=0, out=m[0])
    m.mean(0, out=m[1])
    return weighed(y) + weighed(z) + weighed(m)


@program((VECTOR,))
def m_clip_out(x):
    np.clip(x, 0.1, 1.0, x)
    return weighed(x)


@program((VECTOR,))
def m_take_out(x):
    y = np.zeros(2)
    np.take(x, [1, 2], out=y)
    x.take([0, 1], out=y)
    np.compress([True, True], x, out=y)
    return weighed(y)


@program((VECTOR,))
def m_round_out(x):
    y = np.zeros(5)
    np.round(x, 1, out=y)
    np.round(x, 1, y)
    return weighed(y * x)


@program((VECTOR,))
def m_reduce_out(x):
    y = np.zeros(5)
    np.add.accumulate(x, out=y)
    np.cumprod(y, out=y)
    np.maximum(x, y, out=y)
    np.outer(x[:1], x, out=y[None])
    return weighed(y)


@program((VECTOR,))
def m_concat_out2(x):
    y = np.zeros(10)
    np.concatenate([x, x], out=y)
    z = np.zeros((2, 5))
    np.stack([x, x * x], out=z)
    return weighed(y) + weighed(z)


@program((VECTOR,))
def m_einsum_out(x):
    y = np.zeros((5, 5))
    np.einsum("i,j->ij", x, x, out=y)
    return weighed(y)


@program((VECTOR,))
def m_permutation(x):
    rng = np.random.default_rng(0)
    i = rng.permutation(5)
    y = x[i]
    i[0] = i[1]
    return weighed(x[i]) + weighed(y)


@program((MATRIX,))
def m_put_along2(m):
    i = np.argmax(m, axis=1)[:, None]
    m[0, i[0, 0]] = 0.0
    return weighed(m) + weighed(np.take_along_axis(m, i, 1))


@program((VECTOR,))
def m_at_sub(x):
    y = x.copy()
    np.subtract.at(y, [0, 0, 2], x[:3])
    np.add.at(y, [0, 0], 1.0)
    np.add.at(y, slice(1, 3), x[0]) if False else None
    np.add.at(y, 2, x[0])
    np.add.at(y[1:], [0, 0], y[0])
    np.add.at(y, x > 1, x[0])
    return weighed(y)


@program((MATRIX,))
def m_at_2d(m):
    i = [0, 1, 0]
    j = [1, 1, 1]
    np.add.at(m, (i, j), m[0, :3])
    np.add.at(m, [0, 0], m[1])
    np.add.at(m.T, [0, 0], m[:, 1])
    np.add.at(m, (slice(None), [0, 0]), m[:, 2:]) if False else None
    return weighed(m)


@program((VECTOR,))
def m_at_int(x):
    k = np.zeros(5, int)
    np.add.at(k, [0, 0, 2], 1)
    np.add.at(x, k[:2], 1.0)
    return weighed(x * k)


@program((VECTOR,))
def m_at_int_float(x):
    k = np.zeros(5, int)
    np.add.at(k, [0, 0, 2], x[:3])
    return weighed(x * k)


@program((VECTOR,))
def m_at_bc(x):
    y = np.zeros((3, 5))
    np.add.at(y, [0, 0, 1], x)
    np.add.at(y, [0, 2], x[:2, None])
    return weighed(y)


@program((VECTOR,))
def m_bincount(x):
    y = np.bincount([0, 1, 1], weights=x[:3])
    y[0] *= x[3]
    return weighed(y)


@program((VECTOR,))
def m_vsqueeze(x):
    y = np.zeros((1, 5))
    v = np.squeeze(y, axis=0)
    v[:] = x
    y *= x
    return weighed(v)


@program((VECTOR,))
def m_expand(x):
    y = np.zeros(5)
    v = np.expand_dims(y, 1)
    v[:, 0] = x
    v *= 2
    return weighed(y)
