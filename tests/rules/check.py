"""Tests a rule through straight-line programs: one call of the function, and what the rules make of it.

`tangent` and `adjoint` differentiate such a program; both give programs again, so that they nest to any order.  A
program is run statement by statement, and each value is compared with the kind that was inferred for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import ast_ad.rules  # noqa: F401
from ast_ad.ir.kinds import Scalar, is_complex, is_inexact, kind_of
from ast_ad.ir.nodes import Block, Function, Lit, Op, Operand, Var
from ast_ad.rules.expand import Code
from ast_ad.rules.registry import find
from ast_ad.transform.rules import pullback, pushforward

STEP = 1e-3


def program(fn: Callable[..., Any], args: Sequence[Any]) -> tuple[Function, list[Any]]:
    """Return a program that calls `fn`, and its arguments; one that is a `Lit` becomes a constant of the program."""
    operands = [arg if isinstance(arg, Lit) else Var(kind_of(arg), f"x{i}") for i, arg in enumerate(args)]
    code = Code()
    answer = code.op(fn, *operands)
    params = tuple(operand for operand in operands if isinstance(operand, Var))
    function = Function(fn.__name__, params, Block(params, tuple(code.statements), (answer,)))
    return function, [arg for arg in args if not isinstance(arg, Lit)]


def run(function: Function, args: Sequence[Any]) -> Any:
    """Return the result of a program, having compared the kind of every value with what was inferred."""
    values: dict[Operand, Any] = dict(zip(function.params, args))
    for statement in function.body.statements:
        assert isinstance(statement, Op)
        out = statement.outs[0]
        value = statement.fn(*(arg.value if isinstance(arg, Lit) else values[arg] for arg in statement.args))
        values[out] = value[()] if isinstance(value, np.ndarray) else value
        rule = find(statement.fn)
        assert rule is not None, f"{statement.fn} has no rule"
        if rule.kind is None:
            assert kind_of(values[out]) == out.kind, (statement, values[out])
    (result,) = function.results
    return result.value if isinstance(result, Lit) else values[result]


def tangent(function: Function, wrt: int, direction: Any = 1.0) -> Function:
    """Return the derivative of a program in the direction of one parameter, by forward mode."""
    code = Code()
    dots: dict[Operand, Operand] = {function.params[wrt]: Lit(direction)}
    for op in function.body.statements:
        assert isinstance(op, Op)
        code.statements.append(op)
        if any(arg in dots for arg in op.args):
            dot = pushforward(code, op, [dots.get(arg) for arg in op.args])
            if dot is not None and is_inexact(op.outs[0].kind):
                dots[op.outs[0]] = dot
    return _with_result(function, code, dots.get(function.results[0]))


def adjoint(function: Function, wrt: int, seed: Any = 1.0) -> Function:
    """Return the derivative of a program by one parameter, by reverse mode."""
    code = Code()
    code.statements.extend(function.body.statements)
    active: set[Operand] = {function.params[wrt]}
    for op in function.body.statements:
        if any(arg in active for arg in op.args) and is_inexact(op.outs[0].kind):
            active.add(op.outs[0])
    bars: dict[Operand, Operand] = {function.results[0]: Lit(seed)}
    for op in reversed(function.body.statements):
        bar = bars.get(op.outs[0])
        if bar is not None and op.outs[0] in active:
            for var, term in pullback(code, op, bar, active.__contains__):
                bars[var] = code.add(bars[var], term) if var in bars else term
    return _with_result(function, code, bars.get(function.params[wrt]))


def _with_result(function: Function, code: Code, result: Operand | None) -> Function:
    yields = (Lit(0.0) if result is None else result,)
    return Function(function.name, function.params, Block(function.params, tuple(code.statements), yields))


def slope(f: Callable[..., Any], args: Sequence[Any], wrt: int, direction: Any = 1.0) -> Any:
    """Return the derivative of `f` in the direction of one argument, by a central difference of fourth order."""

    def moved(steps: float) -> Any:
        there = list(args)
        there[wrt] = args[wrt] + steps * STEP * direction
        return f(*there)

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP)


def same(x: Any, y: Any, tolerance: float = 1e-8) -> bool:
    """Tell whether two finite numbers agree; NaN agrees with nothing."""
    return bool(abs(x - y) <= tolerance * max(1.0, abs(x), abs(y)))


def check_rule(fn: Callable[..., Any], *args: Any, order: int = 3) -> None:
    """Compare the derivatives of ``fn(*args)`` by each inexact argument with differences, in both modes, up to `order`.

    Real arguments are tried as Python's floats, as doubles of NumPy, and, to first order, in single precision.
    """
    kinds = {kind_of(arg) for arg in args if not isinstance(arg, Lit)}
    for convert in (_same, np.float64, np.complex128):
        converted = [_converted(convert, arg) for arg in args]
        function, values = program(fn, converted)
        _check(function, values, order)
    if any(isinstance(kind, Scalar) and is_inexact(kind) and not is_complex(kind) for kind in kinds):
        _check_single_precision(fn, args)


def _same(value: Any) -> Any:
    return value


def _converted(convert: Callable[[Any], Any], value: Any) -> Any:
    wanted = complex if convert is np.complex128 else float
    return convert(value) if type(value) is wanted else value


def _check(function: Function, args: list[Any], order: int) -> None:
    if order == 0:
        return
    for i, arg in enumerate(args):
        if not is_inexact(kind_of(arg)):
            continue
        forward, reverse = tangent(function, i), adjoint(function, i)
        expected = slope(lambda *xs: run(function, xs), args, i)
        found = run(forward, args)
        assert same(found, expected), f"forward mode, argument {i}: {found}, by differences {expected}"
        if isinstance(arg, complex) or isinstance(run(function, args), complex):
            _check_complex(function, args, i)
        else:
            found = run(reverse, args)
            assert same(found, expected), f"reverse mode, argument {i}: {found}, by differences {expected}"
        _check(forward, args, order - 1)
        if order == 2:
            _check(reverse, args, 1)


def _check_complex(function: Function, args: list[Any], wrt: int) -> None:
    """Compare along another direction, and the two modes: Re(out_bar * out_dot) == Re(x_bar * x_dot)."""
    x_dot = 0.6 - 0.8j if isinstance(args[wrt], complex) else 1.0
    out_dot = run(tangent(function, wrt, x_dot), args)
    expected = slope(lambda *xs: run(function, xs), args, wrt, x_dot)
    assert same(out_dot, expected), f"argument {wrt} along {x_dot}: {out_dot}, by differences {expected}"
    out_bar = 0.3 + 1.1j if isinstance(run(function, args), complex) else 1.7
    x_bar = run(adjoint(function, wrt, out_bar), args)
    outside, inside = (out_bar * out_dot).real, (x_bar * x_dot).real
    assert same(outside, inside), f"argument {wrt}: <out_bar, out_dot> = {outside}, <x_bar, x_dot> = {inside}"


def _check_single_precision(fn: Callable[..., Any], args: Sequence[Any]) -> None:
    """The derivatives have the type of the argument, and its precision."""
    exact, values = program(fn, args)
    single, singles = program(fn, [_converted(np.float32, arg) for arg in args])
    for i, arg in enumerate(singles):
        if not isinstance(arg, np.float32):
            continue
        found = run(adjoint(single, i, np.float32(1)), singles)
        wanted = run(adjoint(exact, i), values)
        assert math.isfinite(found), found
        assert same(found, wanted, 1e-4), f"argument {i} in single precision: {found}, in double {wanted}"
