"""Says how the differentiation of one program went: right, refused, wrong, or the program itself is of no use."""

from __future__ import annotations

import itertools
import linecache
import math
import re
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

import ast_ad
from ast_ad.errors import AutodiffError
from ast_ad.testing import assert_close, difference
from tests.fuzz.generate import MAIN, RAISED, Program

WRT = (0, 1)
LARGEST = 1e4
RTOL = 1e-10
SECONDS = 20

_numbers = itertools.count()


@dataclass(frozen=True)
class Verdict:
    """How it went.

    Attributes
    ----------
    outcome : str
        "right", "refused", "wrong" or "discarded" (the program's value is no moderate number).
    reason : str
        One line that programs which fail in the same way share.
    detail : str
        The whole story.
    """

    outcome: str
    reason: str = ""
    detail: str = ""


class Wrong(Exception):
    """A derivative is wrong: the reason, and the numbers."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def load(text: str) -> dict[str, Any]:
    """Run a program's module, with its source at hand for whoever asks `linecache`."""
    filename = f"<random program {next(_numbers)}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = (len(text), None, lines, filename)
    names: dict[str, Any] = {"__name__": "random_program"}
    exec(compile(text, filename, "exec"), names)
    return names


@dataclass(frozen=True)
class Depth:
    """What is compared beyond the two modes.

    Attributes
    ----------
    second : bool
        Reverse over reverse with forward over reverse mode.
    differences : bool
        The gradient with central differences, loosely, where they settle.
    text : bool
        The text of two derivations.
    """

    second: bool = True
    differences: bool = True
    text: bool = True


EVERYTHING = Depth()


def shared(number: int) -> Depth:
    """Return how deep to look at a program of a long list, so that every look is taken often enough."""
    return Depth(number % 6 == 0, number % 3 == 0, number % 4 == 1)


def judge(program: Program, depth: Depth = EVERYTHING) -> Verdict:
    """Differentiate a program in both modes and compare."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), limited(SECONDS):
        warnings.simplefilter("ignore")
        try:
            return _judge(program, depth)
        except AutodiffError as error:
            return Verdict("refused", f"{type(error).__name__}: {head(error.message)}", str(error))
        except Wrong as wrong:
            return Verdict("wrong", wrong.reason, wrong.detail)
        except Exception as error:
            return Verdict("wrong", f"{type(error).__name__}: {head(str(error))}", repr(error))


def _judge(program: Program, depth: Depth) -> Verdict:
    args = program.args
    fun = load(program.text)[MAIN]
    gradient = ast_ad.value_and_grad(fun, WRT)
    try:
        value = fun(*args)
    except Exception as error:
        return _same_exception(error, gradient, args)
    if not math.isfinite(value) or abs(value) > LARGEST:
        return Verdict("discarded", "the value is not a moderate number")
    returned, bars = gradient(*args)
    _expect(returned == value, "value", f"got {returned!r}, expected {value!r}")
    dots = []
    for i in WRT:
        along, dot = ast_ad.jvp(fun, args, _unit(i, len(args)))
        _expect(along == value, "value in forward mode", f"got {along!r}, expected {value!r}")
        dots.append(dot)
    scale = max(1.0, abs(value))
    _agree(bars, tuple(dots), scale, "reverse against forward mode")
    if depth.differences:
        _near_differences(fun, args, bars)
    if depth.second:
        _second_order(fun, args, max(scale, *map(abs, bars)))
    if depth.text:
        again = ast_ad.value_and_grad(load(program.text)[MAIN], WRT)
        again(*args)
        _expect(again.source == gradient.source, "text", f"{again.source}\n\nis not\n\n{gradient.source}")
    return Verdict("right")


def _second_order(fun: Callable[..., Any], args: tuple[Any, ...], scale: float) -> None:
    for i in WRT:
        gradient = ast_ad.grad(fun, i)
        rows = ast_ad.grad(gradient, WRT)(*args)
        columns = tuple(ast_ad.jvp(gradient, args, _unit(j, len(args)))[1] for j in WRT)
        _agree(rows, columns, max(scale, *map(abs, columns)), "second order: reverse against forward over reverse")


def _same_exception(expected: Exception, gradient: Callable[..., Any], args: tuple[Any, ...]) -> Verdict:
    """Compare exceptions.

    One by accident of arithmetic may be missing, where nothing reads what would have been computed
    (docs/conventions.md).
    """
    try:
        result = gradient(*args)
    except AutodiffError:
        raise
    except Exception as error:
        detail = f"got {error!r}, expected {expected!r}"
        _expect(type(error) is type(expected), f"{type(error).__name__} for {type(expected).__name__}", detail)
        return Verdict("right")
    raised = isinstance(expected, (AssertionError, NameError)) or str(expected) == RAISED
    _expect(not raised, f"no {type(expected).__name__}", f"got {result!r}, expected {expected!r}")
    return Verdict("discarded", "nothing reads what the program fails to compute")


def _near_differences(fun: Callable[..., Any], args: tuple[Any, ...], bars: tuple[float, ...]) -> None:
    """Compare with central differences; where they do not settle, the program is not smooth, and says nothing."""
    for i in WRT:
        try:
            numeric, noise = difference(fun, args, i, 1.0)
        except AssertionError:
            continue
        finer, _ = difference(fun, args, i, 1.0, eps=2e-6)
        if abs(finer - numeric) < 1e-4 * max(1.0, abs(numeric)) and noise < 1e-4:
            close = abs(bars[i] - numeric) <= 1e-2 * max(1.0, abs(numeric))
            _expect(close, "central differences", f"argument {i}: got {bars[i]!r}, expected {numeric!r}")


def _agree(actual: tuple[Any, ...], expected: tuple[Any, ...], scale: float, what: str) -> None:
    try:
        assert_close(actual, expected, RTOL, RTOL * float(scale), what)
    except AssertionError as error:
        raise Wrong(what, str(error)) from None


def _expect(condition: Any, reason: str, detail: str) -> None:
    if not condition:
        raise Wrong(reason, detail)


def _unit(i: int, count: int) -> tuple[float, ...]:
    return tuple(float(i == k) for k in range(count))


def head(message: str) -> str:
    """Return the beginning of a message without what differs from program to program."""
    line = message.partition("\n")[0]
    line = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "...", line)
    line = re.sub(r"\b[a-z_]+\d+\b|<[^>]*>|\d+", "...", line)
    return line[:100]


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` in a block that takes too long (where the system has such alarms)."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
