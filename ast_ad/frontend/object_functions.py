"""Functions of Python that work on objects: `getattr`, `super`, `dataclasses.replace`, ...

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ast_ad.frontend import attributes, records
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.values import Known, Value

__all__ = ["HANDLERS"]


def _attribute_name(frame: Frame, node: Any, value: Value) -> str:
    if not (isinstance(value, Known) and isinstance(value.value, str)):
        frame.refuse(node, "the name of the attribute has to be a constant", "write it as a string")
    return value.value


def _setattr(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    attributes.assign(frame, node, args[0], _attribute_name(frame, node, args[1]), args[2])
    return Known(None)


def _set_plainly(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    attributes.set_plainly(frame, node, args[0], _attribute_name(frame, node, args[1]), args[2])
    return Known(None)


def _initialise(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`object.__init__` does nothing."""
    return Known(None)


HANDLERS.update(
    {
        dataclasses.is_dataclass: records.is_dataclass,
        dataclasses.replace: records.replace,
        object.__init__: _initialise,
        object.__setattr__: _set_plainly,
        setattr: _setattr,
        super: attributes.call_super,
    }
)
