"""What the words of a command line stand for, and what is said about those that stand for nothing."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from ast_ad.target import UsageError, evaluate_arguments, find_function

pytestmark = pytest.mark.usefixtures("clean_imports")

MODEL = """
import sibling

def loss(x):
    return sibling.double(x)

class Layer:
    def forward(self, x):
        return x

    class Inner:
        @staticmethod
        def scale(x):
            return x

limit = 3

if __name__ == "__main__":
    raise RuntimeError("run as a script")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "model_file.py").write_text(MODEL)
    (tmp_path / "sibling.py").write_text("print('imported')\ndef double(x):\n    return 2 * x\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", ["loss", "Layer.forward", "Layer.Inner.scale"])
def test_function_of_a_file(folder, path):
    module, fun = find_function(f"model_file.py:{path}")
    assert module.__name__ == "model_file"
    assert fun.__qualname__ == path
    assert module.loss(2) == 4


def test_function_of_a_module():
    module, fun = find_function("statistics:NormalDist.pdf")
    assert module.__name__ == "statistics"
    assert fun.__qualname__ == "NormalDist.pdf"


def test_file_of_a_package_imports_its_neighbours(tmp_path):
    package = tmp_path / "some_package" / "inner"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package.parent / "constants.py").write_text("k = 3\n")
    (package / "model.py").write_text("from ..constants import k\ndef f(x):\n    return k * x\n")
    module, fun = find_function(f"{package / 'model.py'}:f")
    assert module.__name__ == "some_package.inner.model"
    assert fun(2) == 6


def test_file_with_the_name_of_a_standard_module(tmp_path):
    import types

    (tmp_path / "types.py").write_text("def f(x):\n    return x\n")
    _, fun = find_function(f"{tmp_path / 'types.py'}:f")
    assert fun(1) == 1
    assert sys.modules["types"] is types


def test_what_a_file_prints_stays_out_of_the_output(folder, capsys):
    find_function("model_file.py:loss")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "imported\n"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("loss", "'loss' names no function: write FILE.py:FUNCTION or package.module:FUNCTION"),
        ("model_file.py:", "names no function"),
        ("nothing.py:loss", "there is no file nothing.py"),
        ("./:loss", "is a folder, not a file"),
        ("model_file.py:los", "model_file.py has no function 'los'; did you mean 'loss'?"),
        ("model_file.py:zzzzzz", "model_file.py has no function 'zzzzzz'"),
        ("model_file.py:Layer.foward", "has no function 'Layer.foward'; did you mean 'forward'?"),
        ("model_file.py:Layer", "'Layer' in model_file.py is not a function, but a class"),
        ("model_file.py:limit", "'limit' in model_file.py is not a function, but a int"),
        ("no_such_package.model:f", "there is no module 'no_such_package'"),
        ("statistics.model:f", "there is no module 'statistics.model'"),
        ("not-a-module:f", "'not-a-module' is neither a Python file nor the name of a module"),
    ],
)
def test_bad_target(folder, target, says):
    with pytest.raises(UsageError) as caught:
        find_function(target)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert says.endswith("?") or "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\ny = 1 / 0\n", "ZeroDivisionError: division by zero ({file}, line 2)"),
        ("def g():\n    raise ValueError('a\\nb')\n\ng()\n", "ValueError: a b ({file}, line 2)"),
        ("import math\nmath.sqrt('a')\n", "TypeError: must be real number, not str ({file}, line 2)"),
        ("import json\n\njson.loads('{')\n", ", line 3)"),
        ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax"),
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module' ({file}, line 1)"),
        ("raise SystemExit(3)\n", "SystemExit: 3 ({file}, line 1)"),
        ("assert False\n", "AssertionError ({file}, line 1)"),
    ],
)
def test_file_that_fails_to_import(tmp_path, text, says):
    path = tmp_path / "fails.py"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        find_function(f"{path}:f")
    message = str(caught.value)
    assert message.startswith(f"cannot import {path}: ")
    assert says.format(file=path) in message
    assert "\n" not in message
    assert "fails" not in sys.modules


def test_module_whose_own_import_fails(tmp_path, monkeypatch):
    (tmp_path / "imports_nothing.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=r"cannot import imports_nothing: .*'no_such_module' \(.*, line 1\)"):
        find_function("imports_nothing:f")


def test_values():
    found = evaluate_arguments(
        "a=1, b=-2.5e3, c=1 + 2j, d=(1, [2, {'k': None}]), e=np.pi / 2, f=math.sqrt(9), g=np.zeros(3, dtype=int), "
        "h='x, y=1', i=float('inf'), j=not True, k=offset, m=np.arange(6).reshape(2, 3).T",
        {"offset": 7},
    )
    assert found.pop("g").dtype == int
    assert np.array_equal(found.pop("m"), np.arange(6).reshape(2, 3).T)
    assert found == {
        "a": 1,
        "b": -2500.0,
        "c": 1 + 2j,
        "d": (1, [2, {"k": None}]),
        "e": math.pi / 2,
        "f": 3.0,
        "h": "x, y=1",
        "i": math.inf,
        "j": False,
        "k": 7,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1.0", "cannot read '1.0': write NAME=VALUE, NAME=VALUE"),
        ("x=", "write NAME=VALUE"),
        ("x=1, x=2", "each name once"),
        ("x=1) + dict(y=2", "write NAME=VALUE"),
        ("**{'x': 1}", "write NAME=VALUE"),
        ("x=ofset", "there is no 'ofset' here; did you mean 'offset'?"),
        ("x=__import__('os')", "there is no '__import__' here"),
        ("x=[i for i in range(3)]", "cannot read '[i for i in range(3)]'"),
        ("x=(lambda z: z)(1)", "cannot read 'lambda z: z'"),
        ("x=offset.__class__", "cannot read 'offset.__class__'"),
        ("x=1 / 0", "cannot evaluate '1 / 0': ZeroDivisionError: division by zero"),
        ("x=np.zeroes(3)", "cannot evaluate 'np.zeroes(3)': AttributeError"),
        ("x=1 << 3", "cannot read '1 << 3'"),
    ],
)
def test_bad_values(text, says):
    with pytest.raises(UsageError) as caught:
        evaluate_arguments(text, {"offset": 7})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
