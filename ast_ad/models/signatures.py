"""What `inspect.Signature.bind` returns."""

from __future__ import annotations

import inspect
from typing import Any


class BoundArguments:
    """As `inspect.BoundArguments`.

    `defaults` has what `apply_defaults` gives to each parameter that has anything; `start` are the names of the
    parameters that are passed by position, `rest` and `named` those of ``*args`` and ``**kwargs``.
    """

    __ast_ad_model__: type = inspect.BoundArguments

    def __init__(
        self,
        signature: inspect.Signature,
        arguments: dict[str, Any],
        defaults: dict[str, Any],
        start: tuple[str, ...],
        rest: str,
        named: str,
    ) -> None:
        self.signature = signature
        self.arguments = arguments
        self._defaults = defaults
        self._start = start
        self._rest = rest
        self._named = named

    def apply_defaults(self) -> None:
        """As Python's."""
        given = self.arguments
        self.arguments = {name: given.get(name, value) for name, value in self._defaults.items()}

    @property
    def args(self) -> tuple[Any, ...]:
        """As Python's: what is passed by position, up to the first parameter that got nothing."""
        found: tuple[Any, ...] = ()
        for name in self._start:
            if name not in self.arguments:
                return found
            value = self.arguments[name]
            found = (*found, *value) if name == self._rest else (*found, value)
        return found

    @property
    def kwargs(self) -> dict[str, Any]:
        """As Python's: all the others."""
        found: dict[str, Any] = {}
        by_name = False
        for name in self._defaults:
            by_name = by_name or name not in self._start or name not in self.arguments
            if by_name and name in self.arguments and name == self._named:
                found.update(self.arguments[name])
            elif by_name and name in self.arguments:
                found[name] = self.arguments[name]
        return found
