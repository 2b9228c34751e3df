"""Names that hold other arrays after one branch than after the other: ``if test: u, v = v, u``.

What such a name holds is one array or another (`ast_ad.frontend.alternatives`).  But where nothing else leads to
either, nobody can tell it from a new array: then it is one, and the next write to it is no branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ast_ad.frontend import memory, reach
from ast_ad.frontend.values import IN_LISTS, Value, parts
from ast_ad.ir.kinds import Array
from ast_ad.ir.nodes import Operand, Var

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame
    from ast_ad.frontend.tokens import Objects, Token

Places = dict[tuple[str, int], Var]
"""The arrays that an environment leads to: by the name, and the position among what it holds."""


def exchanged(frame: Frame, envs: Sequence[Mapping[str, Value]], live: Sequence[str]) -> set[tuple[Operand, ...]]:
    """Return the pairs of arrays, one after each branch, for which a name may hold a new array after both.

    Parameters
    ----------
    envs
        What names hold after each branch.
    live
        The names that are read later.
    """
    objects = frame.context.objects
    one, other = envs
    if not any(name in one and name in other and one[name] is not other[name] for name in live if name[0] != "%"):
        return set()
    first, second = (_places(objects, env, live) for env in envs)
    pairs = {(x, second[place]) for place, x in first.items() if second.get(place, x) is not x}
    if not pairs:
        return set()
    elsewhere = {IN_LISTS}.union(*map(objects.origins, _elsewhere(frame, envs)))
    return {
        (x, y)
        for x, y in pairs
        if _is_whole(objects, x)
        and _is_whole(objects, y)
        and x.kind.dtype == y.kind.dtype  # type: ignore[union-attr]
        and elsewhere.isdisjoint(objects.origins(x) | objects.origins(y))
        and _leading_to(objects, first, x) == _leading_to(objects, second, y) is not None
    }


def _places(objects: Objects, env: Mapping[str, Value], live: Sequence[str]) -> Places:
    """Return the arrays in an environment."""
    held = {name: parts(env[name])[0] for name in live if name in env and name not in objects.tokens}
    return {(name, i): leaf for name, leaves in held.items() for i, leaf in enumerate(leaves) if memory.is_array(leaf)}


def _is_whole(objects: Objects, token: Var) -> bool:
    special = (objects.views, objects.choices, objects.read_only, objects.unsure)
    return isinstance(token.kind, Array) and not any(token in each for each in special)


def _leading_to(objects: Objects, places: Places, token: Var) -> frozenset[tuple[str, int]] | None:
    """Return the places of an array; None where another one may be the same, or a part of it."""
    near = {place: each for place, each in places.items() if objects.origins(each) & objects.origins(token)}
    return frozenset(near) if all(each is token for each in near.values()) else None


def _elsewhere(frame: Frame, envs: Sequence[Mapping[str, Value]]) -> Iterator[Token]:
    """Yield the arrays that something else leads to than the names of a function."""
    base = frame.base
    around = list(frame.unnamed)
    around += [value for _, value in reach.named(frame.host)] if frame.host is not None else []
    around += [value for _, value in reach.around(frame)]
    for env in envs:
        for value in around:
            yield from reach.objects_in({**base.firsts, **env}, value)
    if not frame.is_outermost:
        yield from base.params
