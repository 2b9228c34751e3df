"""Lists of variables outside that grow in the course of a recursion: they are made such before its first call.

    memo = []

    def f(n):
        if n < len(memo):
            return memo[n]
        ...
        memo.append(f(n - 1) * x)

At the first call `memo` is a list of known structure, in the recursion one that has grown.

So do arguments to which each call adds items (``walk(n - 1, path + [x])``), if none gets shorter meanwhile.
"""

from __future__ import annotations

import itertools
from typing import Any

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.grown import Mould
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.paths import FreeInput
from ast_ad.frontend.received import imported
from ast_ad.frontend.recursion import Activation, Regrow
from ast_ad.frontend.values import Container, Grown, Part, Value
from ast_ad.ir.nodes import Lit


def moulds_of(frame: Frame, activation: Activation) -> dict[Any, list[Any]]:
    """Return, for variables outside, what the lists become in the course of a recursion that they hold."""
    callee = activation.callee
    assert callee is not None
    found: dict[Any, list[Any]] = {}
    for each in activation.imports:
        pairs = list(zip(containers.within(each.value), _containers_at(frame, each.key, {})))
        moulds = [
            Mould.of(frame, now)
            if isinstance(before := callee.firsts.get(own.key), list)
            and (isinstance(now := containers.seen(frame, other), Grown) or len(now) != len(before))
            else None
            for own, other in pairs
        ]
        if any(moulds):
            found[each.key] = moulds
    return found


def growing(frame: Frame, new: Activation) -> Regrow | None:
    """Return what lets arguments be lists that have grown to which each of several nested calls adds items."""
    chain = [each for each in frame.context.running if each.code == new.code][-_CALLS:]
    if len(chain) < _CALLS or not frame.context.grows:
        return None
    moulds: dict[Any, list[Any]] = {}
    for name in new.passed:
        contents = [_listed(each.passed.get(name)) for each in (*chain, new)]
        if None in contents:
            continue
        steps = [len(after) - len(before) for before, after in itertools.pairwise(contents)]
        if min(steps) < 0:
            return None
        if min(steps) > 0 and (mould := Mould.of(frame, contents[-1])) is not None:
            moulds[name] = [mould]
    own = [each for each in frame.context.running if each.code == new.code]
    first = next(each for each in own if all(_listed(each.passed.get(name)) is not None for name in moulds))
    return Regrow(first, moulds) if moulds else None


_CALLS = 6
"""How many nested calls have to add items, for an argument to be taken to grow without end."""


def _listed(value: Value) -> Any:
    """Return the items of a list of known structure; None for anything else."""
    return value.contents if isinstance(value, Parcel) and type(value.contents) is list else None


def _containers_at(frame: Frame, key: Any, values: dict[str, Value]) -> list[Container]:
    """Return the containers that an argument or a variable outside holds, as a caller sees them."""
    if isinstance(key, str):
        return containers.within(values[key])
    return [] if isinstance(key, FreeInput) else containers.within(imported(frame, key))


def regrown(frame: Frame, moulds: dict[Any, list[Any]], values: dict[str, Value]) -> bool:
    """Let lists that grow in a recursion be such before it; tell whether they could."""
    for key, each in moulds.items():
        for own, mould in zip(_containers_at(frame, key, values), each):
            contents = containers.seen(frame, own)
            if mould is None or not isinstance(contents, list):
                continue
            cast = mould.cast(frame, contents)
            if cast is None:
                return False
            for i, row in enumerate(contents):
                if isinstance(row, Container):
                    frame.env[row.key] = Part(own, Lit(i), cast.order, None)
            frame.env[own.key] = cast
    return True
