"""What classes mean: attributes, methods, properties, `super`, and the operators that a class defines.

An object is a `Ref` (made by the lowered function, or an argument), a `Known` object of the user's, or a named tuple.
Its class is known, so what an attribute or an operator stands for is decided here, as Python would; the function behind
it is then called like any other.
"""

from __future__ import annotations

import abc
import enum
import functools
import inspect
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ast_ad.frontend import calls, containers, guards, heap, names, records
from ast_ad.frontend.arrays import is_array
from ast_ad.frontend.choices import truth
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.guards import Member, Path
from ast_ad.frontend.memory import InPlace
from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Bound,
    Conflict,
    Container,
    Known,
    Maybe,
    Record,
    Ref,
    Value,
    describe,
)
from ast_ad.ir.nodes import Lit
from ast_ad.trees import Child, Rebuilt, attribute_names

_MISSING = object()

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
_COMPARED = {
    operator.lt: ("__lt__", "__gt__"),
    operator.le: ("__le__", "__ge__"),
    operator.gt: ("__gt__", "__lt__"),
    operator.ge: ("__ge__", "__le__"),
    operator.eq: ("__eq__", "__eq__"),
    operator.ne: ("__ne__", "__ne__"),
}


@dataclass(frozen=True, eq=False)
class Super:
    """What ``super()`` returns: the attributes of `owner` that classes after `cls` define."""

    cls: type
    owner: Value

    def __tree_parts__(self) -> tuple[Callable[..., Super], tuple[Any, ...]]:
        return functools.partial(Super, self.cls), (self.owner,)


def class_of(value: Value) -> type | None:
    """Return the class of an object of a class that is written in Python; None for anything else."""
    cls: type | None = None
    if isinstance(value, Ref):
        cls = value.cls.value
    elif isinstance(value, Known):
        cls = type(value.value)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        cls = type(value)
    return cls if cls is not None and heap.is_users_class(cls) else None


def _class_path(value: Value) -> Path:
    if isinstance(value, Ref) and value.cls.path is not None:
        return value.cls.path
    if isinstance(value, Known) and value.path is not None:
        return Member(value.path, "__class__")
    return guards.Held(class_of(value))


def _lookup(classes: Sequence[type], name: str) -> Any:
    """Return what the first of some classes that defines a name has for it."""
    return next((vars(cls)[name] for cls in classes if name in vars(cls)), _MISSING)


def special(value: Value, name: str) -> Known | None:
    """Return a method such as `__add__` of an object, if its class defines it in Python."""
    cls = class_of(value)
    found = _lookup(cls.__mro__, name) if cls is not None else None
    if not isinstance(found, types.FunctionType):
        return None
    return Known(found, Member(_class_path(value), name))


def call_special(
    frame: Frame, node: Any, owner: Value, name: str, args: Sequence[Value] = (), kwargs: Mapping[str, Value] = {}
) -> Value:
    """Lower the call of a method that an object's class is known to define."""
    function = special(owner, name)
    assert function is not None
    return calls.call_known(frame, node, function, [owner, *args], kwargs)


# Attributes.


def attribute(frame: Frame, node: Any, owner: Value, name: str) -> Value:
    """Return an attribute of an object."""
    found = find(frame, node, owner, name)
    if found is not _MISSING:
        return found
    cls = class_of(owner)
    assert cls is not None
    if _lookup(cls.__mro__, "__getattr__") is not _MISSING:
        frame.refuse(
            node,
            f"the attribute `{name}` of {describe(owner)} is computed by `__getattr__`",
            "make it a property or a method",
        )
    frame.misfit(node, f"{cls.__name__!r} object has no attribute {name!r}", "set it in `__init__`")


def found(frame: Frame, node: Any, owner: Value, name: str) -> Value | None:
    """Return an attribute of an object, or None where it has none of that name."""
    value = find(frame, node, owner, name)
    return None if value is _MISSING else value


def find(frame: Frame, node: Any, owner: Value, name: str) -> Any:
    """Return an attribute of an object, or `_MISSING`."""
    cls = class_of(owner)
    assert cls is not None
    if name == "__class__":
        return Known(cls, _class_path(owner))
    found = _lookup(cls.__mro__, name)
    if isinstance(found, property):
        path = Member(Member(_class_path(owner), name), "fget")
        return calls.call_known(frame, node, Known(found.fget, path), [owner], {})
    own = _own(frame, node, owner, name)
    if own is not _MISSING:
        return own
    if isinstance(found, functools.cached_property):
        path = Member(Member(_class_path(owner), name), "func")
        value = calls.call_known(frame, node, Known(found.func, path), [owner], {})
        if isinstance(owner, Ref):
            heap.write(frame, node, owner, name, value)
        return value
    if found is _MISSING:
        return _MISSING
    return (
        names.attribute(frame, node, owner, name)
        if isinstance(owner, Known)
        else _from_class(frame, node, owner, cls, found, name)
    )


def _own(frame: Frame, node: Any, owner: Value, name: str) -> Any:
    """Return an attribute that the object itself has."""
    if isinstance(owner, Known):
        owner = current(frame, owner)
    if isinstance(owner, Ref):
        value = owner.attribute(frame.env, name)
        return _MISSING if value is UNBOUND or value is ABSENT else _bound(frame, node, owner, name, value)
    if isinstance(owner, Known):
        _check_apart(frame, node, owner)
        value = inspect.getattr_static(owner.value, name, _MISSING)
        if isinstance(owner.value, enum.Enum) and name in ("name", "value"):
            path = Member(owner.path if owner.path is not None else guards.Held(owner.value), name)
            return names.resolved(frame, getattr(owner.value, name), path, name)
        own = name in getattr(owner.value, "__dict__", {}) or isinstance(value, types.MemberDescriptorType)
        return names.attribute(frame, node, owner, name) if own else _MISSING
    return getattr(owner, name) if name in owner._fields else _MISSING


def _check_apart(frame: Frame, node: Any, known: Known) -> None:
    """Refuse to read an object from outside that may be an argument which the function changes."""
    heap = frame.context.heap
    if type(known.value) in heap.changed and (heap.shared or not isinstance(known.path, guards.Held)):
        frame.refuse(
            node,
            f"{describe(known)} from outside may be the argument that is changed here",
            "pass a copy, or do not change it",
        )


def _bound(frame: Frame, node: Any, owner: Ref, name: str, value: Value) -> Value:
    """Return the value of an attribute where it is read; it may be missing on some paths."""
    if isinstance(value, Maybe):
        message = f"'{owner.cls.value.__name__}' object has no attribute '{name}'"

        def fail() -> None:
            frame.fail(node, AttributeError, Lit(message))

        frame.branch(node, value.bound, lambda: None, fail, None)
        value = value.value
    if isinstance(value, Conflict):
        frame.misfit(
            node,
            f"the attribute `{name}` of {describe(owner)} has no single kind here: {value.message}",
            "give it one structure on every path, or use another name",
        )
    return value


def current(frame: Frame, known: Known) -> Value:
    """Return what stands for an object of the user's now: the copy, where the function changes it."""
    adopted = frame.context.heap.adopted
    if not adopted or class_of(known) is None:
        return known
    names.guard_identity(frame, known)
    ref = adopted.get(id(known.value))
    if ref is not None and not frame.is_outermost:
        raise InPlace
    return known if ref is None else ref


def _from_class(frame: Frame, node: Any, owner: Value, cls: type, found: Any, name: str) -> Value:
    """Return what a class has for a name, as an attribute of its object."""
    home = _class_path(owner)
    path = Member(home, name)
    if isinstance(found, types.FunctionType):
        return Bound(owner, Known(found, path))
    if isinstance(found, classmethod):
        function = Known(found.__func__, Member(path, "__func__"))
        return Bound(Known(cls, home), function)
    if isinstance(found, staticmethod):
        return Known(found.__func__, path)
    if hasattr(found, "__ast_ad_lower__"):
        return Bound(owner, Known(found, path))
    if hasattr(type(found), "__get__") and not callable(found):
        frame.refuse(node, f"the attribute `{name}` is computed by a descriptor", "make it a property or a method")
    return names.resolved(frame, found, path, name)


def assign(frame: Frame, node: Any, owner: Value, name: str, value: Value) -> None:
    """Lower ``owner.name = value``."""
    cls = class_of(owner)
    if cls is None:
        frame.refuse(node, f"the attribute `{name}` of {describe(owner)} cannot be assigned", "use a local name")
    found = _lookup(cls.__mro__, name)
    if isinstance(found, property):
        if found.fset is None:
            frame.fail(node, AttributeError, Lit(f"property '{name}' of '{cls.__name__}' object has no setter"))
        path = Member(Member(_class_path(owner), name), "fset")
        calls.call_known(frame, node, Known(found.fset, path), [owner, value], {})
        return
    if isinstance(owner, tuple):
        frame.fail(node, AttributeError, Lit("can't set attribute"))
    if records.is_frozen(cls):
        frame.fail(node, records.FrozenInstanceError, Lit(f"cannot assign to field '{name}'"))
    if isinstance(_lookup(cls.__mro__, "__setattr__"), types.FunctionType):
        frame.refuse(node, f"`{cls.__name__}` has a `__setattr__` of its own", "assign plain attributes")
    set_plainly(frame, node, owner, name, value)


def set_plainly(frame: Frame, node: Any, owner: Value, name: str, value: Value) -> None:
    """Let an object have an attribute, as `object.__setattr__` does; of an object of the user's, a copy is changed."""
    if isinstance(owner, Known):
        owner = adopt(frame, node, owner)
    heap.write(frame, node, owner, name, value)
    names.named(frame, value, frame.context.heap.label(frame.context.heap.key(owner, name)))


def adopt(frame: Frame, node: Any, known: Known) -> Ref:
    """Return the copy of an object of the user's that the function changes."""
    if not frame.is_outermost:
        raise InPlace
    names.guard_identity(frame, known)
    ref = proxy(frame, known)
    if ref is None:
        frame.refuse(node, f"{describe(known)} belongs to a scope outside, and is changed", "make it in the function")
    frame.context.heap.adopted[id(known.value)] = ref
    return ref


def proxy(frame: Frame, known: Known) -> Ref | None:
    """Return an object with the attributes that one of the user's has; None where it has none to speak of."""
    cls = class_of(known)
    value = known.value
    if cls is None or (callable(value) and not hasattr(value, "__dict__")):
        return None
    table, key = frame.context.heap.proxies, (id(frame.base), id(value))
    if key not in table:
        names.guard_identity(frame, known)
        path = known.path if known.path is not None else guards.Held(value)
        ref = table[key] = frame.context.heap.new(Known(cls, Member(path, "__class__")))
        for name in attribute_names(value):
            ref.initial[name] = names.resolved(frame, getattr(value, name), Member(path, name), name)
    return table[key]


# Objects that come in, and go out.


def object_of(frame: Frame, record: Record) -> Ref:
    """Return an object of the function's own for one that comes in."""
    cls = record.make.cls
    ref = heap.make(frame, Known(cls, guards.Held(cls)), {})
    table = frame.context.heap
    if isinstance(record.make, Rebuilt):
        attributes = dict(zip(record.make.fields, record.items))
    else:
        children = [Child() for _ in record.items]
        whole = record.make(*children)
        by_child = dict(zip(map(id, children), record.items))
        attributes = {name: getattr(whole, name) for name in attribute_names(whole)}
        attributes = {
            name: by_child[id(each)] if id(each) in by_child else Known(each, guards.Held(each))
            for name, each in attributes.items()
        }
    frame.env.update((table.key(ref, name), value) for name, value in attributes.items())
    return ref


def opened(frame: Frame, node: Any, value: Value, around: tuple[Ref, ...] = ()) -> Value:
    """Return a value with records for its objects, and lists and dicts for its containers."""

    def taken_apart(cell: heap.Cell) -> Value:
        if isinstance(cell, Container):
            if not heap.leads_to_objects(frame.env, cell):
                return containers.plain(frame, cell)
            return opened(frame, node, containers.seen(frame, cell), around)
        if cell in around:
            frame.refuse(node, f"{describe(cell)} holds itself, and leaves the function", "return what is in it")
        found = {name: _bound(frame, node, cell, name, item) for name, item in cell.attributes(frame.env).items()}
        items = tuple(opened(frame, node, item, (*around, cell)) for item in found.values())
        return Record(Rebuilt(cell.cls.value, tuple(found)), items)

    return heap.replaced(value, taken_apart)


# Objects that the function makes.


def create(frame: Frame, node: Any, known: Known, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``cls(*args, **kwargs)`` for a class that is written in Python."""
    cls = known.value
    reason = _cannot_make(cls)
    if reason:
        frame.refuse(
            node,
            f"objects of the class `{cls.__name__}` cannot be made here: {reason}",
            "make the object before the call",
        )
    if getattr(cls, "__abstractmethods__", None):
        frame.misfit(node, f"`{cls.__name__}` is abstract: {', '.join(sorted(cls.__abstractmethods__))}")
    ref = heap.make(frame, known, {})
    init = special(ref, "__init__")
    if init is not None:
        calls.call_known(frame, node, init, [ref, *args], kwargs)
    elif args or kwargs:
        frame.misfit(node, f"`{cls.__name__}()` takes no arguments", "give the class an `__init__`")
    return ref


def _cannot_make(cls: type) -> str:
    if not heap.is_users_class(cls):
        return "it is not written in Python"
    if type(cls) not in (type, abc.ABCMeta) and type(cls).__module__ != "typing":
        return f"its metaclass is `{type(cls).__name__}`"
    foreign = [base for base in cls.__mro__ if not base.__flags__ & heap.HEAP_TYPE and base is not object]
    if foreign:
        return f"it inherits from `{foreign[0].__name__}`"
    return "" if _lookup(cls.__mro__, "__new__") is vars(object)["__new__"] else "it has a `__new__` of its own"


def call_super(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``super()``, or ``super(cls, self)``."""
    if len(args) == 2 and isinstance(args[0], Known) and isinstance(args[0].value, type):
        names.guard_identity(frame, args[0])
        return Super(args[0].value, args[1])
    home: Frame = frame
    while home.function is None and home.parent is not None:
        home = home.parent
    free = home.function.__code__.co_freevars if home.function is not None else ()
    if args or kwargs or "__class__" not in free or not frame.scope.params:
        frame.refuse(node, "`super` is called in an unusual way", "write `super()` in a method")
    cls = home.function.__closure__[free.index("__class__")].cell_contents
    return Super(cls, frame.env[frame.scope.params[0]])


def super_attribute(frame: Frame, node: Any, owner: Super, name: str) -> Value:
    """Return an attribute of what `super()` returns."""
    value = owner.owner
    of_class = isinstance(value, Known) and isinstance(value.value, type)
    cls = value.value if of_class else class_of(value)
    assert cls is not None
    order = cls.__mro__
    after = order[order.index(owner.cls) + 1 :]
    found = _lookup(after, name)
    home = next((each for each in after if name in vars(each)), object)
    path = Member(guards.Held(home), name)
    if isinstance(found, property):
        return calls.call_known(frame, node, Known(found.fget, Member(path, "fget")), [value], {})
    if isinstance(found, types.FunctionType):
        return Known(found, path) if of_class else Bound(value, Known(found, path))
    if isinstance(found, classmethod):
        return Bound(
            value if of_class else Known(cls, _class_path(value)), Known(found.__func__, Member(path, "__func__"))
        )
    if isinstance(found, staticmethod):
        return Known(found.__func__, path)
    if found in (vars(object)["__init__"], vars(object)["__setattr__"]):
        return Bound(value, Known(found, path))
    if found is _MISSING or home is object:
        frame.misfit(node, f"`super()` has no attribute `{name}` here", "check the class that it inherits from")
    return names.resolved(frame, found, path, name)


# Operators.


def binary(
    frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value, *, in_place: bool = False
) -> Any:
    """Return ``fn(left, right)`` if one of them is an object that defines it, else `NotImplemented`."""
    a, b = class_of(left), class_of(right)
    name = BINARY.get(fn)
    if (a is None and b is None) or name is None:
        return NotImplemented
    forward, reflected = f"__{name}__", f"__r{name}__"
    tries = [(left, forward, right), (right, reflected, left)]
    if a is not None and b is not None:
        if b is not a and issubclass(b, a) and _lookup(b.__mro__, reflected) is not _lookup(a.__mro__, reflected):
            tries.reverse()
        elif a is b:
            tries.pop()
    if in_place:
        tries.insert(0, (left, f"__i{name}__", right))
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
        if special(owner, name) is not None:
            result = call_special(frame, node, owner, name, [other])
            if not (isinstance(result, Known) and result.value is NotImplemented):
                return result
    return NotImplemented


def _goes_first(cls: type | None) -> bool:
    """Tell whether NumPy leaves an operator to objects of a class."""
    if getattr(cls, "__array_ufunc__", _MISSING) is None:
        return True
    return getattr(cls, "__array_priority__", 0) > 0


def compared(frame: Frame, node: Any, fn: Callable[..., Any], left: Value, right: Value) -> Any:
    """Return ``fn(left, right)`` for a comparison of objects, or `NotImplemented` where neither defines it."""
    a, b = class_of(left), class_of(right)
    if (a is None and b is None) or fn not in _COMPARED:
        return NotImplemented
    forward, reflected = _COMPARED[fn]
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
    left, right = (current(frame, each) if isinstance(each, Known) else each for each in (left, right))
    if not isinstance(left, Ref) and not isinstance(right, Ref):
        return None
    if left is right:
        return True
    if isinstance(left, Ref) and isinstance(right, Ref):
        table = frame.context.objects
        if not table.origins(left).isdisjoint(table.origins(right)):
            frame.refuse(node, "whether two objects are one depends on the path", "compare what is in them")
    return False


def truth_of(frame: Frame, node: Any, value: Value) -> Value:
    """Return what decides about the truth of an object: what `__bool__` or `__len__` returns, or the object itself."""
    for name in ("__bool__", "__len__"):
        if special(value, name) is not None:
            return call_special(frame, node, value, name)
    return value


def unary(frame: Frame, node: Any, fn: Callable[..., Any], value: Value) -> Any:
    """Return ``fn(value)`` if the class of an object defines it, else `NotImplemented`."""
    name = UNARY.get(fn)
    if name is None or special(value, name) is None:
        return NotImplemented
    return call_special(frame, node, value, name)
