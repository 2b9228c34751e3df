"""Functions that the reverse sweep runs again: `checkpoint` as a decorator and as a call, wherever functions stand."""

import functools

import numpy as np

import ast_ad
from tests.corpus.registry import program

X = np.linspace(0.2, 1.1, 5)


@ast_ad.checkpoint
def layer(x, w=2.0):
    a = np.sin(x)
    return np.tanh(a * w) * np.exp(a)


@program((X,))
def passed_by_name(x):
    return np.sum(layer(x, w=0.3) + layer(x=x) + layer(w=x, x=1.0))


@ast_ad.checkpoint
def several(x, *, k=1.0):
    a = np.sin(x) * k
    return a, {"b": np.exp(a), "c": [a * x, 3]}


@program((X, 4))
def several_results(x, n):
    for i in range(n):
        a, found = several(x, k=0.1 * i)
        x = a + found["b"] * found["c"][0] * found["c"][1]
    return np.sum(x)


@ast_ad.checkpoint
def around(x):
    return layer(np.sin(layer(x))) * np.exp(-x)


@program((X, 3))
def inside_each_other(x, n):
    for _ in range(n):
        x = around(x)
    return np.sum(x)


@program((X, 3))
def made_in_the_function(x, n):
    step = ast_ad.checkpoint(lambda y: np.sin(y) * x)
    for _ in range(n):
        x = step(x) + ast_ad.checkpoint(np.exp)(-x)
    return np.sum(x)


def scaled_by(c):
    @ast_ad.checkpoint
    def scaled(x):
        return np.sin(x) * c

    return scaled


@program((X,))
def closures(x):
    for step in [scaled_by(k) for k in (1.0, 2.0)]:
        x = step(x)
    return np.sum(scaled_by(x)(x))


@ast_ad.checkpoint
def writing(buffer, x):
    buffer[0] = np.sum(np.sin(x))
    buffer[1:] *= x[1:]
    return np.exp(-buffer)


@program((X, 3))
def in_place(x, n):
    buffer = np.ones_like(x)
    for _ in range(n):
        x = x + 0.1 * writing(buffer, x)
    return np.sum(x) + np.sum(buffer)


@ast_ad.checkpoint
def counting(x, state):
    state["n"] = state["n"] + 1
    state["h"] = np.sin(state["h"] + x)
    return state["h"] * 2


@program((X, 3))
def changing_a_dict(x, n):
    state = {"n": 0, "h": x}
    for _ in range(n):
        x = x + counting(x, state)
    return np.sum(x) + np.sum(state["h"]) * state["n"]


class Net:
    def __init__(self, w):
        self.w = w

    @ast_ad.checkpoint
    def layer(self, x, k=1):
        return np.tanh(x * self.w) * k

    @ast_ad.checkpoint
    @staticmethod
    def squashed(x):
        return np.sin(x) * np.exp(-x)

    def __call__(self, x):
        return self.layer(self.layer(x), k=2)


class Residual(Net):
    @functools.lru_cache  # noqa: B019
    def scale(self):
        return 3.0

    @ast_ad.checkpoint
    def layer(self, x, k=1):
        return super().layer(x, k) + x

    @classmethod
    @ast_ad.checkpoint
    def both(cls, x):
        return cls.squashed(cls.squashed(x))


@program((X,))
def methods_of_a_new_object(x):
    net = Residual(x)
    return np.sum(net(x)) + np.sum(net.squashed(x)) * net.scale() + np.sum(Residual.both(x))


NET = Residual(X)


@program((X, 3))
def methods_of_a_global_object(x, n):
    for _ in range(n):
        x = 0.5 * NET(x) + NET.squashed(x)
    return np.sum(x)


@ast_ad.checkpoint
def looping(x, n):
    while n > 0:
        x = np.sin(x) + 0.1
        if np.sum(x) > 100:
            break
        n -= 1
    return x


@program((X, 4))
def loops_in_it(x, n):
    for i in range(n):
        x = looping(x, i + 1) * 1.2
    return np.sum(x)


def stream(x, n):
    for _ in range(n):
        x = np.sin(x) + 0.3
        yield x


@ast_ad.checkpoint
def summed(x, n):
    total = 0.0
    for y in stream(x, n):
        total = total + np.sum(y * y)
    return total


@program((X, 4))
def a_generator_in_it(x, n):
    return summed(x, n) * summed(np.exp(-x), 2)


@ast_ad.checkpoint
def weighted(*xs, **options):
    return sum(np.sin(x) for x in xs) * options["k"]


@program((X,))
def any_number_of_arguments(x):
    return np.sum(weighted(x, 2 * x, x * x, k=np.sum(x)))


@program((X, 3))
def a_gradient_of_it(x, n):
    slope = ast_ad.grad(lambda y: np.sum(layer(y) ** 2))
    for _ in range(n):
        x = x - 0.1 * slope(x)
    return np.sum(x**2)


@ast_ad.checkpoint
def chosen(x, mode, y=None):
    z = np.sin(x) if mode == "sin" else np.cos(x)
    return z if y is None else z * y


@program((X,))
def strings_and_none(x):
    return np.sum(chosen(x, "sin") * chosen(x, mode="cos", y=x))


def halves(steps):
    """Checkpoints by halves: of n functions, about log(n) results are there at once."""
    if len(steps) == 1:
        return steps[0]
    first, second = halves(steps[: len(steps) // 2]), halves(steps[len(steps) // 2 :])
    return ast_ad.checkpoint(lambda x: second(first(x)))


@program((0.4,), order=3)
def binomial(x):
    return halves([np.sin, np.exp, np.sin, np.tanh])(x)


class Slice:
    """Operators and protocols that are run again."""

    def __init__(self, w):
        self.w = w

    @ast_ad.checkpoint
    def __add__(self, other):
        return Slice(np.sin(self.w + other.w))

    @ast_ad.checkpoint
    def __getitem__(self, i):
        return np.exp(self.w[i])

    @ast_ad.checkpoint
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2)

    @ast_ad.checkpoint
    def __enter__(self):
        return self.w

    @ast_ad.checkpoint
    def __exit__(self, *error):
        self.w = self.w * self.w


@program((X,))
def special_methods(x):
    total = Slice(x) + Slice(x * x)
    with total as w:
        y = total[0] * w
    return np.sum(y * total.w)


def logged(fun):
    @functools.wraps(fun)
    def around(*args, **kwargs):
        return fun(*args, **kwargs) * 2

    return around


twice = logged(layer)


@program((X,))
def wrapped_in_a_decorator(x):
    return np.sum(twice(x) * ast_ad.checkpoint(logged(np.sin))(x))


def powers(a, x, *, k):
    return np.sin(x * a) * np.exp(x * k)


fixed = ast_ad.checkpoint(functools.partial(powers, 2.0, k=0.1))


@program((X,))
def partials(x):
    return np.sum(fixed(x) * ast_ad.checkpoint(functools.partial(powers, x))(x * x, k=0.2))


@ast_ad.checkpoint
def carried(c, x):
    return np.tanh(c * x) + c, np.sin(c) * x


@program((X,))
def folded(x):
    c, found = x[0], []
    for each in x:
        c, y = carried(c, each)
        found.append(y)
    return functools.reduce(ast_ad.checkpoint(lambda a, b: np.sin(a) * b + a), found, c)


@ast_ad.checkpoint
def waves(x, n):
    for k in range(n):
        x = np.sin(x) + k
        yield x


@program((X, 3))
def a_generator_itself(x, n):
    return sum(np.sum(y * y) for y in waves(x, n))


@ast_ad.checkpoint
def bounded(x):
    if np.sum(x) > 3.0:
        raise ValueError("too large")
    return np.exp(x)


@program((X,), (X * 2,))
def caught(x):
    try:
        return np.sum(bounded(x) * x)
    except ValueError:
        return np.sum(bounded(x * 0.1) * 3)


@program((X,))
def names_outside(x):
    total = 0.0

    def add(y):
        nonlocal total
        total = total + np.sum(np.sin(y) * y)

    adding = ast_ad.checkpoint(add)
    adding(x)
    adding(x * x)
    return total
