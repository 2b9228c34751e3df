"""A recursive filter: learn its coefficients from what goes in and what comes out.

Each sample of the output depends on those before it, so the gradient goes back through the whole signal.

    python -m examples.iir_filter
"""

from __future__ import annotations

import numpy as np

import ast_ad
from examples.adam import adam


def iir(b: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """y[n] = sum of b[k] * x[n - k] less sum of a[k] * y[n - k], where a[0] is 1 and not given."""
    y = np.zeros(len(x))
    for n in range(len(x)):
        for k in range(len(b)):
            if n >= k:
                y[n] += b[k] * x[n - k]
        for k in range(len(a)):
            if n > k:
                y[n] -= a[k] * y[n - k - 1]
    return y


def biquad(b: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The same for two coefficients in `a` and three in `b`, with the state in a short array (direct form II)."""
    y = np.empty_like(x)
    z = np.zeros(2)
    for n in range(len(x)):
        y[n] = b[0] * x[n] + z[0]
        z[0] = b[1] * x[n] - a[0] * y[n] + z[1]
        z[1] = b[2] * x[n] - a[1] * y[n]
    return y


def misfit(params: dict[str, np.ndarray], x: np.ndarray, heard: np.ndarray) -> float:
    """Mean squared difference from the output that was heard."""
    return np.mean((biquad(params["b"], params["a"], x) - heard) ** 2)


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(200)
    b, a = np.array([0.3, 0.2, 0.1]), np.array([-0.6, 0.3])
    heard = iir(b, a, x)
    loss_and_slopes = ast_ad.value_and_grad(misfit)
    start = {"b": np.zeros(3), "a": np.zeros(2)}
    for step, loss, params in adam(lambda p: loss_and_slopes(p, x, heard), start, steps=300, rate=0.1):
        if step % 100 == 0:
            print(f"step {step:3d}: misfit {loss:.2e}, b {np.round(params['b'], 3)}, a {np.round(params['a'], 3)}")
    print(f"truth:                        b {b}, a {a}")


if __name__ == "__main__":
    main()
