"""Names that hold a value of one class or structure on some paths, and one of another on the others."""

import copy
import math

import numpy as np

from tests.corpus.registry import program


class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return math.pi * self.r**2


class Square:
    sides = 4

    def __init__(self, a):
        self.a = a

    def area(self):
        return self.a**2

    def __add__(self, other):
        return self.a + 2.0 * other

    def __len__(self):
        return 0 if self.sides == 0 else 1


class Triangle:
    def __init__(self, base, height):
        self.base, self.height = base, height

    def area(self):
        return 0.5 * self.base * self.height

    def __call__(self, x):
        return self.base * x


class Relu:
    def __call__(self, x):
        return x if x > 0 else 0.1 * x


class Tanh:
    scale = 2.0

    def __call__(self, x):
        return math.tanh(self.scale * x)


class Linear:
    def __init__(self, w):
        self.w = w

    def f(self, x):
        return self.w * x


class Squared(Linear):
    def f(self, x):
        return super().f(x) ** 2


BOTH = ((0.7,), (1.3,))
ALL = ((0.7,), (1.3,), (2.2,))


def shape_of(x):
    if x > 2:
        return Circle(x)
    if x > 1:
        return Square(2 * x)
    return Triangle(x, x * x)


@program(*BOTH)
def chosen_by_an_expression(x):
    shape = Circle(x) if x > 1 else Square(3 * x)
    return shape.area() * x


@program((0.7, True), (0.7, False), (1.3, True))
def chosen_by_a_flag(x, flag):
    act = Relu() if flag else Tanh()
    h = act(x)
    return act(h) * h


@program((0.7, "relu"), (0.7, "tanh"))
def chosen_by_a_name(x, mode):
    if mode == "relu":
        act = Relu()
    elif mode == "tanh":
        act = Tanh()
    else:
        raise ValueError(mode)
    return act(x - 1.0) * x


@program(*ALL)
def one_of_three(x):
    return shape_of(x).area() * x


@program(*ALL)
def told_apart_in_another_order(x):
    shape = shape_of(x)
    if isinstance(shape, Triangle):
        return shape.base * shape.height
    if not isinstance(shape, Circle):
        return shape.a**3
    return shape.r * 5.0


@program(*ALL)
def largest_by_key(x):
    shapes = [Circle(x), Square(1.8 * x), Triangle(x, 3 * x * x)]
    best = max(shapes, key=lambda shape: shape.area())
    least = min(shapes, key=lambda shape: shape.area())
    return best.area() * 2 + least.area() * x


@program(*ALL)
def largest_by_a_loop(x):
    shapes = [Circle(x), Square(1.8 * x), Triangle(x, 3 * x * x)]
    best = shapes[0]
    for shape in shapes[1:]:
        if shape.area() > best.area():
            best = shape
    return best.area() * x


@program(*BOTH)
def a_write_is_seen_by_the_other_name(x):
    c, q = Circle(x), Linear(x)
    chosen = c if x > 1 else q
    chosen.extra = 2 * x
    if x > 1:
        c.r = c.r * x
        return c.extra * chosen.area()
    q.w += x
    return q.extra * chosen.f(x)


@program(*BOTH)
def a_write_in_place_is_seen_by_the_other_name(x):
    c, q = Linear(x), Squared(2 * x)
    chosen = c if x > 1 else q
    chosen.w *= x
    box = [chosen, chosen]
    box[0].w += 3.0
    return c.w + 10 * q.w + box[1].f(x)


@program(*BOTH)
def writes_by_a_method(x):
    class Counter:
        def __init__(self, start):
            self.total = start

        def add(self, value):
            self.total = self.total + value

    class Product(Counter):
        def add(self, value):
            self.total = self.total * value

    plus, times = Counter(x), Product(x)
    chosen = plus if x > 1 else times
    for k in range(3):
        chosen.add(x + k)
    return plus.total + 5 * times.total


@program(*BOTH)
def identity_and_equality(x):
    c, q = Circle(x), Square(x)
    s = c if x > 1 else q
    y = x * 3 if s is c else x * 5
    y += x**2 if s == q else x**3
    return y * (2.0 if s in [q, 1.0] else x)


@program(*BOTH)
def classes_and_attributes(x):
    s = Circle(x) if x > 1 else Square(3 * x)
    name = type(s).__name__
    y = s.r if hasattr(s, "r") else getattr(s, "missing", s.a)
    if type(s) is Circle and s.__class__ == Circle:
        y = y * x
    return y * len(name) * (2 if name == "Circle" else x) + getattr(s, "sides", 1) * x


@program(*BOTH)
def of_a_class_and_one_below_it(x):
    s = Linear(x) if x > 1 else Squared(x)
    known = 2 if isinstance(s, Linear) else 3
    return s.f(x) * known * (5 if type(s) is Linear else 7) * (1 if issubclass(type(s), Squared) else x)


@program(*ALL)
def a_number_or_an_object(x):
    s = x if x > 2 else Square(x) if x > 1 else Linear(x)
    y = s + x if not isinstance(s, Linear) else s.f(x)
    if isinstance(s, (int, float)):
        y = y * s
    return y


@program(*ALL)
def none_or_one_of_two(x):
    s = None
    if x > 2:
        s = Circle(x)
    elif x > 1:
        s = Square(x)
    if s is not None and isinstance(s, Circle):
        return s.r**2
    if s:
        return s.a * 2 * x
    return x**3


@program(*BOTH)
def truth_of_either(x):
    class Empty:
        def __len__(self):
            return 0

    s = Empty() if x > 1 else Square(x)
    t = s or Circle(2 * x)
    u = s and 3.0
    y = x if not s else 2.0
    return x * y + (t.r if hasattr(t, "r") else t.a**2) + (u * x if isinstance(u, float) else x * x)


@program(*BOTH)
def tuples_of_two_lengths(x):
    t = (x, x * x) if x > 1 else (x, x**2, x**3)
    total = 0.0
    for k, value in enumerate(t):
        total += value * (k + 1)
    first, *others = t
    return total + sum(t) + first * len(others) + t[-1]


@program(*BOTH)
def lists_of_two_structures(x):
    t = [x, [x * x]] if x > 1 else [[x], x**2]
    return t[0] * x if isinstance(t[0], float) else t[0][0] * t[1]


@program(*BOTH)
def dicts_of_two_structures(x):
    d = {"a": x, "b": x * x} if x > 1 else {"a": x}
    d["c"] = x**3
    total = sum(d.values())
    for key in d:
        total += d[key] * len(key)
    return total * d.get("b", 2 * x) + len(d) * x * ("b" in d)


@program(*BOTH)
def a_list_or_a_dict(x):
    p, q = [x, 2 * x], {"a": x}
    v = p if x > 1 else q
    if isinstance(v, list):
        v.append(x * x)
    else:
        v["b"] = x**3
    return sum(p) * 3 + sum(q.values()) * x


@program(*BOTH)
def arrays_of_two_ranks(x):
    u, w = np.array([x, x * x]), np.array([[x, 2 * x], [x * x, x]])
    v = u if x > 1 else w
    v[0] = 3 * x * x
    return u.sum() * x + (w * w).sum() + np.sin(v).sum() * v.ndim


@program(*BOTH)
def a_text_or_a_number(x):
    gamma = "auto" if x > 1 else 2 * x
    if gamma == "auto":
        gamma = x * x
    width = "auto" if x > 1 else 3 * x
    return gamma * 3 * (x if isinstance(width, str) else width)


@program(*BOTH)
def an_attribute_of_either(x):
    class Net:
        def __init__(self, act, w):
            self.act, self.w = act, w

        def __call__(self, x):
            return self.act(self.w * x)

    net = Net(Relu(), x) if x > 1 else Net(Tanh(), 2 * x)
    net.w = net.w + 1
    y = x
    for _ in range(3):
        y = net(y) * x
    return y


@program(*BOTH)
def in_lists_and_dicts(x):
    shapes = [Circle(x) if x > 1 else Square(x) for _ in range(3)]
    named = {"s": shapes[0], "t": Square(x)}
    total = sum([shape.area() * k for k, shape in enumerate(shapes)])
    return total + sum(shape.area() for shape in named.values())


@program((0.7, 4), (1.3, 5))
def made_anew_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        shape = Circle(x * i) if i % 3 == 0 else Square(x)
        total += shape.area() * (x if isinstance(shape, Circle) else i)
    return total


@program((0.7,), (1.3,))
def states_of_a_loop(x):
    a, b = Circle(x), Square(x)
    state, y, i = a, 0.0, 0
    while y < 20.0:
        y = y + state.area() + 1
        state = b if i % 2 == 0 else a
        i += 1
    return y + state.area()


@program((0.7,), (1.3,))
def states_that_change_in_a_loop(x):
    a, b = Circle(x), Square(x)
    state, y = a, 0.0
    while y < 20.0:
        y = y + state.area() + 1
        if state is a:
            a.r = a.r + x
            state = b
        else:
            state.a = state.a * x
            state = a
    return y + a.r + b.a


@program((0.7,), (1.3,))
def three_states_of_a_loop(x):
    a, b, c = Circle(x), Square(x), Triangle(x, x)
    state, y = a, 0.0
    while y < 50.0:
        y = y + state.area() + 1
        if y > 20:
            state = c
        elif isinstance(state, Circle):
            state = b
        else:
            state = a
    return y + state.area()


@program(*BOTH)
def exchanged_names(x):
    a, b = Circle(x), Square(x)
    if x > 1:
        a, b = b, a
    return a.area() + 3 * b.area()


@program(*BOTH)
def given_to_functions(x):
    def scaled(shape, scale=1.0, *rest):
        return shape.area() * scale

    def first(shapes):
        return shapes[0]

    s = Circle(x) if x > 1 else Square(x)
    return scaled(shape=s, scale=x) + scaled(Triangle(x, x), x) + first([s, x]).area()


@program(*BOTH)
def arrays_of_two_ranks_are_written_to(x):
    table = np.zeros((2, 3)) if x > 1 else np.zeros(3)
    table[...] = x
    table += x * x
    return np.sum(table**2) + np.sum(table * np.arange(3))


@program(*BOTH)
def a_method_is_bound_early(x):
    c, q = Circle(x), Square(x)
    area = c.area if x > 1 else q.area
    c.r, q.a = 5 * x, 7 * x
    return area() * x


@program(*BOTH)
def attributes_come_and_go(x):
    c, q = Circle(x), Square(x)
    s = c if x > 1 else q
    setattr(s, "z", x * x)
    y = getattr(c, "z", x) + getattr(q, "z", 3 * x)
    if isinstance(s, Circle):
        del s.r
    return y * (x if hasattr(c, "r") else 3.0)


@program(*BOTH)
def a_copy_is_another_object(x):
    c, q = Circle(x), Square(x)
    s = c if x > 1 else q
    t = copy.copy(s)
    t.z = x
    return (x if hasattr(c, "z") or hasattr(q, "z") else 2 * x) + t.area() * t.z


@program(*ALL)
def matched_by_class(x):
    shape = shape_of(x)
    match shape:
        case Circle(r=r):
            y = r * x
        case Square(a=a) if a > 1:
            return a
        case _:
            y = shape.area()
    return y * x


@program(*BOTH)
def shown_as_text(x):
    s = Circle(x) if x > 1 else x
    text = f"{type(s).__name__}: {s.r if isinstance(s, Circle) else 1}"
    return x * (2 if text.startswith("Circle") else 3)


@program(*BOTH)
def the_wrong_one_raises(x):
    s = Circle(x) if x > 1 else Square(x)

    def radius(shape):
        return shape.r

    try:
        y = radius(s)
    except AttributeError:
        y = s.a * 5
    return y * x
