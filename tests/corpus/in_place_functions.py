"""Functions and methods of NumPy that change arrays, and `out=`."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7, -0.2])
MATRIX = np.arange(1.0, 13.0).reshape(3, 4) / 7


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR,))
def f_put(x):
    y = x * 1.0
    np.put(y, [0, 2], x[3] ** 2)
    y.put([1, 3], [x[0] * 2, x[1] * 2])
    np.put(y, [4, 5, 0], x[1:3])
    np.put(y, [7, -1], x[:2] * x[2:4], mode="wrap")
    np.put(y, np.array([9]), x[2] ** 2, mode="clip")
    return weighed(y)


@program((MATRIX,))
def f_put_matrix(x):
    y = x * 1.0
    np.put(y, [0, 5], x[0, :2] ** 2)
    y[1:].T.put([2], x[1, 1] * x[0, 0])
    return weighed(y)


@program((VECTOR,))
def f_place(x):
    y = x * 1.0
    np.place(y, y > 0.5, [x[0] ** 2, x[1]])
    np.place(y, y < 0, x[2] ** 2)
    return weighed(y)


@program((VECTOR,))
def f_putmask(x):
    y = x * 1.0
    np.putmask(y, y > 0.5, x[:2] ** 2)
    np.putmask(y, y < 0, x * x)
    np.putmask(y, x < -1, x[0])
    return weighed(y)


@program((VECTOR,))
def f_copyto(x):
    y = x * 1.0
    np.copyto(y, x**2, where=x > 0)
    z = np.zeros((2, 6))
    np.copyto(z, y)
    np.copyto(z[1], x[0])
    np.copyto(z[:, 1], [x[2], x[3]])
    return weighed(z)


@program((MATRIX,))
def f_fill_diagonal(x):
    y = x * 1.0
    np.fill_diagonal(y, x[0, 0] ** 2)
    z = x[:, :3] * 1.0
    np.fill_diagonal(z, x[0, :2] ** 2)
    tall = x.T * 1.0
    np.fill_diagonal(tall, x[1, 1] ** 2, wrap=True)
    cube = np.zeros((2, 2, 2))
    np.fill_diagonal(cube, x[2, :2])
    return weighed(y) + weighed(z) + weighed(tall) + weighed(cube)


@program((MATRIX,))
def f_sorts(x):
    y = x * 1.0
    y[1, ::-1].sort()
    z = (x**2).T * 1.0
    z.sort(axis=0)
    y[:, 0] *= -1
    y[:, 0].sort()
    y[2].partition(2)
    return weighed(y) + weighed(z)


@program((MATRIX, np.random.default_rng(3)))
def f_shuffle(x, rng):
    y = x * 1.0
    rng.shuffle(y)
    rng.shuffle(y, axis=1)
    flat = x[0] * 2
    rng.shuffle(flat)
    order = np.arange(4)
    rng.shuffle(order)
    return weighed(y) + weighed(flat[order])


@program((VECTOR, np.random.default_rng(4)))
def f_draws_out(x, rng):
    y = np.empty(6)
    rng.random(out=y)
    z = np.empty(6)
    rng.standard_normal(out=z[:3])
    z[3:] = x[:3]
    return weighed(y * x) + weighed(z * x)


@program((VECTOR,))
def f_ufunc_at(x):
    y = x + 3.0
    np.multiply.at(y, [0, 0, 2], x[3:])
    np.divide.at(y, np.array([1, 1, 0]), x[:3])
    np.maximum.at(y, [3, 3], x[1:3])
    np.negative.at(y, [0, 1, 1])
    np.add.at(y, [0, 0], x[:2])
    np.subtract.at(y, slice(2, 4), x[0])
    np.multiply.at(y, 5, x[1])
    np.power.at(y, [4, 4], 1.5)
    return weighed(y)


@program((MATRIX,))
def f_ufunc_at_matrix(x):
    y = x * 1.0
    np.multiply.at(y, [0, 0, 1], x[:, 0:1])
    np.multiply.at(y, ([0, 0, 2], [1, 1, 3]), x[1, :3])
    np.add.at(y, ([1, 1], [2, 2]), x[0, :2])
    np.multiply.at(y, y > 1.2, x[0, 0])
    return weighed(y)


@program((VECTOR,))
def f_out(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    same = np.sin(y, out=y)
    np.add(y, 1.0, y)
    same *= x
    t = np.zeros(3)
    np.sum(x.reshape(3, 2), axis=1, out=t)
    np.cumsum(x, out=y[:])
    np.clip(y, -1, x[0] + 1, out=y)
    np.dot(x.reshape(3, 2), x[:2], out=t)
    return weighed(y) + weighed(t) * weighed(same)


@program((VECTOR,))
def f_out_where(x):
    y = x * 1.0
    np.multiply(x, x, out=y, where=x > 0)
    below = np.array([1.0, 0.0, 2.0, 0.0, -1.0, 3.0])
    ratio = np.divide(x[0], x * below, out=np.zeros_like(x), where=below > 0)
    logs = np.log(x, out=x * 3, where=x > 0)
    return weighed(y) + weighed(ratio) + weighed(logs)


@program((VECTOR,))
def f_out_pairs(x):
    a, b = np.empty(6), np.empty(6)
    np.modf(x * 2, a, b)
    c, d = np.empty(6), np.empty(6)
    np.divmod(x, x[2], out=(c, d))
    whole, rest = np.divmod(x[0], x[1])
    return weighed(a * x) + weighed(b * x) + weighed(c * x) + weighed(d) + whole * rest


@program((MATRIX,))
def f_flat(x):
    y = x * 1.0
    y.flat[2] = x[0, 0] ** 2
    y.flat[3:6] = x[1, 1] ** 2
    y.flat[[7, 8]] *= x[0, 1]
    y.T.flat[1] *= x[0, 3]
    part = y.flat[1:3]
    part[0] = 5.0
    for i in range(9, 12):
        y.flat[i] = y.flat[i - 1] * x[0, 0]
    z = x * 1.0
    z.flat = x[0, 0] * 2
    z.flat[::5] = x[1, 0]
    return weighed(y) + y.flat[1] * part[0] + weighed(z)


@program((VECTOR,))
def f_nan_to_num(x):
    y = np.where(x > 2, np.nan, x)
    z = y
    np.nan_to_num(y, copy=False, nan=0.5)
    return weighed(z * x)


@program((MATRIX,))
def f_put_along_axis(x):
    y = x * 1.0
    places = np.argsort(-x, axis=1)
    np.put_along_axis(y, places[:, :1], 3.0, axis=1)
    np.put_along_axis(y, places[:, 1:2], x[:, :1] ** 2, axis=1)
    np.put_along_axis(y[0], np.array([2]), x[0, 0] ** 2, axis=0)
    return weighed(y * x)


@program((VECTOR,))
def f_fill(x):
    y = x * 1.0
    y.fill(x[1])
    y[2:].fill(x[2] * y[0])
    y[:2][::-1][0] = x[4]
    return weighed(y)


@program((np.arange(1.0, 25.0).reshape(2, 3, 4) / 7,))
def along_an_axis_of_three(x):
    order = np.argsort(np.sin(9 * x), axis=1)
    y = np.take_along_axis(x, order, 1)
    np.put_along_axis(y, order, 0.5 * y * x, 1)
    return np.sum(y**2 * np.arange(24.0).reshape(2, 3, 4))


@program((np.arange(1.0, 13.0).reshape(3, 4) / 7,))
def index_with_a_star(x):
    y, rest = x * 1.0, (slice(1, 3), None)
    y[(0, *rest[:1])] *= x[0, 0]
    y[(1, *rest[:1])] += x[(2, *rest)][1, 0]
    return np.sum(y**2)


@program((MATRIX, 0.1 * MATRIX[0]), (np.asfortranarray(MATRIX), 0.1 * MATRIX[0]))
def walked_by_nditer(x, y):
    total = 0.0
    for v in np.nditer(x, op_flags=["readwrite"]):
        total = 0.9 * total + v
        v[...] = np.sin(v) * 2
    with np.nditer([x.T[:4], None], order="C") as it:
        for v, w in it:
            w[...] = v * v
        squares = it.operands[1]
    for v, w in np.nditer([x, y]):
        total = total * w + v
    return total + weighed(x) + np.sum(squares * x.T)


@program((MATRIX,))
def walked_step_by_step(x):
    it = np.nditer(x[1:] * 2, flags=["multi_index"], op_flags=["readwrite"])
    out = np.zeros((2, 4))
    while not it.finished:
        i, j = it.multi_index
        it[0] *= x[0, j] + i
        out[it.multi_index] = it[0] ** 2 * (it.iterindex + 1)
        it.iternext()
    return weighed(out)


def _flattened(z):
    z.shape = (-1,)
    z[0] = 3.0
    return z * 2


@program((MATRIX,))
def shapes_taken_in_callees(x):
    y = x * 2
    held = [y, x]
    doubled = _flattened(y)
    held[0][1:] += doubled[:-1]
    z = x * 3
    z.resize((3, 5), refcheck=False)
    z[2] += y[1]
    return weighed(held[0]) + weighed(z) + np.sum(x * held[1])


@program((MATRIX,))
def flat_is_assigned(x):
    y, z = x * 1.0, x * 2
    y.flat = x[0] ** 2
    z.T.flat = x.T * y[0, 0]
    return weighed(y) + weighed(z)
