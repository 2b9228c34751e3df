"""Arrays that are one or another, depending on the path, and are written to."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR, 2.0), (VECTOR, -1.0))
def one_of_two(x, t):
    a, b = x.copy(), 2 * x
    y = a if t > 0 else b
    y[0] = x[1] * y[2]
    y[1:] *= x[0]
    return weighed(a) + weighed(b) * 2 + weighed(y)


@program((VECTOR, 2.0), (VECTOR, -1.0))
def itself_or_a_copy(x, t):
    y = x if t > 0 else x.copy()
    y[0] = x[1] * x[2]
    x[3] *= y[0]
    return weighed(x) + 2 * weighed(y)


@program((VECTOR, 2.0), (VECTOR, 0.5), (VECTOR, -1.0))
def one_of_three(x, t):
    a, b, c = x.copy(), 2 * x, x * x
    if t > 1:
        y = a
    elif t > 0:
        y = b
    else:
        y = c
    y[0] += x[1]
    b[1] *= y[0]
    y.T[2] = a[2] * c[0]
    return weighed(a) + weighed(b) * 2 + weighed(c) * 3 + weighed(y) * 4


@program((VECTOR, 2.0), (VECTOR, -1.0))
def one_of_two_views(x, t):
    a, b = x.copy(), 2 * x
    y = a[1:] if t > 0 else b[:-1]
    y[0] = x[1] * y[2]
    a *= 2
    y[::2] += a[0] * b[1]
    return weighed(a) + weighed(b) * 2 + weighed(y) * 3


@program((VECTOR, 5))
def another_in_each_iteration(x, n):
    a, b = x.copy(), 2 * x
    for i in range(n):
        if i % 2:
            y = a
        else:
            y = b
        y[i % 4] *= x[0] + b[0]
    return weighed(a) + weighed(b) * 2


@program((VECTOR, 5), (VECTOR, 2))
def one_of_two_in_a_loop(x, n):
    a, b = x.copy(), 2 * x
    y = a if n > 2 else b
    for i in range(n):
        y[i % 4] *= x[0] + b[0]
        a[1] += y[i % 4]
    return weighed(a) + weighed(b) * 2 + weighed(y)


def _shift(z, v):
    z[0] = v
    z += v


@program((VECTOR, 2.0), (VECTOR, -1.0))
def one_of_two_in_a_callee(x, t):
    a, b = x.copy(), 2 * x
    y = a if t > 0 else b
    _shift(y, x[1])
    _shift(a, y[0])
    return weighed(a) + weighed(b) * 2 + weighed(y)


@program((VECTOR, 2.0), (VECTOR, -1.0))
def two_that_change_places_on_a_path(x, t):
    a, b = x.copy(), 2 * x
    p, q = (a, b) if t > 0 else (b, a)
    p[0] = q[1]
    q[2] *= p[0]
    p[:] = p + q
    return weighed(a) + weighed(b) * 2 + weighed(p)


@program((VECTOR, 2.0), (VECTOR, -1.0))
def new_under_two_names_on_a_path(x, t):
    a = x.copy()
    if t > 0:
        y = 2 * x
        z = y[1:]
    else:
        y = a
        z = 3 * x[1:]
    y[0] = x[1] * a[2]
    return weighed(a) + weighed(y) * 2 + weighed(z)


@program((VECTOR, 2.0), (VECTOR, -1.0))
def one_of_two_in_a_dict(x, t):
    d = {"p": x.copy(), "q": 2 * x}
    y = d["p"] if t > 0 else d["q"]
    y.sort()
    y[0] = d["p"][1]
    return weighed(d["p"]) + weighed(d["q"]) * 2 + weighed(y)


@program((VECTOR, 3), (VECTOR, 2))
def chosen_before_a_loop_that_writes(x, n):
    """What the loop has written in one turn is seen in the next, through the name of one of the two."""
    a, b = x.copy(), x * 2
    a[1] = x[0] * x[2]
    c = a if n > 2 else b
    total = 0.0
    for k in range(n):
        total = total + c[0] * x[k] + c[1]
        a[0] += x[1] * x[2]
        b[0] *= x[3]
    return total + np.sum(c * a)


@program(
    (-1.1, 3),
)
def never_written_where_others_are(r, n):
    """A name that is one array or another, in a function that writes to a third: its adjoint is an array."""
    out = np.zeros(n)
    for i in range(n):
        p, t = np.zeros(3), 0.0
        for _ in range(20):
            distance = p[1] - r
            if distance < 1e-3:
                break
            t = t + distance
            if t > 20:
                break
            p = t * np.ones(3)
        out[i] = t
    return np.sum(out)


@program((VECTOR, 3 * VECTOR, 2), (VECTOR, 3 * VECTOR, 3))
def arguments_that_change_places_in_a_loop(a, b, n):
    for i in range(n):
        if i % 3 == 1:
            a, b = b, a
        a[i] = b[i + 1] * a[i] + b[0]
    return weighed(a) + 2 * weighed(b)


@program((VECTOR, 5), (VECTOR, 2))
def buffers_exchanged_where_a_step_is_taken(u, n):
    new = np.zeros_like(u)
    for _ in range(n):
        new[1:-1] = u[1:-1] + 0.3 * (u[2:] - 2 * u[1:-1] + u[:-2])
        new[0], new[-1] = u[-1], u[0]
        if np.sum(new * u) > -1.0:
            u, new = new, u
        else:
            u[0] *= 0.5
    return weighed(u) + weighed(new) * 2


@program((VECTOR, 4), (VECTOR, 2))
def three_that_change_places_on_several_paths(u, n):
    v, w = 2 * u, u * u
    for i in range(n):
        if i % 3 == 0:
            u, v, w = v, w, u
        elif u[0] > v[1]:
            u, w = w, u
            if i > 2:
                v, w = w, v
        u[i % 4] -= v[i % 4] ** 2 * w[0]
        w[1] = u[2]
    return weighed(u) + weighed(v) * 2 + weighed(w) * 3


def _refined(u, v, n):
    best, cur = u.copy(), v.copy()
    i = 0
    while i < n:
        cur[1:] = cur[:-1] * 0.5 + best[1:]
        if np.sum(cur) > np.sum(best):
            best, cur = cur, best
        i += 1
    return weighed(best) + weighed(cur) * 2


@program((VECTOR, 3))
def exchanged_in_a_callee(x, n):
    y = x * 2
    return sum(_refined(y[k:], y[: 4 - k], n) for k in range(2)) + weighed(y)


@program((VECTOR, 2.0), (VECTOR, -1.0))
def exchanged_where_a_view_is_held(x, t):
    u, v = x * 2, x * x
    w = u[1:]
    if t > 0:
        u, v = v, u
    u[1] = 5.0 * v[2]
    v[3] *= u[1]
    return weighed(w) + weighed(u * v)


def _descended(a, b, k):
    if k == 0:
        return weighed(a) + weighed(b) * 2
    if a[0] > b[0]:
        a, b = b, a
    a[k] = b[k - 1] * 1.5
    return _descended(b, a, k - 1)


@program((VECTOR, 3), (VECTOR, 2))
def exchanged_in_a_recursion(x, n):
    """Of a choice between choices between choices, only so many are followed."""
    return _descended(x * 1.0, x * 0.5 + 1, n)


@program((VECTOR, 4), (VECTOR, 1), (VECTOR, 0))
def kept_at_first_and_copied_later(x, n):
    u = x.copy()
    best = u
    for i in range(n):
        u[i % 3] *= 1.3
        if u[0] > 0.9 + 0.1 * i:
            best = u.copy()
        u[1] += best[0]
    best[3] = u[2] ** 2
    u *= 2
    return weighed(u) + weighed(best)


@program((VECTOR, 3))
def halves_change_places(x, n):
    a, b = x[:2], x[2:]
    for i in range(n):
        a, b = b, a
        a[0] += b[0] * b[1]
        if a[1] > 0.5:
            continue
        b *= 1.1
    return weighed(x)


@program((VECTOR, 5))
def rows_go_round(x, n):
    buf = np.zeros((3, 4))
    buf[0], buf[1] = x, x * x
    prev, cur, new = buf
    for _ in range(n):
        new[1:-1] = 2 * cur[1:-1] - prev[1:-1] + 0.1 * (cur[2:] - 2 * cur[1:-1] + cur[:-2]) * cur[1:-1]
        prev, cur, new = cur, new, prev
    return weighed(buf) + cur[1] * prev[2]


@program((VECTOR, 3))
def replaced_on_some_paths_of_nested_loops(x, n):
    cur = x
    while n > 0:
        cur = cur / 2 if cur[0] > 1 else cur
        cur *= 1.5
        for j in range(2):
            cur[j] += cur[j + 1] ** 2
            if cur[j] > 2:
                cur = np.sqrt(np.abs(cur))
        n -= 1
    cur[1] = 3 * x[0]
    return weighed(cur) + weighed(x) * 2


@program((VECTOR, 0.37))
def rows_of_a_table_one_by_one(a, w):
    n = len(a)
    table = np.zeros((n + 1, n + 1))
    table[0] = np.arange(n + 1) * w
    prev = table[0]
    for i in range(1, n + 1):
        cur = table[i]
        cur[0] = prev[0] + w
        for j in range(1, n + 1):
            cur[j] = min(prev[j] + w, cur[j - 1] + w, prev[j - 1] + abs(a[i - 1] - a[n - j]))
        prev = cur
    prev[0] = 2.0 * prev[n]
    return weighed(table)


@program((VECTOR, 3))
def parts_that_move_on_some_paths(x, n):
    part, first = x[0:2], x[1:3]
    for i in range(n):
        if part[0] * (i - 1) > first[1]:
            part = x[i : i + 2]
        part[1] *= part[0] + 0.3
        x[0] += 0.1
        first = x[n - i - 1 : n - i + 1]
        first -= part[1]
    part[0] = first[1] ** 2
    return weighed(x)


@program((VECTOR, 3, 1.0), (VECTOR, 3, 0.0), (VECTOR, 0, 1.0), (VECTOR, 0, 0.0))
def scaled_by_what_may_be_a_number(x, n, flag):
    """An adjoint that is a number where one side of a choice is, and then one of a part, of what a loop may have made."""
    cur = x
    for _ in range(n):
        cur = cur * 0.9
    same = cur
    same[:] *= (2 if flag else same) / (2 + x)
    return np.sum(cur * cur) + np.sum(x)
