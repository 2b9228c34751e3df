"""The helpers under Numba: what it compiles for them does what they do, and derivatives that call them compile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import runtime
from tests.corpus import arrays_loops, lists_grown, numpy_scalars
from tests.corpus.registry import programs

numba = pytest.importorskip("numba")
pytestmark = [
    pytest.mark.jit,
    # Of lists that are passed in, which those of generated code are not.
    pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPendingDeprecationWarning"),
]

ROW = np.array([3.0, 1.0, 3.0])
TABLE = np.arange(6.0).reshape(2, 3)
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("sign", (np.array([1.0, -3.0, 0.0]),)),
    ("ratio", (np.array([1 + 2j, 0]), np.array([3.0, 0.0]))),
    ("safe_log", (np.array([0.0, 1.0, -1.0]),)),
    ("safe_log", (1 + 1j,)),
    ("portion", (np.array([0.0, -np.inf]), np.array([1.0, -np.inf]))),
    ("share", (2.0, 2.0, 1.0)),
    ("chosen", (1.0, 0.0, 0.0, 0.0)),
    ("chosen", (np.array([1.0, 1.0, np.inf]), np.zeros(3), np.array([0.0, 0.0, -1.0]), np.array([-1.0, 0.0, 0.0]))),
    ("power_derivative", (np.array([2.0, 0.0]), 2, 2)),
    ("trip_count", (0, 10, 3)),
    ("range_item", (0, 10, 3, -1)),
    ("taken", ([3.0, 1.0, 2.0], [1, 2, 0])),
    ("put_back", ([3.0, 1.0, 2.0], [1, 2, 0])),
    ("sorting_order", ([1.0, 1.0, 2.0], True)),
    ("unbroadcast", (TABLE, np.zeros((2, 1)))),
    ("unbroadcast", (TABLE.T, np.zeros((1, 2)))),
    ("unbroadcast", (TABLE, ROW)),
    ("unbroadcast", (TABLE, 1.0)),
    ("unbroadcast", (TABLE[:1], TABLE)),
    ("unbroadcast", (np.ones((2, 3, 4)), np.zeros((1, 4)))),
    ("unbroadcast", (ROW, np.zeros(1))),
    ("unbroadcast", (np.ones(1), ROW)),
    ("or_zeros", (ROW, np.ones(2))),
    ("or_zeros", (0.5, ROW)),
    ("or_zeros", (ROW, TABLE)),
    ("fitted", (ROW, ROW)),
    ("shares", (3.0, ROW)),
    ("shares", (np.nan, np.array([1.0, np.nan]))),
    ("shares", (2.0, 2.0)),
    ("products_of_others", (np.array([2.0, 0.0, 4.0]),)),
    ("products_of_others", (TABLE + 1,)),
    ("zero_of", (ROW,)),
    ("zero_of", (1j,)),
    ("zeros_of", ([1.0, 2.0],)),
    ("add_lists", ([1.0, 2.0], [0.5, 0.5])),
    ("copied_lists", ([1.0, 2.0],)),
    ("written_at", (np.array([1.0, 2.0]), np.array([0, 1, 0]))),
]
PROGRAMS = [
    arrays_loops.rows_with_their_numbers,
    numpy_scalars.of_two_arguments,
    lists_grown.known_items_sorted,
]


def compiled(call: Callable[..., Any], *args: Any) -> Any:
    """What Numba gives for a call of a function with these arguments."""
    return numba.njit(call)(*args)


@pytest.mark.parametrize(("name", "args"), CALLS)
def test_a_helper_does_what_it_does_in_python(name: str, args: tuple[Any, ...]) -> None:
    helper = getattr(runtime, name)
    wanted = helper(*args)
    # Numba has no tuples of lists, which `*args` would be.
    calls = [lambda a: helper(a), lambda a, b: helper(a, b), lambda a, b, c: helper(a, b, c)]
    calls.append(lambda a, b, c, d: helper(a, b, c, d))
    found = compiled(calls[len(args) - 1], *args)
    np.testing.assert_allclose(found, wanted)
    assert type(found) is type(wanted) or np.ndim(wanted) == 0


def test_refusals_of_helpers() -> None:
    fitted, check_rows, range_item = runtime.fitted, runtime.check_rows, runtime.range_item
    with pytest.raises(ValueError, match="another shape"):
        compiled(lambda x, y: fitted(x, y), np.ones(2), np.ones(3))
    with pytest.raises(runtime.Misplaced):
        compiled(lambda x: check_rows(x), TABLE.T)
    with pytest.raises(IndexError):
        compiled(lambda i: range_item(0, 3, 1, i), 3)


@pytest.mark.parametrize("fun", PROGRAMS)
def test_derivatives_with_helpers_compile(fun: Callable[..., Any]) -> None:
    (program,) = [each for each in programs() if each.fun is fun]
    args = program.samples[0]
    derivative = ast_ad.grad(fun, argnums=program.wrt[0])
    wanted = derivative(*args)
    assert "from ast_ad.runtime import" in derivative.jit_source
    namespace: dict[str, Any] = {}
    exec(compile(derivative.jit_source, "<generated>", "exec"), namespace)
    np.testing.assert_allclose(compiled(namespace[f"{fun.__name__}_grad"], *args), wanted, rtol=1e-12)
