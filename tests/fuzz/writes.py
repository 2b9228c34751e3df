"""Random programs that change arrays in place, through every kind of alias."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from tests.fuzz.array_operands import HEADER
from tests.fuzz.array_scope import Helper, Scope
from tests.fuzz.arrays import ArrayGenerator
from tests.fuzz.blocks import BlockWriter
from tests.fuzz.checks import copied
from tests.fuzz.decisions import MAIN, RAISED, Choose, Program
from tests.fuzz.structures import leaves, type_of
from tests.fuzz.write_forms import FormWriter
from tests.fuzz.write_targets import (
    ARGUMENT,
    CLOSURE,
    DICT,
    GLOBAL,
    ITEM,
    OWN,
    PARAMETER,
    REPLACED,
    ROW,
    TWICE,
    is_target,
)

STATE = "STATE = np.array([0.4, -0.9, 1.2])\n"


def generate(choose: Choose) -> Program:
    """Return the program that a source of decisions describes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _WritesGenerator(choose).program()


class _WritesGenerator(ArrayGenerator, FormWriter):
    SHARED = 4

    def __init__(self, choose: Choose) -> None:
        super().__init__(choose)
        exec(STATE, self.module)

    def program(self) -> Program:
        self.choose_lengths()
        args = self.arguments()
        given = copied(tuple(args.values()))  # what is tried out while the program is written may write to samples
        helpers: list[Helper] = []
        if self.chance(35):
            self.helper(helpers)
        self.left = 3 + self.choose(5)
        with self.indented(f"def {MAIN}({', '.join(args)}):"):
            scope = Scope({}, helpers=list(helpers), depth=1)
            for name, value in args.items():
                scope.bind(name, value)
                for path, leaf in leaves(value, name):
                    if is_target(leaf) and leaf.flags.writeable:
                        scope.targets[path] = ARGUMENT if path == name else ITEM
            self.unwritten = [name for name in ("x", "y") if self.is_given_twice(args, name)]
            scope.targets |= dict.fromkeys(self.unwritten, TWICE)
            if self.chance(25):
                scope.targets["STATE"] = GLOBAL
            scope.ints.append("n")
            scope.tests.append("flag")
            if self.unwritten:
                self.written(scope)
            for _ in range(1 + self.choose(2)):
                self.weighted(self.TARGETS)(self, scope)
            self.block(scope, 8)
            self.write(f"return {' + '.join(self.terms(scope))}")
        text = HEADER + STATE + "\n".join(["", "", *self.lines, ""])
        return Program(text, given, tuple(self.writes))

    def is_given_twice(self, args: dict[str, Any], name: str) -> bool:
        """Tell whether an argument that may be written to shares its memory with another one."""
        value = args.get(name)
        others = [other for key, other in args.items() if key != name and isinstance(other, np.ndarray)]
        return is_target(value) and any(np.may_share_memory(value, other) for other in others)

    def terms(self, scope: Scope) -> list[str]:
        """The result depends on every array that was written to."""
        read = [f"np.sum({self.pick(('np.sin({})', '{} ** 2', '{}')).format(path)})" for path in scope.targets]
        return [*read[-5:], *super().terms(scope)[-2:]]

    def helper(self, helpers: list[Helper]) -> None:
        """A function that writes to its arguments, and returns something."""
        params = {name: self.drawn(self.shape()) for name in ("a", "b")[: 1 + self.choose(2)]}
        name = self.name("put")
        start = len(self.lines)
        self.left = 2 + self.choose(2)
        with self.indented(f"def {name}({', '.join(params)}):"):
            scope = Scope({}, depth=0)
            for parameter, value in params.items():
                scope.bind(parameter, value)
                if is_target(value):
                    scope.targets[parameter] = PARAMETER
            if not scope.targets:
                self.own(scope)
            for _ in range(self.left):
                self.written(scope)
            scope.result = self.sample(scope, self.recent(scope))
            self.return_(scope)
        self.lines += ["", ""]
        self.define(self.module, start)
        helpers.append(Helper(name, tuple(params.values()), scope.result))

    def sample(self, scope: Scope, text: str):  # type: ignore[no-untyped-def]
        """The value of an expression; what it writes to is a copy."""
        if "put" in text:
            scope = replace(scope, samples=copied(scope.samples))
        return super().sample(scope, text)

    def _call_writer(self, scope: Scope) -> None:
        """A call of a function that writes to its arguments."""
        if not scope.helpers:
            return self.written(scope)
        helper = self.pick(scope.helpers)
        args = []
        for param in helper.params:
            alike = [t for t in scope.targets if type_of(self.sample(scope, t)) == type_of(param)]
            if alike and self.choose(4):
                args.append(self.pick(alike))
            elif is_target(param):
                name = self.name("t")
                self.write(f"{name} = np.full({param.shape}, {self.number_of(scope, self.recent(scope))})")
                self.add_target(scope, name, f"np.full({param.shape}, 0.5)", OWN)
                args.append(name)
            else:
                args.append(self.number_of(scope, self.recent(scope)))
        call = f"{helper.name}({', '.join(args)})"
        if self.choose(2):
            self.write(call)
        else:
            name = self.name("v")
            self.write(f"{name} = {call}")
            self.rebind(scope, name, helper.result)
        self.writes += [("call of a writer", scope.targets[arg]) for arg in args if arg in scope.targets]

    def _closure(self, scope: Scope) -> None:
        """A function that writes to arrays of the function around it, and its calls."""
        if scope.loops or not scope.targets:
            return self.written(scope)
        name, parameter = self.name("g"), self.name("p")
        inner = scope.inside()
        inner.frozen = inner.fixed = frozenset(scope.samples)
        inner.targets = dict.fromkeys(scope.targets, CLOSURE)
        with self.indented(f"def {name}({parameter}):"):
            inner.bind(parameter, 0.5)
            known = dict(inner.targets)
            for _ in range(1 + self.choose(2)):
                self.written(inner)
            inner.targets = known
            self.write(f"return {parameter} * {self.number_of(inner, self.recent(inner))}")
        for _ in range(1 + self.choose(2)):
            v = self.name("v")
            self.write(f"{v} = {name}({self.number_of(scope, self.recent(scope))})")
            scope.bind(v, 0.5)

    def _rows(self, scope: Scope) -> None:
        """A loop over the rows of an array, which are written to."""
        t = self.target(scope, 2)
        value = self.sample(scope, t)
        if value is None or np.ndim(value) < 2 or not scope.depth:
            return self.written(scope)
        row, i = self.name("r"), self.name("i")
        inner = scope.inside(loop=True)
        inner.bind(row, value[0])
        if not is_target(value[0]):
            return
        inner.targets = {row: ROW}
        header = f"for {row} in {t}:"
        if self.choose(2):
            header = f"for {i}, {row} in enumerate({t}):"
            inner.samples[i] = len(value) - 1
            inner.ints.append(i)
        with self.indented(header):
            for _ in range(1 + self.choose(2)):
                self.written(inner)

    def _filled(self, scope: Scope) -> None:
        """A loop that computes the elements of an array one after the other."""
        if not scope.depth:
            return self.written(scope)
        t = self.target(scope)
        inner = scope.inside(loop=True)
        i = self.name("i")
        length = len(self.sample(scope, t))
        inner.samples[i] = length - 1
        inner.ints.append(i)
        header = self.pick((f"range(1, len({t}))", f"range(len({t}))", f"range(len({t}) - 1, 0, -1)"))
        with self.indented(f"for {i} in {header}:"):
            e = self.given(inner, np.shape(self.sample(scope, f"{t}[0]")))
            forms = ("{t}[{i}] = np.sin({t}[{i} - 1]) + 0.4 * {e}", "{t}[{i}] += 0.5 * {t}[{i} - 1]",
                     "{t}[{i} - 1] *= np.cos({t}[{i}] + {e})", "{t}[{i}] = 0.7 * {e} - 0.2 * {t}[-{i}]")  # fmt: skip
            self.write(self.pick(forms).format(t=t, i=i, e=e))
            self.note(inner, t, "x[i]")
            self.block(inner, self.choose(2))

    def _buffers(self, scope: Scope) -> None:
        """Two arrays that take turns."""
        if not scope.depth:
            return self.written(scope)
        a = self.own(scope)
        b = self.name("t")
        self.write(f"{b} = np.zeros_like({a})")
        self.add_target(scope, b, f"{a} * 1.0", OWN)
        inner = scope.inside(loop=True)
        inner.targets = {name: scope.targets[name] for name in (a, b) if name in scope.targets}
        if len(inner.targets) < 2:
            return
        with self.indented(f"for {self.name('i')} in range({self.pick(('2', '3', 'n'))}):"):
            e = self.given(inner, np.shape(self.sample(scope, f"{a}[1:]")))
            self.write(f"{b}[1:] = np.sin({a}[:-1]) * {e}")
            self.note(inner, b, "x[a:b]")
            self.written(inner)
            self.write(f"{a}, {b} = {b}, {a}")

    def _replaced(self, scope: Scope) -> None:
        """A loop whose names hold other arrays in some of its turns, and are written to."""
        if not scope.depth:
            return self.written(scope)
        t = self.target(scope)
        half = len(self.sample(scope, t)) // 2
        first, second = self.name("t"), self.name("t")
        parts = {first: t}
        step = f"{first} = {first} * 0.9 + 0.1"
        if half and self.choose(3):
            parts = {first: f"{t}[:{half}]", second: f"{t}[{half}:{2 * half}]"}
            step = f"{first}, {second} = {second}, {first}"
        self.write(f"{', '.join(parts)} = {', '.join(parts.values())}")
        for name, text in parts.items():
            self.add_target(scope, name, text, REPLACED)
        inner = scope.inside(loop=True)
        inner.targets = {name: scope.targets[name] for name in (*parts, t)}
        with self.indented(f"for {self.name('i')} in range({self.pick(('2', '3', 'n'))}):"):
            self.written(inner)
            if self.choose(2):
                self.write(step)
            else:
                with self.indented(f"if {self.test(inner, 1)}:"):
                    self.write(step)
            self.written(inner)

    def _left(self, scope: Scope) -> None:
        """A loop that writes, and that a test leaves or begins anew before it writes again."""
        if not scope.depth:
            return self.written(scope)
        inner = scope.inside(loop=True)
        header, last = self.turns(scope, inner)
        with self.indented(header):
            if last:
                self.write("\n".join(last))
            self.written(inner)
            with self.indented(f"if {self.test(inner, 1)}:"):
                self.leave(inner)
            self.written(inner)
        if not last:
            self.otherwise(scope)

    def leave(self, scope: Scope) -> None:
        """Leave the loop or the function; in a loop, in each way alike."""
        form = self.choose(4)
        if not scope.loops:
            super().leave(scope)
        elif form < 3:
            self.write(("break", "continue", f"raise ValueError({RAISED!r})")[form])
        else:
            self.return_(scope)

    def turns(self, scope: Scope, inner: Scope) -> tuple[str, list[str]]:
        """The header of a loop that other statements seldom write, and what its body begins with."""
        t, u, form = self.target(scope), self.target(scope), self.choose(4)
        first, second = self.name("r"), self.name("r")
        if form == 0:
            inner.samples[first] = len(self.sample(scope, t)) - 1
            inner.ints.append(first)
            return f"for {first} in reversed(range(len({t}))):", []
        if form == 1:
            for name, path in ((first, t), (second, u)):
                self.bind_row(inner, name, self.sample(scope, f"{path}[0]"), ROW)
            return f"for {first}, {second} in zip({t}, {u}):", []
        if form == 2:
            values = [self.sample(scope, path) for path in (t, u)]
            if type_of(values[0]) == type_of(values[1]):
                self.bind_row(inner, second, values[0], DICT)
            return f'for {first}, {second} in {{"u": {t}, "v": {u}}}.items():', []
        fuel, most = self.name("k"), 1 + self.choose(3)
        self.write(f"{fuel} = 0")
        inner.samples[fuel] = most
        inner.ints.append(fuel)
        pad = "    " * (self.depth + 1)
        return "while True:", [f"{fuel} += 1", f"{pad}if {fuel} > {most}:", f"{pad}    break"]

    def bind_row(self, scope: Scope, name: str, value: Any, alias: str) -> None:
        """Let the target of a loop stand for what it is bound to, and be written to if it is an array."""
        scope.bind(name, value)
        if is_target(value):
            scope.targets[name] = alias

    def open_names(self, scope: Scope) -> list[str]:
        """What is written to keeps its name."""
        return [name for name in super().open_names(scope) if name not in scope.targets]

    _STATEMENTS = (
        (34, FormWriter.written),
        *((weight, statement) for weight, statement in FormWriter.TARGETS),
        (8, FormWriter._indices),
        (6, FormWriter._complex),
        (7, _call_writer),
        (4, _closure),
        (5, _rows),
        (6, _filled),
        (4, _buffers),
        (5, _replaced),
        (6, _left),
        (7, ArrayGenerator._assign),
        (9, BlockWriter._if),
        (5, ArrayGenerator._for),
        (4, ArrayGenerator._while),
        (2, ArrayGenerator._accumulate),
    )
