"""Whether an operation would fail: what a `try` around it comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
