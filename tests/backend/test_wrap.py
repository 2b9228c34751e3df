"""Long lines: broken at the outermost operators, in at most 88 columns, with the same meaning."""

from __future__ import annotations

import ast

import pytest

from ast_ad.backend.wrap import COLUMNS, wrapped

LONG = " + ".join(f"value_{i} * weight_{i}" for i in range(8))

LINES = (
    f"total = {LONG}",
    f"total = -({LONG}) / (1.0 + np.exp({LONG}))",
    f"return {LONG}",
    "return " + ", ".join(f"parameter_{i}_bar" for i in range(12)),
    "return value, (" + ", ".join(f"parameter_{i}_bar" for i in range(12)) + ")",
    "return {" + ", ".join(f"'key_{i}': parameter_{i}_bar" for i in range(6)) + "}",
    "(" + ", ".join(f"first_{i}" for i in range(9)) + "), last = saved_values.pop()",
    ", ".join(f"name_{i}" for i in range(9)) + " = " + ", ".join(f"source_{i}" for i in range(9)),
    "stack.append((" + ", ".join(f"component_{i}" for i in range(12)) + "))",
    f"x = np.maximum({LONG}, other)",
    "x = first_value_of_all if some_condition_holds and another_one_holds_too else second_value_of_all + 1",
    "x = not first_value_of_all_of_them not in second_value_of_all and third_value_of_all is not fourth",
    'raise ValueError("a message that is quite long: {} and {}".format(first_value_of_all, second_value_of_all))',
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("depth", (0, 3))
def test_broken_lines_mean_the_same(line: str, depth: int) -> None:
    lines = wrapped(line, depth)
    assert len(lines) > 1
    assert max(map(len, lines)) <= COLUMNS
    text = "\n".join(lines).replace("\n" + "    " * depth, "\n").removeprefix("    " * depth)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line))


@pytest.mark.parametrize("line", ("break", "continue", "pass", "return", "del x, y", "raise ValueError"))
def test_short_lines_stay_however_deep_they_stand(line: str) -> None:
    assert wrapped(line, 22) == ["    " * 22 + line]


@pytest.mark.parametrize("head", (f"if {LONG}:", f"while {LONG} < 3 and {LONG}:", f"for i in range({LONG}, 1):"))
def test_headers(head: str) -> None:
    lines = wrapped(head, 1)
    assert max(map(len, lines)) <= COLUMNS
    text = "\n".join(line[4:] for line in lines) + "\n    pass"
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(f"{head}\n    pass"))


def test_definition() -> None:
    line = "def derivative(" + ", ".join(f"parameter_{i}" for i in range(8)) + ", out_bar=1.0):"
    lines = wrapped(line, 0)
    assert lines[0] == "def derivative("
    assert lines[1] == "    parameter_0,"
    assert lines[-2:] == ["    out_bar=1.0,", "):"]


def test_layout() -> None:
    assert wrapped(f"total = {LONG}", 1) == [
        "    total = (",
        "        value_0 * weight_0",
        *(f"        + value_{i} * weight_{i}" for i in range(1, 8)),
        "    )",
    ]


def test_short_lines_and_long_strings_stay() -> None:
    assert wrapped("x = (1 + 2)", 2) == ["        x = (1 + 2)"]
    line = f'print("{"very " * 30}long")'
    assert ast.dump(ast.parse("\n".join(wrapped(line, 0)))) == ast.dump(ast.parse(line))
