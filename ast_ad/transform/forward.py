"""Forward mode: every statement that varies computes its tangent beside its value.

A varied variable `x` gets a variable `x_dot`; blocks yield, loops carry and calls return tangents after the values.  A
stack of saved values holds the tangents of its varied components after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ast_ad.analysis.activity import Mask, everything, nothing, some, varied_variables
from ast_ad.analysis.undefined import maybe_undefined
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, Record, Scalar, Stack, is_inexact
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
    defined,
)
from ast_ad.ir.rebuild import copied
from ast_ad.rules.expand import Code
from ast_ad.rules.operands import kind_of_operand
from ast_ad.runtime import zero_record
from ast_ad.transform.cut_off import CutOff
from ast_ad.transform.fill import filled
from ast_ad.transform.rules import pushforward


def forward(function: Function, wrt: Sequence[int], *, name: str) -> Function:
    """Return the function that computes the results, then their tangents.

    Parameters
    ----------
    wrt
        Positions of the parameters that have a tangent; the tangents are parameters after the primal's.

    Returns
    -------
    Function
        It returns the primal's results, then a tangent for each.
    """
    chosen = tuple(everything(p.kind) if i in wrt else nothing(p.kind) for i, p in enumerate(function.params))
    tangents = _Tangents(function, chosen, {})
    body = tangents.block(function.body)
    dots = tuple(tangents.dot(result) for result in function.results)
    statements = (*body.statements, *tangents.code.statements)
    params = (*function.params, *(tangents.dots[function.params[i]] for i in wrt))
    given = tuple(param for param in params if isinstance(param, Var))
    results = (*function.results, *dots)
    whole = filled(Block((), statements, results), results, shapes=tangents.shapes)
    return Function(name, given, whole)


_Made = dict[tuple[Function, tuple[Mask, ...]], Function]


def _called(function: Function, masks: tuple[Mask, ...], made: _Made) -> Function:
    """Return the forward function of a callee; its extra params and results are the varied ones, in order."""
    key = (function, masks)
    if key not in made:
        tangents = _Tangents(function, masks, made)
        params = (*tangents.variables(function.params), *tangents.dots_of(function.params))
        made[key] = Function.declared(f"{function.name}_jvp", params)
        body = tangents.block(function.body)
        results = (*tangents.all(function.results), *tangents.varied_dots(function.results))
        whole = filled(replace(body, yields=results), results, shapes=tangents.shapes)
        made[key].defined_as(copied(replace(function, params=params, body=whole, defaults=())))
    return made[key]


class _Tangents:
    """Writes the forward-mode code of one function.

    `shapes` are the variables that may be without a value where a tangent of zeros takes its shape from them: one that
    is handed on there, for paths on which it has one.
    """

    def __init__(self, function: Function, wrt: Sequence[Mask], made: _Made) -> None:
        self.varied = varied_variables(function, wrt)
        self.made = made
        self.dots: dict[Var, Operand] = {}
        self.stacks: dict[Var, Var] = {}
        self.code = Code()
        self.cut_off = CutOff()
        self.undefined = maybe_undefined(function.body)
        self.shapes: list[Operand] = []
        self.dots_of(function.params)

    def mask(self, operand: Operand) -> Mask:
        if not isinstance(operand, Var):
            return False
        return self.varied.get(operand) or nothing(operand.kind)

    def has_dot(self, operand: Operand) -> bool:
        return isinstance(operand, Var) and not isinstance(operand.kind, Stack) and some(self.mask(operand))

    def __call__(self, operand: Operand) -> Operand:
        """Return what stands for a primal operand: itself, or the stack that holds tangents too."""
        if not isinstance(operand, Var) or not isinstance(operand.kind, Stack):
            return operand
        if operand not in self.stacks:
            kind = _with_dots(operand.kind, self.mask(operand))
            self.stacks[operand] = Var(kind, operand.name)
        return self.stacks[operand]

    def all(self, operands: Sequence[Operand]) -> tuple[Operand, ...]:
        return tuple(self(operand) for operand in operands)

    def variables(self, variables: Sequence[Var]) -> tuple[Var, ...]:
        return tuple(var for var in self.all(variables) if isinstance(var, Var))

    def dots_of(self, variables: Sequence[Var]) -> tuple[Var, ...]:
        """Return new tangents of the variables that vary, which are being defined."""
        new = {var: Var(var.kind, dot_name(var)) for var in variables if self.has_dot(var) and var not in self.dots}
        self.dots.update(new)
        return tuple(dot for var in variables if isinstance(dot := self.dots.get(var), Var) and self.has_dot(var))

    def dot(self, operand: Operand) -> Operand:
        """Return an operand's tangent, of its shape; zero where it does not vary."""
        if operand is UNDEF:
            return UNDEF
        known = self.dots.get(operand) if isinstance(operand, Var) else None
        if known is None and isinstance(kind_of_operand(operand), Record):
            return self.code.op(zero_record, operand)
        if known is None and operand in self.undefined and not isinstance(kind_of_operand(operand), Scalar):
            self.shapes.append(operand)
        return self.code.stretched(Lit(0.0), operand) if known is None else known

    def varied_dots(self, operands: Sequence[Operand]) -> tuple[Operand, ...]:
        """Return the tangents of the operands that vary."""
        return tuple(self.dot(operand) for operand in operands if self.has_dot(operand))

    def matching(self, values: Sequence[Operand], into: Sequence[Var]) -> tuple[Operand, ...]:
        """Return the tangents that flow into those of `into` that vary."""
        return tuple(self.dot(value) for value, var in zip(values, into) if self.has_dot(var))

    def block(self, block: Block, into: Sequence[Var] = (), skip: int = 0) -> Block:
        """Return the block with tangents; `into` receives what it yields, but for the first `skip`."""
        params = (*self.variables(block.params), *self.dots_of(block.params))
        around, self.code = self.code, Code()
        statements: list[Statement] = []
        for statement in block.statements:
            new = self.statement(statement)
            # What derivatives compute comes after the operation that they belong to, and before all else.
            written, self.code.statements = self.code.statements, []
            statements += [*new, *written] if isinstance(statement, Op) else [*written, *new]
        yields = (*self.all(block.yields), *self.matching(block.yields[skip:], into))
        statements += self.code.statements
        self.code = around
        return Block(params, tuple(statements), yields)

    def statement(self, s: Statement) -> Sequence[Statement]:
        if isinstance(s, Op):
            return self.op(s)
        if isinstance(s, If):
            then, orelse = self.block(s.then, s.outs), self.block(s.orelse, s.outs)
            dots = self.dots_of(s.outs)
            made = len(dots)
            self.cut_off.meet(s.test, dots, then.yields[-made:], orelse.yields[-made:])
            return [replace(s, then=then, orelse=orelse, outs=(*self.variables(s.outs), *dots))]
        if isinstance(s, Loop):
            inits = (*self.all(s.inits), *self.matching(s.inits, s.carried))
            test = s.test and self.test(s.test, s.carried)
            body = self.block(s.body, s.carried, skip=1)
            outs = (*self.variables(s.outs), *self.dots_of(s.outs))
            return [replace(s, inits=inits, body=body, test=test, outs=outs)]
        if isinstance(s, Call):
            function = _called(s.function, tuple(map(self.mask, s.args)), self.made)
            args = (*self.all(s.args), *self.varied_dots(s.args))
            return [Call((*self.variables(s.outs), *self.dots_of(s.outs)), function, args, s.where)]
        if isinstance(s, Push):
            (stack,) = self.variables((s.stack,))
            varied = self.varied_components(s.stack)
            values = (*self.all(s.values), *(self.dot(s.values[i]) for i in varied))
            return [Push(stack, values, s.where)]
        if isinstance(s, Pop):
            (stack,) = self.variables((s.stack,))
            return [Pop((*self.variables(s.outs), *self.dots_of(s.outs)), stack, s.where)]
        assert isinstance(s, (Raise, Note))
        return [] if isinstance(s, Note) else [s]

    def test(self, test: Block, carried: Sequence[Var]) -> Block:
        """Return a loop's test, which takes the tangents too and has no use for them."""
        unused = tuple(Var(var.kind, dot_name(var)) for var in carried if self.has_dot(var))
        return replace(test, params=(*self.variables(test.params), *unused))

    def op(self, s: Op) -> Sequence[Statement]:
        if s.fn is primitives.new_stack:
            return [replace(s, outs=self.variables(s.outs))]
        if s.fn is primitives.in_order:
            return [replace(s, outs=self.variables(s.outs), args=self.all(s.args))]
        if not any(map(self.has_dot, s.outs)):
            return [s]
        code = self.code
        code.where = s.where
        if s.fn in (primitives.pack, primitives.unpack):
            self.record(s)
            return [s]
        dots = [self.dot(arg) if self.has_dot(arg) else None for arg in s.args]
        given = [dot for dot in dots if dot is not None]
        cuts = self.cut_off.common(given)
        made = pushforward(code, s, dots)
        for out, dot in zip(s.outs, made if isinstance(made, tuple) else (made,)):
            if dot is not None:
                self.dots[out] = named = code.named(dot, dot_name(out))
                self.cut_off.note(named, cuts, code.statements)
                inside = None if isinstance(made, tuple) else self.cut_off.within(named, cuts, given, code.statements)
                if inside is not None:
                    code.forget(var for each in code.statements for var in defined(each))
                    code.statements = inside
        return [s]

    def record(self, s: Op) -> None:
        """Pack, or unpack, the tangents of the floating-point values beside the values."""
        given = tuple(self.dot(arg) for arg in s.args if is_inexact(kind_of_operand(arg)))
        outs = self.dots_of([out for out in s.outs if is_inexact(out.kind)])
        self.code.statements.append(Op(outs, s.fn, given, where=s.where))

    def varied_components(self, stack: Var) -> list[int]:
        mask = self.mask(stack)
        assert isinstance(mask, tuple)
        return [i for i, part in enumerate(mask) if part is True]


def dot_name(var: Var) -> str:
    """Return the name of a variable's tangent."""
    return f"{var.name}_dot" if var.name else ""


def _with_dots(kind: Kind, mask: Mask) -> Kind:
    if not isinstance(kind, Stack):
        return kind
    assert isinstance(mask, tuple)
    values = tuple(map(_with_dots, kind.items, mask))
    return Stack((*values, *(item for item, part in zip(kind.items, mask) if part is True)))
