"""Objects of which it is known only when it runs how many there are: what is refused, what derivatives look like."""

from __future__ import annotations

import copy

import pytest

from ast_ad import grad
from ast_ad.errors import AutodiffError


class Point:
    def __init__(self, x, v):
        self.x = x
        self.v = v


def several(x, n):
    points = []
    t = 0.0
    while t < n:
        points.append(Point(x * t, t))
        t += 1.0
    return points


def copied_deeply(x, n):
    return sum(p.x for p in copy.deepcopy(several(x, n)))


def with_an_attribute_of_its_own(x, n):
    points = several(x, n)
    points[0].extra = x
    return points[0].extra


def known_before_it_is_made(x, n):
    registry = []

    class Registered:
        def __init__(self, x):
            self.x = x
            registry.append(self)

    t = 0.0
    while t < n:
        Registered(x * t)
        t += 1.0
    return sum(each.x for each in registry)


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (copied_deeply, "several objects are copied"),
        (with_an_attribute_of_its_own, "not every Point has the attribute `extra`"),
        (known_before_it_is_made, "before it is made"),
    ],
)
def test_what_is_refused(fun, message):
    with pytest.raises(AutodiffError, match=message) as caught:
        grad(fun)(0.5, 3.0)
    assert caught.value.where.file == __file__


def no_order(x, n):
    points = several(x, n)
    points.sort()
    return points[0].x


def test_objects_without_an_order_are_not_sorted() -> None:
    assert grad(no_order)(0.5, 1.0) == 0.0
    with pytest.raises(TypeError, match="'<' not supported between instances of 'Point' and 'Point'"):
        grad(no_order)(0.5, 2.0)


def stepped(x, n):
    points = several(x, n)
    for p in points:
        p.x += 0.5 * p.v
    return sum(p.x**2 for p in points)


def test_an_attribute_is_a_list() -> None:
    derivative = grad(stepped)
    derivative(0.5, 3.0)
    assert "point_x[p] = point_x[p] + 0.5 * point_v[p]" in derivative.source
