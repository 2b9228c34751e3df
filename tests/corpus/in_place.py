"""Arrays changed in place: every kind of write, and NumPy's functions that change an array."""

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


@program(
    (
        VECTOR,
        ORDER,
    )
)
def index_shuffled(x, i):
    y = np.zeros(5)
    for k in range(4):
        y[i] += x * (k + 1)
        i[k], i[k + 1] = i[k + 1], i[k]
        y[i] *= x
    return weighed(y)


@program(
    (
        VECTOR,
        ORDER,
    )
)
def index_written_after(x, i):
    y = x[i]
    i[:] = 0
    z = x[i] * y
    i += 1
    z[i] = 3.0 * x[0]
    return weighed(y) + weighed(z)


@program((VECTOR,))
def counter_array(x):
    count = np.zeros(3, int)
    y = np.zeros(3)
    for k in range(5):
        b = k % 3
        y[b] = y[b] * x[k] + x[k] * count[b]
        count[b] += 1
    return weighed(y / count)


@program((VECTOR,))
def mask_mutated(x):
    m = x > 0.5
    y = x.copy()
    y[m] *= 2
    m[0] = False
    y[m] = y[~m][0] * y[m]
    m[:] = True
    y[m] += x
    return weighed(y)


@program(
    (
        VECTOR,
        ORDER,
    )
)
def index_slice_bounds(x, i):
    y = x.copy()
    for k in i:
        y[k:] *= 0.5 * y[0]
        i[0] = k
    y[i[0] :] *= 3
    return weighed(y)


@program((VECTOR,))
def argsort_perm(x):
    p = np.argsort(x)
    y = x[p]
    p[::2] = p[1]
    y[p] = y[::-1] * x
    return weighed(y)


@program((VECTOR,))
def inactive_weights(x):
    w = np.ones(5)
    t = 0.0
    for k in range(4):
        t += np.sum(np.sin(x * w))
        w[k] = k * 0.7
        w *= 1.1
    return t


@program((VECTOR,))
def inactive_then_active(x):
    w = np.arange(5.0)
    a = np.sum(w * x)
    w[1] = x[0]
    b = np.sum(w * x)
    w[:] = 2.0
    return a * b + np.sum(w * x * x)


@program((VECTOR,))
def saved_value_overwritten(x):
    y = x * 2
    a = np.sin(y)
    y[0] = 7.0
    b = np.exp(a)
    a[:] = y
    c = b * a
    b *= c
    return weighed(b) + weighed(a)


@program((VECTOR,))
def saved_in_loop_overwritten(x):
    y = x * 0.5
    for k in range(4):
        z = y * y
        y[k] = np.sum(np.sin(z))
        z[0] = y[k]
        y += z * 0.1
    return weighed(y)


@program((VECTOR,))
def eval_order(x):
    def f(a):
        a[0] = a[1] * 3
        return a[0]

    x[1] = x[0] + f(x)
    x[2] += f(x)
    return weighed(x)


@program((VECTOR,))
def eval_order2(x):
    def f(a):
        a[2] = a[1] * 3
        return a[0]

    x[2] += f(x)  # old x[2] is read first
    x[int(f(x) * 0) + 1] = x[2]
    return weighed(x)


@program((VECTOR,))
def eval_order_view(x):
    def f(a):
        a[1:3] = a[0] * 3
        return a[:2]

    x[1:3] += f(x)  # x[1:3] is a view: what is read is after f
    return weighed(x)


@program((VECTOR,))
def eval_order_add(x):
    def f(a):
        a *= 2
        return a[0]

    return np.sum(x + f(x)) * np.sum(f(x) * x)


@program((VECTOR,))
def eval_order_tuple(x):
    i = 0
    i, x[i] = 1, x[4]
    x[i], i = x[3] * 2, 2
    return weighed(x) * i


@program((VECTOR,))
def eval_order_chain(x):
    i = 1
    i = x[i] = 2
    x[i] = y = x[0] * 3
    return weighed(x) * y


@program((VECTOR,))
def chained_targets(x):
    y = x * 2
    x[0] = y[1] = x[3] * y[2]
    x[1:3] = y[2:4] = x[0] * y[0:2]
    return weighed(x) + weighed(y)


@program((VECTOR,))
def aug_rebinds(x):
    y = x
    y = y + 1
    y += 1
    z = y
    z -= x
    return weighed(x) + weighed(y)


@program((VECTOR,))
def compare_if_array_written(x):
    y = x.copy()
    if y[0] > 0:
        y[0] = -y[0]
    if y[0] > 0:
        y[1] = 100.0
    while y[2] < 5:
        y[2] *= 1.5
    return weighed(y)


@program((VECTOR,))
def unpack_star(x):
    a, *b = x * 2, x, x
    b[0][1] = a[0] * 3
    return weighed(b[1]) + weighed(a)


@program((VECTOR,))
def walrus(x):
    if (y := x * 2)[0] > 0:
        y[0] = x[1]
    return weighed(y)


@program((VECTOR,))
def ifexp_write(x):
    y = x * 2
    (x if True else y)[0] = y[1] * 2
    return weighed(x)


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
