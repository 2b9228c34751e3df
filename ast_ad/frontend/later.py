"""Models of functions of libraries that need not be there: they are read once a library has been imported."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Hashable
from typing import Any

from ast_ad.frontend.functional import modelled
from ast_ad.frontend.handlers import HANDLERS

LATER = {
    "scipy.linalg": "ast_ad.models.scipy.linear_algebra",
    "scipy.signal": "ast_ad.models.scipy.signal",
    "scipy.stats": "ast_ad.models.scipy.distributions",
    "tqdm": "ast_ad.models.progress",
}


def has_model(fn: Callable[..., Any]) -> bool:
    """Tell whether a function of a library is lowered as another one."""
    read_later()
    return isinstance(fn, Hashable) and fn in HANDLERS


def read_later() -> None:
    """Read the models of libraries that have been imported since the last time."""
    for library in [each for each in LATER if each in sys.modules]:
        models = importlib.import_module(LATER.pop(library)).MODELS
        HANDLERS.update({fn: modelled(stand_in) for fn, stand_in in models.items()})
