"""Functions and the derivatives that a careful person writes for them: what ours are measured and compared with.

The functions take their libraries from the global names `np` and `math`, so that `peers` can give them another one.
"""

# The branches are written out, as in the texts that they are compared with.
# ruff: noqa: SIM108

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Pair:
    """A function and its hand-written derivative.

    Attributes
    ----------
    title : str
        What the pair shows.
    args : tuple
        Where the two are compared and timed.
    argnums : int or tuple of int
        What the function is differentiated by.
    microseconds : float
        What ours may take longer for each call: to tell arrays and dicts by their kinds takes longer than numbers.
    compiles : bool
        Whether Numba compiles such functions: it knows no dicts of arrays of several ranks.
    same_stack : bool
        Whether ours saves the same values as the hand-written derivative; otherwise as many.
    """

    title: str
    primal: Callable[..., Any]
    derivative: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...] = 0
    microseconds: float = 2.0
    compiles: bool = True
    same_stack: bool = True

    @property
    def name(self) -> str:
        return self.primal.__name__

    @property
    def values(self) -> str:
        """The arguments, as they are written in a call: numbers as they are, arrays by name."""
        names = inspect.signature(self.primal).parameters
        return ", ".join(repr(arg) if isinstance(arg, (int, float)) else name for name, arg in zip(names, self.args))


def product(x, y, z):
    return (2 * x + y) * z


def product_grad(x, y, z, out_bar=1.0):
    # forward sweep
    q = 2 * x + y
    # reverse sweep
    q_bar = out_bar * z
    z_bar = out_bar * q
    x_bar = q_bar * 2
    y_bar = q_bar
    return x_bar, y_bar, z_bar


def wave(x):
    return 10 * np.exp(np.sin(x)) + np.cos(x) ** 2


def wave_grad(x, out_bar=1.0):
    # forward sweep
    s = np.sin(x)
    e = np.exp(s)
    c = np.cos(x)
    # reverse sweep
    c_bar = out_bar * 2 * c
    s_bar = out_bar * 10 * e
    x_bar = s_bar * c - c_bar * s
    return x_bar


def series(x, n):
    total = 0.0
    term = 1.0
    for _ in range(n):
        if term > 0.5:
            term = term * np.sin(x)
        else:
            term = term + x
        total = total + term
    return total


def series_grad(x, n, out_bar=1.0):
    # forward sweep
    stack = []
    term = 1.0
    for _ in range(n):
        stack.append(term)
        if term > 0.5:
            term = term * np.sin(x)
        else:
            term = term + x
    # reverse sweep
    x_bar = 0.0
    term_bar = 0.0
    for _ in range(n):
        term = stack.pop()
        term_bar = term_bar + out_bar
        if term > 0.5:
            x_bar = x_bar + term_bar * term * np.cos(x)
            term_bar = term_bar * np.sin(x)
        else:
            x_bar = x_bar + term_bar
    return x_bar


def newton_sqrt(a, tol):
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x


def newton_sqrt_grad(a, tol, out_bar=1.0):
    # forward sweep
    stack = []
    x = a
    while True:
        stack.append(x)
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    # reverse sweep
    a_bar = 0.0
    x_bar = out_bar
    while stack:
        x = stack.pop()
        step_bar = -x_bar
        num_bar = step_bar / (2 * x)
        den_bar = -step_bar * (x * x - a) / (2 * x) ** 2
        x_bar = x_bar + num_bar * 2 * x + den_bar * 2
        a_bar = a_bar - num_bar
    a_bar = a_bar + x_bar
    return a_bar


def mlp(params, x, y):
    h = np.tanh(x @ params["w1"] + params["b1"])
    p = h @ params["w2"] + params["b2"]
    return np.mean((p - y) ** 2)


def mlp_grad(params, x, y, out_bar=1.0):
    w1, b1, w2, b2 = params["w1"], params["b1"], params["w2"], params["b2"]
    # forward sweep
    h = np.tanh(x @ w1 + b1)
    p = h @ w2 + b2
    r = p - y
    # reverse sweep
    p_bar = out_bar / r.size * 2 * r
    b2_bar = np.sum(p_bar, axis=0)
    w2_bar = h.T @ p_bar
    h_bar = p_bar @ w2.T
    a_bar = h_bar * (1 - h * h)
    b1_bar = np.sum(a_bar, axis=0)
    w1_bar = x.T @ a_bar
    return {"w1": w1_bar, "b1": b1_bar, "w2": w2_bar, "b2": b2_bar}


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def rosenbrock_grad(x, out_bar=1.0):
    # reverse sweep
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 2, -1, -1):
        d_bar = out_bar * 200.0 * (x[i + 1] - x[i] ** 2)
        x_bar[i + 1] += d_bar
        x_bar[i] -= d_bar * 2 * x[i] + out_bar * 2 * (1.0 - x[i])
    return x_bar


def chain(x):
    s1 = np.sin(x)
    s2 = np.exp(s1)
    s3 = np.tanh(s2)
    s4 = np.sqrt(s3)
    return np.sum(s4 * s4 * s4)


def chain_grad(x, out_bar=1.0):
    # forward sweep
    s1 = np.sin(x)
    s2 = np.exp(s1)
    s3 = np.tanh(s2)
    s4 = np.sqrt(s3)
    # reverse sweep
    s4_bar = out_bar * 3 * s4 * s4
    s3_bar = s4_bar / (2 * s4)
    s2_bar = s3_bar * (1 - s3 * s3)
    s1_bar = s2_bar * s2
    return s1_bar * np.cos(x)


# Forward over reverse: the derivative of `wave_grad` along x_dot, with its value, as forward mode returns it.


def wave_hvp(x, x_dot):
    s = np.sin(x)
    c = np.cos(x)
    e = np.exp(s)
    e_dot = e * c * x_dot
    c_dot = -s * x_dot
    x_bar = 10 * e * c - 2 * c * s
    x_bar_dot = 10 * (e_dot * c + e * c_dot) - 2 * (c_dot * s + c * (c * x_dot))
    return x_bar, x_bar_dot


def iterate(x, n):
    for _ in range(n):
        x = math.sin(x) * x + 0.1
    return x


def iterate_grad(x, n, out_bar=1.0):
    # forward sweep
    stack = []
    for _ in range(n):
        s = math.sin(x)
        stack.append((s, x))
        x = s * x + 0.1
    # reverse sweep
    x_bar = out_bar
    for _ in range(n):
        s, x = stack.pop()
        x_bar = x_bar * (s + x * math.cos(x))
    return x_bar


normal = np.random.default_rng(0).standard_normal
MLP_ARGS = (
    {"w1": normal((8, 16)) / 3, "b1": normal(16), "w2": normal((16, 4)) / 4, "b2": normal(4)},
    normal((32, 8)),
    normal((32, 4)),
)

PRODUCT = Pair("Straight-line scalar code", product, product_grad, (1.0, 2.0, 3.0), (0, 1, 2))
WAVE = Pair("Elementary functions", wave, wave_grad, (2.0,))
SERIES = Pair("A loop with a branch", series, series_grad, (0.7, 100))
NEWTON = Pair("A loop that ends when it has converged", newton_sqrt, newton_sqrt_grad, (3.0, 1e-9))
MLP = Pair("Arrays and a dict of parameters", mlp, mlp_grad, MLP_ARGS, microseconds=3.0, compiles=False)
ROSENBROCK = Pair("Elements of an array, in a loop", rosenbrock, rosenbrock_grad, (normal(1000),), microseconds=3.0)
CHAIN = Pair("Elementary functions of arrays", chain, chain_grad, (np.abs(normal(1000)),), microseconds=3.0)
ITERATE = Pair("A scalar loop", iterate, iterate_grad, (0.7, 1000))

PAIRS = (PRODUCT, WAVE, SERIES, NEWTON, MLP, ROSENBROCK, CHAIN)
