"""Guards: what lowering assumed of the world outside the function, so that every call can check it.

A *guard* is an assumption about what lies at a path (`ast_ad.frontend.paths`): the function that a name stood for, the
kind of a number, a structure.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.frontend.paths import Path, reference
from ast_ad.frontend.quick import Bind, container_tests, kind_test
from ast_ad.ir.kinds import Kind, kind_of
from ast_ad.trees import Static, Tree, flatten

_LOOKUP_ERRORS = (AttributeError, LookupError, NameError, TypeError, ValueError, ImportError)


class Guard:
    """An assumption about what lies at a path."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, root: Any) -> bool:
        """Tell whether the assumption still holds; `root` is the function that is called."""
        try:
            value = self.path.read(root)
        except _LOOKUP_ERRORS:
            return False
        return self.accepts(value)

    def accepts(self, value: Any) -> bool:
        """Tell whether the assumption holds for this value."""
        raise NotImplementedError

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`; one of `_LOOKUP_ERRORS` means that it does not hold."""
        return f"{bind(self.accepts)}({self.path.expression(bind)})"

    def copy_at(self, path: Path) -> Guard:
        """Return the same assumption about another path."""
        copy = object.__new__(type(self))
        for cls in type(self).__mro__:
            for slot in getattr(cls, "__slots__", ()):
                setattr(copy, slot, getattr(self, slot))
        copy.path = path
        return copy

    def rooted(self, at: Path) -> Guard:
        """Return the same assumption of a function that is found at `at`."""
        return self.copy_at(self.path.rooted(at))


class Identity(Guard):
    """There lies this object."""

    __slots__ = ("get", "is_method")

    def __init__(self, path: Path, value: Any) -> None:
        super().__init__(path)
        # A method of a builtin object, such as `np.add.at`, is made anew each time that it is read.
        owner = getattr(value, "__self__", None) if isinstance(value, types.BuiltinMethodType) else None
        self.is_method = owner is not None and not isinstance(owner, types.ModuleType)
        self.get: Callable[[], Any] = (lambda: value) if self.is_method else reference(value)

    def accepts(self, value: Any) -> bool:
        """Tell whether it is the same object (and still there)."""
        kept = self.get()
        return kept is value or (self.is_method and type(value) is type(kept) and bool(value == kept))

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`."""
        if self.is_method:
            return super().expression(bind)
        return f"{self.path.expression(bind)} is {bind(self.get)}()"


class SameObject(Guard):
    """There lies what lies at another path, too."""

    __slots__ = ("other",)

    def __init__(self, path: Path, other: Path) -> None:
        super().__init__(path)
        self.other = other

    def holds(self, root: Any) -> bool:
        """Tell whether both paths lead to one object."""
        try:
            return self.path.read(root) is self.other.read(root)
        except _LOOKUP_ERRORS:
            return False

    def accepts(self, value: Any) -> bool:
        """Refuse any value: which one is right depends on the other path."""
        return False

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`."""
        return f"{self.path.expression(bind)} is {self.other.expression(bind)}"

    def rooted(self, at: Path) -> Guard:
        """Return the same assumption of a function that is found at `at`."""
        return SameObject(self.path.rooted(at), self.other.rooted(at))


class SameCode(Guard):
    """There lies a Python function with this code, these defaults and this module; its cells are not part of it."""

    __slots__ = ("code", "defaults", "keyword_defaults", "namespace")

    def __init__(self, path: Path, function: types.FunctionType) -> None:
        super().__init__(path)
        self.code = function.__code__
        self.namespace = function.__globals__
        self.defaults = function.__defaults__ and tuple(map(Static, function.__defaults__))
        self.keyword_defaults = _statics(function.__kwdefaults__)

    def accepts(self, value: Any) -> bool:
        """Tell whether it is a function that would be lowered to the same code."""
        return (
            isinstance(value, types.FunctionType)
            and value.__code__ is self.code
            and value.__globals__ is self.namespace
            and (value.__defaults__ and tuple(map(Static, value.__defaults__))) == self.defaults
            and _statics(value.__kwdefaults__) == self.keyword_defaults
        )


def _statics(mapping: dict[str, Any] | None) -> dict[str, Static] | None:
    return mapping and {name: Static(value) for name, value in mapping.items()}


class EmptyCell(Guard):
    """There lies a closure cell that nothing has been bound to."""

    __slots__ = ()

    def holds(self, root: Any) -> bool:
        """Tell whether the cell is still empty."""
        try:
            self.path.read(root)
        except ValueError:
            return True
        return False

    def accepts(self, value: Any) -> bool:
        """Refuse any value."""
        return False

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`."""
        return f"{bind(self.holds)}(root)"


class SameValue(Guard):
    """There lies an equal string, constant or other plain value, of the same type."""

    __slots__ = ("value",)

    def __init__(self, path: Path, value: Any) -> None:
        super().__init__(path)
        self.value = Static(value)

    def accepts(self, value: Any) -> bool:
        """Tell whether the value is equal."""
        return self.value == Static(value)


class SameKind(Guard):
    """There lies a number of this kind."""

    __slots__ = ("kind",)

    def __init__(self, path: Path, kind: Kind) -> None:
        super().__init__(path)
        self.kind = kind

    def accepts(self, value: Any) -> bool:
        """Tell whether the number has the kind."""
        return kind_of(value) == self.kind

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`: what most numbers pass is tested first."""
        name = bind(None)
        first = f"{name} := {self.path.expression(bind)}"
        return f"{kind_test(first, name, self.kind, bind)} or {bind(self.accepts)}({name})"


class SameShape(Guard):
    """There lies an array of this shape."""

    __slots__ = ("shape",)

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        super().__init__(path)
        self.shape = shape

    def accepts(self, value: Any) -> bool:
        """Tell whether the array has the shape."""
        return bool(value.shape == self.shape)


class SameTree(Guard):
    """There lies a container of this structure."""

    __slots__ = ("tree",)

    def __init__(self, path: Path, tree: Tree) -> None:
        super().__init__(path)
        self.tree = tree

    def accepts(self, value: Any) -> bool:
        """Tell whether the container has the structure."""
        return flatten(value)[1] == self.tree

    def expression(self, bind: Bind) -> str:
        """Return ``holds`` as an expression of `root`; the numbers in the container have guards of their own."""
        name = bind(None)
        tests = container_tests(f"{name} := {self.path.expression(bind)}", name, self.tree, bind)
        return f"{' and '.join(tests)} or {bind(self.accepts)}({name})"


def together(guards: Sequence[Guard]) -> Callable[[Any], bool]:
    """Return ``holds(root)``: whether all guards hold for the function that is called.

    It is asked at every call of a derivative, so it is compiled into one expression.
    """
    if not guards:
        return lambda root: True
    scope: dict[str, Any] = {"errors": _LOOKUP_ERRORS}

    def bind(value: Any) -> str:
        name = f"v{len(scope)}"
        scope[name] = value
        return name

    test = " and ".join(f"({guard.expression(bind)})" for guard in guards)
    exec(f"def holds(root):\n    try:\n        return {test}\n    except errors:\n        return False", scope)
    return scope["holds"]  # type: ignore[no-any-return]
