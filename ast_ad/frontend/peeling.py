"""Loops of which the first turn is written before the loop, since what they carry has one structure from then on.

    path = start                            path = start
    while far(x):                           if far(x):
        path = np.vstack((path, x))    =>       path = np.vstack((path, x))
        x = x / 2                               x = x / 2
                                                while far(x): ...

Where there may be no turn, and what follows reads a name that has another structure then, that is an error when it
runs.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from ast_ad.errors import AutodiffError, KindError
from ast_ad.frontend.expressions import test
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE, GO, NO_JUMP, SKIP, TRUE
from ast_ad.frontend.rounds import Rounds
from ast_ad.frontend.scope import Names, is_endless
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.values import Conflict, Either, Value, is_operand
from ast_ad.ir.nodes import Lit


def peeled(frame: Frame, node: gast.While, failure: AutodiffError, live: Names, *, turned: bool) -> None:
    """Lower what remains of a `while`, some turns of which are written out if it has `turned`, or raise `failure`."""
    region, entry = frame.builder.open_region, dict(frame.env)
    length, defined = len(region.statements), set(region.defined)

    def forget() -> None:
        del region.statements[length:]
        region.defined = set(defined)
        frame.env = dict(entry)

    def is_lowered_by(steps: Callable[[], None]) -> bool:
        try:
            steps()
        except KindError:
            forget()
            return False
        return True

    peeling = _Peeling(frame, node, live)
    if turned and is_lowered_by(peeling.as_loop):
        return
    if not is_lowered_by(peeling.with_first_turn):
        raise failure
    new = [name for name in sorted(frame.scope.live_at_exit[id(node)]) if _is_unlike(frame.env.get(name))]
    new = [name for name in new if not _is_unlike(entry.get(name))]
    if new:
        forget()
        peeling.without = f"the loop does not turn, but `{new[0]}` is taken to be what it is after a turn"
        peeling.with_first_turn()


def _is_unlike(value: Value) -> bool:
    """Tell whether a name holds what is of no single structure, or a number or an array of one of several ranks."""
    of_numbers = isinstance(value, Either) and all(map(is_operand, value.alternatives()))
    return of_numbers or isinstance(value, Conflict)


class _Peeling:
    """The first turn of a loop, and the others.

    Attributes
    ----------
    without
        The error where there is no turn; empty if that is none.
    """

    def __init__(self, frame: Frame, node: gast.While, live: Names) -> None:
        self.frame = frame
        self.node = node
        self.live = live
        self.without = ""

    def as_loop(self) -> None:
        """Lower all further turns as a loop."""
        self._if_going_on(lambda: Rounds(self.frame, self.node, endless=is_endless(self.node)).lower())

    def with_first_turn(self) -> None:
        """Lower one more turn, and the others as a loop."""
        self._if_going_on(self._first)

    def _if_going_on(self, steps: Callable[[], None]) -> None:
        """Lower steps where no jump has left the loop."""
        go = self.frame.env[GO]
        if go == TRUE:
            steps()
        elif go != FALSE:
            self.frame.branch(self.node, go, steps, lambda: None, self.live)

    def _first(self) -> None:
        condition = test(self.frame, self.node.test)
        if not isinstance(condition, Lit):
            self.frame.branch(self.node, condition, self._turn, self._none, self.live)
        elif condition.value:
            self._turn()

    def _turn(self) -> None:
        frame = self.frame
        frame.env.update(NO_JUMP)
        run_statements(frame, self.node.body, self.live)
        frame.env[SKIP] = FALSE
        self.as_loop()

    def _none(self) -> None:
        if self.without:
            self.frame.leave_by(self.node, ValueError, [Lit(self.without)])
