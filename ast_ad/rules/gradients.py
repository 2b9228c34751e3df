"""Rules of `ast_ad.runtime.gradients`."""

from __future__ import annotations

from typing import Any

from ast_ad.ir.kinds import Array, Kind, Scalar, as_kind, dims_of
from ast_ad.rules.registry import inactive, linear
from ast_ad.runtime.gradients import shaped, stop_gradient

inactive(stop_gradient, kind=as_kind, cheap=True, views=True)


def _shaped_kind(value: Any, like: Any) -> Kind:
    value, like = as_kind(value), as_kind(like)
    return Array(value.dtype, dims_of(like)) if isinstance(value, (Array, Scalar)) and dims_of(like) else value


linear(
    shaped,
    lambda g, y, value, like: (g, None),
    shaped_by=(1,),
    kind=_shaped_kind,
    smaller=True,
    cheap=True,
    views=True,
)
