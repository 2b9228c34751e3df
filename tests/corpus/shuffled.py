"""Lists that are shuffled or chosen from at random, and other calls that change a list or dict that they are given."""

import collections
import random

import numpy as np

from tests.corpus.registry import program


class _Noise:
    """Perlin's noise, in one dimension: a table of places that was shuffled, twice after each other."""

    def __init__(self, seed):
        places = list(range(8))
        random.Random(seed).shuffle(places)
        self.places = places * 2

    def __call__(self, x):
        cell = int(x)
        rest = x - cell
        fade = rest * rest * (3.0 - 2.0 * rest)
        left, right = self.places[cell] * rest, self.places[cell + 1] * (rest - 1.0)
        return left + fade * (right - left)


@program((4.3,), (7.6,))
def noise_of_a_shuffled_table(x):
    return _Noise(3)(x) + x * x


@program(([0.5, 1.5, 2.5, -1.0], 0.9), wrt=(0, 1))
def shuffled_weights(weights, x):
    """What is shuffled is differentiated, and a second name sees it."""
    order = weights[:]
    same = order
    random.Random(5).shuffle(order)
    total = 0.0
    for w in same:
        total = total * x + w * w
    return total + weights[0]


@program((0.8,))
def samples_in_another_order_in_each_epoch(rate):
    data = [(1.0, 2.0), (3.0, 1.0), (2.0, 5.0)]
    source = random.Random(0)
    slope = 0.1
    for _ in range(2):
        source.shuffle(data)
        for x, y in data[:2]:
            slope = slope - 0.05 * rate * (slope * x - y) * x
    return slope * slope


@program((1.3,))
def shuffled_by_the_module(x):
    random.seed(4)
    items = [1.0, 2.0, 3.0, x]
    random.shuffle(items)
    row = np.arange(5.0)
    first = row[0]
    random.shuffle(row)
    return sum([(i + 1) * item * item for i, item in enumerate(items)]) + x * row[0] + first * x


@program((0.7,))
def rows_shuffled_by_numpy(x):
    rows = [[1.0, x], [2.0, 3.0], [x, x * x]]
    np.random.default_rng(2).shuffle(rows)
    np.random.seed(1)
    places = [0, 1, 2]
    np.random.shuffle(places)
    return sum([(i + 1) * rows[k][0] * rows[k][1] for i, k in enumerate(places)])


@program((np.array([0.4, 1.2, -0.7, 2.0]),))
def places_drawn_from_a_range(x):
    source = random.Random(1)
    chosen = source.sample(range(4), 3)
    return x[chosen[0]] * x[chosen[1]] + np.sin(x[chosen[2]])


@program(([3.0, 1.0, 2.0], 0.6), wrt=(0, 1))
def methods_named_with_their_class(items, x):
    items = list(items)
    list.sort(items)
    list.append(items, x * x)
    table = {"a": x}
    dict.update(table, b=x * items[0])
    table.__setitem__("c", items[-1])
    items.__setitem__(1, 2.0 * items[1])
    items.__delitem__(0)
    return table["a"] * table["b"] + table["c"] * items[0] * len(items)


@program((0.6, 5), wrt=(0,))
def list_that_has_grown_repeated(x, n):
    items = []
    for i in range(n):
        items.append(x**i)
    twice = items * 2
    items *= 3
    return sum([item * k for k, item in enumerate(twice)]) + items[n] * len(items)


@program(([0.5, 1.5, -0.7, 2.0],))
def bootstrap(data):
    source = random.Random(0)
    means = []
    for _ in range(5):
        sample = [source.choice(data) for _ in data]
        means.append(sum(sample) / len(sample))
    means.sort()
    return means[2] ** 2 + means[-1] - means[0]


@program(([0.5, 1.5, -0.7, 2.0],))
def batches_of_pairs(x):
    random.seed(1)
    points = [(1.0, 2.0), (2.0, 3.0), (3.0, 5.0)]
    loss = random.choice(points)[0] * x[1] * random.choices(x, k=2)[1]
    for a, b in random.sample(points, 2):
        loss = loss + (a * x[0] - b) ** 2
    return loss


class _Particle:
    def __init__(self, mass):
        self.mass = mass


@program(([0.5, 1.5, -0.7],))
def chosen_objects_and_rows(x):
    source = random.Random(5)
    particles = [_Particle(v) for v in x]
    chosen = source.choice(particles)
    chosen.mass = chosen.mass * 2.0
    rows = [[1.0, 2.0], [3.0, 4.0]]
    row = source.choice(rows)
    row[0] = x[0]
    return sum([p.mass**2 for p in particles]) + rows[0][0] * rows[1][0] * source.choice(range(1, 4))


@program((1.5,))
def methods_of_other_containers_named_with_their_class(x):
    counts = collections.Counter()
    collections.Counter.update(counts, "abca")
    window = collections.deque([1.0, 2.0])
    collections.deque.append(window, x)
    collections.deque.rotate(window, 1)
    places = {1, 2}
    set.add(places, 5)
    union = set.union(places, {3}, [7])
    return x * counts["a"] + window[0] * x * sum(sorted(union))
