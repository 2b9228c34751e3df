"""The quick way into a compiled derivative: one compiled test of a call, and the call.

Finding out the kinds of a call's arguments, leaf by leaf, takes longer than many derivatives do.  So each call that
went the long way leaves an *entry* behind: a function that is generated for calls of this form, which tests in one
expression whether the arguments are again of the kinds that the plan was made for, and runs it.

    type(a0) is float
    type(a0) is ndarray and a0.dtype is float64 and a0.ndim == 2 and 1 not in a0.shape
    type(a0) is Layer and [*a0.__dict__] == ["w"] and type(t0 := a0.w) is ndarray and ...
    type(a0) is dict and [*a0] == ["w", "b"] and type(t0 := a0["w"]) is ndarray and ...

An entry only ever says yes where the long way would find the same plan; what it does not know goes the long way.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ast_ad.frontend.paths import FreeInput
from ast_ad.lengths import Agreement
from ast_ad.trees import ALL, DECLARED, NodeTree, Static, attribute_names, flatten, has_empty_slots, is_registered

MISS: Any = object()
"""What an entry returns for a call that it does not know."""

Enter = Callable[[Any, tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]], Any]
"""``enter(root, args, kwargs, defaults)``: the result of the derivative, or `MISS`."""

_NUMBERS = frozenset({bool, int, float, complex, *(np.dtype(code).type for code in "?bhilqBHILQefdgFDG")})
"""The types of numbers for which the type is the kind."""

_BY_CONTENTS = (int, float, complex, np.generic, np.ndarray, slice, set, frozenset)
"""Types of which more than the identity counts, in ways that no short test asks for."""


_ERRORS = (AttributeError, LookupError, TypeError, ValueError)
"""What a test may fail with: then the call has another form."""


class _Unknown(Exception):
    """A value for which there is no quick test."""


@dataclass(frozen=True)
class Served:
    """What is known of the calls that a plan serves.

    Attributes
    ----------
    run, holds, hidden
        The compiled derivative, its guards (None: there are none) and its inputs from outside.
    signature
        How arguments reach the parameters.
    passed
        The parameters that `run` takes.
    constants
        The parameters of whose numbers the values, of whose arrays the shapes, are part of the signature.
    wanted
        The parameters that are differentiated: all objects in them are taken apart.
    shared
        Whether one list, dict or object may stand in two places.
    agree
        The lengths of arrays that have to be equal, or as large as is known.
    """

    run: Callable[..., Any]
    holds: Callable[[Any], bool] | None
    hidden: Sequence[FreeInput]
    signature: inspect.Signature
    passed: Sequence[str]
    constants: Collection[str] = ()
    wanted: Collection[str] = ()
    shared: bool = False
    agree: Sequence[Agreement] = ()


def entry(
    served: Served,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    defaults: Mapping[str, Any],
    tangents: Sequence[tuple[int, int]] = (),
) -> Enter | None:
    """Return the entry for calls like this one, or None where there is no quick test for them.

    `defaults` are the values of parameters that are left out; `tangents` says where among `args` each primal and its
    tangent stand: the tangents come after all primals.
    """
    text = _Text()
    try:
        given = _tested(text, served, args, kwargs, defaults, tangents)
    except _Unknown:
        return None
    if len(text.met) > 1 and not served.shared:
        text.tests.append(f"len({{{', '.join(f'id({name})' for name in text.met)}}}) == {len(text.met)}")
    if served.holds is not None:
        text.tests.append(f"{text.bind(served.holds)}(root)")
    inputs = [each.path.expression(text.bind) for each in served.hidden]
    operands = [*(given[name] for name in served.passed), *(f"a{dot}" for _, dot in tangents), *inputs]
    call = f"{text.bind(served.run)}({', '.join(operands)})"
    return text.compiled(len(args), kwargs, call)


def _tested(
    text: _Text,
    served: Served,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    defaults: Mapping[str, Any],
    tangents: Sequence[tuple[int, int]],
) -> dict[str, str]:
    """Add the tests of all arguments, and return the expression for the value of each parameter."""
    count = min((dot for _, dot in tangents), default=len(args))
    places = [_Place(f"a{i}") for i in range(count)]
    named = {name: _Place(f"k{i}") for i, name in enumerate(kwargs)}
    bound = served.signature.bind(*places, **named).arguments
    apart = {place.text for name in served.wanted for place in _places(bound.get(name))}
    for place, value in zip(places, args):
        text.test(place.text, value, ALL if place.text in apart else DECLARED)
    for name, place in named.items():
        text.lines.append(f"{place.text} = kwargs[{text.bind(name)}]")
        text.test(place.text, kwargs[name], ALL if place.text in apart else DECLARED)
    given = {name: text.argument(name, bound, defaults) for name in served.signature.parameters}
    values = served.signature.bind(*args[:count], **kwargs).arguments
    for name in served.constants:
        text.equal(given[name], values.get(name, defaults.get(name)))
    for length, other in served.agree:
        wanted = other if isinstance(other, int) else other.expression(given, text.bind)
        text.tests.append(f"{length.expression(given, text.bind)} == {wanted}")
    for primal, dot in tangents:
        text.tangent(f"a{primal}", f"a{dot}", args[primal], args[dot])
    return given


def _places(bound: Any) -> list[_Place]:
    """Return the places that a parameter gets: several for ``*args`` and ``**kwargs``."""
    if isinstance(bound, _Place):
        return [bound]
    items = bound.values() if isinstance(bound, dict) else bound or ()
    return list(items)


class _Place:
    """Stands for an argument of a call while the call is bound."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Text:
    """The lines of an entry under construction."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.tests: list[str] = []
        self.scope: dict[str, Any] = {"miss": MISS, "errors": _ERRORS, "ndarray": np.ndarray}
        self.temporaries = 0
        self.met: list[str] = []
        self.around: list[int] = []

    def bind(self, value: Any) -> str:
        """Return a name for an object."""
        name = f"v{len(self.scope)}"
        self.scope[name] = value
        return name

    def argument(self, name: str, bound: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
        """Return the expression for the value of a parameter, having tested it if it is a default."""
        if name in bound:
            return _expression(bound[name])
        place = f"defaults[{self.bind(name)}]"
        if name in defaults:
            self.test(place, defaults[name], DECLARED)
        return place

    def test(self, place: str, value: Any, objects: int) -> None:
        """Add the test that what stands at `place` is of the kind and the structure of `value`.

        `objects` says which objects are taken apart (see `ast_ad.trees`).
        """
        own = type(value)
        if own in _NUMBERS:
            self.tests.append(f"type({place}) is {self.bind(own)}")
        elif own is np.ndarray and value.dtype.kind in "biufc":
            self.array(self.temporary(place), value)
        elif own is dict:
            place = self.noted(place, dict)
            self.tests.append(f"[*{place}] == {self.bind(list(value))}")
            for key, item in value.items():
                self.test(f"{place}[{self.bind(key)}]", item, objects)
        elif own in (tuple, list) or (isinstance(value, tuple) and hasattr(value, "_fields")):
            place = self.noted(place, own)
            if own in (tuple, list):
                self.tests.append(f"len({place}) == {len(value)}")
            for i, item in enumerate(value):
                self.test(f"{place}[{i}]", item, objects)
        elif value is None or value is Ellipsis or isinstance(value, (types.FunctionType, type, np.ufunc)):
            self.tests.append(f"{place} is {self.bind(value)}")
        elif own is str:
            first, name = self.temporary(place)
            self.tests.append(f"type({first}) is str and {name} == {self.bind(value)}")
        elif isinstance(value, _BY_CONTENTS) or hasattr(own, "__tree_parts__"):
            raise _Unknown
        elif isinstance(flatten(value, objects=objects)[1], NodeTree):
            self.object(place, value, objects)
        else:
            self.tests.append(f"{self.bind(Static(value))} == {self.bind(Static)}({place})")

    def object(self, place: str, value: Any, objects: int) -> None:
        """Add the test of an object that is taken apart: of its class, its attributes, and what they hold."""
        names, kept = attribute_names(value), list(getattr(value, "__dict__", ()))
        slots = [name for name in names if name not in kept]
        if is_registered(type(value)) or not all(map(str.isidentifier, names)) or has_empty_slots(value):
            raise _Unknown
        place = self.noted(place, type(value))
        if kept or not slots:
            self.tests.append(f"[*{place}.__dict__] == {self.bind(kept)}")
        self.around.append(id(value))
        for name in names:
            item = getattr(value, name)
            if id(item) in self.around:
                raise _Unknown
            self.test(f"{place}.{name}", item, objects)
        self.around.pop()

    def equal(self, place: str, value: Any) -> None:
        """Add the test that an integer, or the shape of an array, whose kind is tested already, is this one."""
        if isinstance(value, np.ndarray):
            self.tests.append(f"{place}.shape == {self.bind(value.shape)}")
        elif type(value) in (int, bool):
            self.tests.append(f"{place} == {self.bind(value)}")
        else:
            raise _Unknown

    def temporary(self, place: str) -> tuple[str, str]:
        """Return the first use of a place, which gives it a name, and the name."""
        if place.isidentifier():
            return place, place
        self.temporaries += 1
        name = f"t{self.temporaries}"
        return f"{name} := {place}", name

    def container(self, place: str, own: type) -> str:
        """Add the test of a container's class, and return a name for it."""
        first, name = self.temporary(place)
        self.tests.append(f"type({first}) is {self.bind(own)}")
        return name

    def noted(self, place: str, own: type) -> str:
        """As `container`, of one that may stand in another place, too."""
        name = self.container(place, own)
        if not issubclass(own, tuple):
            self.met.append(name)
        return name

    def array(self, place: tuple[str, str], value: Any) -> None:
        """Add the test of an array's kind: of its dtype, its rank, and which of its lengths are 1."""
        first, name = place
        dtype = self.bind(value.dtype)
        self.tests.append(f"type({first}) is ndarray and ({name}.dtype is {dtype} or {name}.dtype == {dtype})")
        ones = [i for i, length in enumerate(value.shape) if length == 1]
        self.tests.append(f"{name}.ndim == {value.ndim}")
        if value.ndim == 1:
            self.tests.append(f"len({name}) {'==' if ones else '!='} 1")
        elif value.ndim and not ones:
            self.tests.append(f"1 not in {name}.shape")
        elif value.ndim:
            pattern = [f"{name}.shape[{i}] {'==' if i in ones else '!='} 1" for i in range(value.ndim)]
            self.tests.append(" and ".join(pattern))

    def tangent(self, at: str, dot_at: str, primal: Any, dot: Any) -> None:
        """Add the test that a tangent fits its primal; neither has to be converted."""
        own = type(primal)
        if own is not type(dot):
            raise _Unknown
        if own is np.ndarray and primal.dtype.kind in "fc" and primal.dtype == dot.dtype:
            first, name = self.temporary(dot_at)
            self.tests.append(f"type({first}) is ndarray and {name}.dtype == {self.bind(dot.dtype)}")
            self.tests.append(f"{name}.shape == {at}.shape")
        elif own in _NUMBERS and issubclass(own, (float, complex, np.inexact)):
            self.tests.append(f"type({dot_at}) is {self.bind(own)}")
        elif own in (tuple, list, dict) and primal and len(primal) == len(dot):
            dot_at = self.container(dot_at, own)
            keys = list(primal) if own is dict else range(len(primal))
            found = f"[*{dot_at}] == {self.bind(keys)}" if own is dict else f"len({dot_at}) == {len(primal)}"
            self.tests.append(found)
            for key in keys:
                step = f"[{self.bind(key)}]"
                self.tangent(at + step, dot_at + step, primal[key], dot[key])
        else:
            raise _Unknown

    def compiled(self, count: int, kwargs: Mapping[str, Any], call: str) -> Enter:
        """Return the entry as a function."""
        names = "".join(f"a{i}, " for i in range(count))
        head = [f"{names}= args" if count else "if args: return miss"]
        # The order of keywords matters to a function that takes any: it can see it.
        head.append(f"if [*kwargs] != {self.bind(list(kwargs))}: return miss" if kwargs else "if kwargs: return miss")
        tests = " and ".join(self.tests) or "True"
        lines = [*head, *self.lines, f"if not ({tests}): return miss"]
        body = "\n".join(f"        {line}" for line in lines)
        exec(
            f"def enter(root, args, kwargs, defaults):\n    try:\n{body}\n"
            f"    except errors:\n        return miss\n    return {call}",
            self.scope,
        )
        return self.scope["enter"]  # type: ignore[no-any-return]


def _expression(bound: Any) -> str:
    if isinstance(bound, _Place):
        return bound.text
    if isinstance(bound, tuple):
        return f"({''.join(f'{place.text}, ' for place in bound)})"
    return f"{{{', '.join(f'{name!r}: {place.text}' for name, place in bound.items())}}}"
