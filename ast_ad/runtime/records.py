"""Adjoints of what a call of a recursive function saves: tuples, nested as the calls were."""

from __future__ import annotations

from typing import Any

import numpy as np


def zero_record(record: Any) -> Any:
    """Return the adjoint of a record that nothing has reached: zeros for its floating-point numbers, and no integers.

    >>> zero_record((1.5, 3, (2.0, ())))
    (0.0, (0.0, ()))
    """
    values = record if isinstance(record, tuple) else (record,)
    inexact = [value for value in values if isinstance(value, tuple) or np.asarray(value).dtype.kind in "fc"]
    zeros = tuple(map(_zero, inexact))
    return zeros[0] if len(zeros) == 1 else zeros


def _zero(value: Any) -> Any:
    return zero_record(value) if isinstance(value, tuple) else value * 0.0


def sum_records(a: Any, b: Any) -> Any:
    """Return the sum of two adjoints of one record.

    >>> sum_records((1.0, (2.0, ())), (3.0, (4.0, ())))
    (4.0, (6.0, ()))
    """
    return tuple(map(sum_records, a, b)) if isinstance(a, tuple) else a + b


def copied_record(record: Any) -> Any:
    """Return a record whose arrays and lists are its own.

    >>> x = np.ones(2)
    >>> copied_record((1.0, (x, ())))[1][0] is x
    False
    """
    if isinstance(record, (tuple, list)):
        return type(record)(map(copied_record, record))
    return record.copy() if isinstance(record, np.ndarray) else record
