"""Arrays that are read, and then written to: indices, tests and saved values that change, and the order of evaluation."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7])
ORDER = np.array([3, 1, 4, 0, 2])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


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
