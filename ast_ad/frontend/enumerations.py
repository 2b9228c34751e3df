"""Enumerations: their members, and flags that are joined and tested; all of it is known when lowering."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.keys import has_known_key, key_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import Known, Value
from ast_ad.ir.nodes import Lit

_JOINS = (operator.and_, operator.or_, operator.xor)


def _flag(value: Value) -> enum.Flag | None:
    """Return the flags that a value is; those that are integers are numbers."""
    found = value.value if isinstance(value, Known) else None
    return found if isinstance(found, enum.Flag) and not isinstance(found, enum.IntFlag) else None


def _known(frame: Frame, found: Any, *used: Value) -> Known:
    for each in used:
        guard_identity(frame, each)
    return Known(found, Held(found))


def joined(frame: Frame, fn: Callable[..., Any], left: Value, right: Value) -> Value | None:
    """Return ``fn(left, right)`` of flags; None where they are none."""
    a, b = _flag(left), _flag(right)
    if a is None or b is None or type(a) is not type(b) or fn not in _JOINS:
        return None
    return _known(frame, fn(a, b), left, right)


def inverted(frame: Frame, fn: Callable[..., Any], value: Value) -> Value | None:
    """Return ``~value`` of flags, of which those that are integers keep to their members; None for anything else."""
    if fn is not operator.invert or not isinstance(value, Known) or not isinstance(value.value, enum.Flag):
        return None
    return _known(frame, ~value.value, value)


def contains(frame: Frame, container: Value, item: Value) -> Value | None:
    """Return whether a member is in an enumeration, or a flag in flags; None for other values."""
    if not isinstance(item, Known) or not isinstance(item.value, enum.Enum) or not isinstance(container, Known):
        return None
    if not isinstance(container.value, (enum.Flag, enum.EnumMeta)):
        return None
    return Lit(_known(frame, item.value in container.value, item, container).value)


def members_of(frame: Frame, value: Value) -> list[Value] | None:
    """Return the members of an enumeration, in order; None for other values."""
    if not isinstance(value, Known) or not isinstance(value.value, enum.EnumMeta):
        return None
    guard_identity(frame, value)
    return [Known(each, Held(each)) for each in value.value]  # type: ignore[var-annotated]


def member(frame: Frame, owner: Value, name: Value) -> Value | None:
    """Return the member of a name, ``Colour["RED"]``; None where there is none."""
    if not isinstance(owner, Known) or not isinstance(owner.value, enum.EnumMeta) or not isinstance(name, Known):
        return None
    found = owner.value.__members__.get(name.value)
    return None if found is None else _known(frame, found, owner)


def made(frame: Frame, node: Any, cls: Known, args: Sequence[Value]) -> Value | None:
    """Return the member of a value, ``Colour("red")``; None where that is not known, or there is none."""
    if not isinstance(cls.value, enum.EnumMeta) or len(args) != 1 or not has_known_key(args[0]):
        return None
    try:
        found = cls.value(key_of(frame, node, args[0]))  # type: ignore[var-annotated]
    except ValueError as error:
        frame.fail(node, ValueError, Lit(str(error)))
    return _known(frame, found, cls)
