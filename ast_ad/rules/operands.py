"""What is known of an operand, by itself."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Kind, Opaque, Scalar, is_real
from ast_ad.ir.nodes import UNDEF, Lit, Operand, Var


def kind_of_operand(operand: Operand) -> Kind:
    """Return the kind of a variable or a literal."""
    if operand is UNDEF:
        return Opaque("undefined")
    assert isinstance(operand, (Var, Lit))
    return operand.kind


def is_literal(operand: Operand, value: float) -> bool:
    """Tell whether an operand is the real number `value`, written as a constant; ``0j`` is not 0, but complex."""
    if not isinstance(operand, Lit) or not isinstance(operand.kind, Scalar):
        return False
    return is_real(operand.kind) and bool(operand.value == value)


def is_array(operand: Operand) -> bool:
    """Tell whether an operand is an array, or stands for one."""
    return isinstance(operand, Var) and isinstance(operand.kind, Array)


def constructor(kind: Scalar) -> type[Any]:
    """Return the type whose call makes a scalar of `kind`.

    >>> constructor(Scalar("float32", numpy=True)), constructor(Scalar("float"))
    (<class 'numpy.float32'>, <class 'float'>)
    """
    return np.dtype(kind.dtype).type if kind.numpy else _PYTHON_TYPES[kind.dtype]


_PYTHON_TYPES: dict[str, type[Any]] = {"bool": bool, "int": int, "float": float, "complex": complex}


@functools.cache
def precision(kind: Scalar | Array) -> str:
    """Name the real type that a real or complex kind is made of; Python's numbers are NumPy's of double precision."""
    return np.finfo(np.dtype(kind.dtype)).dtype.name
