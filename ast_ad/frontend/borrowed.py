"""Lists and dicts of the user's that the function changes: it works on copies, one for each, whatever leads to it.

Those that are read from outside (by names, as attributes and items) are first taken to stay what they are, and are made
anew each time that they are read.  Where one is changed, the function is lowered again, with a single container
for it, which all readers see.  They see it in the frame where it is: callees that read it are lowered in place.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from ast_ad.frontend import reach
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import Container

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

MOST = 200
"""The most lists, dicts and variables outside that a function may change."""


class Changed(Exception):
    """Unwinds all of lowering: a list or dict of the user's is changed, or a variable outside assigned."""

    def __init__(self, place: Hashable) -> None:
        super().__init__()
        self.place = place


@dataclass(frozen=True)
class Theirs:
    """Whom a list or dict belongs to that is read from outside, and which one it is."""

    place: int = field(compare=False)

    def __str__(self) -> str:
        return "the scope outside of this function"


def met(frame: Frame, value: list[Any] | dict[Any, Any]) -> Container | None:
    """Return the container of a list or dict that the function changes, if there is one by now."""
    if id(value) not in frame.context.copied:
        return None
    if not frame.is_outermost:
        raise InPlace
    return frame.context.borrowed.get(id(value))


def change(frame: Frame, container: Container) -> None:
    """Let lowering start again with a copy of a list or dict, if that is the user's."""
    whose, copied = container.outside, frame.context.copied
    if not isinstance(whose, Theirs) or whose.place in copied or len(copied) >= MOST:
        return
    if not frame.is_outermost:
        raise InPlace
    raise Changed(whose.place)


def start_again(frame: Frame, node: Any, place: Hashable) -> NoReturn:
    """Let lowering start again with what holds a variable outside that the function assigns."""
    if len(frame.context.copied) >= MOST:
        frame.refuse(node, "more than 200 variables outside of the function are assigned", "return the new values")
    raise Changed(place)


def let_be_first(frame: Frame, own: Container) -> None:
    """Let a container that stands for something outside, and those in it, be there from the start of the function."""
    others = frame.context.borrowed.values()
    for each in list(reach.objects_in(frame.env, own)):
        if isinstance(each, Container) and each.key in frame.env and (each is own or each not in others):
            frame.base.firsts[each.key] = frame.env.pop(each.key)
