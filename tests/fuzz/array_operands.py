"""What expressions of random array programs are made of: what there is to read, and how it is made to fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.array_arguments import ArgumentWriter
from tests.fuzz.array_scope import Scope, is_usable
from tests.fuzz.decisions import Choose
from tests.fuzz.structures import type_of

HEADER = """import numpy as np

from tests.fuzz.structures import Pair

RATE = 0.7
WEIGHTS = np.array([[0.3, -0.7, 1.1], [0.9, 0.4, -0.2]])
INDEX = np.array([1, 0, 1])
"""

CONSTANTS = ("0.5", "1.5", "-0.8", "2", "0.25", "-1.3", "3", "RATE", "np.pi")
_FLAT = ("np.sum({})", "np.mean({})", "np.max({})", "np.min({})", "np.linalg.norm({})")


class OperandWriter(ArgumentWriter):
    """Finds what an expression may read, and tries what is written on the samples of its scope."""

    def __init__(self, choose: Choose) -> None:
        super().__init__(choose)
        self.module: dict[str, Any] = {}
        exec(HEADER, self.module)  # its own arrays: statements that are tried write to them

    # What there is to read.

    def sample(self, scope: Scope, text: str) -> Any:
        """The value of an expression for the samples, or None where it has none."""
        try:
            return eval(text, {**self.module, **scope.samples})
        except Exception:
            return None

    def readable(self, scope: Scope) -> list[str]:
        return [*scope.atoms, *scope.names]

    def arrays(self, scope: Scope, ndim: int = 1) -> list[str]:
        """What has at least so many dimensions."""
        return [text for text in self.readable(scope) if np.ndim(self.sample(scope, text)) >= ndim]

    def recent(self, scope: Scope) -> str:
        """Something to read, mostly one of the youngest names: so that what is computed is used."""
        young = scope.names[-3:]
        return self.pick(young if young and self.choose(3) else self.readable(scope) or ["RATE"])

    def leaf(self, scope: Scope) -> str:
        form = self.choose(14)
        return self.pick(CONSTANTS) if form == 13 else "WEIGHTS" if form == 12 else self.recent(scope)

    def expression(self, scope: Scope, depth: int) -> str:
        """An expression whose value is a number or an array of floats."""
        raise NotImplementedError

    def array(self, scope: Scope, depth: int, ndim: int = 1) -> str:
        """An expression for an array of at least so many dimensions."""
        text = self.expression(scope, depth)
        if np.ndim(self.sample(scope, text)) >= ndim:
            return text
        known = self.arrays(scope, ndim)
        if known:
            return self.pick(known)
        return f"({'WEIGHTS' if ndim == 2 else 'WEIGHTS[0]'} * {self.number_of(scope, text)})"

    def number_of(self, scope: Scope, text: str) -> str:
        """An expression made a number."""
        value = self.sample(scope, text)
        if np.ndim(value) == 0 and not isinstance(value, np.ndarray):
            return text
        forms = [form.format(text) for form in (*_FLAT, "float(np.sum({}))", "({}).sum()")]
        usable = [form for form in forms if is_usable(self.sample(scope, form))]
        return self.pick(usable or [f"np.sum({text})"])

    def beside(self, scope: Scope, text: str) -> str:
        """Something to read that broadcasts with an expression."""
        fitting = [each for each in self.readable(scope) if is_usable(self.sample(scope, f"{text} * {each}"))]
        if fitting and self.choose(8):
            return self.pick(fitting)
        each = self.recent(scope)
        forms = (f"{each}[:, None]", f"{each}[None, :]", f"np.expand_dims({each}, -1)", f"{each}.T", f"np.mean({each})")
        turned = [form for form in forms if is_usable(self.sample(scope, f"{text} * {form}"))]
        return self.pick(turned) if turned else self.pick(CONSTANTS)

    def fitted(self, scope: Scope, text: str, like: Any) -> str:
        """An expression of the shape and the dtype of a sample, that depends on `text`."""
        same = [each for each in self.readable(scope) if type_of(self.sample(scope, each)) == type_of(like)]
        array = f"np.full({np.shape(like)}, 0.3)" if np.ndim(like) or isinstance(like, np.ndarray) else "0.3"
        old = self.pick(same[-3:]) if same else array
        whole = f"np.sum({text})"
        forms = (
            text,
            f"{old} + 0.3 * np.sin({text})",
            f"0.7 * {old} - 0.2 * ({text})",
            f"np.tanh({old} * ({text}))",
            f"{old} * np.cos({whole})",
            f"0.4 * {whole}",
            f"{old} + 0.2 * np.tanh({text}).T",
            f"np.where({old} > 0.1, {old} * 0.5, {text})",
        )
        start = self.choose(len(forms))
        for form in forms[start:] + forms[:start]:
            for candidate in (form, f"np.tanh({form})", f"({form}).astype(np.{getattr(like, 'dtype', 'float64')})"):
                value = self.sample(scope, candidate)
                if is_usable(value) and type_of(value) == type_of(like):
                    return candidate
        return old
