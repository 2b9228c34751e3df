"""What the tables of models are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Options = dict[Callable[..., Any], tuple[Mapping[str, Sequence[Any]], Callable[..., Any]]]
"""What a function is lowered as where it has one of some options, with another value than those that its rule knows."""
