"""Arrays as objects: what a write reaches, what is refused, and what the generated code does for it."""

import operator
import re
import threading

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import KindError, UnsupportedSyntaxError
from ast_ad.testing import check_grads

VECTOR = np.array([1.0, 2.0, 3.0, 4.0])


def values(f, *args):
    """The value of a function, and as its derivative computes it; neither changes the arguments."""
    given = [np.array(arg) for arg in args]
    value, _ = ast_ad.value_and_grad(f)(*given)
    assert all(np.array_equal(a, b) for a, b in zip(given, args))
    return float(f(*[np.array(arg) for arg in args])), float(value)


def refusal(f, *args, error=UnsupportedSyntaxError):
    """The message, the line of the function that it points at, and the help of a refusal."""
    with pytest.raises(error) as caught:
        ast_ad.grad(f)(*args)
    text = str(caught.value)
    return text.split("\n")[0], (getattr(caught.value, "text", None) or "").strip(), text


def test_a_write_is_seen_through_every_name():
    def f(x):
        y = x * 1.0
        z, views = y, [y[1:], y.T]
        y[1] = 10.0
        return z[1] + views[0][0] + views[1][1]

    assert values(f, VECTOR) == (30.0, 30.0)


def test_an_index_by_a_list_takes_a_copy():
    def f(x):
        y = x * 1.0
        part = y[[0, 1]]
        y[0] = 10.0
        part[1] = 20.0
        return y[0] + y[1] + part[0] + part[1]

    assert values(f, VECTOR) == (33.0, 33.0)


def test_ravel_of_a_transpose_is_a_copy_and_of_a_matrix_a_view():
    def f(x):
        m = (x * 1.0).reshape(2, 2)
        copied, seen = m.T.ravel(), m.ravel()
        m[0, 1] = 10.0
        return copied[2] + seen[1]

    assert values(f, VECTOR) == (12.0, 12.0)


def test_only_reading_a_reshaped_argument_asks_nothing_of_it():
    def f(x):
        return x.reshape(-1)[1] ** 2

    assert ast_ad.grad(f)(VECTOR.reshape(2, 2).T).tolist() == [[0.0, 6.0], [0.0, 0.0]]


def test_an_array_or_another_is_refused_with_its_line():
    def f(x, n):
        y, z = x * 1.0, x * 2
        for i in range(n):
            y = y + 1.0
            if x[i] > 2.0:
                z = y
        z[0] = 5.0
        return np.sum(y) + np.sum(z)

    message, line, text = refusal(f, VECTOR, 3)
    assert "changed in place" in message and "`y` may be the same array" in message
    assert line == "z[0] = 5.0"
    assert "help: make a copy before" in text


def test_views_that_numpy_does_not_let_anyone_write_to_are_refused():
    def f(x):
        m = x.reshape(2, 2) * 1.0
        m.diagonal()[0] = 5.0
        return np.sum(m)

    message, line, text = refusal(f, VECTOR)
    assert "read-only" in message and line == "m.diagonal()[0] = 5.0" and "np.array(x)" in text


def test_a_number_or_an_array_without_dimensions_is_refused_where_it_matters():
    def f(x, flag):
        s = np.array(0.0) if flag else x[0]
        t = s
        s += 1.0
        return t

    message, line, _ = refusal(f, VECTOR, 1.0)
    assert "it may be a number" in message and line == "s += 1.0"


def test_other_attributes_of_arrays_are_not_assigned():
    def strides(x):
        x.strides = (8,)
        return np.sum(x)

    _, line, text = refusal(strides, VECTOR)
    assert line.startswith("x.strides") and "help: write" in text


def test_an_array_in_a_list_takes_its_shape_there():
    def f(x):
        held = [x * 1.0]
        y = held[0]
        y.shape = (2, 2)
        return np.sum(held[0][0])

    assert values(f, VECTOR) == (3.0, 3.0)


def test_an_array_that_others_hold_is_not_resized():
    def f(x):
        y = x * 1.0
        held = [y]
        y.resize(6)
        return np.sum(held[0])

    message, line, text = refusal(f, VECTOR)
    assert "NumPy refuses that" in message and line == "y.resize(6)" and "refcheck=False" in text


def test_complex_numbers_are_not_written_to_real_arrays():
    def f(x):
        y = np.zeros(4)
        y[0] = x[0] * 1j
        return np.sum(y)

    _, _, text = refusal(f, VECTOR, error=KindError)
    assert "complex numbers are written" in text and "y[0] = x[0] * 1j" in text and "make the array complex" in text


def test_whole_arrays_are_not_copied_in_loops():
    def f(x, n):
        m = np.zeros((n, 4))
        flat, rows = m.ravel(), [m[0], m[1]]
        for i in range(1, n):
            row = m[i]
            for j in range(4):
                row[j] = rows[0][j] + x * flat[i] + m.T[j][i - 1]
            rows[1][0] *= x
        return np.sum(m)

    gradient = ast_ad.grad(f)
    gradient(2.0, 5)
    copies = re.findall(r"^ {8,}.*(?:\.copy\(\)|np\.copy|_like)", gradient.source, re.MULTILINE)
    assert copies == []


def test_a_derivative_inside_changes_nothing_outside():
    def f(x):
        state = x * 1.0

        def inner(y):
            state[0] = y[0] * y[1]
            return np.sum(state) * y[0]

        bar = ast_ad.grad(inner)(x)
        return bar[1] + state[0]

    assert values(f, VECTOR) == (ast_ad.grad(lambda y: (y[0] * y[1] + 9.0) * y[0])(VECTOR)[1] + 1.0,) * 2


MODES = [ast_ad.grad, ast_ad.value_and_grad, lambda f: lambda x: ast_ad.jvp(f, (x,), (x,))]


@pytest.mark.parametrize("mode", MODES, ids=["grad", "value_and_grad", "jvp"])
def test_a_function_that_raises_half_way_leaves_its_arguments_as_they_were(mode):
    def f(x):
        x[0] = 10.0
        for i in range(1, 4):
            x[i] *= x[i - 1]
            if x[i] > 50.0:
                raise ValueError("too large")
        return np.sum(x)

    x = VECTOR.copy()
    with pytest.raises(ValueError, match="too large"):
        mode(f)(x)
    assert np.array_equal(x, VECTOR)


@pytest.mark.parametrize("mode", MODES, ids=["grad", "value_and_grad", "jvp"])
def test_another_thread_never_sees_its_array_changed(mode):
    def f(x):
        for i in range(1, x.size):
            x[i] += 0.5 * x[i - 1]
        return np.sum(x * x)

    x = np.ones(200)
    before, seen, done = x.copy(), [], threading.Event()

    def look():
        while not done.is_set():
            seen.append(np.array_equal(x, before))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        derivative = mode(f)
        for _ in range(20):
            derivative(x)
    finally:
        done.set()
        watcher.join()
    assert seen and all(seen)


def test_an_argument_that_is_written_to_under_a_name_that_holds_it_later_may_be_passed_twice():
    def exchanged(a, b):
        for i in range(3):
            if i != 1:
                a, b = b, a
            a[i] = b[i + 1] * a[i]
        return np.sum(a) + 2 * np.sum(b)

    def advanced(u, v):
        new = np.zeros_like(u)
        for _ in range(3):
            new[:] = u * v
            u, new = new, u
        return np.sum(u * v)

    x, y = VECTOR.copy(), VECTOR.copy()
    assert ast_ad.value_and_grad(exchanged)(x, x)[0] == exchanged(y, y)
    assert ast_ad.value_and_grad(advanced)(x, x + 1)[0] == advanced(VECTOR.copy(), VECTOR + 1)
    assert ast_ad.value_and_grad(advanced)(x, x)[0] == advanced(y := VECTOR.copy(), y)


@pytest.mark.parametrize("over", [lambda u, v: u, zip, lambda u, v: enumerate(u)])
def test_an_array_that_a_loop_goes_through_is_exchanged_and_written_to(over):
    def f(u, v):
        total = 0.0
        for item in over(u, v):
            u, v = v, u
            u[2] += v[0]
            total += np.sum(item) ** 2
        return total

    assert operator.eq(*values(f, VECTOR, 2 * VECTOR))
    check_grads(f, (0, 1))(VECTOR, 2 * VECTOR)


def test_names_of_loops_that_cannot_be_told_apart_are_refused_where_they_are_written_to():
    def shared(x, n):
        best, cur = x, x.copy()
        for i in range(n):
            cur[i] *= 2.0
            best, cur = (cur, cur) if cur[0] > best[0] else (best, cur + 1.0)
        return np.sum(cur) + np.sum(best)

    def moving(x, n):
        row, y = x[1:], x * 2
        for i in range(n):
            row[0] *= 2.0
            row = x[i:] if i % 2 else y[i:]
        return np.sum(x) + np.sum(y)

    state = np.array(0.4)

    def a_number_then(x, n):
        held = state  # An array without dimensions, which `*` makes a number of.
        for _ in range(n):
            held.fill(x[0])
            held = held * 0.9
        return state * x[1]

    def listed(x, n):
        old, new, rows = np.zeros(4), x * 1.0, []
        for _ in range(n):
            old, new = new, old
            new[:] = old * 0.5
            rows.append(new)
        return sum(np.sum(row) for row in rows)

    refused = (
        (listed, "new[:] = old * 0.5"),
        (shared, "cur[i] *= 2.0"),
        (moving, "row[0] *= 2.0"),
        (a_number_then, "held.fill(x[0])"),
    )
    for f, written in refused:
        message, line, _ = refusal(f, VECTOR, 3)
        assert "may be the same array" in message
        assert line == written


def test_nditer_writes_where_it_may_and_goes_as_the_elements_lie():
    def unwritable(x):
        for v in np.nditer(x):
            v[...] = 1.0
        return np.sum(x)

    def rolled(x):
        total = 0.0
        for v in np.nditer(x):
            total = 0.5 * total + v
        return total

    message, line, _ = refusal(unwritable, VECTOR)
    assert "read-only" in message
    assert line == "v[...] = 1.0"
    matrix = VECTOR.reshape(2, 2)
    for x in (matrix, matrix.T):
        assert ast_ad.value_and_grad(rolled)(x)[0] == rolled(x)
    message, line, text = refusal(lambda x, t: rolled(x.T if t > 0 else x), matrix, 1.0)
    assert "in which order `np.nditer` goes" in message
    assert line == "for v in np.nditer(x):"
    assert "order='C'" in text


def test_a_derivative_inside_that_gets_one_array_twice_and_changes_it_is_refused():
    def changed(a, b):
        a[0] = b[1] * 2
        return np.sum(a**2 * b)

    def squared(a, b):
        return np.sum(ast_ad.grad(changed)(a, b) ** 2)

    def called(a, b):
        return squared(a, b) + 1

    for f in (squared, called):
        assert ast_ad.value_and_grad(f)(VECTOR, VECTOR + 1)[0] == f(VECTOR, VECTOR + 1)
        message, line, _ = refusal(f, VECTOR, VECTOR)
        assert "may be the same array" in message
        assert line == "a[0] = b[1] * 2"


GLOBAL = VECTOR.copy()


def test_an_array_takes_a_shape_only_where_all_is_known_that_holds_it():
    def outside(x):
        GLOBAL.shape = (2, 2)
        return np.sum(GLOBAL[0] * x[:2])

    def taken(z):
        z.shape = (2, 2)
        return z[0]

    message, line, _ = refusal(outside, VECTOR)
    assert "outside the function" in message
    assert line == "GLOBAL.shape = (2, 2)"
    message, line, text = refusal(lambda x: [y := x * 2, taken(y)][1][0], VECTOR)
    assert "an expression" in message
    assert line == "z.shape = (2, 2)"
    assert "x.reshape(...)" in text


def filled(x):
    start = 1 if x < 0 else x
    y = np.full(3, start)
    y[0] = 0.5 * x
    return np.sum(y)


def of_a_list(x):
    rows = [[0] * 2 for _ in range(2)]
    for i in range(int(x > 0)):
        rows[i][0] = x
    y = np.array(rows)
    y /= 2
    return np.sum(y)


def of_two_arrays(x):
    y = np.zeros(3) if x > 0 else np.arange(3)
    y[0] = 0.5 * x
    return np.sum(y)


def by_its_dtype(x):
    y = np.array([0 if x < 0 else x])
    return x if y.dtype == float else x**2


@pytest.mark.parametrize("f", [filled, of_a_list, of_two_arrays, by_its_dtype], ids=lambda f: f.__name__)
def test_an_array_that_is_one_of_integers_on_some_paths_is_an_error_there(f):
    check_grads(f)(2.0)
    with pytest.raises(TypeError, match=r"is of integers where .* \(line \d+: .*y.*dtype=float"):
        ast_ad.grad(f)(-2.0)
