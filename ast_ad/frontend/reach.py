"""What may be read later: the arrays, lists, dicts and objects that names, and what is around a frame, lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ast_ad.frontend.values import ABSENT, IN_LISTS, Container, Grown, Known, Part, Ref, Value
from ast_ad.ir.kinds import Array, Kind, List
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import flatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

Env = Mapping[str, Value]


def reachable(frame: Frame) -> Iterator[tuple[str, Var | Container | Ref]]:
    """Yield the arrays and containers that may be read later, each with the name that leads to it."""
    env = {**frame.base.firsts, **frame.env}
    for name, value in named(frame):
        for token in objects_in(env, value):
            yield name, token
    for name, value in around(frame):
        for token in objects_in(env, value):
            yield name, token
    for pool in frame.context.pools.values():
        for token in objects_in(env, tuple(pool.columns.values())):
            if token is IN_LISTS or not isinstance(token, Container):
                yield "", token
    if not frame.is_outermost:
        for token in frame.base.params:
            yield token.name, token


def around(frame: Frame) -> Iterator[tuple[str, Value]]:
    """Yield what is there from outside the function, which may be read at any time, each with a name for it."""
    for held, _ in frame.base.arrived:
        yield held.name or "an argument", held
    for known in frame.base.imports.values():
        yield known.key.name, known.value
    for token in frame.context.objects.outside.values():
        yield token.name, token
    for adopted in (*frame.context.heap.adopted.values(), *frame.context.borrowed.values()):
        yield "", adopted


def named(frame: Frame) -> Iterator[tuple[str, Value]]:
    """Yield the names that may be read later, with their values, also those of the functions it is a part of."""
    each: Frame | None = frame
    while each is not None:
        live = each.live_now
        for name, value in each.env.items():
            if name[0] != "%" and (live is None or name in live or name in each.always_live):
                yield name, value
        for value in each.unnamed:
            yield "", value
        each = each.host


def objects_in(
    env: Env, value: Value, without: Collection[str] = (), *, attributes: bool = True
) -> Iterator[Var | Container | Ref]:
    """Yield the arrays, containers and objects in a value, and in what it holds: each container and object once.

    Containers and attributes whose keys are `without` are not looked into; attributes only where that is asked for.
    """
    found: set[Container | Ref] = set()
    pending = [value]
    while pending:
        inner = pending.pop()
        # Most values are one operand, or something known, which holds none: no structure is made for them.
        for leaf in (inner,) if _is_object(inner) or type(inner) is Known else flatten(inner, _is_object)[0]:
            if isinstance(leaf, Ref):
                if leaf not in found:
                    found.add(leaf)
                    yield leaf
                    own = leaf.attributes(env) if attributes else {}
                    pending += [item for name, item in own.items() if leaf.keys.get(name) not in without]
            elif isinstance(leaf, Container):
                if leaf not in found:
                    found.add(leaf)
                    yield leaf
                    inside = env.get(leaf.key, ABSENT)
                    if isinstance(inside, Part):
                        inside = inside.base
                    elif isinstance(inside, Grown) and any(has_arrays(each.kind) for each in inside.leaves):
                        yield IN_LISTS
                    pending += [] if leaf.key in without else [inside]
            elif isinstance(leaf, Var) and isinstance(leaf.kind, Array):
                yield leaf


def _is_object(value: Any) -> bool:
    return isinstance(value, (Var, Lit, Container, Ref))


def has_arrays(kind: Kind) -> bool:
    """Tell whether there are arrays in a list of this kind."""
    return isinstance(kind, Array) or (isinstance(kind, List) and has_arrays(kind.item))
