"""Frozen dataclasses: which attributes cannot be assigned."""

from __future__ import annotations

import types
from typing import Any


def keeps_frozen(function: Any) -> bool:
    """Tell whether a function is the `__setattr__` that a frozen dataclass has."""
    return has_no_text(function) and function.__name__ == "__setattr__"


def has_no_text(function: Any) -> bool:
    """Tell whether a function has been made by `exec`, as those that `@dataclass` adds are."""
    return isinstance(function, types.FunctionType) and function.__code__.co_filename == "<string>"


def is_frozen(cls: type, name: str) -> bool:
    """Tell whether an attribute cannot be assigned since the class is a frozen dataclass.

    A subclass that is no dataclass itself may have attributes beside the fields, which are not frozen.
    """
    home = next((each for each in cls.__mro__ if "__dataclass_params__" in vars(each)), None)
    if home is None or not vars(home)["__dataclass_params__"].frozen:
        return False
    return home is cls or name in vars(home)["__dataclass_fields__"]
