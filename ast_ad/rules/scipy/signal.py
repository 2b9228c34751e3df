"""Derivatives of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from ast_ad.rules.registry import bilinear


def _whole(g: Any, x: Any, y: Any, mode: str) -> Any:
    """Return the adjoint of a part of a full convolution as that of all of it, with zeros around."""
    if mode == "full":
        return g
    lengths = [(np.shape(x)[axis], np.shape(y)[axis]) for axis in range(np.ndim(x))]
    if mode == "same":
        return np.pad(g, [((k - 1) // 2, k // 2) for _, k in lengths])
    shorter = [np.minimum(n, k) - 1 for n, k in lengths]
    return np.pad(g, [(margin, margin) for margin in shorter])


def _bars(g: Any, z: Any, x: Any, y: Any, mode: str = "full", method: str = "auto") -> Any:
    g = _whole(g, x, y, mode)
    return signal.convolve(g, np.flip(y), "valid"), signal.convolve(g, np.flip(x), "valid")


bilinear(signal.convolve, _bars)
bilinear(signal.fftconvolve, lambda g, z, x, y, mode="full": _bars(g, z, x, y, mode))
