"""Expressions of random programs of numbers."""

from __future__ import annotations

from tests.fuzz.blocks import BlockWriter
from tests.fuzz.scalar_scope import Helper, Scope

CONSTANTS = ("0.5", "1.5", "-0.8", "2", "0.25", "-1.3", "3", "RATE")
_BOUNDED = ("math.sin", "math.cos", "math.tanh", "np.sin", "np.cos", "np.tanh", "math.atan", "math.erf", "np.arctan")
_POSITIVE = ("math.sqrt", "math.log", "np.sqrt", "np.log", "math.log1p", "np.cbrt", "math.asinh", "math.expm1")
_COMPARE = ("<", ">", "<=", ">=")


class ScalarExpressions(BlockWriter):
    """Writes expressions, and tests."""

    def expression(self, scope: Scope, depth: int) -> str:
        if depth <= 0 or self.chance(10):
            return self.leaf(scope)
        return self.weighted(self._EXPRESSIONS)(self, scope, depth - 1)

    def leaf(self, scope: Scope) -> str:
        form = self.choose(12)
        if form < 9 or (form == 9 and not scope.ints):
            return self.recent(scope)
        return self.pick(scope.ints) if form == 9 else self.pick(CONSTANTS)

    def recent(self, scope: Scope) -> str:
        """A variable, mostly one of the youngest: so that what is computed is used."""
        return self.pick(scope.floats[-3:] if self.choose(3) else scope.floats)

    def _binary(self, scope: Scope, depth: int) -> str:
        a, b = self.expression(scope, depth), self.expression(scope, depth)
        return f"({a} {self.pick('*+-')} {b})"

    def _bounded(self, scope: Scope, depth: int) -> str:
        return f"{self.pick(_BOUNDED)}({self.expression(scope, depth)})"

    def _positive(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        return f"{self.pick(_POSITIVE)}(1.2 + {self.pick(_BOUNDED)}({a}))"

    def _quotient(self, scope: Scope, depth: int) -> str:
        return f"({self.expression(scope, depth)} / (1.5 + {self.pick(scope.floats)} ** 2))"

    def _power(self, scope: Scope, depth: int) -> str:
        form = self.choose(5)
        a, b = self.expression(scope, depth), self.pick(scope.floats)
        if form == 4 and scope.ints:
            return f"({a} ** ({self.pick(scope.ints)} % 3))"
        return (
            f"({a} ** 2)",
            f"pow({b}, 3)",
            f"((1.1 + {b} * {b}) ** math.sin({a}))",
            f"(2 ** math.cos({a}))",
            f"({a} ** 3)",
        )[form]  # fmt: skip

    def _sign(self, scope: Scope, depth: int) -> str:
        return f"{self.pick(('-', 'abs', '+'))}({self.expression(scope, depth)})"

    def _extreme(self, scope: Scope, depth: int) -> str:
        several = [self.expression(scope, depth) for _ in range(2 + self.chance(20))]
        function = self.pick(("min", "max", "np.minimum", "np.maximum")[: 4 if len(several) == 2 else 2])
        return f"{function}({', '.join(several)})"

    def _conditional(self, scope: Scope, depth: int) -> str:
        test = self.test(scope, 1)
        return f"({self.expression(scope, depth)} if {test} else {self.expression(scope, depth)})"

    def _and_or(self, scope: Scope, depth: int) -> str:
        a, b = self.pick(scope.floats), self.expression(scope, depth)
        form = self.choose(3)
        return (f"({a} or {b})", f"({self.test(scope, 0)} and {a} or {b})", f"({a} and {b})")[form]

    def _integers(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        if not scope.ints:
            return f"({self.test(scope, 0)}) * {a}"
        i = self.pick(scope.ints)
        form = self.choose(6)
        return (f"({a} * {i})", f"({i} % 2) * {a}", f"({i} // 2 + 1) * {a}", f"float({i}) * {a}",
                f"({self.test(scope, 0)}) * {a}", f"({a} / ({i} ** 2 + 1))")[form]  # fmt: skip

    def _flat(self, scope: Scope, depth: int) -> str:
        a, b = self.expression(scope, depth), self.pick(scope.floats)
        return f"{self.pick(('math.floor', 'round', 'np.floor'))}({a}) * {b}" if self.chance(60) else f"({a} % 1.7)"

    def _two(self, scope: Scope, depth: int) -> str:
        a, b = self.expression(scope, depth), self.expression(scope, depth)
        return f"{self.pick(('math.atan2', 'math.hypot', 'np.hypot', 'np.arctan2'))}({a}, 1.2 + abs({b}))"

    def _call(self, scope: Scope, depth: int) -> str:
        helpers = [helper for helper in scope.helpers if helper.results == 1 and not helper.special]
        if not helpers:
            return self._bounded(scope, depth)
        return self.call(self.pick(helpers), scope, depth)

    _EXPRESSIONS = (
        (30, _binary),
        (16, _bounded),
        (6, _positive),
        (8, _quotient),
        (6, _power),
        (5, _sign),
        (5, _extreme),
        (5, _conditional),
        (3, _and_or),
        (6, _integers),
        (2, _flat),
        (3, _two),
        (12, _call),
    )

    def call(self, helper: Helper, scope: Scope, depth: int) -> str:
        args = [self.expression(scope, depth - 1) for _ in range(helper.required)]
        args += [f"{name}={self.expression(scope, 0)}" for name in helper.keywords if self.chance(40)]
        return f"{helper.name}({', '.join(args)})"

    def test(self, scope: Scope, depth: int) -> str:
        form = self.choose(9 if depth > 0 else 6)
        a, b = self.pick(scope.floats), self.expression(scope, 1)
        if form == 0:
            return f"{a} {self.pick(_COMPARE)} {self.pick(('0.1', '-0.4', '0.6', '1.1'))}"
        if form == 1:
            return f"{b} {self.pick(_COMPARE)} {a}"
        if form == 2:
            return f"-0.7 {self.pick(_COMPARE[::2])} {b} {self.pick(_COMPARE[::2])} {a} + 0.9"
        if form == 3 and scope.tests:
            return self.pick(scope.tests)
        if form in (3, 4) and scope.ints:
            i = self.pick(scope.ints)
            return self.pick((f"{i} % 2 == 0", f"{i} > 1", f"{i} != 2", f"{i}"))
        if form <= 5:
            return f"math.sin({self.pick(('3', '7', '11'))} * {a}) {self.pick(_COMPARE)} 0.2"
        if form == 6:
            return f"not ({self.test(scope, depth - 1)})"
        return f"({self.test(scope, depth - 1)} {('and', 'or')[form - 7]} {self.test(scope, depth - 1)})"

    def damped(self, scope: Scope) -> str:
        """An expression that a loop can carry for a while without growing."""
        a = self.recent(scope)
        e = self.expression(scope, 2)
        form = self.choose(6)
        return (
            f"math.sin({e})",
            f"0.6 * {a} + 0.4 * math.cos({e})",
            f"{a} + 0.3 * math.sin({e})",
            f"np.tanh({e}) * 1.3",
            f"0.7 * {a} - 0.2 * {self.pick(scope.floats)}",
            f"1.5 * {a} / (1.0 + {a} ** 2) + 0.1 * math.tanh({e})",
        )[form]  # fmt: skip

    def value(self, scope: Scope) -> str:
        return self.damped(scope) if scope.loops or self.chance(40) else self.expression(scope, 3)

    def terms(self, scope: Scope) -> str:
        """More terms for the result, so that it depends on most of what the program computed."""
        forms = ("{a}", "{a} * {b}", "0.7 * {a}", "math.sin({a} * {b})", "{a} ** 2 / (1.0 + {b} ** 2)")
        names = scope.floats[-6:]
        terms = (self.pick(forms).format(a=name, b=self.pick(scope.floats)) for name in names)
        return "".join(f" {self.pick('+-')} {term}" for term in terms)
