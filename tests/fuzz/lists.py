"""Random programs with lists that grow, comprehensions and dicts.

What may be empty is read behind a test, so that nearly all programs run.
"""

from __future__ import annotations

from tests.fuzz.generate import ScalarGenerator
from tests.fuzz.scalar_scope import Scope


class ListWriter(ScalarGenerator):
    """Writes statements that make, change and read lists and dicts; each read binds a new number."""

    def result(self, scope: Scope, text: str, *uses: str) -> None:
        """Write an assignment of a number to a new name."""
        name = self.name("v")
        self.write(f"{name} = {text}")
        self.bind(scope, name)
        self.uses += uses

    def do(self, use: str, *lines: str) -> None:
        """Write lines, and count the construct that they are."""
        for line in lines:
            self.write(line)
        self.uses.append(use)

    def within(self, scope: Scope, *names: str) -> Scope:
        """Return a scope in which names stand for numbers: for a comprehension, or a lambda."""
        inner = scope.inside()
        inner.floats += names
        return inner

    # Lists of numbers.

    def listed(self, scope: Scope) -> str:
        """A list of numbers: an old one, or one that is made for it."""
        return self.pick(scope.lists) if scope.lists and self.choose(5) else self.new_list(scope)

    def new_list(self, scope: Scope) -> str:
        name = self.name("l")
        a, b = self.expression(scope, 1), self.expression(scope, 1)
        text = self.pick(
            ("[]", f"[{a}]", f"[{a}, {b}]", f"[{a}] * 2", f"list(({a}, {b}))", f"[0.0] * {self.count(scope)}")
        )
        self.do("new list", f"{name} = {text}")
        scope.lists.append(name)
        return name

    def count(self, scope: Scope) -> str:
        return self.pick((*scope.ints, "2", "3")) if self.choose(2) else "3"

    def _list(self, scope: Scope) -> None:
        xs = self.listed(scope)
        for _ in range(1 + self.choose(2)):
            self.pick((self._grow, self._grow, self._shrink, self._set, self._rearrange))(scope, xs)

    def _grow(self, scope: Scope, xs: str) -> None:
        e, b = self.value(scope), self.expression(scope, 1)
        use, line = self.pick(
            (
                ("append", f"{xs}.append({e})"),
                ("append", f"{xs}.append({e})"),
                ("insert", f"{xs}.insert(0, {e})"),
                ("insert", f"{xs}.insert(len({xs}) // 2, {e})"),
                ("extend", f"{xs}.extend([{e}, {b}])"),
                ("extend", f"{xs}.extend(v * 0.5 for v in {xs}[:2])"),
                ("list +=", f"{xs} += [{e}]" if xs not in scope.frozen else f"{xs}.extend(({e},))"),
            )
        )
        self.do(use, line)

    def _shrink(self, scope: Scope, xs: str) -> None:
        v, e = self.name("v"), self.expression(scope, 1)
        use, line = self.pick(
            (
                ("pop", f"{v} = {xs}.pop()"),
                ("pop", f"{v} = {xs}.pop()"),
                ("pop(i)", f"{v} = {xs}.pop(0)"),
                ("pop(i)", f"{v} = {xs}.pop(len({xs}) // 2)"),
                ("del item", f"del {xs}[0]"),
                ("clear", f"{xs}.clear()"),
                ("remove a slice", f"del {xs}[1:]"),
            )
        )
        self.uses.append(use)
        with self.indented(f"if {xs}:" if self.choose(2) else f"if len({xs}) > 1:"):
            self.write(line)
            if not line.startswith(v):
                self.write(f"{v} = {e}")
        with self.indented("else:"):
            self.write(f"{v} = {self.pick(('0.3', e))}")
        self.bind(scope, v)

    def _set(self, scope: Scope, xs: str) -> None:
        e = self.damped(scope)
        i = self.pick(scope.ints) if scope.ints else "1"
        at = self.pick(("0", "-1", f"{i} % len({xs})", f"len({xs}) - 1"))
        use, line = self.pick(
            (
                ("set item", f"{xs}[{at}] = {e}"),
                ("set item", f"{xs}[{at}] = {e}"),
                ("augment item", f"{xs}[{at}] *= math.cos({e})"),
                ("augment item", f"{xs}[{at}] += {e}"),
                ("set slice", f"{xs}[:1] = [{e}, {self.expression(scope, 1)}]"),
                ("swap items", f"{xs}[0], {xs}[-1] = {xs}[-1], {xs}[0]"),
                ("swap items", f"{xs}[{at}], {xs}[0] = {xs}[0], {xs}[{at}]"),
            )
        )
        self.uses.append(use)
        with self.indented(f"if {xs}:"):
            self.write(line)

    def _rearrange(self, scope: Scope, xs: str) -> None:
        inner = self.within(scope, "v")
        other = self.pick(scope.lists)
        key = f"lambda v: {self.expression(inner, 1)}"
        old = xs if xs not in scope.frozen else self.name("l")
        use, line = self.pick(
            (
                ("reverse", f"{xs}.reverse()"),
                ("sort", f"{xs}.sort()"),
                ("sort by key", f"{xs}.sort(key={key})"),
                ("sorted by key", f"{old} = sorted({xs}, key={key})"),
                ("list slice", f"{old} = {xs}[::-1]"),
                ("list slice", f"{old} = {xs}[1:]"),
                ("list +", f"{old} = {xs}[:3] + {other}[:2]" if scope.loops else f"{old} = {xs} + {other}"),
                ("list copy", f"{old} = {xs}.copy()"),
                ("list copy", f"{old} = list({xs})"),
                ("list +", f"{old} = [{self.recent(scope)}] + {xs}[-3:]"),
            )
        )
        self.do(use, line)
        if old not in scope.lists and line.startswith(f"{old} ="):
            scope.lists.append(old)

    def _read_list(self, scope: Scope) -> None:
        xs, ys = self.listed(scope), self.listed(scope)
        e = self.expression(self.within(scope, "v"), 2)
        test = self.test(self.within(scope, "v"), 1)
        a = self.recent(scope)
        text, use = self.pick(
            (
                (f"sum({xs})", "sum of a list"),
                (f"sum({xs}, {a})", "sum of a list"),
                (f"{xs}[-1] if {xs} else {a}", "list item"),
                (f"len({xs}) * {a}", "len"),
                (f"max({xs}, default={a})", "max of a list"),
                (f"min({xs} + [{a}])", "max of a list"),
                (f"float(np.sum(np.array({xs})))", "array of a list"),
                (f"np.mean({xs}) if {xs} else 0.2", "array of a list"),
                (f"sum(u * v for u, v in zip({xs}, {ys}))", "generator expression"),
                (f"sum({e} for v in {xs})", "generator expression"),
                (f"sum({e} for v in {xs} if {test})", "comprehension with a condition"),
                (f"sum([{e} for v in {xs} if {test}])", "comprehension with a condition"),
                (f"{a} if any(v > 0.5 for v in {xs}) else {a} * 0.5", "any, all"),
                (f"{a} * 0.3 if all(v < 0.9 for v in {xs}) else {a}", "any, all"),
                (f"math.prod(math.cos(v) for v in {xs}[:4])", "generator expression"),
                (f"sum(math.sin(u + v) for u in {xs}[:3] for v in {ys}[:2])", "two for in a comprehension"),
            )
        )
        self.result(scope, f"math.sin({text})" if scope.loops else text, use)

    def _comprehension(self, scope: Scope) -> None:
        xs = self.listed(scope)
        name = self.name("l")
        v, i = self.name("v"), self.name("i")
        inner = self.within(scope, v)
        e, test = self.damped(inner), self.test(inner, 1)
        n = self.count(scope)
        use, text = self.pick(
            (
                ("comprehension", f"[{e} for {v} in {xs}]"),
                ("comprehension with a condition", f"[{e} for {v} in {xs} if {test}]"),
                ("comprehension", f"[{e} for {v} in ({self.recent(scope)}, {self.recent(scope)})]"),
                ("comprehension over range", f"[{self.recent(scope)} * {i} for {i} in range({n})]"),
                (
                    "comprehension with a condition",
                    f"[{i} * 0.3 + {self.recent(scope)} for {i} in range({n}) if {i} % 2]",
                ),
                ("comprehension over enumerate", f"[{v} / ({i} + 1) for {i}, {v} in enumerate({xs})]"),
                ("two for in a comprehension", f"[{e} * {i} for {v} in {xs}[:3] for {i} in range(2)]"),
                ("comprehension over sorted", f"[{e} for {v} in sorted({xs})[:3]]"),
            )
        )
        self.do(use, f"{name} = {text}")
        scope.lists.append(name)

    def _over_list(self, scope: Scope) -> None:
        """A loop over a list, which its body leaves alone, or over a copy."""
        if not scope.depth:
            return self._read_list(scope)
        xs = self.listed(scope)
        inner = scope.inside(loop=True)
        v, i = self.name("v"), self.name("i")
        header = self.pick(
            (
                f"for {v} in {xs}:",
                f"for {i}, {v} in enumerate({xs}):",
                f"for {v} in {xs}[:4]:",
                f"for {v} in reversed({xs}):",
                f"for {v} in sorted({xs}):",
            )
        )
        if "sorted" not in header and "[:4]" not in header:
            inner.lists.remove(xs)
        self.bind(inner, v)
        if "enumerate" in header:
            inner.ints.append(i)
        self.uses.append("loop over a list")
        with self.indented(header):
            self.block(inner, 1 + self.choose(2))
            self.carry(scope, inner)
            if inner.lists and self.choose(2):
                self.do("append in a loop", f"{self.pick(inner.lists)}.append({self.damped(inner)})")

    def _collect(self, scope: Scope) -> None:
        """A list that a loop fills, and what is made of it."""
        if not scope.depth:
            return self._list(scope)
        xs = self.name("l")
        self.write(f"{xs} = []")
        inner = scope.inside(loop=True)
        i = self.name("i")
        inner.ints.append(i)
        with self.indented(f"for {i} in range({self.count(scope)}):"):
            self.block(inner, self.choose(2))
            self.carry(scope, inner)
            if self.chance(30):
                with self.indented(f"if {self.test(inner, 1)}:"):
                    self.write(f"{xs}.append({self.damped(inner)})")
            else:
                self.write(f"{xs}.append({self.damped(inner)})")
            if self.chance(20):
                with self.indented(f"if len({xs}) > 2:"):
                    self.do("pop in a loop", self.pick((f"{xs}.pop()", f"{xs}.pop(0)")))
        self.uses.append("append in a loop")
        scope.lists.append(xs)
        for _ in range(self.choose(4)):
            self.pick((self._grow, self._shrink, self._set, self._rearrange))(scope, xs)
        self.result(scope, self.pick((f"sum({xs})", f"sum(v * v for v in {xs})", f"len({xs}) * sum({xs})")))

    # Lists of tuples, of lists and of arrays.

    def _table(self, scope: Scope) -> None:
        a, b = self.value(scope), self.expression(scope, 1)
        if not scope.tables or not self.choose(4):
            name = self.name("p")
            text = self.pick((f"[({a}, {b})]", "[]", f"list(zip([{a}, {b}], [{b}, 0.3]))"))
            self.do("list of tuples", f"{name} = {text}")
            scope.tables.append(name)
        ts = self.pick(scope.tables)
        self.write(
            self.pick(
                (
                    f"{ts}.append(({a}, {b}))",
                    f"{ts} += [({b}, {a})]" if ts not in scope.frozen else f"{ts}.append(({b}, 0.4))",
                    f"{ts}.insert(0, ({a}, {b}))",
                    f"{ts}.append(({self.recent(scope)}, {a}))",
                    f"{ts}.sort(key=lambda p: p[0])",
                )
            )
        )
        self.result(
            scope,
            self.pick(
                (
                    f"sum(u * math.sin(w) for u, w in {ts})",
                    f"{ts}[-1][0] * {ts}[-1][1] if {ts} else {self.recent(scope)}",
                    f"sum([p[0] for p in {ts}])",
                    f"sum(p[1] for p in {ts} if p[0] > 0.1)",
                    f"len({ts}) * {self.recent(scope)}",
                )
            ),
            "list of tuples",
        )

    def _rows(self, scope: Scope) -> None:
        a, b = self.value(scope), self.expression(scope, 1)
        if not scope.rows or not self.choose(4):
            name = self.name("m")
            text = self.pick((f"[[{a}], [{b}, 0.2]]", "[]", f"[[{a} * j for j in range(2)] for i in range(2)]"))
            self.do("list of lists", f"{name} = {text}")
            scope.rows.append(name)
        rs = self.pick(scope.rows)
        self.write(f"{rs}.append([{a}, {b}])" if self.choose(2) else f"{rs}.append([{b}])")
        self.write(
            self.pick(
                (
                    f"{rs}[-1].append({self.recent(scope)})",
                    f"{rs}[-1][0] = {a}",
                    f"{rs}[0][-1] *= 0.5",
                    f"{rs}[0] = [{b}, {self.recent(scope)}]",
                    f"{rs}[-1].extend([{b}])",
                )
            )
        )
        self.result(
            scope,
            self.pick(
                (
                    f"sum(sum(r) for r in {rs})",
                    f"sum(v * 0.5 for r in {rs} for v in r)",
                    f"{rs}[-1][0] * {rs}[0][-1]",
                    f"sum(len(r) * r[0] for r in {rs})",
                    f"sum([v for r in {rs} for v in r if v > 0.2])",
                )
            ),
            "list of lists",
        )

    def _stack(self, scope: Scope) -> None:
        a, b = self.value(scope), self.expression(scope, 1)
        if not scope.stacks or not self.choose(4):
            name = self.name("s")
            self.do("list of arrays", f"{name} = [np.array([{a}, {b}, 0.3])]")
            scope.stacks.append(name)
        ss = self.pick(scope.stacks)
        self.write(
            self.pick(
                (
                    f"{ss}.append(np.sin({ss}[-1]) * {b})",
                    f"{ss}.append(np.array([{a}, 0.5, {b}]))",
                    f"{ss}.append({ss}[0] * 0.5 + {b})",
                    f"{ss}[-1] = np.cos({ss}[-1] + {b})",
                    f"{ss}[0][1] += {b}",
                    f"{ss}.insert(0, {ss}[-1] * {b})",
                )
            )
        )
        self.result(
            scope,
            self.pick(
                (
                    f"float(np.sum(np.sin(np.stack({ss}))))",
                    f"np.sum({ss}[-1] * {ss}[0])",
                    f"np.sin(np.concatenate({ss})).sum()",
                    f"sum(np.sum(np.cos(w)) for w in {ss})",
                    f"np.sum(np.tanh(sum({ss})))",
                    f"np.mean(np.array({ss}), axis=0)[1]",
                )
            ),
            "list of arrays",
        )

    # Dicts.

    def _dict(self, scope: Scope) -> None:
        a, b = self.value(scope), self.expression(scope, 1)
        if not scope.dicts or not self.choose(4):
            name = self.name("d")
            text = self.pick(
                (
                    f'{{"u": {a}, "v": {b}}}',
                    f"dict(u={a}, v={b})",
                    f'{{k: {a} * i for i, k in enumerate("uv")}}',
                    f'dict(zip(("u", "v"), ({a}, {b})))',
                )
            )
            self.do("new dict", f"{name} = {text}")
            scope.dicts.append(name)
        d = self.pick(scope.dicts)
        old = d if d not in scope.frozen else self.name("d")
        use, line = self.pick(
            (
                ("set key", f'{d}["u"] = {a}'),
                ("set key", f'{d}["w"] = {b}'),
                ("augment key", f'{d}["v"] += {b}'),
                ("dict update", f"{d}.update(u={a}, z={b})"),
                ("dict comprehension", f"{old} = {{k: v * 0.5 for k, v in {d}.items()}}"),
                ("dict spread", f'{old} = {{**{d}, "u": {b}}}'),
                ("dict setdefault", f'{d}.setdefault("w", {b})'),
                ("dict pop", f'{d}.pop("w", None)'),
            )
        )
        self.do(use, line)
        if old not in scope.dicts and line.startswith(f"{old} ="):
            scope.dicts.append(old)
        self.result(
            scope,
            self.pick(
                (
                    f'{d}["u"] * {d}["v"]',
                    f"sum({d}.values())",
                    f'{d}.get("w", {self.recent(scope)})',
                    f'sum(v for k, v in {d}.items() if k != "u")',
                    f'{d}["w"] if "w" in {d} else {d}["u"]',
                )
            ),
            "dict read",
        )

    def _numbered(self, scope: Scope) -> None:
        """A dict by integers, which a loop fills."""
        if not scope.depth:
            return self._dict(scope)
        d, i = self.name("d"), self.name("i")
        self.write(f"{d} = {{0: {self.recent(scope)}}}")
        inner = scope.inside(loop=True)
        inner.ints.append(i)
        with self.indented(f"for {i} in range(1, {self.pick(('3', '4'))}):"):
            self.write(f"{d}[{i}] = {d}[{i} - 1] * 0.5 + {self.damped(inner)}")
        self.result(
            scope,
            self.pick((f"{d}[2]", f"sum({d}.values())", f"{d}[0] * {d}[1]", f"len({d}) * {d}[2]")),
            "dict by integers",
        )


LISTS = (
    (14, ListWriter._list),
    (9, ListWriter._read_list),
    (6, ListWriter._comprehension),
    (6, ListWriter._over_list),
    (9, ListWriter._collect),
    (4, ListWriter._table),
    (4, ListWriter._rows),
    (4, ListWriter._stack),
    (5, ListWriter._dict),
    (2, ListWriter._numbered),
)
