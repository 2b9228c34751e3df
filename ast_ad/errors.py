"""Every exception class of ast_ad.

What went wrong, where (file, line and the text with a caret), why, and what to do instead.
"""

from __future__ import annotations

import os
from typing import Any

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def _pointed(where: Any) -> list[str]:
    """Return the lines that show a place: its file, its text, and a caret under what is meant."""
    lines = [f'  File "{where.file}", line {where.line}']
    if where.text:
        stripped = where.text.lstrip()
        caret = max(where.column - (len(where.text) - len(stripped)), 0)
        lines += [f"    {stripped.rstrip()}", "    " + " " * caret + "^"]
    return lines


class AutodiffError(Exception):
    """A mistake of the user's, or something that ast_ad does not do.

    Parameters
    ----------
    message
        What is wrong, and why.
    help
        What to do instead.
    where
        The place in the user's source (an `ast_ad.ir.nodes.Where`), if there is one.
    """

    def __init__(self, message: str, *, help: str = "", where: Any = None) -> None:
        self.message = message
        self.help = help
        self.where = where
        self.callers: list[Any] = []
        super().__init__(message)

    def called_from(self, where: Any) -> None:
        """Note the place of the call through which lowering came to the place of the error.

        What one of the package's own models of library functions does not do is said of the call of it.
        """
        if self.where is not None and self.where.file.startswith(_PACKAGE):
            self.where = where
        elif self.where is not None and where != self.where and where not in self.callers:
            self.callers.append(where)

    def _chain(self) -> list[str]:
        """Return the calls, the innermost first, as lines; of many only the first and the last."""
        shown = self.callers if len(self.callers) <= 6 else [*self.callers[:3], None, *self.callers[-2:]]
        lines = []
        for where in shown:
            if where is None:
                lines.append(f"  ... {len(self.callers) - 5} more calls")
                continue
            lines.append(f'called from\n  File "{where.file}", line {where.line}')
            lines += [f"    {where.text.strip()}"] if where.text else []
        return lines

    def __str__(self) -> str:
        lines = [*_pointed(self.where), *self._chain()] if self.where is not None else []
        text = "\n".join([self.message, *lines])
        return f"{text}\nhelp: {self.help}" if self.help else text


class UnsupportedSyntaxError(AutodiffError, SyntaxError):
    """A construct of the language that ast_ad does not differentiate; it points at the user's line."""

    def __init__(self, message: str, *, help: str = "", where: Any = None) -> None:
        super().__init__(message, help=help, where=where)
        self._tell_python()

    def _tell_python(self) -> None:
        """Give the message and the place to Python's own way of showing a syntax error."""
        lines = [self.message, *self._chain(), *([f"help: {self.help}"] if self.help else [])]
        self.msg = "\n".join(lines)
        if (where := self.where) is not None:
            self.filename, self.lineno, self.offset = where.file, where.line, where.column + 1
            self.text = where.text + "\n"

    def called_from(self, where: Any) -> None:
        """Note the place of a call, for Python's own way of showing a syntax error too."""
        super().called_from(where)
        self._tell_python()

    __str__ = AutodiffError.__str__


class RunTimeIndexError(UnsupportedSyntaxError):
    """A container of known structure is indexed by a number that is known only when it runs."""


class SourceError(AutodiffError, OSError):
    """The source text of a function cannot be found or read."""

    __str__ = AutodiffError.__str__


class MissingRuleError(AutodiffError, NotImplementedError):
    """A value that is differentiated reaches a function that has no derivative rule."""


class KindError(AutodiffError, TypeError):
    """A value is of a kind that cannot be differentiated, or that does not fit where it is used."""


class SeveralResultsError(KindError):
    """A gradient is asked for of a function that returns several numbers."""


class ArgumentError(AutodiffError, ValueError):
    """`argnums`, a name or an option does not fit the function."""


class InternalError(Exception):
    """A mistake of ast_ad's own: the pass and the statement where it was noticed, and the user's line behind it."""

    def __init__(self, message: str, *, stage: str = "", statement: Any = None, where: Any = None) -> None:
        self.stage, self.statement, self.where = stage, statement, where
        note = f" (in {stage})" if stage else ""
        lines = [f"{message}{note}"]
        lines += [f"  at: {statement}"] if statement is not None else []
        lines += [] if where is None else _pointed(where)
        super().__init__("\n".join([*lines, "This is a bug of ast_ad; please report it with the function."]))
