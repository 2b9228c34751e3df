"""What the words of a command line stand for: `FILE.py:FUNCTION` is a function, and `x=np.pi` a value.

Every mistake in them is a `UsageError` whose message is one line.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import importlib.util
import math
import operator
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
_NAMES = {"np": np, "numpy": np, "math": math, **{each.__name__: each for each in (bool, int, float, complex, range)}}


class UsageError(Exception):
    """The command makes no sense; the message is one line."""


def find_function(target: str) -> tuple[ModuleType, Callable[..., Any]]:
    """Import what TARGET names, and look the function up.

    Parameters
    ----------
    target
        `FILE.py:FUNCTION` or `package.module:FUNCTION`, where FUNCTION may have dots (`Class.method`).

    Returns
    -------
    module, function
        The module that was imported, and the function.
    """
    place, _, path = target.rpartition(":")
    if not place or not path:
        raise UsageError(f"{target!r} names no function: write FILE.py:FUNCTION or package.module:FUNCTION")
    is_file = place.endswith(".py") or os.sep in place
    module = _import_file(Path(place)) if is_file else _import_module(place)
    found: Any = module
    missing = object()
    for name in path.split("."):
        owner, found = found, getattr(found, name, missing)
        if found is missing:
            functions = [each for each in dir(owner) if callable(getattr(owner, each, None))]
            raise UsageError(f"{place} has no function {path!r}{suggestion(name, functions)}")
    if isinstance(found, type) or not callable(found):
        kind = "class" if isinstance(found, type) else type(found).__name__
        raise UsageError(f"{path!r} in {place} is not a function, but a {kind}")
    return module, found


def evaluate_arguments(text: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate `x=1.0, y=np.ones(3)`: literals, containers, arithmetic, `np`, `math`, and `names`.

    Nothing else of the language is there, so what stands on a command line cannot import, assign or loop.

    Examples
    --------
    >>> evaluate_arguments("x=-1.5, y=(1, math.sqrt(4.0)), z=k", {"k": 3})
    {'x': -1.5, 'y': (1, 2.0), 'z': 3}
    """
    try:
        call = ast.parse(f"dict({text}\n)", mode="eval").body
    except SyntaxError:
        call = None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
        raise UsageError(f"cannot read {text!r}: write NAME=VALUE, NAME=VALUE")
    values: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in values:
            raise UsageError(f"cannot read {text!r}: write NAME=VALUE, NAME=VALUE, each name once")
        try:
            values[keyword.arg] = _evaluate(keyword.value, {**names, **_NAMES})
        except UsageError:
            raise
        except Exception as error:
            raise UsageError(f"cannot evaluate {ast.unparse(keyword.value)!r}: {one_line(error)}") from error
    return values


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name, if there is a close one."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def one_line(error: BaseException) -> str:
    """Class and message of an exception, without line breaks."""
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"{path} is a folder, not a file" if path.is_dir() else f"there is no file {path}")
    folder, name = path.resolve().parent, path.stem
    while (folder / "__init__.py").is_file():
        # A file of a package is imported as that, so that it can import its neighbours relatively.
        folder, name = folder.parent, f"{folder.name}.{name}"
    sys.path.insert(0, str(folder))
    if "." in name:
        return _import_module(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Never in the place of a module that is at work: a file may be called types.py.
    registered = sys.modules.setdefault(name, module) is module
    with _importing(str(path)):
        try:
            spec.loader.exec_module(module)
        except BaseException:
            if registered:
                del sys.modules[name]
            raise
    return module


def _import_module(name: str, shown: str | None = None) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is neither a Python file nor the name of a module")
    with _importing(shown or name, name):
        return importlib.import_module(name)


@contextlib.contextmanager
def _importing(shown: str, name: str = "") -> Iterator[None]:
    """Say in one line what goes wrong, and keep what the module prints out of our own output."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"there is no module {error.name!r}") from None
        raise UsageError(f"cannot import {shown}: {one_line(error)}{_place(error)}") from error


def _place(error: BaseException) -> str:
    """Where a module failed: the last line of its own, past the frames of the import system and of this module."""
    if isinstance(error, SyntaxError):
        # Python's own message has the place already.
        return ""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen ") and frame.filename not in (__file__, importlib.__file__)
    ]
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""


def _evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    def value(node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name() if node.id in names:
                return names[node.id]
            case ast.Name():
                raise UsageError(f"there is no {node.id!r} here{suggestion(node.id, names)}")
            case ast.UnaryOp():
                return _UNARY[type(node.op)](value(node.operand))
            case ast.BinOp() if type(node.op) in _BINARY:
                return _BINARY[type(node.op)](value(node.left), value(node.right))
            case ast.Tuple():
                return tuple(map(value, node.elts))
            case ast.List():
                return list(map(value, node.elts))
            case ast.Dict() if None not in node.keys:
                return {value(k): value(v) for k, v in zip(node.keys, node.values) if k is not None}
            case ast.Attribute() if not node.attr.startswith("_"):
                return getattr(value(node.value), node.attr)
            case ast.Call(keywords=keywords) if all(keyword.arg for keyword in keywords):
                return value(node.func)(*map(value, node.args), **{str(k.arg): value(k.value) for k in keywords})
        raise UsageError(
            f"cannot read {ast.unparse(node)!r}: only literals, arithmetic, and calls by name are evaluated"
        )

    return value(node)
