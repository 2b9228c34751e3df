"""Writes random scalar programs: source text in the language that ast_ad differentiates, and arguments for it.

Programs end, and their values stay small: loops have few turns, and what a loop carries is damped.
"""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.blocks import BlockWriter
from tests.fuzz.decisions import MAIN, Choose, Program
from tests.fuzz.scalar_expressions import CONSTANTS, ScalarExpressions
from tests.fuzz.scalar_scope import Helper, Scope

HEADER = "import math\n\nimport numpy as np\n\nRATE = 0.7\n"
PARAMETERS = ("x", "y", "n", "flag")


def generate(choose: Choose) -> Program:
    """Return the scalar program that a source of decisions describes."""
    return ScalarGenerator(choose).module()


class ScalarGenerator(ScalarExpressions):
    """Writes programs of numbers."""

    HEADER = HEADER

    # Modules and functions.

    def module(self) -> Program:
        helpers = self.helpers()
        self.left = 3 + self.choose(10)
        with self.indented(f"def {MAIN}({', '.join(PARAMETERS)}):"):
            scope = Scope(["x", "y"], ["n"], ["flag"], helpers=list(helpers))
            self.block(scope, 2 + self.choose(6))
            self.write(f"return {self.value(scope)}{self.terms(scope)}")
        sign = (1, -1)
        x, y = (self.pick(sign) * (2 + self.choose(160)) / 83 for _ in range(2))
        args = (x, y, self.choose(5), bool(self.choose(2)))
        return Program(self.HEADER + "\n".join(["", *self.lines, ""]), args, uses=tuple(self.uses))

    def helpers(self) -> list[Helper]:
        """Write the functions beside the main one."""
        helpers: list[Helper] = []
        for _ in range(self.choose(3)):
            helpers.append(self.lambda_(helpers) if self.chance(25) else self.helper(helpers))
        return helpers

    def helper(self, helpers: list[Helper]) -> Helper:
        helper = Helper(self.name("h"), 1 + self.choose(2), ("k", "m")[: self.choose(3)], 1 + (self.choose(4) == 3))
        required = ["a", "b"][: helper.required]
        optional = [f"{name}={self.pick(CONSTANTS)}" for name in helper.keywords]
        star = ["*"] if optional and self.chance(30) else []
        self.left = 1 + self.choose(4)
        with self.indented(f"def {helper.name}({', '.join(required + star + optional)}):"):
            scope = Scope(required + list(helper.keywords), helpers=list(helpers), results=helper.results, depth=1)
            self.block(scope, 1 + self.choose(3))
            self.return_(scope)
        self.lines += ["", ""]
        return helper

    def lambda_(self, helpers: list[Helper]) -> Helper:
        helper = Helper(self.name("h"), 1, ("k",))
        scope = Scope(["a", "k"], helpers=list(helpers))
        self.write(f"{helper.name} = lambda a, k={self.pick(CONSTANTS)}: {self.expression(scope, 2)}")
        self.lines += ["", ""]
        return helper

    # Statements.

    def target(self, scope: Scope) -> str:
        """A name to assign to: an old one or, sometimes, a new one."""
        old = [name for name in scope.floats if name not in scope.frozen]
        if old and not self.chance(35):
            return self.pick(old)
        return self.name("v")

    def bind(self, scope: Scope, *names: str) -> None:
        for name in names:
            if name not in scope.floats:
                scope.floats.append(name)

    def _assign(self, scope: Scope) -> None:
        value, name = self.value(scope), self.target(scope)
        self.write(f"{name} = {value}")
        self.bind(scope, name)

    def _augment(self, scope: Scope) -> None:
        old = [name for name in scope.floats if name not in scope.frozen]
        if not old:
            return self._assign(scope)
        name, value = self.pick(old), self.expression(scope, 2)
        form = self.pick(("+= 0.3 * math.sin({})", "-= 0.2 * math.cos({})", "*= math.cos({})", "/= 1.2 + abs({})"))
        self.write(f"{name} {form.format(value)}")

    def _swap(self, scope: Scope) -> None:
        old = [name for name in scope.floats if name not in scope.frozen]
        form = self.choose(4)
        if form == 0 and len(old) > 1:
            a = self.pick(old)
            b = self.pick([name for name in old if name != a])
            self.write(f"{a}, {b} = {b}, {a}")
        elif form == 3:
            a, b = self.name("v"), self.name("v")
            self.write(f"{a}, *{b} = {self.value(scope)}, {self.value(scope)}, {self.expression(scope, 1)}")
            self.write(f"{a} = {a} - {b}[1] * {b}[0]")
            self.bind(scope, a)
        else:
            values = f"{self.value(scope)}, {self.value(scope)}"
            a, b = self.target(scope), self.name("v")
            self.write(f"({a}, {b}) = {values}" if form == 1 else f"{b}, {a} = {values}")
            self.bind(scope, a, b)

    def _walrus(self, scope: Scope) -> None:
        name, new = self.target(scope), self.name("w")
        self.write(f"{name} = ({new} := {self.value(scope)}) * 0.5 + math.sin({new})")
        self.bind(scope, new, name)

    def _integer(self, scope: Scope) -> None:
        old = [name for name in scope.ints if name not in (*scope.frozen, "n")]
        if not old or self.chance(40):
            name = self.name("i")
            start = self.pick(("0", "1", "3", "n", "n // 2")[: 5 if "n" in scope.ints else 3])
            self.write(f"{name} = {start}")
            scope.ints.append(name)
        else:
            name = self.pick(old)
            self.write(self.pick((f"{name} += 1", f"{name} -= 1", f"{name} = ({name} * 3 + 1) % 5")))

    def _boolean(self, scope: Scope) -> None:
        test, name = self.test(scope, 1), self.name("t")
        self.write(f"{name} = {test}")
        scope.tests.append(name)

    def named_test(self, scope: Scope) -> str:
        name = self.name("w")
        test = f"({name} := {self.value(scope)}) > 0.2"
        self.bind(scope, name)
        return test

    def return_(self, scope: Scope) -> None:
        self.write("return " + ", ".join(self.value(scope) for _ in range(scope.results)))

    def _some_paths(self, scope: Scope) -> None:
        """A variable that is bound and read under the same condition only; seldom, read without it."""
        flag, name = self.name("t"), self.name("v")
        self.write(f"{flag} = {self.test(scope, 1)}")
        scope.tests.append(flag)
        with self.indented(f"if {flag}:"):
            inner = scope.inside()
            self.write(f"{name} = {self.value(inner)}")
        self.block(scope, self.choose(2))
        target = self.target(scope)
        if self.chance(8):
            self.write(f"{target} = {name} * 0.5")
        else:
            with self.indented(f"if {flag}:"):
                inner = scope.inside()
                self.bind(inner, name)
                self.write(f"{target} = {name} * 0.5 + {self.pick(inner.floats)}")
            with self.indented("else:"):
                self.write(f"{target} = {self.value(scope)}")
        self.bind(scope, target)

    def _for(self, scope: Scope) -> None:
        if not scope.depth:
            return self._assign(scope)
        inner = scope.inside(loop=True)
        if self.chance(25):
            header = self.sequence(scope, inner)
        else:
            index = self.pick([*(i for i in scope.ints if i not in (*scope.frozen, "n")), *[""] * 5]) or self.name("i")
            header = f"for {index} in range({self.bounds(scope)}):"
            if index not in inner.ints:
                inner.ints.append(index)
        with self.indented(header):
            self.block(inner, 1 + self.choose(3))
            self.carry(scope, inner)
        self.otherwise(scope)

    def carry(self, scope: Scope, inner: Scope) -> None:
        """Change, at the end of a loop's body, a variable from before the loop."""
        outer = [name for name in scope.floats if name not in inner.frozen]
        if outer and not self.chance(20):
            name, other = self.pick(outer), self.recent(inner)
            forms = ("{0} + 0.3 * math.sin({0} * {1})", "0.8 * {0} + 0.2 * {1} * math.cos({0})", "math.tanh({0} + {1})")
            self.write(f"{name} = {self.pick(forms).format(name, other)}")

    def bounds(self, scope: Scope) -> str:
        i = self.pick(scope.ints) if scope.ints else "2"
        form = self.choose(10)
        return ("2", "3", "1, 4", f"{i}", f"1, {i} + 1", f"{i}, 0, -1", "0, 5, 2", "4, 1, -2", "0", f"{i} % 3, 3")[form]

    def sequence(self, scope: Scope, inner: Scope) -> str:
        """The header of a loop over a tuple or a list of known length."""
        items = [self.expression(scope, 1) for _ in range(1 + self.choose(3))]
        values = f"[{', '.join(items)}]" if self.chance(40) else f"({', '.join(items)},)"
        v, form = self.name("v"), self.choose(3)
        self.bind(inner, v)
        if form == 0:
            return f"for {v} in {values}:"
        if form == 1:
            k = self.name("i")
            inner.ints.append(k)
            return f"for {k}, {v} in enumerate({values}{self.pick(('', ', 1'))}):"
        u = self.name("v")
        self.bind(inner, u)
        others = ", ".join(self.pick(CONSTANTS) for _ in items)
        return f"for {v}, {u} in zip({values}, ({others},)):"

    def _while(self, scope: Scope) -> None:
        if not scope.depth:
            return self._assign(scope)
        fuel, most = self.name("k"), self.pick(("2", "3", "5"))
        self.write(f"{fuel} = 0")
        scope.ints.append(fuel)
        scope.frozen = (*scope.frozen, fuel)
        inner = scope.inside(loop=True)
        form = self.choose(5)
        if form == 4:
            new, value = self.name("w"), self.value(inner)
            self.bind(inner, new)
            header = f"while ({new} := {value}) > -0.9 and {fuel} < {most}:"
        elif form == 3:
            header = "while True:"
        elif form == 0:
            header = f"while {fuel} < {most}:"
        else:
            header = f"while {fuel} < {most} and {self.test(scope, 1)}:"
        with self.indented(header):
            self.write(f"{fuel} += 1")
            if header == "while True:":
                test = f"{fuel} > {most}" + (f" or {self.test(inner, 1)}" if self.chance(50) else "")
                with self.indented(f"if {test}:"):
                    self.block(replace(inner.inside(), loops=0), self.choose(2))  # without `continue`: it must end
                    self.write("break") if self.chance(75) else self.return_(inner)
            self.block(inner, 1 + self.choose(3))
            self.carry(scope, inner)
        if header != "while True:":
            self.otherwise(scope)

    def _inner_function(self, scope: Scope) -> None:
        if scope.loops:
            return self._assign(scope)
        helper = Helper(self.name("g"), 1, ("k",)[: self.choose(2)])
        optional = [f"{name}={self.pick((*CONSTANTS, *scope.floats))}" for name in helper.keywords]
        own = Scope([self.name("p"), *helper.keywords], list(scope.ints), list(scope.tests), tuple(scope.floats),
                    list(scope.helpers), depth=1)  # fmt: skip
        parameter = own.floats[0]
        own.floats += [name for name in scope.floats if name not in own.floats]
        own.frozen += tuple(scope.ints)
        if self.chance(30):
            parameters = ", ".join([parameter, *optional])
            self.write(f"{helper.name} = lambda {parameters}: {self.expression(own, 2)}")
        else:
            with self.indented(f"def {helper.name}({', '.join([parameter, *optional])}):"):
                rebound = [name for name in scope.floats if name.isidentifier() and name not in helper.keywords]
                if self.chance(20):
                    outer = self.pick(rebound)
                    self.write(f"nonlocal {outer}")
                    self.write(f"{outer} = {self.damped(own)}")
                self.block(own, self.choose(3))
                self.return_(own)
        scope.helpers.append(helper)

    def _unpack_call(self, scope: Scope) -> None:
        helpers = [helper for helper in scope.helpers if helper.results == 2]
        if not helpers:
            return self._assign(scope)
        call = self.call(self.pick(helpers), scope, 2)
        a, b = self.target(scope), self.name("v")
        self.write(f"{a}, {b} = {call}")
        self.bind(scope, a, b)

    def _assert(self, scope: Scope) -> None:
        self.write(f"assert {self.pick(scope.floats)} < {self.pick(('1e6', '1e6', '1e6', '1.6'))}")

    _STATEMENTS = (
        (30, _assign),
        (14, _augment),
        (8, _swap),
        (3, _walrus),
        (6, _integer),
        (3, _boolean),
        (16, BlockWriter._if),
        (4, BlockWriter._exit),
        (4, _some_paths),
        (14, _for),
        (9, _while),
        (3, _inner_function),
        (4, _unpack_call),
        (1, _assert),
    )
