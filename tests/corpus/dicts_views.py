"""Views of dicts: they show what is changed later, and those of keys and items are sets."""

from __future__ import annotations

import numpy as np

from tests.corpus.registry import program


def _total(values):
    return sum(value * value for value in values)


@program((1.3, 1.7))
def shown_later(x, y):
    d = {"a": x, "c": x * y}
    keys, values, items = d.keys(), d.values(), d.items()
    first = _total(values)
    d["b"] = y
    d["a"] = x * x
    del d["c"]
    kept = (values, len(keys))
    d["d"] = x + y
    return first * sum(kept[0]) * kept[1] + sum(d[key] * y for key in keys) + sum(len(key) * v * v for key, v in items)


class _Summary:
    def __init__(self, table):
        self.values = table.values()

    def total(self):
        return _total(self.values)


@program((1.3, 1.7), (-1.3, 1.7))
def held_by_an_object_and_a_closure(x, y):
    d = {"a": x}
    keys = d.keys()
    summary = _Summary(d)

    def weighed():
        return sum(i * d[key] for i, key in enumerate(keys, 1))

    before = weighed() * summary.total()
    for i in range(2):
        d[f"b{i}"] = y * i + x
    if x > 0:
        d["a"] = d["a"] * y
    return before * weighed() + summary.total()


@program((1.3, 1.7, 4), (-1.3, 1.7, 4))
def of_one_of_two_dicts_and_in_a_loop(x, y, n):
    d, e = {"a": x}, {"a": x * y}
    either = d.values() if x > 0 else e.values()
    total = sum(either)
    each, some = d.values(), None
    for i in range(n):
        d["a"] = d["a"] * y
        total += sum(each)
        each = d.values()
        inner = {"a": x * i}
        some = inner.keys()
        inner["b"] = y
    return total * sum(each) + (0.0 if some is None else len(some) * x)


@program((np.array([0.3, 1.2]), 1.3))
def arrays_in_a_view(v, x):
    d = {"a": v * x, "b": v + x}
    values = d.values()
    for each in values:
        each *= x
    d["c"] = d["a"] * v
    d["a"][0] = x
    return np.stack(list(values)).sum() * sum(each[0] for each in values)


@program((1.3, 1.7))
def as_sets(x, y):
    d, e = {"a": x, "b": y}, {"b": x * y, "c": x}
    total = sum(d[key] * e[key] for key in d.keys() & e.keys())
    total += sum(d.get(key, x) * e.get(key, y) for key in sorted(d.keys() | e.keys() ^ {"z"}) if key != "z")
    if d.keys() == {"a", "b"} and d.keys() != ["a", "b"] and {"a"} <= d.keys() and ("a", x) in d.items():
        total *= x
    if isinstance(d.keys(), list) or d.values() == [x, y] or not d.keys() - {"a"}:
        return x
    return total * (y if x in d.values() else 1.0) * len(str(d.keys()))


@program((1.3, 1.7))
def not_a_list(x, y):
    d = {"a": x, "b": y}
    try:
        return d.values()[0] * x
    except TypeError:
        return x * y


@program((1.3, 4))
def computed_keys_shown_later(x, n):
    d = {}
    for i in range(n):
        d[i % 3] = x * i
    keys, values, items = d.keys(), d.values(), d.items()
    total = sum(key * value for key, value in items) + len(items)
    d[n + 3] = x * x
    if isinstance(keys, list):
        return x
    total += sum(value * value for _, value in items) * len(items)
    return total + sum(values) * len(keys) + sum(key * d[key] for key in keys)


@program((1.3, 1.7), tags=("sums",))
def a_loop_over_keys_ends_with_a_change(x, y):
    d = {"a": x, "b": y}
    for key in d.keys():
        if key == "a":
            d["c"] = d.pop(key) * y
            break
    try:
        for key in d.keys():
            d[key + key] = y
    except RuntimeError:
        return sum(d.values()) * y
    return x
