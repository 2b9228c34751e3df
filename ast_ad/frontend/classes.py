"""The classes of values, which their kinds tell: `isinstance`, `issubclass`, `type`, `callable`."""

from __future__ import annotations

import builtins
import functools
import types
from typing import Any, Union

import numpy as np

from ast_ad.frontend import arrays, foreign, late, members, mixed, raised
from ast_ad.frontend.choices import choice, either, whichever
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.values import (
    Bound,
    Closure,
    Container,
    Derived,
    Either,
    Known,
    Method,
    OneOf,
    Optional,
    Partial,
    Pooled,
    Raised,
    RaisedClass,
    Range,
    Ref,
    Table,
    Value,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Scalar
from ast_ad.ir.nodes import Lit


def isinstance_of(frame: Frame, node: Any, value: Value, classes: tuple[type, ...]) -> bool:
    """Tell whether a value is of one of some classes, which its kind tells."""
    answers = _answers(value, classes)
    return answers.pop() if len(answers) == 1 else issubclass(type_of(frame, node, value), classes)


def _answers(value: Value, classes: tuple[type, ...]) -> set[bool]:
    """Return whether a number that may be of several classes is of one of these: True, False, or both."""
    kinds = mixed.kinds_of(value) if _are_several(value) else ()
    return {issubclass(_class_of_number(kind), classes) for kind in kinds if isinstance(kind, Scalar)}


def _are_several(value: Value) -> bool:
    """Tell whether a number may be of several classes."""
    return mixed.are_several(value) and isinstance(value.kind, Scalar)


def _isinstance(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    value, classes = args
    if isinstance(value, Either):
        return either(frame, node, value, lambda each: _isinstance(frame, node, (each, classes), {}))
    if isinstance(value, Optional):
        there, nothing = (_isinstance(frame, node, (each, classes), {}) for each in (value.value, Known(None)))
        return choice(frame, node, value.present, lambda: there, lambda: nothing)
    known = _classes(frame, node, classes)
    if isinstance(value, Raised):
        return _below(frame, node, raised.class_of(frame, value), known)
    if is_operand(value) and foreign.is_foreign(value):
        return foreign.isinstance_of(frame, node, value, known)
    if len(_answers(value, known)) > 1:
        mixed.asks(value)
        return foreign.isinstance_of(frame, node, value, known)
    return Lit(isinstance_of(frame, node, value, known))


def _below(frame: Frame, node: Any, cls: Value, classes: tuple[type, ...]) -> Value:
    """Tell whether the class of an exception is below one of some classes."""
    if isinstance(cls, RaisedClass):
        return raised.is_subclass(frame, node, cls, classes)
    if not isinstance(cls, Known) or not isinstance(cls.value, type):
        frame.misfit(node, f"{describe(cls)} is no class")
    return Lit(issubclass(cls.value, classes))


def _issubclass(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    cls, classes = args
    known = _classes(frame, node, classes)
    return either(frame, node, present(frame, node, cls), lambda each: _below(frame, node, each, known))


def _classes(frame: Frame, node: Any, classes: Value) -> tuple[type, ...]:
    """Return classes that a value, or another class, is compared with: of a tuple, or of ``int | float``."""
    if isinstance(classes, tuple):
        return tuple([cls for each in classes for cls in _classes(frame, node, each)])
    given = classes.value if isinstance(classes, Known) else None
    if isinstance(given, type) and not hasattr(given, "__args__"):
        return (given,)
    found: tuple[Any, ...] = getattr(given, "__args__", ()) if _is_union(given) else ()
    if not found or not all(isinstance(each, type) for each in found):
        frame.refuse(node, "this needs classes that are known when lowering", "name the classes")
    return found


def _is_union(given: Any) -> bool:
    """Tell whether this is ``int | float``, or ``Union[int, float]``, which `isinstance` takes since Python 3.10."""
    union = getattr(types, "UnionType", None)
    return union is not None and (isinstance(given, union) or getattr(given, "__origin__", None) is Union)


def _type(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return whichever(frame, node, args[0], lambda value: _class_of(frame, node, value))


def _class_of(frame: Frame, node: Any, value: Value) -> Value:
    if isinstance(value, Raised):
        return raised.class_of(frame, value)
    cls = type_of(frame, node, value)
    return value.cls if isinstance(value, (Ref, Pooled)) and value.cls.value is cls else Known(cls)


def type_of(frame: Frame, node: Any, value: Value) -> type:
    """Return the class of a value, which its kind tells."""
    late.check_known(frame, node, value)
    if is_string(value):
        return str
    if _are_several(value):
        what = f"{describe(value)} is of another class on some paths"
        frame.misfit(node, what, "ask with `isinstance`, or start with a number of the class that it has later")
    if isinstance(value, OneOf):
        return value.cls
    own = members.class_of(value)
    if own is not None:
        model: type = vars(own).get("__ast_ad_model__", own)
        return model
    if isinstance(value, Known):
        return type(value.value)
    if arrays.is_array(value):
        return np.ndarray
    if is_operand(value) and isinstance(value.kind, Scalar):
        return _class_of_number(value.kind)
    if isinstance(value, Container):
        own_type: type = getattr(value.type, "__ast_ad_model__", value.type)
        return own_type
    if type(value) in (tuple, list, dict):
        return type(value)
    if isinstance(value, Table):
        return dict
    if isinstance(value, View):
        return value.of
    if isinstance(value, Range):
        return range
    if isinstance(value, (Closure, Escaped)):
        return types.FunctionType
    if type(value) in _NAMED:
        return _NAMED[type(value)]
    if isinstance(value, tuple) and not type(value).__module__.startswith(__package__):
        return type(value)
    frame.refuse(node, f"the class of {describe(value)} is not known when lowering", "leave the test of the class out")


def _class_of_number(kind: Scalar) -> type:
    cls: type = np.dtype(kind.dtype).type if kind.numpy else getattr(builtins, kind.dtype)
    return cls


_NAMED: dict[type, type] = {Method: types.MethodType, Partial: functools.partial, slice: slice}
"""The classes of what abstract values of these stand for."""


def _callable(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return whichever(frame, node, args[0], lambda value: _can_be_called(frame, node, value))


def _can_be_called(frame: Frame, node: Any, value: Value) -> Value:
    if foreign.is_unknown(value):
        return foreign.decide(frame, node, callable, value)
    if isinstance(value, Known):
        return Lit(callable(value.value))
    if isinstance(value, (Ref, Pooled)):
        return Lit(callable(value.cls.value) and members.special(value, "__call__") is not None)
    return Lit(isinstance(value, (Bound, Closure, Derived, Either, Escaped, Method, Partial)))


HANDLERS.update({callable: _callable, isinstance: _isinstance, issubclass: _issubclass, type: _type})
