"""Paths: how to reach a value outside the function at run time, so that every call can read it anew.

A *path* starts from the function that is called (`Root`) and leads through its closure cells, a namespace, attributes
and items.  A *free input* is a number at the end of a path: it is read at each call.

Cells are reached through the function, not held: a new function with the same code (a lambda in a loop) has new ones.
"""

from __future__ import annotations

import builtins
import importlib
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, Union

from ast_ad.frontend.quick import Bind
from ast_ad.ir.kinds import Kind


@dataclass(frozen=True)
class Root:
    """The function that is called."""

    def read(self, root: Any) -> Any:
        """Return the function."""
        return root

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return "root"

    def rooted(self, at: Path) -> Path:
        """Return the same path, starting at `at`."""
        return at


@dataclass(frozen=True)
class Cell:
    """A closure cell of a function."""

    function: Path
    index: int
    name: str

    def read(self, root: Any) -> Any:
        """Return what the cell holds."""
        return self.function.read(root).__closure__[self.index].cell_contents

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{self.function.expression(bind)}.__closure__[{self.index}].cell_contents"

    def rooted(self, at: Path) -> Path:
        """Return the same path, starting at `at`."""
        return Cell(self.function.rooted(at), self.index, self.name)


class Global:
    """A name in a module's namespace, or a builtin."""

    __slots__ = ("name", "namespace")

    def __init__(self, namespace: dict[str, Any], name: str) -> None:
        self.namespace = namespace
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Global) and self.namespace is other.namespace and self.name == other.name

    def __hash__(self) -> int:
        return hash((id(self.namespace), self.name))

    def read(self, root: Any) -> Any:
        """Return what the name stands for now."""
        try:
            return self.namespace[self.name]
        except KeyError:
            return getattr(builtins, self.name)

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        if self.name in self.namespace:
            return f"{bind(self.namespace)}[{self.name!r}]"
        return f"{bind(self.namespace)}.get({self.name!r}, {bind(builtins)}.{self.name})"

    def rooted(self, at: Path) -> Path:
        """Return the same path: it does not start at the function."""
        return self


@dataclass(frozen=True)
class Imported:
    """A module that the function imports itself."""

    name: str

    def read(self, root: Any) -> Any:
        """Return the module."""
        return importlib.import_module(self.name)

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{bind(self.read)}(root)"

    def rooted(self, at: Path) -> Path:
        """Return the same path: it does not start at the function."""
        return self


@dataclass(frozen=True)
class _OfOwner:
    """What something that a path leads to has under a name."""

    owner: Path
    name: str

    def rooted(self: _Own, at: Path) -> _Own:
        """Return the same path, starting at `at`."""
        return replace(self, owner=self.owner.rooted(at))


_Own = TypeVar("_Own", bound=_OfOwner)


@dataclass(frozen=True)
class Member(_OfOwner):
    """An attribute."""

    def read(self, root: Any) -> Any:
        """Return the attribute's value."""
        return getattr(self.owner.read(root), self.name)

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{self.owner.expression(bind)}.{self.name}"


@dataclass(frozen=True)
class InClass(_OfOwner):
    """What a class has for a name, as it stands there: a descriptor is not asked for what it computes."""

    def read(self, root: Any) -> Any:
        """Return what the first of the class and its bases that defines the name has for it."""
        return _in_class(self.owner.read(root), self.name)

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{bind(_in_class)}({self.owner.expression(bind)}, {self.name!r})"


def _in_class(cls: type, name: str) -> Any:
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    raise AttributeError(name)


@dataclass(frozen=True)
class Item:
    """An item of a tuple, list or dict."""

    owner: Path
    key: Any

    def read(self, root: Any) -> Any:
        """Return the item."""
        return self.owner.read(root)[self.key]

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{self.owner.expression(bind)}[{bind(self.key)}]"

    def rooted(self, at: Path) -> Path:
        """Return the same path, starting at `at`."""
        return Item(self.owner.rooted(at), self.key)


class Held:
    """An object that is known already (a static argument), by weak reference where it has them."""

    __slots__ = ("_get", "_id")

    def __init__(self, value: Any) -> None:
        self._get = reference(value)
        self._id = id(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and self._get() is other._get()

    def __hash__(self) -> int:
        return self._id

    def read(self, root: Any) -> Any:
        """Return the object, or None when it is gone."""
        return self._get()

    def expression(self, bind: Bind) -> str:
        """Return the path as an expression of `root`."""
        return f"{bind(self._get)}()"

    def rooted(self, at: Path) -> Path:
        """Return the same path: it does not start at the function."""
        return self


class Made(Held):
    """An object that lowering has made, and keeps alive."""

    __slots__ = ()

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self._get = lambda: value


Path = Union[Root, Cell, Global, Imported, Member, InClass, Item, Held]


def reference(value: Any) -> Callable[[], Any]:
    """Return a function that gives `value`, without keeping it alive where that is possible."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


@dataclass(frozen=True)
class FreeInput:
    """A number that the function reads from outside; it is read again at each call."""

    path: Path
    kind: Kind
    name: str

    def read(self, root: Any) -> Any:
        """Return the number now; `root` is the function that is called."""
        return self.path.read(root)

    def rooted(self, at: Path) -> FreeInput:
        """Return the same input of a function that is found at `at`."""
        return FreeInput(self.path.rooted(at), self.kind, self.name)
