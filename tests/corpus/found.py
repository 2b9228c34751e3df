"""Programs that were once wrong or refused, each the smallest that showed it."""

import math

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
