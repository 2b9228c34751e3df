"""gast -> text.  astor prints one statement at a time; comments, nesting and long lines are ours.

astor is used in this module alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Union

import gast

from ast_ad.backend.wrap import INDENT, wrapped

# astor looks up `ast.Num`, which Python 3.12 and 3.13 still have, with a warning at the first look.  What that look
# finds is put in place beforehand: users see no warning, and the filters that all threads share stay as they are.
for _name in ("Num", "Str"):
    if hasattr(ast, "_deprecated_globals") and _name in ast._deprecated_globals:
        vars(ast).setdefault(_name, ast._deprecated_globals[_name])

from astor import op_util  # noqa: E402
from astor.code_gen import SourceGenerator  # noqa: E402

# astor looks operators up by their class, and gast has classes of its own, of the same names.
for _table in (op_util.precedence_data, op_util.symbol_data):
    _table.update({getattr(gast, cls.__name__, cls): value for cls, value in _table.items() if cls is not None})


@dataclass(frozen=True)
class Comment:
    """A line of comment among statements."""

    text: str


Line = Union[Comment, Any]
"""A comment, or a statement of gast whose bodies are lists of lines."""


def source(lines: Sequence[Line], depth: int = 0) -> str:
    """Return the text of statements and comments, one a line, at a depth of nesting.

    >>> print(source([Comment("why"), gast.Return(gast.Constant(1, None))]))
    # why
    return 1
    """
    return "\n".join(_Lines().of(lines, depth))


class _Lines:
    """Prints statements, all with one generator."""

    def __init__(self) -> None:
        self.generator = _Generator("    ", pretty_string=_quoted)

    def of(self, lines: Sequence[Line], depth: int) -> list[str]:
        out: list[str] = []
        for line in lines:
            if isinstance(line, Comment):
                out.append(INDENT * depth + f"# {line.text}".rstrip())
            elif isinstance(line, gast.If):
                out += self.branch(line, depth, "if")
            elif isinstance(line, (gast.For, gast.While, gast.FunctionDef)):
                out += wrapped(self.header(line), depth)
                out += self.body(line.body, depth)
            elif isinstance(line, gast.Expr) and isinstance(getattr(line.value, "value", None), str):
                out += _docstring(line.value.value, depth)
            else:
                out += wrapped(self.generator.printed(line), depth)
        return out

    def body(self, lines: Sequence[Line], depth: int) -> list[str]:
        statements = any(not isinstance(line, Comment) for line in lines)
        return self.of(lines if statements else [*lines, gast.Pass()], depth + 1)

    def branch(self, node: Any, depth: int, word: str) -> list[str]:
        out = wrapped(f"{word}{self.header(node)[2:]}", depth) + self.body(node.body, depth)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], gast.If):
            return out + self.branch(node.orelse[0], depth, "elif")
        return out + ([INDENT * depth + "else:", *self.body(node.orelse, depth)] if node.orelse else [])

    def header(self, node: Any) -> str:
        """Return the first line of a compound statement."""
        bare = type(node)(**{name: getattr(node, name, None) for name in node._fields})
        bare.body = [gast.Pass()]
        if isinstance(bare, gast.If):
            bare.orelse = []
        return self.generator.printed(bare).rsplit("\n", 1)[0]


def _docstring(text: str, depth: int) -> list[str]:
    quoted = re.sub(r'"(?=""|$)', r"\"", text.replace("\\", r"\\"))
    lines = f'"""{quoted}"""'.split("\n")
    return [INDENT * depth + lines[0], *(INDENT * depth + line if line.strip() else "" for line in lines[1:])]


class _Generator(SourceGenerator):  # type: ignore[misc]
    """astor's printer, for gast; with parentheses around `(x,)`, without which the comma is easily missed."""

    def printed(self, node: Any) -> str:
        """Return the text of a statement."""
        self.result.clear()
        self.new_lines, self.colinfo = 0, (0, 0)
        self.visit(node)
        return "".join(self.result).strip("\n")

    def visit_BinOp(self, node: Any) -> None:
        if isinstance(node.op, gast.Pow):
            node.op = ast.Pow()  # astor asks for the class, because of what binds tighter to its right
        super().visit_BinOp(node)

    def visit_Tuple(self, node: Any) -> None:
        if len(node.elts) != 1:
            super().visit_Tuple(node)
        else:
            self.write("(")
            self.comma_list(node.elts, trailing=True)
            self.write(")")


def _quoted(text: str, *_: Any) -> str:
    """Return a string literal, in double quotes where that needs no escapes."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and not re.search(r'["\\]', plain) else plain
