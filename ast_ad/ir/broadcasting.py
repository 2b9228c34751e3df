"""Broadcasting of kinds: which dims NumPy makes of others, what it stretches, and along which axes it adds up again."""

from __future__ import annotations

from collections.abc import Sequence

from ast_ad.ir.kinds import Dim, Kind, dims_of, may_be_one


def broadcast(*shapes: Sequence[Dim]) -> tuple[Dim, ...]:
    """Return the dims of what NumPy makes of operands with these dims.

    >>> broadcast(("n1", "n2"), ("n2",)), broadcast(("n1", 1), (1, 3)), broadcast((), ("?1",))
    (('n1', 'n2'), ('n1', 3), ('?1',))
    """
    rank = max(map(len, shapes), default=0)
    result: list[Dim] = []
    for axis in range(-rank, 0):
        dims = list(dict.fromkeys(shape[axis] for shape in shapes if len(shape) >= -axis and shape[axis] != 1))
        known = [dim for dim in dims if not may_be_one(dim)]
        result.append(1 if not dims else min(known, key=lambda dim: isinstance(dim, str)) if known else _either(dims))
    return tuple(result)


def _either(dims: Sequence[Dim]) -> Dim:
    if len(dims) == 1:
        return dims[0]
    parts = {part for dim in dims for part in (str(dim)[1:].split("|") if "|" in str(dim) else (str(dim),))}
    return "?" + "|".join(sorted(parts))


def is_stretched(kind: Kind, into: Kind) -> bool:
    """Tell whether broadcasting may have to stretch a value of `kind` to the shape of `into`.

    >>> from ast_ad.ir.kinds import FLOAT, Array
    >>> column, matrix = Array("float64", ("n1", 1)), Array("float64", ("n1", "n2"))
    >>> is_stretched(column, matrix), is_stretched(matrix, matrix), is_stretched(FLOAT, matrix)
    (True, False, True)
    """
    own, other = dims_of(kind), dims_of(into)
    return len(own) != len(other) or any(may_be_one(a) and a != b for a, b in zip(own, other))


def summed_axes(kind: Kind, into: Kind) -> tuple[int, tuple[int, ...]] | None:
    """Return how an adjoint of the shape of `into` is added up to one of `kind`, which broadcasting stretched.

    Returns
    -------
    tuple or None
        How many leading axes go, and which axes of `kind` have length 1 and are kept so; None where that is not known.

    Examples
    --------
    >>> from ast_ad.ir.kinds import Array
    >>> summed_axes(Array("float64", ("n2",)), Array("float64", ("n1", "n2")))
    (1, ())
    >>> summed_axes(Array("float64", (1, "n2")), Array("float64", ("n1", "n2")))
    (0, (0,))
    """
    own, other = dims_of(kind), dims_of(into)
    extra = len(other) - len(own)
    pairs = list(enumerate(zip(own, other[extra:])))
    if any(
        (a != b and (isinstance(a, str) and may_be_one(a))) or (a == 1 != b and may_be_one(b)) for _, (a, b) in pairs
    ):
        return None
    return extra, tuple(axis for axis, (a, b) in pairs if a == 1 != b)


def may_be_smaller(kind: Kind, like: Kind) -> bool:
    """Tell whether a value of `kind` may need broadcasting to have the shape of `like`, though that is not known.

    >>> from ast_ad.ir.kinds import Array
    >>> whole = Array("float64", ("n1",))
    >>> may_be_smaller(Array("float64", ("?2",)), whole), may_be_smaller(Array("float64", ("n3",)), whole)
    (True, False)
    """
    own, other = dims_of(kind), dims_of(like)
    return len(own) < len(other) or any(may_be_one(a) and a != b for a, b in zip(own, other))


def is_smaller(kind: Kind, like: Kind) -> bool:
    """Tell whether a value of `kind` is known to need broadcasting to have the shape of `like`."""
    own, other = dims_of(kind), dims_of(like)
    return len(own) < len(other) or any(a == 1 and b != 1 for a, b in zip(own, other))
