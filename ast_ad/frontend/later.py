"""Models of functions of libraries that need not be there: they are read once a library has been imported."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Hashable
from typing import Any

from ast_ad.frontend import library
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.functional import modelled
from ast_ad.frontend.handlers import HANDLERS, Arguments, Handler, Keywords
from ast_ad.frontend.sites import INSTANCES, Site
from ast_ad.frontend.values import Known, Value

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
    for name in [each for each in LATER if each in sys.modules]:
        models = importlib.import_module(LATER.pop(name))
        HANDLERS.update({fn: _handler(fn, stand_in) for fn, stand_in in models.MODELS.items()})
        INSTANCES.update({cls: _called_as(model) for cls, model in getattr(models, "INSTANCES", {}).items()})


def _called_as(model: Callable[..., Any]) -> Callable[[Site], Value]:
    """Make what lowers the call of an object as that of a model, which is given the object."""
    return lambda site: site.call(model, first=[Known(site.fn, site.path)])


def _handler(fn: Callable[..., Any], model: Callable[..., Any]) -> Handler:
    """Make the handler of a function with a model; calls with options that this does not know run as they are."""
    as_model, signature = modelled(model), inspect.signature(model)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        try:
            signature.bind(*args, **kwargs)
        except TypeError:
            return library.operation(frame, node, fn, args, kwargs)
        return as_model(frame, node, args, kwargs)

    return handler
