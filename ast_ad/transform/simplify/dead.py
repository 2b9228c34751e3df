"""Dead code: drop what no result and no observable effect depends on (see `ast_ad.analysis.liveness`).

The main function keeps its params and results; the functions that it calls keep what some call uses. Dropping a pure
operation may drop an exception that it would have raised by accident; a `Raise`, a draw, and a callable without a
rule always stay.
"""

from __future__ import annotations

from ast_ad.analysis.liveness import Liveness, liveness
from ast_ad.ir.kinds import Stack
from ast_ad.ir.nodes import Block, Call, Function, If, Loop, Note, Op, Operand, Pop, Push, Statement, Var, functions
from ast_ad.transform.simplify.rewriting import changed, chosen, each_function, mapped, unless_same


def without_dead_code(main: Function) -> Function:
    """Return `main` without dead code, in the functions that it calls too."""
    program = functions(main)
    live = liveness(program)

    def sweep(function: Function, become: dict[Function, Function]) -> Function:
        sweeper = _Sweeper(live, become, renamed)
        if function is main:
            return changed(function, body=sweeper.block(function.body))
        params = live.params(function)
        return changed(
            function,
            params=mapped(sweeper.var, chosen(function.params, params)),
            body=sweeper.block(function.body, live.results(function)),
            defaults=unless_same(function.defaults, [pair for pair in function.defaults if live(pair[0])]),
        )

    renamed = _narrowed_stacks(live)
    return each_function(program, sweep)


def _narrowed_stacks(live: Liveness) -> dict[Var, Var]:
    """Return the variables for stacks that lose components: their kind says what a tuple holds."""
    renamed: dict[Var, Var] = {}
    for var in live.stacks:
        assert isinstance(var.kind, Stack)
        items = chosen(var.kind.items, live.components(var))
        if items is not var.kind.items:
            renamed[var] = Var(Stack(items), var.name)
    return renamed


class _Sweeper:
    def __init__(self, live: Liveness, become: dict[Function, Function], renamed: dict[Var, Var]) -> None:
        self.live = live
        self.become = become
        self.renamed = renamed

    def var(self, var: Var) -> Var:
        return self.renamed.get(var, var)

    def operand(self, operand: Operand) -> Operand:
        return self.renamed.get(operand, operand) if isinstance(operand, Var) else operand

    def block(self, block: Block, keep: tuple[int, ...] | None = None) -> Block:
        """Sweep a block that yields only what is at the positions `keep` (None: all)."""
        statements: list[Statement] = []
        for statement in block.statements:
            if isinstance(statement, Note):
                if statements and isinstance(statements[-1], Note):
                    statements.pop()
                statements.append(statement)
            elif self.live(statement):
                statements.append(self.statement(statement))
        yields = block.yields if keep is None else chosen(block.yields, keep)
        return changed(
            block,
            params=mapped(self.var, block.params),
            statements=unless_same(block.statements, statements),
            yields=mapped(self.operand, yields),
        )

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, Op):
            return changed(s, outs=mapped(self.var, s.outs), args=mapped(self.operand, s.args))
        if isinstance(s, If):
            return self.if_(s)
        if isinstance(s, Loop):
            return self.loop(s)
        if isinstance(s, Call):
            return self.call(s)
        if isinstance(s, Push):
            values = chosen(s.values, self.live.components(s.stack))
            return changed(s, stack=self.var(s.stack), values=mapped(self.operand, values))
        if isinstance(s, Pop):
            outs = chosen(s.outs, self.live.components(s.stack))
            return changed(s, stack=self.var(s.stack), outs=mapped(self.var, outs))
        return s

    def if_(self, s: If) -> If:
        keep = tuple(i for i, out in enumerate(s.outs) if self.live(out))
        outs = mapped(self.var, chosen(s.outs, keep))
        return changed(s, outs=outs, then=self.block(s.then, keep), orelse=self.block(s.orelse, keep))

    def loop(self, s: Loop) -> Loop:
        keep = tuple(i for i, param in enumerate(s.carried) if self.live(param))
        outs = mapped(self.var, chosen(s.outs, keep))
        inits = mapped(self.operand, chosen(s.inits, keep))
        index = s.body.params[: len(s.body.params) - len(s.carried)]
        body = self.block(
            changed(s.body, params=unless_same(s.body.params, (*index, *chosen(s.carried, keep)))),
            (0, *(i + 1 for i in keep)),
        )
        test = s.test
        if test is not None:
            test = self.block(changed(test, params=chosen(test.params, keep)))
        return changed(s, outs=outs, inits=inits, body=body, test=test)

    def call(self, s: Call) -> Call:
        args = chosen(s.args, self.live.params(s.function))
        outs = chosen(s.outs, self.live.results(s.function))
        return changed(
            s,
            outs=mapped(self.var, outs),
            function=self.become[s.function],
            args=mapped(self.operand, args),
        )
