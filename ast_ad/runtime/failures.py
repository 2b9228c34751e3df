"""Whether an operation would fail: what a `try` around it comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def fails(classes: tuple[type[BaseException], ...], fn: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Tell whether ``fn(*args, **kwargs)`` raises an exception of these classes.

    >>> import math
    >>> fails((ValueError,), math.log, -1.0), fails((ValueError,), math.log, 1.0)
    (True, False)
    """
    try:
        fn(*args, **kwargs)
    except classes:
        return True
    return False


def failure_name(classes: tuple[type[BaseException], ...], fn: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Return the name of the class of the exception that ``fn(*args, **kwargs)`` raises.

    >>> failure_name((ArithmeticError,), divmod, 1, 0)
    'ZeroDivisionError'
    """
    try:
        fn(*args, **kwargs)
    except classes as error:
        return type(error).__name__
    return ""


def failure(classes: tuple[type[BaseException], ...], fn: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Return the message of the exception of these classes that ``fn(*args, **kwargs)`` raises.

    >>> failure((ZeroDivisionError,), divmod, 1, 0)
    'integer division or modulo by zero'
    """
    try:
        fn(*args, **kwargs)
    except classes as error:
        return str(error)
    return ""


def attempted(
    handlers: tuple[tuple[type[BaseException], ...], ...], fn: Callable[..., Any], *args: Any, **kwargs: Any
) -> tuple[int, Any, str, str]:
    """Call a function once; return the handler that catches what it raises, its value, and what was raised.

    The handler is -1 where nothing is raised, and the value None where something is; the name of the exception's class
    and its message come last.

    >>> attempted(((KeyError,), (ValueError,)), int, "a")[0], attempted(((ValueError,),), int, "2")
    (1, (-1, 2, '', ''))
    """
    try:
        return -1, fn(*args, **kwargs), "", ""
    except Exception as error:
        for i, classes in enumerate(handlers):
            if isinstance(error, classes):
                return i, None, type(error).__name__, str(error)
        raise


def invoked(owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a method.

    >>> invoked("a", "upper")
    'A'
    """
    return getattr(owner, name)(*args, **kwargs)


class Changed(TypeError):
    """A call changed what the derivative takes to be as it was."""


def watched(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function, and raise an error if it changed a list, dict or array that it was given.

    >>> watched(max, [1.0, 2.0])
    2.0
    >>> watched(list.append, [1.0], 2.0)
    Traceback (most recent call last):
    ...
    ast_ad.runtime.failures.Changed: `append` changes what it is given, which is not followed: write it as a loop
    """
    before = _contents((args, kwargs))
    result = fn(*args, **kwargs)
    if not _same(before, _contents((args, kwargs))):
        name = getattr(fn, "__name__", type(fn).__name__)
        raise Changed(f"`{name}` changes what it is given, which is not followed: write it as a loop")
    return result


def _contents(value: Any) -> Any:
    """Return what containers and arrays hold now; anything else is itself."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return [_contents(each) for each in value]
    return {key: _contents(each) for key, each in value.items()} if isinstance(value, dict) else value


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype) and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return list(a) == list(b) and all(_same(a[key], b[key]) for key in a) if isinstance(a, dict) else a is b
