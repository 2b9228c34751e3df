"""What a name stands for: a variable, a closure cell, a global, a builtin.

Numbers that lie outside the function become inputs of it; all else is resolved here, and guarded.
"""

from __future__ import annotations

import builtins
import enum
import inspect
import re
import sys
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from ast_ad.errors import AutodiffError, KindError
from ast_ad.frontend import containers, guards, paths, placing, remedies, streams
from ast_ad.frontend.arguments import with_records
from ast_ad.frontend.context import Cellar, Import
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_users_class, refs_in
from ast_ad.frontend.memory import InPlace
from ast_ad.frontend.paths import Cell, FreeInput, Global, Item, Member, Path
from ast_ad.frontend.pins import is_integer, is_pinned, shaped
from ast_ad.frontend.recursion import is_constant, loose_kind, outline_of
from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Box,
    Conflict,
    Container,
    Grown,
    Known,
    Maybe,
    Ref,
    Table,
    Value,
    descriptor,
    parts,
)
from ast_ad.ir.kinds import fresh, kind_of
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import NodeTree, flatten, is_number, unflatten

_LOCAL_MESSAGE = (
    "cannot access local variable '{}' where it is not associated with a value"
    if sys.version_info >= (3, 11)
    else "local variable '{}' referenced before assignment"
)
_FREE_MESSAGE = (
    "cannot access free variable '{}' where it is not associated with a value in enclosing scope"
    if sys.version_info >= (3, 11)
    else "free variable '{}' referenced before assignment in enclosing scope"
)


@dataclass(frozen=True)
class Enclosed:
    """Stands, for a class that a function defines, for a variable of that function."""

    frame: weakref.ref[Frame]
    name: str


def lookup(frame: Frame, node: gast.AST, name: str) -> Value:
    """Return the value of a name where it is read."""
    if name in frame.inner:
        return frame.inner[name]
    if name in frame.scope.local or (name in frame.scope.written and box_of(frame, name) is None):
        value = _checked(frame, node, name, frame.env.get(name, UNBOUND), UnboundLocalError, _LOCAL_MESSAGE)
        frame.env[name] = value
        return value
    outer: Frame | None = frame
    while outer is not None:
        if name in outer.cells:
            found = outer.cells[name] if outer is frame else imported(frame, Cellar(outer, "cell:" + name))
            return containers.seen(frame, found.inside)[0] if isinstance(found, Box) else found
        if outer.parent is None:
            break
        if name in outer.around:
            return _of_comprehension(frame, node, name, outer.parent)
        outer = outer.parent
        if name in outer.scope.local:
            return _checked(frame, node, name, imported(frame, Cellar(outer, name)), NameError, _FREE_MESSAGE)
    assert outer is not None
    return outside(frame, node, name, outer)


def box_of(frame: Frame, name: str) -> Box | None:
    """Return what holds a variable that is assigned here, if the function that it belongs to has returned."""
    outer: Frame | None = frame
    while outer is not None:
        if name in outer.cells:
            found = outer.cells[name] if outer is frame else imported(frame, Cellar(outer, "cell:" + name))
            return found if isinstance(found, Box) else None
        outer = outer.parent
        if outer is not None and name in outer.scope.local and name not in outer.cells:
            return None
    return None


def _of_comprehension(frame: Frame, node: gast.AST, name: str, outer: Frame) -> Value:
    """Return the variable of a comprehension, as a function that is made inside of it sees it."""
    if name not in outer.inner:
        frame.refuse(
            node,
            f"`{name}` is the variable of a comprehension, which has ended when the function is called",
            f"let the function keep its value: `lambda ..., {name}={name}: ...`",
        )
    return imported(frame, Cellar(outer, "inner:" + name))


def _checked(
    frame: Frame, node: gast.AST, name: str, value: Value, exception: Callable[..., Any], message: str
) -> Value:
    """Let a name that is not bound fail as it does in Python."""
    if isinstance(value, Maybe):

        def fail() -> None:
            frame.fail(node, exception, Lit(message.format(name)))

        frame.branch(node, value.bound, lambda: None, fail, None)
        value = value.value
    if value is UNBOUND or value is ABSENT:
        frame.fail(node, exception, Lit(message.format(name)))
    if isinstance(value, Conflict):
        raise KindError(
            f"`{name}` has no single kind here: {value.message}",
            help="give it one structure on every path, or use another name",
            where=value.where or frame.where(node),
        )
    return value


def imported(frame: Frame, key: Cellar | FreeInput) -> Value:
    """Return a value from outside the function, as parameters of it."""
    if isinstance(key, Cellar) and frame.holds(key):
        return current(frame, key)
    if frame.host is not None:
        return imported(frame.host, key)
    known = frame.imports.get(key)
    if known is None:
        if isinstance(key, FreeInput):
            param = Var(fresh(key.kind), key.name)
            value = placing.from_outside(frame.context.objects, key.path, param) if frame.is_outermost else param
            known = Import(key, key.kind, (param,), value)
        else:
            known = received(frame, key, supplied(frame, key), key.name)
        frame.imports[key] = known
        frame.context.objects.params.update(known.params)
    return known.value


def supplied(callee: Frame, key: Cellar) -> Value:
    """Return a variable of an enclosing frame as the caller of a function sees it.

    Containers are the caller's own: so it is known which of them are the same.
    """
    value = current(callee, key)
    if not containers.holds_any(value):
        return value
    assert callee.caller is not None
    return imported(callee.caller, key)


def apart(value: Value) -> Value:
    """Return a value that a function lowered apart is to share with its caller: it holds no objects, nor goes on."""
    if refs_in(value) or isinstance(value, streams.Stream):
        raise InPlace
    return value


def current(frame: Frame, key: Cellar) -> Value:
    """Return what a variable of an enclosing frame holds at this point of lowering."""
    if key.name.startswith("cell:"):
        return key.frame.cells[key.name[5:]]
    if key.name.startswith("inner:"):
        return key.frame.inner.get(key.name[6:], UNBOUND)
    holder = next((each for each in reversed(frame.context.frames) if each.holds(key)), key.frame)
    return holder.env.get(key.name, UNBOUND)


def arriving(frame: Frame, key: Cellar) -> Value:
    """Return a variable that a function assigns, though an enclosing one owns it, as the function finds it."""
    frame.imports[key] = received(frame, key, supplied(frame, key), key.name)
    return frame.imports[key].value


def bind_name(frame: Frame, name: str, value: Value) -> None:
    """Bind a name; a variable that has no name yet gets it."""
    named(frame, value, name)
    if name in frame.scope.written and (box := box_of(frame, name)) is not None:
        containers.change(frame, frame.node, box.inside, [value])
        return
    frame.env[name] = value


def named(frame: Frame, value: Value, name: str) -> None:
    """Give a variable, or an object, that has no name yet one; names that are not the user's start with a dot."""
    if name[0] == ".":
        return
    if isinstance(value, Ref) and not value.name:
        value.name = name
    if isinstance(value, Var) and (not value.name or value in frame.renamable):
        value.name = name
        frame.renamable.discard(value)
    elif isinstance(value, Table):
        named(frame, value.keys, f"{name}_keys")
        named(frame, value.values, name)
        for index in frame.env[value.index.key]:
            named(frame, index, f"{name}_index")
    elif isinstance(value, Container):
        value.name = value.name or name
        inside = frame.env.get(value.key)
        for leaf in inside.leaves if isinstance(inside, Grown) else ():
            if not leaf.name or leaf in frame.renamable:
                leaf.name = name
                frame.renamable.discard(leaf)


def received(callee: Frame, key: Any, value: Value, name: str) -> Import:
    """Return a value of the caller's as one that a function receives in parameters."""
    general = callee.general
    assert callee.caller is not None
    value = apart(containers.held(callee.caller, value, callee.received))
    signature = signature_of(value, general=general)
    leaves, tree = parts(value)
    wish = name.lstrip("%.").rpartition(":")[2]
    kinds = [
        loose_kind(leaf.kind) if general else leaf.kind for leaf in leaves if not _specialised(leaf, general=general)
    ]
    params = tuple(Var(kind, wish) for kind in kinds)
    fresh = iter(params)
    given = [leaf if _specialised(leaf, general=general) else next(fresh) for leaf in leaves]
    arrived = unflatten(tree, given)
    known = dict(enumerate(container for container, _ in callee.arrived))
    own = containers.installed(callee, arrived, known, wish)
    callee.arrived += [(known[i], callee.env[known[i].key]) for i in range(len(callee.arrived), len(known))]
    callee.firsts.update((container.key, contents) for container, contents in callee.arrived)
    return Import(key, signature, params, own)


def _specialised(leaf: Var | Lit, *, general: bool = False) -> bool:
    return isinstance(descriptor(leaf), tuple) and not (general and is_constant(leaf))


def signature_of(value: Value, *, general: bool = False) -> Any:
    """Return what a function is specialised on when it receives this value."""
    if general:
        return outline_of(value, loose=True)
    leaves, tree = parts(value)
    return tree, tuple(map(descriptor, leaves))


def sent(value: Value, *, general: bool = False) -> list[Var | Lit]:
    """Return the operands that a function receives for this value, in the order of its parameters."""
    return [leaf for leaf in parts(value)[0] if not _specialised(leaf, general=general)]


def outside(frame: Frame, node: gast.AST, name: str, owner: Frame) -> Value:
    """Return the value of a name that no enclosing function of the lowered text binds."""
    path: Path
    free = owner.function.__code__.co_freevars if owner.function is not None else ()
    if name in free:
        assert owner.path is not None
        index = free.index(name)
        path = Cell(owner.path, index, name)
        try:
            value = owner.function.__closure__[index].cell_contents
            if isinstance(value, Enclosed):
                return _of_function_around(frame, node, value)
        except ValueError:
            frame.context.guard(guards.EmptyCell(path))
            frame.fail(node, NameError, Lit(_FREE_MESSAGE.format(name)))
    elif name == "__debug__":
        return Lit(__debug__)
    elif name in owner.namespace or hasattr(builtins, name):
        path = Global(owner.namespace, name)
        value = path.read(None)
    else:
        raise AutodiffError(
            f"the name `{name}` is not defined", help="define or import it before the call", where=frame.where(node)
        )
    return resolved(frame, value, _shortest(frame, value, path), name)


def _of_function_around(frame: Frame, node: gast.AST, enclosed: Enclosed) -> Value:
    """Return a variable of the function that defines the class of a method."""
    home, name = enclosed.frame(), enclosed.name
    while home is not None and name not in home.scope.local and home.parent is not None:
        home = home.parent
    assert home is not None
    if name not in home.scope.local:
        return outside(frame, node, name, home)
    if home not in frame.context.frames:
        left = home.env.get(name, UNBOUND)
        if isinstance(left, (Known, Lit)):
            return left
        frame.refuse(
            node,
            f"a class sees `{name}` of the function `{home.name}`, which has returned",
            "let `__init__` of the class take it",
        )
    return _checked(frame, node, name, imported(frame, Cellar(home, name)), NameError, _FREE_MESSAGE)


def _shortest(frame: Frame, value: Any, path: Path) -> Path:
    """Return the path on which a function with cells was found first: one that calls itself finds itself in a cell."""
    if not (isinstance(value, types.FunctionType) and value.__closure__):
        return path
    first = frame.context.paths.setdefault(id(value), path)
    if first != path:
        frame.context.guard(guards.SameObject(path, first))
    return first


def resolved(frame: Frame, value: Any, path: Path, name: str) -> Value:
    """Return an object from outside as an abstract value: numbers are read at each call, what else it is is guarded."""
    if isinstance(value, enum.Enum) and is_number(value):
        guard_identity(frame, Known(value, path))
        return Known(value, path)
    if is_number(value):
        return number(frame, value, path, name)
    if type(value) in (tuple, list, dict) and _holds_numbers(value):
        frame.context.guard(guards.SameTree(path, flatten(value)[1]))
        if not isinstance(value, tuple):
            frame.context.outside[path] = None
        if isinstance(value, dict):
            mapping = {key: resolved(frame, value[key], Item(path, key), f"{name}_{_spelled(key)}") for key in value}
            return containers.made(frame, mapping, outside=_OUTSIDE)
        items = [resolved(frame, item, Item(path, i), f"{name}_{i}") for i, item in enumerate(value)]
        return containers.made(frame, items, outside=_OUTSIDE) if type(value) is list else tuple(items)
    if isinstance(value, tuple) and hasattr(type(value), "_fields") and _holds_numbers(value):
        frame.context.guard(guards.SameTree(path, flatten(value)[1]))
        fields: Any = zip(value._fields, value)  # type: ignore[attr-defined]
        return type(value)(*[resolved(frame, item, Member(path, field), f"{name}_{field}") for field, item in fields])
    if type(value) in (set, frozenset) and isinstance(tree := flatten(value)[1], NodeTree):
        frame.context.guard(guards.SameTree(path, tree))
        ref = frame.context.object_of(frame, unflatten(with_records(tree), []))
        ref.attribute(frame.env, "items").outside = _OUTSIDE
        return ref
    if not isinstance(value, types.ModuleType) and not is_instance(value):
        guard_identity(frame, Known(value, path))
    return Known(value, path)


def _spelled(key: Any) -> str:
    """Return how the key of a dict is spelled in a variable's name."""
    text = str(getattr(key, "name", None) or getattr(key, "__name__", None) or key)
    return re.sub(r"\W+", "_", text)


_OUTSIDE = "the scope outside of this function"
"""Whom lists and dicts belong to that are read by a name."""


def _holds_numbers(value: Any) -> bool:
    return all(
        is_number(item)
        or item is None
        or isinstance(item, str)
        or callable(item)
        or type(item) in (set, frozenset)
        or is_users_class(type(item))  # type: ignore[arg-type]  # (classes are hashable)
        or ((type(item) in (tuple, list, dict) or hasattr(type(item), "_fields")) and _holds_numbers(item))
        for item in (value.values() if isinstance(value, dict) else value)
    )


def number(frame: Frame, value: Any, path: Path, name: str) -> Value:
    """Return a number from outside: an input that is read at each call, or a constant where its value is needed."""
    kind = kind_of(value)
    if is_pinned(path, value):
        if is_integer(value):
            frame.context.guard(guards.SameValue(path, value))
            return Lit(value)
        frame.context.guard(guards.SameShape(path, value.shape))
        kind = shaped(kind, value)
    frame.context.guard(guards.SameKind(path, kind_of(value)))
    return imported(frame, FreeInput(path, kind, name))


def is_instance(value: Any) -> bool:
    """Tell whether an object is neither callable nor plain: one whose attributes may be read."""
    return not callable(value) and not isinstance(value, (str, bytes, type(None), type(...)))


def guard_identity(frame: Frame, known: Known) -> None:
    """Record that lowering relies on which object this is."""
    value = known.value
    if known.path is None or (isinstance(known.path, paths.Held) and not inspect.isroutine(value)):
        return
    if isinstance(value, types.MethodType):
        # A bound method is made anew each time it is read.
        guard_identity(frame, Known(value.__func__, Member(known.path, "__func__")))
    elif isinstance(value, types.FunctionType) and not hasattr(value, "__ast_ad_lower__"):
        frame.context.guard(guards.SameCode(known.path, value))
    elif isinstance(value, (str, bytes)):
        frame.context.guard(guards.SameValue(known.path, value))
    else:
        frame.context.guard(guards.Identity(known.path, value))


def attribute(frame: Frame, node: gast.AST, owner: Known, name: str) -> Value:
    """Return an attribute of a known object."""
    value, path = owner.value, owner.path
    if type(value) is np.ndarray and path is None and hasattr(value, name):  # One of objects, made when lowering.
        return Known(getattr(value, name))
    place: Path = Member(path, name) if path is not None else Member(paths.Held(value), name)
    try:
        found = getattr(value, name) if isinstance(value, (types.ModuleType, type)) else _field(value, name)
    except AttributeError as error:
        owns = (
            f"the module `{value.__name__}`"
            if isinstance(value, types.ModuleType)
            else f"{type(value).__name__!r} object"
        )
        help = remedies.near(name, dir(value))
        raise KindError(f"{owns} has no attribute {name!r}", help=help, where=frame.where(node)) from error
    if found is _COMPUTED:
        frame.refuse(
            node,
            f"the attribute `{name}` of a `{type(value).__name__}` is computed by a property",
            "call a plain function or method instead",
        )
    if is_number(found) and isinstance(value, (np.finfo, np.iinfo)):
        return Lit(found)
    if is_number(found) and isinstance(value, types.ModuleType) and is_library(value):
        frame.context.guard(guards.SameValue(place, found))
        return Lit(found)
    return resolved(frame, found, place, name)


def mangled(frame: Frame, name: str) -> str:
    """Return the name that a private attribute (`self.__x`) has in the class whose body the function stands in."""
    home: Frame | None = frame
    while home is not None and home.function is None:
        home = home.parent
    if home is None or not name.startswith("__") or name.endswith("__"):
        return name
    around = getattr(home.function, "__qualname__", "").split(".")[:-1]
    while around and around[-1] == "<locals>":
        around = around[:-2]
    return f"_{around[-1].lstrip('_')}{name}" if around else name


def constant_attribute(frame: Frame, owner: Value, name: str) -> Value | None:
    """Return an attribute of an object that never changes; None for other objects."""
    if not (isinstance(owner, Known) and isinstance(owner.value, _NEVER_CHANGE) and hasattr(owner.value, name)):
        return None
    found = getattr(owner.value, name)
    if callable(found):
        return None
    guard_identity(frame, owner)
    return Lit(found) if is_number(found) else Known(found)


_NEVER_CHANGE = (np.dtype, np.finfo, np.iinfo)
"""Classes of objects all of whose attributes are constants."""

_COMPUTED = object()


def _field(value: Any, name: str) -> Any:
    """Return an attribute of an object, without running the code of a property."""
    if isinstance(value, types.FunctionType) and name in ("__name__", "__qualname__", "__module__", "__doc__"):
        return getattr(value, name)
    found = inspect.getattr_static(value, name)
    if isinstance(found, (types.FunctionType, classmethod, staticmethod, types.BuiltinFunctionType)):
        return getattr(value, name)
    if isinstance(found, (property, types.GetSetDescriptorType)) or (
        hasattr(type(found), "__get__") and not isinstance(found, types.MemberDescriptorType) and not callable(found)
    ):
        return _COMPUTED
    return getattr(value, name)


def is_library(module: types.ModuleType) -> bool:
    """Tell whether a module's numbers are constants of nature rather than the user's data."""
    root = module.__name__.split(".")[0]
    return root in ("numpy", "scipy") or root in sys.stdlib_module_names


def settled(frame: Frame, node: gast.AST, value: Value) -> Value:
    """Return the value of an expression that was evaluated on two paths, or refuse it if the two do not fit."""
    if isinstance(value, Conflict):
        raise KindError(
            f"this value has no single kind: {value.message}",
            help="give it one structure on both paths, or use `if`",
            where=value.where or frame.where(node),
        )
    return value
