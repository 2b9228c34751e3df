"""Lists of variables outside that grow in the course of a recursion: they are made such before its first call.

    memo = []

    def f(n):
        if n < len(memo):
            return memo[n]
        ...
        memo.append(f(n - 1) * x)

At the first call `memo` is a list of known structure, in the recursion one that has grown.
"""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.grown import Mould
from ast_ad.frontend.paths import FreeInput
from ast_ad.frontend.received import imported
from ast_ad.frontend.recursion import Activation
from ast_ad.frontend.values import Container, Grown, Part
from ast_ad.ir.nodes import Lit


def moulds_of(frame: Frame, activation: Activation) -> dict[Any, list[Any]]:
    """Return, for variables outside, what the lists become in the course of a recursion that they hold."""
    callee = activation.callee
    assert callee is not None
    found: dict[Any, list[Any]] = {}
    for each in activation.imports:
        pairs = list(zip(containers.within(each.value), _containers_at(frame, each.key)))
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


def _containers_at(frame: Frame, key: Any) -> list[Container]:
    """Return the containers that a variable outside holds, as a caller sees them."""
    return [] if isinstance(key, FreeInput) else containers.within(imported(frame, key))


def regrown(frame: Frame, moulds: dict[Any, list[Any]]) -> bool:
    """Let lists that grow in a recursion be such before it; tell whether they could."""
    for key, each in moulds.items():
        for own, mould in zip(_containers_at(frame, key), each):
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
