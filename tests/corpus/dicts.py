"""Programs with dicts: changed in place, passed on, and merged."""

from __future__ import annotations

import numpy as np

from tests.corpus.registry import program


@program((1.3,))
def keys_assigned(x):
    d = {"a": x}
    d["b"] = d["a"] * x
    d["a"] += d["b"]
    return d["a"] * d["b"]


@program((1.3,))
def methods_of_a_dict(x):
    d = {"a": x, "b": x * x}
    d.update({"c": 2.0 * x}, e=3.0)
    d.setdefault("a", 5.0)
    d.setdefault("f", []).append(x)
    popped = d.pop("b")
    return sum(value for key, value in d.items() if key != "f") * popped + d.get("z", x) + d["f"][0]


@program((1.3,))
def merged(x):
    a = {"u": x, "v": 1.0}
    b = {"v": x * x}
    c = {**a, **b}
    e = a | b
    a |= {"w": x}
    return c["u"] * c["v"] + e["v"] + a["w"] * len(a)


@program(({"w": np.ones((2, 2)), "b": np.zeros(2)}, np.array([0.1, 0.4])), wrt=(0, 1))
def parameters_updated_by_a_step(params, x):
    params["b"] = params["b"] + np.sum(params["w"], axis=0) * 0.1
    cache = {}
    cache["h"] = np.tanh(params["w"] @ x + params["b"])
    return np.sum(cache["h"] ** 2)


def _store(cache, key, value):
    cache[key] = value
    return value


@program((0.7,))
def a_callee_fills_a_cache(x):
    cache = {}
    y = _store(cache, "y", x * x)
    _store(cache, "z", y * x)
    return cache["y"] + cache["z"] * len(cache)


@program((0.7, 5))
def counters_in_a_loop(x, n):
    totals = {"even": 0.0, "odd": 0.0}
    for i in range(n):
        key = "even"
        totals[key] += x * i
        totals["odd"] = totals["odd"] + totals["even"] * x
    return totals["even"] * totals["odd"]


@program((0.7,))
def keys_of_tuples_and_numbers(x):
    grid = {}
    for i in range(3):
        for j in range(2):
            grid[i, j] = x * (i + 1) + j
    return grid[2, 1] * grid[0, 0] * len(grid)


@program((0.7,))
def memo_filled_by_a_loop_of_known_length(x):
    memo = {0: x, 1: x * x}
    for k in range(2, 6):
        memo[k] = memo[k - 1] * 0.5 + memo[k - 2]
    return memo[5]


@program((0.7,))
def dict_of_lists(x):
    groups = {"a": [x], "b": []}
    groups["b"].append(x * x)
    for name, items in groups.items():
        items.append(2.0 * x if name == "a" else 1.0)
    return sum(groups["a"]) * sum(groups["b"])


@program((0.7,))
def keys_deleted_by_a_comprehension(x):
    d = {name: x * len(name) for name in ("a", "bb", "ccc")}
    e = {key: value for key, value in d.items() if key != "bb"}
    return e["a"] * e["ccc"] + ("bb" in e)


@program((0.7,))
def views_given_to_functions(x):
    """What `values()` and `items()` give is asked for its items by functions and iterators: as they are by then."""

    def first(items):
        for item in items:
            return item

    def added(values):
        total = 0.0
        for value in values:
            total = total * x + value
        return total * len(values)

    table = {"p": [x, 2.0, 3.0], "q": [4.0, x]}
    numbers = {"a": x, "b": x * x}
    values = numbers.values()
    numbers["a"] = 3 * x
    rows = iter(table.values())
    return len(next(rows)) * next(rows)[1] + first(table.values())[0] * first(numbers.items())[1] + added(values)
