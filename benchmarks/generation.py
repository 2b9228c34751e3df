"""How long it takes to generate a derivative, and how that and the text grow with the length of the function."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ast_ad
from benchmarks.facts import code_lines
from benchmarks.timing import seconds_once

HEADER = """\
import math

def program(x, y, n):
"""
FIRST = """\
    z = x * y
"""
BLOCK = """\
    a = math.sin(x) * y
    if a > 0.5:
        y = y * math.cos(a)
    else:
        y = y + z * a
    for _ in range(n):
        x = x + 0.01 * math.sin(x) * y
        z = z - 0.01 * x * a
    y = x * z / (1.0 + y * y)
"""
LAST = """\
    return x + y * z
"""
ARGS = (0.7, 1.3, 3)
_numbers = itertools.count()


@dataclass(frozen=True)
class Generation:
    """What it took to generate the gradient of a function with so many lines in its body."""

    lines: int
    seconds: float
    generated_lines: int


def program(lines: int) -> Callable[..., Any]:
    """Return a function with so many lines, assignments, branches and loops, that nobody has seen before.

    Examples
    --------
    >>> program(20)(*ARGS) == program(20)(*ARGS)
    True
    """
    blocks, rest = divmod(lines - 2, BLOCK.count("\n"))
    body = FIRST + BLOCK * blocks + "".join(f"    y = y + {i}.0 * x\n" for i in range(1, rest + 1)) + LAST
    text = HEADER + body
    # Its own file name: what is remembered of a function is remembered by its place.
    file = f"<benchmark {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(text, file, "exec"), namespace)
    return namespace["program"]


def generation(lines: int, rounds: int) -> Generation:
    """Measure the first call of the gradient of a fresh function: lowering, transforming, printing, compiling."""
    wrt = (0, 1)

    def fresh() -> Callable[[], Any]:
        fun = program(lines)
        return lambda: ast_ad.grad(fun, wrt)(*ARGS)

    seconds = seconds_once(fresh, rounds)
    gradient = ast_ad.grad(program(lines), wrt)
    gradient(*ARGS)
    return Generation(lines, seconds, code_lines(gradient.source))
