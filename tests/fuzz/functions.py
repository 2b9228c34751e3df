"""Random programs of functions: recursion, closures, functions as values; and of what `lists` writes."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz import generate as scalars
from tests.fuzz.decisions import Choose, Program
from tests.fuzz.lists import LISTS, ListWriter
from tests.fuzz.scalar_scope import Helper, Scope

HEADER = "import functools\nimport math\nimport operator\n\nimport numpy as np\n\nRATE = 0.7\n"


def generate(choose: Choose) -> Program:
    """Return the program that a source of decisions describes."""
    return FunctionGenerator(choose).module()


class FunctionGenerator(ListWriter):
    """Writes programs of functions and lists."""

    HEADER = HEADER

    def helpers(self) -> list[Helper]:
        """Write the functions beside the main one: each calls itself, or functions before it, or what it is given."""
        helpers: list[Helper] = []
        for _ in range(1 + self.choose(3)):
            self.weighted(self._HELPERS)(self, helpers)
            self.lines += ["", ""]
        return helpers

    def own(self, helpers: list[Helper], *names: str) -> Scope:
        """Return the scope of a function of its own with these parameters."""
        plain = [helper for helper in helpers if not helper.special]
        return Scope(list(names), helpers=plain, depth=1)

    def _plain(self, helpers: list[Helper]) -> None:
        helpers.append(self.helper([helper for helper in helpers if not helper.special]))
        self.lines = self.lines[:-2]

    # Recursion; `k` counts down.

    def _recursive(self, helpers: list[Helper]) -> None:
        name = self.name("h")
        scope = self.own(helpers, "a", "b")
        self.left = 2
        with self.indented(f"def {name}(a, b, k):"):
            with self.indented(self.pick(("if k <= 0:", "if k == 0 or k < 0:", "if not k > 0:"))):
                self.write(f"return {self.expression(scope, 2)}")
            self.block(scope, self.choose(3))
            e, other = self.damped(scope), self.recent(scope)
            again = self.pick((f"{name}({e}, {other}, k - 1)", f"{name}(b, {e}, k - 1)", f"{name}({e}, b=a, k=k - 1)"))
            form = self.choose(4)
            if form == 0:
                self.write(f"return {again}")
            elif form == 1:
                self.write(f"return 0.5 * {again} + math.sin({other})")
            elif form == 2:
                self.write(f"return 0.4 * {again} + 0.3 * {name}({other}, {e}, k - 2)")
            else:
                with self.indented(f"if {self.test(scope, 1)}:"):
                    self.write(f"return math.cos({again}) * a")
                self.write(f"return {other} - 0.3 * {again}")
        helpers.append(Helper(name, 2, special="recursion", last="k"))

    def _mutual(self, helpers: list[Helper]) -> None:
        first, second = self.name("h"), self.name("h")
        for name, other in ((first, second), (second, first)):
            scope = self.own(helpers, "a", "b")
            self.left = 1
            with self.indented(f"def {name}(a, b, k):"):
                with self.indented("if k <= 0:"):
                    self.write(f"return {self.expression(scope, 1)}")
                self.block(scope, self.choose(2))
                e, v = self.damped(scope), self.recent(scope)
                self.write(f"return 0.6 * {other}({e}, {v}, k - 1) + {self.recent(scope)}")
            self.lines += ["", ""]
        self.lines = self.lines[:-2]
        helpers.append(Helper(first, 2, special="mutual recursion", last="k"))

    def _over_items(self, helpers: list[Helper]) -> None:
        """Recursion over the rest of a list, over the halves of an array, over nested tuples."""
        name = self.name("h")
        scope = self.own(helpers, "a")
        e = self.expression(scope, 2)
        form = self.choose(3)
        if form == 0:
            with self.indented(f"def {name}(xs):"):
                with self.indented("if not xs:"):
                    self.write("return 0.5")
                self.write("a = xs[0]")
                self.write(f"return {e} + 0.4 * {name}(xs[1:])")
        elif form == 1:
            with self.indented(f"def {name}(xs):"):
                with self.indented("if len(xs) == 1:"):
                    self.write("return xs[0] * RATE")
                self.write("a = xs[0]")
                self.write("half = len(xs) // 2")
                self.write(f"return math.sin({name}(xs[:half])) + {name}(xs[half:]) * {e}")
        else:
            with self.indented(f"def {name}(tree):"):
                with self.indented("if isinstance(tree, tuple):"):
                    both = f"return 0.5 * {name}(tree[0]) + {name}(tree[1])"
                    self.write(self.pick((f"return sum({name}(item) for item in tree)", both)))
                self.write("a = tree")
                self.write(f"return {e}")
        what = ("a list", "halves", "tuples")[form]
        helpers.append(Helper(name, 1, special=f"recursion over {what}"))

    # Functions as values.

    def _applied(self, helpers: list[Helper]) -> None:
        name = self.name("h")
        scope = self.own(helpers, "a")
        with self.indented(f"def {name}(fn, a, times=2):"):
            form = self.choose(3)
            if form == 0:
                with self.indented("for _ in range(times):"):
                    self.write(f"a = fn(a) * 0.5 + {self.pick(('0.1', 'a', 'math.sin(a)'))}")
                self.write("return a")
            elif form == 1:
                self.write(f"return fn({self.damped(scope)}) + fn(a)")
            else:
                self.write(f"return [fn(v) for v in (a, {self.damped(scope)})][times % 2]")
        helpers.append(Helper(name, 1, special="function as argument"))

    def _maker(self, helpers: list[Helper]) -> None:
        """A function that returns a function."""
        name = self.name("h")
        scope = self.own(helpers, "a", "b")
        with self.indented(f"def {name}(a):"):
            if self.choose(2):
                with self.indented("def inner(b):"):
                    self.write(f"return {self.expression(scope, 2)} * a")
                self.write("return inner")
            else:
                self.write(f"return lambda b: {self.expression(scope, 2)} + a * b")
        helpers.append(Helper(name, 1, special="function as result"))

    def _starred(self, helpers: list[Helper]) -> None:
        name = self.name("h")
        scope = self.own(helpers, "a", "v", "scale")
        with self.indented(f"def {name}(a, *vs, scale=0.5, **options):"):
            with self.indented("for v in vs:"):
                self.write(f"a = {self.damped(scope)}")
            self.write(
                self.pick(
                    (
                        'return a * scale + options.get("k", 0.3)',
                        "return a + sum(vs) * scale + sum(options.values())",
                        "return a * len(vs) - scale * len(options)",
                        'return a + (options["k"] if "k" in options else scale)',
                    )
                )
            )
        helpers.append(Helper(name, 1, special="*args and **kwargs"))

    _HELPERS = (
        (4, _plain),
        (6, _recursive),
        (3, _mutual),
        (6, _over_items),
        (5, _applied),
        (3, _maker),
        (5, _starred),
    )

    # Calls.

    def _special_call(self, scope: Scope) -> None:
        """A call of a function that takes or returns more than numbers."""
        special = [helper for helper in scope.helpers if helper.special]
        if not special:
            return self._inner_function(scope)
        helper = self.pick(special)
        self.result(scope, self.special(scope, helper), helper.special)

    def special(self, scope: Scope, helper: Helper) -> str:
        a, b, c = self.expression(scope, 1), self.expression(scope, 1), self.recent(scope)
        name = helper.name
        if helper.last:
            return f"{name}({a}, {b}, {self.pick((*scope.ints, '2', '3', '1'))} % 4)"
        if helper.special in ("recursion over a list", "recursion over halves"):
            lists = [f"[{a}, {b}, {c}]", f"[{a}, {b}]", *(f"({xs}[:4] + [{c}])" for xs in scope.lists[-2:])]
            if helper.special == "recursion over halves":
                lists.append(f"np.array([{a}, {b}, {c}])")
            return f"{name}({self.pick(lists)})"
        if helper.special == "recursion over tuples":
            return f"{name}({self.pick((f'({a}, {b})', f'(({a}, {b}), {c})', f'({a}, ({b}, ({c}, {c})))'))})"
        if helper.special == "function as argument":
            times = self.pick(("", ", 1", ", 3", f", times={self.pick(scope.ints)} % 3" if scope.ints else ""))
            return f"{name}({self.function(scope)}, {a}{times})"
        if helper.special == "function as result":
            return f"{name}({a})({b})"
        extra = self.pick(("", f", scale={c}", f", k={c}", ', **{"k": 0.2}', f', **{{"scale": {c}, "k": {b}}}'))
        stars = [f"*({a}, {b})", *(f"*{xs}[:2]" for xs in scope.lists[-2:])]
        return f"{name}({c}, {self.pick((a, f'{a}, {b}', self.pick(stars), f'{b}, {self.pick(stars)}'))}{extra})"

    def function(self, scope: Scope) -> str:
        """An expression for a function of one number."""
        known = [h.name for h in scope.helpers if not h.special and h.required == 1 and h.results == 1]
        twos = [h for h in scope.helpers if not h.special and h.required == 2 and h.results == 1]
        makers = [h.name for h in scope.helpers if h.special == "function as result"]
        v = self.name("v")
        inner = self.within(scope, v)
        forms = ["math.sin", "math.tanh", f"lambda {v}: {self.expression(inner, 2)}"]
        forms.append(f"functools.partial(operator.mul, {self.recent(scope)})")
        forms += known * 2
        forms += [f"functools.partial({h.name}, {self.recent(scope)})" for h in twos]
        forms += [f"{name}({self.recent(scope)})" for name in makers]
        return self.pick(forms)

    def _functional(self, scope: Scope) -> None:
        """`map`, `filter`, `reduce`, functions in lists and dicts."""
        xs, f, g = self.listed(scope), self.function(scope), self.function(scope)
        a = self.recent(scope)
        inner = self.within(scope, "u", "v")
        use, text = self.pick(
            (
                ("map", f"sum(map({f}, {xs}))"),
                ("map", f"sum(list(map(operator.mul, {xs}, {xs}[::-1])))"),
                ("filter", f"sum(filter(lambda v: v > 0.1, {xs}))"),
                ("reduce", f"functools.reduce(lambda u, v: {self.damped(inner)}, {xs}, {a})"),
                ("reduce", f"functools.reduce(operator.add, {xs}, {a})"),
                ("function in a dict", f'{{"u": {f}, "v": {g}}}["v"]({a})'),
                ("function in a list", f"sum(fn({a}) for fn in [{f}, {g}])"),
                ("function in a list", f"[{f}, {g}][{self.pick(('0', '1'))}]({a})"),
                ("sorted by key", f"sorted([{a}, {self.recent(scope)}, 0.2], key=lambda v: -v)[0]"),
                ("max by key", f"max([{a}, {self.recent(scope)}], key=lambda v: math.sin(v))"),
            )
        )
        self.result(scope, f"math.sin({text})" if scope.loops else text, use)

    def _cell(self, scope: Scope) -> None:
        """A closure over a name that is bound again before the call."""
        if scope.loops:
            return self._functional(scope)
        outer, name = self.name("v"), self.name("g")
        self.write(f"{outer} = {self.expression(scope, 1)}")
        self.bind(scope, outer)
        inner = self.within(scope, "a")
        self.write(f"{name} = lambda a: {self.expression(inner, 1)} * {outer}")
        self.write(f"{outer} = {self.value(scope)}")
        self.result(scope, f"{name}({self.recent(scope)})", "closure over a name bound again")

    def _nested(self, scope: Scope) -> None:
        """A function inside that calls itself, or changes a list of the function around it."""
        if scope.loops:
            return self._functional(scope)
        name = self.name("g")
        if self.choose(2):
            inner = self.within(scope, "a")
            with self.indented(f"def {name}(a, k):"):
                with self.indented("if k < 1:"):
                    self.write(f"return {self.expression(inner, 1)}")
                self.write(f"return {self.recent(scope)} * 0.5 + {name}({self.damped(inner)}, k - 1)")
            return self.result(scope, f"{name}({self.recent(scope)}, {self.pick(('1', '2', '3'))})", "nested recursion")
        xs = self.listed(scope)
        inner = replace(self.within(scope, "a"), frozen=(*scope.frozen, *scope.lists, *scope.floats))
        with self.indented(f"def {name}(a):"):
            self.write(f"{xs}.append({self.damped(inner)})")
            self.write(f"return a * {self.pick((f'{xs}[-1]', f'len({xs})', '0.5'))}")
        for _ in range(1 + self.choose(2)):
            self.result(scope, f"{name}({self.recent(scope)})", "closure that changes a list")

    _STATEMENTS = (
        *((max(weight // 2, 1), statement) for weight, statement in scalars.ScalarGenerator._STATEMENTS),
        *LISTS,
        (16, _special_call),
        (8, _functional),
        (4, _cell),
        (5, _nested),
    )
