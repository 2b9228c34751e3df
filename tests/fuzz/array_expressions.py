"""Expressions of random array programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.array_operands import CONSTANTS, OperandWriter
from tests.fuzz.array_scope import Scope, is_usable
from tests.fuzz.structures import type_of

_BOUNDED = ("np.sin", "np.cos", "np.tanh", "np.arctan", "np.arcsinh", "np.sinc")
_POSITIVE = ("np.sqrt", "np.log", "np.cbrt", "np.log1p", "np.reciprocal", "np.exp2", "np.log2", "np.square", "np.expm1")


class ExpressionWriter(OperandWriter):
    """Writes expressions."""

    def expression(self, scope: Scope, depth: int) -> str:
        """An expression whose value is a number or an array of floats."""
        if depth <= 0 or self.chance(8):
            return self.leaf(scope)
        text = self.weighted(self._EXPRESSIONS)(self, scope, depth - 1)
        value = self.sample(scope, text)
        if is_usable(value):
            return text
        text = f"np.tanh({text})"
        return text if is_usable(self.sample(scope, text)) else self.leaf(scope)

    # Elementwise.

    def _elementwise(self, scope: Scope, depth: int) -> str:
        return f"{self.pick(_BOUNDED)}({self.expression(scope, depth)})"

    def _positive(self, scope: Scope, depth: int) -> str:
        return f"{self.pick(_POSITIVE)}(1.2 + {self.pick(_BOUNDED[:5])}({self.expression(scope, depth)}))"

    def _binary(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        b = self.expression(scope, depth)
        if not is_usable(self.sample(scope, f"({a}) * ({b})")):
            b = self.beside(scope, a)
        pair = (a, b) if self.choose(2) else (b, a)
        return f"({pair[0]} {self.pick('*+-')} {pair[1]})"

    def _quotient(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        return f"({a} / (1.5 + {self.beside(scope, a)} ** 2))"

    def _power(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        b = self.beside(scope, a)
        return self.pick((f"({a} ** 2)", f"({a}) ** 3", f"((1.1 + {b} ** 2) ** np.sin({a}))", f"(2.0 ** np.cos({a}))",
                          f"np.power(1.2 + np.abs({a}), {b})", f"np.square({a})"))  # fmt: skip

    def _sign(self, scope: Scope, depth: int) -> str:
        return f"({self.pick(('-', 'abs', 'np.abs', 'np.negative', '+'))}({self.expression(scope, depth)}))"

    def _two(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        b = self.beside(scope, a)
        return self.pick((f"np.maximum({a}, {b})", f"np.minimum({b}, {a})", f"np.multiply({a}, {b})",
                          f"np.hypot({a}, 1.0 + {b} ** 2)", f"np.arctan2({a}, 1.2 + np.abs({b}))",
                          f"np.logaddexp({a}, {b})", f"np.subtract({a}, {b})", f"np.add({b}, {a})",
                          f"np.true_divide({a}, 1.3 + {b} * {b})", f"np.fmax({a}, {b})"))  # fmt: skip

    def _choice(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        b, c = self.beside(scope, a), self.beside(scope, a)
        return self.pick((f"np.where({c} > 0.2, {a}, {b})", f"np.where({a} < {b}, {a} * 0.5, {b})",
                          f"np.clip({a}, -0.9, 0.8)", f"np.clip({a}, -1.0 - np.abs({b}), 1.1)",
                          f"(({a} > 0.3) * {b})", f"np.where({c} > {b}, 0.0, {a})",
                          f"np.select([{a} > 0.5, {a} < -0.5], [{b}, {a}], 0.1)"))  # fmt: skip

    def _scalar(self, scope: Scope, depth: int) -> str:
        return f"({self.expression(scope, depth)} {self.pick('*+-')} {self.pick(CONSTANTS)})"

    def _integers(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        i = self.pick(scope.ints) if scope.ints else "2"
        b = self.array(scope, 0)
        return self.pick((f"({a} * {i})", f"({a} * len({b}))", f"({a} / {b}.size)", f"({a} * {b}.shape[0])",
                          f"({a} ** ({i} % 3))", f"({a} * {b}.ndim)", f"(({i} + 1) * {a})"))  # fmt: skip

    # Reductions.

    def axis(self, ndim: int, *, tuples: bool = True) -> str:
        """An axis of an array: None, an int from either end, or several."""
        options = [(3, "None")]
        options += [(2, str(k)) for k in range(ndim)] + [(1, str(-k - 1)) for k in range(ndim)]
        if ndim > 1 and tuples:
            options += [(1, "(0, 1)"), (1, "(-1, 0)")]
        return self.weighted(options)

    def _reduction(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth)
        function = self.pick(("sum", "sum", "mean", "max", "min", "prod", "var", "std", "ptp"))
        axis = self.axis(np.ndim(self.sample(scope, a)))
        options = (f"axis={axis}",) if axis != "None" or self.chance(20) else ()
        options += ("keepdims=True",) if self.chance(35) else ()
        if function == "std":
            a = f"np.cumsum(0.5 + np.abs({a}), axis=0)"
        if self.chance(35) and function != "ptp":
            return f"({a}).{function}({', '.join(options)})"
        if axis != "None" and self.chance(20):
            return f"np.{function}({', '.join((a, axis, *options[1:]))})"
        return f"np.{function}({', '.join((a, *options))})"

    def _cumulative(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth)
        axis = self.axis(np.ndim(self.sample(scope, a)), tuples=False)
        return self.pick((f"np.cumsum({a}, axis={axis})", f"np.sort({a}, axis={axis})", f"np.cumprod({a}, axis={axis})",
                          f"np.diff({a})", f"({a}).cumsum()", f"np.sort(({a}).ravel())[::-1]"))  # fmt: skip

    # Products.

    def _product(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth)
        forms = ("{a} @ {b}", "np.dot({a}, {b})", "np.matmul({a}, {b})", "{a} @ {b}.T", "{a}.T @ {b}", "{b} @ {a}",
                 "np.inner({a}, {b})", "np.outer({a}, {b})", "np.vdot({a}, {b})", "{a}.dot({b})",
                 "np.tensordot({a}, {b}, axes=1)", "np.einsum('ij,ij->i', {a}, {b})", "np.einsum('ij,jk', {a}, {b})",
                 "np.einsum('i,j->ij', {a}, {b})", "np.einsum('ij,j->i', {a}, {b})", "np.einsum('ij->j', {a})",
                 "np.einsum('i,i', {a}, {b})", "np.trace({a})", "np.einsum('ii', {a})", "np.diag({a})", "{a} @ {a}.T",
                 "np.einsum('ij,ik->jk', {a}, {b})", "np.tensordot({a}, {b}, axes=([0], [0]))")  # fmt: skip
        fitting = []
        for b in self.readable(scope):
            texts = [form.format(a=a, b=b) for form in forms]
            fitting += [f"({text})" for text in texts if is_usable(self.sample(scope, text))]
        return self.pick(fitting) if fitting else a

    def _linear_algebra(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth, 2)
        value = np.asarray(self.sample(scope, a))
        if value.ndim != 2 or value.shape[0] != value.shape[1]:
            a = f"({a} @ {a}.T)" if value.ndim == 2 else f"np.outer({a}, {a})"
            value = np.asarray(self.sample(scope, a))
        if value.ndim != 2:
            return a
        size = len(value)
        well, b = f"(np.eye({size}) * 4.0 + np.tanh({a}))", f"np.arange(1.0, {size + 1.0})"
        both = [each for each in self.readable(scope) if np.shape(self.sample(scope, each))[:1] == (size,)]
        return self.pick((f"np.linalg.inv({well})", f"np.linalg.solve({well}, {self.pick([*both, b])})",
                          f"np.linalg.det({well}) * 0.02", f"np.linalg.slogdet({well})[1]",
                          f"np.linalg.cholesky({well} @ {well}.T)", f"np.linalg.norm({a} + 0.1)"))  # fmt: skip

    # Shapes.

    def _shaped(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth)
        value = np.asarray(self.sample(scope, a))
        shape, rank = value.shape, value.ndim
        order = list(range(rank))
        forms = [f"np.reshape({a}, -1)", f"({a}).reshape(-1, 1)", f"({a}).ravel()", f"({a}).flatten()",
                 f"np.transpose({a})", f"({a}).T", f"np.expand_dims({a}, {self.choose(rank + 1)})", f"np.squeeze({a})",
                 f"np.flip({a}, axis=0)", f"np.roll({a}, 1)", f"np.roll({a}, -1, axis=0)", f"np.tile({a}, 2)",
                 f"np.repeat({a}, 2)", f"np.repeat({a}, 2, axis=-1)", f"np.pad({a}, 1)", f"np.flip({a})",
                 f"np.atleast_2d({a})", f"({a}).reshape({shape[::-1]})", f"np.broadcast_to({a}, (2, *{shape}))",
                 f"np.copy({a})", f"({a}).astype(np.float32)", f"np.asarray({a})", f"np.reshape({a}, (1, -1))",
                 f"np.ravel({a}, order='F')", f"({a}).copy()"]  # fmt: skip
        if rank > 1:
            forms += [f"np.transpose({a}, {(*order[1:], 0)})", f"np.swapaxes({a}, 0, -1)",
                      f"np.moveaxis({a}, 0, -1)", f"np.tril({a})", f"np.triu({a}, 1)", f"({a}).swapaxes(0, 1)",
                      f"np.tile({a}, (2, 1))", f"np.diagonal({a})"]  # fmt: skip
        if self.dtype == "float64":
            forms = [form for form in forms if "float32" not in form or not self.choose(4)]
        return self.pick(forms)

    def _joined(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, depth)
        shape = np.shape(self.sample(scope, a))
        fitting = [each for each in self.arrays(scope) if np.shape(self.sample(scope, each)) == shape]
        b = self.pick([*fitting, f"({a} * 0.5)"])
        axis = self.choose(len(shape) + 1) - 1
        return self.pick((f"np.stack([{a}, {b}])", f"np.stack(({b}, {a}), axis={axis})", f"np.concatenate([{a}, {b}])",
                          f"np.concatenate(({b}, {a}, {b}), axis=-1)", f"np.vstack([{a}, {b}])",
                          f"np.hstack(({a}, {b}))", f"np.concatenate([{a}, {b}], axis=None)",
                          f"np.append({a}, {b})", f"np.array([{a}, {b}])", f"np.column_stack([{a}, {b}])"))  # fmt: skip

    def _made(self, scope: Scope, depth: int) -> str:
        """An array made of numbers, or a constant one."""
        a, b = (self.number_of(scope, self.expression(scope, depth)) for _ in range(2))
        like = self.array(scope, 0)
        return self.pick((f"np.array([{a}, {b}, {self.pick(CONSTANTS)}])", f"np.array([[{a}, 0.5], [1.0, {b}]])",
                          f"(np.ones(3) * {a})", f"np.full((2,), {a})", f"(np.arange(3) * {b})",
                          f"(np.linspace(0.0, 1.0, 4) + {a})", f"(np.eye(2) * {a})", f"(np.ones_like({like}) - {b})",
                          f"np.stack([{a}, {b}])", f"(np.zeros_like({like}) + {a})",
                          f"np.full_like({like}, {b})"))  # fmt: skip

    # Reading by index.

    def index(self, scope: Scope, shape: tuple[int, ...]) -> str:
        """What may stand in the brackets after an array of this shape."""
        items: list[str] = []
        advanced = 0
        for axis, length in enumerate(shape):
            if axis and self.chance(30):
                break
            form = self.choose(12)
            if form < 4:
                items.append(self.one_index(scope, length))
            elif form < 8 or advanced:
                items.append(self.pick((":", "1:", ":-1", "::-1", "::2", "1:3", "-2:", ":2", "2::-1", "::-2", ":1")))
            elif form < 11:
                several = [str(self.choose(length or 1) - self.choose(2) * length) for _ in range(2 + self.choose(3))]
                text = f"[{', '.join(several)}]"
                items.append(self.pick((text, f"np.array({text})", "INDEX", "q" if "q" in scope.samples else text)))
                advanced = len(several)
            else:
                items.append(f"[{', '.join(str(bool(self.choose(2))) for _ in range(length))}]")
                advanced = 9
        if advanced < 9 and advanced and len(items) < len(shape) and self.chance(30):
            items.append(f"[{', '.join(str(self.choose(shape[len(items)] or 1)) for _ in range(advanced))}]")
        if self.chance(15):
            items.insert(self.choose(len(items) + 1), "None")
        if self.chance(15):
            items.insert(self.choose(2) * len(items), "...")
        return ", ".join(items) or "..."

    def one_index(self, scope: Scope, length: int) -> str:
        """An integer that is an index of an axis of this length."""
        constant = str(self.choose(length or 1) - self.choose(2) * length)
        if not scope.ints or self.chance(30):
            return constant
        i = self.pick(scope.ints)
        if scope.samples[i] < length and self.choose(4):
            return self.pick((i, f"{i} - 1", f"-{i} - 1", f"{length - 1} - {i}"))
        return f"{i} % {length}" if length else constant

    def _item(self, scope: Scope, depth: int) -> str:
        known = self.arrays(scope)
        a = self.pick(known) if known and self.choose(4) else self.array(scope, depth)
        shape = np.shape(self.sample(scope, a))
        whole = self.choose(4) == 3
        index = ", ".join(self.one_index(scope, length) for length in shape) if whole else self.index(scope, shape)
        return f"{a}[{index}]" if a.isidentifier() or a in known else f"({a})[{index}]"

    def _found(self, scope: Scope, depth: int) -> str:
        """Reading by what other arrays say: masks, ranks, places."""
        a = self.array(scope, 0)
        own = type_of(self.sample(scope, a))
        b = self.pick([*(each for each in self.arrays(scope) if type_of(self.sample(scope, each)) == own), a])
        return self.pick((f"np.sum({a}[{b} > 0.1])", f"np.sum(np.sin({a}[{a} < 0.4]) * 2.0)",
                          f"{a}[np.argsort({b}[..., 0])]", f"{a}[np.argsort({b})]",
                          f"{a}[np.argmax({b}) % len({a})]", f"np.take({a}, [0, 0, -1])",
                          f"np.take({a}, np.array([0, 0]), axis=-1)", f"np.sum({a}[np.nonzero({b} > 0.0)])",
                          f"np.sort({a})[..., -1]", f"np.sum({a}[np.abs({b}) > 0.5] ** 2)",
                          f"np.take_along_axis({a}, np.argsort({b}, axis=0), axis=0)"))  # fmt: skip

    def _loose(self, scope: Scope, depth: int) -> str:
        """A number, or an array of known shape, from an array whose lengths depend on the path."""
        if not scope.loose:
            return self._elementwise(scope, depth)
        v = self.pick(list(scope.loose))
        like = scope.loose[v]
        if like and self.choose(4):
            return self.pick((f"({v} * {like})", f"({like} - {v})", f"({like} / (1.5 + {v} ** 2))",
                              f"np.maximum({like}, {v})", f"np.where({like} > 0.1, {v}, {like})"))  # fmt: skip
        return self.pick((f"np.sum({v} ** 2)", f"np.sum(np.sin({v}))", f"({v} * 0.5).sum()", f"np.sum({v} * {v}[::-1])",
                          f"np.sum(np.cumsum({v}))", f"np.sum({v}[1:]) * 0.3", f"np.vdot({v}, {v})",
                          f"np.sum({v} * {v}[:1])", f"np.sum({v}.T - 0.1)"))  # fmt: skip

    # What is not NumPy's.

    def _call(self, scope: Scope, depth: int) -> str:
        helpers = [helper for helper in scope.helpers if not isinstance(helper.result, tuple)]
        return self.call(scope, self.pick(helpers), depth) if helpers else self._elementwise(scope, depth)

    def call(self, scope: Scope, helper: Any, depth: int) -> str:
        """A call of a helper; one that was written for other shapes may take these, too."""
        args = []
        for param in helper.params:
            same = [
                each
                for each in (*self.readable(scope), *scope.containers)
                if type_of(self.sample(scope, each)) == type_of(param)
            ]
            text = self.expression(scope, depth)
            args.append(self.pick(same) if same and self.choose(3) else text)
        return f"{helper.name}({', '.join(args)})"

    def _conditional(self, scope: Scope, depth: int) -> str:
        a = self.expression(scope, depth)
        b = self.fitted(scope, self.leaf(scope), self.sample(scope, a))
        return f"({a} if {self.test(scope, 1)} else {b})"

    def _built_in(self, scope: Scope, depth: int) -> str:
        a = self.array(scope, 0)
        items = ", ".join(self.number_of(scope, self.expression(scope, depth)) for _ in range(2))
        return self.pick((f"sum({a})", f"sum([{items}])", f"max({items})",
                          f"sum([np.sum(v * v) for v in ({a}, {items})])", f"min([{items}])",
                          f"float(np.mean({a}))", f"({a}).item(0)"))  # fmt: skip

    def test(self, scope: Scope, depth: int) -> str:
        """A test, mostly of what arrays hold."""
        form = self.choose(13 if depth > 0 else 9)
        a = self.array(scope, 0)
        number = self.number_of(scope, self.leaf(scope))
        compare, limit = self.pick(("<", ">", "<=", ">=")), self.pick(("0.1", "-0.4", "0.6", "1.1"))
        if form < 2:
            return f"np.sum({a}) {compare} {limit}"
        if form == 2:
            return self.pick(
                (f"np.all({a} > -0.8)", f"np.any({a} > 0.9)", f"({a} > 0).all()", f"not np.any({a} < -1.0)")
            )
        if form == 3:
            return f"{number} {compare} {limit}"
        if form == 4:
            return self.pick((f"len({a}) > 2", f"{a}.shape[0] == 2", f"{a}.ndim == 2", f"{a}.size > 3"))
        if form == 5 and scope.tests:
            return self.pick(scope.tests)
        if form in (5, 6) and scope.ints:
            i = self.pick(scope.ints)
            return self.pick((f"{i} % 2 == 0", f"{i} > 1", f"{i} != 2", f"{i}"))
        if form <= 8:
            return f"np.sin({self.pick(('3', '7', '11'))} * {number}) {compare} 0.2"
        if form == 9:
            return f"not {self.test(scope, depth - 1)}"
        if form == 10:
            return f"-0.7 < {number} <= {limit} + 0.9"
        return f"({self.test(scope, depth - 1)} {('and', 'or')[form - 11]} {self.test(scope, depth - 1)})"

    _EXPRESSIONS = (
        (24, _binary),
        (14, _elementwise),
        (16, _item),
        (14, _reduction),
        (10, _product),
        (8, _shaped),
        (6, _scalar),
        (5, _quotient),
        (5, _power),
        (4, _positive),
        (5, _two),
        (5, _choice),
        (6, _joined),
        (4, _made),
        (4, _cumulative),
        (5, _found),
        (6, _loose),
        (10, _call),
        (4, _conditional),
        (3, _integers),
        (3, _sign),
        (3, _built_in),
        (2, _linear_algebra),
    )
