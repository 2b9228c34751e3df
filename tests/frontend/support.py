"""Comparing a lowered function with the Python function that it was made from."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
from collections.abc import Callable
from typing import Any

import ast_ad.rules  # noqa: F401
from ast_ad.frontend.lower import Argument, Lowered, lower
from ast_ad.ir.check import check
from ast_ad.ir.nodes import functions, walk
from ast_ad.trees import flatten, unflatten
from tests.interpreter import run


def lowered(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Lowered:
    """Lower a function for arguments like these, and check what comes out."""
    result = lower(fun, [Argument.of(name, value) for name, value in bound(fun, args, kwargs).items()])
    check(result.function, "lowering")
    assert all(guard.holds(fun) for guard in result.guards)
    return result


def bound(fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the value of every parameter."""
    arguments = inspect.signature(fun).bind(*args, **kwargs)
    arguments.apply_defaults()
    return arguments.arguments


def evaluate(result: Lowered, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a lowered function for these arguments."""
    leaves = [leaf for value in bound(fun, args, kwargs).values() for leaf in flatten(value)[0]]
    hidden = [each.read(fun) for each in result.hidden]
    return unflatten(result.out_tree, run(result.function, *leaves, *hidden))


def outcome(thunk: Callable[[], Any]) -> tuple[Any, ...]:
    """Return what a call returns or raises, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            answer = ("returned", thunk())
        except Exception as error:
            answer = ("raised", type(error), str(error))
    return (*answer, printed.getvalue())


def agree(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Lowered:
    """Check that the lowered function does what the function does, its exceptions and its output included."""
    result = lowered(fun, *args, **kwargs)
    expected = outcome(lambda: fun(*args, **kwargs))
    actual = outcome(lambda: evaluate(result, fun, *args, **kwargs))
    assert repr(actual) == repr(expected) or actual == expected
    return result


def size(result: Lowered) -> int:
    """Return how many statements there are in all."""
    return sum(1 for function in functions(result.function) for _ in walk(function.body))


def from_text(text: str, name: str = "f") -> Callable[..., Any]:
    """Return the function that a program text defines, with its source where tools look for it."""
    file = f"<test {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {}
    exec(compile(text, file, "exec"), namespace)
    return namespace[name]
