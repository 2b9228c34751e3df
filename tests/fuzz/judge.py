"""Says how the differentiation of one program went: right, refused, wrong, or the program itself is of no use."""

from __future__ import annotations

import ast
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
from tests.fuzz import checks, overlaps
from tests.fuzz.checks import Wrong, agree, expect
from tests.fuzz.decisions import MAIN, RAISED, Program
from tests.fuzz.structures import is_inexact, leaves

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

LARGEST = 1e4
SECONDS = 60
EACH_FUNCTION = "each function"
CHECKPOINTS: tuple[int | str, ...] = ("every_other", 1, 3, "sqrt")
BYTES = 8 << 30
REFUSED_AT_RUN_TIME = (
    "the function changes an array in place that shares memory",
    "the function writes to an array and reshapes it, and one of its arguments does not lie row by row",
)
"""What a derivative says of arguments that it can only refuse when it sees them."""

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


def load(text: str, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run a program's module, with its source at hand for whoever asks `linecache`."""
    filename = f"<random program {next(_numbers)}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = (len(text), None, lines, filename)
    names = {"__name__": __name__} if names is None else names
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
    checkpoints : tuple
        Settings of `checkpoint`, with which value and gradient are the same to the last bit; `EACH_FUNCTION` is
        `ast_ad.checkpoint` around each function of the program.
    nested : bool
        Reverse over reverse with one of these settings, too.
    """

    second: bool = True
    differences: bool = True
    text: bool = True
    checkpoints: tuple[int | str, ...] = ("sqrt",)
    nested: bool = False


EVERYTHING = Depth()
CHECKPOINTS_ALONE = Depth(False, False, False, (*CHECKPOINTS, EACH_FUNCTION), nested=True)


def shared(number: int) -> Depth:
    """Return how deep to look at a program of a long list, so that every look is taken often enough."""
    checkpoints = (CHECKPOINTS[number // 4 % 4],) if number % 4 == 2 else ()
    return Depth(number % 6 == 0, number % 3 == 0, number % 4 == 1, checkpoints)


def judge(program: Program, depth: Depth = EVERYTHING) -> Verdict:
    """Differentiate a program in both modes and compare."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), limited(SECONDS):
        warnings.simplefilter("ignore")
        each = _Judge(program)
        try:
            return each.verdict(depth)
        except Wrong as wrong:
            return Verdict("wrong", wrong.reason, wrong.detail)
        except Exception as error:
            refused = is_refusal(error)
            message = error.message if isinstance(error, AutodiffError) else str(error)
            reason = f"{each.at}{type(error).__name__}: {head(message)}"
            return Verdict("refused" if refused else "wrong", reason, str(error) if refused else repr(error))


def is_refusal(error: Exception) -> bool:
    """Tell whether an exception says that ast_ad does not differentiate something."""
    return isinstance(error, AutodiffError) or str(error).startswith(REFUSED_AT_RUN_TIME)


class _Judge:
    """One program, what is known of it so far, and what is looked at now."""

    def __init__(self, program: Program) -> None:
        self.text, self.args = program.text, program.args
        self.names: dict[str, Any] = {}
        self.wrt = tuple(i for i, arg in enumerate(self.args) if any(is_inexact(leaf) for _, leaf in leaves(arg)))
        self.rtol = checks.tolerance(program.text, self.args)
        self.writes = bool(program.writes)
        self.around = self.rtol if program.writes else 0.0
        self.rng = np.random.default_rng(len(program.text))
        self.at = ""

    @property
    def fun(self) -> Callable[..., Any]:
        return self.names[MAIN]

    def primal(self, *args: Any) -> Any:
        """Call the program as Python does, with nothing left of what it writes to arguments and globals."""
        before = checks.copied(self.globals())
        try:
            return self.fun(*checks.copied(args))
        finally:
            for array, old in zip(self.globals(), before):
                array[...] = old

    def verdict(self, depth: Depth) -> Verdict:
        self.names = load(self.text)
        before = checks.copied((self.args, self.globals()))
        gradient = ast_ad.value_and_grad(self.fun, self.wrt)
        try:
            value = self.primal(*self.args)
        except Exception as error:
            return self.same_exception(error, gradient)
        if not math.isfinite(value) or abs(value) > LARGEST:
            return Verdict("discarded", "the value is not a moderate number")
        if self.writes and not checks.is_same(self.with_copies(), value):
            return Verdict("discarded", "NumPy reads what it has written")
        returned, bars = self.reverse(gradient, value)
        self.forward(value, bars)
        if depth.differences:
            self.differences(gradient, bars)
        for setting in depth.checkpoints:
            self.at = f"checkpoint={setting!r}: "
            if setting == EACH_FUNCTION:
                self.each_function(returned, bars)
                continue
            found = ast_ad.value_and_grad(self.fun, self.wrt, checkpoint=setting)(*self.args)
            chosen, within = tuple(self.args[i] for i in self.wrt), self.around * max(abs(value), checks.largest(bars))
            # A copy of an array may lie otherwise than the array, and NumPy adds up as it lies.
            same = checks.is_same(found, (returned, bars)) or (
                self.around > 0
                and checks.is_value(found[0], returned, self.around)
                and checks.are_close(found[1], bars, chosen, within)
            )
            expect(same, f"checkpoint={setting!r}", f"got {found!r}, expected {(returned, bars)!r}")
        scale = max(abs(value), checks.largest(bars))
        if depth.second:
            self.second_order(scale)
        if depth.nested:
            self.second_order(scale, depth.checkpoints[len(self.text) % len(depth.checkpoints)])
        if depth.text:
            again = ast_ad.value_and_grad(load(self.text)[MAIN], self.wrt)
            again(*self.args)
            expect(again.source == gradient.source, "text", f"{again.source}\n\nis not\n\n{gradient.source}")
        after = (self.args, self.globals())
        expect(checks.is_same(before, after), "an argument or a global has changed", f"{after!r} was {before!r}")
        return Verdict("right")

    def with_copies(self) -> Any:
        """Return the value of the program that copies what it assigns to parts of the same array."""
        return load(overlaps.with_copies(self.text), {overlaps.APART: overlaps.apart})[MAIN](*checks.copied(self.args))

    def globals(self) -> list[Any]:
        return [value for value in self.names.values() if isinstance(value, np.ndarray)]

    def reverse(self, gradient: Callable[..., Any], value: Any) -> Any:
        """Check value and gradient, and that the gradient is new at each call; return both."""
        chosen = tuple(self.args[i] for i in self.wrt)
        returned, bars = gradient(*self.args)
        expect(checks.is_value(returned, value, self.around), "value", f"got {returned!r}, expected {value!r}")
        checks.check_structure(bars, chosen)
        checks.check_memory(bars, (self.args, self.globals()))
        known = checks.copied(bars)
        checks.overwrite(bars)
        _, again = gradient(*self.args)
        expect(checks.is_same(again, known), "another gradient at the second call", f"{again!r} after {known!r}")
        return returned, again

    def forward(self, value: Any, bars: Any) -> None:
        """Compare with forward mode, along each leaf.

        Where the value does not depend on what is NaN, that of the reverse sweep is 0 times NaN.
        """
        self.at = "forward mode: "
        groups = checks.identities(self.args)
        for number, (path, leaf) in enumerate(leaves(self.args, "args")):
            if is_inexact(leaf) and groups[number] == number:
                dots = checks.directions(self.args, self.rng, number)
                along, dot = ast_ad.jvp(self.fun, self.args, dots)
                same = checks.is_value(along, value, self.around)
                expect(same, "value in forward mode", f"got {along!r}, expected {value!r}")
                paired, size = checks.pairing(bars, tuple(dots[i] for i in self.wrt))
                within = self.rtol * max(1.0, abs(value), size)
                close = abs(paired - dot) <= within or (math.isnan(paired) and math.isnan(dot)) or paired == dot
                close = close or (math.isnan(paired) and self.overflows())
                expect(close, "reverse against forward mode", f"{path}: got {paired!r}, expected {dot!r}")

    def differences(self, gradient: Callable[..., Any], bars: Any) -> None:
        """Compare with central differences, but not where the gradient itself is made of rounding errors, or of NaN.

        That of ``np.std`` is, for equal numbers whose mean is rounded: differences, which reach further, say 0.  That
        of ``tanh(x**x)`` is 0 times infinity, where the power overflows.
        """
        try:
            checks.near_differences(self.primal, self.args, bars, self.wrt, self.rng)
        except Wrong:
            if not checks.is_finite(bars) and self.overflows():
                return
            chosen, within = tuple(self.args[i] for i in self.wrt), 1e-3 * checks.largest(bars)
            for _ in range(3):
                _, others = gradient(*checks.nearby(self.args, self.rng))
                if not checks.are_close(others, bars, chosen, within):
                    return
            raise

    def overflows(self) -> bool:
        """Tell whether the program computes infinity or NaN on its way."""
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                self.primal(*self.args)
        except FloatingPointError:
            return True
        return False

    def second_order(self, scale: float, setting: int | str | None = None) -> None:
        """Compare the gradient of a projection of the gradient with the gradient's own derivative.

        With a setting of `checkpoint`, that of the outer gradient, from which the inner one takes it.
        """
        dots = checks.directions(self.args, self.rng)
        self.at = "forward over reverse: "
        gradient = ast_ad.grad(self.fun, self.wrt)
        _, columns = ast_ad.jvp(gradient, self.args, dots)
        self.at = "reverse over reverse: "
        if setting == EACH_FUNCTION:
            gradient, setting = ast_ad.grad(load(decorated(self.text))[MAIN], self.wrt), None
        names = {**self.names, "np": np, "gradient": gradient}
        projected = load(checks.projection(names, "gradient", self.args, self.wrt, dots), names)["projected"]
        rows = ast_ad.grad(projected, self.wrt, checkpoint=setting)(*self.args)
        within = self.rtol * max(scale, checks.largest(columns))
        chosen = tuple(self.args[i] for i in self.wrt)
        agree(rows, columns, chosen, within, "second order: reverse against forward over reverse")

    def each_function(self, returned: Any, bars: Any) -> None:
        """Compare with `ast_ad.checkpoint` around each function: terms may be added up in another order."""
        around = ast_ad.value_and_grad(load(decorated(self.text))[MAIN], self.wrt)
        found, adjoints = around(*self.args)
        same = checks.is_value(found, returned, self.around)
        expect(same, "value with checkpoints around functions", f"got {found!r}, expected {returned!r}")
        chosen = tuple(self.args[i] for i in self.wrt)
        checks.check_structure(adjoints, chosen)
        checks.check_memory(adjoints, (self.args, self.globals()))
        within = self.rtol * max(abs(returned), checks.largest(bars))
        agree(adjoints, bars, chosen, within, "checkpoints around functions")

    def same_exception(self, expected: Exception, gradient: Callable[..., Any]) -> Verdict:
        """Compare exceptions.

        One by accident of arithmetic may be missing, where nothing reads what would have been computed
        (docs/conventions.md); another one may come later then.
        """
        try:
            result = gradient(*self.args)
        except Exception as error:
            if is_refusal(error):
                raise
            if type(error) is type(expected):
                return Verdict("right")
            reason, detail = f"{type(error).__name__} for {type(expected).__name__}", f"got {error!r}"
        else:
            reason, detail = f"no {type(expected).__name__}", f"got {result!r}"
        raised = isinstance(expected, (AssertionError, NameError)) or str(expected) == RAISED
        expect(not raised, reason, f"{detail}, expected {expected!r}")
        return Verdict("discarded", "nothing reads what the program fails to compute")


def decorated(text: str) -> str:
    """Return a program with `ast_ad.checkpoint` around each of its functions, but for generators.

    >>> print(decorated("def f(x):\\n    return x"))
    from ast_ad import checkpoint
    @checkpoint
    def f(x):
        return x
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            own = [inner for inner in ast.walk(node) if isinstance(inner, (ast.Yield, ast.YieldFrom))]
            special = node.name.startswith("__")
            if not own and not special:
                node.decorator_list.append(ast.Name("checkpoint", ast.Load()))
    return "from ast_ad import checkpoint\n" + ast.unparse(tree)


def head(message: str) -> str:
    """Return the beginning of a message without what differs from program to program."""
    line = message.partition("\n")[0]
    line = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "...", line)
    line = re.sub(r"\b[a-z_]+\d+\b|<[^>]*>|\d+", "...", line)
    return line[:100]


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` in a block that takes too long, `MemoryError` in one that takes too much.

    A program that is made smaller may lose what ends its loops.  (Systems without alarms and limits go without.)
    """

    def stop(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds} s")

    if resource is None:
        yield
        return
    before = signal.signal(signal.SIGVTALRM, stop)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, hard))
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # Again, since finalizers swallow what is raised in them.
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGVTALRM, before)
