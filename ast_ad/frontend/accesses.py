"""Items and attributes of abstract values: what ``x[i]`` and ``x.name`` are, by what `x` is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from ast_ad.frontend import (
    array_members,
    arrays,
    attributes,
    containers,
    external,
    foreign,
    listing,
    members,
    mistakes,
    raised,
    remedies,
    resolution,
    tables,
)
from ast_ad.frontend.choices import either, for_each
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_generator
from ast_ad.frontend.method_calls import container_method
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import (
    Bound,
    Closure,
    Container,
    Either,
    Grown,
    Known,
    Method,
    OneOf,
    Raised,
    RaisedClass,
    Table,
    Value,
    as_number,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Unknown
from ast_ad.models import iteration, stepping


def item(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Return ``owner[index]``."""
    if isinstance(owner, Either) or isinstance(index, Either):
        return either(
            frame, node, owner, lambda one: either(frame, node, index, lambda each: item(frame, node, one, each))
        )
    if foreign.is_foreign(index) and _is_counted(frame, owner):
        index = foreign.integer(frame, node, index)
    if isinstance(owner, Table):
        return tables.item(frame, node, owner, index)
    if arrays.is_array(owner):
        places = tuple(map(as_number, index)) if type(index) is tuple else as_number(index)
        return arrays.item(frame, node, owner, places)
    if arrays.is_numpy(owner):
        return arrays.item_of_number(frame, node, owner, index)
    if is_operand(owner) and isinstance(owner.kind, Unknown):
        frame.misfit(node, "it is not known whether this is an array", "give an example of the arguments (`--at`)")
    if foreign.is_foreign(owner):
        return foreign.item(frame, node, owner, index)
    if isinstance(owner, Known) and type(owner.value) in INDEXED:
        return INDEXED[type(owner.value)](frame, node, index)
    if isinstance(owner, Known) and isinstance(owner.value, type) and hasattr(owner.value, "__class_getitem__"):
        return owner  # `Stack[float]` makes the same objects as `Stack`
    if isinstance(index, OneOf):
        return for_each(frame, node, index, lambda each: item(frame, node, owner, each))
    if members.special(owner, "__getitem__") is not None:
        return members.call_special(frame, node, owner, "__getitem__", [index])
    return listing.item(frame, node, owner, index)


def _is_counted(frame: Frame, owner: Value) -> bool:
    """Tell whether the items of a value are counted, so that an index is an integer."""
    return arrays.is_array(owner) or is_string(owner) or isinstance(containers.seen(frame, owner), (list, tuple, Grown))


INDEXED: dict[type, Callable[[Frame, Any, Value], Value]] = {}
"""What an object of a library returns for an index, by its class; `ast_ad.frontend.numerical` fills it."""


_PARTS: dict[str, Callable[..., Any]] = {"real": primitives.real, "imag": primitives.imag}


_OF_GENERATORS: dict[str, Callable[..., Any]] = {"__next__": next, "close": stepping.close, "send": stepping.send}


_NUMBER_METHODS = ("conjugate", "is_integer")


def attribute(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value:
    """Return an attribute of a value; `name` is that in the text, or what a private one is called in its class."""
    if isinstance(owner, Either):
        return either(frame, node, owner, lambda each: attribute(frame, node, each, name))
    if isinstance(owner, OneOf):
        return for_each(frame, node, owner, lambda each: attribute(frame, node, each, name))
    for known_of in (_of_object, _of_array, _of_exception, _of_number, _of_builtin):
        found = known_of(frame, node, owner, name)
        if found is not None:
            return found
    remedy = "compute it with a function instead"
    frame.let_catch(node, mistakes.no_attribute(owner, name))
    frame.refuse(node, f"the attribute `{node.attr}` of {describe(owner)} is not supported", remedy)


def _of_object(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value | None:
    """Return an attribute of an object of a class, a function, or anything else that lowering resolved."""
    if foreign.is_foreign(owner) and not foreign.holds(owner, name):
        return foreign.attribute(frame, node, owner, name)
    if hasattr(owner, "_fields") and node.attr in ("_replace", "_asdict"):
        return Method(owner, node.attr)
    if name in ("count", "index") and members.special(owner, name) is None:
        owner = members.without_names(owner)
    constant = resolution.constant_attribute(frame, owner, name)
    if constant is not None:
        return constant
    if members.class_of(owner) is not None:
        return attributes.attribute(frame, node, owner, name)
    if isinstance(owner, attributes.Super):
        return attributes.super_attribute(frame, node, owner, node.attr)
    if isinstance(owner, Closure) and node.attr == "__name__":
        return Known(getattr(owner.node, "name", "<lambda>"))
    if isinstance(owner, Known) and not isinstance(owner.value, str):
        return resolution.attribute(frame, node, owner, name)
    return None


def _of_array(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value | None:
    """Return an attribute of an array, a number of NumPy's, or a random generator."""
    found = array_members.attribute(frame, node, owner) if arrays.is_numpy(owner) else None
    if found is None and arrays.is_generator(owner):
        return Method(owner, node.attr)
    if found is None and arrays.is_array(owner) and not hasattr(np.ndarray, name):
        missing = AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")
        frame.misfit(node, f"an array has no attribute {name!r}", remedies.near(name, dir(np.ndarray)), missing)
    return found


def _of_exception(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value | None:
    """Return an attribute of an exception, or of its class."""
    if isinstance(owner, Raised):
        return raised.attribute(frame, node, owner, name)
    return owner.name if isinstance(owner, RaisedClass) and name in ("__name__", "__qualname__") else None


def _of_number(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value | None:
    """Return an attribute of a number, an array, or another value that is computed."""
    if not is_operand(owner):
        return None
    if node.attr in _PARTS:
        return frame.op(node, _PARTS[node.attr], owner)
    is_method = node.attr in _NUMBER_METHODS or (owner.kind == external.RANDOM and hasattr(random.Random, node.attr))
    return Method(owner, node.attr) if is_method else None


def _of_builtin(frame: Frame, node: gast.Attribute, owner: Value, name: str) -> Value | None:
    """Return an attribute of a text, a generator, a slice, a list, a tuple or a dict."""
    if is_string(owner) and external.is_string_method(node.attr):
        return Method(owner, node.attr)
    if is_generator(owner) and name in _OF_GENERATORS:
        return Bound(owner, Known(_OF_GENERATORS[name], Held(_OF_GENERATORS[name])))
    if isinstance(owner, slice) and name in ("start", "stop", "step"):
        return getattr(owner, name)
    if isinstance(owner, slice) and name == "indices":
        return Bound(owner, Known(iteration.limits_within, Held(iteration.limits_within)))
    if type(owner) is tuple and node.attr in ("__getitem__", "count", "index"):
        owner = containers.made(frame, list(owner))
    return container_method(owner, node.attr) if isinstance(owner, (Container, Table)) else None
