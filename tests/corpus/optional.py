"""None on some paths and a value on others, and functions that are chosen when it runs."""

import functools
import math

import numpy as np

from tests.corpus.registry import program


@program((0.7,), (-0.7,))
def none_until_assigned(x):
    y = None
    if x > 0:
        y = x * x
    if y is None:
        y = 3.0 * x
    print("y is", y)
    return y * x


@program((0.7,), (1.7,))
def none_of_a_helper(x):
    def above(v, limit):
        for k in range(4):
            if v * k > limit:
                return v * k

    found = above(x, 4.0)
    return found * x if found is not None else x**3


@program((0.7,), (1.5,))
def none_and_or(x):
    p = x if x > 1 else None
    q = p or x**3
    r = p and p * p
    if p and p > 1.2:
        q = q * p
    return q * (2 if r is None else r)


@program((0.7, 3))
def none_before_a_loop(x, n):
    best = previous = None
    total = 0.0
    for k in range(n):
        value = (x - k * 0.3) ** 2
        if best is None or value < best:
            best = value
        if previous is not None:
            total += (value - previous) ** 2
        previous = value
    return best + total


@program((np.array([1.0, 3.0, 2.0]),))
def none_before_an_accumulation(x):
    total, place = None, None
    for i in range(len(x)):
        y = x * x[i]
        total = y if total is None else total + y
        if place is None or x[i] > x[place]:
            place = i
    return np.sum(total * total) * place


@program((0.7,))
def none_as_default(x):
    def f(a, b=None, *, c=None):
        if b is None:
            b = a * 2
        c = 1.0 if c is None else c
        return a * b * c

    return f(x) + f(x, x) + f(x, c=x) + f(x, None if x > 0 else x)


@program((0.7,), (-0.7,))
def tuple_or_none(x):
    pair = None
    if x > 0:
        pair = (x, x * x)
    if pair is None:
        return x**2
    a, b = pair
    return a * b


@program((0.7, 0), (0.7, 1), (0.7, 4), (0.7, 5))
def function_chosen_when_it_runs(x, n):
    if n == 0:
        f = math.sin
    elif n == 1:
        f = math.cos
    elif n == 4:

        def f(t):
            return t**3 * x

    else:
        f = functools.partial(math.pow, x)
    return f(x) * f(2 * x)


@program((0.7, 4))
def function_that_changes_in_a_loop(x, n):
    f = math.sin
    total = 0.0
    for i in range(n):
        total += f(x * i)
        f = math.cos if i % 2 == 0 else (lambda t: t * x)
    return total


@program((0.7,), (0.3,))
def closure_or_library_function(x):
    def make(k):
        if k > 0.5:
            return lambda t: t * k
        return math.exp

    return make(x)(x * x)


def _adapted(params, slopes, rate, first=None, second=None):
    if first is None:
        first = {name: np.zeros_like(value) for name, value in params.items()}
    if second is None:
        second = [np.zeros_like(value) for value in params.values()]
    for i, name in enumerate(params):
        first[name] = 0.8 * first[name] + 0.2 * slopes[name]
        second[i] += np.square(slopes[name])
        params[name] = params[name] - rate * first[name] / np.sqrt(second[i] + 0.1)
    return params, first, second


@program((np.array([0.4, 0.7, 1.3]), 0.1), wrt=(0, 1))
def state_of_an_optimizer_that_is_none_at_first(x, rate):
    params = {"weight": x, "bias": x[:1]}
    first = second = None
    for _ in range(3):
        slopes = {name: np.cos(value) for name, value in params.items()}
        params, first, second = _adapted(params, slopes, rate, first, second)
    return np.sum(params["weight"]) * params["bias"][0] + np.sum(second[0])


def _within(t, a):
    if t < 0.5:
        return None
    elif t > 3.0:
        return None
    return a * t * t


@program((1.3, 7))
def list_with_none_in_it(a, n):
    """A list of booleans beside the values tells which are there, and the text is that of the list."""
    xs, names = [], []
    for i in range(n):
        xs.append(_within(0.5 * i, a))
        names.append("large" if i * a > 4 else None)
    print(xs, names)
    total = 0.0
    for i, (x, name) in enumerate(zip(xs, names)):
        if x is None:
            continue
        total += x * i * (2.0 if name == "large" else 1.0)
    good = [x for x in xs if x is not None]
    pairs = [(i, x) for i, x in enumerate(xs) if x is not None and i > 1]
    return total + xs[2] + sum(good) + max(good) + pairs[0][1] * len(xs)


@program((1.3, 5))
def list_of_which_all_are_there(a, n):
    """Where each item is needed, it is an error if one is None."""
    xs, ys = [], []
    for i in range(1, n):
        xs.append(_within(0.5 * i, a))
        ys.append(_within(0.25 * i + 0.5, a * a))
    products = sum(x * y for x, y in zip(xs, ys)) + np.sum(np.array(xs) ** 2) + sorted(ys, reverse=True)[0]
    return products + max(xs) + sum(ys)


@program((1.3, 5))
def none_put_into_a_list(a, n):
    xs = []
    for i in range(n):
        if i % 2:
            xs.append(None)
            continue
        xs.append(a**i)
    xs.append(None)
    xs.insert(0, 2.0)
    xs[1] = None
    last = xs.pop()
    xs[2:3] = [3.0, None, _within(1.0, a)]
    return sum(x for x in xs if x is not None) + (a if last is None else last) + sum(a for x in xs if x is None)


@program((np.array([1.3, 2.0]), 5))
def arrays_or_none(a, n):
    steps = [a * i if np.sum(a) * i < 8 else None for i in range(n)]
    found = [step for step in steps if step is not None]
    return np.sum(np.array(found) ** 2) + sum(np.sum(step) for step in steps if step is not None)


@program((1.3, 5))
def none_in_displays_and_comprehensions(a, n):
    rows = [_within(j, a) for j in range(4)]
    named = {j: _within(j, a) for j in range(4)}
    first, *others = tuple(_within(j, a) for j in range(4))
    given = dict(u=_within(a, 1), v=_within(0.1, a))
    given["w"] = a if n > 7 else None
    given.update(z=_within(a, 1), y=_within(0.0, a))
    absent = [v for v in [*rows, *named.values(), first, *given.values()] if v is None]
    best = [None for _ in range(n)]
    for i in range(n):
        if best[0] is None or i * a > best[0]:
            best[0] = i * a
    any_there = a * a if any(_within(i, a) for i in range(4)) else 0.0
    return rows[1] * named[2] + others[2] + given["u"] ** 2 + given["z"] + len(absent) * a + best[0] + any_there


@program((1.3,))
def what_may_be_none_as_an_array(a):
    """It is an item of the array, and not the pair of a boolean and a value."""
    pair = (_within(1.0, a), _within(2.0, a))
    rows = [[_within(1.0, a), 2.0], list(pair)]
    x = np.ones(2) * pair + np.dot([_within(1.0, a)], [2.0])
    x += [1.0, _within(1.5, a)]
    return np.mean(np.array([_within(1.0, a), _within(2.0, a)])) * np.sum(np.array(rows) ** 2) + np.sum(x) + max(pair)


def _likeliest(observed, states, start, moves, emits):
    table = [{state: {"p": start[state] * emits[state][observed[0]], "before": None} for state in states}]
    for t in range(1, len(observed)):
        table.append({})
        for state in states:
            best, before = table[t - 1][states[0]]["p"] * moves[states[0]][state], states[0]
            for other in states[1:]:
                p = table[t - 1][other]["p"] * moves[other][state]
                if p > best:
                    best, before = p, other
            table[t][state] = {"p": best * emits[state][observed[t]], "before": before}
    best, last = 0.0, None
    for state, found in table[-1].items():
        if found["p"] > best:
            best, last = found["p"], state
    path = [last]
    for t in range(len(table) - 2, -1, -1):
        path.insert(0, table[t + 1][path[0]]["before"])
    return best, path


@program((0.7, 0.1), wrt=(0, 1))
def path_of_states(stay, normal):
    """The last state is None until one is found, and a text is made of all of them."""
    moves = {"well": {"well": stay, "ill": 1 - stay}, "ill": {"well": 0.4, "ill": 0.6}}
    emits = {"well": {"normal": 0.5, "cold": 0.4, "dizzy": 0.1}, "ill": {"normal": normal, "cold": 0.3, "dizzy": 0.6}}
    p, path = _likeliest(("normal", "cold", "dizzy"), ("well", "ill"), {"well": 0.6, "ill": 0.4}, moves, emits)
    print("the states are " + " ".join(path) + ", with a probability of %s" % p)
    found = [state if p > 0 else None for state in path]
    text = ", ".join(found) if stay > 0 else ""
    return math.log(p) + (stay if path[0] == "well" else 0.0) * len(text)
