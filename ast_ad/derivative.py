"""Derivative functions: callables that are specialised on the kinds of their arguments, and remember it.

The first call with new kinds lowers, transforms and compiles; later ones look the result up. What is remembered
belongs to the code of the function, not to the function object: a lambda that is made anew in each step of a training
loop is lowered once. Whatever lowering assumed of the world outside is checked at each call.
"""

from __future__ import annotations

import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ast_ad import pipeline
from ast_ad.arguments import Argnums, Callee
from ast_ad.assumed import general_arguments
from ast_ad.frontend.lower import Argument, Lowered
from ast_ad.trees import flatten
from ast_ad.ir.kinds import kind_of
from ast_ad.pipeline import Derived
from ast_ad.request import Request

_PLAIN = frozenset({bool, int, float, complex, *(np.dtype(code).type for code in "?bhilqBHILQefdgFDG")})
"""The types of numbers for which the type is the kind."""

_KEPT = 64
"""How many signatures of one function are kept, and how many plans of one signature; the oldest go first."""

_lock = threading.RLock()


class _Cache:
    """What is remembered of one function: its plans by signature, and the caches of its derivatives."""

    __slots__ = ("derivatives", "plans")

    def __init__(self) -> None:
        self.plans: dict[Any, list[Plan]] = {}
        self.derivatives: dict[Any, _Cache] = {}


_cache: dict[tuple[int, int], _Cache] = {}
_library: dict[Callable[..., Any], _Cache] = {}


class Plan:
    """A derivative that is compiled for one signature, and how to call it.

    Attributes
    ----------
    passed
        Names of the parameters that the compiled function takes: those that hold numbers.
    derived
        What the pipeline made.
    """

    __slots__ = ("derived", "hidden", "holds", "passed", "run")

    def __init__(self, derived: Derived, passed: tuple[str, ...]) -> None:
        self.derived = derived
        self.run = derived.function
        self.holds = derived.holds
        self.hidden = derived.hidden
        self.passed = passed


class Derivative:
    """A derivative of a function; call it with the function's own arguments.

    Attributes
    ----------
    source : str
        The text of the derivative: specialised if it has been called, general otherwise.
    primal : callable
        The function that is differentiated.
    argnums : int, str, or a sequence of these
        By which arguments.
    """

    def __init__(self, fun: Callable[..., Any], operator: str, argnums: Argnums) -> None:
        self._fun = fun
        self._operator = operator
        self.argnums = argnums
        self._latest: Plan | None = None
        functools.update_wrapper(self, fun, updated=())
        self._prepare(method=False)

    def _prepare(self, *, method: bool) -> None:
        self._callee = Callee(self._fun, method=method)
        self.primal = self._callee.function
        self.__signature__ = self._callee.visible
        targets, single = self._callee.targets(self.argnums)
        self._request = Request(self._operator, targets, single)
        pipeline.check_source(self._callee.function)
        self._plans: dict[tuple[type, ...], tuple[Plan, tuple[Any, ...]]] = {}
        self._cache = _cache_of(self._callee.function)
        self._version = _version_of(self._callee.function)

    def __set_name__(self, owner: type, name: str) -> None:
        """Become a method: `self` is not counted among the arguments."""
        if isinstance(self._fun, staticmethod):
            return
        if isinstance(self._fun, Derivative):
            self._fun.__set_name__(owner, name)
        self._prepare(method=True)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does."""
        static = instance is None or isinstance(self._fun, staticmethod)
        return self if static else types.MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            known = self._plans.get(tuple(map(type, args)))
            if known is not None:
                plan, more = known
                root = self.primal
                if plan.holds(root) and _version_of(root) == self._version:
                    if plan.hidden or more:
                        return plan.run(*args, *more, *[each.read(root) for each in plan.hidden])
                    return plan.run(*args)
        return self._call(args, kwargs)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Find or make the plan for these arguments, and run it."""
        if _version_of(self.primal) != self._version:
            self._prepare(method=self._callee.skipped > len(self._callee.prefix))
        primals: tuple[Any, ...] = args
        tangents: tuple[Any, ...] = ()
        if self._request.operator == "jvp":
            primals, tangents = args[: len(args) // 2], args[len(args) // 2 :]
            # What holds no number is not passed on, and so has no tangent.
            tangents = tuple(tangent for primal, tangent in zip(primals, tangents) if flatten(primal)[0])
        values = self._callee.bind(primals, kwargs)
        plan = self._plan(values)
        self._latest = plan
        given = [values[name] for name in plan.passed]
        if not kwargs and self._callee.function is self._fun and _all_plain((*given, *args)):
            more = tuple(given[len(primals) :])
            if len(given) == len(values) and not (more and tangents):
                self._plans[tuple(map(type, args))] = plan, more
        root = self._callee.function
        return plan.run(*given, *tangents, *[each.read(root) for each in plan.hidden])

    def _plan(self, values: dict[str, Any]) -> Plan:
        flat = {name: flatten(value) for name, value in values.items()}
        arguments = tuple(Argument(name, tree, tuple(map(kind_of, leaves))) for name, (leaves, tree) in flat.items())
        key = (self._request, self._callee.skipped, arguments)
        root = self._callee.function
        with _lock:
            plans = self._cache.plans.setdefault(key, [])
            for plan in plans:
                if plan.holds(root):
                    return plan
            derived = pipeline.derive(root, arguments, self._request)
            plan = Plan(derived, tuple(name for name, (leaves, _) in flat.items() if leaves))
            plans.append(plan)
            del plans[:-_KEPT]
            while len(self._cache.plans) > _KEPT:
                del self._cache.plans[next(iter(self._cache.plans))]
            return plan

    @property
    def source(self) -> str:
        """The text of the derivative: specialised if it has been called, general otherwise."""
        if self._latest is not None:
            return self._latest.derived.text
        return pipeline.derivative_text(self._callee.function, general_arguments(self._callee), self._request)

    def __ast_ad_lower__(self, arguments: tuple[Argument, ...]) -> Lowered:
        """Return the IR of this derivative, so that another one can contain it."""
        return pipeline.lower_derivative(self._callee, arguments, self._request)

    def __reduce__(self) -> Any:
        """Pickle by name where the name stands for this derivative, else by function and options."""
        module = inspect.getmodule(self._fun)
        found: Any = module
        for part in getattr(self._fun, "__qualname__", "").split("."):
            found = getattr(found, part, None)
        if found is self:
            return self._fun.__qualname__
        return (Derivative, (self._fun, self._operator, self.argnums))

    def __repr__(self) -> str:
        names = ", ".join(map(str, self._request.targets))
        return f"<{self._operator} of {self._callee.name} by {names}>"


def _all_plain(values: Any) -> bool:
    return all(type(value) in _PLAIN for value in values)


def _version_of(function: Callable[..., Any]) -> Any:
    """Return what of a Python function can be exchanged: its code and its defaults."""
    if isinstance(function, types.FunctionType):
        return function.__code__, function.__defaults__, function.__kwdefaults__
    return None


def _cache_of(function: Callable[..., Any]) -> _Cache:
    """Return the specialisations of a function's code; they go when the code goes.

    A derivative's belong to the code of the function that it differentiates; a library function's stay.
    """
    if isinstance(function, Derivative):
        inner = function._cache.derivatives
        return inner.setdefault((function._request, function._callee.skipped), _Cache())
    if not isinstance(function, types.FunctionType):
        return _library.setdefault(function, _Cache()) if isinstance(function, Hashable) else _Cache()
    code = function.__code__
    key = (id(code), id(function.__globals__))
    with _lock:
        if key not in _cache:
            _cache[key] = _Cache()
            weakref.finalize(code, _cache.pop, key, None)
        return _cache[key]
