"""Methods of ufuncs: those without a rule of their own are lowered as loops (see `ast_ad.models.ufuncs`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import ufuncs
from ast_ad.rules import registry


def _method(ufunc: np.ufunc, model: Callable[..., Any]) -> Handler:
    """Make the handler of a method of a ufunc."""
    stands_in = Known(model, Held(model))

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        if "where" in kwargs and ufunc.identity is not None:
            kwargs = {"initial": Lit(ufunc.identity), **kwargs}
        return call_known(frame, node, stands_in, [Known(ufunc, Held(ufunc)), *args], kwargs)

    return handler


for _ufunc in {each for each in vars(np).values() if isinstance(each, np.ufunc)}:
    if (_ufunc.nin, _ufunc.nout) == (2, 1):
        HANDLERS[_ufunc.outer] = _method(_ufunc, ufuncs.outer)
        for _name in ("reduce", "accumulate", "reduceat"):
            _fn = getattr(_ufunc, _name)
            if registry.find(_fn) is None:
                HANDLERS[_fn] = _method(_ufunc, getattr(ufuncs, _name))
