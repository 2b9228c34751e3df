"""Programs with sets: of texts and integers, written, computed, given, and read by a name."""

from __future__ import annotations

import numpy as np

from tests.corpus.registry import program

HEAVY = {1, 2}
NAMES = frozenset(["first", "last"])


@program(([1.0, 2.0, 3.0],))
def members_of_sets(x):
    keep = {0, 2}
    total = sum(v * v for i, v in enumerate(x) if i in keep or i in HEAVY)
    return total * len(NAMES) + (x[0] if "first" in NAMES else 0.0)


@program((np.array([0.3, -0.8, 1.1, 0.5]),))
def nodes_of_a_graph_once(x):
    edges = {0: [1, 2], 1: [3], 2: [3], 3: []}
    seen, waiting, total = set(), [0], 0.0
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        total = total + x[node] ** 2 * len(seen)
        waiting.extend(edges[node])
    return total


@program((np.linspace(0.1, 1.0, 20), 20))
def set_that_grows_at_run_time(x, n):
    seen = set()
    k, total = 1, 0.0
    while k not in seen:
        seen.add(k)
        total = total * 0.5 + x[k] ** 2
        k = (k * 3 + 1) % n
    return total * len(seen)


@program((np.array([0.3, -0.8, 1.1, 0.5, 0.2]), [0, 1, 0, 2, 1]))
def means_of_groups(x, labels):
    total = 0.0
    for label in sorted(set(labels)):
        members = [v for v, its in zip(x, labels) if its == label]
        total = total + (sum(members) / len(members)) ** 2
    return total


@program((np.array([0.3, -0.8, 1.1, 0.5]),))
def algebra_of_sets(x):
    a, b = {0, 1, 2}, {i for i in range(1, 4)}
    total = sum(x[k] for k in sorted(a | b)) + sum(2.0 * x[k] ** 2 for k in a & b)
    if a - b == {0} and not a <= b and a ^ b != a and {0}.isdisjoint(b):
        total = total * x[0]
    b.discard(9)
    b.remove(1)
    b.update([0], (1, 3))
    b |= {7}
    return total * len(b) * max(b)


@program(({"w": np.array([0.3, -0.8, 1.1]), "fixed": {1}}, {2}))
def sets_in_arguments(params, more):
    free = [i for i in range(3) if i not in params["fixed"] | more]
    more = more | {0}
    return sum(params["w"][i] ** 2 for i in free) + sum(params["w"][i] for i in params["fixed"]) * len(more)
