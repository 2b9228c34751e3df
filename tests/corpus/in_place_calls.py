"""Arrays changed in place by functions that are called, closures, and on some paths only."""

# The programs are written in every way that people write.
# ruff: noqa

import operator

import numpy as np

import ast_ad
from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7])
MATRIX = np.arange(1.0, 13.0).reshape(3, 4) / 7
COMPLEX = np.array([0.5 + 0.2j, -1.0 + 0.4j, 0.3 - 0.9j, 1.1 + 0.3j])
ORDER = np.array([3, 1, 4, 0, 2])
OUTSIDE = np.array([0.5, 1.5, -0.5])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


def scale_first(a, c):
    a[0] = a[0] * c


def returns_arg(a):
    a[1] = a[0] * 2
    return a


def returns_view(a):
    return a[1:]


def maybe_copy(a, flag):
    if flag > 0:
        return a
    return a.copy()


def returns_two(a, b):
    return b, a


def writes_second_half(a):
    h = a[len(a) // 2 :]
    h *= h
    return h


def default_arg(a, w=2.0):
    a *= w


def nested_w(a):
    scale_first(a[1:], 3.0)
    scale_first(a, a[1])


def conditional_write(a, c):
    if c > 0:
        a[0] = c * a[1]
    else:
        a[1] = 0.0


def early_write(a, c):
    a[0] = 2 * a[1]
    if c > 0:
        return a[0]
    a[2] = c
    return a[1]


def two_args(a, b):
    a[0] = b[1]
    b[2] = a[0] * a[1]
    return a


def ro(a, b):
    return np.sum(a * b)


G = np.array([1.0, 2.0, 3.0])


@program((VECTOR,))
def call_write(x):
    scale_first(x, x[1])
    return weighed(x)


@program((VECTOR,))
def call_write_view(x):
    scale_first(x[2:], x[1])
    return weighed(x)


@program((VECTOR,))
def call_same_twice(x):
    y = returns_arg(x)
    y[2] = x[1] * y[0]
    return weighed(x)


@program((VECTOR,))
def call_swap(x):
    y = x * 2
    y, x = returns_two(y, x)
    x[0] = y[1]
    y[2] *= x[0]
    return weighed(x) * weighed(y)


@program((VECTOR,))
def call_loop(x):
    for i in range(5):
        scale_first(x[i:], x[i - 1])
    return weighed(x)


@program((VECTOR,))
def call_nested(x):
    nested_w(x)
    nested_w(x[::-1])
    return weighed(x)


@program((VECTOR,))
def call_conditional(x):
    for i in range(4):
        conditional_write(x, x[i])
    return weighed(x)


@program((VECTOR,))
def call_early(x):
    a = early_write(x, x[0])
    b = early_write(x, x[1] - 100)
    return weighed(x) * a + b


@program(
    (
        VECTOR,
        VECTOR * 2,
    ),
    wrt=(0, 1),
)
def two_arrays(x, y):
    two_args(x, y)
    two_args(y, x)
    return weighed(x) + weighed(y)


@program((VECTOR,))
def call_ro_same(x):
    x[0] = ro(x, x)
    return weighed(x)


@program((VECTOR,))
def closure_writes(x):
    y = np.zeros(5)

    def put(i, v):
        y[i] = v

    for i in range(5):
        put(i, x[i] * x[0])
    return weighed(y)


@program((VECTOR,))
def closure_writes_param(x):
    def put(i, v):
        x[i] = v

    put(1, x[0] * x[2])
    put(0, x[1] * x[2])
    return weighed(x)


@program((VECTOR,))
def lambda_reads(x):
    get = lambda i: x[i]
    x[1] = x[0] * 2
    a = get(1)
    x[1] = a * a
    return get(1) * weighed(x)


@program((VECTOR,))
def closure_default(x):
    def put(v, a=x):
        a[0] = v

    put(x[1] * 2)
    return weighed(x)


@program((VECTOR,))
def lambda_default(x):
    f = lambda i, a=x[1:]: a[i]
    x[1] = x[2] * 2
    return f(0) * weighed(x)


@program((VECTOR,))
def closure_aug(x):
    y = x * 2

    def f():
        nonlocal y
        y += x
        y = y * 2

    f()
    z = y
    f()
    return weighed(y) + weighed(z)


@program((VECTOR,))
def nonlocal_rebind(x):
    y = x * 2
    z = y

    def f():
        nonlocal y
        y = x * 3
        y[0] = 1.0

    f()
    y[1] = z[0]
    return weighed(y) + weighed(z)


@program((VECTOR,))
def global_written(x):
    G[0] = x[0]
    return weighed(G)


@program((VECTOR,))
def global_alias(x):
    g = G
    g[0] = x[0]
    return weighed(G) * weighed(x)


@program((VECTOR,))
def global_read_copy(x):
    g = G.copy()
    g[0] = x[0] * g[1]
    return weighed(g) + weighed(G)


@program(((VECTOR, VECTOR * 2),))
def tuple_arg(p):
    a, b = p
    a[0] = b[1] * a[2]
    p[1][:2] *= p[0][1:3]
    return weighed(a) + weighed(b)


@program(({"a": VECTOR, "b": VECTOR * 2},))
def dict_arg2(p):
    a = p["a"]
    a[0] = p["b"][0] ** 2
    a[1:] += p["b"][1:] * a[:-1]
    return weighed(p["a"])


@program(([VECTOR, VECTOR * 2, VECTOR * 3],))
def list_arg(p):
    for a in p:
        a[0] = p[0][1] * a[0]
    p[2][1] = p[0][0]
    return weighed(p[0]) + weighed(p[1]) + weighed(p[2])


@program((VECTOR,))
def list_two_names(x):
    y = x * 2
    l = [x, y, x]
    l[2][0] = y[0] * 2
    l[0][1] = l[2][0] * y[1]
    return weighed(l[0]) + weighed(l[1])


@program((VECTOR,))
def list_loop_alias(x):
    y = x * 2
    for a in [x, y, x]:
        a[0] = a[0] * y[1]
        y[1] += x[0]
    return weighed(x) + weighed(y)


@program((VECTOR,))
def branch_alias(x):
    y = x * 2
    z = x if x[0] > 0 else y
    z[0] = 3 * y[1]
    return weighed(z)


@program((VECTOR,))
def branch_rebind(x):
    if x[0] > 0:
        x = x * 2
    x[1] = x[0] * x[2]
    return weighed(x)


@program((VECTOR,))
def branch_write(x):
    y = x * 1.0
    if x[0] > 0:
        y[0] = x[1] * x[2]
    else:
        y[1] = x[0]
    if x[1] > 0:
        y[0] = 2.0
    return weighed(y)


@program((VECTOR,))
def branch_view(x):
    y = x * 1.0
    v = y[:2] if x[0] > 0 else y[3:]
    v[0] = v[1] * x[0]
    return weighed(v)


@program((VECTOR,))
def branch_view_same(x):
    y = x * 1.0
    v = y[1:]
    if x[0] > 0:
        v[0] = y[0] * v[1]
    else:
        y[1] = 2.0
    return weighed(v) + weighed(y)


@program(
    (
        VECTOR,
        3,
    )
)
def break_after(x, n):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i] * y[i - 1] + x[0]
        if i == n:
            y[0] = y[i]
            break
        y[i] *= 2
    else:
        y[4] = 1.0
    return weighed(y)


@program(
    (
        VECTOR,
        3,
    )
)
def return_after(x, n):
    y = x.copy()
    for i in range(5):
        y[i] = x[i] * y[i - 1] + x[0]
        if y[i] > 1.5:
            y[0] = y[i]
            return weighed(y)
        y[i] *= 2
    return weighed(y) * 2


@program((VECTOR,))
def while_write(x):
    i = 0
    while x[0] < 10 and i < 20:
        x[i % 5] += 0.5 * x[(i + 1) % 5]
        x[0] += 0.3
        i += 1
    return weighed(x) * x[0]


@program(
    (
        VECTOR,
        0,
    )
)
def zero_trips2(x, n):
    for i in range(n):
        y = x
        y[0] = 2.0
    x[1] = x[0] ** 2
    return weighed(x)


@program(
    (
        VECTOR,
        2,
    )
)
def continue_after(x, n):
    for i in range(4):
        x[i] *= x[i + 1]
        if i % n == 0:
            continue
        x[0] += x[i]
    return weighed(x)


@program((0.7, 3))
def writes_global_in_callee(x, n):
    OUTSIDE.fill(1.0)

    def step(i):
        OUTSIDE[i] = OUTSIDE[i - 1] * x

    for i in range(1, n):
        step(i)
    return weighed(OUTSIDE) + OUTSIDE[0] * x


@program((VECTOR,))
def inner_gradient_of_writes(x):
    """A derivative's call leaves the arrays around it as they are."""
    state = x * 2

    def scaled(y):
        state[0] = y[0] * y[1]
        return weighed(state) * y[2]

    bar = ast_ad.grad(scaled)(x)
    _, dot = ast_ad.jvp(scaled, (x,), (state,))
    return weighed(bar) + dot + weighed(state)


@program((VECTOR,))
def same_array_twice(x):
    def mix(a, b):
        a[0] = b[1] * 2
        b[2] = a[0] ** 2
        return weighed(a) + weighed(b)

    y = x * 1.0
    return mix(y, y) + mix(x, x * y)


@program((VECTOR,))
def overlapping_views_passed(x):
    def add_shifted(a, b):
        for i in range(a.size):
            a[i] += b[i] * x[0]

    y = x * 1.0
    add_shifted(y[1:], y[:-1])
    add_shifted(y[:3], y[:3])
    return weighed(y)


@program((VECTOR,))
def same_array_in_two_containers(x):
    y = x * 1.0

    def step(state, other):
        state["u"][0] = other[0][1] * x[2]
        other[0] *= 2
        return state["u"][1]

    return step({"u": y}, [y, x]) * weighed(y)


@program((VECTOR,))
def argument_is_captured_too(x):
    buffer = x * 1.0

    def step(u):
        u[0] = buffer[1] * x[0]
        buffer[2] = u[0] * u[3]

    step(buffer)
    step(buffer[1:])
    return weighed(buffer)


@program((VECTOR,))
def callee_returns_part(x):
    def interior(u):
        return u[1:-1]

    y = x * 1.0
    for i in range(2):
        inner = interior(y)
        inner[0] += x[i] * inner[1]
        interior(inner)[0] *= 2
    return weighed(y)


@program((VECTOR, 1), (VECTOR, 0))
def callee_copies_perhaps(x, flag):
    def ready(u):
        if flag:
            return u
        return u.copy()

    y = ready(x * 1.0)
    y[0] = x[1] * x[2]
    return weighed(y)
