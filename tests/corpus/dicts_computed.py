"""Dicts whose keys are known only when it runs: memos, groups, tables of dynamic programs."""

import collections
import math

import numpy as np

from tests.corpus.registry import program

VALUES = np.linspace(0.5, 2.0, 6)


@program((VALUES, 5))
def memo_of_a_recursion(x, n):
    memo = {}

    def value(k):
        if k in memo:
            return memo[k]
        result = x[k] * (k + 1) if k < 2 else value(k - 1) * 0.5 + value(k - 2) * x[k]
        memo[k] = result
        return result

    return value(n)


@program((0.7, 6))
def memo_of_a_decorator(x, n):
    def memoized(f):
        cache = {}

        def g(k):
            if k not in cache:
                cache[k] = f(k)
            return cache[k]

        return g

    @memoized
    def value(k):
        return x * k if k < 2 else value(k - 1) * x + value(k - 2)

    return value(n)


@program((np.arange(12.0).reshape(3, 4) / 5,))
def cheapest_path(costs):
    n, m = costs.shape
    best = {}
    for i in range(n):
        for j in range(m):
            if i == 0 and j == 0:
                best[i, j] = costs[0, 0] ** 2
            elif i == 0:
                best[i, j] = best[i, j - 1] + costs[i, j] ** 2
            elif j == 0:
                best[i, j] = best[i - 1, j] + costs[i, j] ** 2
            else:
                best[i, j] = min(best[i - 1, j], best[i, j - 1]) + costs[i, j] ** 2
    return best[n - 1, m - 1]


@program((VALUES, np.array([0, 1, 0, 2, 1, 0])))
def grouped_by_label(x, labels):
    groups = collections.defaultdict(list)
    for label, value in zip(labels, x):
        groups[label].append(value)
    counts = collections.Counter()
    for label in labels:
        counts[label] += 1
    total = 0.0
    for label, values in groups.items():
        total += sum(values) ** 2 / counts[label]
    return total


@program((VALUES, 4))
def layers_by_name(x, n):
    cache = {}
    for i in range(n):
        cache[f"z{i}"] = np.tanh(x * i) if i == 0 else np.tanh(cache[f"z{i - 1}"] * x + i)
    return sum(np.sum(cache["z" + str(i)] ** 2) for i in range(n))


@program((VALUES, 6))
def taken_out_again(x, n):
    items = {i: x[i] for i in range(n)}
    total = 0.0
    for i in range(n):
        if i in items and i % 2 == 0:
            total += items.pop(i) ** 2
        total += items.pop(i * 3, 0.1) + items.get(i + 1, x[0])
    for i in items:
        items[i] = items[i] * i
    if items:
        total += sum(items.values()) * len(items)
    return total


@program((VALUES, 4))
def keys_that_are_missing(x, n):
    items = {}
    for i in range(n):
        items[i * i] = x[i]
    total = 0.0
    for i in range(n + 2):
        try:
            total += items[i] * x[0]
        except KeyError:
            total += 1.5 * x[1]
    return total


@program(({0: 0.5, 3: 1.5, 7: 2.0}, np.array([3, 0, 3, 9])), tags=("outermost",))
def a_dict_of_the_arguments(items, keys):
    total = 1.0
    for key in keys:
        total = total * items.get(key, 2.0)
        items[key] = total * 2
    return total * items[9]


@program(({"a": 0.5, "b": 1.5},))
def the_largest_by_its_key(items):
    largest = max(items, key=items.get)
    return items[largest] ** 2 * items["a"]


@program((VALUES, 5))
def list_that_grows_in_a_recursion(x, n):
    values = []

    def value(k):
        if k < len(values):
            return values[k]
        result = x[k] if k < 2 else value(k - 2) * x[k] + value(k - 1)
        values.append(result)
        return result

    return value(n)


@program((np.array([0.5, -1.0, 2.0]), 3))
def ranges_are_indexed(x, n):
    best = max(range(len(x)), key=lambda i: x[i] * x[i])
    rows, odd = range(n), range(1, 7, 2)
    total = x[best] * rows[-1] + x[rows[1]] * odd[-1]
    for i in rows[1:]:
        total += x[i] ** 2 * odd[i]
    return total


def neighbours(x, reach):
    near = {i: [] for i in range(len(x))}
    for i in range(len(x) - 1):
        for j in range(i + 1, len(x)):
            if abs(x[i] - x[j]) < reach:
                near[i].append(j)
    return near


@program((np.array([0.1, 0.5, 1.3, 2.0]), 1.0))
def neighbour_lists_by_their_atoms(x, reach):
    energy = 0.0
    near = neighbours(x, reach)
    for step in range(3):
        if step % 2 == 0:
            near = neighbours(x, reach)
        for i, others in near.items():
            for j in others:
                energy += 1 / (x[i] - x[j]) ** 2
        x = x * 1.1
    return energy


@program((0.7,))
def pairs_of_a_dict_sorted(x):
    """The keys are numbers, some of which are known only when it runs; pairs are sorted by them."""
    by_year = {}
    for t, amount in ((0.5, x), (1.5, 2.0 * x), (1.0, x * x)):
        by_year[math.ceil(t)] = by_year.get(math.ceil(t), 0.0) + amount
    rates = {}
    for t, coupon in ((0.5, 0.0), (1.0, 8.0), (1.5, 0.0)):
        if coupon == 0:
            rates[t] = x / t
    for t in np.linspace(1.0, 2.0, 3):
        rates[t] = x * t
    total = sum([year * amount for year, amount in sorted(by_year.items())])
    return total + sum([(i + 1) * t * rate for i, (t, rate) in enumerate(sorted(rates.items(), reverse=True))])


@program(([0.5, 1.5, -0.7],))
def names_sorted_by_scores(scores):
    ranked = sorted(zip(scores, ("first", "second", "third")))
    return sum([(i + len(name)) * score * score for i, (score, name) in enumerate(ranked)])


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def counters_with_operators(x):
    first, second = collections.Counter(), collections.Counter({"c": -1.0})
    for i in range(4):
        first["ab"[i % 2]] += x[i]
        second["bd"[i % 2]] += x[i] * x[0]
    both, rest = first + second, first - second
    larger, smaller = first | second, first & second
    larger = both | larger
    total = 3 * sum(rest.values()) + 5 * sum(larger.values()) + 7 * sum(smaller.values()) + first["b"] * len(first)
    return sum(v * (i + 1) for i, v in enumerate(both.values())) + total


@program((np.array([0.7, 1.3, 0.4, 2.1]),))
def counters_of_computed_keys(x):
    counts = collections.Counter()
    for v in x:
        counts[int(v)] += v
    both = counts + collections.Counter({1: 2.0, 7: 1.0})
    return sum(k * v for k, v in both.items())
