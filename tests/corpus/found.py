"""Programs that were once wrong or refused, each the smallest that showed it."""

import math

import numpy as np

from tests.corpus.registry import program


@program((0.9, 2.0, 1.5), wrt=(0, 1, 2))
def underscore_is_a_number(rate, _, x):
    """A loop that nobody reads the index of must not bind `_` over the user's."""
    total = x * _
    for step in range(2):
        total = total * rate + x
    return total * x


@program((0.5,))
def underscore_is_a_local(x):
    _ = x * x
    for step in range(3):
        x = x * 1.5 + math.sin(_)
    return x * _


@program((1.5, 2.5, 0.3), wrt=(0, 1, 2))
def arguments_called_as_seeds(out_bar, x_bar, out_bar_2):
    total = 0.0
    for step in range(4):
        out_bar = out_bar * math.sin(x_bar)
        x_bar = x_bar + out_bar * out_bar_2
        total += out_bar * x_bar
    return total


@program((1.5, 2.5), wrt=(0, 1))
def arguments_called_as_tangents(x, x_dot):
    return math.sin(x) * x_dot + x_dot**2


@program((100.0, 95.0, 0.5), wrt=(0, 1, 2))
def keyword_only_default(spot, strike, time, *, rate=0.05):
    """In forward mode the argument that is not passed has no tangent."""
    return spot - strike * math.exp(-rate * time)


@program((0.3, {"slope": 1.5, "points": [2.0, 3.0]}), wrt=(0, 1), order=1)
def dict_argument(x, model):
    extended = {**model, "offset": x}
    return x * model["slope"] + model["points"][0] * model["points"][1] * extended["offset"]


class _Private:
    __factor = 3.0

    def __init__(self):
        self.__rate = 2.0

    def __scaled(self, x):
        return x * self.__rate

    def cube(self, x):
        def inner(y):
            return y * self.__rate

        return self.__scaled(x) * self.__factor * inner(x) * x


_private = _Private()


@program((1.5,))
def private_attributes(x):
    return _private.cube(x)


@program((1.5,))
def only_when_debugging(x):
    if __debug__:
        x = x * x
    return x


@program((np.array([1.0, 2.0, 3.0]), True), (np.array([1.0, 2.0, 3.0]), False))
def changed_in_a_branch_and_added_up(x, flag):
    """The adjoint that reaches the branch is one number, that of all elements."""
    z = x * 2.0
    if flag:
        z[0] = z[0] * z[1]
    return np.sum(z)


@program((np.arange(1.0, 7.0).reshape(3, 2), True), (np.arange(1.0, 7.0).reshape(3, 2), False))
def shortened_in_a_branch_and_added_up(x, flag):
    z = x * 2.0
    if flag:
        z = z[:2] * z[1]
    return np.sum(np.sum(z, axis=0) * np.array([3.0, 1.0]))


@program((np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.7]]),))
def view_changed_in_an_inner_loop(a):
    """`v -= ...` does not bind `v` anew: it goes on to be the view of `q`."""
    q = np.array(a)
    for j in range(3):
        v = q[:, j]
        for k in range(j):
            v -= (q[:, k] @ v) * q[:, k]
        v /= np.sqrt(v @ v)
    return np.sum(q**3)


@program((np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 0, 2), (np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 3, -2))
def length_of_a_range(x, start, step):
    n = len(range(start, 5 if step > 0 else -1, step))
    return np.sum(x[:n] ** 2) / n


@program((np.array([0.5, 1.0, -0.3, 0.8]), 0.2, 3), wrt=(0, 1))
def two_arrays_that_change_places(x, a, steps):
    u, new = x.copy(), np.zeros(4)
    for _ in range(steps):
        for i in range(1, 3):
            new[i] = u[i] + a * (u[i + 1] - 2 * u[i] + u[i - 1]) * u[i]
        u, new = new, u
    return np.sum(u * new)


@program((np.array([0.5, 1.0, -0.3]), 4), (np.array([0.5, 1.0, -0.3]), 5))
def two_arrays_that_become_one(x, n):
    """Once they have met, what is written to one is in the other; the copy keeps them apart."""
    u, v = x.copy(), 2 * x
    for i in range(n):
        if i == 2:
            u = v.copy()
        u[i % 3] = u[i % 3] * v[0] + v[1]
        u, v = v, u
    return np.sum(u * v)


@program((np.array([1.0, 2.0]), 0.3), (np.array([1.0, 2.0]), np.float64(0.3)), wrt=(0, 1))
def outer_product_with_a_number(x, y):
    return np.sum(np.outer(3, y) * np.outer(x, y)) + np.sum(np.outer(y, x) ** 2)


@program((np.array([1.23, 0.82, 1.43, 0.54]), np.array([0.66, 1.13, 0.2, 1.04])), wrt=(0, 1))
def place_in_a_part_of_length_one(y, p):
    """`einsum` stretches what has length 1."""
    first, _ = np.split(y, [1])
    np.place(first, first > 0.4, np.einsum("i,i", first, p))
    return np.sum(y**2)


@program((np.array([0.75, 1.42, -0.21]),))
def einsum_of_a_stretched_vector(y):
    _, rest = np.split(y, [1])
    return np.einsum("i,i", np.repeat(rest, 2), y[1:2])


@program((np.array([1.0, -0.8]), np.array([0.85, 1.08])), wrt=(0, 1))
def adjoint_that_is_a_diagonal(x, y):
    """The adjoint of what `np.diag` makes is a view that NumPy does not let anyone write to."""
    np.putmask(x, x, y[1])
    return np.sum(x) + np.mean(np.diag(y).dot(1.0))


@program((np.array([1.0, -0.8, 0.3]),))
def diagonal_matrix_that_is_written_to(x):
    d, e = np.diag(x), np.diagflat(x)
    d[0, 1] = x[2]
    e[1] = d[0] * x
    return np.sum(d**2) + np.sum(e**3)


@program((np.array([1.0, 2.0]), np.array(0.7), 1), (np.array([1.0, 2.0]), np.array(0.7), 0), wrt=(0, 1))
def array_without_dimensions_on_some_paths(x, y, n):
    x = (y - 0.5 if n else 0.3) + x
    return x[0]


@program((np.array([0.5, 1.0, -0.3]), 5), (np.array([0.5, 1.0, -0.3]), 1))
def array_that_is_first_bound_in_a_loop(x, n):
    """On some turns only; the adjoint of the turn before is an array again, where this turn made it anew."""
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            current = x * x * k
            best = current[0]
        total = total + current[k % 2] * best
    return total


@program((np.array([0.5, 1.0, -0.3]), 5), (np.array([0.5, 1.0, -0.3]), 1))
def arrays_of_other_lengths_that_are_first_bound_in_a_loop(x, n):
    """Their lengths follow from that of `x`; that of `tiled` is another one in some turns."""
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            joined = np.concatenate([x * k, x * x])
            every_second, rest = joined[::2] * x, x[1:] * k
            tiled = np.tile(x * x, k + 1)
        total = total + joined[k % 6] * every_second[k % 3] + rest[k % 2] * tiled[-1] * tiled[k % 2]
    return total


@program((1.5, 5), (1.5, 1))
def list_that_is_first_bound_in_a_loop(x, n):
    total = 0.0
    for k in range(n):
        if k % 2 == 0:
            current = [x * k, x * x]
        total = total + current[k % 2]
    return total
