"""Random programs of classes and generators.

An attribute `o.a` is a number like any other: programs read it, and assign to it where the object is their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.fuzz import generate as scalars
from tests.fuzz.decisions import MAIN, Choose, Program
from tests.fuzz.functions import HEADER
from tests.fuzz.lists import ListWriter
from tests.fuzz.scalar_scope import Scope
from tests.fuzz.structures import Body


def generate(choose: Choose) -> Program:
    """Return the program that a source of decisions describes."""
    return ObjectGenerator(choose).module()


@dataclass(frozen=True)
class Class:
    """What programs may do with the objects of a class.

    Attributes
    ----------
    numbers : tuple of str
        Attributes that are numbers.
    methods : tuple of str
        Methods that take a number and return one.
    parts : frozenset of str
        What else it has: "w" (an array), "items" (a list), and the names of special methods.
    """

    name: str
    numbers: tuple[str, ...]
    methods: tuple[str, ...]
    parts: frozenset[str]


_SPECIAL = {
    "__add__": "return {c}(self.a + other.a, self.b * 0.5)",
    "__mul__": "return {c}(self.a * other, {e})",
    "__rmul__": "return {c}(other * self.b, self.a)",
    "__neg__": "return {c}(-self.a, self.b)",
    "__call__": "return {e} + self.b",
    "__getitem__": "return (self.a, self.b, {e})[other]",
    "__len__": "return 3",
    "__iter__": "yield self.a; yield self.b * 0.5",
    "__lt__": "return self.a < other.a",
}


class ObjectGenerator(ListWriter):
    """Writes programs of classes, of their objects, and of generators."""

    HEADER = HEADER.replace("import functools", "import dataclasses").replace(
        "\nRATE", "\nfrom tests.fuzz.structures import Body\n\nRATE"
    )

    def module(self) -> Program:
        self.classes: list[Class] = []
        self.generators: list[str] = []
        for _ in range(1 + self.choose(2)):
            self.class_()
        for _ in range(self.choose(3)):
            self.generator()
        helpers = [self.helper([])] if self.chance(40) else []
        self.left = 4 + self.choose(8)
        body = Body(0.3 + self.choose(100) / 71, [1.1, -0.4, 0.8][: 1 + self.choose(3)], "first")
        with self.indented(f"def {MAIN}(x, y, p, n, flag):"):
            scope = Scope(["x", "y", "p.mass", "p.place[0]"], ["n"], ["flag"], ("p.mass", "p.place[0]"), list(helpers))
            self._make(scope)
            self.block(scope, 3 + self.choose(5))
            self.write(f"return {self.value(scope)}{self.terms(scope)}")
        x, y = (self.pick((1, -1)) * (2 + self.choose(160)) / 83 for _ in range(2))
        args = (x, y, body, self.choose(5), bool(self.choose(2)))
        return Program(self.HEADER + "\n".join(["", *self.lines, ""]), args, uses=tuple(self.uses))

    # Classes.

    def class_(self) -> None:
        base = self.pick(self.classes) if self.classes and self.choose(3) else None
        name = self.name("C")
        parts = set(base.parts) if base else {part for part in ("w", "items") if self.chance(40)}
        numbers = [*(base.numbers if base else ("a", "b"))]
        methods = list(base.methods) if base else []
        record = base is None and not parts and self.chance(30)
        frozen = (record and self.chance(50)) or "frozen" in parts
        if record:
            self.write(f"@dataclasses.dataclass{'(frozen=True)' if frozen else ''}")
            self.uses.append("dataclass")
        with self.indented(f"class {name}({base.name}):" if base else f"class {name}:"):
            if record:
                self.write("a: float")
                self.write("b: float = 0.4")
            elif not frozen:
                self.constructor(base, numbers, parts)
            for _ in range(1 + self.choose(2)):
                self.method(numbers, methods, parts, frozen, base)
            if self.chance(40):
                self.lines.append("")
                self.write("@property")
                with self.indented("def total(self):"):
                    self.write(f"return {self.expression(self.own(numbers, parts), 2)}")
                parts.add("total")
            if self.chance(30):
                self.lines.append("")
                self.write("@classmethod")
                with self.indented("def make(cls, a):"):
                    self.write(f"return cls({self.damped(Scope(['a']))}, a)")
                parts.add("make")
            if self.chance(25):
                self.lines.append("")
                self.write("@staticmethod")
                with self.indented("def scaled(a):"):
                    self.write(f"return {self.expression(Scope(['a']), 2)}")
                parts.add("scaled")
            for special in _SPECIAL:
                if self.chance(22):
                    self.special(name, special, numbers, parts)
        self.lines += ["", ""]
        if base:
            self.uses.append("inheritance")
        if frozen:
            parts.add("frozen")
        self.classes.append(Class(name, tuple(numbers), tuple(dict.fromkeys(methods)), frozenset(parts)))

    def constructor(self, base: Class | None, numbers: list[str], parts: set[str]) -> None:
        if base and not self.choose(3):
            return
        with self.indented("def __init__(self, a, b=0.4):"):
            scope = Scope(["a", "b"])
            if base:
                self.write(f"super().__init__({self.pick(('b, a', 'a, b', 'a * 0.5, b'))})")
                if "c" not in numbers:
                    self.write(f"self.c = {self.expression(scope, 2)}")
                    numbers.append("c")
                self.uses.append("super")
                return
            self.write(f"self.a = {self.pick(('a', self.damped(scope)))}")
            self.write(f"self.b = {self.expression(scope, 2)}")
            if "w" in parts:
                self.write("self.w = np.array([a, b, 0.3])")
            if "items" in parts:
                self.write("self.items = [a]")

    def own(self, numbers: list[str], parts: set[str], *names: str, frozen: bool = False) -> Scope:
        """Return the scope of a method."""
        attributes = [f"self.{name}" for name in numbers]
        lists = ["self.items"] if "items" in parts else []
        return Scope(
            [*names, *attributes], frozen=tuple(attributes) if frozen else ("self.items",), lists=lists, depth=1
        )

    def method(self, numbers: list[str], methods: list[str], parts: set[str], frozen: bool, base: Class | None) -> None:
        overridden = self.pick(base.methods) if base and base.methods and self.choose(2) else ""
        name = overridden or self.name("m")
        self.lines.append("")
        self.left = 2
        with self.indented(f"def {name}(self, x):"):
            scope = self.own(numbers, parts, "x", frozen=frozen)
            self.block(scope, 1 + self.choose(2))
            if "w" in parts and self.chance(50):
                e = self.damped(scope)
                self.write(self.pick((f"self.w[0] = {e}", f"self.w *= math.cos({e})", f"self.w = self.w * 0.5 + {e}")))
                self.uses.append("array attribute")
            if overridden:
                self.write(f"x = super().{name}({self.recent(scope)}) * 0.7")
                self.uses.append("super")
            elif methods and self.chance(40):
                self.write(f"x = self.{self.pick(methods)}({self.damped(scope)}) * 0.6")
            self.write(f"return {self.expression(scope, 2)}")
        methods.append(name)

    def special(self, name: str, special: str, numbers: list[str], parts: set[str]) -> None:
        plain = special in ("__neg__", "__len__", "__iter__")
        floats = ["other"] if special in ("__mul__", "__rmul__", "__call__") else []
        scope = replace(self.own(numbers, parts), floats=[*floats, "self.a", "self.b"])
        line = _SPECIAL[special].format(c=self.pick((name, "type(self)")), e=self.damped(scope))
        self.lines.append("")
        with self.indented(f"def {special}(self{'' if plain else ', other'}):"):
            for part in line.split("; "):
                self.write(part)
        parts.add(special)

    # Objects.

    def object(self, scope: Scope, *parts: str) -> tuple[str, Class]:
        """An object that has some parts: an old one, or one that is made for it."""
        known = [(name, each) for name, each in scope.objects if each.parts.issuperset(parts)]
        if known and self.choose(4):
            return self.pick(known)
        fitting = [each for each in self.classes if each.parts.issuperset(parts)]
        if not fitting:
            return self.pick(known) if known else ("", self.classes[0])
        return self.make(scope, self.pick(fitting))

    def make(self, scope: Scope, cls: Class) -> tuple[str, Class]:
        name, a = self.name("o"), self.value(scope)
        forms = [
            f"{cls.name}({a}, {self.recent(scope)})",
            f"{cls.name}({a})",
            f"{cls.name}(b={self.recent(scope)}, a={a})",
        ]
        if "make" in cls.parts:
            forms.append(f"{cls.name}.make({a})")
        self.do("object", f"{name} = {self.pick(forms)}")
        self.add(scope, name, cls)
        return name, cls

    def add(self, scope: Scope, name: str, cls: Class) -> None:
        """Let a name stand for an object; its attributes are numbers to read, and to assign to."""
        scope.objects.append((name, cls))
        attributes = [f"{name}.{each}" for each in cls.numbers]
        scope.floats[:0] = attributes
        if "frozen" in cls.parts:
            scope.frozen = (*scope.frozen, *attributes)
        if "total" in cls.parts:
            scope.floats.insert(0, f"{name}.total")
            scope.frozen = (*scope.frozen, f"{name}.total")
        if "items" in cls.parts:
            scope.lists.append(f"{name}.items")
            scope.frozen = (*scope.frozen, f"{name}.items")

    def _make(self, scope: Scope) -> None:
        if not self.classes:
            return self._assign(scope)
        self.make(scope, self.pick(self.classes))

    def _chosen(self, scope: Scope) -> None:
        """An object that is another one on each path."""
        if not self.classes:
            return self._assign(scope)
        cls, name = self.pick(self.classes), self.name("o")
        a, b = self.value(scope), self.expression(scope, 1)
        if self.choose(2):
            self.write(f"{name} = {cls.name}({a}) if {self.test(scope, 1)} else {cls.name}({b}, {a})")
        else:
            with self.indented(f"if {self.test(scope, 1)}:"):
                self.write(f"{name} = {cls.name}({a}, {b})")
            with self.indented("else:"):
                self.write(f"{name} = {cls.name}({b})")
        self.uses.append("object by path")
        self.add(scope, name, cls)
        self.result(scope, f"{name}.a * {name}.b")

    def _method_call(self, scope: Scope) -> None:
        if not self.classes:
            return self._assign(scope)
        name, cls = self.object(scope)
        self.result(scope, f"{name}.{self.pick(cls.methods)}({self.damped(scope)})", "method")

    def _attribute(self, scope: Scope) -> None:
        """An attribute that is written to: of an object with or without another name."""
        if not self.classes:
            return self._assign(scope)
        name, cls = self.object(scope)
        if "frozen" in cls.parts:
            return self._method_call(scope)
        attribute, e = self.pick(cls.numbers), self.damped(scope)
        if self.chance(25):
            other = self.name("o")
            self.do("second name of an object", f"{other} = {name}")
            self.add(scope, other, cls)
            name = other
        lines = [f"{name}.{attribute} = {e}", f"{name}.{attribute} += {e}"]
        if "w" in cls.parts:
            lines += [f"{name}.w[1] = {e}", f"{name}.w = np.sin({name}.w) * {e}", f"{name}.w *= math.cos({e})"]
        self.do("attribute write", self.pick(lines))
        if "w" in cls.parts:
            self.result(
                scope, f"float(np.sum({name}.w * np.array([0.4, 1.0, {self.recent(scope)}])))", "array attribute"
            )

    def _operator(self, scope: Scope) -> None:
        if not self.classes:
            return self._assign(scope)
        special = self.pick([part for cls in self.classes for part in sorted(cls.parts) if part[0] == "_"] or [""])
        if not special:
            return self._method_call(scope)
        name, _ = self.object(scope, special)
        if not name:
            return
        e, other = self.damped(scope), self.name("o")
        made = {"__add__": f"{name} + {name}", "__mul__": f"{name} * math.cos({e})", "__rmul__": f"0.6 * {name}",
                "__neg__": f"-{name}"}  # fmt: skip
        read = {
            "__call__": f"{name}({e})",
            "__getitem__": f"{name}[{self.pick(('0', '1', '-1'))}]",
            "__len__": f"len({name}) * {e}",
            "__iter__": f"sum({name})",
            "__lt__": f"({e} if {name} < {self.object(scope, '__lt__')[0] or name} else 0.4)",
        }
        if special in read:
            return self.result(scope, read[special], f"method {special}")
        self.do(f"method {special}", f"{other} = {made[special]}")
        self.result(scope, f"{other}.a - {other}.b", f"method {special}")

    def _many(self, scope: Scope) -> None:
        """A list of objects, of several classes, and a loop over it."""
        if not self.classes:
            return self._assign(scope)
        objects = [self.object(scope) for _ in range(2)]
        common = [m for m in objects[0][1].methods if m in objects[1][1].methods]
        names = self.name("q")
        self.do("list of objects", f"{names} = [{', '.join(name for name, _ in objects)}]")
        call = f"o.{common[0]}(v)" if common else "o.a * v"
        v, e = self.name("v"), self.recent(scope)
        if self.choose(2):
            return self.result(scope, f"sum({call} for o, v in zip({names}, ({e}, 0.4)))", "list of objects")
        self.write(f"{v} = {e}")
        with self.indented(f"for o in {names}:"):
            again = call.replace("v", v)
            self.write(f"{v} = math.sin({again}) + 0.3 * {v}")
            if not any("frozen" in cls.parts for _, cls in objects) and self.choose(2):
                self.write(f"o.a = o.a * 0.5 + {v}")
        self.bind(scope, v)

    def _body(self, scope: Scope) -> None:
        """The object that is an argument: it is read."""
        if "p.mass" not in scope.floats:
            return self._assign(scope)
        forms = ("p.mass * p.place[0]", "sum(p.place)", "sum(v * v for v in p.place) * p.mass", "len(p.place) * p.mass",
                 "p.scaled(0.4).mass", "p.energy()")  # fmt: skip
        self.result(scope, self.pick(forms), "object as argument")

    # Generators.

    def generator(self) -> None:
        name = self.name("gen")
        scope = Scope(["x"], depth=1)
        self.left = 2
        with self.indented(f"def {name}(x, n=3):"):
            form = self.choose(4)
            if form == 0 or (form == 3 and not self.generators):
                with self.indented("for i in range(n):"):
                    self.write(f"x = {self.damped(scope)}")
                    self.write(f"yield {self.pick(('x', 'x * i', 'math.sin(x)'))}")
            elif form == 1:
                self.write(f"yield {self.expression(scope, 2)}")
                with self.indented(f"if {self.test(scope, 1)}:"):
                    self.write(self.pick(("return", "yield x * 0.5")))
                self.write(f"x = {self.damped(scope)}")
                self.write("yield x")
            elif form == 2:
                self.write("k = 0")
                with self.indented("while k < n:"):
                    self.write("k += 1")
                    with self.indented(f"if {self.test(scope, 1)}:"):
                        self.write(self.pick(("continue", "yield x", "break")))
                    self.write(f"x = {self.damped(scope)}")
                    self.write("yield x + k")
            else:
                self.write(f"yield from {self.pick(self.generators)}({self.damped(scope)})")
                self.write(f"yield {self.expression(scope, 2)}")
                self.uses.append("yield from")
        self.lines += ["", ""]
        self.generators.append(name)

    def _consume(self, scope: Scope) -> None:
        if not self.generators:
            return self._method_call(scope)
        a, b = self.damped(scope), self.recent(scope)
        count = self.pick(("", ", 2", *(f", {i} % 4" for i in scope.ints)))
        gen = f"{self.pick(self.generators)}({a}{count})"
        e = self.expression(self.within(scope, "v"), 2)
        if self.choose(3) or not scope.depth:
            use, text = self.pick((
                ("sum of a generator", f"sum({gen})"), ("generator in a comprehension", f"sum({e} for v in {gen})"),
                ("generator in a comprehension", f"sum([{e} for v in {gen} if v > 0.1])"),
                ("zip of a generator", f"sum(u * v for u, v in zip({gen}, ({b}, 0.4, 1.2)))"),
                ("zip of a generator", f"sum(u * v for u, v in zip([{b}, 0.3], {gen}))"),
                ("enumerate of a generator", f"sum(i * v for i, v in enumerate({gen}))"),
                ("max of a generator", f"max({gen}, default={b})"), ("list of a generator", f"len(list({gen})) * {b}"),
                ("next", f"next({gen}, {b})"), ("generator as expression", f"sum(v * {b} for v in ({b}, {a}))"),
            ))  # fmt: skip
            return self.result(scope, text, use)
        if not scope.loops and self.chance(30):
            name = self.name("it")
            self.write(f"{name} = {self.pick(self.generators)}({a}, 3)")
            return self.result(scope, f"next({name}, {b}) - 0.5 * next({name}, 0.3)", "next")
        inner = scope.inside(loop=True)
        v, i = self.name("v"), self.name("i")
        header = self.pick((f"for {v} in {gen}:", f"for {v} in {gen}:", f"for {i}, {v} in enumerate({gen}):"))
        self.bind(inner, v)
        if "enumerate" in header:
            inner.ints.append(i)
        self.uses.append("loop over a generator")
        with self.indented(header):
            self.block(inner, 1 + self.choose(2))
            self.carry(scope, inner)

    _STATEMENTS = (
        *((max(weight // 2, 1), statement) for weight, statement in scalars.ScalarGenerator._STATEMENTS),
        (2, ListWriter._list),
        (2, ListWriter._read_list),
        (4, _make),
        (4, _chosen),
        (14, _method_call),
        (12, _attribute),
        (10, _operator),
        (6, _many),
        (4, _body),
        (16, _consume),
    )
