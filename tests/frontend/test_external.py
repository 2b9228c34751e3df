"""Functions of installed packages: with and without source, of constants and of what is differentiated."""

from __future__ import annotations

import csv
import importlib.util
import io
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ast_ad import MissingRuleError, grad

PACKAGE = """
import operator


def doubled(x):
    return 2 * x


def opaque(x):
    return operator.methodcaller("undo", x)(x)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a module that looks like one of an installed package."""
    file = tmp_path / "site-packages" / "_installed.py"
    file.parent.mkdir()
    file.write_text(PACKAGE)
    spec = importlib.util.spec_from_file_location("installed._installed", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_a_function_with_a_source_is_differentiated(package: Any):
    assert grad(lambda x: package.doubled(x) ** 2)(3.0) == 24.0


def test_one_whose_source_is_not_understood_is_refused_at_the_users_call(package: Any):
    with pytest.raises(MissingRuleError) as failure:
        grad(lambda x: package.opaque(x) ** 2)(3.0)
    assert failure.value.message.startswith("`installed.opaque` has no derivative rule, and its source is not")
    assert failure.value.message.endswith("(_installed.py, line 10)")
    assert failure.value.where is not None and failure.value.where.file == __file__
    assert failure.value.help.startswith("give it a rule: wrap it in a function with `@ast_ad.primitive`")


ufuncs = pytest.importorskip("numpy._core._umath_tests", reason="ufuncs without rules")


def test_a_ufunc_without_a_rule_runs_as_it_is():
    gradient = grad(lambda x, v: np.sum(x * ufuncs.inner1d(v, v)))
    assert gradient(np.ones(2), np.array([1.0, 2.0])).tolist() == [5.0, 5.0]
    assert "inner1d(v, v)" in gradient.source


def test_a_ufunc_without_a_rule_is_refused_where_it_is_differentiated():
    with pytest.raises(MissingRuleError, match="`inner1d` has no derivative rule, and is called with what"):
        grad(lambda x: ufuncs.inner1d(x, x))(np.ones(2))


def test_a_ufunc_of_python_code_is_not_tried_on_samples():
    seen: list[Any] = []
    noted = np.frompyfunc(lambda n: seen.append(n) or n, 1, 1)
    with pytest.raises(MissingRuleError):
        grad(lambda x: noted(x))(2.0)
    assert seen == []


def test_call_that_changes_its_argument_is_an_error():
    def f(x):
        buffer = np.zeros(2)
        first = buffer[0]
        struct.pack_into("d", buffer, 0, 3.5)
        return x * buffer[0] + first * x

    with pytest.raises(TypeError, match="`pack_into` changes what it is given, which is not followed"):
        grad(f)(2.0)


def test_methods_of_what_never_changes_are_not_watched():
    def f(x):
        names = ["up" if x > 1.0 else "down", "left"]
        return x * len(", ".join(names))

    derivative = grad(f)
    assert derivative(2.0) == 8.0
    assert "watched" not in derivative.source


def test_call_that_may_change_its_argument_and_does_not(monkeypatch: pytest.MonkeyPatch):
    def largest(values):
        return max(values)

    monkeypatch.setattr(largest, "__module__", "yaml.loader")
    row, table = [1.0, 2.0], {"a": np.ones(2)}

    def f(x):
        written = io.StringIO()
        csv.writer(written).writerow(row)
        return x * float(largest(row)) * len(table) * len(written.getvalue())

    assert grad(f)(2.0) == 18.0
