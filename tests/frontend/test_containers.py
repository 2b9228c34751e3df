"""Lists and dicts as objects: what is refused, because it cannot be decided or belongs to somebody else."""

from __future__ import annotations

import re
from collections import deque

import numpy as np
import pytest

from ast_ad import UnsupportedSyntaxError, grad, value_and_grad
from ast_ad.errors import KindError

KEPT: list[float] = [1.0]
ALSO_KEPT = KEPT


def test_a_list_that_may_be_one_of_two_is_not_changed_while_both_are_needed():
    def f(x):
        xs, ys = [x], [x * x]
        zs = xs if x > 0 else ys
        zs.append(3.0 * x)
        return sum(xs) + sum(ys)

    with pytest.raises(UnsupportedSyntaxError, match="`zs` is changed, and `xs` may be the same list") as caught:
        grad(f)(1.0)
    assert "xs.copy()" in str(caught.value)


def test_a_global_list_is_changed_in_a_copy_that_all_see():
    def last():
        return ALSO_KEPT[-1]

    def f(x):
        for i in range(3):
            KEPT.append(x * last() + i)
        ALSO_KEPT[0] *= x
        return sum(KEPT) * last()

    def of_its_own(x):
        kept = list(KEPT)
        for i in range(3):
            kept.append(x * kept[-1] + i)
        kept[0] *= x
        return sum(kept) * kept[-1]

    assert value_and_grad(f)(2.0) == value_and_grad(of_its_own)(2.0)
    assert KEPT == [1.0]
    KEPT.append(3.0)
    try:
        assert value_and_grad(f)(2.0) == value_and_grad(of_its_own)(2.0)
        assert KEPT == [1.0, 3.0]
    finally:
        KEPT.pop()
    assert grad(lambda x: KEPT[0] * x)(2.0) == 1.0


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
            d["b"] = (x, x)
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


def refused(fun, *args, match):
    with pytest.raises(UnsupportedSyntaxError, match=match):
        grad(fun)(*args)


def test_an_item_that_may_be_known_by_another_name_is_not_changed():
    def by_branches(x, n):
        records = []
        for i in range(n):
            records.append({"value": x * i})
        best = records[0]
        for record in records:
            if record["value"] > best["value"]:
                best = record
        records[0]["value"] = 5.0
        return best["value"]

    def by_a_model(x, n):
        rows = []
        for i in range(n):
            rows.append([x * i, 1.0])
        best = max(rows, key=lambda row: row[0])
        best[0] = 7.0
        return rows[n - 1][0]

    def after_its_list_has_grown(x, i):
        first, second = [x, 1.0], [2 * x, 3.0]
        rows = [first, second]
        best = first if x > 1 else second
        rows[i][0] = 5.0
        return best[0]

    refused(by_branches, 0.7, 4, match="`best` may be the same")
    refused(by_a_model, 0.7, 4, match="`rows` may be the same")
    refused(after_its_list_has_grown, 0.7, 1, match="`best` may be the same")


@pytest.mark.parametrize(
    "second",
    [
        lambda rows: rows[1:],
        lambda rows: rows + [[1.0, 2.0]],  # noqa: RUF005 (a display is another operation)
        lambda rows: [row for row in rows if row[1] > 0],
        lambda rows: list(reversed(rows)),
        lambda rows: sorted(rows, key=lambda row: -row[0]),
    ],
)
@pytest.mark.parametrize("n", [0, 3])
def test_rows_that_stand_in_a_second_list_are_not_changed(second, n):
    def f(x):
        rows = [[x, 1.0], [2 * x, 1.0]]
        for i in range(n):
            rows.append([x * i, 1.0])
        copy = second(rows)
        rows[int(x)][0] = 7 * x
        return copy[0][0]

    refused(f, 1.7, match="may stand in another list too|may be the same list")


def test_a_row_that_stands_twice_in_a_list_is_not_changed():
    def f(x, n):
        row = [x] * n
        rows = []
        for _ in range(n):
            rows.append(row)
        rows[0][1] = 5.0
        return rows[2][1] * x

    refused(f, 0.7, 4, match="may stand in another list too, or twice in one|has no single structure")


def test_an_array_in_a_list_that_grows_is_not_changed():
    import numpy as np

    def f(x, n):
        a = np.ones(2) * x
        xs = []
        for _ in range(n):
            xs.append(a)
            a[0] += 1.0
        return np.sum(xs[0])

    refused(f, 0.7, 4, match="`a` is changed in place, and `xs` may be the same array")


@pytest.mark.parametrize("start", ["[0]", "[k for k in range(n)]", "list(range(3))"])
def test_a_list_grows_while_a_loop_goes_over_it(start):
    from tests.frontend.support import agree, from_text

    fun = from_text(
        f"def f(x, n):\n    q = {start}\n    t = 0.0\n    for i in q:\n        t += x * i\n"
        "        if i < n:\n            q.append(i + 1)\n    return t\n"
    )
    agree(fun, 0.7, 4)


def _dict_grows(x):
    d = {0: x, 1: x * x}
    for k in d:
        d[k + 2] = d[k] * 2
    return sum(d.values())


def _dict_shrinks(x):
    d = {0: x, 1: x * x}
    total = 0.0
    for k, v in d.items():
        total += v
        if k == 1:
            del d[0]
    return total


def _dict_with_others_grows(x):
    d = {0: x, 1: x * x}
    total = 0.0
    for k, y in zip(d, [x, x, x]):
        d[k + 5] = y
        total += y
    return total


def _numbered_dict_grows(x):
    d = {0: x, 1: x * x}
    total = 0.0
    for i, v in enumerate(d.values()):
        total += v * i
        d[i + 10] = total
    return total


def _table_grows(x, n=3):
    d = {}
    for i in range(n):
        d[i * i] = x
    for i, k in enumerate(d):
        d[k + 10] = x * i
    return sum(d.values())


def _set_grows(x):
    s = {0, 1}
    total = 0.0
    for v in s:
        total += x * v
        s.add(v + 2)
    return total


def _set_shrinks(x):
    s = {0, 1, 2}
    total = 0.0
    for v in s:
        total += x * v
        s.discard(v)
    return total


def _set_of_a_comprehension_grows(x):
    s = {0, 1}

    def add(v):
        s.add(v + 7)
        return x * v

    return sum([add(v) for v in s])


def _dict_moves(x):
    d = {0: x, 1: x * x}
    total = 0.0
    for k in d:
        total += d[k]
        d[k + 10] = d.pop(k)
    return total


@pytest.mark.parametrize(
    "fun",
    [
        _dict_grows,
        _dict_shrinks,
        _dict_with_others_grows,
        _numbered_dict_grows,
        _table_grows,
        _set_grows,
        _set_shrinks,
        _set_of_a_comprehension_grows,
        _dict_moves,
    ],
)
def test_a_dict_or_a_set_that_changes_its_size_ends_the_loop_with_pythons_error(fun):
    with pytest.raises(RuntimeError) as theirs:
        fun(0.7)
    with pytest.raises(RuntimeError, match=str(theirs.value)):
        grad(fun)(0.7)


def _deque_grows(x):
    d = deque([x, x * x])
    total = 0.0
    for v in d:
        total += v
        d.append(total)
    return total


def _full_deque_grows(x):
    d = deque([x, x * x], maxlen=2)
    total = 0.0
    for v in d:
        total += v
        d.append(total)
    return total


def _numbered_deque_grows(x):
    d = deque([x, x * x])
    total = 0.0
    for i, v in enumerate(d):
        total += v * i
        d.append(total)
    return total


def _deque_turns(x):
    d = deque([x, x * x])
    total = 0.0
    for v in d:
        total += v
        d.rotate(1)
    return total


@pytest.mark.parametrize("fun", [_deque_grows, _full_deque_grows, _numbered_deque_grows, _deque_turns])
def test_a_deque_does_not_change_while_a_loop_goes_over_it(fun):
    refused(fun, 0.7, match="a deque changes while a loop goes over it")


def test_a_list_does_not_grow_while_its_largest_item_is_looked_for():
    def f(x):
        xs = [x, 2 * x]

        def key(v):
            if len(xs) < 4:
                xs.append(3 * v)
            return v

        return max(xs, key=key)

    refused(f, 0.7, match="while this goes over it")


def test_the_largest_item_by_a_key_that_reads_the_list():
    def f(x):
        xs = [x, 2 * x, 0.5]
        return max(xs, key=lambda v: xs[int(v)]) * min(xs, key=lambda v: -v)

    value, gradient = value_and_grad(f)(0.7)
    assert value == pytest.approx(f(0.7))
    assert gradient == pytest.approx((f(0.7 + 1e-6) - f(0.7 - 1e-6)) / 2e-6)


def test_a_loop_sees_what_it_changes_of_the_list_that_it_goes_over():
    def f(x):
        xs, d = [x, x * x, 1.0], {"a": x, "b": 1.0}
        for i, v in enumerate(xs):
            if i < 2:
                xs[i + 1] = v * 2 + x
        total = sum(xs)
        for key, v in d.items():
            d["b"] = d["b"] + x
            total += v * len(key)
        return total

    value, gradient = value_and_grad(f)(0.7)
    assert value == pytest.approx(f(0.7))
    assert gradient == pytest.approx((f(0.7 + 1e-6) - f(0.7 - 1e-6)) / 2e-6)


def test_lists_with_items_of_several_structures_do_not_grow():
    def f(x, n):
        xs = []
        for i in range(n):
            if x > i:
                xs.append((x, 1.0))
            else:
                xs.append(x)
        return xs[0]

    with pytest.raises((KindError, UnsupportedSyntaxError)):
        grad(f)(0.7, 4)


def test_a_row_that_was_put_into_a_list_that_grows_is_not_changed_by_its_own_name():
    def f(x, n):
        row = [x] * n
        rows = []
        for _ in range(3 * n):
            rows.append(row)
        row[1] = 5.0
        return rows[2][1] * x + rows[1][0]

    refused(f, 0.7, 4, match="`row` belongs to a list that has grown")


def test_rows_that_become_one_list():
    def f(x, n):
        rows = [[x * i, 1.0] for i in range(n)]
        rows[1] = rows[2]
        rows[1][0] = 9.0 * x
        return rows[2][0] * rows[3][0]

    value, gradient = value_and_grad(f)(0.7, 4)
    assert value == pytest.approx(f(0.7, 4))
    assert gradient == pytest.approx((f(0.7 + 1e-6, 4) - f(0.7 - 1e-6, 4)) / 2e-6)


def changed(a, b):
    a[0] = 5 * b[1]
    return b[0] * b[1]


def test_one_list_as_two_arguments_is_refused_where_it_is_changed() -> None:
    gradient, shared = grad(changed, 1), [1.0, 2.0]
    for _ in range(2):
        assert gradient([1.0, 2.0], [1.0, 2.0]) == [2.0, 1.0]
        with pytest.raises(UnsupportedSyntaxError, match="may be the same list") as caught:
            gradient(shared, shared)
        assert caught.value.where.text.strip() == "a[0] = 5 * b[1]"
    assert grad(lambda a, b: a[0] * b[1])(shared, shared) == [2.0, 0.0]


def test_one_list_twice_in_an_argument_is_refused_where_it_is_changed() -> None:
    def grown(lists):
        lists["u"].append(1.0)
        return sum(lists["v"])

    shared = [1.0]
    with pytest.raises(UnsupportedSyntaxError, match="may be the same list"):
        grad(grown)({"u": shared, "v": shared})
    assert shared == [1.0]


def _added(x):
    xs = [x]
    return xs + {"a": x}.values()


def _averaged(x):
    return np.mean({"a": x}.values())


def _compared(x):
    d = {"a": x}
    return x if d.values() == d.values() else 2.0 * x


@pytest.mark.parametrize(
    ("f", "message", "help"),
    [
        (_added, r"`\+` of a list and a `dict_values` is not defined", r"list\(d.values\(\)\)"),
        (_averaged, "a view of a dict is given where an array is needed", r"list\(d.values\(\)\)"),
        (_compared, "whether these two views are one object is not known", "compare lists"),
    ],
)
def test_views_of_dicts_are_not_lists(f, message, help):
    with pytest.raises((UnsupportedSyntaxError, KindError), match=message) as caught:
        grad(f)(1.0)
    assert re.search(help, str(caught.value))
