"""What a function reads from outside: numbers are read at each call, and all else is guarded."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend.lower import Lowered
from tests.frontend.support import evaluate, from_text, lowered


def holds(result: Lowered, fun: Callable[..., Any]) -> bool:
    return all(guard.holds(fun) for guard in result.guards)


MODULE = """
import math
import numpy as np

K = 2.0
MODE = "fast"
NOTHING = None
LIMITS = (1.0, 2)
SETTINGS = {"rate": 0.5, "name": "a", "more": [1.0]}

def helper(x, scale=3.0):
    return x * scale + K

def uses_number(x): return x * K
def uses_helper(x): return helper(x)
def uses_module(x): return np.sin(x)
def uses_constant(x): return x + math.pi
def uses_string(x): return x if MODE == "fast" else -x
def uses_none(x): return x if NOTHING is None else -x
def uses_tuple(x): return x * LIMITS[0] + LIMITS[1]
def uses_dict(x): return x * SETTINGS["rate"] + SETTINGS["more"][0]
def uses_builtin(x): return abs(x)
def uses_nothing(x): return x
def uses_default(x, f=np.sin): return f(x)
"""


def module(name: str) -> tuple[Any, dict[str, Any]]:
    fun = from_text(MODULE, name)
    return fun, fun.__globals__


def test_a_global_number_is_read_at_each_call() -> None:
    fun, names = module("uses_number")
    result = lowered(fun, 1.5)
    names["K"] = 5.0
    assert holds(result, fun) and evaluate(result, fun, 1.5) == 7.5
    names["K"] = 5
    assert not holds(result, fun)
    del names["K"]
    assert not holds(result, fun)


def test_a_global_of_a_callee_is_read_at_each_call() -> None:
    fun, names = module("uses_helper")
    result = lowered(fun, 1.5)
    names["K"] = 5.0
    assert holds(result, fun) and evaluate(result, fun, 1.5) == fun(1.5)


def test_a_rebound_function_is_noticed() -> None:
    fun, names = module("uses_helper")
    result = lowered(fun, 1.5)
    old = names["helper"]
    names["helper"] = lambda x: x
    assert not holds(result, fun)
    names["helper"] = old
    assert holds(result, fun)


def test_changed_code_and_defaults_of_a_callee_are_noticed() -> None:
    fun, names = module("uses_helper")
    result = lowered(fun, 1.5)
    code = names["helper"].__code__
    names["helper"].__code__ = (lambda x, scale: x).__code__
    assert not holds(result, fun)
    names["helper"].__code__ = code
    assert holds(result, fun)
    names["helper"].__defaults__ = (4.0,)
    assert not holds(result, fun)
    names["helper"].__defaults__ = (3.0,)
    assert holds(result, fun)
    names["helper"].__kwdefaults__ = {"other": 1}
    assert not holds(result, fun)


def test_a_rebound_module_is_noticed_only_where_it_matters() -> None:
    fun, names = module("uses_module")
    result = lowered(fun, 1.5)
    names["np"] = types.SimpleNamespace(sin=np.sin)
    assert holds(result, fun)
    names["np"] = types.SimpleNamespace(sin=np.cos)
    assert not holds(result, fun)


def test_a_replaced_attribute_of_a_module_is_noticed(monkeypatch: Any) -> None:
    fun, _ = module("uses_module")
    result = lowered(fun, 1.5)
    monkeypatch.setattr(np, "sin", np.cos)
    assert not holds(result, fun)


def test_a_constant_of_a_library_is_a_literal() -> None:
    fun, names = module("uses_constant")
    result = lowered(fun, 1.5)
    assert not result.hidden
    names["math"] = types.SimpleNamespace(pi=3.0)
    assert not holds(result, fun)


def test_a_number_in_a_users_module_is_read_at_each_call() -> None:
    settings = types.ModuleType("settings_of_the_user")
    settings.K = 3.0
    other = from_text("def f(x): return x * settings.K")
    other.__globals__["settings"] = settings
    result = lowered(other, 1.5)
    settings.K = 4.0
    assert holds(result, other) and evaluate(result, other, 1.5) == 6.0


def test_strings_and_none_are_guarded() -> None:
    for name, variable, value in (("uses_string", "MODE", "slow"), ("uses_none", "NOTHING", 1.0)):
        fun, names = module(name)
        result = lowered(fun, 1.5)
        assert not result.hidden and holds(result, fun)
        names[variable] = value
        assert not holds(result, fun)


def test_containers_are_taken_apart_and_their_structure_is_guarded() -> None:
    fun, names = module("uses_tuple")
    result = lowered(fun, 1.5)
    names["LIMITS"] = (4.0, 7)
    assert holds(result, fun) and evaluate(result, fun, 1.5) == 13.0
    names["LIMITS"] = (4.0, 7, 1.0)
    assert not holds(result, fun)
    fun, names = module("uses_dict")
    result = lowered(fun, 1.5)
    names["SETTINGS"] = {"rate": 4.0, "name": "a", "more": [2.0]}
    assert holds(result, fun) and evaluate(result, fun, 1.5) == 8.0
    names["SETTINGS"]["name"] = "b"
    assert not holds(result, fun)


def test_a_shadowed_builtin_is_noticed() -> None:
    fun, names = module("uses_builtin")
    result = lowered(fun, 1.5)
    names["abs"] = math.sin
    assert not holds(result, fun)


def test_only_what_is_used_is_guarded() -> None:
    fun, _ = module("uses_nothing")
    assert lowered(fun, 1.5).guards == ()


def test_a_cell_is_read_from_the_function_that_is_called() -> None:
    def make(k):
        return lambda x: x * k

    first, second = make(2.0), make(5.0)
    result = lowered(first, 1.5)
    assert holds(result, second) and evaluate(result, second, 1.5) == 7.5
    assert not holds(result, make(5))


def test_functions_in_cells_may_be_made_anew_with_other_cells() -> None:
    def make(k):
        def inner(x):
            return x + k

        return lambda x: inner(x) * 2

    first, second = make(2.0), make(5.0)
    result = lowered(first, 1.5)
    assert holds(result, second) and evaluate(result, second, 1.5) == second(1.5)


def test_attributes_of_an_object_are_read_at_each_call() -> None:
    class Box:
        def __init__(self, w):
            self.w = w

        def times(self, x):
            return self.w * x

    box = Box(2.0)

    def fun(x):
        return box.w * x + box.times(x)

    result = lowered(fun, 1.5)
    box.w = 3.0
    assert holds(result, fun) and evaluate(result, fun, 1.5) == 9.0
    box = Box(4.0)
    assert holds(result, fun) and evaluate(result, fun, 1.5) == 12.0
    Box.times = lambda self, x: x
    assert not holds(result, fun)
