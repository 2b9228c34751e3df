"""Values: one walk, in order of dominance, that replaces what is known by what it is known to be.

It applies the copies that `ast_ad.analysis.copies` found, folds operations (`fold`), shares common subexpressions
(`common`), and follows what a test says: an `If` whose test is a constant is replaced by the branch that runs; inside
of a branch, and after an `If` whose other branch raises, the test itself is a constant. What is not used any more is
left for `dead`.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from ast_ad.analysis.copies import copies, ends
from ast_ad.analysis.stacks import stacks
from ast_ad.ir.kinds import BOOL
from ast_ad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Function,
    If,
    Lit,
    Loop,
    Op,
    Operand,
    Pop,
    Push,
    Raise,
    Statement,
    Var,
    blocks,
    functions,
    operands,
    walk,
)
from ast_ad.transform.simplify.calls import constant_params
from ast_ad.transform.simplify.common import Expressions
from ast_ad.transform.simplify.fold import EXACT_OPPOSITE, folded, in_own_shape, read_back
from ast_ad.transform.simplify.loops import left_behind, trips
from ast_ad.transform.simplify.rewriting import changed, each_function, mapped, unless_same


def with_known_values(main: Function) -> Function:
    """Return `main` with copies, constants and common subexpressions replaced, in the functions that it calls too."""
    program = functions(main)
    classes, constants = stacks(program), constant_params(program)

    def rewrite(function: Function, become: dict[Function, Function]) -> Function:
        return _Values(function, become, constants | copies(function, classes)).result()

    return each_function(program, rewrite)


class _Values:
    def __init__(self, function: Function, become: dict[Function, Function], known: dict[Var, Operand]) -> None:
        self.function = function
        self.become = become
        self.known = known
        self.decided: list[Var] = []
        self.missing: set[Var] = set()
        self.made_by: dict[Var, Op] = {}
        self.negation: dict[Var, Var] = {}
        self.expressions = Expressions()
        self.output: list[Statement] = []
        self.nested = False

    def result(self) -> Function:
        body = self.function.body
        self.statements(body.statements)
        statements, yields = unless_same(body.statements, self.output), mapped(self.read, body.yields)
        return changed(self.function, body=changed(body, statements=statements, yields=yields))

    def read(self, operand: Operand) -> Operand:
        """Return what stands for an operand here."""
        while isinstance(operand, Var) and operand in self.known:
            operand = self.known[operand]
        return operand

    def passed(self, operand: Operand) -> Operand:
        """Return what stands for an operand that is only passed on, and so may be without a value."""
        operand = self.read(operand)
        return UNDEF if operand in self.missing else operand

    def replace(self, outs: Sequence[Var], operands: Sequence[Operand]) -> None:
        """Let operands stand for variables from here on; a variable without a value keeps a definition."""
        undefined = tuple(out for out, operand in zip(outs, operands) if operand is UNDEF)
        self.known.update((out, operand) for out, operand in zip(outs, operands) if operand is not UNDEF)
        if undefined:
            self.missing.update(undefined)
            nothing = Block((), (), (UNDEF,) * len(undefined))
            self.output.append(If(undefined, Lit(True), nothing, nothing))

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Forget, at the end, what is known only inside."""
        mark = len(self.decided)
        with self.expressions.scope():
            yield
        for var in self.decided[mark:]:
            del self.known[var]
        del self.decided[mark:]

    def decide(self, test: Operand, value: bool) -> None:
        """Take a test as decided until the scope ends."""
        while isinstance(test, Var) and test.kind == BOOL and test not in self.known:
            negation = self.negation.get(test, test)
            for var, meaning in {negation: not value, test: value}.items():
                if var not in self.known:
                    self.known[var] = Lit(meaning)
                    self.decided.append(var)
            maker = self.made_by.get(test)
            if maker is None or maker.fn is not operator.not_:
                return
            test, value = maker.args[0], not value

    def test(self, operand: Operand) -> Operand:
        """Return what stands for a test here, through `not`."""
        test = self.read(operand)
        maker = self.made_by.get(test) if isinstance(test, Var) else None
        if maker is not None and maker.fn is operator.not_:
            inner = self.test(maker.args[0])
            if isinstance(inner, Lit):
                return Lit(not inner.value)
        return test

    def block(self, block: Block, test: Operand = UNDEF, value: bool = True, go: tuple[Operand, ...] = ()) -> Block:
        """Rewrite a nested block, where `test` is known to have been `value`.

        A block that never reaches its yields yields `go`, and nothing else.
        """
        around, self.output = (self.output, self.nested), []
        self.nested = True
        with self.scope():
            self.decide(test, value)
            reached = self.statements(block.statements)
            yields = mapped(self.passed, block.yields)
        if not reached and any(isinstance(operand, Var) for operand in yields):
            yields = (*go, *(UNDEF,) * (len(yields) - len(go)))
        statements = unless_same(block.statements, self.output)
        self.output, self.nested = around
        return changed(block, statements=statements, yields=yields)

    def statements(self, statements: Sequence[Statement]) -> bool:
        """Rewrite statements; tell whether their end is reached.

        What follows a statement that always raises is left out of nested blocks; a function has to return something.
        """
        for statement in statements:
            self.statement(statement)
            if self.nested and ends(self.output):
                return False
        return True

    def statement(self, s: Statement) -> None:
        if isinstance(s, Op):
            self.op(s)
        elif isinstance(s, If):
            self.if_(s)
        elif isinstance(s, Loop):
            self.loop(s)
        elif isinstance(s, Call):
            self.call(s)
        elif isinstance(s, Push):
            self.output.append(changed(s, stack=self.read(s.stack), values=mapped(self.passed, s.values)))
        elif isinstance(s, Pop):
            self.output.append(changed(s, stack=self.read(s.stack)))
        elif isinstance(s, Raise):
            self.output.append(changed(s, args=mapped(self.read, s.args)))
        else:
            self.output.append(s)

    def op(self, s: Op) -> None:
        op = changed(s, args=mapped(self.read, s.args), kwargs=mapped(self.keyword, s.kwargs))
        simpler = read_back(op, self.made_by) or in_own_shape(op) or folded(op, self.made_by)
        if isinstance(simpler, (Var, Lit)):
            self.replace(op.outs, (simpler,))
            return
        if isinstance(simpler, Op):
            op = simpler
        earlier = self.expressions.earlier(op)
        if earlier is not None:
            self.replace(op.outs, earlier)
            return
        self.made_by.update(dict.fromkeys(op.outs, op))
        if op.fn is operator.not_ and isinstance(op.args[0], Var):
            self.negation[op.args[0]] = op.outs[0]
        self.output.append(op)

    def keyword(self, pair: tuple[str, Operand]) -> tuple[str, Operand]:
        value = self.read(pair[1])
        return pair if value is pair[1] else (pair[0], value)

    def if_(self, s: If) -> None:
        test = self.test(s.test)
        if isinstance(test, Lit):
            self.splice(s, s.then if test.value else s.orelse)
            return
        then, orelse = self.block(s.then, test, True), self.block(s.orelse, test, False)
        for out, a, b in zip(s.outs, then.yields, orelse.yields):
            if isinstance(a, Lit) and isinstance(b, Lit) and out.kind == BOOL:
                self.boolean(out, test, a.value, b.value)
            elif a is UNDEF and b is UNDEF:
                self.missing.add(out)
        self.output.append(changed(s, test=test, then=then, orelse=orelse))
        self.opposites(s.outs, then.yields, orelse.yields)
        if ends(then.statements) != ends(orelse.statements):
            self.decide(test, ends(orelse.statements))

    def splice(self, s: If, branch: Block) -> None:
        """Put the branch that runs in the place of an If."""
        if s.then is s.orelse:
            self.missing.update(s.outs)
            self.output.append(s)  # as `replace` makes it for variables without a value
        elif self.statements(branch.statements):
            self.replace(s.outs, tuple(map(self.passed, branch.yields)))

    def boolean(self, out: Var, test: Operand, then: bool, orelse: bool) -> None:
        """An If that turns its test into a boolean: the test itself, or `not` of it."""
        if (then, orelse) == (False, True):
            negation = Var(BOOL)
            self.op(Op((negation,), operator.not_, (test,)))
            self.known[out] = negation
        elif (then, orelse) == (True, False) and isinstance(test, Var) and test.kind == BOOL:
            self.known[out] = test

    def opposites(self, outs: Sequence[Var], then: Sequence[Operand], orelse: Sequence[Operand]) -> None:
        """Of two booleans that differ whichever branch runs, the later is `not` the earlier."""
        booleans = [row for row in zip(outs, then, orelse) if row[0].kind == BOOL and row[0] not in self.known]
        for i, (out, a, b) in enumerate(booleans):
            for earlier, x, y in booleans[:i]:
                if out not in self.known and self.opposite(a, x) and self.opposite(b, y):
                    negation = Var(BOOL)
                    self.op(Op((negation,), operator.not_, (earlier,)))
                    self.known[out] = negation

    def opposite(self, a: Operand, b: Operand) -> bool:
        """Tell whether two booleans are known to differ."""
        if isinstance(a, Lit) and isinstance(b, Lit):
            return isinstance(a.value, bool) and isinstance(b.value, bool) and a.value != b.value
        for x, y in ((a, b), (b, a)):
            maker, other = (self.made_by.get(each) if isinstance(each, Var) else None for each in (x, y))
            if maker is not None and maker.fn is operator.not_ and self.read(maker.args[0]) is y:
                return True
            if maker is not None and other is not None and maker.args == other.args:
                return EXACT_OPPOSITE.get(maker.fn) is other.fn
        return False

    def loop(self, s: Loop) -> None:
        inits = mapped(self.passed, s.inits)
        limits = s.range and mapped(self.read, s.range)
        if limits and trips(limits) == 0:
            self.replace(s.outs, inits)
            return
        test = s.test and self.block(s.test, go=(Lit(True),))
        if test is not None and isinstance(test.yields[0], Lit) and not test.yields[0].value:
            self.replace(s.outs, inits)
            return
        turns = trips(limits) if limits else test is not None and not test.statements and test.yields == (Lit(True),)
        if turns and s.body.yields[0] == Lit(False):
            self.splice_turn(s, (limits[0], *inits) if limits else inits)
            return
        body = self.block(s.body, go=(Lit(True),))
        if limits:
            for out, init, following in zip(s.outs, inits, body.yields[1:]):
                self.leaves(out, left_behind(limits, init, following))
        self.output.append(changed(s, inits=inits, range=limits, test=test, body=body))

    def splice_turn(self, s: Loop, values: Sequence[Operand]) -> None:
        """Put its only turn in the place of a loop that begins, and never goes on."""
        self.replace(s.body.params, values)
        if self.statements(s.body.statements):
            self.replace(s.outs, tuple(map(self.passed, s.body.yields[1:])))

    def leaves(self, out: Var, value: Operand | tuple[Any, Operand, Operand] | None) -> None:
        """Let what a loop leaves behind stand for its out, if that is known, and read."""
        if isinstance(value, tuple):
            if out in self.used:
                comparison = Var(BOOL)
                self.op(Op((comparison,), value[0], value[1:]))
                self.known[out] = comparison
        elif value is not None:
            self.known[out] = value

    @cached_property
    def used(self) -> frozenset[Var]:
        """The variables that the function reads."""
        read = [self.function.results]
        for statement in walk(self.function.body):
            read.append(operands(statement))
            read += [block.yields for block in blocks(statement)]
        return frozenset(operand for values in read for operand in values if isinstance(operand, Var))

    def call(self, s: Call) -> None:
        function, args = self.become[s.function], mapped(self.read, s.args)
        for out, result in zip(s.outs, function.results):
            if isinstance(result, Lit):
                self.known[out] = result
            elif result in function.params:
                self.known[out] = args[function.params.index(result)]
        self.output.append(changed(s, function=function, args=args))
