"""Objects whose class says how attributes are read and assigned: by properties, descriptors and `__setattr__`."""

import numpy as np

from tests.corpus.registry import program


class _Disc:
    def __init__(self, radius):
        self.radius = radius

    @property
    def diameter(self):
        return 2.0 * self.radius

    @diameter.setter
    def diameter(self, value):
        self.radius = value / 2.0

    @diameter.deleter
    def diameter(self):
        self.radius = 1.0


class _Doubled(_Disc):
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2.0)

    def __delattr__(self, name):
        self.radius = self.radius + 3.0


@program((1.3,))
def plain_setter_meets_a_property(x):
    """`object.__setattr__` and the method of an object do what the property says."""
    disc = _Disc(x)
    object.__setattr__(disc, "diameter", 3.0 * x * x)
    disc.__setattr__("diameter", disc.diameter * x)
    return disc.__getattribute__("radius") * object.__getattribute__(disc, "diameter")


@program((1.3,))
def setattr_comes_before_a_property(x):
    disc = _Doubled(x)
    disc.diameter = 3.0 * x
    disc.diameter += x * x
    area = disc.radius**2
    del disc.diameter
    return area * disc.radius


class _Scaled:
    def __get__(self, instance, owner=None):
        return instance.kept * 2.0

    def __set__(self, instance, value):
        instance.__dict__["kept"] = value * 3.0


class _Shifted:
    level = _Scaled()

    def __init__(self, level):
        self.level = level

    def __setattr__(self, name, value):
        super().__setattr__(name, value + 1.0)


@program((0.7,))
def setattr_comes_before_a_descriptor(x):
    shifted = _Shifted(x * x)
    shifted.level *= x
    return shifted.level * shifted.kept


class _Squared:
    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        return self.side**2

    def __setattr__(self, name, value):
        if name == "area":
            self.__dict__["side"] = value**0.5
        else:
            super().__setattr__(name, value)


@program((1.7,))
def setattr_assigns_what_has_no_setter(x):
    square = _Squared(x)
    square.area = 4.0 * x
    try:
        object.__setattr__(square, "area", 9.0 * x)
    except AttributeError:
        square.side = square.side + x
    return square.side * square.area


class _Checked:
    def __init__(self, **parameters):
        for name, value in parameters.items():
            self.__setattr__(name, value)
        for name in ("gain", "offset"):
            if self.__getattribute__(name) is not None:
                self.__setattr__(name, self.__getattribute__(name) * 2.0)


@program((0.6, 1.1), wrt=(0, 1))
def methods_of_every_object(gain, offset):
    checked = _Checked(gain=gain, offset=offset, note=None)
    return checked.gain * checked.offset if checked.note is None else gain


class _Weighted:
    weights = np.array([1.0, 2.0])
    units = {"area": 2.0}


class _Own(_Weighted):
    def measure(self, x):
        return super().weights @ x * self.weights[1] * super().units["area"]


@program((np.array([0.4, 1.3]),))
def array_of_a_base_class(x):
    return _Own().measure(x) ** 2
