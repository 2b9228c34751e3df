"""Lists, dicts and tuples as base classes: what a class of the user's inherits from them, written in Python.

An object of such a class is like others, with the items in an attribute, `builtin_`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

BUILTIN = "builtin_"


class _Base:
    """What the three have in common; `builtin_` is empty when an object is made."""

    builtin_: Any

    def __getitem__(self, index: Any) -> Any:
        return self.builtin_[index]

    def __len__(self) -> int:
        return len(self.builtin_)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.builtin_)

    def __contains__(self, item: Any) -> bool:
        return item in self.builtin_

    def __ne__(self, other: object) -> bool:
        return not self == other


class _Sequence(_Base):
    """What lists and tuples have in common."""

    def __add__(self, other: Iterable[Any]) -> Any:
        return self.builtin_ + type(self.builtin_)(other)

    def __radd__(self, other: Any) -> Any:
        return other + self.builtin_

    def __mul__(self, count: int) -> Any:
        return self.builtin_ * count

    def __rmul__(self, count: int) -> Any:
        return self.builtin_ * count

    def index(self, value: Any) -> int:
        return int(self.builtin_.index(value))

    def count(self, value: Any) -> int:
        return int(self.builtin_.count(value))


class TupleBase(_Sequence):
    """As `tuple`."""

    def __new__(cls, items: Iterable[Any] = ()) -> Any:
        made = object.__new__(cls)
        object.__setattr__(made, "builtin_", tuple(items))
        return made

    def __eq__(self, other: object) -> bool:
        return bool(self.builtin_ == tuple(other)) if isinstance(other, tuple) else NotImplemented


class ListBase(_Sequence):
    """As `list`."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.builtin_.clear()
        self.builtin_.extend(items)

    def __eq__(self, other: object) -> bool:
        return bool(self.builtin_ == list(other)) if isinstance(other, list) else NotImplemented

    def __setitem__(self, index: Any, value: Any) -> None:
        self.builtin_[index] = value

    def __delitem__(self, index: Any) -> None:
        del self.builtin_[index]

    def __iadd__(self, other: Iterable[Any]) -> Any:
        self.builtin_.extend(other)
        return self

    def append(self, item: Any) -> None:
        self.builtin_.append(item)

    def extend(self, items: Iterable[Any]) -> None:
        self.builtin_.extend(items)

    def insert(self, index: int, item: Any) -> None:
        self.builtin_.insert(index, item)

    def pop(self, index: int = -1) -> Any:
        return self.builtin_.pop(index)

    def remove(self, item: Any) -> None:
        self.builtin_.remove(item)

    def clear(self) -> None:
        self.builtin_.clear()

    def copy(self) -> list[Any]:
        return list(self.builtin_)

    def reverse(self) -> None:
        self.builtin_.reverse()

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        self.builtin_.sort(key=key, reverse=reverse)


class DictBase(_Base):
    """As `dict`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.builtin_.update(*given, **named)

    def __getitem__(self, key: Any) -> Any:
        if key not in self.builtin_ and hasattr(self, "__missing__"):
            return self.__missing__(key)
        return self.builtin_[key]

    def __eq__(self, other: object) -> bool:
        return bool(self.builtin_ == dict(other)) if isinstance(other, dict) else NotImplemented

    def __setitem__(self, key: Any, value: Any) -> None:
        self.builtin_[key] = value

    def __delitem__(self, key: Any) -> None:
        del self.builtin_[key]

    def get(self, key: Any, default: Any = None) -> Any:
        return self.builtin_.get(key, default)

    def keys(self) -> Any:
        return self.builtin_.keys()

    def values(self) -> Any:
        return self.builtin_.values()

    def items(self) -> Any:
        return self.builtin_.items()

    def pop(self, key: Any, *default: Any) -> Any:
        return self.builtin_.pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return self.builtin_.setdefault(key, default)

    def update(self, *given: Any, **named: Any) -> None:
        self.builtin_.update(*given, **named)

    def clear(self) -> None:
        self.builtin_.clear()

    def copy(self) -> dict[Any, Any]:
        return dict(self.builtin_)


BASES: dict[type, type] = {dict: DictBase, list: ListBase, tuple: TupleBase}
"""What stands for the classes that a class of the user's may inherit from."""
