"""What a name stands for: a variable, a closure cell, a global, a builtin.

What lies outside of the function is resolved in `ast_ad.frontend.resolution`.
"""

from __future__ import annotations

import builtins
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gast

from ast_ad.errors import AutodiffError, KindError
from ast_ad.frontend import containers, guards, rebound, run_time_tuples
from ast_ad.frontend.context import Cellar
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Cell, Global, Path
from ast_ad.frontend.received import imported
from ast_ad.frontend.resolution import first_path, resolved
from ast_ad.frontend.values import (
    ABSENT,
    UNBOUND,
    Box,
    Conflict,
    Container,
    Grown,
    Known,
    Maybe,
    Pooled,
    Ref,
    Table,
    Value,
)
from ast_ad.ir.nodes import Lit, Var

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
    shared = name in frame.scope.written and frame.home(name) is not None
    if name in frame.scope.local or name[0] == "." or (shared and box_of(frame, name) is None):
        value = _checked(frame, node, name, frame.env.get(name, UNBOUND), UnboundLocalError, _LOCAL_MESSAGE)
        frame.env[name] = value
        return value
    outer: Frame | None = frame
    while outer is not None:
        if name in outer.scope.modules:
            return _of_module(frame, node, name, outer)
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
        if value.tuples:
            run_time_tuples.want(frame.where(frame.node), name)
        raise KindError(
            f"`{name}` has no single kind here: {value.message}",
            help="give it one structure on every path, or use another name",
            where=value.where or frame.where(node),
        )
    return value


def bind_name(frame: Frame, name: str, value: Value) -> None:
    """Bind a name; a variable that has no name yet gets it."""
    if type(value) is tuple and run_time_tuples.is_wanted(frame.where(frame.node), name):
        value = containers.made(frame, list(value), cls=run_time_tuples.RunTimeTuple)
    named(frame, value, name)
    if name in frame.scope.written and (box := box_of(frame, name)) is not None:
        containers.change(frame, frame.node, box.inside, [value])
        return
    if name in frame.scope.outer and (name in frame.scope.modules or frame.home(name) is None):
        holder, resolve = _holder(frame, frame.statement, name)
        rebound.assign(frame, frame.statement, holder, name, value, resolve)
        return
    frame.env[name] = value


def _holder(frame: Frame, node: Any, name: str) -> tuple[Any, Callable[[], Value]]:
    """Return what holds a variable outside that is assigned, and what tells what it is there."""
    owner = frame
    while owner.parent is not None and name not in frame.scope.modules:
        owner = owner.parent
    if name not in frame.scope.modules:
        index = owner.function.__code__.co_freevars.index(name)
        return owner.function.__closure__[index], lambda: _of_cell(frame, node, name, owner, index)
    if name not in frame.namespace:
        frame.refuse(
            node, f"the global `{name}` has no value before the function is called", "give it one in its module"
        )
    return frame.namespace, lambda: _resolved(frame, Global(frame.namespace, name), name)


def named(frame: Frame, value: Value, name: str) -> None:
    """Give a variable, or an object, that has no name yet one; names that are not the user's start with a dot."""
    if name[0] == ".":
        return
    if isinstance(value, Ref) and not value.name:
        value.name = name
    if isinstance(value, Pooled):
        value = value.index
    if isinstance(value, Var) and (not value.name or value in frame.renamable):
        value.name = _free_name(frame, name) if value in frame.leaves else name
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


def _free_name(frame: Frame, name: str) -> str:
    """Return a name that no other leaf of the arguments has, so that their adjoints can be told apart by theirs."""
    taken = {leaf.name for leaf in frame.leaves}
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def outside(frame: Frame, node: gast.AST, name: str, owner: Frame) -> Value:
    """Return the value of a name that no enclosing function of the lowered text binds."""
    free = owner.function.__code__.co_freevars if owner.function is not None else ()
    if name not in free:
        return _of_module(frame, node, name, owner)
    index = free.index(name)
    cell = owner.function.__closure__[index]
    return rebound.value(frame, cell, name, lambda: _of_cell(frame, node, name, owner, index))


def _of_cell(frame: Frame, node: gast.AST, name: str, owner: Frame, index: int) -> Value:
    """Return the value of a variable of a function that has returned."""
    assert owner.path is not None
    path = Cell(owner.path, index, name)
    try:
        value = owner.function.__closure__[index].cell_contents
    except ValueError:
        frame.context.guard(guards.EmptyCell(path))
        frame.fail(node, NameError, Lit(_FREE_MESSAGE.format(name)))
    if isinstance(value, Enclosed):
        return _of_function_around(frame, node, value)
    return resolved(frame, value, first_path(frame, value, path), name)


def _of_module(frame: Frame, node: gast.AST, name: str, owner: Frame) -> Value:
    """Return the value of a global, or a builtin."""
    if name == "__debug__":
        return Lit(__debug__)
    if name not in owner.namespace and not hasattr(builtins, name):
        raise AutodiffError(
            f"the name `{name}` is not defined", help="define or import it before the call", where=frame.where(node)
        )
    return rebound.value(frame, owner.namespace, name, lambda: _resolved(frame, Global(owner.namespace, name), name))


def _resolved(frame: Frame, path: Path, name: str) -> Value:
    value = path.read(None)
    return resolved(frame, value, first_path(frame, value, path), name)


def check_stays(frame: Frame, node: gast.AST, name: str) -> None:
    """Refuse a name outside that the function assigns, where its value is read once for all."""
    holder: Any = frame.namespace
    free = frame.function.__code__.co_freevars if frame.function is not None else ()
    if name in free and name not in frame.scope.modules:
        holder = frame.function.__closure__[free.index(name)]
    if frame.parent is None and rebound.is_assigned(frame, holder, name):
        frame.refuse(node, f"a generator reads `{name}`, which is assigned outside of it", "pass it as an argument")


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


def settled(frame: Frame, node: gast.AST, value: Value) -> Value:
    """Return the value of an expression that was evaluated on two paths, or refuse it if the two do not fit."""
    if isinstance(value, Conflict):
        raise KindError(
            f"this value has no single kind: {value.message}",
            help="give it one structure on both paths, or use `if`",
            where=value.where or frame.where(node),
        )
    return value
