"""Samples of classes of the standard library, which tell what their methods and operators return."""

from __future__ import annotations

import datetime
import decimal
import fractions
import hashlib
import io
import uuid
from collections.abc import Callable
from typing import Any

from ast_ad.ir.kinds import Opaque

OBJECT = Opaque("object")
"""An object of which not even the class is known."""

SAMPLES: dict[str, Callable[[], Any]] = {
    f"{type(make()).__module__}.{type(make()).__qualname__}": make
    for make in (
        lambda: datetime.date(2000, 1, 3),
        lambda: datetime.datetime(2000, 1, 3, 4, 5),
        lambda: datetime.time(4, 5),
        lambda: datetime.timedelta(2, 3),
        lambda: decimal.Decimal("1.5"),
        lambda: fractions.Fraction(3, 2),
        lambda: io.StringIO("a"),
        lambda: uuid.UUID(int=1),
        hashlib.md5,
    )
}
"""An object of each class whose methods do nothing but compute, or change the object: by the name of the class."""

FIXED = (datetime.date, datetime.time, datetime.timedelta, fractions.Fraction)
"""Classes whose objects never change, and whose methods depend on nothing else."""
