"""Arrays for random programs to write to: new ones, and other names, views and places that hold them."""

from __future__ import annotations

import numpy as np

from tests.fuzz.array_scope import Scope, is_usable
from tests.fuzz.array_statements import StatementWriter
from tests.fuzz.decisions import Choose

OWN, ARGUMENT, TWICE, ITEM = "new array", "argument", "argument given twice", "item of an argument"
GLOBAL, REAL, INDICES = "global", "real or imaginary part", "index array"
NAME, LIST, DICT, PARTS = "second name", "in a list", "in a dict", "unpacked rows"
ROW, PARAMETER, CLOSURE, REPLACED = "row of a loop", "parameter", "closure", "replaced in a loop"
VIEW, VIEW_OF_VIEW, SPLIT, DIAGONAL = "view", "view of a view", "np.split", "diagonal"
_VIEWS = {
    "transpose": ("{t}.T", "np.transpose({t})", "{t}.transpose()"),
    "swapaxes": ("{t}.swapaxes(0, -1)", "np.swapaxes({t}, 0, 1)", "np.moveaxis({t}, 0, -1)"),
    "reshape": ("{t}.reshape(-1)", "np.reshape({t}, (-1, 1))", "{t}.reshape({t}.shape)"),
    "ravel": ("{t}.ravel()", "np.ravel({t})"),
    "squeeze": ("np.squeeze({t})", "{t}.squeeze()", "np.squeeze({t}[:1])", "{t}[None].squeeze(0)"),
    "expand_dims": ("np.expand_dims({t}, 0)", "np.expand_dims({t}, -1)"),
    "atleast": ("np.atleast_2d({t})", "np.atleast_1d({t})"),
    "asarray": ("np.asarray({t})", "np.asarray({t}, dtype={t}.dtype)"),
}
"""Other ways to look at the array `t`, by what they are called."""

ALIASES = (OWN, ARGUMENT, TWICE, ITEM, NAME, VIEW, VIEW_OF_VIEW, *_VIEWS, SPLIT, DIAGONAL, REAL, LIST, DICT, PARTS, ROW,
           REPLACED, PARAMETER, CLOSURE, GLOBAL, INDICES)  # fmt: skip
"""What an array that is written to is to the writer: the columns of the table of writes."""


def is_target(value: object) -> bool:
    """Tell whether programs may write to this: an array of floats with elements."""
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.size > 0 and value.dtype.kind == "f"


class TargetWriter(StatementWriter):
    """Makes arrays to write to, and knows for each what it is to the writer.

    Attributes
    ----------
    unwritten : list of str
        What was made to be written to, and was not yet.
    """

    def __init__(self, choose: Choose) -> None:
        super().__init__(choose)
        self.unwritten: list[str] = []

    def target(self, scope: Scope, ndim: int = 1) -> str:
        """Something to write to that has at least so many dimensions, of every alias alike."""
        known = [path for path in scope.targets if np.ndim(self.sample(scope, path)) >= ndim]
        waiting = [path for path in self.unwritten if path in known]
        if waiting and self.choose(4):
            return waiting[-1]
        if not known:
            return self.own(scope, ndim)
        alias = self.pick(list(dict.fromkeys(scope.targets[path] for path in reversed(known))))
        return self.pick([path for path in known if scope.targets[path] == alias])

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
            self.unwritten += [name] if alias != OWN else []

    # Aliases.

    def _own(self, scope: Scope) -> None:
        self.own(scope)

    def _alias(self, scope: Scope) -> None:
        """Another name for an array that may be written to, or for a part of it."""
        views = [path for path, alias in scope.targets.items() if alias in (VIEW, VIEW_OF_VIEW, *_VIEWS)]
        alias = self.pick((NAME, VIEW, VIEW, *_VIEWS))
        ndim = 2 if alias in ("transpose", "swapaxes") else 1
        views = [path for path in views if np.ndim(self.sample(scope, path)) >= ndim]
        t = self.pick(views) if views and self.choose(2) else self.target(scope, ndim)
        shape = np.shape(self.sample(scope, t))
        forms = (
            (t,) if alias == NAME else _VIEWS.get(alias) or (f"{t}[{self.basic(shape)}]", f"{t}[{self.basic(shape)}]")
        )
        usable = [text for text in (form.format(t=t) for form in forms) if is_target(self.sample(scope, text))]
        if not usable:
            return
        name, text = self.name("t"), self.pick(usable)
        self.write(f"{name} = {text}")
        self.add_target(scope, name, text, VIEW_OF_VIEW if alias == VIEW and t in views else alias)

    def _diagonal(self, scope: Scope) -> None:
        """The diagonal of an array, which cannot be written to: the array is, and it is read."""
        matrices = [path for path in scope.targets if np.ndim(self.sample(scope, path)) == 2]
        t = self.pick(matrices) if matrices else self.own(scope, 2)
        text = self.pick((f"{t}.diagonal()", f"np.diagonal({t})", f"{t}.diagonal(1)"))
        if not is_target(self.sample(scope, text)):
            return
        name = self.name("v")
        self.write(f"{name} = {text}")
        self.rebind(scope, name, self.sample(scope, text))
        if t in scope.targets:
            scope.targets[t] = DIAGONAL
            self.unwritten.append(t)

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
                self.unwritten.append(f"{name}[{key}]")

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
            self.add_target(scope, name, f"{text}[{i}]", PARTS if text == t else SPLIT)

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

    TARGETS = ((6, _own), (32, _alias), (5, _held), (10, _parts), (3, _diagonal), (2, _renewed))
