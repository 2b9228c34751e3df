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
"""Classes whose objects never change, and whose methods depend on nothing else but those in `CLOCKS`."""

CLOCKS = frozenset(["fromtimestamp", "now", "today", "utcfromtimestamp", "utcnow"])
"""Methods of these classes that depend on the time, or on where the machine is."""


PACKAGES = frozenset(
    [
        *("IPython", "PIL", "cv2", "h5py", "imageio", "matplotlib", "mpl_toolkits", "netCDF4", "pandas", "plotly"),
        *("psutil", "requests", "rich", "seaborn", "xarray", "yaml"),
    ]
)
"""Installed packages whose functions are called as they are, and whose objects are used so."""

FOREIGN = PACKAGES | {"configparser", "datetime", "decimal", "fractions", "pathlib", "queue", "threading", "zoneinfo"}
"""Modules whose objects are used as they are, also where their classes are written in Python."""


def is_foreign_class(cls: type) -> bool:
    """Tell whether objects of a class are used as they are, whatever it is that they do."""
    return str(cls.__module__).partition(".")[0] in FOREIGN
