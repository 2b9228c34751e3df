"""`debug_nans`: the first statement of a derivative that makes a nan.

Generated code is traced while that is asked for, line by line: the first line after which a variable holds a nan that
none of those it reads held is the culprit.  Tracing is slow; without it nothing costs anything.
"""

from __future__ import annotations

import ast
import linecache
import sys
import types
from typing import Any

import numpy as np

from ast_ad.backend.load import is_generated


class debug_nans:
    """Let derivatives fail where they make a nan, in the forward or the reverse sweep.

    It takes effect at once, in this thread, and ends with the ``with`` statement, or with ``debug_nans(False)``.

    Raises
    ------
    FloatingPointError
        With the statement of the generated code, and the values that it reads.

    Examples
    --------
    >>> import numpy as np
    >>> from ast_ad import grad
    >>> def size(x):
    ...     return np.sqrt(x * x)
    >>> with np.errstate(all="ignore"), debug_nans():
    ...     grad(size)(np.float64(0.0))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FloatingPointError: a nan is made: `x_bar` holds one after
      File "<ast_ad size_grad ...>", line ..., in size_grad
    ...
    """

    def __init__(self, enabled: bool = True) -> None:
        self._outer = sys.gettrace()
        sys.settrace(_trace if enabled else None)

    def __enter__(self) -> None:
        """Do nothing: it is in effect."""

    def __exit__(self, *exception: object) -> None:
        """Stop."""
        sys.settrace(self._outer)


def _trace(frame: types.FrameType, event: str, arg: Any) -> Any:
    """Trace calls of generated functions, and nothing else."""
    return _Watch(frame).step if is_generated(frame.f_code) else None


class _Watch:
    """What is known of one call of a generated function."""

    def __init__(self, frame: types.FrameType) -> None:
        self.line = frame.f_lineno
        self.known = {name for name, value in frame.f_locals.items() if has_nan(value)}
        self.before = dict(frame.f_locals)

    def step(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        """Look at what the line that has just run has changed."""
        if event not in ("line", "return"):
            return self.step
        now = {name for name, value in frame.f_locals.items() if has_nan(value)}
        text = _statement(frame, self.line)
        made = sorted(now - self.known)
        reads = _reads(text)
        if made and not self.known & reads:
            self.fail(frame, text, f"`{made[0]}`")
        if event == "return" and not now and has_nan(arg):
            self.fail(frame, _statement(frame, frame.f_lineno), "the result")
        self.known, self.line, self.before = now, frame.f_lineno, dict(frame.f_locals)
        return self.step

    def fail(self, frame: types.FrameType, text: str, what: str) -> None:
        values = {name: self.before[name] for name in sorted(_reads(text)) if name in self.before}
        shown = [f"    {name} = {_shown(value)}" for name, value in values.items() if not callable(value)]
        place = f'  File "{frame.f_code.co_filename}", line {self.line}, in {frame.f_code.co_name}'
        raise FloatingPointError("\n".join([f"a nan is made: {what} holds one after", place, f"    {text}", *shown]))


def has_nan(value: Any) -> bool:
    """Tell whether a number, or one in an array or a container, is a nan."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fc" and bool(np.isnan(value).any())
    if isinstance(value, (tuple, list)):
        return any(map(has_nan, value))
    return isinstance(value, (float, complex, np.inexact)) and bool(value != value)


def _statement(frame: types.FrameType, line: int) -> str:
    """Return the statement of generated code that starts at a line: some take several."""
    lines = linecache.getlines(frame.f_code.co_filename)
    for end in range(line, min(line + 20, len(lines)) + 1):
        text = "".join(lines[line - 1 : end]).strip()
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        return " ".join(text.split())
    return lines[line - 1].strip() if line <= len(lines) else ""


def _reads(text: str) -> set[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return set()
    updated = {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    # What `x[i] = ...` changes is not read.
    stores = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return {node.id for node in names if node not in stores} | updated


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) < 100 else f"{text[:97]}..."
