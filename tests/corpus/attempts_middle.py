"""Exceptions in the middle of a statement: in branches of expressions, after effects, in comprehensions."""

import math

import numpy as np

from tests.corpus.registry import program


def checked(x):
    if x < 1:
        raise ValueError("small")
    return math.log(x)


def wave(x):
    total = 0.0
    for i in range(5):
        total += math.sin(x * i)
        if total > 100:
            break
    return total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def branch_beside_other_parts(v):
    total = 0.0
    for t in v:
        try:
            total += wave(t) * (checked(t) if t > 0.5 else t) * math.sqrt(t - 0.4)
        except ValueError as error:
            total += t * t + len(str(error))
    return total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def tests_that_fail(v):
    total = 0.0
    for t in v:
        try:
            if 0 < t < checked(t + 0.5) + 1.5 and not (t > 2 and checked(t) > 0.5):
                total += t * t
            total += None or checked(2 * t)
        except ValueError:
            total += 3 * t
    return total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def while_with_a_test_that_fails(v):
    i, total = 0, 0.0
    try:
        while i < 10 and v[i] < 5 and checked(v[i] + 0.9) > -1:
            total += v[i] ** 2
            i += 1
    except IndexError:
        total *= v[0]
    return total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def several_branches_in_displays(v):
    total = 0.0
    for t in v:
        try:
            d = {"a": checked(t), "b": t if t > 1 else checked(t + 1), "c": [t, checked(2 * t) if t > 0.4 else 0.0]}
            total += d["a"] * d["b"] + d["c"][1]
        except ValueError:
            total += 3 * t * t
    return total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def places_of_targets(v):
    total, w = 0.0, v.copy()
    for i in range(6):
        try:
            w[i if i < 7 else 0] = w[i] * (checked(w[i]) if w[i] > 0.5 else 2.0)
        except (IndexError, ValueError):
            total += i * w[0]
    return total + np.sum(w)


class Meter:
    def __init__(self):
        self.total, self.calls = 0.0, 0

    def add(self, t):
        self.calls += 1
        if t > 2:
            raise ValueError("too much")
        self.total += t * t
        return self.total


@program((np.array([0.3, 1.2, 0.7, 2.1]),))
def effects_before_the_branch(v):
    meter = Meter()
    for t in v:
        try:
            read = meter.add(t) * (checked(t + 0.5) if meter.calls > 1 else 1.0) + meter.add(t * 0.5)
        except ValueError:
            read = 0.1
        meter.total += read
    return meter.total * meter.calls


@program((0.8,), (2.8,))
def comprehensions_that_fail(x):
    try:
        ys = [checked(x * k) if k > 1 else k for k in range(4)]
        ys = [y for y in ys if checked(y + 0.5) > -3]
        table = {k: checked(x * k) if k > 1 else k * x for k in range(4)}
    except ValueError:
        return x * x
    return sum(ys) * sum(table.values())


@program((0.8,), (0.1,))
def any_ends_before_the_failure(x):
    try:
        good = any(checked(x * k) > 0.5 for k in (3, 2, 1))
    except ValueError:
        good = False
    return x * x if good else x


@program((0.8,), (-0.8,))
def walrus_and_keywords(x):
    def weighed(a, *, b=1.0, **more):
        return a * b + sum(more.values())

    try:
        if (y := checked(x + 1)) > 0 and (z := checked(x + 0.3)) > 0:
            return weighed(wave(x), b=checked(x * 2) if x > 0 else y, c=wave(y), d=z)
    except ValueError:
        return x * x
    return x


@program((1.3, 0.7))
def items_of_a_tuple_changed_before_they_fail(x, y):
    parts = ([1.0], np.array([x, y]), x)
    for i in range(3):
        try:
            if i == 0:
                parts[0] += [y]
            elif i == 1:
                parts[1] *= x
            else:
                parts[2] += y
        except TypeError:
            parts[0].append(x * i)
    return sum(parts[0]) * parts[1].sum() * parts[2]


class Purse:
    def __init__(self, amount):
        self.amount = amount

    def earn(self, amount):
        self.amount += amount
        return self

    def spend(self, amount):
        if amount > self.amount:
            raise ValueError("too little")
        self.amount -= amount
        return self


@program((4.0, 1.3), (1.0, 1.3), wrt=(0, 1))
def chained_calls_of_which_the_last_fails(amount, price):
    """What the first call of the statement changes, it changes once, whether or not the second one fails."""
    purse = Purse(amount)
    for i in range(3):
        try:
            purse.earn(price / 2).spend(i * price)
        except ValueError:
            continue
        finally:
            purse.amount *= 1.1
    return purse.amount**2


@program((np.array([0.7, -1.3, 2.0]), 0.4), wrt=(0, 1))
def handlers_see_what_has_been_done_before(v, rate):
    """What a statement changes before the part of it that fails stays changed: lists, objects, names, iterators."""
    left, purse, kept = v.tolist(), Purse(rate), iter([rate, 2 * rate, 3 * rate])
    total, calls = 0.0, 0

    def count():
        nonlocal calls
        calls += 1
        return calls * rate

    for i in range(4):
        try:
            total += (part := left.pop()) * next(kept) * purse.earn(part).amount / (i - 1) + count()
        except (ZeroDivisionError, IndexError, StopIteration):
            total += part * purse.amount * (len(left) + count())
    return total * purse.amount + calls


def first_or_sum(values, i):
    try:
        return values.pop() * values[i] + values.pop()
    except IndexError:
        return sum(values)


@program((np.array([0.7, -1.3, 2.0]), 0), (np.array([0.7, -1.3, 2.0]), 2))
def callees_change_before_they_fail(v, i):
    values = list(v * v)
    return first_or_sum(values, i) * v[0] + len(values)


@program((np.array([0.7, -1.3, 2.0]), 1), (np.array([0.7, -1.3, 2.0]), 3))
def arrays_change_before_an_index_fails(v, i):
    """So do arrays that a function of its own writes to."""
    y = v.copy()

    def double():
        y[0] *= 2
        return y[0]

    try:
        y[1] = double() * y[i] + double()
    except IndexError:
        y[2] *= y[0]
    return np.sum(y * y)
