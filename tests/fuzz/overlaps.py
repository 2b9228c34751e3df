"""Programs that meet a fault of NumPy: ``y[:, -1] = y[2]`` reads elements of `y` that it has written already.

Where the parts of an array overlap that are read and written, NumPy copies what is read first; but it does not look
at parts with one dimension whose elements lie in the same direction, at other distances (the list of what is left in
numpy/numpy#6272).  The derivative assigns as if it were copied, as it is for all other parts.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

APART = "copied_apart"
"""The name under which a program finds `apart`."""


def apart(value: Any, target: Any) -> Any:
    """Return an array that is written to a part of another one, as a copy; and anything else as it is."""
    both = isinstance(value, np.ndarray) and isinstance(target, np.ndarray)
    return value.copy() if both and np.may_share_memory(value, target) else value


def with_copies(text: str) -> str:
    """Return a program that copies what it assigns to parts of the same array.

    >>> print(with_copies("y.T[i] = y[2]"))
    y.T[i] = copied_apart(y[2], y.T)
    """
    return ast.unparse(_Copies().visit(ast.parse(text)))


class _Copies(ast.NodeTransformer):
    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        targets = [each.value for each in node.targets if isinstance(each, ast.Subscript) and not _acts(each.value)]
        for target in targets:
            node.value = ast.Call(ast.Name(APART, ast.Load()), [node.value, target], [])
        return node


def _acts(node: ast.expr) -> bool:
    """Tell whether an expression may do more than name something, so that it is not to be evaluated twice."""
    return any(isinstance(each, (ast.Call, ast.NamedExpr, ast.Await)) for each in ast.walk(node))
