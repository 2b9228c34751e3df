"""Exceptions that are caught: of which class they are, what they are asked for, and how they are raised again.

Of which class one is may depend on the path, so it is known by a name: a text like others, constant where one class
alone is raised.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from ast_ad.frontend import attributes
from ast_ad.frontend.choices import choice
from ast_ad.frontend.failing import Classes
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE, Thrown, Unreachable
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Raised, RaisedClass, Value
from ast_ad.ir.kinds import BOOL
from ast_ad.ir.nodes import Lit, Operand


def class_of(frame: Frame, value: Raised) -> Value:
    """Return the class of an exception."""
    name = value.name
    if not isinstance(name, Known):
        return RaisedClass(name)
    cls = frame.context.exceptions[name.value]
    return Known(cls, Held(cls))


def is_subclass(frame: Frame, node: Any, cls: RaisedClass, classes: tuple[type, ...]) -> Operand:
    """Tell whether the class of an exception is one of some classes, or below one."""
    return _any(frame, node, cls.name, [name for name, each in _table(frame) if issubclass(each, classes)])


def is_class(frame: Frame, node: Any, cls: RaisedClass, other: Value) -> Operand:
    """Tell whether the class of an exception is another one."""
    if isinstance(other, RaisedClass):
        return frame.op(node, operator.eq, cls.name, other.name, kind=BOOL)
    known = other.value if isinstance(other, Known) else None
    return _any(frame, node, cls.name, [name for name, each in _table(frame) if each is known])


def _any(frame: Frame, node: Any, name: Operand, names: Sequence[str]) -> Operand:
    if not names:
        return FALSE
    first, *others = names
    test = frame.op(node, operator.eq, name, Lit(first), kind=BOOL)
    if not others:
        return test
    result: Operand = choice(frame, node, test, lambda: TRUE, lambda: _any(frame, node, name, others))
    return result


def _table(frame: Frame) -> list[tuple[str, type]]:
    return list(frame.context.exceptions.items())


def attribute(frame: Frame, node: Any, value: Raised, name: str) -> Value | None:
    """Return an attribute of an exception; None if nothing is known of it."""
    if name == "__class__":
        return class_of(frame, value)
    if value.object is not None:
        _check_class(frame, node, value, name)
        return attributes.attribute(frame, node, value.object, name)
    if name == "args" and value.args is not None:
        return value.args
    if name == "value" and value.name == Known("StopIteration"):
        return value.args[0] if value.args else Known(None)
    return None


def _check_class(frame: Frame, node: Any, value: Raised, name: str) -> None:
    """Let an attribute of an exception fail where it is not of the class whose objects have attributes."""
    if isinstance(value.name, Known):
        return
    own = frame.context.name_of_exception(value.object.cls.value)
    message = Lit(f"an exception of another class than {own!r} has no attribute {name!r}")
    test = frame.op(node, operator.eq, value.name, Lit(own), kind=BOOL)
    frame.branch(node, test, lambda: None, lambda: frame.fail(node, AttributeError, message), None)


MADE_FROM = "made from"
"""The attribute of an exception that keeps what it was made from, and the names of the last of these arguments: no
name of the user's."""


def again(frame: Frame, node: Any, value: Raised, within: Classes = (BaseException,)) -> NoReturn:
    """Raise an exception that was caught, as one of the classes `within`."""
    names = [name for name, cls in _table(frame) if issubclass(cls, within)]
    if isinstance(value.name, Known):
        names = [value.name.value]
    ways: list[tuple[list[str], Callable[[], NoReturn]]] = []
    for attempt in reversed(frame.attempts):
        for i in range(len(attempt.handlers)):
            caught = [name for name in names if attempt.catches(frame.context.exceptions[name]) == i]
            names = [name for name in names if name not in caught]
            if caught:
                ways.append((caught, partial(attempt.jump, node, i, value)))
    for name in names:
        ways.append(([name], partial(_leave, frame, node, value, frame.context.exceptions[name])))

    def go(i: int) -> None:
        caught, leave = ways[i]
        if i + 1 == len(ways):
            leave()
        test = _any(frame, node, value.name, caught)
        frame.branch(node, test, leave, lambda: go(i + 1), None)

    if not ways:
        raise Unreachable
    go(0)
    raise Thrown


def _leave(frame: Frame, node: Any, value: Raised, cls: type) -> NoReturn:
    """Raise an exception that nothing catches."""
    args, names = value.args if value.args is not None else (value.text,), ()
    if value.object is not None and value.object.cls.value is cls:
        args, known = value.object.attribute(frame.env, MADE_FROM)
        names = known.value
    frame.leave_by(node, cls, [frame.operand(node, arg) for arg in args], names)
