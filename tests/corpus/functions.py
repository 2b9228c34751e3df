"""Functions as data: stored, passed, made, decorated, given some of their arguments, folded over sequences."""

import functools
import inspect
import itertools
import math
import operator
import typing
from functools import partial, reduce

import numpy as np

from tests.corpus.registry import program


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2 * f(*args, **kwargs)

    return wrapper


def times(k):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args):
            return k * f(*args)

        return wrapper

    return decorate


@doubled
def squared(x, k=1.0):
    return x * x * k


@functools.lru_cache
def table(n):
    return n * 2.0


second = operator.itemgetter(1)
halved = partial(operator.mul, 0.5)


@program((0.7,))
def maps_and_filters(x):
    """`map` over one sequence and several, `filter` with a static test."""
    ys = list(map(lambda t: t * x, [1.0, 2.0, x]))
    even = filter(lambda k: k % 2 == 0, range(1, 6))
    return sum(map(math.sin, ys)) + sum(map(operator.mul, ys, [3.0, x, 1.0])) + sum(x**k for k in even)


@program((np.array([0.5, 1.0, 2.0]),))
def fold_over_an_array(x):
    return reduce(lambda a, b: a * 0.5 + b, x, 1.0) * reduce(operator.mul, x)


@program((0.7,))
def folds(x):
    horner = reduce(lambda a, b: a * x + b, [1.0, 2.0, 3.0])
    product = functools.reduce(operator.mul, [x, x + 1, 2.0], 1.0)
    composed = reduce(lambda value, f: f(value), [math.sin, math.exp, lambda t: t * t], x)
    return horner * product + composed


@program((0.7,))
def partials_nest(x):
    def f(a, b, c):
        return a * b - c

    g = partial(partial(f, x), b=x + 1)
    power = partial(math.pow, x)
    return g(c=x**3) * power(3) + halved(x)


@program(({"w": 0.7, "v": (2.0, 1.5)}, 2.0))
def getters(p, y):
    pair = operator.itemgetter("w", "v")(p)
    return pair[0] * second(pair)[1] + second((y, p["w"])) ** 2 + operator.attrgetter("real")(p["w"])


@program((np.array([[0.5, 1.0], [2.0, 0.3]]),))
def method_by_name(x):
    total = operator.methodcaller("sum", axis=0)
    return total(x * x)[1] * operator.attrgetter("T")(x)[0][1] + getattr(x, "missing", 1.5)


@program((0.7,))
def calls_of_decorated_functions(x):
    @doubled
    def f(t):
        return t * x

    @times(x)
    @doubled
    def g(t):
        return t + x

    return squared(x, k=3.0) + f(x) * g(x)


@program((0.7,))
@times(1.5)
def decorated(x):
    return math.sin(x) * table(3)


@program((0.7,))
def functions_in_containers(x):
    operations = {"add": lambda a, b: a + b, "mul": operator.mul}
    total = operations["add"](x, 2.0) * operations["mul"](x, x)
    for f in (math.sin, np.cos, abs, lambda t: t**2):
        total += f(x)
    return total


@program((0.7,))
def defaults_of_each_lambda(x):
    """Every turn of a comprehension makes a function with its own default."""
    fs = [lambda t, i=i, s=x * i: t**i + s for i in range(1, 4)]
    gs = [lambda t: t * i for i in range(1, 3) for t in map(lambda u: u * i * x, (1.0, 2.0))]  # noqa: B023
    return fs[0](x) * fs[2](x) + fs[1](2.0) + len(gs)


@program((0.7,))
def every_way_to_pass_arguments(x):
    def f(a, /, b, *rest, c=2.0, **more):
        return a * b + c * sum(rest) + more.get("d", 1.0) * x

    pair, options = (x, 2.0), {"c": x}
    return f(*pair) + f(x, x, x, 3.0, **options) + f(2.0, b=x, d=x, **options)


@program((0.7,))
def iterators_of_known_sequences(x):
    total = 0.0
    for a, b in itertools.product([x, 2.0], [3, 4]):
        total += a**b
    for a, b in itertools.combinations([x, 2.0, x * x], 2):
        total += a * b
    for a, b in itertools.zip_longest([x, x * x], [1.0], fillvalue=x):
        total += a * b
    for a, b in itertools.pairwise([x, 1.5, x * 2]):
        total += (a - b) ** 2
    running = list(itertools.accumulate([x, 2 * x, x * x], operator.mul))
    return total + running[-1] + sum(itertools.chain([x], (x * 3, 1.0))) + sum(itertools.starmap(pow, [(x, 2), (x, 3)]))


@program((0.7,), (0.3,))
def any_all_and_sorted(x):
    values = [x, 2 * x, x * x]
    pairs = sorted([(2, x), (1, x * x)], key=lambda pair: pair[0])
    low, *_, high = sorted(values)
    if any(v > 1 for v in values) and all([v > 0 for v in values]):  # noqa: C419
        return x**2 * any([False, x > 0.5]) + high * low**2
    return x**3 + all(()) + pairs[0][1] ** 2 * pairs[1][1]


@program((0.7,))
def function_passed_to_itself(x):
    return (lambda f: f(f, 3))(lambda s, n: x if n == 0 else x * s(s, n - 1))


def checked(**rules):
    def decorate(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def check(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            for name, value in bound.arguments.items():
                wanted = signature.parameters[name].annotation
                if wanted is not inspect.Parameter.empty and not isinstance(value, wanted):
                    raise TypeError(f"{name} is a {type(value).__name__}")
                if name in rules and not rules[name](value):
                    raise ValueError(f"{name}: {value}")
            bound.arguments["scale"] = bound.arguments["scale"] * 2
            return function(*bound.args, **bound.kwargs)

        return check

    return decorate


@checked(power=lambda power: power > 0)
def scaled_power(x: int | float, power: int = 2, *shifts, scale=0.5, **others):
    return x**power * scale + sum(shifts) * others.get("weight", 3.0)


@program((0.7,), (1.3,))
def arguments_bound_to_a_signature(x):
    return scaled_power(x) + scaled_power(x, 3, x, 2 * x, weight=x) * scaled_power(power=1, x=x, scale=x)


def typed(function):
    def check(*args, **kwargs):
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        for name, value in [*zip(names, args), *kwargs.items()]:
            wanted = function.__annotations__.get(name, object)
            kinds = typing.get_args(wanted) or wanted
            assert isinstance(value, kinds), f"{name} is a {type(value).__name__}"
        return function(*args, **kwargs)

    return check


@typed
def leaning(x: float | np.ndarray, slope: float = 2.0, flag: bool = False):
    return x * slope if flag else x**slope


@program((np.array([0.7, 1.3]),))
def arguments_compared_with_annotations(x):
    return np.sum(leaning(x) * leaning(x, flag=True)) + leaning(float(x[0]), slope=3.0)
