"""`docs/language.md` against what happens: the program of each row works, or is refused with a place and a remedy."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import ast_ad
from ast_ad import testing
from tests.frontend.support import from_text
from tests.language.programs import NEW, PROGRAMS

TABLE = Path(__file__).parents[2] / "docs" / "language.md"


class Row(NamedTuple):
    node: str
    what: str
    verdict: str
    program: str
    reason: str


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").split("\n") if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines if "| node |" not in line]
    return [Row(*row[:3], row[3].strip("`"), row[4]) for row in cells]


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.node}-{row.program}")
def test_each_row(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    fun, args = program(row.program)
    if row.verdict == "works":
        ast_ad.testing.check_grads(fun)(*testing.fresh(args))
        return
    with pytest.raises(ast_ad.AutodiffError) as caught:
        ast_ad.grad(fun)(*testing.fresh(args))
    assert caught.value.where is not None and caught.value.where.text.strip()
    assert caught.value.help


def program(name: str) -> tuple[Any, tuple[Any, ...]]:
    if name not in NEW:
        return PROGRAMS[name]
    version, text = NEW[name]
    if sys.version_info < version:
        pytest.skip(f"syntax of Python {version[0]}.{version[1]}")
    return from_text(text, name), (0.7,)


def test_every_row_says_what_happens() -> None:
    assert {row.verdict for row in ROWS} == {"works", "refused"}
    assert {row.program for row in ROWS} == PROGRAMS.keys() | NEW.keys()


def test_every_statement_expression_and_pattern_has_a_row() -> None:
    listed = {row.node for row in ROWS}
    for base in (ast.stmt, ast.expr, ast.pattern):
        nodes = {each.__name__ for each in base.__subclasses__()}
        assert nodes & vars(ast).keys() <= listed
