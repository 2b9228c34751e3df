"""ast_ad: derivatives of ordinary Python and NumPy functions, as readable Python source.

>>> import ast_ad
>>> ast_ad.grad(lambda x: x * x)(3.0)
6.0
"""

from typing import NoReturn

from ast_ad.api import (
    checkpoint,
    defjvp,
    defvjp,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    primitive,
    stop_gradient,
    value_and_grad,
    vjp,
)
from ast_ad.errors import (
    ArgumentError,
    AutodiffError,
    InternalError,
    KindError,
    MissingRuleError,
    SourceError,
    UnsupportedSyntaxError,
)
from ast_ad.explain import explain, show
from ast_ad.familiar import missing as _missing
from ast_ad.nans import debug_nans
from ast_ad.trees import register_container

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "AutodiffError",
    "InternalError",
    "KindError",
    "MissingRuleError",
    "SourceError",
    "UnsupportedSyntaxError",
    "checkpoint",
    "debug_nans",
    "defjvp",
    "defvjp",
    "elementwise_grad",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "primitive",
    "register_container",
    "show",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> NoReturn:
    raise _missing(name)
