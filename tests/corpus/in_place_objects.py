"""Which array a name holds: after branches, loops and jumps, and arrays without dimensions."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR,))
def view_after_raise(x):
    y = x * 1.0
    v = y[1:]
    y[0] = x[1] * 3
    if x[0] > 5:
        raise ValueError
    v[0] = x[2] ** 2
    return weighed(y)


@program((VECTOR,))
def view_after_return(x):
    y = x * 1.0
    v = y[1:]
    y[0] = x[1] * 3
    if x[0] > 5:
        return x[0]
    v[0] = x[2] ** 2
    return weighed(y)


@program((VECTOR,))
def same_array_on_both_sides(x):
    y = x * 1.0
    if x[0] > 5:
        z = y
    else:
        z = y
        y[0] = x[1] * 3
    z[0] = x[2] ** 2 * z[0]
    return weighed(y)


@program((VECTOR,))
def bound_on_one_side(x):
    y = x * 1.0
    y[0] = x[2]
    if x[0] < 5:
        z = y
    z[1] = x[2] ** 2 * z[0]
    return weighed(y)


@program((VECTOR,))
def bound_in_loop(x):
    y = x * 1.0
    for i in range(2):
        t = y
        y[0] = 3 * x[1] * y[0]
    t[1] = x[1] ** 2
    return weighed(t) + weighed(y) * x[0]


@program((VECTOR, 0), (VECTOR, 2))
def written_before_loop(x, n):
    y = x * 1.0
    t = y
    y[0] = x[2] * x[1]
    for i in range(n):
        t = y * x
    return weighed(y) + weighed(t)


@program((VECTOR,))
def augmented_under_two_names(x):
    y = x * 1.0
    z = y
    for i in range(3):
        y *= x
        z += 1
    return weighed(z) * y[0]


@program((VECTOR,))
def scalar_array(x):
    s = np.array(0.0)
    t = s
    for v in x:
        s += v**2
    t *= x[0]
    return s * t


@program((VECTOR,))
def scalar_array_set(x):
    s = np.array(1.5)
    same = s
    s[()] = x[0] ** 2
    s[...] = s * x[1]
    same.fill(same * x[3])
    part = s[...]
    part += x[2]
    number = s[()]
    s *= 2
    return same * number + part


@program((VECTOR,))
def scalar_array_in_callee(x):
    total = np.zeros(())

    def add(acc, v):
        acc += v

    for i in range(3):
        add(total, x[i] ** 2)
    return total * x[0]


@program((VECTOR,))
def scalar_array_or_number(x):
    total = np.array(0.0)
    for v in x:
        total = total + v**2
        total *= 1.5
    return total


@program((VECTOR,))
def scalar_array_out(x):
    total = np.zeros(())
    same = total
    np.sum(x * x, out=total)
    np.multiply(total, x[0], out=total)
    return same


@program((VECTOR,))
def element_as_array(x):
    y = x * 1.0
    e = y[2, ...]
    e += x[0] * x[1]
    return weighed(y)


class Moving:
    def __init__(self, place, speed):
        self.place = place
        self.speed = speed


def several(x, n):
    found = []
    while len(found) < n:
        found.append(Moving(x * (len(found) + 1), x + len(found)))
    return found


@program((np.array([0.5, 0.3]), 3))
def arrays_of_listed_objects(x, n):
    bodies = several(x, n)
    for b in bodies:
        b.speed = b.place.copy()
    for _ in range(2):
        for b in bodies:
            b.place += 0.1 * b.speed
            b.place[0] = b.place[0] ** 2
    return sum(np.sum(b.speed * b.place) for b in bodies)


def kicked(place, by):
    place += by
    place[1] *= 2.0


@program((np.array([0.5, 0.3]), 3))
def arrays_of_listed_objects_in_a_function(x, n):
    bodies = several(x, n)
    for b in bodies:
        kicked(b.place, b.speed)
        w = b.place
        if w[0] > 0.9:
            w += 1.0
    return sum(np.sum(b.speed * b.place) for b in bodies)


@program((np.array([0.5, 0.3]), 3))
def rows_of_a_table_that_grew(x, n):
    rows = []
    for _ in range(n):
        rows.append(np.zeros(3))
    for i in range(len(rows)):
        for j in range(3):
            rows[i][j] = x[0] * i + (rows[i - 1][j] * x[1] if i > 0 else 1.0)
    for row in rows:
        row += x[0]
    return sum(np.sum(row**2) for row in rows)


@program((0.7, 3))
def arrays_in_dicts_that_are_listed(x, n):
    params = []
    while len(params) < n:
        params.append({"w": x * np.arange(3.0), "b": 1.0 * len(params)})
    for p in params:
        p["w"] += 0.1 * x
        p["b"] += np.sum(p["w"])
    return sum(np.sum(p["w"]) * p["b"] for p in params)


@program((np.array([0.7, 1.3, 0.4]), 3), (np.array([0.7, 1.3, 0.4]), 1))
def arrays_in_dicts_of_a_list(x, n):
    layers = []
    for i in range(n):
        layers.append({"weight": x[i] * np.ones(2), "bias": x[i]})
    for layer in layers:
        layer["weight"] *= 2
        layer["weight"][0] = x[0]
        layer["bias"] += 1
    layers[n - 1]["weight"][1] *= x[0]
    h = np.array([0.1, 0.2])
    for layer in layers:
        weight = layer["weight"]
        h = np.sin(weight * h + layer["bias"])
    return np.sum(h)
