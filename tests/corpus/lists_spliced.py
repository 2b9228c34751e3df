"""Parts of lists that are assigned: lists of known length, which get items whose number is known only when it runs."""

import numpy as np

from tests.corpus.registry import program

XS = [1.5, 2.5, 0.4]


@program((XS, 0.7))
def what_is_kept_replaces_all(xs, limit):
    kept = [0.0, 1.0]
    other = kept
    kept[:] = [x * x for x in xs if x > limit]
    return sum(other) * len(other)


@program((XS, 0.7))
def empty_list_is_filled(xs, limit):
    kept = []
    kept[:] = [x * x for x in xs if x > limit]
    kept[:1] = (x + 1.0 for x in xs if x < limit)
    return sum(kept) * kept[0]


@program((XS, 0.7), wrt=(0, 1))
def middle_is_replaced(xs, limit):
    whole = xs[:]
    whole[1:2] = [x * limit for x in xs if x > limit]
    whole[-1:] = np.array(whole[:1]) * limit
    return sum(a * a for a in whole) + sum(xs)


@program((XS, 0.7), (XS, 0.3))
def sums_along_points_of_any_length(xs, limit):
    """As splines sum up their control points, in place."""
    points = []
    for span in range(len([x for x in xs if x > limit])):
        point = [0.0 for _ in range(2)]
        for i in range(3):
            point[:] = [a + (i + span) * b for a, b in zip(point, [x for x in xs if x > limit])]
        points.append(point)
    return points[0][1] * points[-1][0]


@program((XS, 0.7))
def rows_are_replaced(xs, limit):
    rows = [[xs[0], 1.0], [xs[1], 2.0]]
    rows[:1] = [[x, x * x] for x in xs if x > limit]
    return sum(row[0] * row[1] for row in rows)
