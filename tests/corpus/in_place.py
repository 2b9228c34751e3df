"""Arrays changed in place: every kind of write."""

# The programs are written in every way that people write.
# ruff: noqa

import operator

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7])
MATRIX = np.arange(1.0, 13.0).reshape(3, 4) / 7
COMPLEX = np.array([0.5 + 0.2j, -1.0 + 0.4j, 0.3 - 0.9j, 1.1 + 0.3j])
ORDER = np.array([3, 1, 4, 0, 2])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR,))
def item_write(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i] * x[4 - i]
    return weighed(y)


@program((VECTOR,))
def write_arg(x):
    x[1] = x[0] * x[2]
    x[-1] = 3.0
    return weighed(x)


@program((VECTOR,))
def overlap(x):
    u = x * 1.0
    u[1:] += u[:-1]
    u[:-1] *= u[1:]
    return weighed(u)


@program((VECTOR,))
def overlap_reverse(x):
    u = x.copy()
    u[::-1] -= u * 2
    return weighed(u)


@program((VECTOR,))
def overlap_assign(x):
    u = x.copy()
    u[1:] = u[:-1]
    u[:2] = u[3:]
    return weighed(u)


@program((MATRIX,))
def flatten_copy(m):
    v = m.flatten()
    m[1, 1] = m[0, 0] * m[1, 1]
    v[2] = v[1] * v[0]
    return weighed(v) + weighed(m)


@program((VECTOR,))
def nparray_copy(x):
    v = np.array(x)
    v[1] = x[0] * x[2]
    return weighed(x) + weighed(v)


@program((VECTOR,))
def fancy_write(x):
    x[[0, 2, 0]] = x[[1, 3, 4]] * x[:3]
    return weighed(x)


@program((VECTOR,))
def fancy_aug(x):
    x[[0, 2, 0]] *= x[[1, 3, 4]]
    return weighed(x)


@program((VECTOR,))
def fancy_aug2(x):
    i = np.array([0, 2, 0, 1])
    y = np.zeros(5)
    y[i] += x[i] * x[1:]
    y[i] += x[:4]
    return weighed(y)


@program((VECTOR,))
def add_at(x):
    i = np.array([0, 2, 0, 1])
    y = np.zeros(5)
    np.add.at(y, i, x[1:])
    np.add.at(x, i, y[i] * x[i])
    return weighed(y) * weighed(x)


@program((VECTOR,))
def sub_at(x):
    i = np.array([0, 2, 0, 1])
    np.subtract.at(x, i, x[1:])
    return weighed(x)


@program((VECTOR,))
def boolean_mask(x):
    x[x > 0.5] = x[0] * 2
    x[x < 0] *= x[1]
    x[x > 1] = x[x > 1] ** 2
    return weighed(x)


@program((VECTOR,))
def swap_fancy(x):
    x[[0, 2]] = x[[2, 0]]
    x[1] = x[0] * x[2]
    return weighed(x)


@program((MATRIX,))
def swap_cols(a):
    a[:, 1], a[:, 3] = a[:, 3].copy(), a[:, 1].copy()
    a[:, 0] *= a[:, 1]
    return weighed(a)


@program((MATRIX,))
def swap_cols_wrong(a):
    a[:, 1], a[:, 3] = a[:, 3], a[:, 1]
    a[:, 0] *= a[:, 1]
    return weighed(a)


@program((VECTOR,))
def swap_items(x):
    x[0], x[3] = x[3], x[0]
    x[1] *= x[0]
    return weighed(x)


@program((MATRIX,))
def swap_rows_view(a):
    a[0], a[1] = a[1], a[0]
    return weighed(a)


@program((VECTOR,))
def swap_arrays(x):
    a = x * 2
    b = np.zeros(5)
    for t in range(4):
        b[0] = a[0]
        b[1:] = a[1:] * a[:-1] * 0.3
        a, b = b, a
    return weighed(a) + weighed(b)


@program((VECTOR,))
def ellipsis_write(x):
    y = np.zeros((2, 5))
    y[...] = x
    y[..., 1] = x[2] * x[0]
    y[1, ...] *= x
    return weighed(y)


@program((VECTOR,))
def full_slice(x):
    y = np.empty(5)
    y[:] = x
    x[:] = x[::-1] * y
    y[:] = 3
    return weighed(x) + weighed(y)


@program((VECTOR,))
def int_aug(x):
    k = np.arange(5)
    k += 2
    k[1] *= 3
    k[2] += True
    return weighed(x * k)


@program((VECTOR,))
def int_truediv(x):
    k = np.arange(5)
    k[1] /= 2
    return weighed(x * k)


@program((VECTOR,))
def bool_arr(x):
    b = np.zeros(5, bool)
    b[1] = True
    b[2] = x[0]
    b[x > 1] = 1
    b &= x > 0
    b[0] |= x[0] > 0
    b[3] ^= True
    return weighed(x[b])


@program((VECTOR,))
def complex_from_float(x):
    z = np.zeros(5, complex)
    z[:] = x
    z[1] = x[0] * 1j
    z *= 1 + 2j
    z[2:] += x[2:]
    return weighed(np.real(z)) + weighed(np.imag(z))


@program((VECTOR,))
def pyscalars(x):
    y = np.ones(5)
    y[0] = 3
    y[1] = True
    y[2] = np.float32(0.1)
    y[3] = np.int8(4)
    y[4] = x[0]
    return weighed(y * x)


@program((VECTOR,))
def list_written(x):
    y = np.ones((2, 3))
    y[0] = [x[0], 2, x[1]]
    y[1] = (1, x[2], 4.5)
    y[:, 0] = [x[3] * x[0], x[4]]
    return weighed(y)


@program((VECTOR,))
def nested_list(x):
    y = np.ones((2, 3))
    y[:] = [[x[0], 2, x[1]], [1, x[2], 4.5]]
    y[:, 1:] = [[x[3]], [x[4]]]
    return weighed(y)


@program((VECTOR,))
def broadcast_write(x):
    y = np.zeros((5, 5))
    y[:] = x
    y[:, 1:3] = x[:, None]
    y[2:4] = x[0]
    y[1] += x
    y[:, 0] *= x[3]
    y[0:1] = x
    y[3, :2] = x[None, None, :2] if False else x[:2]
    return weighed(y)


@program((VECTOR,))
def broadcast_leading_ones(x):
    y = np.zeros(5)
    y[:] = x[None, :]
    y[1:2] = x[None, None, 3:4]
    return weighed(y)


@program((VECTOR,))
def one_elem_array_to_scalar_item(x):
    y = np.zeros(5)
    y[0] = x[1:2][0]
    y[1:2] = x[2:3]
    return weighed(y)


@program((VECTOR,))
def scalar_aug(x):
    t = x[0]
    u = t
    t += x[1]
    x[0] = 10.0
    t *= 2
    return t * u + weighed(x)


@program((VECTOR,))
def scalar_not_view(x):
    t = x[2]
    x[2] = 5.0 * x[0]
    return t * weighed(x)


@program((VECTOR,))
def sum_scalar(x):
    t = np.sum(x)
    t += x[0]
    u = np.max(x)
    x[:] = 1
    return t * u


@program((MATRIX,))
def chained_subscript(m):
    m[0][1] = m[1][2] * 2
    m[1:][0][2] *= m[0, 1]
    m[:, 1][2] = m[0][1] ** 2
    m.T[3][0] = m[0, 0]
    return weighed(m)


@program((MATRIX,))
def chained_fancy_copy(m):
    m[[0, 1]][0] = 5.0  # writes to a copy: no effect
    m[m > 1][0] = 3
    m[[0, 1]][:, 1] *= 0
    return weighed(m)


@program((MATRIX,))
def fancy_2d(m):
    i = np.array([0, 2, 0])
    j = np.array([1, 1, 1])
    m[i, j] = m[j, i] * np.array([1.0, 2.0, 3.0])
    m[i, j] += m[0, :3]
    m[i[:, None], [0, 3]] *= m[:, :2]
    return weighed(m)


@program((MATRIX,))
def mixed_index(m):
    m[1, [0, 2]] = m[[0, 2], 1]
    m[1:, [0, 2, 2]] = m[:2, :3].copy()
    m[[0, 1], 1:3] *= m[2, 0]
    m[np.arange(3), np.arange(3)] = 2 * m[0, :3]
    m[..., -1] = m[:, 0] ** 2
    return weighed(m)


@program((VECTOR,))
def neg_step(x):
    x[::-2] = x[1::2].sum() * x[:3]
    x[-1:-4:-1] *= x[:3]
    x[10:] = 5
    x[3:1] = 7
    return weighed(x)


@program((VECTOR,))
def ops_all(x):
    x = np.abs(x) + 1
    x[0] += 1.5
    x[1] -= x[0]
    x[2] *= x[1]
    x[3] /= x[2]
    x[4] **= 1.7
    x[:2] **= 2
    x[1:3] /= x[0]
    x[2:] %= 1.3
    x[0] //= 0.7
    x[0] += x[1]
    return weighed(x)


if np.lib.NumpyVersion(np.__version__) >= "1.25.0":

    @program((MATRIX,))
    def matmul_aug(m):
        a = m[:, :3].copy()
        a @= m[:, 1:]
        a[:2, :2] @= m[:2, :2]
        return weighed(a)


@program((VECTOR,))
def bit_ops(x):
    k = np.arange(5)
    k <<= 1
    k[1:] >>= 1
    k |= 1
    k[0] &= 2
    k[2] ^= 7
    return weighed(x * k)


@program((VECTOR,))
def ellipsis_that_stands_for_nothing(x):
    t = x * 1.0
    t[0, ...] *= 0.6
    t[..., 1] = 0.2 * t[0]
    t[2, ...] = t[..., 1] * x[2]
    return np.sum(t**2)


@program((MATRIX,))
def sorted_rows_and_an_ellipsis(m):
    t = m * 1.0
    for row in t:
        row.sort()
        row[..., 0] -= 0.2 * row[1]
    t[1, ..., 0] += t[..., 0, 0]
    return weighed(t)
