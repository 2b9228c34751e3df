"""The fast Fourier transform by hand, radix 2 and in place: a signal from its spectrum's amplitudes alone.

The reordering and the butterflies change one complex array in place.  The gradient of the misfit of the amplitudes,
by the signal, leads from a nearby guess to a signal that has them.

    python -m examples.fft
"""

from __future__ import annotations

import cmath
import math

import numpy as np

import ast_ad


def fft(signal: np.ndarray) -> np.ndarray:
    """The discrete Fourier transform of a signal, whose length is a power of 2."""
    x = signal.astype(complex)
    n = len(x)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j ^= bit
        if i < j:
            x[i], x[j] = x[j], x[i]
    size = 2
    while size <= n:
        root = cmath.exp(-2j * math.pi / size)
        for start in range(0, n, size):
            w = 1 + 0j
            for k in range(start, start + size // 2):
                even, odd = x[k], w * x[k + size // 2]
                x[k] = even + odd
                x[k + size // 2] = even - odd
                w *= root
        size *= 2
    return x


def misfit(signal: np.ndarray, amplitudes: np.ndarray) -> float:
    """How far the squared amplitudes of the spectrum are from those that are wanted."""
    spectrum = fft(signal)
    power = spectrum.real**2 + spectrum.imag**2
    return np.mean((power - amplitudes**2) ** 2) / len(signal) ** 2


def fit(guess: np.ndarray, amplitudes: np.ndarray, steps: int, rate: float) -> tuple[np.ndarray, list[float]]:
    """Descend to a signal with the given amplitudes; returns it, and all misfits."""
    loss_and_slopes = ast_ad.value_and_grad(misfit)
    signal = guess
    losses = []
    for _ in range(steps):
        loss, slopes = loss_and_slopes(signal, amplitudes)
        losses.append(loss)
        signal = signal - rate * slopes
    return signal, losses


def main() -> None:
    rng = np.random.default_rng(0)
    signal = rng.standard_normal(16)
    amplitudes = np.abs(np.fft.fft(signal))
    found, losses = fit(signal + 0.2 * rng.standard_normal(16), amplitudes, steps=300, rate=0.1)
    print(f"misfit of the spectrum: {losses[0]:.2e} at first, {losses[-1]:.2e} at last")
    print("signal:", np.round(signal, 2))
    print("found: ", np.round(found, 2))


if __name__ == "__main__":
    main()
