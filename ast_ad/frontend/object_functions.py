"""Functions of Python that work on objects: `getattr`, `super`, `dataclasses.replace`, ...

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import types
from typing import Any

from ast_ad.frontend import (
    attributes,
    classes,
    dispatch,
    members,
    numerical,  # noqa: F401  (its table is wrapped here)
    objects,
    records,
    sets,
)
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Pooled, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit
from ast_ad.models import dispatching, namespaces

__all__ = ["HANDLERS"]


def _attribute_name(frame: Frame, node: Any, value: Value) -> str:
    if not (isinstance(value, Known) and isinstance(value.value, str)):
        frame.refuse(node, "the name of the attribute has to be a constant", "write it as a string")
    return value.value


def _setattr(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    attributes.assign(frame, node, args[0], _attribute_name(frame, node, args[1]), args[2])
    return Known(None)


def _set_plainly(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    attributes.set_plainly(frame, node, args[0], _attribute_name(frame, node, args[1]), args[2])
    return Known(None)


def _initialise(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`object.__init__` does nothing."""
    return Known(None)


def _dispatched(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    dispatcher, owner, first, *more = args
    assert isinstance(dispatcher, Known)
    chosen = dispatcher.value.dispatch(classes.type_of(frame, node, first))
    return dispatch.call_known(frame, node, Known(chosen, Held(chosen)), [owner, first, *more], kwargs)


def _own_attribute(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`object.__getattribute__`, of an attribute that the object itself has."""
    name = _attribute_name(frame, node, args[1])
    found = attributes.own(frame, node, args[0], name)
    return attributes.attribute(frame, node, args[0], name) if found is members.MISSING else found


def _names_of(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return tuple(map(Known, attributes.own_names(frame, args[0])))


def _vars(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    if len(args) != 1 or members.class_of(args[0]) is None:
        frame.refuse(node, "`vars` takes an object here", "name what it should contain")
    return attributes.attribute(frame, node, args[0], "__dict__")


def _owned(frame: Frame, value: Value) -> Ref | Pooled | None:
    """Return the object that a value is, if it has attributes."""
    if isinstance(value, Known):
        value = attributes.current(frame, value)
    if isinstance(value, Known):
        return attributes.proxy(frame, value)
    return value if isinstance(value, (Ref, Pooled)) else None


def _copy(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args
    if members.special(value, "__copy__") is not None:
        return members.call_special(frame, node, value, "__copy__")
    ref = None if sets.is_set(value) else _owned(frame, value)
    return _copy_of_others(frame, node, args, kwargs) if ref is None else objects.copied(frame, node, ref)


def _deepcopy(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (value,) = args

    def copy(item: Value) -> Value:
        return _deepcopy_of_others(frame, node, [item], {})

    if sets.is_set(value):
        return copy(value)
    return objects.deeply_copied(frame, node, _owned(frame, value) or value, copy, {})


def _identity(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`id` of an object: a number that no other object has."""
    (value,) = args
    ref = attributes.current(frame, value) if isinstance(value, Known) else value
    if not isinstance(ref, Ref) or frame.context.objects.origins(ref) != {ref}:
        frame.refuse(
            node, f"the `id` of {describe(value)} is not known when lowering", "compare with `is`, or with `==`"
        )
    return Lit(int(ref.marker.rpartition(":")[2]))


def _of_class(model: type) -> Handler:
    """Make the handler of a class whose objects are made as those of another one."""
    stands_in = Known(model, Held(model))
    return lambda frame, node, args, kwargs: dispatch.call_known(frame, node, stands_in, args, kwargs)


_copy_of_others, _deepcopy_of_others = HANDLERS[copy.copy], HANDLERS[copy.deepcopy]

HANDLERS.update(
    {
        copy.copy: _copy,
        copy.deepcopy: _deepcopy,
        id: _identity,
        namespaces.names_of: _names_of,
        object.__getattribute__: _own_attribute,
        dispatching.dispatched: _dispatched,
        object.__new__: objects.make_plainly,
        vars: _vars,
        dataclasses.is_dataclass: records.is_dataclass,
        dataclasses.replace: records.replace,
        object.__init__: _initialise,
        object.__setattr__: _set_plainly,
        setattr: _setattr,
        super: attributes.call_super,
        argparse.Namespace: _of_class(namespaces.ParsedArguments),
        types.SimpleNamespace: _of_class(namespaces.SimpleNamespace),
    }
)
