"""Random structured IR: programs that always end, whose runs are well defined, and that use all of the grammar.

Loops run a few times, a `while` loop counts its fuel, a stack is popped as often as it was pushed, and a variable
that may be without a value travels with a boolean that says so and is checked before it is read. `record` stands for
a function of which nothing is known: what it was called with, in which order, must survive every pass.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir.kinds import BOOL, FLOAT, INT, Kind, Stack
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
)
from ast_ad.ir.primitives import new_stack, select

LOG: list[Any] = []
"""What `record` was called with."""

_LITERALS: dict[Kind, tuple[Any, ...]] = {
    FLOAT: (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e300),
    INT: (0, 1, 2, 3, -1),
    BOOL: (True, False),
}
_FLOAT_OPS = (operator.add, operator.sub, operator.mul, operator.mul, operator.add, operator.truediv, max)
_INT_OPS = (operator.add, operator.sub)
_TESTS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
_NAMES = ("", "", "a", "b", "c")
_MAYBE = (BOOL, FLOAT)

Limits = tuple[Operand, Operand, Operand]


def record(value: Any) -> float:
    """Write down a value, and return a number that depends on it."""
    LOG.append(repr(value))
    return 1.5 if value else 0.5


def program(seed: int, size: int = 25) -> Function:
    """Return a random function of two floats and an integer, of about `size` statements at its top."""
    rng = random.Random(seed)
    helpers: list[Function] = []
    for i in range(rng.randrange(3)):
        helpers.append(_Writer(rng, helpers, 6).function(f"helper_{i}"))
    return _Writer(rng, helpers, size).function("main")


class _Writer:
    """Writes one function: the variables in sight, and the statements of the block that is being written."""

    def __init__(self, rng: random.Random, helpers: Sequence[Function], budget: int) -> None:
        self.rng = rng
        self.helpers = tuple(helpers)
        self.budget = budget
        self.visible: list[Var] = []
        self.maybe: list[tuple[Var, Var]] = []
        self.operations: list[Op] = []
        self.statements: list[Statement] = []
        self.depth = 0

    def function(self, name: str) -> Function:
        params = (Var(FLOAT, "x"), Var(FLOAT, "y"), Var(INT, "n"))
        self.visible += params
        while self.budget > 0:
            self.statement()
        return Function(
            name, params, Block((), tuple(self.statements), tuple(self.visible[-self.rng.choice((2, 12, 100)) :]))
        )

    def operand(self, kind: Kind, constants: float = 0.25) -> Operand:
        known = [var for var in self.visible if var.kind == kind]
        if not known or self.rng.random() < constants:
            return Lit(self.rng.choice(_LITERALS[kind]))
        return self.rng.choice(known[-6:] if self.rng.random() < 0.6 else known)

    def var(self, kind: Kind) -> Var:
        return Var(kind, self.rng.choice(_NAMES))

    def op(self, kind: Kind, fn: Callable[..., Any], *args: Operand) -> Var:
        op = Op((self.var(kind),), fn, args)
        self.statements.append(op)
        self.operations.append(op)
        self.visible.append(op.outs[0])
        return op.outs[0]

    def block(self, params: Sequence[Var], write: Callable[[], Sequence[Operand]]) -> Block:
        """Write a nested block: `write` adds its statements and returns what it yields."""
        around, self.statements = self.statements, []
        marks = len(self.visible), len(self.maybe), len(self.operations)
        self.visible += [param for param in params if not isinstance(param.kind, Stack)]
        self.depth += 1
        yields = tuple(write())
        self.depth -= 1
        del self.visible[marks[0] :], self.maybe[marks[1] :], self.operations[marks[2] :]
        block = Block(tuple(params), tuple(self.statements), yields)
        self.statements = around
        return block

    def some(self, most: int = 4) -> None:
        for _ in range(self.rng.randint(0, most)):
            self.statement()

    def statement(self) -> None:
        self.budget -= 1
        simple = (
            [self.arithmetic] * 5 + [self.comparison] * 2 + [self.repeat, self.effect, self.note, self.check, self.call]
        )
        nested = [
            self.branch,
            self.branch,
            self.count,
            self.count,
            self.while_,
            self.save,
            self.mirror,
            self.save_in_helper,
        ]
        nested.append(self.exchange)
        self.rng.choice(simple if self.depth > 2 or self.budget <= 0 else simple + nested)()

    def arithmetic(self) -> None:
        kind = self.rng.random()
        if kind < 0.6:
            fn = self.rng.choice(_FLOAT_OPS)
            self.op(FLOAT, fn, self.operand(FLOAT), self.operand(FLOAT))
        elif kind < 0.7:
            self.op(FLOAT, operator.neg, self.operand(FLOAT))
        elif kind < 0.8:
            self.op(FLOAT, operator.mul, self.operand(FLOAT), Lit(self.rng.choice((1, 1.0, 0))))
        elif kind < 0.85:
            self.op(FLOAT, select, self.operand(BOOL), self.operand(FLOAT), self.operand(FLOAT))
        else:
            self.op(INT, self.rng.choice(_INT_OPS), self.operand(INT), self.operand(INT))

    def comparison(self) -> None:
        kind = self.rng.choice((FLOAT, INT))
        test = self.op(BOOL, self.rng.choice(_TESTS), self.operand(kind), self.operand(kind))
        if self.rng.random() < 0.1:
            test = self.op(BOOL, operator.not_, self.operand(INT))
        while self.rng.random() < 0.3:
            test = self.op(BOOL, operator.not_, test)

    def repeat(self) -> None:
        if self.operations:
            op = self.rng.choice(self.operations)
            self.op(op.outs[0].kind, op.fn, *op.args)

    def effect(self) -> None:
        if self.rng.random() < 0.8:
            self.op(FLOAT, record, self.operand(self.rng.choice((FLOAT, INT, BOOL))))
        else:
            error = self.rng.choice((ValueError, KeyError))
            test = self.op(BOOL, operator.lt, self.operand(FLOAT, 0.0), Lit(self.rng.choice((2.0, 1e3))))
            self.guard(test, error)

    def guard(self, test: Operand, error: type[Exception]) -> None:
        """`if not test: raise error`."""
        nothing = Block((), (), ())
        failing = self.block((), lambda: (self.statements.append(Raise(error, (self.operand(FLOAT),))), ())[1])
        self.statements.append(If((), test, nothing, failing))

    def note(self) -> None:
        self.statements.append(Note(self.rng.choice(("forward sweep", "reverse sweep"))))

    def check(self) -> None:
        """Read a value that may be missing, after a check."""
        if not self.maybe:
            return
        flag, value = self.rng.choice(self.maybe)
        if self.rng.random() < 0.2:
            self.guard(flag, UnboundLocalError)
            self.visible.append(value)
            return

        def read() -> list[Operand]:
            self.visible.append(value)
            self.some(2)
            return [self.op(FLOAT, operator.neg, value)]

        out = self.var(FLOAT)
        then = self.block((), read)
        self.statements.append(If((out,), flag, then, Block((), (), (self.operand(FLOAT),))))
        self.visible.append(out)

    def kinds(self) -> list[Kind]:
        return [self.rng.choice((FLOAT, FLOAT, INT, BOOL)) for _ in range(self.rng.randint(0, 3))]

    def pair(self) -> tuple[Operand, Operand]:
        """Return a flag and a value: there, missing, or one that may be missing."""
        choice = self.rng.random()
        if choice < 0.5:
            return Lit(True), self.operand(FLOAT)
        return self.rng.choice(self.maybe) if choice < 0.8 and self.maybe else (Lit(False), UNDEF)

    def define(self, outs: Sequence[Var], pairs: int) -> None:
        """Bring the outs of a statement into sight; the last `pairs` * 2 are flags and values that may be missing."""
        plain = len(outs) - 2 * pairs
        self.visible += outs[:plain]
        self.visible += outs[plain::2]
        self.maybe += zip(outs[plain::2], outs[plain + 1 :: 2])

    def branch(self) -> None:
        kinds, pairs = self.kinds(), self.rng.randrange(2)

        def side() -> list[Operand]:
            self.some()
            yields = [self.operand(kind) for kind in kinds]
            for _ in range(pairs):
                yields += self.pair()
            if self.rng.random() < 0.03:
                self.statements.append(Raise(RuntimeError, ()))
            return yields

        test = self.operand(BOOL, 0.1)
        then, orelse = self.block((), side), self.block((), side)
        outs = tuple(self.var(kind) for kind in (*kinds, *_MAYBE * pairs))
        self.statements.append(If(outs, test, then, orelse))
        self.define(outs, pairs)

    def limits(self) -> Limits:
        if self.rng.random() < 0.3:
            return Lit(self.rng.randrange(3)), Lit(self.rng.randrange(4)), Lit(1)
        stop = self.op(INT, operator.mod, self.operand(INT), Lit(4))
        return self.rng.choice(((Lit(0), stop, Lit(1)), (Lit(1), stop, Lit(2)), (stop, Lit(-1), Lit(-1))))

    def carried(self, kinds: Sequence[Kind], pairs: int) -> tuple[tuple[Var, ...], tuple[Var, ...], list[Operand]]:
        """Return params, outs and inits of values that a loop carries."""
        inits: list[Operand] = [self.operand(kind, 0.5) for kind in kinds]
        for _ in range(pairs):
            inits += self.pair()
        every = (*kinds, *_MAYBE * pairs)
        return tuple(map(self.var, every)), tuple(map(self.var, every)), inits

    def following(self, params: Sequence[Var], inits: Sequence[Operand], pairs: int) -> list[Operand]:
        """Return what a loop's body yields: new values, the old ones, or the first."""
        plain = len(params) - 2 * pairs
        values: list[Operand] = []
        for param, init in zip(params[:plain], inits):
            values.append(self.rng.choice((param, init, self.operand(param.kind), self.operand(param.kind))))
        for i in range(plain, len(params), 2):
            values += self.rng.choice((params[i : i + 2], self.pair()))
        return values

    def go(self) -> Operand:
        return self.operand(BOOL, 0.0) if self.rng.random() < 0.3 else Lit(True)

    def count(self) -> None:
        limits, pairs = self.limits(), self.rng.randrange(2)
        params, outs, inits = self.carried(self.kinds(), pairs)

        def body() -> list[Operand]:
            self.hide(params, pairs)
            self.some()
            return [self.go(), *self.following(params, inits, pairs)]

        block = self.block((Var(INT, "i"), *params), body)
        self.statements.append(Loop(outs, tuple(inits), block, range=limits))
        self.define(outs, pairs)

    def hide(self, params: Sequence[Var], pairs: int) -> None:
        """A param that may be missing is visible only after a check."""
        for flag, value in zip(params[len(params) - 2 * pairs :: 2], params[len(params) - 2 * pairs + 1 :: 2]):
            self.visible.remove(value)
            self.maybe.append((flag, value))

    def while_(self) -> None:
        pairs = self.rng.randrange(2)
        params, outs, inits = self.carried([INT, *self.kinds()], pairs)
        inits[0] = Lit(self.rng.randrange(4))
        tested = tuple(Var(param.kind, param.name) for param in params)

        def test() -> list[Operand]:
            fuel = self.op(BOOL, operator.gt, tested[0], Lit(0))
            return [self.op(BOOL, operator.and_, fuel, self.operand(BOOL)) if self.rng.random() < 0.3 else fuel]

        def body() -> list[Operand]:
            self.hide(params, pairs)
            self.some()
            fuel = self.op(INT, operator.sub, params[0], Lit(1))
            return [self.go(), fuel, *self.following(params, inits, pairs)[1:]]

        # what may be missing is not for the test to read
        testing = self.block(tested, lambda: (self.hide(tested, pairs), test())[1])
        self.statements.append(Loop(outs, tuple(inits), self.block(params, body), test=testing))
        self.define(outs, pairs)

    def save(self) -> None:
        """Push in one loop, at some depth, and pop in another one."""
        kinds = tuple(self.rng.choice((FLOAT, INT)) for _ in range(self.rng.randint(1, 3)))
        stack = Var(Stack(kinds), "stack")
        self.statements.append(Op((stack,), new_stack, ()))
        saved = self.pushing(stack)
        self.some(2)
        self.popping(stack, (Lit(0), saved, Lit(1)))

    def mirror(self) -> None:
        """Push in a loop, or in a function that it calls, and pop in a loop over the same range."""
        stack, limits, helper = Var(Stack((FLOAT, INT)), "stack"), self.limits(), None
        self.statements.append(Op((stack,), new_stack, ()))
        if self.rng.random() < 0.5:
            writer, given = _Writer(self.rng, (), 3), Var(stack.kind, "stack")
            x, n = Var(FLOAT, "x"), Var(INT, "n")
            writer.visible += [x, n]
            writer.some(3)
            writer.statements.append(Push(given, (writer.operand(FLOAT), writer.operand(INT))))
            helper = Function("pusher", (given, x, n), Block((), tuple(writer.statements), (writer.operand(FLOAT),)))
        params, outs, inits = self.carried(self.kinds(), 0)

        def body() -> list[Operand]:
            self.some(2)
            values = (self.operand(FLOAT), self.operand(INT))
            if helper is None:
                self.statements.append(Push(stack, values))
            else:
                self.statements.append(Call((self.var(FLOAT),), helper, (stack, *values)))
            return [Lit(True), *self.following(params, inits, 0)]

        self.statements.append(Loop(outs, tuple(inits), self.block((Var(INT, "i"), *params), body), range=limits))
        self.define(outs, 0)
        self.popping(stack, limits)

    def exchange(self) -> None:
        """Push in one call of a function, and pop in the next call of the same function."""
        given, x, pushes, stack = (
            Var(Stack((FLOAT,)), "stack"),
            Var(FLOAT, "x"),
            Var(BOOL),
            Var(Stack((FLOAT,)), "stack"),
        )
        taken, result = Var(FLOAT), Var(FLOAT)
        then = Block((), (Push(given, (x,)),), (Lit(0.0),))
        body = If((result,), pushes, then, Block((), (Pop((taken,), given),), (taken,)))
        function = Function("exchanger", (given, x, pushes), Block((), (body,), (result,)))
        self.statements.append(Op((stack,), new_stack, ()))
        for push in (True, False):
            out = self.var(FLOAT)
            self.statements.append(Call((out,), function, (stack, self.operand(FLOAT), Lit(push))))
            self.visible.append(out)

    def pushing(self, stack: Var, levels: int = 1) -> Var:
        """Write a loop that pushes; return how often it did."""
        limits = self.limits()
        params, outs, inits = self.carried([INT, *self.kinds()], 0)
        inits[0] = Lit(0)

        def push() -> Operand:
            self.statements.append(Push(stack, tuple(self.operand(kind) for kind in stack.kind.items)))
            return self.op(INT, operator.add, params[0], Lit(1))

        def body() -> list[Operand]:
            self.some(2)
            choice = self.rng.random()
            if choice < 0.25:
                then = self.block((), lambda: (push(),))
                count = Var(INT)
                self.statements.append(If((count,), self.operand(BOOL), then, Block((), (), (params[0],))))
            elif choice < 0.5 and levels:
                inner = self.pushing(stack, levels - 1)
                count = self.op(INT, operator.add, params[0], inner)
            else:
                count = push()
            return [self.go(), count, *self.following(params, inits, 0)[1:]]

        block = self.block((Var(INT, "i"), *params), body)
        self.statements.append(Loop(outs, tuple(inits), block, range=limits))
        self.define(outs[1:], 0)
        return outs[0]

    def popping(self, stack: Var, limits: Limits) -> None:
        params, outs, inits = self.carried([FLOAT, *self.kinds()], 0)

        def body() -> list[Operand]:
            popped = tuple(self.var(kind) for kind in stack.kind.items)
            self.statements.append(Pop(popped, stack))
            self.visible += popped
            self.some(2)
            return [Lit(True), *self.following(params, inits, 0)]

        block = self.block((Var(INT, "i"), *params), body)
        self.statements.append(Loop(outs, tuple(inits), block, range=limits))
        self.define(outs, 0)

    def save_in_helper(self) -> None:
        """Push in one function and pop in another one; the stack travels between them."""
        kinds = tuple(self.rng.choice((FLOAT, INT)) for _ in range(self.rng.randint(1, 3)))
        stack, count = Var(Stack(kinds), "stack"), Var(INT, "count")
        forward, reverse = _Writer(self.rng, (), 5), _Writer(self.rng, (), 5)
        made = Var(Stack(kinds), "stack")
        x, n = Var(FLOAT, "x"), Var(INT, "n")
        forward.visible += [x, n]
        forward.statements.append(Op((made,), new_stack, ()))
        counted = forward.pushing(made)
        results = (forward.operand(FLOAT), made, counted)
        saver = Function("saver", (x, n), Block((), tuple(forward.statements), results))
        given, times, g = Var(Stack(kinds), "stack"), Var(INT, "times"), Var(FLOAT, "g")
        reverse.visible.append(g)
        reverse.popping(given, (Lit(0), times, Lit(1)))
        loader = Function(
            "loader",
            (given, times, g),
            Block((), tuple(reverse.statements), (reverse.operand(FLOAT), reverse.operand(INT))),
        )
        value, answer, number = self.var(FLOAT), self.var(FLOAT), self.var(INT)
        self.statements.append(Call((value, stack, count), saver, (self.operand(FLOAT), self.operand(INT))))
        self.visible.append(value)
        self.some(2)
        self.statements.append(Call((answer, number), loader, (stack, count, self.operand(FLOAT))))
        self.visible += (answer, number)

    def call(self) -> None:
        if self.helpers:
            helper = self.rng.choice(self.helpers)
            args = tuple(self.operand(param.kind) for param in helper.params)
            outs = tuple(self.var(result.kind) for result in helper.results)
            self.statements.append(Call(outs, helper, args))
            self.visible += outs
