"""Derivative rules, one file a topic; importing this package fills the table of `ast_ad.rules.registry`."""

from ast_ad.rules import helpers, mathematics, numpy_elementwise, powers, python

__all__ = ["helpers", "mathematics", "numpy_elementwise", "powers", "python"]
