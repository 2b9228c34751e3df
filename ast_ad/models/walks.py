"""`np.nditer`, one element of each array at a time, written in Python: lowered in its place, as an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


class Walk:
    """As `np.nditer` over arrays of one shape.

    Parameters
    ----------
    operands
        The arrays.
    writable
        Which of them may be written to.
    shape
        Their shape.
    first_fastest
        Whether the first index changes from element to element, and not the last one.
    empty
        Whether arrays without elements are welcome.
    """

    __ast_ad_model__: type = np.nditer

    def __init__(
        self,
        operands: tuple[Any, ...],
        writable: tuple[bool, ...],
        shape: tuple[int, ...],
        first_fastest: bool,
        empty: bool,
    ) -> None:
        self.operands = operands
        self.writable = writable
        self.shape = shape
        self.first_fastest = first_fastest
        self.itersize = 1
        for length in shape:
            self.itersize = self.itersize * length
        if not empty and self.itersize == 0:
            raise ValueError("Iteration of zero-sized operands is not enabled")
        self.index = 0

    @property
    def multi_index(self) -> tuple[int, ...]:
        """Where the walk stands."""
        return index_of(self.index, self.shape) if self.first_fastest else index_of(self.index, self.shape[::-1])[::-1]

    @property
    def iterindex(self) -> int:
        """After how many elements it stands there."""
        return self.index

    @property
    def finished(self) -> bool:
        """Whether there is no element any more."""
        return self.index >= self.itersize

    @property
    def value(self) -> Any:
        """The element, as a view without dimensions; of several arrays, a tuple of these."""
        found = tuple([self[i] for i in range(len(self.operands))])
        return found[0] if len(found) == 1 else found

    def __getitem__(self, i: int) -> Any:
        element = self.operands[i][(*self.multi_index, ...)]
        return element if self.writable[i] else read_only(element)

    def __setitem__(self, i: int, value: Any) -> None:
        self[i][...] = value

    def __len__(self) -> int:
        return len(self.operands)

    def __iter__(self) -> Iterator[Any]:
        for index in range(self.index, self.itersize):
            self.index = index
            yield self.value
        self.index = self.itersize

    def iternext(self) -> bool:
        """Go on by one element; tell whether there is one."""
        self.index += 1
        return self.index < self.itersize

    def reset(self) -> None:
        """Go back to the first element."""
        self.index = 0

    def close(self) -> None:
        """Do nothing: what is written is in the arrays at once."""

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def read_only(view: Any) -> Any:
    """Return a view that cannot be written to; known to lowering."""
    view = np.asarray(view)
    view.flags.writeable = False
    return view


def index_of(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an element by its place, where the first index changes fastest.

    >>> index_of(5, (2, 3))
    (1, 2)
    """
    index: tuple[int, ...] = ()
    for length in shape[:-1]:
        index = (*index, place % length)
        place = place // length
    return (*index, place) if shape else ()
