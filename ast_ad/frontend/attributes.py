"""Attributes of objects: fields, properties, methods, what classes hold, and what `super()` finds."""

from __future__ import annotations

import builtins
import enum
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

from ast_ad.frontend import dispatch, frozen, heap, members, mistakes, names, paths, pools, rebound, resolution
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, TRUE
from ast_ad.frontend.paths import InClass, Member
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import ABSENT, UNBOUND, Bound, Conflict, Known, Maybe, Partial, Pooled, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import dispatching
from ast_ad.models.bases import BUILTIN
from ast_ad.models.namespaces import Namespace
from ast_ad.models.stepping import State
from ast_ad.trees import attribute_names


@dataclass(frozen=True, eq=False)
class Super:
    """What ``super()`` returns: the attributes of `owner` that classes after `cls` define."""

    cls: type
    owner: Value

    def __tree_parts__(self) -> tuple[Callable[..., Super], tuple[Any, ...]]:
        return functools.partial(Super, self.cls), (self.owner,)


def attribute(frame: Frame, node: Any, owner: Value, name: str) -> Value:
    """Return an attribute of an object."""
    found = find(frame, node, owner, name)
    if found is not members.MISSING:
        return found
    cls = members.class_of(owner)
    assert cls is not None
    if name == BUILTIN:
        base = members.base_of(cls)
        frame.refuse(
            node,
            f"{describe(owner)}, whose class inherits from `{base.__name__ if base else 'object'}`, comes from outside",
            "make it in the function, or pass its items as a list or a dict",
        )
    if members.special(owner, "__getattr__") is not None:
        return members.call_special(frame, node, owner, "__getattr__", [Known(name)])
    if cls is State:
        # Where a generator stands says which of its variables are bound: here it never stands.
        frame.fail(node, AttributeError, Lit(name))
    message = f"{cls.__name__!r} object has no attribute {name!r}"
    frame.misfit(node, message, "set it in `__init__`", AttributeError(message))


def has(frame: Frame, node: Any, owner: Value, name: str) -> Operand:
    """Tell whether an object has an attribute."""
    if isinstance(owner, Known):
        owner = current(frame, owner)
    own = owner.attribute(frame.env, name) if isinstance(owner, Ref) else None
    if isinstance(own, Maybe):
        return own.bound
    if find(frame, node, owner, name) is not members.MISSING:
        return TRUE
    if members.special(owner, "__getattr__") is not None:
        frame.refuse(
            node,
            f"whether {describe(owner)} has the attribute `{name}` is computed by `__getattr__`",
            "test what it computes that from",
        )
    return FALSE


def find(frame: Frame, node: Any, owner: Value, name: str) -> Any:
    """Return an attribute of an object, or `MISSING`."""
    cls = members.class_of(owner)
    assert cls is not None
    if name == "__class__":
        return Known(cls, members.path_of(owner))
    if name == "__dict__":
        return dispatch.call_known(frame, node, Known(Namespace, paths.Held(Namespace)), [owner], {})
    if isinstance(members.lookup(cls.__mro__, "__getattribute__"), types.FunctionType):
        frame.refuse(node, f"`{cls.__name__}` has a `__getattribute__` of its own", "make it properties and methods")
    if isinstance(owner, Known) and isinstance(owner.value, enum.Enum) and name in ("name", "value"):
        path = Member(owner.path if owner.path is not None else paths.Held(owner.value), name)
        return resolution.resolved(frame, getattr(owner.value, name), path, name)
    found = members.lookup(cls.__mro__, name)
    if isinstance(found, property):
        path = Member(Member(members.path_of(owner), name), "fget")
        return dispatch.call_known(frame, node, Known(found.fget, path), [owner], {})
    if members.is_descriptor(found) and hasattr(type(found), "__set__"):
        return _described(frame, node, owner, cls, found, name)
    own = _own(frame, node, owner, name)
    if own is not members.MISSING:
        return own
    if isinstance(found, functools.cached_property):
        path = Member(Member(members.path_of(owner), name), "func")
        value = dispatch.call_known(frame, node, Known(found.func, path), [owner], {})
        if isinstance(owner, Ref):
            heap.write(frame, node, owner, name, value)
        elif isinstance(owner, Pooled):
            frame.refuse(node, f"`{name}` is remembered in an object of a list", "make it a property, or a method")
        return value
    if found is members.MISSING:
        return members.MISSING
    if members.is_descriptor(found):
        return _described(frame, node, owner, cls, found, name)
    return rebound.value(
        frame,
        rebound.home_of(cls, name),
        name,
        lambda: (
            resolution.attribute(frame, node, owner, name)
            if isinstance(owner, Known)
            else _from_class(frame, node, owner, cls, found, name)
        ),
    )


def _described(frame: Frame, node: Any, owner: Value, cls: type, found: Any, name: str) -> Value:
    """Return an attribute that a descriptor of the user's computes."""
    home = members.path_of(owner)
    return members.call_special(frame, node, Known(found, InClass(home, name)), "__get__", [owner, Known(cls, home)])


def own_names(frame: Frame, owner: Value) -> tuple[str, ...]:
    """Return the names of the attributes that an object itself has."""
    if isinstance(owner, Pooled):
        return (*owner.pool.fixed, *owner.pool.columns)
    if isinstance(owner, Known):
        owner = current(frame, owner)
    if not isinstance(owner, Ref):
        return attribute_names(owner.value)
    found = owner.attributes(frame.env)
    return tuple(name for name, value in found.items() if value is not UNBOUND and value is not ABSENT)


def own(frame: Frame, node: Any, owner: Value, name: str) -> Value:
    """Return an attribute that the object itself has, whatever its class says of the name."""
    return _own(frame, node, owner, name)


def _own(frame: Frame, node: Any, owner: Value, name: str) -> Any:
    """Return an attribute that the object itself has."""
    if isinstance(owner, Pooled):
        return pools.attribute(frame, node, owner, name, members.MISSING)
    if isinstance(owner, Known):
        owner = current(frame, owner)
    if isinstance(owner, Ref):
        value = owner.attribute(frame.env, name)
        return members.MISSING if value is UNBOUND or value is ABSENT else bound(frame, node, owner, name, value)
    if isinstance(owner, Known):
        _check_apart(frame, node, owner)
        value = inspect.getattr_static(owner.value, name, members.MISSING)
        own = name in getattr(owner.value, "__dict__", {}) or isinstance(value, types.MemberDescriptorType)
        return resolution.attribute(frame, node, owner, name) if own else members.MISSING
    return getattr(owner, name) if name in owner._fields else members.MISSING


def _check_apart(frame: Frame, node: Any, known: Known) -> None:
    """Refuse to read an object from outside that may be an argument which the function changes."""
    if type(known.value) in frame.context.heap.changed and _may_be_passed(frame, known):
        frame.refuse(
            node,
            f"{describe(known)} from outside may be the argument that is changed here",
            "pass a copy, or do not change it",
        )


def may_be_argument(frame: Frame, known: Known, ref: Value) -> bool:
    """Tell whether an object from outside may be the one that an argument, or a part of one, is."""
    heap = frame.context.heap
    return (
        isinstance(ref, Ref)
        and type(known.value) is ref.cls.value
        and not frame.context.objects.origins(ref).isdisjoint(heap.arguments)
        and _may_be_passed(frame, known)
    )


def _may_be_passed(frame: Frame, known: Known) -> bool:
    """Tell whether an object from outside may stand among the arguments as well."""
    return frame.context.heap.shared or not isinstance(known.path, paths.Held)


def bound(frame: Frame, node: Any, owner: Ref, name: str, value: Value) -> Value:
    """Return the value of an attribute where it is read; it may be missing on some paths."""
    if isinstance(value, Maybe):
        message = f"'{owner.cls.value.__name__}' object has no attribute '{name}'"

        def fail() -> None:
            frame.fail(node, AttributeError, Lit(message))

        frame.branch(node, value.bound, lambda: None, fail, None)
        value = value.value
    if isinstance(value, Conflict):
        heap.want_pools(frame, owner)
        frame.misfit(
            node,
            f"the attribute `{name}` of {describe(owner)} has no single kind here: {value.message}",
            "give it one structure on every path, or use another name",
        )
    return value


def current(frame: Frame, known: Known) -> Value:
    """Return what stands for an object of the user's now: the copy, where the function changes it."""
    adopted = frame.context.heap.adopted
    if not adopted or members.class_of(known) is None:
        return known
    resolution.guard_identity(frame, known)
    ref = adopted.get(id(known.value))
    if ref is not None and not frame.is_outermost:
        raise InPlace
    return known if ref is None else ref


def _from_class(frame: Frame, node: Any, owner: Value, cls: type, found: Any, name: str) -> Value:
    """Return what a class has for a name, as an attribute of its object."""
    home = members.path_of(owner)
    path = members.path_to(found, Member(home, name))
    if _becomes_method(found):
        return Bound(owner, Known(found, path))
    if isinstance(found, classmethod):
        function = Known(found.__func__, Member(path, "__func__"))
        return Bound(Known(cls, home), function)
    if isinstance(found, functools.singledispatchmethod):
        dispatched = Known(dispatching.dispatched, paths.Held(dispatching.dispatched))
        return Partial(dispatched, (Known(found.dispatcher, Member(path, "dispatcher")), owner), ())
    if isinstance(found, staticmethod):
        return Known(found.__func__, path)
    if hasattr(type(found), "__get__") and not callable(found):
        frame.refuse(node, f"the attribute `{name}` is computed by a descriptor", "make it a property or a method")
    return resolution.resolved(frame, found, path, name)


_OF_OBJECT = [vars(object)[each] for each in ("__init__", "__setattr__", "__getattribute__")]
"""Methods that every object has."""


def _becomes_method(found: Any) -> bool:
    """Tell whether what a class has for a name is given the object when it is called: a function, or one around it."""
    if hasattr(found, "__ast_ad_rerun__"):
        return not found.static
    if isinstance(found, types.WrapperDescriptorType) and found in _OF_OBJECT:
        return True
    return isinstance(found, (types.FunctionType, functools._lru_cache_wrapper)) or hasattr(found, "__ast_ad_lower__")


# Writes.


def assign(frame: Frame, node: Any, owner: Value, name: str, value: Value) -> None:
    """Lower ``owner.name = value``."""
    cls = members.class_of(owner)
    if cls is None:
        if rebound.holds(owner, name):
            resolve = functools.partial(resolution.attribute_outside, frame, node, owner, name)
            rebound.assign(frame, node, owner.value, name, value, resolve)
            return
        frame.let_catch(node, mistakes.no_new_attribute(owner, name))
        of_class = isinstance(owner, Known) and isinstance(owner.value, type)
        remedy = "let an object hold it, or set it outside of the function" if of_class else "use a local name"
        frame.refuse(node, f"the attribute `{name}` of {describe(owner)} cannot be assigned", remedy)
    setter = members.special(owner, "__setattr__")
    if setter is not None and not frozen.keeps_frozen(setter.value):
        members.call_special(frame, node, owner, "__setattr__", [Known(name), value])
        return
    if frozen.is_frozen(cls, name):
        frame.fail(node, FrozenInstanceError, Lit(f"cannot assign to field '{name}'"))
    set_plainly(frame, node, owner, name, value)


def delete(frame: Frame, node: Any, owner: Value, name: str) -> None:
    """Lower ``del owner.name``."""
    cls = members.class_of(owner)
    if cls is None or not isinstance(owner, (Known, Ref)):
        what = f"the attribute `{name}` of {describe(owner)}"
        frame.refuse(node, f"{what} cannot be deleted", "build a new object without it")
    if members.special(owner, "__delattr__") is not None:
        members.call_special(frame, node, owner, "__delattr__", [Known(name)])
        return
    found = members.lookup(cls.__mro__, name)
    if isinstance(found, property) and found.fdel is not None:
        path = Member(Member(members.path_of(owner), name), "fdel")
        dispatch.call_known(frame, node, Known(found.fdel, path), [owner], {})
        return
    ref = adopt(frame, node, owner) if isinstance(owner, Known) else owner
    if ref.attribute(frame.env, name) in (UNBOUND, ABSENT):
        frame.fail(node, AttributeError, Lit(f"{cls.__name__!r} object has no attribute {name!r}"))
    heap.write(frame, node, ref, name, UNBOUND)


def set_plainly(frame: Frame, node: Any, owner: Value, name: str, value: Value) -> None:
    """Let an object have an attribute, as `object.__setattr__` does: where its class computes it, that says how."""
    cls = members.class_of(owner)
    assert cls is not None
    found = members.lookup(cls.__mro__, name)
    if isinstance(found, property):
        if found.fset is None:
            frame.fail(node, AttributeError, Lit(f"property '{name}' of '{cls.__name__}' object has no setter"))
        path = Member(Member(members.path_of(owner), name), "fset")
        dispatch.call_known(frame, node, Known(found.fset, path), [owner, value], {})
    elif members.is_descriptor(found) and hasattr(type(found), "__set__"):
        described = Known(found, InClass(members.path_of(owner), name))
        members.call_special(frame, node, described, "__set__", [owner, value])
    elif isinstance(owner, tuple):
        frame.fail(node, AttributeError, Lit("can't set attribute"))
    elif isinstance(owner, Pooled):
        pools.set_attribute(frame, node, owner, name, value)
    else:
        _keep(frame, node, owner, name, value)


def _keep(frame: Frame, node: Any, owner: Value, name: str, value: Value) -> None:
    """Let an object itself have an attribute; of an object of the user's, a copy is changed."""
    if isinstance(owner, Known):
        owner = adopt(frame, node, owner)
    heap.write(frame, node, owner, name, value)
    names.named(frame, value, frame.context.heap.label(frame.context.heap.key(owner, name)))


def adopt(frame: Frame, node: Any, known: Known) -> Ref:
    """Return the copy of an object of the user's that the function changes."""
    if not frame.is_outermost:
        raise InPlace
    resolution.guard_identity(frame, known)
    ref = proxy(frame, known)
    if ref is None:
        frame.refuse(node, f"{describe(known)} belongs to a scope outside, and is changed", "make it in the function")
    frame.context.heap.adopted[id(known.value)] = ref
    return ref


def proxy(frame: Frame, known: Known) -> Ref | None:
    """Return an object with the attributes that one of the user's has; None where it has none to speak of."""
    cls = members.class_of(known)
    value = known.value
    if cls is None or isinstance(value, enum.Enum) or (callable(value) and not hasattr(value, "__dict__")):
        return None
    table, key = frame.context.heap.proxies, (id(frame.base), id(value))
    if key not in table:
        resolution.guard_identity(frame, known)
        path = known.path if known.path is not None else paths.Held(value)
        ref = table[key] = frame.context.heap.new(Known(cls, Member(path, "__class__")))
        for name in attribute_names(value):
            ref.initial[name] = resolution.resolved(frame, getattr(value, name), Member(path, name), name)
    return table[key]


# What `super()` returns.


def call_super(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``super()``, or ``super(cls, self)``."""
    if len(args) == 2 and isinstance(args[0], Known) and isinstance(args[0].value, type):
        resolution.guard_identity(frame, args[0])
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
    cls = value.value if of_class else members.class_of(value)
    assert cls is not None
    order = cls.__mro__
    after = order[order.index(owner.cls) + 1 :]
    found = members.lookup(after, name)
    home = next((each for each in after if name in vars(each)), object)
    path = members.path_to(getattr(found, "__func__", found), Member(paths.Held(home), name))
    if isinstance(found, property):
        return dispatch.call_known(frame, node, Known(found.fget, Member(path, "fget")), [value], {})
    if _becomes_method(found):
        return Known(found, path) if of_class else Bound(value, Known(found, path))
    if isinstance(found, classmethod):
        return Bound(
            value if of_class else Known(cls, members.path_of(value)), Known(found.__func__, Member(path, "__func__"))
        )
    if isinstance(found, staticmethod):
        return Known(found.__func__, path)
    if found is vars(object)["__new__"]:
        return Known(found, path)
    if isinstance(found, types.WrapperDescriptorType) and found in INITS:
        return Bound(value, Known(found, path))
    if found is members.MISSING or home is object:
        frame.misfit(node, f"`super()` has no attribute `{name}` here", "check the class that it inherits from")
    return rebound.value(frame, home, name, lambda: resolution.resolved(frame, found, path, name))


INITS = frozenset(
    vars(cls)["__init__"]
    for cls in vars(builtins).values()
    if isinstance(cls, type) and issubclass(cls, BaseException) and "__init__" in vars(cls)
)
"""How Python's exceptions are initialised."""
