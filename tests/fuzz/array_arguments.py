"""Arguments for random array programs: arrays of many shapes and layouts, numbers, and containers of them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tests.fuzz.blocks import BlockWriter
from tests.fuzz.decisions import Choose
from tests.fuzz.structures import Pair

Shape = tuple[int, ...]


class ArgumentWriter(BlockWriter):
    """Chooses shapes and values; shapes are made of few lengths, so that many of them fit together.

    Attributes
    ----------
    SHARED : int
        In how many programs of a hundred two arguments share memory.
    """

    SHARED: ClassVar[int] = 3

    def __init__(self, choose: Choose) -> None:
        super().__init__(choose)
        self.lengths: tuple[int, int, int] = (3, 2, 2)
        self.dtype = "float64"

    def choose_lengths(self) -> None:
        a, b, c = 2 + self.choose(3), 2 + self.choose(3), 1 + self.choose(4)
        if self.chance(4):
            c = 0
        self.lengths = (a, b, c)
        self.dtype = "float32" if self.chance(9) else "float64"

    def shape(self) -> Shape:
        """A shape; one of rank 1 or 2 is the most likely."""
        a, b, c = self.lengths
        options = [
            (14, (a,)),
            (12, (a, b)),
            (4, (b,)),
            (4, (b, a)),
            (4, (a, a)),
            (3, (a, 1)),
            (3, (1, b)),
            (3, (c,)),
            (3, (b, c)),
            (2, (1,)),
            (3, ()),
            (2, (2, a, b)),
            (1, (a, b, 1)),
            (1, (1, c, a)),
        ]
        return self.weighted(options)

    def drawn(self, shape: Shape, dtype: str = "") -> np.ndarray:
        """An array with no element near zero, and (nearly always) no two elements equal."""
        rng = np.random.default_rng(self.choose(4096))
        values = np.round(rng.uniform(0.2, 1.6, shape) * rng.choice((-1.0, 1.0, 1.0), shape), 4)
        return np.asarray(values, dtype or self.dtype)

    def laid_out(self, array: np.ndarray) -> np.ndarray:
        """The same array, perhaps read-only, a view or not contiguous."""
        form = self.choose(24)
        if form == 23:
            array.flags.writeable = False
        elif form == 22:
            array = np.asfortranarray(array) if array.ndim > 1 else np.repeat(array, 2)[::2].reshape(array.shape)
        elif form == 21 and array.ndim:
            array = array[::-1]
        return array

    def drawn_number(self) -> Any:
        value = self.pick((1, -1)) * (2 + self.choose(160)) / 83
        return self.weighted([(12, value), (4, np.float64(value)), (1, np.float32(value))])

    def argument(self) -> Any:
        return self.drawn_number() if self.chance(14) else self.laid_out(self.drawn(self.shape()))

    def container(self) -> Any:
        """Parameters, as people keep them: by name, in layers, in rows."""
        a, b, c = self.lengths
        form = self.choose(9)
        if form == 0:
            value: Any = {"w": self.drawn((a, b)), "b": self.drawn((b,))}
        elif form == 1:
            value = [(self.drawn((a, b)), self.drawn((b,))), (self.drawn((b, a)), self.drawn((a,)))]
        elif form == 2:
            value = (self.argument(), self.argument())
        elif form == 3:
            shape = self.shape()
            value = [self.drawn(shape) for _ in range(1 + self.choose(3))]
        elif form == 4:
            value = {
                "w": self.drawn((b, a)),
                "s": self.drawn_number(),
                "act": self.pick(("tanh", "sin")),
                "k": self.choose(4),
            }
        elif form == 5:
            value = Pair(self.argument(), self.argument())
        elif form == 6:
            value = {
                "in": {"w": self.drawn((a, b)), "b": self.argument()},
                "out": [self.argument(), self.drawn_number()],
            }
        elif form == 7:
            value = [self.drawn_number() for _ in range(2 + self.choose(2))]
        else:
            value = (
                self.drawn((a,)),
                [Pair(self.argument(), self.drawn_number()), Pair(self.argument(), self.drawn_number())][: 1 + (c > 1)],
            )
        return value

    def arguments(self) -> dict[str, Any]:
        """The arguments by the names of their parameters."""
        args: dict[str, Any] = {"x": self.laid_out(self.drawn(self.shape()))}
        for name in ("y", "z")[: 1 + self.chance(35)]:
            args[name] = self.argument()
        if self.chance(self.SHARED):  # Memory that is shared: all of it, or, seldom, a part.
            x = args["x"]
            parts = [x[::-1], x[1:], x[:1]] if x.ndim else [x]
            args["y"] = self.pick(parts) if self.chance(15) else x
        if self.chance(45):
            args["p"] = self.container()
        if self.chance(14):
            args["q"] = np.random.default_rng(self.choose(99)).integers(0, min(self.lengths[:2]), 1 + self.choose(4))
        args["n"] = self.choose(5)
        args["flag"] = bool(self.choose(2))
        return args
