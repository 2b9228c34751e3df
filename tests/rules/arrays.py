"""Tests the rules of functions of arrays: one call, as a program of the IR, in both modes and to second order.

    check(np.sum, x, axis=0)

Forward mode is compared with central differences, reverse mode with forward mode (<x_bar, x_dot> == <out_bar,
out_dot>), and the reverse sweep is then checked as a program of its own.  The kinds that were inferred are compared
with what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import ast_ad.rules  # noqa: F401
from ast_ad.ir.check import check as check_ir
from ast_ad.ir.kinds import Array, Kind, Scalar, Shape, fresh, is_inexact, kind_of
from ast_ad.ir.nodes import Block, Form, Function, Lit, Op, Var
from ast_ad.rules.registry import infer
from ast_ad.transform.forward import forward
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify
from ast_ad.trees import is_number
from tests.interpreter import run

STEP = 1e-4


def check(
    fn: Callable[..., Any],
    *args: Any,
    order: int = 2,
    single: bool = True,
    rtol: float = 1e-6,
    constants: Sequence[int] = (),
    **options: Any,
) -> None:
    """Check the derivatives of ``fn(*args, **options)`` by all floating-point arrays and numbers among `args`.

    Parameters
    ----------
    order
        The highest order of derivatives that is checked.
    single
        Whether to check that single precision stays single precision.
    constants
        Positional arguments of which nothing is differentiated.
    """
    function, values = program(fn, args, options, constants)
    assert_kinds(function, values)
    check_program(function, values, order, rtol)
    if single and any(np.asarray(value).dtype == np.float64 for value in values):
        _check_single(fn, args, options, constants)


def program(
    fn: Callable[..., Any], args: Sequence[Any], options: dict[str, Any], constants: Sequence[int] = ()
) -> tuple[Function, list[Any]]:
    """Return a program that calls `fn`, and the values of its parameters.

    Integers, strings and the like stay in the call; so does everything in the arguments `constants`.
    """
    values: list[Any] = []
    params: list[Var] = []

    def leaf(value: Any) -> Any:
        if isinstance(value, Lit):
            return value
        if is_number(value) and not isinstance(value, (bool, int)):
            values.append(value)
            params.append(Var(fresh(kind_of(value)), f"x{len(params)}"))
            return params[-1]
        return Lit(value) if is_number(value) else value

    def constant(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return leaf(value)
        return Lit(value) if is_number(value) else value

    given = [_mapped(constant if i in constants else leaf, arg) for i, arg in enumerate(args)]
    named = {name: _mapped(constant, value) for name, value in options.items()}
    operands, form = Form.of(given, named, lambda value: isinstance(value, (Var, Lit)))
    literals = [(each.value,) if isinstance(each, Lit) else None for each in operands]
    kinds = infer(fn, [each.kind for each in operands], literals, form)
    outs = tuple(Var(kind, "y") for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
    op = Op(outs, fn, tuple(operands), form=form)
    return Function("f", tuple(params), Block((), (op,), outs)), values


def _mapped(change: Callable[[Any], Any], value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_mapped(change, item) for item in value)
    if isinstance(value, slice):
        return slice(*(_mapped(change, limit) for limit in (value.start, value.stop, value.step)))
    return change(value)


def assert_kinds(function: Function, values: Sequence[Any]) -> None:
    """Compare the results of a program with their kinds."""
    lengths: dict[Any, int] = {}
    for param, value in zip(function.params, values):
        if isinstance(param.kind, Array):
            lengths.update(zip(param.kind.dims, value.shape))
    for out, value in zip(function.results, run(function, *values)):
        assert isinstance(out, (Var, Lit))
        assert_kind(out.kind, value, lengths)


def assert_kind(kind: Kind, value: Any, lengths: dict[Any, int]) -> None:
    """Compare a value with its kind; `lengths` says what symbols stand for."""
    if isinstance(kind, Shape):
        shape: tuple[int, ...] = value
    else:
        assert isinstance(kind, (Scalar, Array)), f"{kind} for {value!r}"
        found = value[()] if isinstance(value, np.ndarray) and not value.ndim else value
        assert isinstance(kind, Array) == isinstance(found, np.ndarray), f"{kind} for {value!r}"
        assert np.dtype(kind.dtype) == np.asarray(value).dtype, f"{kind} for {value!r} of {np.asarray(value).dtype}"
        if isinstance(kind, Scalar):
            assert kind.numpy == isinstance(found, np.generic), f"{kind} for {value!r}"
            return
        shape = found.shape
    assert len(kind.dims) == len(shape), f"{kind} for shape {shape}"
    for dim, length in zip(kind.dims, shape):
        if isinstance(dim, int) or dim in lengths:
            assert lengths.get(dim, dim) == length, f"{kind} for shape {shape}, where {lengths}"
        elif not dim.startswith("?"):
            assert length != 1, f"{kind} for shape {shape}"


def check_program(function: Function, values: Sequence[Any], order: int, rtol: float, seed: int = 0) -> None:
    """Check the derivatives of a program by its floating-point parameters."""
    rng = np.random.default_rng(seed)
    wrt = [i for i, param in enumerate(function.params) if is_inexact(param.kind)]
    check_ir(function, "test")
    ahead = check_ir(simplify(check_ir(forward(function, wrt, name="jvp"), "forward")), "simplify")
    dots = [_random_like(values[i], rng) for i in wrt]
    outs = run(ahead, *values, *dots)
    count = len(function.results)
    results, out_dots = outs[:count], outs[count:]
    expected = _difference(function, values, dict(zip(wrt, dots)))
    for out, dot, numeric in zip(results, out_dots, expected):
        if _is_inexact(out):
            assert np.shape(np.broadcast_to(dot, np.shape(out))) == np.shape(out)
            _assert_close(dot, numeric, rtol, "forward mode against differences")
    behind = reverse(function, wrt, name="vjp", shaped=True)
    check_ir(behind, "reverse")
    behind = check_ir(simplify(behind), "simplify")
    inexact = [out for out in results if _is_inexact(out)]
    seeds = [_random_like(out, rng) for out in inexact]
    bars = run(behind, *values, *seeds)
    inside = outside = scale = 0.0
    for i, bar, dot in zip(wrt, bars, dots):
        assert np.shape(bar) == np.shape(values[i]), f"the adjoint of {values[i]!r} is {bar!r}"
        if not np.iscomplexobj(values[i]):
            assert not np.iscomplexobj(bar), f"the adjoint of a real argument is complex: {bar!r}"
        inside += float(np.sum(np.real(np.multiply(bar, dot))))
        scale += float(np.sum(np.abs(np.multiply(bar, dot))))
    for out_seed, out, dot in zip(seeds, inexact, [d for d, o in zip(out_dots, results) if _is_inexact(o)]):
        outside += float(np.sum(np.real(np.multiply(out_seed, np.broadcast_to(dot, np.shape(out))))))
    assert abs(inside - outside) <= 1e-10 * max(1.0, scale), (
        f"<x_bar, x_dot> = {inside}, <out_bar, out_dot> = {outside}"
    )
    if order > 1:
        check_program(behind, [*values, *seeds], order - 1, 10 * rtol, seed + 1)


def _is_inexact(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"


def _random_like(value: Any, rng: np.random.Generator) -> Any:
    drawn = rng.uniform(0.5, 1.5, np.shape(value)) * rng.choice((-1.0, 1.0), np.shape(value))
    if np.iscomplexobj(value):
        drawn = drawn + 1j * rng.uniform(0.5, 1.5, np.shape(value))
    return drawn if isinstance(value, np.ndarray) else type(value)(drawn)


def _difference(function: Function, values: Sequence[Any], dots: dict[int, Any]) -> list[Any]:
    """Return the derivatives of all results along a direction, by a central difference of fourth order."""

    def at(steps: float) -> tuple[Any, ...]:
        moved = [value + steps * STEP * dots[i] if i in dots else value for i, value in enumerate(values)]
        return run(function, *moved)

    ups, downs, ups2, downs2 = at(1), at(-1), at(2), at(-2)
    return [
        (8 * (np.subtract(a, b)) - np.subtract(c, d)) / (12 * STEP) if _is_inexact(a) else 0
        for a, b, c, d in zip(ups, downs, ups2, downs2)
    ]


def _assert_close(actual: Any, expected: Any, rtol: float, what: str) -> None:
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    error = float(np.max(np.abs(np.subtract(actual, expected)), initial=0.0))
    assert error <= rtol * scale, f"{what}: got {actual}, expected {expected}"


def _check_single(
    fn: Callable[..., Any], args: Sequence[Any], options: dict[str, Any], constants: Sequence[int]
) -> None:
    """In single precision, adjoints and tangents have single precision where the result has."""

    def narrow(value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype in (np.float64, np.complex128):
            return value.astype(np.float32 if value.dtype == np.float64 else np.complex64)
        return value

    function, values = program(fn, [_mapped(narrow, arg) for arg in args], options, constants)
    assert_kinds(function, values)
    wrt = [i for i, param in enumerate(function.params) if is_inexact(param.kind)]
    rng = np.random.default_rng(0)
    results = run(function, *values)
    seeds = [np.asarray(_random_like(out, rng)).astype(out.dtype)[()] for out in results if _is_inexact(out)]
    for i, bar in zip(wrt, run(simplify(reverse(function, wrt, name="vjp", shaped=True)), *values, *seeds)):
        assert np.asarray(bar).dtype == np.asarray(values[i]).dtype, f"the adjoint of {values[i].dtype} is {bar.dtype}"
