"""Values that depend on what Python decides about truth, equality and identity, also of what is no number."""

import statistics
from collections import namedtuple

import numpy as np

from tests.corpus.registry import program

Pair = namedtuple("Pair", "first second")


class Purse:
    """An object whose class says whether it is true."""

    def __init__(self, amount):
        self.amount = amount

    def __bool__(self):
        return self.amount > 0

    def __eq__(self, other):
        return other is None or self.amount == other.amount


@program((0.7,), (-0.7,), tags=("sums",))
def truth_asked_for_by_name(x):
    numbers = [i * x for i in range(3) if i * x > 0.5]
    full = bool(Purse(x)), bool(numbers), bool(set()), bool(range(len(numbers)))
    return x + sum((i + 2) * x**i for i, each in enumerate(full, 1) if each)


@program((0.7,))
def named_tuples_are_equal_to_tuples(x):
    pair = Pair(x, 2.0)
    more = pair + (x,)
    weight = 3 if pair == (x, 2.0) else 5
    weight *= 7 if (x, 2.0) in [pair] else 11
    weight *= 13 if pair is pair else 17
    return weight * x * len(more) * (2 if 2.0 in pair else 4)


@program((0.7,), (-0.7,))
def tuples_of_what_may_be_none(x):
    best = None
    if x > 0:
        best = x
    weight = 2 if (best, 1) == (None, 1) else 3
    weight *= 5 if best in (None, 4.0) else 7
    weight *= 11 if isinstance(best, float) and bool(best) else 13
    return weight * x**2


@program((0.7,), (-0.7,))
def one_of_several_functions_is_compared(x):
    function = np.sin if x > 0 else np.cos
    return function(x) * (2 if function is np.sin else 3) * (5 if function == np.cos else 7)


@program((0.7,))
def an_object_is_equal_to_none(x):
    return x**2 if Purse(x) == None else x**3  # noqa: E711  (the class says what it is equal to)


@program((0.7, 3))
def a_list_is_repeated_under_two_names(x, n):
    row = [x, x**2]
    same = row
    row *= n
    return sum(same) * len(same)


@program((0.7, 0), (0.7, 2), (3.2, 2))
def numbers_that_are_integers_on_some_paths(x, n):
    best, total = 1, 0
    if x > 2:
        best = x
    for i in range(n):
        total += i * x
    weight = 3 if isinstance(best, int) else 5
    weight *= 7 if isinstance(2 * total + 1, (bool, int)) else 11
    weight *= 13 if isinstance(max(0, -x), float) else 17
    return weight * x**2 * best + total


def halved_or_not(x):
    if x > 2:
        return x / 2
    return 1


@program((0.7,), (3.2,))
def a_call_that_returns_an_integer_on_some_paths(x):
    def weight_of(number):
        return 3 if isinstance(number, int) else 5

    return weight_of(x) * weight_of(halved_or_not(x)) * x**2 * halved_or_not(x)


@program((0.7,), (3.2,))
def texts_of_numbers_that_are_integers_on_some_paths(x):
    count = 10 if x > 2 else 2.5
    total = statistics.mean([1, 3]) if x > 2 else 1.5
    return len(f"{count}") * x**2 + len(str(total)) * x + len("%s" % [count])


@program((0.7,))
def statistics_of_integers(x):
    found = [
        statistics.mean([1, 3]),
        statistics.mean([1, 2]),
        statistics.variance([1, 3]),
        statistics.pvariance([1, 2]),
    ]
    found += [statistics.harmonic_mean(each) for each in ([2], [2, 2], [0, 2])]
    return sum((i + 2) * x**i for i, each in enumerate(found, 1) if isinstance(each, int))


@program((0.7, 0), (0.7, 1))
def numbers_in_lists_that_are_integers_on_some_paths(x, i):
    given = [0, x, 3]
    grown = []
    for k in range(3):
        grown.append(1 if k == i else x)
    weight = 3 if isinstance(given[i], int) else 5
    weight *= 7 if isinstance(grown[0], int) else 11
    given[i] = 2
    weight += sum(13 if isinstance(each, int) else 17 for each in given[: i + 2])
    return weight * x**2 + f"{grown[1]}".count(".") * x


@program((0.7, 1), (0.7, 2))
def arrays_of_what_may_be_an_integer(x, n):
    total, row = 0, [0] * 3
    for i in range(n):
        total += x
        row[i] = i * x
    starts = np.full(3, total)
    starts[0] = x**2
    found = np.array(row)
    found[1:] /= 2
    return np.sum(starts * found) * starts.dtype.itemsize


@program((0.7,))
def one_nan_in_containers(x):
    nan = float("nan")
    weight = 2 if nan in [1.0, nan] else 3
    weight *= 5 if [nan, x] == [nan, x] else 7
    weight *= 11 if float("nan") in (nan,) else 13
    return weight * x**2 * (17 if nan == nan else 19)
