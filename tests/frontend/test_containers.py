"""Lists and dicts as objects: what is refused, because it cannot be decided or belongs to somebody else."""

from __future__ import annotations

import pytest

from ast_ad import UnsupportedSyntaxError, grad, value_and_grad
from ast_ad.errors import KindError

KEPT: list[float] = [1.0]


def test_a_list_that_may_be_one_of_two_is_not_changed_while_both_are_needed():
    def f(x):
        xs, ys = [x], [x * x]
        zs = xs if x > 0 else ys
        zs.append(3.0 * x)
        return sum(xs) + sum(ys)

    with pytest.raises(UnsupportedSyntaxError, match="`zs` is changed, and `xs` may be the same list") as caught:
        grad(f)(1.0)
    assert "xs.copy()" in str(caught.value)


def test_a_global_list_is_read_and_not_changed():
    def f(x):
        KEPT.append(x)
        return x

    with pytest.raises(UnsupportedSyntaxError, match="belongs to the scope outside"):
        grad(f)(1.0)
    assert grad(lambda x: KEPT[0] * x)(2.0) == 1.0
    assert KEPT == [1.0]


def test_a_default_list_is_not_changed():
    def f(x, seen=[]):  # noqa: B006
        seen.append(x)
        return sum(seen)

    with pytest.raises(UnsupportedSyntaxError, match="`seen` belongs to the defaults"):
        grad(lambda x: f(x))(1.0)
    assert f.__defaults__ == ([],)


def test_the_list_of_the_caller_stays_as_it_is():
    def f(xs, table):
        xs.append(xs[0] * 2.0)
        table["row"][0] = xs[1]
        return sum(xs) * table["row"][0]

    xs, table = [1.5], {"row": [1.0]}
    value, gradient = value_and_grad(f)(xs, table)
    assert (xs, table) == ([1.5], {"row": [1.0]})
    assert (value, gradient) == (13.5, [18.0])


def test_what_a_list_contains_has_one_structure_where_it_is_read():
    def f(x):
        d = {"a": x}
        if x > 0:
            d["b"] = x
        return d["a"]

    with pytest.raises(KindError, match="`d` has no single structure here"):
        grad(f)(1.0)


def test_a_loop_keeps_two_names_of_one_list_apart_only_where_that_is_right():
    def f(x, n):
        xs, ys = [x], [x * x]
        for i in range(n):
            xs[0] = xs[0] * x
            if i == 1:
                ys = xs
            ys[0] = ys[0] + 1.0
        return xs[0] + ys[0]

    with pytest.raises(UnsupportedSyntaxError, match="may be the same list, or another one"):
        grad(f)(1.0, 3)


@pytest.mark.parametrize("text", ["xs[3]", "xs.pop(5)", "xs[0:2][2]"])
def test_an_index_beyond_the_end_fails_as_in_python(text):
    from tests.frontend.support import from_text

    with pytest.raises(IndexError):
        grad(from_text(f"def f(x):\n    xs = [x, x]\n    return {text} + x\n"))(1.0)
