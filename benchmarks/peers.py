"""Other tools that differentiate Python, on the same functions; each is optional.

They trace operations of their own library.  So a function is not rewritten for them: it runs as it is, with their
library under the names `np` and `math`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.pairs import Pair
from benchmarks.timing import Candidate


@dataclass(frozen=True)
class Peer:
    """Another tool.

    Attributes
    ----------
    package : str
        The name of the package to import.
    prepare : callable
        Takes a pair; returns the tool's gradient of its primal, and the arguments to call it with.
    """

    name: str
    package: str
    prepare: Callable[[Pair], Candidate]

    @property
    def version(self) -> str:
        """The version that is installed, or "not installed"."""
        try:
            importlib.import_module(self.package)
        except ImportError:
            return "not installed"
        return importlib.metadata.version(self.package)

    @property
    def installed(self) -> bool:
        return self.version != "not installed"


def _autograd(pair: Pair) -> Candidate:
    import autograd
    import autograd.numpy

    return autograd.grad(_with_library(pair.primal, autograd.numpy), pair.argnums), pair.args


def _torch(pair: Pair) -> Candidate:
    import torch

    torch.set_num_threads(1)
    fun = _with_library(pair.primal, torch)
    wrt = (pair.argnums,) if isinstance(pair.argnums, int) else pair.argnums
    args = list(pair.args)
    for i in wrt:
        args[i] = torch.tensor(args[i], dtype=torch.float64, requires_grad=True)
    leaves = [args[i] for i in wrt]

    def gradient(*args: Any) -> Any:
        bars = torch.autograd.grad(fun(*args), leaves)
        return bars[0] if isinstance(pair.argnums, int) else bars

    return gradient, tuple(args)


def _with_library(fun: Any, library: types.ModuleType) -> Callable[..., Any]:
    """Return a function of the same code for which `np` and `math` are another library."""
    return types.FunctionType(fun.__code__, {**fun.__globals__, "np": library, "math": library}, fun.__name__)


AUTOGRAD = Peer("autograd", "autograd", _autograd)
TORCH = Peer("PyTorch", "torch", _torch)

PEERS = (AUTOGRAD, TORCH)
