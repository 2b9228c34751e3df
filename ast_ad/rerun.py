"""Functions of which a derivative keeps nothing: the reverse sweep runs them again."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from ast_ad.errors import ArgumentError


class Rerun:
    """A function that is run again in the reverse sweep; called, it is the function itself.

    Attributes
    ----------
    __wrapped__ : callable
        The function.
    static : bool
        Whether it is no method where a class has it.
    """

    __ast_ad_rerun__ = True
    __wrapped__: Callable[..., Any]

    def __init__(self, fun: Callable[..., Any]) -> None:
        if not callable(fun):
            raise ArgumentError(f"checkpoint takes a function, not {fun!r}", help="write checkpoint(fun)(x)")
        self.static = isinstance(fun, staticmethod)
        functools.update_wrapper(self, fun.__func__ if isinstance(fun, staticmethod) else fun, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does."""
        return self if instance is None or self.static else types.MethodType(self, instance)

    def __reduce__(self) -> Any:
        """Pickle by name where the name stands for this object, else with the function."""
        found: Any = getattr(self.__wrapped__, "__globals__", {}).get(getattr(self, "__qualname__", ""))
        return self.__qualname__ if found is self else (Rerun, (self.__wrapped__,))

    def __repr__(self) -> str:
        return f"<checkpoint of {getattr(self, '__qualname__', repr(self.__wrapped__))}>"
