"""Statements of random array programs that neither branch nor loop: assignments, containers, functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.array_expressions import ExpressionWriter
from tests.fuzz.array_operands import CONSTANTS
from tests.fuzz.array_scope import Helper, Scope, is_usable
from tests.fuzz.structures import is_container, is_inexact, leaves, type_of

_DAMPED = ("np.sin({e})", "0.6 * {a} + 0.4 * np.cos({e})", "{a} + 0.3 * np.sin({e})", "np.tanh({e}) * 1.3",
           "1.5 * {a} / (1.0 + {a} ** 2) + 0.1 * np.tanh({e})")  # fmt: skip


class StatementWriter(ExpressionWriter):
    """Writes statements, and binds in the scope what they assign."""

    def value(self, scope: Scope) -> str:
        """An expression to assign; in loops, one that does not grow."""
        e = self.expression(scope, 3)
        if not scope.loops and self.chance(60):
            return e
        text = self.pick(_DAMPED).format(a=self.beside(scope, e), e=e)
        return text if is_usable(self.sample(scope, text)) else f"np.sin({e})"

    def open_names(self, scope: Scope) -> list[str]:
        return [name for name in scope.names if name not in scope.frozen]

    def assign(self, scope: Scope, text: str) -> str:
        """Write an assignment to a name, an old one or a new one; return it."""
        old = list(self.open_names(scope))
        name = self.pick(old) if old and not self.chance(45) else self.name("v")
        if name in scope.fixed and not scope.keeps_type(name, self.sample(scope, text)):
            text = self.fitted(scope, text, scope.samples[name])
        self.write(f"{name} = {text}")
        self.rebind(scope, name, self.sample(scope, text))
        return name

    def rebind(self, scope: Scope, name: str, value: Any) -> None:
        """Let a name that was assigned to stand for what the samples say."""
        if value is None:
            scope.forget(name)
        else:
            scope.bind(name, value)

    def _assign(self, scope: Scope) -> None:
        self.assign(scope, self.value(scope))

    def _augment(self, scope: Scope) -> None:
        """``v += e``: of numbers, and of arrays that nobody else sees."""
        numbers = [name for name in self.open_names(scope) if not isinstance(scope.samples[name], np.ndarray)]
        if numbers and self.chance(30):
            name = self.pick(numbers)
        else:
            name, value = self.name("v"), self.expression(scope, 2)
            self.write(f"{name} = {self.pick((f'{value} * 1.5', f'np.sin({value})', f'np.copy({value})'))}")
            scope.bind(name, self.sample(scope, f"np.sin({value})"))
        e = self.expression(scope, 2)
        forms = ("+= 0.3 * np.sin({})", "-= 0.2 * np.cos({})", "*= np.cos({})", "/= 1.2 + np.abs({})", "+= {}")
        form = self.pick(forms)
        before = scope.samples[name]
        for each in (e, self.beside(scope, name), self.number_of(scope, e), "0.5"):
            value = self.sample(scope, f"{name} {form[0]} ({form[3:].format(each)})")
            if is_usable(value) and np.shape(value) == np.shape(before):
                self.write(f"{name} {form.format(each)}")
                if type_of(value) != type_of(before) and not isinstance(before, np.ndarray) and name not in scope.fixed:
                    scope.samples[name] = value
                return

    def _swap(self, scope: Scope) -> None:
        old = self.open_names(scope)
        a = self.pick(old) if old else ""
        alike = [name for name in old if name != a and type_of(scope.samples[name]) == type_of(scope.samples[a])]
        if alike and self.choose(2):
            b = self.pick(alike)
            self.write(f"{a}, {b} = {b}, {a}")
            return
        texts = [self.value(scope), self.expression(scope, 2)]
        values = [self.sample(scope, text) for text in texts]
        new = [self.name("v"), self.name("v")]
        self.write(f"{', '.join(new)} = {', '.join(texts)}")
        for name, value in zip(new, values):
            self.rebind(scope, name, value)

    def _boolean(self, scope: Scope) -> None:
        test, name = self.test(scope, 1), self.name("t")
        self.write(f"{name} = {test}")
        scope.samples[name] = True
        scope.tests.append(name)

    def _integer(self, scope: Scope) -> None:
        a = self.array(scope, 0)
        name = self.name("i")
        texts = ("0", "1", f"len({a}) - 1", f"{a}.shape[-1] // 2", f"int(np.argmax({a}))")
        text = self.pick(texts)
        value = self.sample(scope, text)
        if isinstance(value, int) and value >= 0:
            self.write(f"{name} = {text}")
            scope.samples[name] = np.size(self.sample(scope, a)) if "argmax" in text else value
            scope.ints.append(name)

    def _view(self, scope: Scope) -> None:
        """Another name for an array, or for a part of it."""
        a = self.array(scope, 0)
        name = self.name("v")
        text = self.pick((a, f"{a}.T", f"{a}[::-1]", f"{a}[...]", f"{a}.ravel()", f"{a}.reshape(-1, 1)", f"{a}[None]"))
        self.write(f"{name} = {text}")
        self.rebind(scope, name, self.sample(scope, text))

    def _unpack(self, scope: Scope) -> None:
        """The rows of an array, the parts of a split, the items of a container."""
        a = self.array(scope, 1)
        length = len(self.sample(scope, a))
        containers = [each for each in scope.containers if isinstance(scope.samples[each], (tuple, list))]
        form = self.choose(4)
        if form == 3 and containers:
            self.targets(scope, self.pick(containers))
        elif form == 2 and length >= 2:
            axis = self.choose(np.ndim(self.sample(scope, a)))
            text = f"np.split({a}, [1], axis={axis})"
            if length % 2 == 0 and self.choose(2):
                text = f"np.split({a}, 2)"
            self.targets(scope, text)
        elif 0 < length <= 4:
            self.targets(scope, a)

    def targets(self, scope: Scope, text: str) -> None:
        """Write an assignment that takes a sequence apart."""
        value = self.sample(scope, text)
        if value is None or not all(is_inexact(item) or is_container(item) for item in value):
            return
        names = [self.name("v") for _ in value]
        starred = len(names) > 2 and is_container(value) and self.chance(30)
        self.write(f"{', '.join([names[0], f'*{names[1]}'] if starred else names)}{',' * (len(names) == 1)} = {text}")
        for name, item in zip(names, [value[0], list(value[1:])] if starred else value):
            scope.bind(name, item)

    # Containers.

    def _pack(self, scope: Scope) -> None:
        """A new container, of new values and of parts of others."""
        a, b = self.value(scope), self.expression(scope, 2)
        old = self.pick(scope.containers) if scope.containers else ""
        forms = [f"({a}, {b})", f"[{a}, {b}]", f'{{"u": {a}, "v": {b}}}', f"Pair({a}, {b})", f"dict(u={a}, v={b})",
                 f'{{"u": {a}, "rest": ({b}, [{self.recent(scope)}])}}', f"[({a}, {b}), ({b}, {a})]"]  # fmt: skip
        if isinstance(scope.samples.get(old), dict):
            forms += [f'{{**{old}, "u": {a}}}', f"list({old}.values())"]
        elif type(scope.samples.get(old)) in (list, tuple):
            brackets = "[]" if self.choose(2) else "()"
            forms += [f"{brackets[0]}*{old}, {a}{brackets[1]}", f"{old}[::-1]", f"{old}[1:]", f"tuple({old})"]
        text = self.pick(forms)
        value = self.sample(scope, text)
        if is_container(value):
            name = self.name("c")
            self.write(f"{name} = {text}")
            scope.bind(name, value)

    def _rebuild(self, scope: Scope) -> None:
        """A container of the same structure, with other values: what a loop may carry."""
        known = [name for name in scope.containers if name not in scope.frozen and self.is_numeric(scope.samples[name])]
        if not known:
            return self._pack(scope)
        name = self.pick(known)
        self.write(f"{name} = {self.rebuilt(scope, name, scope.samples[name])}")

    def is_numeric(self, value: Any) -> bool:
        return all(is_inexact(leaf) for _, leaf in leaves(value)) and bool(leaves(value))

    def rebuilt(self, scope: Scope, path: str, value: Any) -> str:
        """The text of a container like the one that `path` reads."""
        if isinstance(value, dict):
            items = (f'"{key}": ' + self.rebuilt(scope, f'{path}["{key}"]', item) for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        if hasattr(value, "_fields"):
            items = (self.rebuilt(scope, f"{path}.{name}", item) for name, item in zip(value._fields, value))
            return f"Pair({', '.join(items)})"
        if isinstance(value, (list, tuple)):
            items = [self.rebuilt(scope, f"{path}[{i}]", item) for i, item in enumerate(value)]
            return f"[{', '.join(items)}]" if isinstance(value, list) else f"({', '.join(items)},)"
        if self.chance(30):
            return path
        return self.fitted(scope, f"{path} * {self.expression(scope, 1)}", value)

    # Arrays of which the path says how long they are.

    def _lengths(self, scope: Scope) -> None:
        """A name whose lengths only the run knows: a slice, a longer array, or one that broadcasting stretches."""
        a = self.array(scope, 1)
        whole = self.sample(scope, a)
        v, form = self.name("v"), self.choose(5)
        like = ""
        if form == 0:
            like = self.name("v")
            self.write(f"{like} = {a}")
            text = f"np.mean({like}, axis={self.choose(whole.ndim)}, keepdims=True)"
            self.write(f"{v} = {text} if {self.test(scope, 1)} else {like} * 0.5")
            scope.bind(like, whole)
            scope.frozen |= {like}
        elif form == 1:
            self.write(f"{v} = {a}")
            with self.indented(f"if {self.test(scope, 1)}:"):
                self.write(
                    f"{v} = {self.pick((f'{v}[1:]', f'{v}[:1]', f'np.concatenate([{v}, {v} * 0.5])', f'{v}[::2]'))}"
                )
        elif form == 2 and scope.ints:
            i = self.pick(scope.ints)
            self.write(f"{v} = {a}[{self.pick((f'{i}:', f':{i}', f'{i} % 2:', f': {i} + 1'))}] * 1.5")
        elif form == 3:
            self.write(f"{v} = {a}[{a} > {self.pick(('0.1', '-0.5', '0.9'))}]")
            whole = np.ravel(whole)
        else:
            self.write(f"{v} = {a}")
            with self.indented(
                f"for {self.name('i')} in range({self.pick(('n', '2', '3') if 'n' in scope.ints else ('2', '3'))}):"
            ):
                self.write(
                    f"{v} = {self.pick((f'np.concatenate(({v}, {v}[:1]))', f'np.sin({v}[1:])', f'{v}[:2] * 0.7'))}"
                )
        scope.samples[v] = whole
        scope.loose[v] = like

    def _loose_update(self, scope: Scope) -> None:
        if not scope.loose:
            return self._lengths(scope)
        v = self.pick(list(scope.loose))
        e = self.number_of(scope, self.expression(scope, 2))
        self.write(
            self.pick((f"{v} = np.sin({v})", f"{v} = {v} * {e}", f"{v} = {v} + np.tanh({e})", f"{v} = {v} * {v}"))
        )

    # Functions.

    def _inner_function(self, scope: Scope) -> None:
        """A closure over what is in scope, and perhaps its call."""
        if scope.loops:
            return self._assign(scope)
        a = self.expression(scope, 1)
        helper, parameter = self.name("g"), self.name("p")
        own = scope.inside()
        own.fixed = own.frozen = frozenset(scope.samples)
        given = self.sample(scope, a)
        own.bind(parameter, given)
        start = len(self.lines)
        if self.chance(30):
            result = self.expression(own, 2)
            self.write(f"{helper} = lambda {parameter}: {result}")
            own.result = self.sample(own, result)
        else:
            default = f", k={self.pick(CONSTANTS)}" if self.chance(30) else ""
            with self.indented(f"def {helper}({parameter}{default}):"):
                if default:
                    own.bind("k", 0.5)
                own.result = self.sample(own, self.expression(own, 2))
                self.block(own, self.choose(3))
                self.return_(own)
        self.define(scope.samples, start)
        scope.fixed |= frozenset(scope.samples)
        if helper in scope.samples and is_usable(own.result):
            scope.helpers.append(Helper(helper, (given,), own.result))

    def define(self, namespace: dict[str, Any], start: int) -> None:
        """Run the lines from `start`, which define a function, so that calls of it can be tried."""
        indent = "    " * self.depth
        text = "\n".join(line.removeprefix(indent) for line in self.lines[start:])
        names = {**self.module, **namespace}
        known = set(names)
        exec(text, names)
        namespace.update((name, value) for name, value in names.items() if name not in known and name != "__builtins__")

    def _unpack_call(self, scope: Scope) -> None:
        """A call of a function that returns several values."""
        helpers = [helper for helper in scope.helpers if isinstance(helper.result, tuple)]
        if helpers:
            self.targets(scope, self.call(scope, self.pick(helpers), 2))

    def return_(self, scope: Scope) -> None:
        """Write a `return` of what the function is known to return."""

        def part(like: Any) -> str:
            return self.fitted(scope, self.value(scope), like)

        result = scope.result
        texts = [part(item) for item in result] if isinstance(result, tuple) else [part(result)]
        self.write(f"return {', '.join(texts)}")
