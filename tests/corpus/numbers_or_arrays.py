"""Functions that take numbers as well as arrays, and find out by trying, as many libraries have them."""

import warnings

import numpy as np

from tests.corpus.registry import program

PAIR = np.array([0.5, 1e-5])
TRIPLE = np.array([0.4, -0.3, 0.8])
SQUARE = np.array([[0.5, -1.2, 0.8], [0.3, 0.9, -0.4], [1.1, 0.2, 0.6]])

Real = int | float
Many = list | tuple | np.ndarray


def _without_small(x, least=1e-3):
    try:
        x[abs(x) < least] = 0.0
    except TypeError:
        if abs(x) < least:
            x = 0.0
    return x


@program((0.5, 0.7), (1e-5, 0.7), (np.float64(0.5), 1e-5), (PAIR, PAIR[::-1].copy()), wrt=(0, 1))
def items_of_a_number_are_assigned(east, north):
    east, north = _without_small(east * 1.0), _without_small(north * 2.0)
    return np.sum(np.hypot(east + 0.1, north) * east)


@program((0.3, 0.4), (np.float64(0.3), np.float64(-0.4)), (np.array(0.3), np.array(0.4)), wrt=(0, 1))
def masks_without_dimensions(x, z):
    x, z = np.asarray(x), np.asarray(z)
    r = np.sqrt(x**2 + z**2)
    angle = np.empty_like(x)
    angle[...] = 0.0
    away = r > 0.1
    angle[away] = np.arctan(z[away] / r[away])
    angle[away] += np.sin(angle[away]) * x
    angle[~away & (z > 0)] = 1.0
    number = np.float64(x) * 2
    return angle * x + np.sum(number[number > 0.1]) + np.sum(number[number < 0.1])


class _Named:
    def __init__(self, value):
        self.value = value


@program((0.6,), (PAIR,))
def names_are_given_where_they_can_be(x):
    y, held = np.cos(x), _Named(x)
    for each in (y, x, held, [x]):
        try:
            each.name = "projection"
        except AttributeError:
            held.value = held.value * 1.5
    return np.sum(y * held.value)


@program((0.6,), (abs(TRIPLE),))
def warnings_are_recorded(x):
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("ignore")
        return np.sum(np.log(x) * x)


@program((0.7,), (np.float64(0.7),))
def arrays_without_dimensions_are_arrays(x):
    a, b = np.broadcast_arrays(x, 2.0)
    found = (a, np.broadcast_to(x, ()), np.select([x > 0], [x]), np.tile(x, ()), np.roll(x, 0), +a)
    found += (np.transpose(x), np.squeeze(x), np.reshape(x, ()), np.asarray(x).T)
    return x * sum((k + 2) * isinstance(each, np.ndarray) for k, each in enumerate(found)) * b**2


@program((0.5,), ([0.5, 0.7],), (PAIR,))
def unions_of_classes(x):
    if isinstance(x, Many):
        return sum(each * each for each in x) * issubclass(type(x), list | np.ndarray)
    return x * x if isinstance(x, (str, Real | None)) else x


@program((np.array([0.5, 0.3]),), (np.array([0.5, 0.03]),))
def the_last_one_above(h):
    left = np.cumsum((h**2)[::-1])[::-1]
    try:
        k = np.max(np.where(left > 0.05)[0])
        j = np.argmin(left[left > 0.2])
    except ValueError:
        return left[0]
    return left[k] * 2 + left[j]


@program((SQUARE, TRIPLE), (SQUARE, -abs(TRIPLE)))
def columns_in_a_list_are_assigned(a, chosen):
    columns = []
    for k, each in enumerate(chosen):
        if each > 0:
            columns.append(k)
    b = a.copy()
    b[:, columns] = 2.0 * b[:, columns[::-1]]
    b[columns, 0] += b[columns, 1] * a[columns, 2]
    again = [*columns, *columns]
    b[again] += a[again]
    return np.sum(b * a) + np.sum(a[columns] ** 2)


def _decay(rate, time=1.0):
    return np.exp(-rate * time) if rate > 0 else 1.0 - rate * time


decay = np.vectorize(_decay, otypes=[float])


@program((TRIPLE,))
def vectorized_by_name(rates):
    return np.sum(decay(rates) * decay(rates[:, None], time=rates**2))


def _solved(x, method=None, kernel="rbf"):
    if method not in ("fast", None) or kernel == _decay:
        raise ValueError(method)
    return np.array(x, dtype=float, copy=False, order="C", ndmin=1) ** 2 if kernel != _decay else x


@program((TRIPLE,), (SQUARE,))
def options_of_several_classes(x):
    y = _solved(x)
    y[0] = 0.5 * x[-1]
    steps = np.diff(x)
    steps[steps > 0.5] = 0.1
    return np.sum(y * x) + np.sum(steps * _solved(x, None, kernel=_decay is None)[..., 1:])


def _crossed(a, b, axis=-1):
    a = np.moveaxis(a, axis, -1)
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


# NumPy 2.5 does not take vectors of length 2 any more.
_turn = np.cross if tuple(map(int, np.__version__.split(".")[:2])) < (2, 5) else _crossed


@program((0.5, 1.7), (1.5, 0.3), wrt=(0, 1))
def which_side_of_a_triangle(x, y):
    corners = [np.array([0.0, 0.0]), np.array([x, 0.2]), np.array([0.1, y])]
    point = np.array([0.4, x * y])
    total = 0.0
    for k in range(3):
        start, end = corners[k], corners[(k + 1) % 3]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            side = _turn(end - start, point - start)
        total = total + (side**2 if side > 0 else -side)
    return total


@program((SQUARE,))
def areas_of_many_triangles(m):
    pairs, axis = np.stack([m[:, 0], m[:, 1] ** 2], axis=-1), np.array([0.3, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        areas = _turn(pairs, pairs[::-1]) * _turn(axis, pairs) + _turn(pairs.T, axis, 0)
    return np.sum(areas**2)


_LIMITS = frozenset((0.0, np.inf, "open"))


@program((0.7,), (np.float64(0.7),), (np.array([0.7]),), (TRIPLE,))
def one_number_instead_of_an_array_of_one(x):
    """What is returned depends on the length."""
    y = np.atleast_1d(x) * 2.0
    z = np.where(y > 1.0, y, y**2).ravel()
    if z.size == 1:
        return z.item() if z.item() not in _LIMITS and "open" in _LIMITS else 0.0
    return np.sum(z) if np.size(y) > 1 else float(y)
