"""Keys of dicts: as abstract values, and as what a dict of abstract values is keyed by."""

from __future__ import annotations

from typing import Any

from ast_ad.errors import RunTimeIndexError
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.values import Known, Value
from ast_ad.ir.nodes import Lit


def key_of(frame: Frame, node: Any, value: Value) -> Any:
    """Return the key of a dict that an abstract value stands for."""
    if isinstance(value, Lit) or (isinstance(value, Known) and isinstance(value.value, (str, type(None)))):
        return value.value
    if type(value) is tuple:
        return tuple([key_of(frame, node, item) for item in value])
    if isinstance(value, Known):
        guard_identity(frame, value)
        return value.value
    raise RunTimeIndexError(
        "the key of a dict has to be a constant",
        help="use a string or a number that is written there",
        where=frame.where(node),
    )


def has_known_key(value: Value) -> bool:
    """Tell whether a value is a key that is known."""
    return all(map(has_known_key, value)) if type(value) is tuple else isinstance(value, (Lit, Known))
