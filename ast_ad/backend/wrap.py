"""Breaking long lines, as `black` does: at the outermost operators, inside parentheses."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from dataclasses import dataclass
from itertools import pairwise

COLUMNS = 88
INDENT = "    "

_LEVELS = (
    ({"if", "else"}),
    ({"or"}),
    ({"and"}),
    ({"in", "not in", "is", "is not", "<", "<=", ">", ">=", "==", "!="}),
    ({"|"}),
    ({"^"}),
    ({"&"}),
    ({"<<", ">>"}),
    ({"+", "-"}),
    ({"*", "/", "//", "%", "@"}),
)
"""Binary operators, from the loosest to the tightest."""

_ASSIGNS = ("=", "+=", "-=")
_HEADS = ("return", "if", "elif", "while")
"""Words before an expression that can be put in parentheses."""
_STATEMENTS = ("def", "for", "raise", "from", "del", "break", "continue", "pass")
"""Words that begin a statement with which that cannot be done."""


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    depth: int
    binary: bool


def wrapped(line: str, depth: int) -> list[str]:
    """Return a statement's one line, or several where it is too long for its depth of nesting.

    >>> wrapped("x = 1", 1)
    ['    x = 1']
    """
    indent = INDENT * depth
    if len(indent) + len(line) <= COLUMNS:
        return [indent + line]
    tokens = _tokens(line)
    head, tail = 0, len(line)
    if tokens[0].text in _HEADS:
        head = tokens[0].end + 1
    else:
        head = next((token.end + 1 for token in tokens if token.depth == 0 and token.text in _ASSIGNS), 0)
    if tokens[-1].text == ":":
        tail = tokens[-1].start
    body = line[head:tail]
    parts = _tokens(body)
    if tokens[0].text in _STATEMENTS or not parts or _is_bracketed(parts):
        return _bracket(line, indent)
    inner = _exploded(body, indent + INDENT, items=bool(_commas(parts)))
    return [f"{indent}{line[:head]}(", *inner, f"{indent}){line[tail:]}"]


def _tokens(text: str) -> list[_Token]:
    """Return the tokens of an expression, with `not in` and `is not` as one."""
    tokens: list[_Token] = []
    depth = 0
    after_operand = False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        word = token.string
        if not word.strip():
            continue
        if word in (")", "]", "}"):
            depth -= 1
        previous = tokens[-1] if tokens else None
        if previous is not None and (previous.text, word) in (("not", "in"), ("is", "not")):
            tokens[-1] = _Token(f"{previous.text} {word}", previous.start, token.end[1], depth, previous.binary)
            continue
        tokens.append(_Token(word, token.start[1], token.end[1], depth, after_operand))
        if word in ("(", "[", "{"):
            depth += 1
        names = token.type == tokenize.NAME and (not keyword.iskeyword(word) or word in ("None", "True", "False"))
        after_operand = names or token.type in (tokenize.NUMBER, tokenize.STRING) or word in (")", "]", "}")
    return tokens


def _is_bracketed(tokens: list[_Token]) -> bool:
    """Tell whether an expression is one call, or one thing in brackets."""
    if not tokens or tokens[-1].text not in (")", "]", "}"):
        return False
    openings = [token for token in tokens if token.depth == 0 and token.text in ("(", "[", "{")]
    plain = all(
        re.fullmatch(r"[\w.]+", token.text) and not keyword.iskeyword(token.text)
        for token in tokens
        if token.depth == 0 and token.text not in ("(", "[", "{", ")", "]", "}")
    )
    return len(openings) == 1 and plain


def _commas(tokens: list[_Token]) -> list[_Token]:
    return [token for token in tokens if token.depth == 0 and token.text == ","]


def _exploded(text: str, indent: str, items: bool = False) -> list[str]:
    """Return the lines of an expression that stands in brackets of its own; with `items`, one for each of its items."""
    tokens = _tokens(text)
    commas = _commas(tokens)
    if commas or items:
        starts = [0, *(comma.end for comma in commas)]
        ends = [*(comma.start for comma in commas), len(text)]
        parts = [text[start:end].strip() for start, end in zip(starts, ends)]
        groups = [_exploded(part, indent) for part in parts if part]
        return [line for group in groups for line in (*group[:-1], f"{group[-1]},")]
    if len(indent) + len(text) < COLUMNS:
        return [indent + text]
    for level in _LEVELS:
        breaks = [token for token in tokens if token.depth == 0 and token.text in level and token.binary]
        if breaks:
            cuts = [0, *(token.start for token in breaks), len(text)]
            pieces = [text[start:end].strip() for start, end in pairwise(cuts)]
            return [line for piece in pieces for line in _exploded(piece, indent)]
    return _bracket(text, indent)


def _bracket(line: str, indent: str) -> list[str]:
    """Break a line inside the widest of its outermost brackets."""
    tokens = _tokens(line)
    openings = [token for token in tokens if token.depth == 0 and token.text in ("(", "[", "{")]
    closings = [token for token in tokens if token.depth == 0 and token.text in (")", "]", "}")]
    widths = [closing.start - opening.end for opening, closing in zip(openings, closings)]
    if not widths or max(widths) == 0:
        return [indent + line]
    widest = widths.index(max(widths))
    opening, closing = openings[widest], closings[widest]
    content = line[opening.end : closing.start]
    inner = _exploded(content, indent + INDENT, items=opening.text != "(" or bool(_commas(_tokens(content))))
    return [indent + line[: opening.end], *inner, indent + line[closing.start :]]
