"""What the README prints is what its example prints."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from pathlib import Path
from typing import Any

README = Path(__file__).parent.parent / "README.md"


def test_the_first_example():
    example, printed = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[:2]
    linecache.cache["<README>"] = (len(example), None, example.splitlines(keepends=True), "<README>")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(example, "<README>", "exec"), {"__name__": "readme"})
    assert output.getvalue().strip() == printed.strip()


def test_the_derivative_of_the_second_example():
    example, printed = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[2:4]
    text = f"from ast_ad import grad\n{example}"
    linecache.cache["<README 2>"] = (len(text), None, text.splitlines(keepends=True), "<README 2>")
    namespace: dict[str, Any] = {"__name__": "readme"}
    exec(compile(text, "<README 2>", "exec"), namespace)
    assert namespace["heat"].source.strip() == printed.strip()


def test_ci_runs_the_command_of_the_readme():
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    command = next(line for line in README.read_text(encoding="utf-8").splitlines() if "tox run" in line)
    assert command in script
