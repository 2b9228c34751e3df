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

import numpy as np

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


def autograd_value_and_grad(fun: Callable[..., Any], argnums: int | tuple[int, ...]) -> Callable[..., Any]:
    """Return autograd's `value_and_grad` of a function."""
    import autograd
    import autograd.numpy

    return autograd.value_and_grad(_with_library(fun, autograd.numpy), argnums)


def _torch(pair: Pair) -> Candidate:
    import torch

    torch.set_num_threads(1)
    fun = _with_library(pair.primal, torch)
    wrt = (pair.argnums,) if isinstance(pair.argnums, int) else pair.argnums
    leaves: list[Any] = []

    def tensors(value: Any, active: bool) -> Any:
        if isinstance(value, dict):
            return {key: tensors(item, active) for key, item in value.items()}
        if not active and not isinstance(value, np.ndarray):
            return value
        made = torch.tensor(value, dtype=torch.float64, requires_grad=active)
        leaves.extend([made] if active else [])
        return made

    args = tuple(tensors(arg, i in wrt) for i, arg in enumerate(pair.args))
    return lambda *args: torch.autograd.grad(fun(*args), leaves), args


def _with_library(fun: Any, library: types.ModuleType) -> Callable[..., Any]:
    """Return a function of the same code for which `np` and `math` are another library, in what it calls too."""
    scope = {**fun.__globals__, "np": library, "math": library}
    for name, value in fun.__globals__.items():
        if isinstance(value, types.FunctionType) and value.__module__ == fun.__module__:
            scope[name] = types.FunctionType(value.__code__, scope, name)
    return types.FunctionType(fun.__code__, scope, fun.__name__)


AUTOGRAD = Peer("autograd", "autograd", _autograd)
TORCH = Peer("PyTorch", "torch", _torch)

PEERS = (AUTOGRAD, TORCH)
