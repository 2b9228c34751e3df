"""What is done with the items of an iterator where it is made.

What `zip`, `map` and others return gives each item once, when it is asked for. Where all items are asked for on the
spot a list of them is as good, and is what lowering makes; where it goes into a name, that is an iterator.
"""

from __future__ import annotations

import enum


class Asks(enum.Enum):
    """How the items of what an expression returns are asked for."""

    MAYBE = enum.auto()
    """Nobody knows: some of them, more than once, later."""
    IN_TURN = enum.auto()
    """One after the other, and then no more."""
    BY_LOOP = enum.auto()
    """The same, by a loop, which knows what becomes of a list that it goes over."""
    AT_ONCE = enum.auto()
    """All of them, before anything else happens."""
