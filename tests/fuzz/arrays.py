"""Writes random array programs, and arguments for them.

The writer knows the shape and the dtype of everything in scope, since it computes with samples as it writes: the values
that the arguments give on one path.  So nearly all programs run.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tests.fuzz.array_operands import HEADER
from tests.fuzz.array_scope import Helper, Scope, is_usable
from tests.fuzz.array_statements import StatementWriter
from tests.fuzz.blocks import BlockWriter
from tests.fuzz.decisions import MAIN, Choose, Program
from tests.fuzz.structures import is_container, is_inexact, type_of


def generate(choose: Choose) -> Program:
    """Return the array program that a source of decisions describes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return ArrayGenerator(choose).program()


class ArrayGenerator(StatementWriter):
    """Writes whole programs."""

    def program(self) -> Program:
        self.choose_lengths()
        args = self.arguments()
        plain = self.chance(14)
        if plain:
            args["y"] = self.drawn(np.shape(args["x"]))
        helpers: list[Helper] = []
        if self.chance(40):
            self.helper(helpers)
        self.left = 2 + self.choose(7)
        with self.indented(f"def {MAIN}({', '.join(args)}):"):
            scope = Scope({}, helpers=list(helpers))
            for name, value in args.items():
                scope.bind(name, value)
            scope.ints.append("n")
            scope.tests.append("flag")
            if plain:
                self.plain(scope)
            else:
                self.block(scope, 2 + self.choose(5))
                self.write(f"return {' + '.join(self.terms(scope))}")
        return Program(HEADER + "\n".join(["", "", *self.lines, ""]), tuple(args.values()))

    def helper(self, helpers: list[Helper]) -> None:
        params = {name: self.parameter() for name in ("a", "b", "c")[: 1 + self.choose(3)]}
        name = self.name("h")
        self.left = 1 + self.choose(4)
        start = len(self.lines)
        with self.indented(f"def {name}({', '.join(params)}):"):
            scope = Scope({}, helpers=list(helpers), depth=1)
            for parameter, value in params.items():
                scope.bind(parameter, value)
            results = [self.sample(scope, self.expression(scope, 2)) for _ in range(1 + (self.choose(5) == 4))]
            scope.result = tuple(results) if len(results) > 1 else results[0]
            self.block(scope, 1 + self.choose(3))
            self.return_(scope)
        self.lines += ["", ""]
        self.define(self.module, start)
        helpers.append(Helper(name, tuple(params.values()), scope.result))

    def parameter(self) -> Any:
        """A sample of what a helper takes."""
        return self.weighted([(7, self.drawn(self.shape())), (2, 0.7), (2, self.container())])

    def terms(self, scope: Scope) -> list[str]:
        """The result: a sum of numbers that depends on most of what the program computed."""
        forms = ("np.sum({a})", "np.sum({a} ** 2)", "np.mean(np.sin({a}))", "0.7 * np.sum(np.tanh({a}))")
        names = [*scope.names[-6:], *(atom for atom in scope.atoms if self.chance(60))]
        terms = [self.pick(forms).format(a=name) for name in names]
        terms += [f"np.sum(np.cos({name}))" for name in scope.loose]
        if self.chance(35):  # What is read once has a plain adjoint, which others may share.
            terms = [self.pick(terms)] if terms else []
        terms += [self.number_of(scope, self.expression(scope, 2)) for _ in range(1 + self.chance(40))]
        usable = [term for term in terms if is_usable(self.sample(scope, term))]
        return usable or ["np.sum(x)"]

    def plain(self, scope: Scope) -> None:
        """Sums and views of arrays that are read once or twice: adjoints that could be one array."""
        known = self.arrays(scope)
        a = self.pick(known) if known else "x"
        shape = np.shape(self.sample(scope, a))
        views = (a, f"{a}.T", f"{a}[::-1]", f"{a}.ravel()", f"np.reshape({a}, {shape})", f"{a}[None]", f"{a}[:1]")
        pairs = [(each, view) for each in self.readable(scope) for view in views if each != a]
        sums = [f"{b} {self.pick('+-')} {view}" for b, view in pairs if is_usable(self.sample(scope, f"{b} + {view}"))]
        self.write(f"w = {self.pick(sums or [a])}")
        self.write("u = np.sin(w)")
        result = self.pick(("np.sum(u)", "np.sum(w)", "np.sum(u * w)", "np.sum(w ** 2)"))
        if shape and self.chance(50):
            result += f" + {self.number_of(scope, f'{a}[{self.index(scope, shape)}]')} ** 2"
        self.write(f"return {result}")

    def named_test(self, scope: Scope) -> str:
        name = self.name("w")
        value = self.number_of(scope, self.expression(scope, 2))
        scope.bind(name, self.sample(scope, value))
        return f"({name} := {value}) > 0.2"

    def _assert(self, scope: Scope) -> None:
        self.write(f"assert np.all({self.recent(scope)} < 1e6)")

    # Loops.

    def _for(self, scope: Scope) -> None:
        """A loop over numbers that may be indices, over the rows of arrays, or over containers."""
        if not scope.depth:
            return self._assign(scope)
        form = self.choose(10)
        inner = scope.inside(loop=True)
        if form < 4:
            header = self.counting(scope, inner)
        elif form < 8 or not scope.containers:
            header = self.rows(scope, inner)
        else:
            header = self.items(scope, inner)
        if not header:
            return self._assign(scope)
        with self.indented(header):
            self.block(inner, self.choose(3))
            self.carry(scope, inner)
        self.otherwise(scope)

    def counting(self, scope: Scope, inner: Scope) -> str:
        """The header of a loop over indices of an array."""
        a = self.array(scope, 0)
        length = len(self.sample(scope, a))
        i = self.name("i")
        header, highest = self.pick(((f"range(len({a}))", length - 1), (f"range({a}.shape[0])", length - 1),
                                     (f"range(len({a}) - 1)", length - 2), (f"range(1, len({a}))", length - 1),
                                     (f"range(len({a}) - 1, -1, -1)", length - 1), (f"range({length})", length - 1),
                                     (f"range(0, len({a}), 2)", length - 1), ("range(n)", 4)))  # fmt: skip
        inner.samples[i] = max(highest, 0)
        inner.ints.append(i)
        return f"for {i} in {header}:" if "n" in scope.samples or "(n)" not in header else ""

    def rows(self, scope: Scope, inner: Scope) -> str:
        """The header of a loop over the items of arrays."""
        a = self.array(scope, 0)
        value = np.asarray(self.sample(scope, a))
        if not 0 < len(value) <= 6:
            return ""
        row, form = self.name("r"), self.choose(6)
        inner.bind(row, value[0])
        if form == 1:
            return f"for {row} in reversed({a}):"
        if form == 2:
            i = self.name("i")
            inner.samples[i] = len(value) - 1
            inner.ints.append(i)
            return f"for {i}, {row} in enumerate({a}):"
        if form >= 4:
            b = self.array(scope, 1)
            other = np.asarray(self.sample(scope, b))
            if not 0 < len(other) <= 6:
                b, other = a, value
            second = self.name("r")
            inner.bind(second, other[0])
            if form == 5:
                i = self.name("i")
                inner.samples[i] = min(len(value), len(other)) - 1
                inner.ints.append(i)
                return f"for {i}, ({row}, {second}) in enumerate(zip({a}, {b})):"
            return f"for {row}, {second} in zip({a}, {b}):"
        return f"for {row} in {a}:"

    def items(self, scope: Scope, inner: Scope) -> str:
        """The header of a loop over a container, which is written out; its items may have different shapes."""
        name = self.pick(scope.containers)
        value = scope.samples[name]
        items = list(value.values()) if isinstance(value, dict) else list(value)
        if not items or not all(is_inexact(item) or is_container(item) for item in items):
            return ""
        first, *others = items
        target = self.name("r")
        header = f"for {target} in {name}:"
        if isinstance(value, dict):
            key = self.name("s")
            header = self.pick((f"for {target} in {name}.values():", f"for {key}, {target} in {name}.items():"))
        elif self.chance(30):
            i = self.name("i")
            header = f"for {i}, {target} in enumerate({name}):"
            inner.samples[i] = len(items) - 1
            inner.ints.append(i)
        elif self.chance(20):
            header = f"for {target} in reversed({name}):"
        if type(first) is tuple and all(type(item) is tuple and len(item) == len(first) for item in others):
            parts = [self.name("r") for _ in first]
            for part, item in zip(parts, first):
                self.bind_all(inner, part, [item, *(other[parts.index(part)] for other in others)])
            return header.replace(
                f"{target} in", f"({', '.join(parts)}) in" if "," in header else f"{', '.join(parts)} in"
            )
        self.bind_all(inner, target, items)
        return header

    def bind_all(self, scope: Scope, name: str, values: list[Any]) -> None:
        """Let a name stand for different values in turn: it is read loosely if their shapes differ."""
        if len(set(map(type_of, values))) == 1:
            scope.bind(name, values[0])
        elif all(isinstance(value, np.ndarray) and value.ndim for value in values):
            scope.samples[name] = values[0]
            scope.loose[name] = ""

    def carry(self, scope: Scope, inner: Scope) -> None:
        """Change, at the end of a loop's body, a variable from before the loop."""
        outer = [name for name in self.open_names(inner) if name in scope.samples]
        if outer and not self.chance(15):
            name = self.pick(outer)
            text = self.expression(inner, 2) if self.chance(60) else f"{name} * {self.recent(inner)}"
            self.write(f"{name} = {self.fitted(inner, text, scope.samples[name])}")

    def _accumulate(self, scope: Scope) -> None:
        """A sum over the items of an array, of numbers or of arrays, that starts at 0.0 or at zeros."""
        if not scope.depth:
            return self._assign(scope)
        inner = scope.inside(loop=True)
        header = self.rows(scope, inner) if self.choose(2) else self.counting(scope, inner)
        if not header:
            return self._assign(scope)
        total = self.name("v")
        lines = len(self.lines)
        self.write("")
        with self.indented(header):
            self.block(inner, self.choose(2))
            term = self.expression(inner, 3)
            value = self.sample(inner, term)
            starts = ["0.0", f"np.zeros({np.shape(value)})", f"np.zeros_like({term})" if term in scope.names else "0.0"]
            self.write(
                self.pick((f"{total} = {total} + {term}", f"{total} += {term}", f"{total} = {total} - 0.5 * {term}"))
            )
        start = self.pick(starts)
        self.lines[lines] = "    " * self.depth + f"{total} = {start}"
        always = "range" not in header or ("range(len" in header and "1" not in header)
        total_value = np.asarray(value, np.float64) * 1.0 if np.ndim(value) else float(value)
        if always or start != "0.0" or not np.ndim(value):
            scope.bind(total, total_value)
        else:
            self.write(f"{total} = np.sum({total})")
            scope.bind(total, 0.5)

    def _while(self, scope: Scope) -> None:
        if not scope.depth:
            return self._assign(scope)
        fuel, most = self.name("k"), self.choose(4) + 1
        self.write(f"{fuel} = 0")
        scope.samples[fuel] = most
        scope.ints.append(fuel)
        scope.frozen |= {fuel}
        inner = scope.inside(loop=True)
        endless = self.chance(15)
        test = "" if self.choose(3) == 0 else f" and {self.test(scope, 1)}"
        with self.indented("while True:" if endless else f"while {fuel} < {most}{test}:"):
            self.write(f"{fuel} += 1")
            if endless:
                with self.indented(f"if {fuel} > {most} or {self.test(inner, 1)}:"):
                    self.write("break")
            self.block(inner, 1 + self.choose(2))
            self.carry(scope, inner)
        if not endless:
            self.otherwise(scope)

    def _network(self, scope: Scope) -> None:
        """Layers, one after the other: what is carried changes its shape, so the loop is written out."""
        rows = list(self.arrays(scope, 2))
        known = [
            name
            for name in scope.containers
            if isinstance(scope.samples[name], list)
            and all(type(item) is tuple and [np.ndim(part) for part in item] == [2, 1] for item in scope.samples[name])
        ]
        if not known or not rows:
            return self._rebuild(scope)
        layers, h = self.pick(known), self.name("v")
        fitting = [each for each in rows if self.sample(scope, f"{each} @ {layers}[0][0] + {layers}[0][1]") is not None]
        if not fitting:
            return
        start = self.pick(fitting)
        self.write(f"{h} = {start}")
        with self.indented(f"for w, b in {layers}:"):
            self.write(f"{h} = {self.pick(('np.tanh', 'np.sin', 'np.maximum(0.0, '))}({h} @ w + b)")
            if "maximum" in self.lines[-1]:
                self.lines[-1] = self.lines[-1].replace("0.0, (", "0.0, ")
        value = self.sample(scope, start)
        for w, b in scope.samples[layers]:
            value = np.tanh(value @ w + b) if np.shape(value)[-1] == len(w) else None
            if value is None:
                break
        self.rebind(scope, h, value)

    _STATEMENTS = (
        (30, StatementWriter._assign),
        (9, StatementWriter._augment),
        (5, StatementWriter._swap),
        (2, StatementWriter._boolean),
        (3, StatementWriter._integer),
        (5, StatementWriter._view),
        (6, StatementWriter._unpack),
        (8, StatementWriter._pack),
        (5, StatementWriter._rebuild),
        (7, StatementWriter._lengths),
        (3, StatementWriter._loose_update),
        (4, StatementWriter._inner_function),
        (5, StatementWriter._unpack_call),
        (14, BlockWriter._if),
        (3, BlockWriter._exit),
        (13, _for),
        (9, _accumulate),
        (8, _while),
        (3, _network),
        (1, _assert),
    )
