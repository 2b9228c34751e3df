"""Calls of Python functions: those that are found outside, and those that the lowered function defines."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping, Sequence
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import cached, containers, paths
from ast_ad.frontend.arguments import bind
from ast_ad.frontend.context import Cellar
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.invoke import invoke
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.paths import Member, Path
from ast_ad.frontend.received import imported
from ast_ad.frontend.resolution import resolved
from ast_ad.frontend.scope import scope_of, yields
from ast_ad.frontend.source import Source, find_source
from ast_ad.frontend.syntax import check_syntax
from ast_ad.frontend.values import Closure, Known, Value
from ast_ad.ir.nodes import Lit
from ast_ad.trees import is_number

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def call_function(
    frame: Frame, node: Any, function: types.FunctionType, path: Path, args: Arguments, kwargs: Keywords
) -> Value:
    """Lower the call of a Python function that is found outside."""
    source = find_source(function)
    checked(frame, source)
    defaults, named = defaults_of(frame, function, path)
    values = bind(frame, node, source.tree, args, kwargs, defaults, named)
    code = function.__code__
    key = (code.co_filename, code, id(function.__globals__), path if code.co_freevars else None)

    def make() -> Frame:
        return Frame(frame.context, source, source.tree, function.__globals__, function=function, path=path)

    return invoke(frame, node, key, make, values)


def defaults_of(frame: Frame, function: types.FunctionType, path: Path) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Return the defaults of a function, by position and by name."""
    defaults = tuple(
        default(frame, value, paths.Item(Member(path, "__defaults__"), i))
        for i, value in enumerate(function.__defaults__ or ())
    )
    named = {
        name: default(frame, value, paths.Item(Member(path, "__kwdefaults__"), name))
        for name, value in (function.__kwdefaults__ or {}).items()
    }
    outside = "the defaults of a function"
    kept = tuple(containers.boxed(frame, value, outside=outside) for value in defaults)
    return kept, {name: containers.boxed(frame, value, outside=outside) for name, value in named.items()}


def checked(frame: Frame, source: Source) -> None:
    """Check a callee's syntax, once."""
    if id(source.tree) not in frame.context.checked:
        check_syntax(source, generator=yields(source.tree))
        frame.context.checked.add(id(source.tree))


def default(frame: Frame, value: Any, path: Path) -> Value:
    """Return a default as an abstract value; the guard on the function covers it."""
    if isinstance(value, np.ndarray):
        return resolved(frame, value, path, "array")
    if is_number(value):
        return Lit(value)
    if type(value) in (tuple, list):
        return type(value)(default(frame, item, paths.Item(path, i)) for i, item in enumerate(value))
    if type(value) is dict:
        return {key: default(frame, item, paths.Item(path, key)) for key, item in value.items()}
    return Known(value, path)


def abstract_default(frame: Frame, value: Any) -> Value:
    """Return the default of a field, which the guard on its class covers."""
    return default(frame, value, paths.Held(value))


def call_closure(frame: Frame, node: Any, closure: Closure, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a function that the lowered function defines."""
    home = closure.frame
    defaults, named = closure_defaults(frame, closure)
    values = bind(frame, node, closure.node, args, kwargs, defaults, named)

    def make() -> Frame:
        made = Frame(frame.context, home.source, closure.node, home.namespace, parent=home)
        made.around = closure.inner
        return made

    run = functools.partial(invoke, frame, node, (closure.node, home), make, values)
    if id(closure.node) not in frame.context.cached:
        return run()
    outer = scope_of(closure.node).free
    free = {name: home.env[name] for name in outer if name in home.env}
    names = {*outer, *(each.attr for each in gast.walk(closure.node) if isinstance(each, gast.Attribute))}
    return cached.called(frame, node, closure, (*args, *kwargs.values()), free, names, run)


def closure_defaults(frame: Frame, closure: Closure) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Return the defaults of a function that a lowered one defines, by position and by name."""
    home = closure.frame
    if not closure.defaults:
        return (), {}
    if home is frame and closure.defaults not in home.env:
        frame.refuse(
            closure.node,
            "a function with defaults that an earlier turn of a loop has made is called",
            "pass what the defaults hold as arguments",
        )
    key = Cellar(home, closure.defaults)
    found: tuple[tuple[Value, ...], dict[str, Value]]
    found = home.env[closure.defaults] if home is frame else imported(frame, key)
    return found


def call_escaped(frame: Frame, node: Any, closure: Escaped, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a closure whose frame has returned."""
    home = closure.frame
    defaults, named = closure.defaults
    values = bind(frame, node, closure.node, args, kwargs, defaults, named)
    cells = {f"cell:{name}": value for name, value in closure.cells.items()}

    def make() -> Frame:
        return Frame(frame.context, home.source, closure.node, home.namespace, parent=home)

    return invoke(frame, node, (closure.node, home), make, {**values, **cells})
