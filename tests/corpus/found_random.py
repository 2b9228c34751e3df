"""Programs that the random tester found wrong, made small: one for each mistake."""

import math
from dataclasses import dataclass

import numpy as np

from tests.corpus.registry import program

WEIGHTS = [0.3, 0.7, 1.1]


@program((np.array([[1.0, 2.0], [0.5, -0.3]]),))
def tangent_of_a_stretched_row(y):
    """The tangent of a sum has the shape of the sum, also where only the run knows what is stretched."""
    total = np.zeros((2, 2))
    total = total + y[1:]
    total[1] += 1.0
    return np.sum(total * total)


@program((np.array([[1.0, 2.0], [0.5, -0.3]]),))
def tangent_of_a_stretched_part(y):
    _, last = np.split(y, [1])
    column = np.swapaxes(last, 0, 1)
    return np.sum(column + WEIGHTS)


@program((np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.3])), wrt=(0, 1))
def complex_adjoint_of_a_real_shape(y, b):
    """The adjoint of a complex array is given the shape of a real one, and stays complex."""
    z = np.zeros(np.shape(y), complex)
    z[0] = np.sum(b) * 1j
    return np.max(np.hstack((np.abs(z + 2.0), np.abs(z) * y)))


@program((np.array([0.8, 0.3]), np.arange(16.0).reshape(2, 2, 4)), wrt=(0, 1))
def columns_of_three_dimensions(x, y):
    turned = y.transpose()
    return np.sum(np.column_stack([turned, turned]) * x)


@program(
    (np.array([[0.7, -0.2, 0.4]]),),
    (np.array([[1.9, 0.2, 0.4]]),),
)
def number_for_the_adjoint_of_an_array(y):
    """Rows are written to on the way on which nothing reads the array afterwards."""
    turned = y.transpose()
    rows = {"u": turned}
    if np.sum(turned) >= 1.1:
        turned = 1.0
    elif turned[0, 0] < 2.0:
        for row in rows["u"]:
            row[:] /= 1.2
        return 0.3
    else:
        raise ValueError("left")
    return np.sum(np.sin(y)) + np.sum(turned)


@program((0.3, 2), (0.3, 0))
def largest_of_a_grown_list_or_a_default(x, n):
    items = [x * 0.5] * n
    return max(items, default=x) + min(items, key=lambda v: -v, default=x)


@dataclass(frozen=True)
class _Fixed:
    a: float


class _Loose(_Fixed):
    def __init__(self, a):
        super().__init__(a)
        self.b = a * 2.0


@program((0.7,))
def attribute_beside_frozen_fields(x):
    loose = _Loose(x)
    return math.sin(loose.a) * loose.b


@program((np.array([[-1.2, -1.1, 1.5, -0.4], [1.3, -1.4, 1.3, -1.4]]), 1))
def number_beside_a_listed_row(y, n):
    """The adjoint of a row in a list is a number at first, of which the second order knows the shape."""
    turned = np.swapaxes(y, 0, 1)
    rows = [row for row in turned]
    return np.sum(rows[3] * turned[3, n])


@program((np.array(0.4),), (np.array([[0.4], [0.2]]),))
def number_for_the_adjoint_of_an_array_that_is_not_there(x):
    """Which the branch that makes the array gives its shape, and no other."""
    rows = (np.array([0.3, 1.0, 1.1]) * x).copy()
    if rows.shape[0] == 5:
        pass
    elif rows.size > 3:
        both = np.full(rows.shape, rows)
        both[:] *= both.ravel().sum()
        return np.cos(np.sum(both))
    return 1.0


@program((np.array([0.9, -0.5]),), (np.array([5.9, 4.5]),))
def number_for_an_adjoint_that_is_added_to(y):
    """On the way that returns early the array is written to before; its adjoint there is the number 0."""
    last = np.split(y, [1])[1]
    np.tanh(last, out=last)
    if np.sin(7 * np.mean(last)) > 0.2:
        pass
    elif np.sum(y) <= 0.4:
        last += 1.0
    else:
        return 1
    return np.sum(y * y)


@program((np.array([0.9, 0.4]), 4), (np.array([0.9, 0.4]), 0))
def write_behind_a_number_as_test(x, n):
    """What tells later which array was written to is a number, of which the truth was asked."""
    y = x
    if np.sum(y) > 9.0:
        pass
    elif np.sum(x) and n:
        y[:] -= 0.2
    return np.sum(y * y)


@program((np.array([0.5, -0.3]), 0.4), (np.array([0.5]), 0.4), wrt=(0, 1))
def number_without_an_adjoint_so_far(x, y):
    """The sum is an array without dimensions; nothing reaches its adjoint where the loop has no turn."""
    total = np.zeros(())
    for each in x:
        total += each * y
    rows = x * 1.0
    for i in range(1, len(rows)):
        rows[i] = total
    return np.sum(rows * x)


@program((np.array([0.5, -0.3]), np.array([1.5, 0.2])), wrt=(0, 1))
def inner_product_with_a_number(x, y):
    _, last = np.split(x, [1])
    return np.vdot(last, y[1])


def _raised(row):
    row[0] *= 3.0
    return row


@program((np.array([[0.5, -0.3], [1.2, 0.8]]),))
def read_after_a_write_in_the_same_statement(x):
    """The array that is read last is one whose rows a list holds, of which the call changes one."""
    rows = [row for row in x]
    return np.sum(_raised(rows[0])) + np.sum(x * x)


@program((np.array([[0.5, -0.3], [1.2, 0.8]]),))
def read_in_a_branch_after_a_write_in_its_test(x):
    rows = [row for row in x]
    if np.sum(_raised(rows[0])) > 0.0:
        return np.sum(x * x)
    return np.sum(rows[1])


@program((np.array([0.5, 1.5, 0.3], np.float32), 3), (np.array([0.5, 1.5, 0.3], np.float32), 1))
def number_of_single_precision_on_one_path(y, n):
    """The adjoint comes back in double precision, through the path on which the number is in single precision."""
    s = y[0] * y[1]
    t = s if n > 2 else np.float64(1.5)
    return t * t


@program((np.linspace(0.5, 2.0, 18).reshape(2, 3, 3), np.array([1.2, -0.4, 1.4])), wrt=(0, 1))
def part_multiplied_on_one_path(z, p):
    """The adjoint of what the loop in `multiply.at` reads is the number 0 until the loop begins."""
    part = z[1]
    if np.sum(z) > 0.6:
        np.multiply.at(part, [1, -3], p)
    return part[0, 0] * part[1, 1]


@program((np.linspace(-1.0, 1.2, 12).reshape(3, 4), 0.5), wrt=(0, 1))
def rows_of_a_view_that_was_written_to_twice(y, p):
    """What a copy becomes goes into a list; it is copied once, not for ever."""
    part = y[:-1, 1::2]
    part[...] = np.tanh(p) * 1.3
    part[part < 0.7] *= np.cos(p)
    rows = [row for row in part]
    return np.sum(y**2) + np.sum(np.sin(part)) + np.sum(rows[0]) + np.sum(rows[-1] ** 2)


@program(
    (np.array([0.5, 1.5], np.float32), np.float32(0.3), 0),
    (np.array([0.5, 1.5], np.float32), np.float32(0.3), 2),
    wrt=(0, 1),
)
def factor_of_single_precision_that_a_loop_may_replace(x, z, n):
    """The adjoint of the number is that of a Python float on the way to the loop, and is not when it leaves it."""
    for _ in range(n):
        z = 1.0
    x[0] *= z
    return np.sum(x)


@program((np.array([0.5, 0.6]),))
def view_of_one_element_that_is_written_to(y):
    """The tangent of the view is a view as well, and is read in the reverse sweep as it was before the write."""
    t = np.sin(y)
    v = np.squeeze(t[:1])
    c = np.sin(v) * v
    t[0] = np.exp(v)
    return c * np.linalg.norm(t)


@program((np.array([[0.4, 1.0, 1.1], [-1.2, -0.4, -1.3]]), 1))
def adjoint_that_is_negated_before_it_is_added_to(z, n):
    """The row that is subtracted is read before the adjoint of the other one is updated in place."""
    a, b = z[0], z[1]
    z[1] = np.cos(b[n] - (b - a))
    return np.sum(z)


@program((np.array([[0.4, 1.0], [-1.2, -0.4]]), 0.3, 1), (np.array([[-0.4, -1.0], [-1.2, -0.4]]), 0.3, 0))
def rows_that_a_loop_makes_new_and_one_path_does_not_read(p, z, n):
    """The adjoint of the row is the number 0 on that path, where the loop begins, whose turns write to the row."""
    row = p[1]
    for _ in range(2):
        row = row * 0.9
        row[n] = z
    p[0] *= p[0]
    if p[0, 0] < 0.5:
        return 0.3
    return np.sum(row)


@program((np.array([[0.4], [0.3], [0.9]]), np.array([[-1.3, 1.5, -1.4]])), wrt=(0, 1))
def places_told_by_a_mask_of_another_shape(x, y):
    """NumPy goes through the mask and the array element by element."""
    np.place(x, y < 0.5, y)
    np.putmask(y, x > 0.35, x * y.sum())
    return np.sum(x * y)


@program((np.array([[0.4, -0.7], [1.2, 0.3]]), True))
def new_rows_of_one_path_that_a_loop_reads(y, flag):
    """On that path, the adjoint of what the loop reads is the number 1: that of each element."""
    t = y
    if flag:
        t = t * 0.9
    for i in range(1, len(y)):
        y[i] = np.min(t)
    return np.sum(t) + np.linalg.norm(y if flag or y else t)


@program(
    (
        np.array([[1.0, -0.6, 1.8], [-1.3, -0.7, 0.9], [0.0, 2.0, 0.2]]),
        np.array([[-0.6, -0.4, -1.1], [-1.3, 0.6, 0.6], [1.3, -0.8, 1.7]]),
        2,
    ),
    wrt=(0, 1),
)
def transpose_that_gives_way_to_a_new_array(x, y, n):
    """On some paths, the adjoint of what is filled is a number: also where the shapes are not known to be equal."""
    t = np.transpose(x)
    w = t
    for _ in range(n):
        np.fill_diagonal(w, np.sum(np.arctan(t + t)))
        if np.sin(3 * np.mean(w)) < 0.2:
            w = w * 0.9
        np.add(np.sinc(np.subtract(x, y)), t, out=w)
    return np.sum(t)


@program((np.array([0.5, 1.5, 0.3], np.float32), 3), (np.array([0.5, 1.5, 0.3], np.float32), 0))
def sum_of_single_precision_on_one_path(y, n):
    total = y[0]
    for i in range(n):
        total = total + y[i] * y[1]
    return total if total > 1.0 else np.cos(0.3) * total


@program((np.arange(4.0) + 0.5, np.arange(6.0).reshape(2, 3)), wrt=(0, 1))
def sum_that_keeps_its_axis_times_a_part(x, w):
    """The adjoint of the sum has length 1, though its rule knows only that it is as long as the part."""
    return np.sum((np.sum(x, keepdims=True) @ w[:1]) ** 2)


@program((np.ones((2, 3)) * 0.3, np.array([[-1.2, 1.2, -0.9]])), wrt=(0, 1))
def chosen_elements_contracted_with_one_row(x, b):
    chosen = np.select([1.0 > 0.5, b < 0.5], [x, 1.0], 0.1)
    return np.sum(np.einsum("ij,ik->jk", chosen, b) ** 2)


@program((np.array([[-1.5, -0.8], [0.7, 0.4]]),))
def squeezed_in_forward_mode(x):
    """Of the shape of the tangent no more is known than of how it was computed: it is that of the value."""
    return np.sum(np.squeeze(x.reshape(x.shape)) ** 2)


@program((np.array([[1.2, 0.4], [1.0, -0.7], [1.5, 0.5]]),), (np.array([[1.2], [1.0]]),))
def row_times_its_sum_beside_the_rest(x):
    """Two adjoints, a row and a column, add up to less than the part: its only row is longer than 1."""
    head, tail = np.split(x, [1])
    np.fill_diagonal(tail, np.mean(head * np.sum(head, 1)))
    return np.sum(x**2)


@program((np.array([[1.1, 1.0], [0.9, 1.4], [1.4, 1.5]], np.float32),))
def python_number_or_single_precision(x):
    """Which one the maximum returns is known only when it runs, and `sinc` of a Python number has double precision."""
    first, second, third = x
    x *= np.sinc(max(first.sum(), float(np.sum(second))))
    return np.min(third)


@program((np.array([[0.4, 1.5], [1.6, -0.3]], np.float32), 2), (np.array([[0.4, 1.5], [1.6, -0.3]], np.float32), 0))
def sum_of_single_precision_that_may_stay_a_number(x, n):
    total = 0.25
    for _ in range(n):
        total = np.exp(x)
    return np.sum(np.arctan2(np.sum(total), x))


@program((np.array(-0.6), 3), (np.array(-0.6), 0))
def number_for_an_array_without_dimensions(x, n):
    """The adjoint of an array without dimensions reaches that of a number in the second derivative."""
    if n > 1:
        while n:
            n -= 1
            x = 0.1
    return (x + np.array([0.3, 0.7, 1.1])).sum()


@program((np.array([[0.3], [1.2], [-0.5]]),), (np.array([[0.3, 0.9], [1.2, -0.4]]),))
def sorted_along_an_axis_of_length_1(x):
    first = np.atleast_2d(x[1])
    first.sort(axis=0)
    x.sort(axis=1)
    return np.sum(first**2) + np.sum(np.take_along_axis(x, np.argmax(x, axis=0)[None], 0) ** 3)


@program(((np.array([0.5, 1.5, 0.3, 0.8]), np.linspace(0.2, 1.0, 16).reshape(4, 4)),))
def squeezed_part_of_what_out_has_changed(p):
    """How long an array is does not change with what is written to it."""
    head, tail = np.split(p[0], [1])
    part = tail.squeeze()

    def changed(x):
        part[0], part[1] = 1.0, head[0] * 2.0
        np.mean(p[1] * x[0], axis=0, out=p[0])
        return np.sum(part**2)

    return changed(part) + changed(tail) + np.sum(p[0])


@program(
    (np.array([[[1.4, 1.2, 0.2]], [[1.2, -1.3, -1.5]]]), 0), (np.array([[[1.4, 1.2, 0.2]], [[1.2, -1.3, -1.5]]]), 2)
)
def view_until_a_loop_replaces_it(x, n):
    """The name has no value of its own where the loop has no turns, and so no shape for its adjoint."""
    turned = x.swapaxes(0, 1)
    scale = turned
    for _ in range(n):
        np.add.at(turned, 0, 0.3)
        scale = scale * 0.9
        turned /= scale.max()
    return np.sum(x)


@program((np.array([[1.2, 0.4, -0.4], [0.4, 0.5, 1.4]]), np.ones(3)))
def array_that_a_number_replaces_in_a_loop_that_may_return(x, y):
    """Under checkpoints, the adjoint of `y` comes back from a segment as a number."""
    first, second = x
    for _ in second:
        if np.sum(first):
            pass
        else:
            return 0.4
        y = np.linalg.det(x @ x.T)
    return np.min(y)


@program((np.array([[1.2, 0.4, -0.4], [0.4, 0.5, 1.4]]), np.array([[0.3, 0.7], [0.4, 1.5]]), np.array([1.5, -1.3])))
def sum_divided_by_a_part_that_is_stretched(x, y, z):
    """The adjoint of the sum is as small as the part: one axis of it has length 1, another one may have."""
    _, rest = np.split(x, [1])
    return np.mean((y + z) / rest[:1, None, 1])


@program((np.array([0.4, 0.9, 1.2]),), (np.array([[0.4, 0.9], [1.2, 0.3]])[1],))
def array_written_where_an_ellipsis_stands_for_nothing(x):
    """`y[..., 0]` has no dimensions and takes what has one element; `y[0]` takes a number only."""
    y = x * 2.0
    y[..., 0] = np.sum(np.outer(x, x), axis=(0, 1), keepdims=True)
    y[1, ...] += np.array([x[0] * y[0]]).reshape(())
    return y.var()


@program((np.array([1.2, 0.9]),))
def smaller_adjoint_meets_none(x):
    """The adjoint of a mean is a column; that of the alias is the number 0, which does not stretch the column."""
    y = np.array([[0.3, 0.7, 1.1], [0.9, 0.4, 0.2]])
    z = y
    for _ in range(2):
        if np.sum(x) <= 0.6:
            z = z * 0.9
        np.place(y, y > 0.4, x)
    means = np.mean(y, axis=1)
    return np.sum(z) if np.min(means) < 0.1 else np.sum(means * means)


@program((np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),))
def smaller_adjoint_meets_none_of_a_late_name(x):
    """As before, of a name that has no value at first."""
    for i in range(2):
        if i == 0:
            y = x * 2.0
    z = x * 1.0
    if x[0, 0] > 0:
        z = y
    total = 0.0
    if x[0, 1] > 100:
        total = np.sum(z**2)
    return total + np.sum(np.mean(y, axis=1) ** 2)


@program((np.array([[[0.3, 0.8], [0.6, 1.1]]]),))
def smaller_adjoint_in_a_branch_of_a_loop(x):
    """The adjoint of a name that is an alias at first starts a loop as a number, which does not stretch a sum's."""
    y = x
    for _ in range(3):
        y = y * 0.9
    for _ in x:
        if len(WEIGHTS):
            return np.sum(np.sin(sum(y)))


def weights_in_single_precision(x, w):
    """The adjoint is a Python number where it meets the weights, and keeps its double precision."""
    return np.mean(w * x) + np.dot(w, x) / 3 + np.mean(x / w) + x[0] * w[0] / 3


if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
    # Before, a scalar in double precision times an array in single precision is in single precision.
    program((np.array([0.5, 0.6, 0.7]), np.array([0.3, 0.7, 1.1], np.float32)))(weights_in_single_precision)


def _turned(a, b, k):
    if k <= 0:
        return np.tanh(b)
    scale = np.cos(b)

    def lengthened():
        return math.hypot(-1.3, 1.2 + abs(b)) * scale

    scale = np.arctan(0.8 * b)
    c = 1.5 * b / (1.0 + b**2) + 0.1 * math.tanh(lengthened())
    if a < 0.6:
        return math.cos(_turned(b, c, k - 1)) * a
    return b - 0.3 * _turned(b, c, k - 1)


@program((-0.855, 0.53))
def records_of_a_recursion_in_a_loop(x, y):
    total = math.sin(x)
    k = 0
    while k < 2 and (math.cos(total) >= -0.7 or math.sin(11 * total) <= 0.2):
        k += 1
        parts = []
        for i in range(k):
            x = x + 0.3 * math.sin(x * _turned(abs(y), y + x, i % 4))
            parts.append(0.6 * total + 0.4 * math.cos(x))
        total = math.tanh(total + sum(each * each for each in parts))
    return total * x
