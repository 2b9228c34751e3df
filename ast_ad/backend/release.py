"""Arrays that are not read any more are let go, where memory matters: `del s2, s2_bar`.

Only in the statements of the function itself and of its branches, not in those of its loops, whose names are soon bound
anew; and only where other work follows before that.
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
    return _After(arrays).released(lines, frozenset())


class _After:
    """What follows a statement, when statements are looked at from the last one on.

    Attributes
    ----------
    arrays
        The names that may be deleted.
    live
        The names that are read later, before they are bound anew.
    work
        How many statements follow.
    following
        How many follow the next one that reads a name or binds it.
    """

    def __init__(self, arrays: Collection[str]) -> None:
        self.arrays = arrays
        self.live: set[str] = set()
        self.work = 0
        self.following: dict[str, int] = {}

    def released(self, lines: Sequence[Line], known: frozenset[str]) -> list[Line]:
        """Return statements with deletions; `known` are the arrays that are bound before."""
        bound = _bound(lines, self.arrays, known)
        output: list[Line] = []
        for line, before, after in zip(reversed(lines), reversed(bound[:-1]), reversed(bound)):
            if isinstance(line, Comment):
                output.append(line)
                continue
            reads, writes = _names(line)
            dead = sorted(
                name
                for name in (reads | writes) & after - self.live
                if name in self.arrays and self.work > self.following.get(name, 0)
            )
            output += [gast.Delete([gast.Name(name, gast.Del(), None, None) for name in row]) for row in _rows(dead)]
            output.append(self.opened(line, before) if isinstance(line, gast.If) else line)
            self.work += not isinstance(line, gast.Return)
            self.live = (self.live - writes) | reads
            self.following.update(dict.fromkeys(reads | writes, self.work))
        return output[::-1]

    def opened(self, line: gast.If, known: frozenset[str]) -> gast.If:
        """Return a branch with deletions of what it binds itself."""
        then, orelse = (self.branch(lines, known) for lines in (line.body, line.orelse))
        return gast.If(line.test, then, orelse)

    def branch(self, lines: Sequence[Line], known: frozenset[str]) -> list[Line]:
        inner = _After({name for name in self.arrays if name not in known})
        if not (lines and isinstance(lines[-1], (gast.Return, gast.Raise))):
            inner.live, inner.work, inner.following = set(self.live), self.work, dict(self.following)
        return inner.released(lines, frozenset())


def _rows(names: Sequence[str]) -> list[list[str]]:
    """Return names in rows that fit on a line, the last row first: `del` takes no parentheses that could be broken."""
    rows: list[list[str]] = []
    for name in names:
        if not rows or sum(len(each) + 2 for each in rows[0]) + len(name) > _WIDTH:
            rows.insert(0, [])
        rows[0].append(name)
    return rows


def _bound(lines: Sequence[Line], arrays: Collection[str], known: frozenset[str]) -> list[frozenset[str]]:
    """Return the arrays that are bound for sure before the first statement, and after each."""
    bound = [known]
    for line in lines:
        new = () if isinstance(line, Comment) else _names(line)[1]
        bound.append(bound[-1].union(name for name in new if name in arrays))
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
