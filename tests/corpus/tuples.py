"""Tuples: swapping, unpacking, starred targets, tuples as arguments and results of helpers."""

import math

from tests.corpus.registry import program


@program((1.5, 0.5, -2.0), wrt=(0, 1, 2))
def rotate_three(a, b, c):
    a, b, c = b, c, a * 2
    (a, b), c = (c, a), b * a
    return a * b**2 * c**3 + a


@program((0.5, 4), order=3)
def swap_in_a_loop(x, n):
    a, b = x, 1.0
    for i in range(n):
        a, b = b, a * x + i
        if i == 1:
            a, b = b, a
    return a * b


@program((1.2, -0.3), wrt=(0, 1))
def starred_targets(x, y):
    first, *rest, last = x, y, x * y, 2.0, y * y
    a, *_ = rest
    *init, b = rest
    return first * a + b * last + init[0] * len(rest)


@program((((1.0, 2.0), 3.0),), (((-0.5, 0.5), 1.5),))
def tuple_argument(point):
    (x, y), z = point
    return x * y * z + point[0][1] ** 2 * point[-1]


@program((((1.0, 2.0, 0.5)), (3.0, -1.0, 2.0)), wrt=(0, 1))
def dot_product_of_tuples(u, v):
    total = 0.0
    for a, b in zip(u, v):
        total += a * b
    return total * len(u)


@program(((0.5, -1.0), 0.7), wrt=(0, 1))
def norm_of_a_tuple(p, scale):
    x, y = p
    return math.hypot(x * scale, y) + math.sqrt(sum((x * x, y * y, 1.0)))


@program((0.3, 0.4, 5))
def pair_as_loop_state(x, y, n):
    z = (x, y)
    for _ in range(n):
        z = (z[0] * z[0] - z[1] * z[1] + x, 2 * z[0] * z[1] + y)
        if z[0] ** 2 + z[1] ** 2 > 4:
            break
    return z[0] + 2 * z[1]


def rotate(p, angle):
    c, s = math.cos(angle), math.sin(angle)
    return (c * p[0] - s * p[1], s * p[0] + c * p[1])


@program((0.3, 1.0), wrt=(0, 1))
def rotations(angle, length):
    p = (length, 0.0)
    for k in range(1, 4):
        p = rotate(p, angle * k)
        p = p[0] + 1, p[1]
    x, y = p
    return x * y


@program((0.4, 1.3), wrt=(0, 1))
def minimum_and_maximum_of_many(x, y):
    values = (x, y, x * y, 0.9)
    return max(values) * 2 + min(values) ** 2 + sum(values) + max(x, y, 1.2)


@program((0.4,))
def tuple_built_by_addition(x):
    a = (x, x * x)
    b = a + (2.0,)
    c = b * 2
    p, q, r, s, t, u = c
    return p * q + r * s * t - u * a[1] + b[-1]


@program((0.4, 1.5), wrt=(0, 1))
def augmented_names_and_shadows(x, y):
    total = x
    alias = total
    total += y
    total *= alias
    total -= x / y
    total /= 2
    total **= 2
    alias //= 0.3
    return total + alias * 0.0 * x
