"""Simplification: the same results with less code.

    calls      functions that are called once, and small, move to their call
    values     copies, constants, tests that are known, common subexpressions
    dead       whatever no result and no effect depends on goes

Each is a function from IR to IR that leaves its input alone, and returns it where it finds nothing to do. They are
repeated until none finds anything. What is promised, for every program: the same results bit for bit (but see `fold`
for the sign of an adjoint's zero), the same draws in the same order, the same raises. An exception that a pure
operation raises by accident may go with the operation.
"""

from __future__ import annotations

from ast_ad.ir.nodes import Function
from ast_ad.transform.simplify.calls import with_small_calls_inlined
from ast_ad.transform.simplify.dead import without_dead_code
from ast_ad.transform.simplify.values import with_known_values

_ROUNDS = 8


def simplify(function: Function) -> Function:
    """Return a simpler function with the same results and effects; the functions that it calls are simplified too.

    >>> import operator
    >>> from ast_ad.ir.kinds import FLOAT
    >>> from ast_ad.ir.nodes import Block, Lit, Op, Var
    >>> x, y, unused = Var(FLOAT, "x"), Var(FLOAT), Var(FLOAT)
    >>> double = Op((y,), operator.mul, (Lit(2), x))
    >>> before = Function("f", (x,), Block((), (Op((unused,), operator.neg, (x,)), double), (y,)))
    >>> simplify(before).body.statements == (double,)
    True
    """
    swept = None
    for _ in range(_ROUNDS):
        before = function
        function = with_known_values(with_small_calls_inlined(function))
        if function is not swept:
            function = swept = without_dead_code(function)
        if function is before:
            break
    return function
