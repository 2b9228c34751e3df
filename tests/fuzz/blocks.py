"""What random programs of every kind are built of: blocks, branches, exits, `else` clauses of loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from tests.fuzz.decisions import RAISED, Writer


class BlockWriter(Writer):
    """Writes compound statements around what subclasses write.

    A scope has `inside(loop=...)`, a copy for a nested block, and `merge(branches)`, which takes in what is known after
    branches; it counts the loops around.

    Attributes
    ----------
    LEAVES : int
        How many branches of a hundred leave the loop or the function at their end.
    NAMES, OTHERWISE : int
        How many tests bind a name, and how many loops have an `else`.
    """

    LEAVES: ClassVar[int] = 20
    NAMES: ClassVar[int] = 13
    OTHERWISE: ClassVar[int] = 16
    _STATEMENTS: ClassVar[tuple[tuple[int, Callable[..., None]], ...]] = ()

    # What subclasses write.

    def test(self, scope: Any, depth: int) -> str:
        """A condition."""
        raise NotImplementedError

    def named_test(self, scope: Any) -> str:
        """A condition that binds a new name."""
        raise NotImplementedError

    def return_(self, scope: Any) -> None:
        """Write a `return` of what the function returns."""
        raise NotImplementedError

    # Blocks.

    def block(self, scope: Any, size: int) -> None:
        """Write so many statements, as long as the program may have more."""
        for _ in range(size):
            if self.left <= 0:
                return
            self.left -= 1
            self.weighted(self._STATEMENTS)(self, scope)

    def _if(self, scope: Any) -> None:
        test = self.named_test(scope) if self.chance(self.NAMES) else self.test(scope, 1)
        branches = []
        with self.indented(f"if {test}:"):
            branches.append(self.branch(scope))
        for _ in range(self.choose(4) // 2):
            with self.indented(f"elif {self.test(scope, 1)}:"):
                branches.append(self.branch(scope))
        if self.chance(60):
            with self.indented("else:"):
                branches.append(self.branch(scope))
        else:
            branches.append(scope.inside())
        scope.merge(branches)

    def branch(self, scope: Any) -> Any:
        """A branch, which may leave the loop or the function at its end."""
        inner = scope.inside()
        self.block(inner, 1 + self.choose(3))
        if self.chance(self.LEAVES):
            self.leave(inner)
        return inner

    def leave(self, scope: Any) -> None:
        """Leave the loop or the function."""
        form = self.choose(6)
        if scope.loops and form < 4:
            self.write("break" if form < 2 else "continue")
        elif form == 5 and self.chance(30):
            self.write(f"raise {self.pick(('ValueError', 'ArithmeticError'))}({RAISED!r})")
        else:
            self.return_(scope)

    def _exit(self, scope: Any) -> None:
        with self.indented(f"if {self.test(scope, 1)}:"):
            self.leave(scope.inside())

    def otherwise(self, scope: Any) -> None:
        """Perhaps the `else` of a loop."""
        if self.chance(self.OTHERWISE):
            with self.indented("else:"):
                self.block(scope.beside_loop(), 1 + self.choose(2))
