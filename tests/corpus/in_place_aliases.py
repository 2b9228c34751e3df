"""Arrays changed in place, seen through other names: views, containers, buffers that swap."""

# The programs are written in every way that people write.
# ruff: noqa

import copy
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
def alias_name(x):
    y = x
    y[1] = x[0] * x[1]
    return weighed(x)


@program((VECTOR,))
def view_basic(x):
    y = x[1:4]
    y[0] = x[0] * 2
    x[2] = x[1] * y[0]
    return weighed(y) + weighed(x)


@program((VECTOR,))
def view_of_view(x):
    y = x[1:]
    z = y[::2]
    z[1] = z[0] * x[0]
    y[0] *= 3
    return weighed(z) * y[0] + weighed(x)


@program((MATRIX,))
def transposed(m):
    t = m.T
    t[0] = m[1, :3] * m[0, 1]
    m[1] *= 2
    return weighed(t)


@program((MATRIX,))
def swapped_axes(m):
    v = m.swapaxes(0, 1)
    v[0, 1] = m[0, 0] ** 2
    m[2, 0] *= m[1, 1]
    return weighed(m) * weighed(v)


@program((MATRIX,))
def expanded(m):
    v = np.expand_dims(m, 0)
    v[0, 1] = v[0, 0] * m[2]
    return weighed(m)


@program((VECTOR,))
def newaxis(x):
    v = x[:, None]
    v[2:, 0] *= x[:3]
    return weighed(x)


@program((MATRIX,))
def rows_in_list(m):
    rows = [m[0], m[1], m[2]]
    rows[1][2] = rows[0][1] * rows[2][0]
    m[0] = m[2]
    return weighed(rows[0]) + weighed(m) + weighed(rows[1])


@program((MATRIX,))
def rows_in_dict(m):
    d = {"a": m[0], "b": m[1]}
    d["a"][1:] *= d["b"][:-1]
    return weighed(m)


@program((MATRIX,))
def rows_loop(m):
    for row in m:
        row[0] = row[1] * row[2]
        row *= 2
    return weighed(m)


@program((MATRIX,))
def rows_loop2(m):
    for i, row in enumerate(m):
        row[i] = row[1] * row[2]
        row += m[0]
    return weighed(m)


@program((MATRIX,))
def rows_zip(m):
    a = m * 2
    for r, q in zip(m, a):
        r[:] = r * q
        q[0] = r[1]
    return weighed(m) + weighed(a)


@program((VECTOR,))
def shrinking_own(x):
    v = x * 1.0
    for k in range(3):
        v = v[1:] * v[:-1]
        v[0] = 2 * v[-1]
    return weighed(v)


@program((VECTOR,))
def growing(x):
    v = x * 1.0
    for k in range(3):
        v = np.concatenate([v, v[:1]])
        v[-1] *= k + v[0]
    return weighed(v)


@program((VECTOR,))
def triple_buffer(x):
    a, b, c = x.copy(), x * 2, np.zeros(5)
    for k in range(4):
        c[1:-1] = 2 * a[1:-1] - b[1:-1] + 0.1 * (a[2:] + a[:-2])
        c[0] = c[-1] = 0.0
        a, b, c = c, a, b
    return weighed(a) + weighed(b) + weighed(c)


@program((VECTOR,))
def swap_via_list(x):
    bufs = [x.copy(), np.zeros(5)]
    for k in range(3):
        bufs[1][:] = np.sin(bufs[0])
        bufs = [bufs[1], bufs[0]]
    return weighed(bufs[0]) + 2 * weighed(bufs[1])


@program((VECTOR,))
def swap_via_tuple(x):
    p = (x.copy(), np.zeros(5))
    for k in range(3):
        a, b = p
        b[:] = np.sin(a)
        p = b, a
    return weighed(p[0]) + 2 * weighed(p[1])


@program((VECTOR,))
def list_index_dyn(x):
    bufs = [x.copy(), np.zeros(5)]
    for k in range(3):
        bufs[(k + 1) % 2][:] = np.sin(bufs[k % 2])
    return weighed(bufs[0]) + 2 * weighed(bufs[1])


@program((VECTOR,))
def parity(x):
    buf = np.zeros((2, 5))
    buf[0] = x
    for k in range(5):
        buf[(k + 1) % 2, 1:] = np.sin(buf[k % 2, :-1]) * x[0]
        buf[(k + 1) % 2, 0] = x[k]
    return weighed(buf)


@program((VECTOR,))
def prev_alias(x):
    prev = x.copy()
    for k in range(3):
        cur = prev
        cur[k] *= 2
        prev = cur + x
    return weighed(cur) + weighed(prev)


@program((VECTOR,))
def prev_alias2(x):
    prev = cur = x.copy()
    for k in range(3):
        cur = prev
        prev = cur * 1.1
        cur[k] *= 2
        prev[k] += cur[0]
    return weighed(cur) + weighed(prev)


@program((VECTOR,))
def old_not_copied(x):
    u = x.copy()
    for k in range(3):
        old = u
        u[1:-1] = old[:-2] * old[2:]
        u[0] = old[-1]
    return weighed(u) + weighed(old)


@program((VECTOR,))
def nested_loops(x):
    y = np.zeros((5, 5))
    for i in range(5):
        for j in range(i + 1):
            y[i, j] = x[i] * x[j] + (y[i - 1, j - 1] if j > 0 else 1.0)
            if y[i, j] > 3:
                break
        else:
            y[i, i] *= 0.5
    return weighed(y)


@program((VECTOR,))
def inner_row(x):
    y = np.zeros((5, 5))
    for i in range(5):
        r = y[i]
        for j in range(5):
            r[j] = x[i] * x[j] + r[j - 1] * 0.5
        y[i] += y[i - 1] * 0.1
        r *= 1.1
    return weighed(y)


@program((VECTOR,))
def inner_row_call(x):
    def fill(r, k):
        for j in range(len(r)):
            r[j] = x[k] * x[j] + r[j - 1] * 0.5

    y = np.zeros((5, 5))
    for i in range(5):
        fill(y[i], i)
        fill(y[:, i], i)
    return weighed(y)


@program((VECTOR,))
def while_view(x):
    lo, hi = 0, len(x)
    while hi - lo > 1:
        v = x[lo:hi]
        v[0] = np.sum(v) * 0.3
        mid = (lo + hi) // 2
        if v[0] > 0.5:
            lo = mid
        else:
            hi = mid
    return weighed(x)


@program((VECTOR,))
def early_return_view(x):
    v = x[1:]
    for i in range(4):
        v[i] = v[i] * x[i]
        if v[i] < -0.5:
            x[0] = 3 * v[i]
            return weighed(v) * x[0]
    return weighed(x)


@program((VECTOR,))
def conditional_alias_loop(x):
    a = x.copy()
    b = x * 2
    t = 0.0
    for k in range(4):
        c = a if k % 2 else b
        t += c[k] * c[0]
    a[0] = t
    return weighed(a) + weighed(b)


@program((VECTOR,))
def cond_fresh_or_alias(x):
    y = x.copy()
    z = y
    if x[0] > 0.5:
        z = y.copy()
    z[0] = 10 * x[1]
    return weighed(z)


@program((VECTOR,))
def branch_same_view(x):
    y = x.copy()
    v = y[1:]
    if x[0] > 0.5:
        y[1] = x[2] * 5
    return weighed(v)


@program((VECTOR,))
def branch_same_view_both(x):
    y = x.copy()
    v = y[1:]
    if x[0] > 0.5:
        v[0] = x[2] * 5
        y[1] *= 2
    else:
        y[2] = v[0]
    w = y[:3]
    w[2] *= v[1]
    return weighed(v) + weighed(y) + weighed(w)


@program((VECTOR,))
def loop_view_outside(x):
    y = x.copy()
    v = y[1:]
    for k in range(4):
        y[k] *= 1.1 + v[k]
        v[k] += 0.3 * y[0]
    return weighed(v) + weighed(y)


@program((VECTOR,))
def loop_view_outside_shifted(x):
    y = x.copy()
    i = 2
    v = y[i:]
    i = 0
    for k in range(3):
        v[k] *= y[i]
        i += 1
    return weighed(v) + weighed(y)


@program((VECTOR,))
def view_index_changed(x):
    k = np.array([2, 3])
    y = x.copy()
    v = y[k[0] :]
    k[0] = 0
    v[0] = 5 * x[1]
    y[3] = v[0]
    return weighed(v) + weighed(y)


@program((VECTOR,))
def view_of_rebound(x):
    y = x.copy()
    v = y[1:]
    y = x * 3
    v[0] = y[0] * v[1]
    y[1] = v[0]
    return weighed(v) + weighed(y)


@program((VECTOR,))
def view_only_left(x):
    v = (x * 2)[1:]
    v[0] *= v[1]
    w = v[::-1]
    v[1] = w[0]
    return weighed(w)


@program((VECTOR,))
def zero_trip_view(x):
    v = x[:0]
    v[:] = 3.0
    v += 1
    x[2:2] = 7
    for k in range(len(v)):
        v[k] = x[0]
    return weighed(x)


@program(
    (
        VECTOR,
        0,
    )
)
def zero_trip_loop(x, n):
    y = x.copy()
    for i in range(n):
        z = y
        z[0] = 100.0
        y = y * 2
    y[0] *= 3
    return weighed(y) + weighed(x)


@program((VECTOR,))
def dict_of_arrays(x):
    d = {"u": x.copy(), "v": np.zeros(5)}
    e = d
    for k in range(3):
        e["v"][:] = d["u"] * 2
        d["u"][k:] += e["v"][: 5 - k]
    return weighed(d["u"]) + weighed(e["v"])


@program((VECTOR,))
def nested_containers(x):
    a = x * 1.0
    c = [(a, {"w": a[1:]}), a[:2]]
    c[0][1]["w"][0] = 3 * c[1][0]
    c[1][1] *= c[0][0][4]
    a += c[0][1]["w"][0]
    return weighed(a) + weighed(c[0][1]["w"]) + weighed(c[1])


@program((VECTOR,))
def list_of_rows_loop(x):
    rows = [x * 1.0, x * 2.0, x * 3.0]
    for i in range(1, 3):
        for j in range(5):
            rows[i][j] = rows[i][j] * rows[i - 1][j]
    for r in rows:
        r += rows[0][0]
    return weighed(rows[0]) + weighed(rows[1]) + weighed(rows[2])


@program((VECTOR,))
def comp_of_views(x):
    vs = [x[i : i + 2] for i in range(3)]
    vs[0][1] = vs[2][0] * 2
    for v in vs:
        v *= 1.3
    return weighed(x) + weighed(vs[1])


@program((VECTOR,))
def zip_views(x):
    y = x * 2
    for a, b in zip([x[:2], x[2:4]], [y[:2], y[1:3]]):
        a += b
        b *= a
    return weighed(x) + weighed(y)


@program(
    (
        VECTOR,
        VECTOR * 3,
    ),
    wrt=(0, 1),
)
def params_swapped(x, y):
    x, y = y, x
    x[0] = y[1] * 2
    y[0] = x[2]
    return weighed(x) + 2 * weighed(y)


@program((VECTOR,))
def default_mutable(x):
    def f(a, buf=np.zeros(5)):
        buf[:] = a * 2
        return buf

    u = f(x)
    v = f(x * 2)
    return weighed(u) + weighed(v)


@program((VECTOR,))
def buffer_returned_twice(x):
    buf = np.zeros(5)

    def f(a):
        buf[:] = a * 2
        return buf

    u = f(x)
    v = f(x * 2)
    return weighed(u) + weighed(v)


@program((VECTOR,))
def buffer_copied(x):
    buf = np.zeros(5)

    def f(a):
        buf[:] = a * 2
        return buf.copy()

    u = f(x)
    v = f(x * 2)
    return weighed(u) + weighed(v) + weighed(buf)


@program((VECTOR,))
def closure_factory(x):
    def make(a):
        def put(i, v):
            a[i] = v

        def get(i):
            return a[i]

        return put, get

    put, get = make(x)
    put(0, get(1) * 3)
    x[1] = get(0) * 2
    return get(1) * weighed(x)


@program((VECTOR,))
def closure_factory_copy(x):
    def make(a):
        a = a.copy()

        def put(i, v):
            a[i] = v

        def get(i):
            return a[i]

        return put, get

    put, get = make(x)
    put(0, get(1) * 3)
    x[1] = get(0) * 2
    return get(1) * weighed(x)


@program((VECTOR,))
def lambda_in_loop(x):
    fs = []
    y = x * 1.0
    f = lambda k: y[k] * 2
    t = 0.0
    for k in range(4):
        y[k + 1] = f(k)
        t += f(k + 1)
    y = y * 2
    return t + f(0)


@program((COMPLEX,))
def complex_writes(z):
    z[0] = z[1] * z[2]
    z[1] = 3.0
    z[2:] *= 1j
    z[::2] += z[1::2]
    z[3] = np.abs(z[0])
    return np.sum(np.abs(z) ** 2) + np.sum(np.real(z * z))


@program((VECTOR, 3))
def parts_in_a_dict_and_a_list_change_in_a_loop(x, n):
    state = {"pos": x[:3], "vel": x[2:]}
    layers = [x * 2, x[::-1]]
    first = layers[0]
    for i in range(n):
        state["vel"] -= 0.1 * np.sin(state["pos"])
        state["pos"] += 0.2 * state["vel"]
        for j in range(2):
            layers[j] *= 0.9
            layers[j] += layers[1 - j][0]
        first[i] = 2.0 * layers[1][1]
    return weighed(x) + weighed(layers[0])


@program((VECTOR,))
def deep_copies_of_what_stands_there_twice(x):
    row = [x[0], x[1]]
    state = {"u": x, "all": [x, x[1:]], "rows": [row, row]}
    new = copy.deepcopy(state)
    new["u"][1] = 5.0 * x[2]
    new["all"][1][0] *= 2.0
    new["rows"][0][0] = x[3] ** 2
    return weighed(new["all"][0]) + weighed(new["all"][1]) + new["rows"][1][0] * new["rows"][1][1] + weighed(x)
