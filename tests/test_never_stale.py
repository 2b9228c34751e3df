"""A derivative is never stale: whatever changes between two calls, the second is right."""

from __future__ import annotations

import builtins
import enum
import functools
import math
import sys
import types
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import grad
from tests.frontend.support import from_text

MODULE = """
import math
import numpy as np
import user_module

K = 2.0
FLAG = True
NUMBERS = (1.0, 2.0)
TABLE = {"a": 2.0}

def helper(x, scale=3.0, *, shift=0.0):
    return x * scale + shift * x

def number(x): return x * K
def second_level(x): return number(x) + K
def flag(x): return 2 * x if FLAG else 3 * x
def calls(x): return helper(x)
def twice(x): return calls(x) * 2
def uses_numpy(x): return np.sin(x)
def uses_module(x): return user_module.sin(x) * user_module.k
def uses_builtin(x): return abs(x)
def containers(x): return NUMBERS[0] * x + TABLE["a"] * x
def trip_count(x):
    y = 1.0
    for _ in range(N):
        y = y * x
    return y
N = 3
"""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The namespace of a user's module, which a test changes between calls."""
    module = types.ModuleType("user_module")
    module.sin, module.k = math.sin, 2.0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "user_module", module)
    return from_text(MODULE, "number").__globals__


def test_a_global_number(names: dict[str, Any]):
    slope = grad(names["number"])
    assert slope(1.0) == 2.0
    names["K"] = 5.0
    assert slope(1.0) == 5.0


def test_the_type_of_a_global_number(names: dict[str, Any]):
    slope = grad(names["number"])
    slope(1.0)
    for value in (3, True, np.float64(4), np.int32(5), 2.5):
        names["K"] = value
        assert slope(1.0) == value
    names["K"] = 2j
    with pytest.raises(ast_ad.KindError, match="returns a complex number"):
        slope(1.0)


@pytest.mark.parametrize("value", [math.sin, "text", None, [1.0]])
def test_a_global_that_becomes_something_else(names: dict[str, Any], value: Any):
    slope = grad(names["number"])
    slope(1.0)
    names["K"] = value
    with pytest.raises(TypeError):
        names["number"](1.0)
    with pytest.raises(ast_ad.KindError, match="is not a number"):
        slope(1.0)
    names["K"] = 7.0
    assert slope(1.0) == 7.0


def test_a_deleted_global(names: dict[str, Any]):
    slope = grad(names["number"])
    slope(1.0)
    del names["K"]
    with pytest.raises(ast_ad.AutodiffError, match="the name `K` is not defined"):
        slope(1.0)
    names["K"] = 7.0
    assert slope(1.0) == 7.0


def test_a_global_that_another_function_reads(names: dict[str, Any]):
    slope = grad(names["second_level"])
    assert slope(1.0) == 2.0
    names["K"] = 5.0
    assert slope(1.0) == 5.0


def test_a_flag(names: dict[str, Any]):
    slope = grad(names["flag"])
    for value, expected in (
        (True, 2.0),
        (False, 3.0),
        (None, 3.0),
        ("text", 2.0),
        ("", 3.0),
        ([1.0], 2.0),
        ([], 3.0),
    ):
        names["FLAG"] = value
        assert slope(1.0) == expected, value


def test_a_trip_count(names: dict[str, Any]):
    slope = grad(names["trip_count"])
    for n in (3, 5, 0, 1):
        names["N"] = n
        assert slope(2.0) == n * 2.0 ** (n - 1)


def test_items_of_global_containers(names: dict[str, Any]):
    slope = grad(names["containers"])
    assert slope(1.0) == 3.0
    names["NUMBERS"] = (4.0, 2.0)
    assert slope(1.0) == 6.0
    names["TABLE"]["a"] = 10.0
    assert slope(1.0) == 14.0
    names["NUMBERS"] = [5]
    names["TABLE"] = {"b": 0.0, "a": 1.0}
    assert slope(1.0) == 6.0


def test_the_length_of_a_global_container():
    fun = from_text("ITEMS = (1.0,)\ndef f(x): return len(ITEMS) * x", "f")
    slope = grad(fun)
    for items in ((1.0,), (1.0, 2.0), [1.0, 2.0, 3.0], {"a": 1.0}):
        fun.__globals__["ITEMS"] = items
        assert slope(1.0) == len(items)


def test_a_closure_cell():
    k = 2.0
    slope = grad(lambda x: x * k)
    assert slope(1.0) == 2.0
    k = 5.0
    assert slope(1.0) == 5.0
    k = 6
    assert slope(1.0) == 6.0
    k = True
    assert slope(1.0) == 1.0


def test_a_function_in_a_closure_cell():
    def f(x):
        return g(x)

    slope = grad(f)
    for g, expected in ((math.exp, 1.0), (lambda x: 3 * x, 3.0), (grad(lambda x: x * x), 2.0)):  # noqa: B007
        assert slope(0.0) == expected


def test_a_closure_cell_that_is_filled_later():
    def f(x):
        return x * k

    slope = grad(f)
    with pytest.raises(NameError):
        slope(1.0)
    k = 3.0
    assert slope(1.0) == 3.0


def test_a_referenced_function(names: dict[str, Any]):
    slope, outer = grad(names["calls"]), grad(names["twice"])
    assert (slope(1.0), outer(1.0)) == (3.0, 6.0)
    names["helper"] = lambda x: x * x
    assert (slope(1.0), outer(1.0)) == (2.0, 4.0)
    names["helper"] = math.exp
    assert (slope(0.0), outer(0.0)) == (1.0, 2.0)
    names["helper"] = 3.0
    with pytest.raises(ast_ad.KindError, match="cannot be called"):
        slope(1.0)


def test_the_code_of_a_referenced_function(names: dict[str, Any]):
    slope = grad(names["calls"])
    slope(1.0)
    other = from_text("def helper(x, scale, *, shift): return x * x * scale + shift", "helper")
    names["helper"].__code__ = other.__code__
    assert slope(1.0) == 6.0


def test_the_defaults_of_a_referenced_function(names: dict[str, Any]):
    slope = grad(names["calls"])
    slope(1.0)
    names["helper"].__defaults__ = (5.0,)
    assert slope(1.0) == 5.0
    names["helper"].__kwdefaults__ = {"shift": 2.0}
    assert slope(1.0) == 7.0


def test_the_defaults_of_the_function_itself():
    fun = from_text("def f(x, k=2.0): return x * k", "f")
    slope = grad(fun)
    assert slope(1.0) == 2.0
    fun.__defaults__ = (5.0,)
    assert slope(1.0) == 5.0


def test_the_code_of_the_function_itself():
    fun, other = (from_text(f"def f(x): return {body}", "f") for body in ("x * x", "x * x * x"))
    slope = grad(fun)
    assert slope(2.0) == 4.0
    fun.__code__ = other.__code__
    assert slope(2.0) == 12.0


def test_numpy_itself(names: dict[str, Any]):
    slope = grad(names["uses_numpy"])
    assert slope(0.0) == 1.0
    names["np"] = types.SimpleNamespace(sin=math.exp)
    assert slope(2.0) == math.exp(2.0)
    names["np"] = np
    assert slope(0.0) == 1.0
    names["np"] = 3.0
    with pytest.raises(ast_ad.AutodiffError, match="attribute `sin` of a float"):
        slope(0.0)


def test_a_replaced_function_of_numpy(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    slope = grad(names["uses_numpy"])
    slope(0.0)
    monkeypatch.setattr(np, "sin", np.exp)
    assert slope(2.0) == pytest.approx(math.exp(2.0))


def test_attributes_of_a_users_module(names: dict[str, Any]):
    slope, module = grad(names["uses_module"]), names["user_module"]
    assert slope(0.0) == 2.0
    module.k = 5.0
    assert slope(0.0) == 5.0
    module.sin = math.exp
    assert slope(0.0) == 5.0 and slope(1.0) == pytest.approx(5 * math.e)
    del module.k
    with pytest.raises(ast_ad.AutodiffError, match="has no attribute 'k'"):
        slope(0.0)


def test_a_shadowed_builtin(names: dict[str, Any]):
    slope = grad(names["uses_builtin"])
    assert slope(-2.0) == -1.0
    names["abs"] = lambda x: 7 * x
    assert slope(-2.0) == 7.0
    del names["abs"]
    assert slope(-2.0) == -1.0


def test_a_replaced_builtin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(builtins, "builtin_of_the_user", math.exp, raising=False)
    slope = grad(from_text("def f(x): return builtin_of_the_user(x)", "f"))
    assert slope(0.0) == 1.0
    monkeypatch.setattr(builtins, "builtin_of_the_user", lambda x: 7 * x)
    assert slope(0.0) == 7.0


def test_attributes_that_are_read_through_self():
    class Body:
        mass = 2.0

        def __init__(self):
            self.inner = types.SimpleNamespace(k=1.0)
            self.law = math.exp
            self.how = "fast"

        @grad
        def slope(self, x):
            return self.mass * self.law(x) * self.inner.k if self.how == "fast" else 100 * x

    body, other = Body(), Body()
    assert body.slope(0.0) == 2.0
    body.mass = 3.0
    assert body.slope(0.0) == 3.0
    body.mass = 3
    assert body.slope(0.0) == 3.0
    body.inner.k = 5.0
    assert body.slope(0.0) == 15.0
    body.inner = types.SimpleNamespace(k=2.0)
    assert body.slope(0.0) == 6.0
    body.law = lambda x: 2 * x
    assert body.slope(0.0) == 12.0
    body.how = "slow"
    assert body.slope(0.0) == 100.0
    assert other.slope(0.0) == 2.0
    Body.mass = 4.0
    assert other.slope(0.0) == 4.0


def test_methods_that_are_called_through_self():
    class Law:
        def rate(self, x):
            return 2 * x

        def value(self, x):
            return self.rate(x)

    class Other(Law):
        def rate(self, x):
            return 70 * x

    law = Law()
    slope = grad(law.value)
    assert slope(1.0) == 2.0
    Law.rate = lambda self, x: 5 * x  # type: ignore[method-assign]
    assert slope(1.0) == 5.0
    law.rate = lambda x: 6 * x  # type: ignore[method-assign]
    assert slope(1.0) == 6.0
    del law.rate  # type: ignore[attr-defined]
    law.__class__ = Other
    assert slope(1.0) == 70.0


def test_slots():
    class Slotted:
        __slots__ = ("w",)

        def f(self, x):
            return self.w * x

    box = Slotted()
    box.w = 2.0
    slope = grad(box.f)
    assert slope(1.0) == 2.0
    box.w = 3.0
    assert slope(1.0) == 3.0


def test_derivatives_of_derivatives(names: dict[str, Any]):
    names["helper"] = lambda x: x**3
    curvature = grad(grad(names["calls"]))
    assert curvature(1.0) == 6.0
    names["helper"] = lambda x: x**4
    assert curvature(1.0) == 12.0
    k = 5.0
    names["helper"] = lambda x: k * x * x
    assert curvature(1.0) == 10.0
    k = 6.0
    assert curvature(1.0) == 12.0


def test_a_derivative_that_is_taken_inside(names: dict[str, Any]):
    fun = from_text("def f(x): return operator(helper)(x)", "f")
    fun.__globals__.update(operator=grad, helper=lambda x: x**3)
    slope = grad(fun)
    assert slope(1.0) == 6.0
    fun.__globals__["helper"] = lambda x: x**4
    assert slope(1.0) == 12.0
    fun.__globals__["operator"] = lambda f: f
    assert slope(1.0) == 4.0


def test_a_cell_below_two_derivatives():
    k = 2.0
    curvature = grad(grad(lambda x: k * x * x))
    assert curvature(1.0) == 4.0
    k = 3.0
    assert curvature(1.0) == 6.0
    k = 4
    assert curvature(1.0) == 8.0


def test_the_same_code_in_another_module(names: dict[str, Any]):
    slope = grad(names["twice"])
    assert slope(1.0) == 6.0
    other = {**names, "helper": lambda x: 50 * x}
    names["calls"] = types.FunctionType(names["calls"].__code__, other)
    assert slope(1.0) == 100.0


def test_derivatives_that_are_rebound(names: dict[str, Any]):
    names["helper"] = grad(lambda x: x**3)
    slope = grad(names["calls"])
    assert slope(1.0) == 6.0
    names["helper"] = grad(lambda x: x**4)
    assert slope(1.0) == 12.0
    names["helper"] = grad(names["helper"])
    assert slope(1.0) == 24.0


def test_what_partials_and_callable_objects_hold(names: dict[str, Any]):
    slope = grad(names["calls"])
    for k in (4.0, 5.0):
        names["helper"] = functools.partial(lambda a, b: a * b, k)
        assert slope(1.0) == k
    holder = types.SimpleNamespace(k=2.0)

    class Scale:
        def __call__(self, x):
            return holder.k * x

    names["helper"] = Scale()
    assert slope(1.0) == 2.0
    holder.k = 3.0
    assert slope(1.0) == 3.0


def test_what_partials_hold_in_derivatives_of_derivatives():
    def scaled(x, n, m=1.0, **more):
        return np.sum(x * x * n * m) * more.get("k", 1.0)

    for n in (3, 4.0):
        for given in ({"n": n}, {"n": 2.0, "m": n / 2}, {"n": 1.0, "k": n}):
            assert grad(grad(functools.partial(scaled, **given)))(2.0) == 2 * n
    assert grad(grad(functools.partial(scaled, n=1.0, k=2.0)))(2.0, k=5.0) == 10.0
    data = np.array([1.0, 2.0])
    curvature = ast_ad.hessian(functools.partial(scaled, n=data))
    assert np.diag(curvature(data)).tolist() == [2.0, 4.0]
    data[0] = 5.0
    assert np.diag(curvature(np.ones(2))).tolist() == [10.0, 4.0]


def test_a_method_of_a_builtin_object_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch):
    """`np.add.at` is a new object whenever it is read: that is no reason to differentiate anew."""

    def counts(x):
        made = np.zeros(3)
        np.add.at(made, [0, 2, 2], x)
        return made @ made

    derivative = grad(counts)
    x = np.array([1.0, 2.0, 3.0])
    expected = derivative(x)
    monkeypatch.setattr("ast_ad.pipeline.derive", None)
    assert np.array_equal(derivative(x), expected)


class _Scaled:
    """A descriptor that cannot be read from its class."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __get__(self, owner: Any, cls: Any = None) -> Any:
        return owner.raw * self.scale

    def __set__(self, owner: Any, value: Any) -> None:
        owner.raw = value


class _Weight:
    mass = _Scaled(2.0)

    def __init__(self, mass: float) -> None:
        self.mass = mass


class _Side(enum.Enum):
    CALL = 1
    PUT = -1


def test_attributes_that_a_class_computes_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def payoff(x, side=_Side.PUT):
        return _Weight(x).mass * side.value

    derivative = grad(payoff)
    assert derivative(3.0) == -2.0
    monkeypatch.setattr(vars(_Weight)["mass"], "scale", 3.0)
    assert derivative(3.0) == -3.0
    monkeypatch.setattr("ast_ad.pipeline.derive", None)
    assert derivative(4.0) == -3.0


ASSIGNS = """
K = 2.0
def bump(x):
    global K
    K = K * x
    return K
def f(x): return bump(x) * x + K
def counter():
    n = 1
    def count(x):
        nonlocal n
        n += 1
        return x * n
    return count
count = counter()
"""


def test_variables_outside_that_are_assigned():
    f = from_text(ASSIGNS, "f")
    names = f.__globals__
    slope = grad(f)
    for k in (2.0, 3, 5.0):
        names["K"] = k
        assert slope(3.0) == k * 7
        assert names["K"] == k  # f(x) would have changed it
    slope = grad(names["count"])
    assert slope(3.0) == 2
    assert names["count"](3.0) == 6
    assert slope(3.0) == 3
