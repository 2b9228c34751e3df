"""Text -> function: compiled, and known to `linecache`, so that tracebacks, `pdb` and `inspect.getsource` show it."""

from __future__ import annotations

import hashlib
import linecache
import threading
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any

MODULE = "ast_ad.generated"
"""The `__module__` of generated functions; no module of that name exists."""

_lock = threading.RLock()
_users: dict[str, int] = {}
_unused: list[str] = []


def load(text: str, name: str, namespace: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    r"""Return the function `name` that `text` defines.

    Parameters
    ----------
    text
        Source of a module: imports, helpers, the function.
    namespace
        What the text needs and does not import.

    Examples
    --------
    >>> double = load("def double(x):\n    return 2 * x\n", "double")
    >>> double(21)
    42
    >>> import inspect
    >>> print(inspect.getsource(double), end="")
    def double(x):
        return 2 * x
    """
    filename = f"<ast_ad {name} {hashlib.sha256(text.encode()).hexdigest()[:10]}>"
    scope = {"__name__": MODULE, **(namespace or {})}
    exec(compile(text, filename, "exec", dont_inherit=True), scope)
    function = scope[name]
    _remember(filename, text, function)
    return function  # type: ignore[no-any-return]


def is_generated(code: types.CodeType) -> bool:
    """Tell whether code was compiled from a generated text."""
    return code.co_filename.startswith("<ast_ad ")


def _remember(filename: str, text: str, function: Callable[..., Any]) -> None:
    """Keep the lines for as long as a function lives that was made of them, and until the next one is made."""
    with _lock:
        _drop_unused()
        _users[filename] = _users.get(filename, 0) + 1
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    weakref.finalize(function, _forget, filename).atexit = False


def _forget(filename: str) -> None:
    """Note that a function is gone: at any moment, perhaps while `linecache` walks over its entries."""
    _unused.append(filename)


def _drop_unused() -> None:
    while _unused:
        filename = _unused.pop()
        _users[filename] -= 1
        if not _users[filename]:
            del _users[filename]
            linecache.cache.pop(filename, None)
