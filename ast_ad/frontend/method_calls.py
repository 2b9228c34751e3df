"""Calls of methods of arrays, containers, strings, numbers and sources of random numbers."""

from __future__ import annotations

import operator
import random
from typing import Any

import numpy as np

from ast_ad.frontend import (
    aliases,
    array_members,
    arrays,
    containers,
    external,
    foreign,
    handlers,
    library,
    methods,
    paths,
    shuffling,
    tables,
    text,
    writes,
)
from ast_ad.frontend.dispatch import Arguments, Keywords, call_known
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.run_time_tuples import UNCOUNTED, is_tuple
from ast_ad.frontend.values import Bound, Container, Known, Method, Table, Value, is_operand, is_string
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.nodes import Lit
from ast_ad.models import in_place
from ast_ad.models.arrays import tolist
from ast_ad.models.operators import SPECIAL
from ast_ad.rules import registry

_KEEPS = ("append", "appendleft", "insert", "setdefault", "update")
"""The methods of containers that put what they are given into them, None as well."""


def container_method(owner: Container | Table, name: str) -> Value | None:
    """Return a method of a list or dict; None for one that is not known."""
    if name in (tables.METHODS if isinstance(owner, Table) else methods.methods_of(owner)):
        return Method(owner, name)
    function = SPECIAL.get(name)
    return None if function is None else Bound(owner, Known(function, paths.Held(function)))


def call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a method, by what its owner is."""
    owner = method.owner
    if not (isinstance(owner, Container) and method.name in _KEEPS):
        args = [present(frame, node, arg) for arg in args]
    if isinstance(owner, Table):
        return tables.call_method(frame, node, method, args, kwargs)
    if isinstance(owner, Container):
        return methods.call_method(frame, node, method, args, kwargs)
    if method.name == "item" and any(map(is_tuple, args)):
        frame.misfit(node, *UNCOUNTED)
    if arrays.is_array(owner) and method.name == "put":
        return call_known(frame, node, Known(in_place.put), [owner, *args], kwargs)
    if arrays.is_array(owner) and method.name in writes.METHODS:
        return writes.call_method(frame, node, method, *containers.all_plain(frame, args, kwargs))
    if method.name == "tolist" and arrays.is_array(owner):
        return call_known(frame, node, Known(tolist, paths.Held(tolist)), [owner], kwargs)
    if arrays.is_numpy(owner) and method.name == "astype" and "copy" in kwargs:
        return aliases.as_type(frame, node, owner, args, kwargs)
    if arrays.is_numpy(owner):
        function = getattr(np, method.name, None)
        if kwargs and function in handlers.HANDLERS and method.name in array_members.FUNCTIONS:
            return call_known(frame, node, Known(function), [owner, *args], kwargs)
        as_function = "out" in kwargs or any(map(arrays.is_array, args[1:]))
        if as_function and function is not None and registry.find(function) is not None:
            return library.operation(frame, node, function, [owner, *args], kwargs)
        return array_members.call_method(frame, node, method, args, kwargs)
    if arrays.is_generator(owner) and method.name == "shuffle":
        return shuffling.shuffle(frame, node, owner, args, kwargs)
    if arrays.is_generator(owner):
        return library.operation(frame, node, arrays.generator_method(frame, node, method), [owner, *args], kwargs)
    if is_operand(owner) and owner.kind == external.RANDOM:
        fn = getattr(random.Random, method.name)
        handler = handlers.HANDLERS.get(fn)
        if handler is not None:
            return handler(frame, node, [owner, *args], kwargs)
        return external.call(frame, node, fn, [owner, *args], kwargs)
    if foreign.is_foreign(owner):
        return foreign.call_method(frame, node, owner, method.name, args, kwargs)
    if method.name in ("_replace", "_asdict"):
        return containers.boxed(frame, getattr(owner, method.name)(**kwargs))
    if method.name == "conjugate":
        return frame.op(node, primitives.conjugate, owner)
    if method.name == "is_integer":
        rest = frame.op(node, operator.mod, owner, Lit(1))
        return frame.op(node, operator.eq, rest, Lit(0))
    if method.name == "format":
        return text.by_format(frame, node, owner, args, kwargs)
    if text.has_method(owner, method.name) and not kwargs:
        return text.call_method(frame, node, owner, method.name, args)
    if is_string(owner):
        return external.call_string_method(frame, node, owner, method.name, args, kwargs)
    frame.misfit(node, f"{describe(owner)} has no method `{method.name}` here")
