"""Write docs/generated_code.md, which shows our derivatives next to those that a person wrote.

python -m benchmarks.generated_code
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ast_ad
from ast_ad.analysis.schedule import Setting
from ast_ad.derivative import Derivative
from benchmarks.checkpointing import CHAIN, MARCH
from benchmarks.facts import code_lines, pushes, transcendental_calls
from benchmarks.in_place import HEAT
from benchmarks.pairs import PAIRS, Pair, wave, wave_hvp

PAGE = Path(__file__).resolve().parent.parent / "docs" / "generated_code.md"
MOST_LINES = 1.2
INTRODUCTION = """\
# Generated code, next to code written by hand

Each section has a function, the derivative that ast_ad writes for it, and the one that a careful person would write.
The two are compared in what can be counted: the lines of code (without comments, imports, deletions
and blank lines; at most {most:g} times as many), the places where a transcendental function is called, and what is
saved for the reverse sweep.

This page is made by `python -m benchmarks.generated_code`, and a test fails when it is out of date.
"""


@dataclass(frozen=True)
class Comparison:
    """A derivative by us and by hand, at the arguments for whose kinds ours is specialised.

    Attributes
    ----------
    primal : str
        The text of the function that is differentiated.
    call : str
        What the user writes to get ours.
    ours : callable
        Our derivative, called with `args`.
    compiles : bool
        Whether Numba compiles such functions.
    same_stack : bool
        Whether ours saves the same values as the one by hand; otherwise as many.
    """

    title: str
    primal: str
    call: str
    ours: Derivative
    hand_written: Callable[..., Any]
    args: tuple[Any, ...]
    compiles: bool = True
    same_stack: bool = True

    @property
    def name(self) -> str:
        return self.hand_written.__name__

    @property
    def our_text(self) -> str:
        """Our source for the kinds of `args`."""
        self.ours(*self.args)
        return self.ours.source

    @property
    def hand_written_text(self) -> str:
        return inspect.getsource(self.hand_written)


def comparisons() -> tuple[Comparison, ...]:
    """Return everything that the page compares."""
    return (
        *map(_reverse, (*PAIRS, HEAT)),
        _reverse(CHAIN, "every_other"),
        _reverse(MARCH, 2),
        Comparison(
            title="Forward over reverse",
            primal=inspect.getsource(wave),
            call="ast_ad.jvp(ast_ad.grad(wave), (x,), (x_dot,))",
            ours=Derivative(ast_ad.grad(wave), "jvp", (0,)),
            hand_written=wave_hvp,
            args=(2.0, 1.0),
        ),
    )


def _reverse(pair: Pair, checkpoint: Setting = None) -> Comparison:
    options = "" if pair.argnums == 0 else f", argnums={pair.argnums}"
    options += "" if checkpoint is None else f", checkpoint={checkpoint!r}"
    return Comparison(
        title=pair.title,
        primal=inspect.getsource(pair.primal),
        call=f"ast_ad.grad({pair.name}{options})({pair.values})",
        ours=ast_ad.grad(pair.primal, pair.argnums, checkpoint=checkpoint),
        hand_written=pair.derivative,
        args=pair.args,
        compiles=pair.compiles,
        same_stack=pair.same_stack,
    )


def agree(ours: Any, hand_written: Any) -> bool:
    """Tell whether two results have the same structure, and numbers that differ by rounding only."""
    if isinstance(hand_written, dict):
        return (
            isinstance(ours, dict)
            and list(ours) == list(hand_written)
            and agree((*ours.values(),), (*hand_written.values(),))
        )
    if isinstance(hand_written, tuple):
        same = isinstance(ours, tuple) and len(ours) == len(hand_written)
        return same and all(map(agree, ours, hand_written))
    same = np.shape(ours) == np.shape(hand_written)
    return same and bool(np.all(np.abs(ours - hand_written) <= 1e-13 * np.max(np.abs(hand_written))))


def page() -> str:
    """Return the page as it should be."""
    sections = (line for comparison in comparisons() for line in _section(comparison))
    return "\n".join([INTRODUCTION.format(most=MOST_LINES), *sections])


def _section(comparison: Comparison) -> Iterator[str]:
    ours, hand_written = comparison.our_text, comparison.hand_written_text
    yield f"## {comparison.title}: `{comparison.name}`\n"
    yield _code(comparison.primal)
    yield f"`{comparison.call}` runs\n"
    yield _code(ours)
    yield "By hand:\n"
    yield _code(hand_written)
    yield "| | ours | by hand |"
    yield "| --- | --- | --- |"
    yield f"| lines of code | {code_lines(ours)} | {code_lines(hand_written)} |"
    yield f"| transcendental calls | {_calls(ours)} | {_calls(hand_written)} |"
    yield f"| saved on stacks | {_saved(ours)} | {_saved(hand_written)} |\n"


def _code(text: str) -> str:
    return f"```python\n{text.strip()}\n```\n"


def _calls(text: str) -> str:
    calls: Counter[str] = transcendental_calls(text)
    return ", ".join(f"{count} `{name}`" for name, count in sorted(calls.items())) or "none"


def _saved(text: str) -> str:
    return "; ".join(f"`{', '.join(values)}`" for values in pushes(text)) or "nothing"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
