"""The operators that a class defines: `+` and its kin, comparisons, `abs` and `len`, truth."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.frontend import attributes, heap, members
from ast_ad.frontend.arrays import is_array, is_numpy
from ast_ad.frontend.choices import either, truth
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Either, Known, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit

BINARY: dict[Callable[..., Any], str] = {
    operator.add: "add",
    operator.sub: "sub",
    operator.mul: "mul",
    operator.truediv: "truediv",
    operator.floordiv: "floordiv",
    operator.mod: "mod",
    operator.pow: "pow",
    operator.matmul: "matmul",
    operator.lshift: "lshift",
    operator.rshift: "rshift",
    operator.and_: "and",
    operator.or_: "or",
    operator.xor: "xor",
    divmod: "divmod",
}
UNARY: dict[Callable[..., Any], str] = {
    operator.neg: "__neg__",
    operator.pos: "__pos__",
    operator.invert: "__invert__",
    abs: "__abs__",
    len: "__len__",
    float: "__float__",
    int: "__int__",
    complex: "__complex__",
    round: "__round__",
}
COMPARED: dict[Callable[..., Any], tuple[str, str]] = {
    operator.lt: ("__lt__", "__gt__"),
    operator.le: ("__le__", "__ge__"),
    operator.gt: ("__gt__", "__lt__"),
    operator.ge: ("__ge__", "__le__"),
    operator.eq: ("__eq__", "__eq__"),
    operator.ne: ("__ne__", "__ne__"),
}


def defined(fn: Callable[..., Any], *sides: Value) -> bool:
    """Tell whether a class that is written in Python says what an operator makes of one of the sides.

    A member of an `IntEnum` is no number then.
    """
    names = COMPARED.get(fn) or (UNARY.get(fn), None)
    if fn in BINARY:
        names = (f"__{BINARY[fn]}__", f"__r{BINARY[fn]}__")
    methods = [members.special(side, name) for side, name in zip(sides, names) if name is not None]
    return any(method is not None and method.value.__module__ != enum.__name__ for method in methods)


def binary(
    frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value, *, in_place: bool = False
) -> Any:
    """Return ``fn(left, right)`` if one of them is an object that defines it, else `NotImplemented`."""
    a, b = members.class_of(left), members.class_of(right)
    name = BINARY.get(fn)
    if (a is None and b is None) or name is None:
        return NotImplemented
    forward, reflected = f"__{name}__", f"__r{name}__"
    tries = [(left, forward, right), (right, reflected, left)]
    if a is not None and b is not None:
        if (
            b is not a
            and issubclass(b, a)
            and members.lookup(b.__mro__, reflected) is not members.lookup(a.__mro__, reflected)
        ):
            tries.reverse()
        elif a is b:
            tries.pop()
    if in_place:
        tries.insert(0, (left, f"__i{name}__", right))
    if a is None and is_numpy(left) and members.base_of(b or object) in (list, tuple) and not _goes_first(b):
        frame.refuse(node, f"NumPy makes an array of {describe(right)}", "write `np.array(...)`, or the object first")
    if a is None and is_array(left) and left.kind.ndim and not _goes_first(b):
        frame.refuse(
            node,
            f"an array and {describe(right)} are combined element by element, into an array of objects",
            "write the object first, or let its class say `__array_ufunc__ = None`",
        )
    return _first(frame, node, tries)


def _first(frame: Frame, node: Any, tries: Sequence[tuple[Value, str, Value]]) -> Any:
    """Return the result of the first method that does not return NotImplemented."""
    for owner, name, other in tries:
        if members.special(owner, name) is not None:
            result = members.call_special(frame, node, owner, name, [other])
            if not (isinstance(result, Known) and result.value is NotImplemented):
                return result
    return NotImplemented


def _goes_first(cls: type | None) -> bool:
    """Tell whether NumPy leaves an operator to objects of a class."""
    if getattr(cls, "__array_ufunc__", members.MISSING) is None:
        return True
    return getattr(cls, "__array_priority__", 0) > 0


def compared(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Any:
    """Return ``fn(left, right)`` for a comparison of objects, or `NotImplemented` where neither defines it."""
    a, b = members.class_of(left), members.class_of(right)
    if (a is None and b is None) or fn not in COMPARED:
        return NotImplemented
    forward, reflected = COMPARED[fn]
    tries = [(left, forward, right), (right, reflected, left)]
    if a is not None and b is not None and b is not a and issubclass(b, a):
        tries.reverse()
    result = _first(frame, node, tries)
    if result is NotImplemented and fn is operator.ne:
        equal = compared(frame, node, operator.eq, left, right)
        if equal is not NotImplemented:
            known = truth(frame, equal)
            return frame.op(node, operator.not_, frame.operand(node, equal)) if known is None else Lit(not known)
    return result


def identical(frame: Frame, node: Any, left: Value, right: Value) -> bool | None:
    """Tell whether two objects are one; None where neither has attributes that change."""
    left, right = (attributes.current(frame, each) if isinstance(each, Known) else each for each in (left, right))
    if not isinstance(left, Ref) and not isinstance(right, Ref):
        return None
    if left is right:
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Known) and attributes.may_be_argument(frame, other, one):
            frame.refuse(
                node,
                f"whether {describe(other)} from outside is the argument depends on the call",
                "compare what is in them, or tell them apart by a string or a member of an `enum.Enum`",
            )
    if not _origins(frame, left).isdisjoint(_origins(frame, right)):
        heap.want_pools(frame, left, right)
        frame.refuse(
            node,
            "whether two objects are one depends on the path",
            "compare what is in them, or tell them apart by a string or a member of an `enum.Enum`",
        )
    return False


def _origins(frame: Frame, value: Value) -> frozenset[Any]:
    """Return the objects that one may be; one of the user's is known by what has stood for it where paths met."""
    table = frame.context
    stand_ins = [value] if isinstance(value, Ref) else []
    if isinstance(value, Known):
        stand_ins = [ref for (_, number), ref in table.heap.proxies.items() if number == id(value.value)]
    return frozenset().union(*map(table.objects.origins, stand_ins))


def truth_of(frame: Frame, node: Any, value: Value) -> Value:
    """Return what decides about the truth of an object: what `__bool__` or `__len__` returns, or the object itself."""
    if isinstance(value, Either):
        return either(frame, node, value, lambda each: _truth_of_one(frame, node, each))
    for name in ("__bool__", "__len__"):
        if members.special(value, name) is not None:
            return members.call_special(frame, node, value, name)
    return value


def _truth_of_one(frame: Frame, node: Any, value: Value) -> Value:
    """Return the truth of one of several values: a boolean, whatever the others are."""
    decides = truth_of(frame, node, value)
    known = truth(frame, decides)
    return frame.op(node, bool, frame.operand(node, decides)) if known is None else Lit(known)


def unary_name(fn: Callable[..., Any], value: Value) -> str | None:
    """Return the method of an object that a function calls; None if its class has none."""
    name = UNARY.get(fn)
    return None if name is None or members.special(value, name) is None else name


def unary(frame: Frame, node: Any, fn: Callable[..., Any], value: Value) -> Any:
    """Return ``fn(value)`` if the class of an object defines it, else `NotImplemented`."""
    name = unary_name(fn, value)
    if name is None:
        return NotImplemented
    return members.call_special(frame, node, value, name)
