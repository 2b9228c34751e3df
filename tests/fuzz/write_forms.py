"""All kinds of writes to arrays, as statements of random programs."""

from __future__ import annotations

import numpy as np

from tests.fuzz.array_scope import Scope
from tests.fuzz.decisions import Choose
from tests.fuzz.write_targets import CLOSURE, GLOBAL, INDICES, OWN, REAL, TargetWriter, is_target

_AUGMENTED = (
    (6, "+= 0.3 * np.sin({})"),
    (6, "-= 0.2 * np.cos({})"),
    (7, "*= np.cos({})"),
    (5, "/= 1.2 + np.abs({})"),
    (3, "**= 2"),
    (3, "%= 1.7"),
    (2, "//= 0.6"),
    (3, "+= {}"),
)


class FormWriter(TargetWriter):
    """Writes statements that change an array."""

    def __init__(self, choose: Choose) -> None:
        super().__init__(choose)
        self.writes: list[tuple[str, str]] = []

    def note(self, scope: Scope, target: str, *kinds: str) -> None:
        """Count a write."""
        self.unwritten = [path for path in self.unwritten if path != target]
        self.writes += [(kind, scope.targets[target]) for kind in kinds]

    def is_local(self, scope: Scope, target: str) -> bool:
        """Tell whether the function may assign to a target: to a name of its own, to an item of a list or a dict."""
        if target.isidentifier():
            return scope.targets[target] not in (CLOSURE, GLOBAL)
        return isinstance(self.sample(scope, target.rpartition("[")[0]), (list, dict))

    # What is written.

    def given(self, scope: Scope, shape: tuple[int, ...]) -> str:
        """What can be written to a part of this shape: an expression of that shape, or that broadcasting stretches."""
        e = self.expression(scope, 2)
        form = self.pick(("np.sin({})", "0.6 * np.cos({})", "np.tanh({}) * 1.3", "{}"))
        texts = [form.format(e if self.fits(scope, e, shape) else self.beside_shape(scope, e, shape))]
        if scope.loops and form == "{}":
            texts[0] = f"np.sin({texts[0]})"
        return texts[0]

    def beside_shape(self, scope: Scope, text: str, shape: tuple[int, ...]) -> str:
        fitting = [each for each in self.readable(scope) if self.fits(scope, each, shape)]
        if fitting and self.choose(3):
            return self.pick(fitting)
        return self.number_of(scope, text)

    def fits(self, scope: Scope, text: str, shape: tuple[int, ...]) -> bool:
        """Tell whether an expression has a shape, or can be stretched to it."""
        value = self.sample(scope, text)
        if value is None:
            return False
        try:
            return bool(np.broadcast_shapes(np.shape(value), shape) == shape)
        except ValueError:
            return False

    # Where it is written.

    def part(self, scope: Scope, target: str) -> tuple[str, str]:
        """An index of a part of an array, and its kind."""
        shape = self.sample(scope, target).shape
        kind = self.weighted(
            [(8, "x[i]"), (9, "x[i, j]"), (6, "x[a:b]"), (6, "x[::k]"), (5, "x[-i]"), (5, "x[...]"), (5, "x[:]"),
             (5, "x[None]"), (6, "x[[i, i]]"), (6, "x[mask]"), (5, "x[..., i]"), (9, "x[[i, j], a:b]")]
        )  # fmt: skip
        if len(shape) < 2 and kind in ("x[i, j]", "x[[i, j], a:b]"):
            kind = "x[i]"
        return _PARTS[kind](self, scope, target, shape), kind

    def _first(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return self.one_index(scope, shape[0])

    def _element(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return ", ".join(self.one_index(scope, length) for length in shape)

    def _slice(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        first = self.pick(("1:", ":-1", ":2", "-2:", "1:3", ":"))
        return f"{first}, {self.pick((':2', '1:', '0', ':'))}" if len(shape) > 1 and self.choose(2) else first

    def _step(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return self.pick(("::2", "::-1", "1::2", "::-2", "-1:0:-1"))

    def _negative(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return f"-{1 + self.choose(shape[0])}"

    def _all(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return "..."

    def _full(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return ":"

    def _new_axis(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return self.pick(("None", ":, None", "None, 1:", "None, ..., 0"))

    def _repeats(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        several = [str(self.choose(shape[0]) - self.choose(2) * shape[0]) for _ in range(2 + self.choose(3))]
        text = f"[{', '.join(several)}]"
        arrays = [name for name, value in scope.samples.items() if name[0] == "q" and np.max(value) < shape[0]]
        return self.pick((text, f"np.array({text})", *arrays))

    def _mask(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        some = [each for each in self.readable(scope) if np.shape(self.sample(scope, each)) == shape]
        return self.pick((f"{target} > 0.2", f"{self.pick([target, *some])} < 0.5", f"np.abs({target}) > 0.4"))

    def _last(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return self.pick(("..., 0", "0, ...", "..., -1", "..., 1:"))

    def _mixed(self, scope: Scope, target: str, shape: tuple[int, ...]) -> str:
        return self.pick(("[0, -1], 1:", "[0, 0], :2", ":, [0, -1, 0]", "[0, 1], [1, 0]"))

    # Assignments.

    def _assign_part(self, scope: Scope) -> None:
        t = self.target(scope)
        index, kind = self.part(scope, t)
        shape = np.shape(self.sample(scope, f"{t}[{index}]"))
        if self.sample(scope, f"{t}[{index}]") is None:
            return
        value = self.number_of(scope, self.expression(scope, 2)) if kind == "x[mask]" else self.given(scope, shape)
        kinds = [kind]
        if self.chance(10):
            value = self.pick(("0.0", "1", "-0.5", "True", "RATE"))
            kinds.append("constant")
        elif self.chance(12) and kind != "x[mask]":
            casts = (f"({value} > 0.1)", f"np.float32({value})", f"np.asarray({value}, dtype=np.float32)", "n")
            value = self.pick([text for text in casts if self.sample(scope, text) is not None])
            kinds.append("cast")
        if scope.loops:
            value = f"np.sin({value})"
        if shape != np.shape(self.sample(scope, value)):
            kinds.append("stretched")
        self.write(f"{t}[{index}] = {value}")
        self.note(scope, t, *kinds)

    def _augment_part(self, scope: Scope) -> None:
        t = self.target(scope)
        index, kind = self.part(scope, t)
        old = self.sample(scope, f"{t}[{index}]")
        form = self.weighted(_AUGMENTED)
        if old is None or (scope.loops and form in ("**= 2", "+= {}")):
            return
        e = self.number_of(scope, self.expression(scope, 1)) if kind == "x[mask]" else self.given(scope, np.shape(old))
        self.write(f"{t}[{index}] {form.format(e)}")
        self.note(scope, t, kind, form.partition(" ")[0])

    def _augment_whole(self, scope: Scope) -> None:
        """``t += e``, where other names hold the array, too."""
        known = [path for path in scope.targets if self.is_local(scope, path)]
        if not known:
            return
        t, form = self.pick(known), self.weighted(_AUGMENTED)
        if scope.loops and form in ("**= 2", "+= {}"):
            return
        value = self.sample(scope, t)
        if self.chance(60) and value.ndim == 2:
            form = f"@= np.eye({value.shape[1]}) * np.cos({self.number_of(scope, self.recent(scope))})"
        self.write(f"{t} {form.format(self.given(scope, value.shape))}")
        self.note(scope, t, "x += v", form.partition(" ")[0])

    # Functions and methods.

    def _function(self, scope: Scope) -> None:
        t = self.target(scope)
        value = self.sample(scope, t)
        e = self.given(scope, value.shape)
        number = self.number_of(scope, self.expression(scope, 2))
        where = self._mask(scope, t, value.shape)
        several = self._repeats(scope, t, value.shape[:1])
        one = self.given(scope, value.shape[1:])
        options = [
            (6, "np.add.at", f"np.add.at({t}, {several}, 0.3 * {one})"),
            (4, "np.subtract.at", f"np.subtract.at({t}, {several}, 0.2 * np.sin({one}))"),
            (4, "np.multiply.at", f"np.multiply.at({t}, {several}, np.cos({one}))"),
            (2, "np.maximum.at", f"np.maximum.at({t}, {several}, np.sin({one}))"),
            (2, "np.maximum.at", f"np.minimum.at({t}, {several}, np.cos({one}))"),
            (4, "fill", f"{t}.fill(np.sin({number}))"),
            (3, "np.copyto", f"np.copyto({t}, {e})"),
            (2, "np.copyto", f"np.copyto({t}, {e}, where={where})"),
            (5, "np.putmask", f"np.putmask({t}, {where}, np.sin({number}))"),
            (5, "np.place", f"np.place({t}, {where}, [np.sin({number})])"),
            (3, "sort", f"{t}.sort()"),
            (2, "sort", f"{t}.sort(axis=0)"),
        ]
        if value.ndim == 1:
            options += [(7, "put", f"{t}.put({several}, np.sin({number}))")]
            options += [(7, "np.put", f"np.put({t}, {several}, np.cos({number}))")]
        if value.ndim == 2:
            options += [(10, "np.fill_diagonal", f"np.fill_diagonal({t}, np.sin({number}))")]
        kind, line = self.weighted([(weight, (kind, line)) for weight, kind, line in options])
        self.write(line)
        self.note(scope, t, kind)

    def _out(self, scope: Scope) -> None:
        """A result that is written where ``out=`` says."""
        t = self.target(scope)
        value = self.sample(scope, t)
        a, b = self.given(scope, value.shape), self.given(scope, value.shape)
        forms = [f"np.multiply({a}, {b}, out={t})", f"np.add({a}, {b}, out={t})", f"np.sin({a}, out={t})",
                 f"np.subtract({t}, {b}, {t})", f"np.maximum({a}, {b}, out={t})", f"np.cumsum({t}, axis=0, out={t})",
                 f"np.clip({t}, -0.8, 0.9, out={t})", f"np.tanh({t}, out={t})"]  # fmt: skip
        stacked = [each for each in self.arrays(scope, 2) if np.shape(self.sample(scope, each))[1:] == value.shape]
        forms += [f"np.mean({each}, axis=0, out={t})" for each in stacked]
        usable = [form for form in forms if self.has_shape(scope, form.replace(f"out={t}", "out=None"), value)]
        if usable:
            self.write(self.pick(usable))
            self.note(scope, t, "out=")

    def has_shape(self, scope: Scope, text: str, like: np.ndarray) -> bool:
        """Tell whether a call without its ``out=`` returns what can be written to an array."""
        if "out=None" not in text:
            return True
        value = self.sample(scope, text)
        return np.shape(value) == like.shape and np.asarray(value).dtype == like.dtype

    # An array and its own parts.

    def _overlap(self, scope: Scope) -> None:
        """A part is made of a part that overlaps with it."""
        t = self.target(scope)
        forms = ("{t}[1:] += {t}[:-1]", "{t}[:-1] *= np.cos({t}[1:])", "{t}[1:] = {t}[:-1]", "{t}[::-1] -= 0.5 * {t}",
                 "{t}[:-1] = {t}[1:]", "{t}[:] = {t}[::-1]", "{t}[1:] -= 0.3 * {t}[:1]", "{t}[...] = {t}[[0]]",
                 "{t}[1:] = np.tanh({t}[1:] * {t}[:-1])", "{t} *= {t}[::-1]", "{t}[0] += {t}[-1]")  # fmt: skip
        form = self.pick(forms)
        if form.startswith("{t} *") and not self.is_local(scope, t):
            return
        self.write(form.format(t=t))
        self.note(scope, t, "overlap")

    def _swap_parts(self, scope: Scope) -> None:
        t = self.target(scope)
        value = self.sample(scope, t)
        forms = ["{t}[[0, -1]] = {t}[[-1, 0]]", "{t}[0], {t}[-1] = {t}[-1].copy(), {t}[0].copy()"]
        if value.ndim == 1:
            forms += ["{t}[0], {t}[-1] = {t}[-1], {t}[0]"] * 2
        if value.ndim == 2:
            forms += [
                "{t}[:, 0], {t}[:, -1] = {t}[:, -1].copy(), {t}[:, 0].copy()",
                "{t}[0], {t}[-1] = {t}[-1], {t}[0]",
            ]
        self.write(self.pick(forms).format(t=t))
        self.note(scope, t, "swap")

    WRITES = (
        (28, _assign_part),
        (22, _augment_part),
        (9, _augment_whole),
        (30, _function),
        (5, _out),
        (6, _overlap),
        (6, _swap_parts),
    )

    def written(self, scope: Scope) -> None:
        """Write one write of any kind."""
        self.weighted(self.WRITES)(self, scope)

    # Arrays of integers, which index others.

    def _indices(self, scope: Scope) -> None:
        """An index array that changes; no number in it gets larger, so that it stays one."""
        known = [name for name in scope.samples if name[0] == "q"]
        if not known or self.chance(20):
            several = [self.choose(2) for _ in range(2 + self.choose(3))]
            name = self.name("q")
            self.write(f"{name} = {self.pick((f'np.array({several})', 'np.arange(2)', 'INDEX.copy()'))}")
            scope.samples[name] = np.array([0, 1])
            known = [name]
        q = self.pick(known)
        operators = (("&=", f"{q} &= 1"), ("^=", f"{q}[0] ^= {q}[0]"), (">>=", f"{q} >>= 1"), ("<<=", f"{q}[:1] <<= 0"),
                     ("|=", f"{q}[1:] |= {q}[:1]"))  # fmt: skip
        others = (("x[i]", f"{q}[0] = {q}[-1]"), ("swap", f"{q}[0], {q}[-1] = {q}[-1], {q}[0]"),
                  ("x[::k]", f"{q}[::-1] = {q}.copy()"), ("sort", f"{q}.sort()"), ("//=", f"{q} //= 2"),
                  ("fill", f"{q}.fill(0)"), ("%=", f"{q}[:1] %= 2"), ("x[:]", f"{q}[:] = {q}[::-1]"))  # fmt: skip
        for _ in range(1 + self.choose(3)):
            kind, line = self.pick(operators if self.choose(3) else others)
            self.write(line)
            self.writes.append((kind, INDICES))
        v, t = self.name("v"), self.array(scope, 0)
        text = f"{t}[{q}]"
        if self.sample(scope, text) is not None:
            self.write(f"{v} = {text}")
            self.rebind(scope, v, self.sample(scope, text))

    def _complex(self, scope: Scope) -> None:
        """An array of complex numbers, and its parts."""
        e = self.array(scope, 1)
        z = self.name("z")
        forms = ("{z}[0] = {n} * 1j", "{z} *= 1.0 + 0.5j", "{z}[1:] -= 0.5j * {z}[:-1]", "{z}[...] = np.conj({z})",
                 "{z}[[0, 0]] += 1j * {n}", "{z} /= 2.0 - 1j")  # fmt: skip
        start = self.pick((f"({e}) * (1.0 + 1j)", f"np.zeros(np.shape({e}), complex)", f"({e}).astype(complex)"))
        self.write(f"{z} = {start}")
        for _ in range(1 + self.choose(2)):
            self.write(self.pick(forms).format(z=z, n=self.number_of(scope, self.recent(scope))))
        self.writes.append(("complex", OWN))
        parts = (f"{z}.real", f"{z}.imag", f"np.real({z})")
        if self.choose(3):
            t = self.name("t")
            self.write(f"{t} = {self.pick(parts)}")
            value = np.abs(np.asarray(self.sample(scope, e), float))
            self.rebind(scope, t, value)
            if is_target(value):
                scope.targets[t] = REAL
                self.unwritten.append(t)
        v = self.name("v")
        text = self.pick(("{z}.real", "np.imag({z})", "np.abs({z} + 2.0)", "np.real({z} * np.conj({z}))"))
        self.write(f"{v} = {text.format(z=z)}")
        scope.bind(v, np.asarray(self.sample(scope, f"np.abs({e})")))


_PARTS = {
    "x[i]": FormWriter._first,
    "x[i, j]": FormWriter._element,
    "x[a:b]": FormWriter._slice,
    "x[::k]": FormWriter._step,
    "x[-i]": FormWriter._negative,
    "x[...]": FormWriter._all,
    "x[:]": FormWriter._full,
    "x[None]": FormWriter._new_axis,
    "x[[i, i]]": FormWriter._repeats,
    "x[mask]": FormWriter._mask,
    "x[..., i]": FormWriter._last,
    "x[[i, j], a:b]": FormWriter._mixed,
}
