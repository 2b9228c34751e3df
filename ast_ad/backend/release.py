"""Arrays that are not read any more are let go, where memory matters: `del s2, s2_bar`.

Only in the statements of the function itself, not in those of its loops and branches, whose names are soon bound anew;
and only where other work follows before that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import gast

from ast_ad.backend.text import Comment, Line

_WIDTH = 76
"""How wide the names after `del` may be."""


def released(lines: Sequence[Line], arrays: Collection[str]) -> list[Line]:
    r"""Return the statements of a function with `arrays` (the names of variables) deleted after their last use.

    >>> from ast_ad.backend.text import source
    >>> tree = gast.parse("def f(x):\n    y = x * x\n    z = y + y\n    z = z * z\n    return z")
    >>> tree.body[0].body = released(tree.body[0].body, ["y", "z"])
    >>> print(source(tree.body))
    def f(x):
        y = x * x
        z = y + y
        del y
        z = z * z
        return z
    """
    bound = _bound(lines, arrays)
    live: set[str] = set()
    following: dict[str, int] = {}
    output: list[Line] = []
    work = 0
    for line, known in zip(reversed(lines), reversed(bound)):
        if isinstance(line, Comment):
            output.append(line)
            continue
        reads, writes = _names(line)
        dead = sorted(name for name in (reads | writes) & known - live if work > following.get(name, 0))
        output += [gast.Delete([gast.Name(name, gast.Del(), None, None) for name in row]) for row in _rows(dead)]
        output.append(line)
        work += not isinstance(line, gast.Return)
        live = (live - writes) | reads
        following.update(dict.fromkeys(reads | writes, work))
    return output[::-1]


def _rows(names: Sequence[str]) -> list[list[str]]:
    """Return names in rows that fit on a line, the last row first: `del` takes no parentheses that could be broken."""
    rows: list[list[str]] = []
    for name in names:
        if not rows or sum(len(each) + 2 for each in rows[0]) + len(name) > _WIDTH:
            rows.insert(0, [])
        rows[0].append(name)
    return rows


def _bound(lines: Sequence[Line], arrays: Collection[str]) -> list[set[str]]:
    """Return, for each statement, the arrays that are bound for sure when it is done."""
    bound: list[set[str]] = []
    known: set[str] = set()
    for line in lines:
        if not isinstance(line, Comment):
            known = known | {name for name in _names(line)[1] if name in arrays}
        bound.append(known)
    return bound


def _names(line: Line) -> tuple[set[str], set[str]]:
    """Return the names that a statement reads, or may read or write, and those that it binds for sure."""
    if isinstance(line, gast.Assign) and all(map(_is_binding, line.targets)):
        bound = {each.id for target in line.targets for each in gast.walk(target) if isinstance(each, gast.Name)}
        return {each.id for each in gast.walk(line.value) if isinstance(each, gast.Name)}, bound
    return {each.id for each in gast.walk(line) if isinstance(each, gast.Name)}, set()


def _is_binding(target: gast.AST) -> bool:
    names = target.elts if isinstance(target, gast.Tuple) else [target]
    return all(isinstance(name, gast.Name) for name in names)
