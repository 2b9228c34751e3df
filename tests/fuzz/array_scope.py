"""What a random array program may use at a place, with samples: values of the shapes and dtypes found there.

Expressions are tried on the samples as they are written.  One that fails, or grows, is not used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.fuzz.structures import is_container, is_inexact, leaves, type_of

LARGEST = 25.0
MOST = 64


@dataclass(frozen=True)
class Helper:
    """A function that can be called: samples of what it takes and returns."""

    name: str
    params: tuple[Any, ...]
    result: Any


@dataclass
class Scope:
    """What a statement may use at its place.

    Attributes
    ----------
    samples : dict
        A value for each name that is bound here on every path.
    names : list of str
        Names of arrays and numbers that may be assigned to; the youngest last.
    atoms : list of str
        What else can be read as an array or a number: items of containers, globals.
    containers, ints, tests : list of str
        Other names; `ints` are never below 0 nor above their samples.
    targets : dict
        What may be written to (a name, or an item of a container), with what it is to the writer ("a view", ...).
    loose : dict
        Names of arrays whose lengths depend on the path, with an array of the lengths that they broadcast to (or "").
    fixed : frozenset of str
        Names that have to keep their shape and dtype.
    frozen : frozenset of str
        Names that have to keep their value.
    result : Any
        A sample of what the function returns.
    loops, depth : int
        How many loops are around in this function, and how many more may be nested here.
    """

    samples: dict[str, Any]
    names: list[str] = field(default_factory=list)
    atoms: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    ints: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)
    fixed: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    result: Any = 0.0
    loops: int = 0
    depth: int = 2

    def inside(self, *, loop: bool = False) -> Scope:
        """Return a copy for a block nested here; a loop's iterations all have to find the same shapes."""
        own = {name: type(value)(value) for name, value in vars(self).items() if isinstance(value, (list, dict))}
        fixed = frozenset(self.samples) if loop else self.fixed
        return replace(self, **own, fixed=fixed, loops=self.loops + loop, depth=self.depth - loop)

    def beside_loop(self) -> Scope:
        """Return a copy for the `else` of a loop, which finds the shapes that the loop leaves."""
        return replace(self.inside(), fixed=frozenset(self.samples))

    def bind(self, name: str, value: Any) -> None:
        """Let a name stand for a value from here on."""
        self.forget(name)
        self.samples[name] = value
        if is_container(value):
            self.containers.append(name)
            self.atoms += [path for path, leaf in leaves(value, name) if is_inexact(leaf)]
        elif is_inexact(value):
            self.names.append(name)

    def forget(self, name: str) -> None:
        """Let a name stand for nothing, as where only some paths bind it."""
        self.samples.pop(name, None)
        self.loose.pop(name, None)
        for names in (self.names, self.containers, self.ints, self.tests):
            if name in names:
                names.remove(name)
        self.atoms[:] = [atom for atom in self.atoms if not _is_part(atom, name)]
        self.targets = {
            path: alias for path, alias in self.targets.items() if path != name and not _is_part(path, name)
        }
        self.loose.update({loose: "" for loose, like in self.loose.items() if like == name})

    def keeps_type(self, name: str, value: Any) -> bool:
        """Tell whether a name may be bound to a value here."""
        return name not in self.fixed or type_of(self.samples[name]) == type_of(value)

    def merge(self, branches: list[Scope]) -> None:
        """Become what is known after branches, one of which was run."""
        for name in list(self.samples):
            types = {type_of(branch.samples.get(name)) for branch in branches}
            if len(types) > 1 or any(name in branch.loose for branch in branches):
                self._loosen(name, branches)
            else:
                self.samples[name] = branches[0].samples[name]
        known = set(self.targets).intersection(*(branch.targets for branch in branches))
        self.targets = {path: alias for path, alias in self.targets.items() if path in known}
        first, *others = branches
        for name in first.samples:
            if name in self.samples or name in first.loose or not all(name in other.samples for other in others):
                continue
            if len({type_of(branch.samples[name]) for branch in branches}) == 1:
                self.bind(name, first.samples[name])
                for kind in ("ints", "tests"):
                    getattr(self, kind).extend([name] if name in getattr(first, kind) else [])

    def _loosen(self, name: str, branches: list[Scope]) -> None:
        """Keep an array whose lengths differ where paths meet; anything else that differs is not used any more."""
        values = [branch.samples.get(name) for branch in branches]
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        alike = len(arrays) == len(values) and len({(value.ndim, value.dtype) for value in arrays}) == 1
        sample = max(arrays, key=lambda value: value.size) if arrays else None
        self.forget(name)
        if alike and sample is not None:
            self.samples[name] = sample
            self.loose[name] = ""


def _is_part(path: str, name: str) -> bool:
    return path.startswith((f"{name}[", f"{name}."))


def is_usable(value: Any) -> bool:
    """Tell whether programs should compute this: a number or an array of moderate size, with moderate elements."""
    if not is_inexact(value) or np.ndim(value) > 3 or np.size(value) > MOST:
        return False
    return bool(np.all(np.isfinite(value)) and np.max(np.abs(value), initial=0.0) <= LARGEST)
