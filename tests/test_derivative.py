"""Derivative functions: what they carry, what they remember, and what they keep alive."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import linecache
import math
import pickle
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import cache, grad, jvp, pipeline, value_and_grad
from tests.frontend.support import from_text


def area(width, height=2.0):
    """Return the area."""
    return width * height


@grad
def cube_slope(x):
    """Return the slope of a cube."""
    return x**3


class Spring:
    def __init__(self, k):
        self.k = k

    @grad
    def force(self, x):
        return self.k * x * x / 2


class TestWhatItCarries:
    """`__wrapped__`, name, signature, docstring, source."""

    def test_names_and_documentation(self):
        slope = grad(area)
        assert slope.__wrapped__ is area
        assert slope.primal is area
        assert slope.__name__ == "area"
        assert slope.__qualname__ == "area"
        assert slope.__module__ == __name__
        assert slope.__doc__ == "Return the area."
        assert inspect.unwrap(slope) is area
        assert cube_slope.__doc__ == "Return the slope of a cube."

    def test_signatures(self):
        assert str(inspect.signature(grad(area))) == "(width, height=2.0)"
        assert str(inspect.signature(grad(functools.partial(area, 1.0)))) == "(height=2.0)"
        assert str(inspect.signature(Spring(1.0).force)) == "(x)"
        assert str(inspect.signature(Spring.force)) == "(self, x)"
        assert str(inspect.signature(grad(np.sin))) == "(x, /)"

    @pytest.mark.parametrize(
        ("make", "shown"),
        [
            (lambda: grad(area), "<grad of area by width>"),
            (lambda: value_and_grad(area, (1, 0)), "<value_and_grad of area by height, width>"),
            (lambda: grad(lambda *r: r[0], 1), "<grad of function by r[1]>"),
            (lambda: Spring.force, "<grad of force by x>"),
        ],
    )
    def test_repr(self, make: Callable[[], Any], shown: str):
        assert repr(make()) == shown

    def test_source_is_general_before_a_call_and_specialised_after(self):
        def f(x, y):
            return x * y

        slope = grad(f, 1)
        general = slope.source
        assert "def f_grad(x, y, out_bar=1.0):\n" in general
        assert slope.source == general, "the same each time"
        slope(np.float32(1), np.float32(2))
        assert "def f_grad(x, y, out_bar=np.float32(1.0)):\n" in slope.source
        slope(1.0, 2.0)
        assert "out_bar=np.float32(1.0)" not in slope.source, "it is that of the latest kinds"

    def test_source_is_what_runs(self):
        slope = grad(area)
        assert slope(3.0, 5.0) == 5.0
        scope: dict[str, Any] = {}
        exec(slope.source, scope)
        assert scope["area_grad"](3.0, 5.0) == 5.0
        assert scope["area_grad"](3.0, 5.0, 10.0) == 50.0

    def test_source_does_not_call_the_function(self, capsys: pytest.CaptureFixture[str]):
        def f(x):
            print("called")
            return x

        assert "print(" in grad(f).source
        assert capsys.readouterr().out == ""

    def test_source_of_a_method_that_was_called(self):
        spring = Spring(3.0)
        spring.force(1.0)
        assert spring.force.source.startswith("def force_grad(x, k, out_bar=1.0):\n")

    def test_source_of_a_bound_method_before_a_call(self):
        class Box:
            w = 2.0

            @grad
            def f(self, x):
                return self.w * x

        with pytest.raises(ast_ad.ArgumentError, match="is a method"):
            _ = Box().f.source
        box = Box()
        box.f(1.0)
        assert box.f.source.startswith("def f_grad(x, w, out_bar=1.0):\n")

    def test_getsource_of_the_derivative_is_the_function_s(self):
        assert "Return the area." in inspect.getsource(grad(area))

    def test_pickling_by_function_and_options(self):
        slope = grad(area, ("height", 0))
        slope(1.0)
        again = pickle.loads(pickle.dumps(slope))
        assert again(3.0) == slope(3.0) == (3.0, 2.0)
        assert copy.deepcopy(slope)(3.0) == (3.0, 2.0)

    def test_pickling_by_name_where_it_is_decorated(self):
        assert pickle.loads(pickle.dumps(cube_slope)) is cube_slope
        assert pickle.loads(pickle.dumps(Spring.force)) is Spring.force
        assert pickle.loads(pickle.dumps(Spring(3.0).force))(2.0) == 6.0

    def test_lambdas_are_not_pickled(self):
        with pytest.raises((pickle.PicklingError, AttributeError)):
            pickle.dumps(grad(lambda x: x))


def frames(error: BaseException) -> list[traceback.FrameSummary]:
    return traceback.extract_tb(error.__traceback__)


class TestGeneratedCode:
    """What tools see of the compiled function."""

    def test_tracebacks_show_the_generated_line(self):
        with pytest.raises(ZeroDivisionError) as failure:
            grad(lambda x, y: x / y)(1.0, 0.0)
        last = frames(failure.value)[-1]
        assert last.name == "function_grad"
        assert last.filename.startswith("<ast_ad function_grad ")
        assert last.line == "x_bar = out_bar / y"

    def test_getsource_of_the_compiled_function(self):
        slope = grad(area)
        slope(3.0)
        arguments = tuple(pipeline.Argument.of(name, 1.0) for name in ("width", "height"))
        derived = pipeline.derive(area, arguments, slope._request)
        assert inspect.getsource(derived.function) == derived.text == slope.source

    def test_its_lines_go_with_it(self):
        before = {name for name in linecache.cache if name.startswith("<ast_ad passing_grad")}
        passing = from_text("def passing(x):\n    return x * 1.2345", "passing")
        made = pipeline.derive(passing, (pipeline.Argument.of("x", 1.0),), grad(passing)._request)
        kept = {name for name in linecache.cache if name.startswith("<ast_ad passing_grad")}
        assert len(kept - before) == 1
        del made
        gc.collect()
        grad(lambda x: x * 5.4321)(1.0)  # The lines that are not needed any more go when others come.
        assert {name for name in linecache.cache if name.startswith("<ast_ad passing_grad")} == before


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the functions that are lowered from here on."""
    names: list[str] = []
    original = pipeline.derive

    def counting(function: Any, *rest: Any) -> Any:
        names.append(getattr(function, "__name__", "?"))
        return original(function, *rest)

    monkeypatch.setattr(pipeline, "derive", counting)
    yield names


class TestWhatItRemembers:
    """Each signature is lowered once."""

    def test_the_same_kinds(self, derived: list[str]):
        def f(x, y=1.0):
            return x * y

        slope = grad(f)
        assert [slope(1.0, 2.0), slope(3.0, 4.0), slope(y=5.0, x=6.0), slope(7.0)] == [2.0, 4.0, 5.0, 1.0]
        assert derived == ["f"]
        assert grad(f)(1.0, 8.0) == 8.0
        assert derived == ["f"], "another derivative of the same function"

    def test_other_kinds_and_options(self, derived: list[str]):
        def f(x, y):
            return x * y

        slope = grad(f)
        slope(1.0, 2.0)
        for count, args in enumerate([(1.0, 2), (np.float64(1), 2.0), (1.0, np.float32(2)), (1.0, True)], start=2):
            assert slope(*args) == args[1]
            assert slope(*args) == args[1]
            assert len(derived) == count
        grad(f, 1)(1.0, 2.0)
        value_and_grad(f)(1.0, 2.0)
        assert len(derived) == 7
        slope(1.0, 2.0)
        assert len(derived) == 7

    def test_lambdas_made_anew(self, derived: list[str]):
        slopes = []
        for i in range(10):
            k = float(i)
            slopes.append(grad(lambda x: x * x * k)(1.0))  # noqa: B023 (called at once)
            slopes.append(jvp(lambda x: x * x * k, (1.0,), (1.0,))[1])  # noqa: B023 (called at once)
        assert slopes == [2.0 * (i // 2) for i in range(20)]
        assert len(derived) == 2

    def test_partials_and_methods_made_anew(self, derived: list[str]):
        class Box:
            def __init__(self, w):
                self.w = w

            def f(self, x):
                return self.w * x

        box = Box(3.0)
        assert [grad(box.f)(1.0) for _ in range(10)] == [3.0] * 10
        assert [grad(functools.partial(area, float(i)))(1.0) for i in range(10)] == [float(i) for i in range(10)]
        assert derived.count("f") == 1
        assert derived.count("area") <= 1

    def test_a_callee_that_is_made_anew(self, derived: list[str]):
        fun = from_text("def f(x): return x * g(x)", "f")
        slope = grad(fun)

        def constant(k):
            return lambda x: k

        for i in range(10):
            fun.__globals__["g"] = constant(float(i))
            assert slope(1.0) == i
        assert derived == ["f"]

    def test_values_of_hidden_inputs(self, derived: list[str]):
        fun = from_text("k = 1.0\ndef f(x): return x * k", "f")
        slope = grad(fun)
        for i in range(10):
            fun.__globals__["k"] = float(i)
            assert slope(1.0) == i
        assert derived == ["f"]

    def test_derivatives_of_one_derivative(self, derived: list[str]):
        slope = grad(lambda x: x**3)
        assert [jvp(slope, (2.0,), (1.0,)) for _ in range(5)] == [(12.0, 12.0)] * 5
        assert [grad(slope)(2.0) for _ in range(5)] == [12.0] * 5
        assert len(derived) <= 2

    def test_derivatives_of_library_functions(self, derived: list[str]):
        assert [grad(math.exp)(0.0) for _ in range(5)] == [1.0] * 5
        assert len(derived) <= 1

    def test_an_error_is_not_remembered(self):
        fun = from_text("k = 'text'\ndef f(x): return x * k", "f")
        slope = grad(fun)
        for _ in range(2):
            with pytest.raises(ast_ad.KindError):
                slope(1.0)
        fun.__globals__["k"] = 2.0
        assert slope(1.0) == 2.0

    def test_threads_that_call_at_once(self, derived: list[str]):
        def f(x):
            y = x
            for _ in range(5):
                y = math.sin(y) * x
            return y

        slope, count = grad(f), 8
        expected = jvp(f, (1.5,), (1.0,))[1]
        derived.clear()
        barrier, results = threading.Barrier(count), []
        interval = sys.getswitchinterval()

        def work() -> None:
            barrier.wait(10)
            results.append(slope(1.5))

        threads = [threading.Thread(target=work) for _ in range(count)]
        sys.setswitchinterval(1e-5)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        finally:
            sys.setswitchinterval(interval)
        assert results == [pytest.approx(expected, rel=1e-13)] * count
        assert derived == ["f"]


_NEW_CODE = """
import gc, linecache
from ast_ad import cache, grad
from ast_ad.backend.load import load
from ast_ad.frontend import source
from tests.frontend.support import from_text

source._CACHE_SIZE = 10
files = len(linecache.cache)
for i in range(60):
    fun = from_text(f"def f(x): return x * {i}.5", "f")
    assert grad(fun)(1.0) == i + 0.5
    del linecache.cache[fun.__code__.co_filename]
del fun
gc.collect()
load("def last(): pass", "last")  # The lines that are not needed any more go when others come.
assert len(cache._cache) <= 12, len(cache._cache)
assert len(linecache.cache) - files <= 30, len(linecache.cache) - files
"""


class TestWhatItKeeps:
    """Memory does not grow without end."""

    def test_new_lambdas_of_one_code(self):
        def slope_of(k):
            fun = lambda x: x * x * k  # noqa: E731
            return weakref.ref(fun), grad(fun)(1.0)

        slope_of(0.0)
        before = len(cache._cache)
        alive = [slope_of(float(i)) for i in range(500)]
        gc.collect()
        assert [slope for _, slope in alive] == [2.0 * i for i in range(500)]
        assert not any(reference() for reference, _ in alive)
        assert len(cache._cache) == before

    def test_new_code(self):
        """In a process of its own: other tests leave tools behind that keep code alive."""
        done = subprocess.run([sys.executable, "-c", _NEW_CODE], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_new_values_of_what_is_static(self):
        def f(x, how="a"):
            return 2 * x if how == "a" else x

        slope = grad(f)
        assert [slope(1.0, str(i)) for i in range(100)] == [1.0] * 100
        plans = sum(map(len, cache.cache_of(f).plans.values()))
        assert plans <= cache.KEPT
        assert slope(1.0, "a") == 2.0
        assert slope(1.0, "0") == 1.0, "one that was forgotten is made again"

    def test_new_kinds_of_what_is_guarded(self):
        fun = from_text("how = ''\ndef f(x): return len(how) * x", "f")
        slope = grad(fun)
        for i in range(100):
            fun.__globals__["how"] = "a" * i
            assert slope(1.0) == i
        assert sum(map(len, cache.cache_of(fun).plans.values())) <= cache.KEPT
