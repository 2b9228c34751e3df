"""Values that cross into a function which is lowered apart: what it receives in parameters, and its callers send.

Variables of enclosing functions and numbers from outside become parameters when they are first read; arguments are
received likewise, so that a function is specialised on what it is given in one way.
"""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import containers, mixed, passing, placing, streams
from ast_ad.frontend.context import Cellar, Import
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import refs_in
from ast_ad.frontend.paths import FreeInput
from ast_ad.frontend.recursion import is_constant, loose_kind, outline_of
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import UNBOUND, Value, descriptor, parts
from ast_ad.ir.kinds import fresh
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import unflatten


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
    if callee.caller is None:
        callee.refuse(
            callee.node,
            f"a generator reads `{key.name}` of a function that has returned",
            "let a generator function take it as an argument, or return a list",
        )
    value = current(callee, key)
    if not containers.holds_any(value):
        return value
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


def received(callee: Frame, key: Any, value: Value, name: str) -> Import:
    """Return a value of the caller's as one that a function receives in parameters."""
    general = callee.general
    assert callee.caller is not None
    value = apart(passing.held(callee.caller, value, callee.received))
    signature = signature_of(value, general=general)
    leaves, tree = parts(value)
    wish = name.lstrip("%.").rpartition(":")[2]
    kinds = [
        loose_kind(leaf.kind) if general else leaf.kind for leaf in leaves if not _specialised(leaf, general=general)
    ]
    params = tuple(Var(kind, wish) for kind in kinds)
    mixed.note_same(params, [leaf for leaf in leaves if not _specialised(leaf, general=general)])
    fresh = iter(params)
    given = [leaf if _specialised(leaf, general=general) else next(fresh) for leaf in leaves]
    arrived = unflatten(tree, given)
    known = dict(enumerate(container for container, _ in callee.arrived))
    own = passing.installed(callee, arrived, known, wish)
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
    several = tuple((i, mixed.kinds_of(leaf)) for i, leaf in enumerate(leaves) if mixed.are_several(leaf))
    return tree, tuple(map(descriptor, leaves)), several


def sent(value: Value, *, general: bool = False) -> list[Var | Lit]:
    """Return the operands that a function receives for this value, in the order of its parameters."""
    return [leaf for leaf in parts(value)[0] if not _specialised(leaf, general=general)]
