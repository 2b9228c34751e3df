"""The `__dict__` of an object and `types.SimpleNamespace`, written in Python."""

from __future__ import annotations

import argparse
import types
from collections.abc import Iterable, Iterator
from typing import Any


def names_of(owner: Any) -> tuple[str, ...]:
    """Return the names of the attributes that an object itself has; lowering knows them."""
    return tuple(vars(owner))


class Namespace:
    """As ``vars(owner)``: what is read and written through it are the attributes of the object."""

    __ast_ad_model__ = dict

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __getitem__(self, name: str) -> Any:
        if name not in names_of(self.owner):
            raise KeyError(name)
        return object.__getattribute__(self.owner, name)

    def __setitem__(self, name: str, value: Any) -> None:
        object.__setattr__(self.owner, name, value)

    def __contains__(self, name: str) -> bool:
        return name in names_of(self.owner)

    def __len__(self) -> int:
        return len(names_of(self.owner))

    def __iter__(self) -> Iterator[str]:
        return iter(names_of(self.owner))

    def get(self, name: str, default: Any = None) -> Any:
        """As `dict.get`."""
        return self[name] if name in names_of(self.owner) else default

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As `dict.setdefault`."""
        if name not in names_of(self.owner):
            self[name] = default
        return self[name]

    def keys(self) -> tuple[str, ...]:
        """As `dict.keys`."""
        return names_of(self.owner)

    def values(self) -> tuple[Any, ...]:
        """As `dict.values`."""
        return tuple([self[name] for name in names_of(self.owner)])

    def items(self) -> tuple[tuple[str, Any], ...]:
        """As `dict.items`."""
        return tuple([(name, self[name]) for name in names_of(self.owner)])

    def copy(self) -> dict[str, Any]:
        """As `dict.copy`."""
        return dict(self.items())

    def update(self, other: Any = (), **named: Any) -> None:
        """As `dict.update`."""
        pairs: Iterable[tuple[str, Any]] = other.items() if isinstance(other, dict) else other
        for name, value in pairs:
            self[name] = value
        for name, value in named.items():
            self[name] = value


class SimpleNamespace:
    """As `types.SimpleNamespace`."""

    __ast_ad_model__: type = types.SimpleNamespace

    def __init__(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and dict(vars(self).items()) == dict(vars(other).items())


class ParsedArguments(SimpleNamespace):
    """As `argparse.Namespace`."""

    __ast_ad_model__: type = argparse.Namespace
