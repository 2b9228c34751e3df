"""How generated code gets at the objects that it uses: modules to import, and what has to be handed over by name.

Whoever ships the text needs the imports only.  What has no importable name (a function defined in a function, say)
is bound in the namespace in which the text runs.  A name steps aside where a variable of the user's is called the
same.
"""

from __future__ import annotations

import builtins
import keyword
import sys
import types
from collections.abc import Collection
from typing import Any

import numpy as np

_WHOLE_MODULES = ("math", "cmath", "operator", "builtins")
"""Modules that are imported whole, because that is how people use them."""


_RUNTIME = "ast_ad.runtime"


class References:
    """The objects outside a generated function, by the names that it uses for them.

    Parameters
    ----------
    variables
        Names that the user's variables have.

    Attributes
    ----------
    names : dict
        The names bound at module level.
    namespace : dict
        What the text needs and cannot import.
    """

    def __init__(self, variables: Collection[str]) -> None:
        self.variables = variables
        self.names: dict[str, None] = {}
        self.namespace: dict[str, Any] = {}
        self._paths: dict[int, str] = {}
        self._alive: list[Any] = []
        self._modules: dict[str, str] = {}
        self._members: dict[tuple[str, str], str] = {}

    def path(self, value: Any) -> str:
        """Return the dotted name by which generated code refers to an object."""
        if id(value) not in self._paths:
            self._alive.append(value)
            self._paths[id(value)] = self._find(value)
        return self._paths[id(value)]

    def claim(self, wish: str) -> str:
        """Return a name that is free at module level, and take it."""
        wish = wish if wish.isidentifier() and not keyword.iskeyword(wish) else "value"
        name, number = wish, 1
        while name in self.variables or name in self.names:
            number += 1
            name = f"{wish}_{number}"
        self.names[name] = None
        return name

    def imports(self) -> tuple[str, ...]:
        """Return the import statements, sorted as isort sorts them."""
        plain = [f"import {name}" + (f" as {alias}" if alias != name else "") for name, alias in self._modules.items()]
        lines: dict[str, list[str]] = {}
        for (module, member), alias in self._members.items():
            lines.setdefault(module, []).append(member + (f" as {alias}" if alias != member else ""))
        members = [f"from {module} import {', '.join(sorted(found))}" for module, found in lines.items()]
        return (*sorted(plain), *sorted(members))

    def _find(self, value: Any) -> str:
        if isinstance(value, types.ModuleType):
            return self._module(value.__name__)
        name = getattr(value, "__name__", "")
        if name and getattr(builtins, name, None) is value:
            return self._builtin(name)
        home = getattr(value, "__objclass__", None)
        if isinstance(home, type) and isinstance(value, types.MethodDescriptorType):
            return f"{self.path(home)}.{name}"
        if isinstance(getattr(value, "__self__", None), np.ufunc):
            return f"{self.path(value.__self__)}.{name}"
        found = _in_numpy(value, name)
        if found:
            return f"{self._module('numpy')}.{found}"
        qualified = getattr(value, "__qualname__", name) or ""
        own = _home(value)
        module = _public(own)
        if module != own and _member(sys.modules.get(module), qualified) is not value:
            module = own
        if module != "__main__" and qualified and _member(sys.modules.get(module), qualified) is value:
            return (
                f"{self._module(module)}.{qualified}" if module in _WHOLE_MODULES else self._import(module, qualified)
            )
        name = self.claim(name or type(value).__name__.lower())
        self.namespace[name] = value
        return name

    def _builtin(self, name: str) -> str:
        if name in self.variables:
            return f"{self._module('builtins')}.{name}"
        self.names[name] = None
        return name

    def _module(self, name: str) -> str:
        if name not in self._modules:
            self._modules[name] = self.claim("np" if name == "numpy" else name.replace(".", "_"))
        return self._modules[name]

    def _import(self, module: str, qualified: str) -> str:
        member, dot, rest = qualified.partition(".")
        if (module, member) not in self._members:
            self._members[module, member] = self.claim(member)
        return self._members[module, member] + dot + rest


def _home(value: Any) -> str:
    """Return the module of an object; a ufunc does not tell which that is."""
    if isinstance(value, np.ufunc) and _member(sys.modules.get("scipy.special"), value.__name__) is value:
        return "scipy.special"
    return getattr(value, "__module__", None) or ""


def _public(module: str) -> str:
    """Return the module that shows what a C module such as `_operator`, or a part of a library, holds."""
    if module.startswith("scipy."):
        return module.partition("._")[0]
    if module.startswith(f"{_RUNTIME}."):
        return _RUNTIME
    return module.removeprefix("_") if module.removeprefix("_") in _WHOLE_MODULES else module


def _member(module: Any, qualified: str) -> Any:
    found = module
    for name in qualified.split("."):
        found = getattr(found, name, None)
    return found


def _in_numpy(value: Any, name: str) -> str:
    """Return the path of an object below `numpy`, or ""."""
    if not name:
        return ""
    if name == "absolute":
        name = "abs"
    module = getattr(value, "__module__", None) or "numpy"
    if module.split(".")[0] == "numpy" or isinstance(value, np.ufunc):
        if getattr(np, name, None) is value:
            return name
        for own in (module.partition("._")[0], module):
            inner = f"{own.removeprefix('numpy.')}.{name}"
            if _member(np, inner) is value:
                return inner
    return ""
