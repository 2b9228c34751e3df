"""Programs beyond what Python's own stack and parser bear: refused in words, or no dearer than they are long."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import gast
import pytest

import ast_ad
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend import scope


def written(path: Path, text: str) -> Any:
    """Return the function `f` of a module with this text."""
    file = path / "written.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("written", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def test_a_sum_too_long_for_the_stack_is_refused_with_its_place(tmp_path: Path) -> None:
    f = written(tmp_path, f"def f(x):\n    return {' + '.join(['x'] * 600)}\n")
    with pytest.raises(UnsupportedSyntaxError, match="nested too deeply") as caught:
        ast_ad.grad(f)(1.0)
    assert caught.value.filename == str(tmp_path / "written.py")
    assert caught.value.lineno == 1


def test_a_sum_of_two_hundred_terms_is_not(tmp_path: Path) -> None:
    f = written(tmp_path, f"def f(x):\n    return {' + '.join(['x'] * 200)}\n")
    assert ast_ad.grad(f)(1.0) == 200.0


def test_more_early_returns_than_python_nests_blocks(tmp_path: Path) -> None:
    returns = "".join(f"    if x > {200 - i}:\n        return x * {i}\n" for i in range(110))
    f = written(tmp_path, f"def f(x):\n{returns}    return x\n")
    assert ast_ad.grad(f)(150.5) == 50.0


def test_liveness_does_not_double_with_each_loop_around(monkeypatch: pytest.MonkeyPatch) -> None:
    depth, visits = 15, 0
    statement = scope.Liveness.statement

    def counted(self: Any, *args: Any) -> Any:
        nonlocal visits
        visits += 1
        return statement(self, *args)

    monkeypatch.setattr(scope.Liveness, "statement", counted)
    loops = "".join("    " * (i + 1) + f"while x < {i}:\n" for i in range(depth))
    tree = gast.parse(f"def f(x, y):\n{loops}{'    ' * (depth + 1)}x = x * y + 1\n    return x\n").body[0]
    scope.scope_of(tree)
    assert visits < 10 * depth


def test_a_function_without_a_result_is_told_to_return_one() -> None:
    def nothing(x):
        x * 2

    with pytest.raises(ast_ad.AutodiffError, match="returns nothing") as caught:
        ast_ad.grad(nothing)(1.0)
    assert "return the number" in caught.value.help
