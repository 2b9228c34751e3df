"""Correlations, which are convolutions with what is turned around."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import signal


def correlate(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    """As `scipy.signal.correlate`."""
    return signal.convolve(in1, np.flip(np.conj(in2)), mode)


def convolve2d(in1: Any, in2: Any, mode: Any = "full") -> Any:
    """As `scipy.signal.convolve2d` with zeros around."""
    return signal.convolve(in1, in2, mode)


def correlate2d(in1: Any, in2: Any, mode: Any = "full") -> Any:
    """As `scipy.signal.correlate2d` with zeros around."""
    return signal.convolve(in1, np.flip(np.conj(in2)), mode)


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    signal.convolve2d: convolve2d,
    signal.correlate: correlate,
    signal.correlate2d: correlate2d,
}
