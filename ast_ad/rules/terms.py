"""Like terms: ``g * (x * x) + g * 2 * x * x``, as which the derivative of ``x * x * x`` arrives, is ``g * 3 * x * x``.

A term is a number times factors, over others. Two are alike if they have the same factors; the numbers are added, where
that rounds nothing. What the user has given no name is taken apart, too: ``x * x`` above is a factor of the primal.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ast_ad.ir.kinds import Array, is_inexact, is_real
from ast_ad.ir.nodes import Lit, Operand, Var

if TYPE_CHECKING:
    from ast_ad.rules.expand import Code

_MOST_FACTORS = 8


class _Term:
    """A number times the variables `over`, divided by the variables `under`."""

    def __init__(self, code: Code, operand: Operand) -> None:
        self.code = code
        self.number: Any = 1
        self.over: list[Var] = []
        self.under: list[Var] = []
        self.known = self.take(operand, above=True)

    def take(self, operand: Operand, *, above: bool) -> bool:
        """Take an operand apart; tell whether that leads to numbers and variables, and not to too many."""
        if isinstance(operand, Lit):
            number = exact(operator.mul, self.number, operand.value) if above else None
            self.number = number
            return number is not None
        if not isinstance(operand, Var) or len(self.over) + len(self.under) > _MOST_FACTORS:
            return False
        op = self.code.maker(operand)
        if op is not None and op.fn is operator.mul:
            return all(self.take(arg, above=above) for arg in op.args)
        if op is not None and op.fn is operator.truediv:
            return self.take(op.args[0], above=above) and self.take(op.args[1], above=not above)
        if op is not None and op.fn is operator.neg:
            self.number = -self.number
            return self.take(op.args[0], above=above)
        (self.over if above else self.under).append(operand)
        return True


def like_terms(code: Code, x: Var, y: Var) -> Operand | None:
    """Return the sum of two terms as one, if they are alike and not plain variables."""
    if x.kind != y.kind or not is_inexact(x.kind) or not is_real(x.kind):
        return None
    first, second = _Term(code, x), _Term(code, y)
    if not (first.known and second.known and _same(first.over, second.over) and _same(first.under, second.under)):
        return None
    number = exact(operator.add, first.number, second.number)
    if not number:
        return None
    # Numbers first: they are multiplied once, not for each element.
    over = sorted(first.over, key=lambda var: isinstance(var.kind, Array))
    total: Operand = code.mul(over[0], Lit(abs(number))) if over else Lit(abs(number))
    for var in over[1:]:
        total = code.mul(total, var)
    for var in first.under:
        total = code.div(total, var)
    if number < 0:
        total = code.neg(total)
    return total if isinstance(total, Var) and total.kind == x.kind else None


def _same(a: list[Var], b: list[Var]) -> bool:
    return sorted(map(id, a)) == sorted(map(id, b))


def exact(fn: Any, x: Any, y: Any) -> Any:
    """Return a sum, a product or a quotient of numbers if nothing is rounded; otherwise None.

    >>> exact(operator.mul, 0.5, 3), exact(operator.add, 0.1, 0.2)
    (1.5, None)
    """
    if not all(type(value) in (int, float) for value in (x, y)):
        return None
    try:
        value = fn(x, y)
        return value if Fraction(value) == fn(Fraction(x), Fraction(y)) else None
    except (ArithmeticError, ValueError):  # infinite, or not a number
        return None
