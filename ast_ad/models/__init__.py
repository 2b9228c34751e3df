"""Library functions that are made of others, written in Python: lowering takes these for them.

Each has the parameters of the original, and computes what that computes, operation by operation, so that results are
equal to the last bit.  They take functions or sequences, return several values or change an array, so that no rule
could say it in one expression.  A file has one topic, and tables of what its functions stand for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ast_ad.models import (
    arrays,
    copies,
    curves,
    differences,
    matrices,
    numbers,
    operators,
    padding,
    polynomials,
    queues,
    reductions,
    statistics,
    ufuncs,
)
from ast_ad.models.common import Options

MODELS: dict[Callable[..., Any], Callable[..., Any]] = {
    key: model
    for topic in (arrays, copies, matrices, numbers, operators, polynomials, queues, reductions)
    for key, model in topic.MODELS.items()
}
"""What is lowered instead of a function."""

OPTIONS: Options = {
    key: model
    for topic in (arrays, curves, differences, matrices, padding, polynomials, reductions, statistics, ufuncs)
    for key, model in topic.OPTIONS.items()
}
"""What is lowered instead of a function where it has options of which its rule knows nothing."""
