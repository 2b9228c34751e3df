"""Arrays for random programs to write to: new ones, and other names, views and places that hold them."""

from __future__ import annotations

import numpy as np

from tests.fuzz.array_scope import Scope, is_usable
from tests.fuzz.array_statements import StatementWriter

OWN, ARGUMENT, GLOBAL = "new array", "argument", "global"
NAME, VIEW, VIEW_OF_VIEW, TRANSPOSE, RESHAPE = "second name", "view", "view of a view", "transpose", "reshape"
LIST, DICT, ROW, PARAMETER, CLOSURE = "in a list", "in a dict", "row of a loop", "parameter", "closure"
ALIASES = (OWN, ARGUMENT, NAME, VIEW, VIEW_OF_VIEW, TRANSPOSE, RESHAPE, LIST, DICT, ROW, PARAMETER, CLOSURE, GLOBAL)
"""What an array that is written to is to the writer: the columns of the table of writes."""

_VIEWS = (VIEW, VIEW_OF_VIEW, TRANSPOSE, RESHAPE)


def is_target(value: object) -> bool:
    """Tell whether programs may write to this: an array of floats with elements."""
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.size > 0 and value.dtype.kind == "f"


class TargetWriter(StatementWriter):
    """Makes arrays to write to, and knows for each what it is to the writer."""

    def target(self, scope: Scope, ndim: int = 1) -> str:
        """Something to write to that has at least so many dimensions, mostly of the youngest."""
        known = [path for path in scope.targets if np.ndim(self.sample(scope, path)) >= ndim]
        if not known:
            return self.own(scope, ndim)
        return self.pick(known[-4:] if self.choose(3) else known)

    def own(self, scope: Scope, ndim: int = 1) -> str:
        """Write an assignment that makes a new array, and return its name."""
        e = self.array(scope, 2, ndim)
        shape = np.shape(self.sample(scope, e))
        forms = (f"np.copy({e})", f"{e} * 1.5", f"np.array({e})", f"np.zeros({shape})", f"({e}).copy()", f"np.sin({e})",
                 f"np.zeros_like({e})", f"np.full({shape}, 0.3)", f"np.ones({shape}) * 0.5", f"np.empty({shape})",
                 f"({e}).astype(float)", f"({e}).flatten()")  # fmt: skip
        text = self.pick(forms)
        if not is_target(self.sample(scope, text)):
            text = "np.full((3, 2), 0.3)"
        name = self.name("t")
        self.write(f"{name} = {text}")
        if "empty" in text:
            self.write(f"{name}[...] = {self.number_of(scope, e)}")
            text = f"np.full({shape}, 0.3)"
        self.add_target(scope, name, text, OWN)
        return name

    def add_target(self, scope: Scope, name: str, text: str, alias: str) -> None:
        """Bind a name to what a text says, and note that it may be written to."""
        value = self.sample(scope, text)
        self.rebind(scope, name, value)
        if is_target(value):
            scope.targets[name] = alias

    # Aliases.

    def _own(self, scope: Scope) -> None:
        self.own(scope)

    def _alias(self, scope: Scope) -> None:
        """Another name for an array that may be written to, or for a part of it."""
        views = [path for path, alias in scope.targets.items() if alias in _VIEWS]
        t = self.pick(views) if views and self.choose(2) else self.target(scope)
        alias, forms = self.weighted(
            [
                (3, (NAME, (t,))),
                (7, (VIEW, tuple(f"{t}[{self.basic(np.shape(self.sample(scope, t)))}]" for _ in range(3)))),
                (4, (TRANSPOSE, (f"{t}.T", f"np.transpose({t})", f"{t}.swapaxes(0, -1)", f"np.swapaxes({t}, 0, 1)"))),
                (4, (RESHAPE, (f"{t}.reshape(-1)", f"np.reshape({t}, (-1, 1))", f"{t}.ravel()", f"np.ravel({t})",
                               f"np.expand_dims({t}, 0)", f"np.squeeze({t})", f"np.atleast_2d({t})",
                               f"np.asarray({t})"))),
            ]
        )  # fmt: skip
        usable = [form for form in forms if is_target(self.sample(scope, form))]
        if alias == TRANSPOSE and np.ndim(self.sample(scope, t)) < 2:
            usable = []
        if not usable:
            return
        name, text = self.name("t"), self.pick(usable)
        self.write(f"{name} = {text}")
        if alias == VIEW and scope.targets.get(t) in _VIEWS:
            alias = VIEW_OF_VIEW
        self.add_target(scope, name, text, alias)

    def basic(self, shape: tuple[int, ...]) -> str:
        """An index of slices, numbers, `...` and new axes, which makes a view."""
        items: list[str] = []
        for axis, length in enumerate(shape):
            if axis and self.chance(25):
                break
            if len(shape) > 1 and self.chance(30):
                items.append(str(self.choose(length) - self.choose(2) * length))
            else:
                items.append(self.pick(("1:", ":", ":-1", "::-1", "::2", ":2", "-2:", "1::2", "::-2")))
        if self.chance(10):
            items.insert(self.choose(len(items) + 1), "None")
        elif self.chance(15):
            items.insert(self.choose(2) * len(items), "...")
        return ", ".join(items)

    def _held(self, scope: Scope) -> None:
        """A list or a dict that holds arrays, rows and views."""
        t = self.target(scope)
        e = f"np.sin({self.array(scope, 1)})"
        many = np.ndim(self.sample(scope, t)) > 1
        parts = [t, f"{t}[1:]", *((f"{t}[0]", f"{t}[-1]", f"{t}[:, 0]") if many else ())]
        usable = [part for part in parts if is_target(self.sample(scope, part))]
        first = self.pick(usable)
        second = self.pick([*usable, e])
        name = self.name("c")
        if self.choose(2):
            alias, text, keys = DICT, f'{{"u": {first}, "v": {second}}}', ('"u"', '"v"')
        elif len(self.sample(scope, t)) <= 4 and many and self.chance(30):
            alias, text, keys = LIST, f"[r for r in {t}]", ("0", "-1")
        else:
            brackets = "[]" if self.choose(3) else "()"
            alias, text, keys = LIST, f"{brackets[0]}{first}, {second}{brackets[1]}", ("0", "1")
        self.write(f"{name} = {text}")
        self.rebind(scope, name, self.sample(scope, text))
        for key in keys:
            if is_target(self.sample(scope, f"{name}[{key}]")):
                scope.targets[f"{name}[{key}]"] = alias

    def _parts(self, scope: Scope) -> None:
        """Names for the parts of an array: its rows, or what `np.split` makes of it."""
        t = self.target(scope)
        value = self.sample(scope, t)
        text = t if value.ndim > 1 and self.choose(2) else f"np.split({t}, [1])"
        parts = self.sample(scope, text)
        if parts is None or not 1 < len(parts) <= 4 or not all(map(is_target, parts)):
            return
        names = [self.name("t") for _ in parts]
        self.write(f"{', '.join(names)} = {text}")
        for i, name in enumerate(names):
            self.add_target(scope, name, f"{text}[{i}]", VIEW)

    def _renewed(self, scope: Scope) -> None:
        """A new array for a name that has one: other names keep the old one."""
        known = [path for path in scope.targets if path.isidentifier() and path not in scope.fixed | scope.frozen]
        if not known or scope.loops:
            return self.own(scope) and None
        name = self.pick(known)
        text = self.fitted(scope, self.value(scope), self.sample(scope, name))
        value = self.sample(scope, f"{text} * 1.0")
        if is_usable(value):
            self.write(f"{name} = {text} * 1.0")
            scope.bind(name, value)
            scope.targets[name] = OWN

    TARGETS = ((10, _own), (22, _alias), (9, _held), (4, _parts), (3, _renewed))
