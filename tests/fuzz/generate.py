"""Writes random scalar programs: source text in the language that ast_ad differentiates, and arguments for it.

Programs end, and their values stay small: loops have few turns, and what a loop carries is damped.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.fuzz.decisions import MAIN, RAISED, Choose, Program, Writer

HEADER = "import math\n\nimport numpy as np\n\nRATE = 0.7\n"
PARAMETERS = ("x", "y", "n", "flag")


def generate(choose: Choose) -> Program:
    """Return the scalar program that a source of decisions describes."""
    return ScalarGenerator(choose).module()


@dataclass
class Helper:
    """A function that can be called: how many floats it takes and returns, and the keywords that it knows.

    Attributes
    ----------
    special : str
        What it is, if it takes or returns more than that.
    last : str
        An integer that comes after the floats.
    """

    name: str
    required: int
    keywords: tuple[str, ...] = ()
    results: int = 1
    special: str = ""
    last: str = ""


@dataclass
class Scope:
    """What a statement may use at its place.

    Attributes
    ----------
    floats, ints, tests : list of str
        Variables that are bound here on every path.
    frozen : tuple of str
        Variables that only the loop which counts with them may change.
    lists, tables, rows, stacks : list of str
        Lists that grow: of floats, of pairs of floats, of lists of floats, of arrays of three floats.
    dicts : list of str
        Dicts of floats with the keys "u" and "v", at least.
    objects : list
        Names of objects, each with its class.
    results : int
        How many values the function returns.
    loops : int
        How many loops are around, in this function.
    depth : int
        How many more loops may be nested here, so that programs end soon.
    """

    floats: list[str]
    ints: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    frozen: tuple[str, ...] = ()
    helpers: list[Helper] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)
    dicts: list[str] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    results: int = 1
    loops: int = 0
    depth: int = 3

    def inside(self, *frozen: str, loop: bool = False) -> Scope:
        """Return a copy for a block nested here."""
        own = {name: list(value) for name, value in vars(self).items() if isinstance(value, list)}
        return replace(self, **own, frozen=self.frozen + frozen, loops=self.loops + loop, depth=self.depth - loop)


_CONSTANTS = ("0.5", "1.5", "-0.8", "2", "0.25", "-1.3", "3", "RATE")
_BOUNDED = ("math.sin", "math.cos", "math.tanh", "np.sin", "np.cos", "np.tanh", "math.atan", "math.erf", "np.arctan")
_POSITIVE = ("math.sqrt", "math.log", "np.sqrt", "np.log", "math.log1p", "np.cbrt", "math.asinh", "math.expm1")
_COMPARE = ("<", ">", "<=", ">=")


class ScalarGenerator(Writer):
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
        optional = [f"{name}={self.pick(_CONSTANTS)}" for name in helper.keywords]
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
        self.write(f"{helper.name} = lambda a, k={self.pick(_CONSTANTS)}: {self.expression(scope, 2)}")
        self.lines += ["", ""]
        return helper

    # Expressions.

    def expression(self, scope: Scope, depth: int) -> str:
        if depth <= 0 or self.chance(10):
            return self.leaf(scope)
        return self.weighted(self._EXPRESSIONS)(self, scope, depth - 1)

    def leaf(self, scope: Scope) -> str:
        form = self.choose(12)
        if form < 9 or (form == 9 and not scope.ints):
            return self.recent(scope)
        return self.pick(scope.ints) if form == 9 else self.pick(_CONSTANTS)

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

    # Statements.

    def block(self, scope: Scope, size: int) -> None:
        for _ in range(size):
            if self.left <= 0:
                return
            self.left -= 1
            self.weighted(self._STATEMENTS)(self, scope)

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

    def _if(self, scope: Scope) -> None:
        walrus = self.name("w") if self.chance(15) else ""
        test = f"({walrus} := {self.value(scope)}) > 0.2" if walrus else self.test(scope, 1)
        if walrus:
            self.bind(scope, walrus)
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
            branches.append(scope)
        for kind in ("floats", "ints", "tests"):
            own = getattr(scope, kind)
            first, *others = (getattr(branch, kind) for branch in branches)
            own += [name for name in first if name not in own and all(name in other for other in others)]

    def branch(self, scope: Scope) -> Scope:
        """A branch, which may leave the loop or the function at its end."""
        inner = scope.inside()
        self.block(inner, 1 + self.choose(3))
        if self.chance(22):
            self.leave(inner)
        return inner

    def leave(self, scope: Scope) -> None:
        form = self.choose(6)
        if scope.loops and form < 4:
            self.write("break" if form < 2 else "continue")
        elif form == 5 and self.chance(30):
            self.write(f"raise {self.pick(('ValueError', 'ArithmeticError'))}({RAISED!r})")
        else:
            self.return_(scope)

    def return_(self, scope: Scope) -> None:
        self.write("return " + ", ".join(self.value(scope) for _ in range(scope.results)))

    def _exit(self, scope: Scope) -> None:
        with self.indented(f"if {self.test(scope, 1)}:"):
            self.leave(scope.inside())

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
        others = ", ".join(self.pick(_CONSTANTS) for _ in items)
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

    def otherwise(self, scope: Scope) -> None:
        """Perhaps the `else` of a loop."""
        if self.chance(20):
            with self.indented("else:"):
                self.block(scope.inside(), 1 + self.choose(2))

    def _inner_function(self, scope: Scope) -> None:
        if scope.loops:
            return self._assign(scope)
        helper = Helper(self.name("g"), 1, ("k",)[: self.choose(2)])
        optional = [f"{name}={self.pick((*_CONSTANTS, *scope.floats))}" for name in helper.keywords]
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
        (16, _if),
        (4, _exit),
        (4, _some_paths),
        (14, _for),
        (9, _while),
        (3, _inner_function),
        (4, _unpack_call),
        (1, _assert),
    )
