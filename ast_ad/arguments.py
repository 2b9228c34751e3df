"""Which arguments of a function are differentiated, and how a call's arguments reach its parameters."""

from __future__ import annotations

import functools
import inspect
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

import numpy as np

from ast_ad.custom import Primitive
from ast_ad.errors import ArgumentError
from ast_ad.frontend.arguments import NAMED, OPTIONS, POSITIONAL
from ast_ad.frontend.later import has_model
from ast_ad.rules.registry import find

Argnums = Union[int, str, Sequence[Union[int, str]]]


@dataclass(frozen=True)
class Target:
    """One argument that is differentiated: a parameter, or an item of ``*args`` or ``**kwargs``."""

    name: str
    item: int | str | None = None

    def __str__(self) -> str:
        return self.name if self.item is None else f"{self.name}[{self.item!r}]"

    def of(self, values: Mapping[str, Any]) -> Any:
        """Return the argument, out of the values of all parameters."""
        value = values[self.name]
        if self.item is None:
            return value
        try:
            return value[self.item]
        except LookupError:
            raise self.missing() from None

    def missing(self) -> ArgumentError:
        """Return the error that a call leaves this argument out."""
        return ArgumentError(f"`{self}` is not among the arguments of this call", help="pass it, or change argnums")


class Callee:
    """A callable taken apart: the function that has the source, and the arguments that it is given already.

    A bound method is its function and the object; a partial its function and what it holds; an object with `__call__`
    is that method and the object itself.
    """

    def __init__(self, fun: Callable[..., Any], *, method: bool = False) -> None:
        function, prefix, keywords = _unwrapped(fun)
        self.function = function
        self.prefix = prefix
        self.keywords = keywords
        self.signature = _signature(function)
        self.skipped = len(prefix) or int(method or self._takes_itself())

    @property
    def name(self) -> str:
        """The function's name, as it can stand in generated code."""
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return name if name.isidentifier() else "function"

    def _takes_itself(self) -> bool:
        """Tell whether this is a function of a class body whose first parameter is the object or the class."""
        *around, _ = getattr(self.function, "__qualname__", "").split(".")
        first = next(iter(self.signature.parameters), "")
        return bool(around) and around[-1] != "<locals>" and first in ("self", "cls")

    @property
    def visible(self) -> inspect.Signature:
        """The signature without what is given already; what comes after an argument that is given has a name alone."""
        parameters = list(self.signature.parameters.values())[len(self.prefix) :]
        names = [p.name for p in parameters]
        first = min((names.index(name) for name in self.keywords if name in names), default=len(names))
        variadic = [p for p in parameters if p.kind is p.VAR_POSITIONAL]
        rest = [
            p.replace(kind=p.KEYWORD_ONLY) if p.kind is p.POSITIONAL_OR_KEYWORD else p
            for p in parameters[first:]
            if p.name not in self.keywords and p not in variadic
        ]
        return self.signature.replace(parameters=[*parameters[:first], *rest] if first < len(names) else parameters)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the value of every parameter for a call, defaults included.

        Raises
        ------
        TypeError
            As Python would for the call itself.
        """
        try:
            bound = self.signature.bind(*self.prefix, *args, **{**self.keywords, **kwargs})
        except TypeError as error:
            got = "got " if str(error).startswith(("too many", "multiple")) else ""
            raise TypeError(f"{self.name}() {got}{error}") from None
        bound.apply_defaults()
        return bound.arguments

    def targets(self, argnums: Argnums) -> tuple[tuple[Target, ...], bool]:
        """Return the arguments that `argnums` names, and whether it names a single one.

        Raises
        ------
        ArgumentError
            If there is no such argument, or if it is named twice.
        """
        single = isinstance(argnums, str) or not isinstance(argnums, Sequence)
        wanted: Sequence[Any] = [argnums] if single else list(argnums)  # type: ignore[arg-type]
        targets = tuple(self._target(each) for each in wanted)
        if not targets:
            raise ArgumentError("argnums is empty: nothing is differentiated", help="name at least one argument")
        for target in targets:
            if targets.count(target) > 1:
                raise ArgumentError(f"argnums names `{target}` twice", help="name each argument once")
        return targets, single

    def _target(self, which: Any) -> Target:
        parameters = list(self.signature.parameters.values())
        if isinstance(which, str):
            return self._named(which, parameters)
        try:
            position = operator.index(which)
        except TypeError:
            message = f"argnums takes positions and names, not {which!r}"
            raise ArgumentError(message, help="for instance argnums=0, argnums='x' or argnums=(0, 1)") from None
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        count = len(positional) - self.skipped
        variadic = next((p for p in parameters if p.kind is p.VAR_POSITIONAL), None)
        index = position + count if position < 0 and variadic is None else position
        if 0 <= index < count:
            return Target(positional[index + self.skipped].name)
        if variadic is not None and index >= 0:
            return Target(variadic.name, index - count)
        names = ", ".join(p.name for p in parameters[self.skipped :])
        method = "it is a method, whose first parameter is the object: write `def f(self, x)`, or a static method"
        raise ArgumentError(
            f"argnums={position}, but {self.name}() takes {count} positional argument{'s' * (count != 1)}",
            help=method if not names and self.prefix else f"its arguments are {names or '(none)'}",
        )

    def _named(self, name: str, parameters: list[inspect.Parameter]) -> Target:
        free = parameters[self.skipped :]
        for parameter in parameters:
            if parameter.name == name and parameter.kind is not parameter.VAR_KEYWORD:
                return Target(name)
        visible = list(_signature(self.function, follow=True).parameters)
        variadic = next((p.name for p in free if p.kind is p.VAR_POSITIONAL), None)
        if variadic is not None and name in visible[self.skipped :]:
            return Target(variadic, visible.index(name) - (len(parameters) - len(free)))
        keywords = next((p.name for p in free if p.kind is p.VAR_KEYWORD), None)
        if keywords is not None:
            return Target(keywords, name)
        raise ArgumentError(
            f"{self.name}() has no argument `{name}`",
            help=f"its arguments are {', '.join(p.name for p in free) or '(none)'}",
        )


def _unwrapped(fun: Any) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    if isinstance(fun, staticmethod):
        return _unwrapped(fun.__func__)
    if isinstance(fun, types.MethodType) and not has_model(fun):
        function, prefix, keywords = _unwrapped(fun.__func__)
        return function, (*prefix, fun.__self__), keywords
    if isinstance(fun, functools.partial):
        function, prefix, keywords = _unwrapped(fun.func)
        return function, (*prefix, *fun.args), {**keywords, **fun.keywords}
    plain = isinstance(fun, (types.FunctionType, types.BuiltinFunctionType, type))
    call = inspect.getattr_static(type(fun), "__call__", None)
    known = hasattr(fun, "__ast_ad_lower__") or hasattr(fun, "__ast_ad_rerun__") or find(fun) is not None
    if not plain and isinstance(call, types.FunctionType) and not known:
        return call, (fun,), {}
    return fun, (), {}


def _signature(function: Callable[..., Any], *, follow: bool = False) -> inspect.Signature:
    """Return a function's signature; of one of a library the arguments that it needs by name: `pow` has two."""
    try:
        if not isinstance(function, np.ufunc):
            wraps = hasattr(function, "__ast_ad_lower__") or hasattr(function, "__ast_ad_rerun__")
            wraps = wraps or isinstance(function, functools._lru_cache_wrapper)
            follow = follow or wraps or find(function) is not None
            signature = inspect.signature(function, follow_wrapped=follow)
            library = isinstance(function, types.BuiltinFunctionType) or find(function) is not None
            if not library or isinstance(function, Primitive):
                return signature
            return _with_options(list(signature.parameters.values()))
    except (TypeError, ValueError):
        return inspect.Signature([inspect.Parameter(POSITIONAL, inspect.Parameter.VAR_POSITIONAL)])
    names = ["x"] if function.nin == 1 else [f"x{i}" for i in range(function.nin)]
    return inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names])


def _with_options(every: Sequence[inspect.Parameter]) -> inspect.Signature:
    """Return a signature where what may be left out is what follows, or has a name: defaults are not passed.

    >>> print(_with_options(list(inspect.signature(np.cumsum).parameters.values())))
    (a, *options, **named)
    """
    needed = [p for p in every if p.default is p.empty and p.kind in _POSITIONAL] or list(every[:1])
    if needed == list(every):
        return inspect.Signature(needed)
    options = inspect.Parameter(OPTIONS, inspect.Parameter.VAR_POSITIONAL)
    return inspect.Signature([*needed, options, inspect.Parameter(NAMED, inspect.Parameter.VAR_KEYWORD)])


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
