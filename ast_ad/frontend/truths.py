"""The truth of abstract values: what a test decides by."""

from __future__ import annotations

import operator
from typing import Any

from ast_ad.frontend import containers, foreign, grown_items, overloads, table_keys
from ast_ad.frontend.choices import choice, truth
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import FALSE
from ast_ad.frontend.values import Grown, Known, Optional, Range, Table, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.runtime import trip_count


def tested(frame: Frame, node: Any, value: Value) -> Operand:
    """Return the truth of a value; a constant if that is known."""
    if isinstance(value, Optional):
        inside = value.value
        true = frame.operand(node, choice(frame, node, value.present, lambda: _truth(frame, node, inside), _false))
        frame.facts.note(true, True, (value.present, True))
        return true
    value = overloads.truth_of(frame, node, value)
    known = truth(frame, value)
    if foreign.is_foreign(value):
        return frame.operand(node, foreign.truth(frame, node, value))
    return _decided(frame, node, value) if known is None else Lit(known)


def _decided(frame: Frame, node: Any, value: Value) -> Operand:
    """Return the truth of a value that is not known."""
    if isinstance(value, Table):
        return frame.op(node, operator.gt, table_keys.length(frame, node, value), Lit(0))
    inside = containers.seen(frame, value)
    if isinstance(inside, Grown):
        return frame.op(node, operator.gt, grown_items.length(frame, node, inside), Lit(0))
    if isinstance(inside, Range):
        return frame.op(node, operator.gt, frame.op(node, trip_count, *inside), Lit(0))
    if isinstance(value, Known):
        frame.refuse(node, f"whether {describe(value)} from outside is empty, or true, may change", "pass it in")
    return frame.operand(node, value)


def _truth(frame: Frame, node: Any, value: Value) -> Operand:
    value = overloads.truth_of(frame, node, value)
    known = truth(frame, value)
    return frame.op(node, bool, frame.operand(node, value)) if known is None else Lit(known)


def _false() -> Operand:
    return FALSE
