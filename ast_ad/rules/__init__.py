"""Derivative rules, one file a topic; importing this package fills the table of `ast_ad.rules.registry`."""

from ast_ad.rules import (
    arrays,
    creation,
    helpers,
    linear_algebra,
    mathematics,
    numpy_elementwise,
    powers,
    products,
    python,
    random,
    reductions,
    shaping,
    sorting,
    transforms,
)

__all__ = [
    "arrays",
    "creation",
    "helpers",
    "linear_algebra",
    "mathematics",
    "numpy_elementwise",
    "powers",
    "products",
    "python",
    "random",
    "reductions",
    "shaping",
    "sorting",
    "transforms",
]
