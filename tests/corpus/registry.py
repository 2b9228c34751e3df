"""The list of the corpus's programs, and the decorator that adds to it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

import tests.corpus


@dataclass(frozen=True)
class Program:
    """A function, the arguments to run it at, and the positions that it is differentiated by.

    Attributes
    ----------
    order : int
        The highest order of derivatives that is tested.
    tags : tuple of str
        "rough": the value rounds so much that differences have few digits; "sums": it adds up Python's floats by `sum`,
        which compensates for rounding since Python 3.12; "outermost": it does what is refused in a function that
        another one calls; "keeps": calling it changes what stands outside of it, and so the text of its derivative.
    """

    fun: Callable[..., Any]
    samples: tuple[tuple[Any, ...], ...]
    wrt: tuple[int, ...]
    order: int = 2
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The program's file and name, such as `loops.horner`."""
        return f"{self.fun.__module__.rpartition('.')[2]}.{self.fun.__name__}"


_PROGRAMS: list[Program] = []


def program(
    *samples: tuple[Any, ...], wrt: tuple[int, ...] = (0,), order: int = 2, tags: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """List a function as a program of the corpus, and return it as it is."""

    def register(fun: Callable[..., Any]) -> Callable[..., Any]:
        _PROGRAMS.append(Program(fun, samples, wrt, order, tags))
        return fun

    return register


def programs() -> tuple[Program, ...]:
    """Return every program of the corpus, by file and in the order in which they are written there."""
    for module in _modules():
        importlib.import_module(module)
    return tuple(sorted(_PROGRAMS, key=lambda program: program.fun.__module__))


def _modules() -> Iterator[str]:
    for found in pkgutil.iter_modules(tests.corpus.__path__):
        if not found.name.startswith("test_") and found.name != "registry":
            yield f"tests.corpus.{found.name}"


def one_in(share: int, cases: Sequence[Any]) -> list[Any]:
    """Return test cases of which only one out of so many runs by default: the others are marked `deep`."""
    return [
        case if i % share == 0 else pytest.param(*case.values, id=case.id, marks=pytest.mark.deep)
        for i, case in enumerate(cases)
    ]
