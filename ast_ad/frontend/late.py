"""Variables that a loop makes of another kind: a number that becomes an array, an integer that becomes a float.

In the loop they have the kind that holds all turns, and the first one finds a value of another.  Nothing that computes
element by element minds.  What asks for the kind itself, or for the rank, would be told wrong: then the loop has no
single kind, and its first turn is written out (`ast_ad.frontend.peeling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ast_ad.errors import KindError
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Value, is_operand
from ast_ad.ir.kinds import Array, Kind, Scalar, dims_of
from ast_ad.ir.nodes import Block, Call, Op, Operand, Statement, Var, Where, operands, walk
from ast_ad.rules.registry import find

_REDUCED = frozenset({"sum", "mean", "max", "min", "prod", "any", "all", "norm", "size", "shape", "isfinite", "isnan"})
"""Functions of NumPy to which a number is as good as an array, if they are given nothing else."""


def note(frame: Frame, before: Mapping[str, Value], heads: Mapping[str, Value]) -> None:
    """Note which variables at the head of a loop are of another kind than what the first turn finds."""
    for name, head in heads.items():
        value = before[name]
        if isinstance(head, Var) and is_operand(value) and _type_of(value.kind) != _type_of(head.kind):
            frame.context.objects.late[head] = name


def check_known(frame: Frame, node: Any, value: Value) -> None:
    """Refuse to tell the kind or the rank of a variable that a loop makes of another kind."""
    name = frame.context.objects.late.get(value) if isinstance(value, Var) else None
    if name is not None:
        raise _error(name, frame.where(node))


def check_uses(frame: Frame, statements: tuple[Statement, ...]) -> None:
    """Refuse operations that take a number that becomes an array for what it is not yet, in a turn of a loop."""
    late: dict[Operand, str] = {
        var: name for var, name in frame.context.objects.late.items() if isinstance(var.kind, Array) and var.kind.dims
    }
    if not late:
        return
    for statement in walk(Block((), statements, ())):
        arrays = [each for each in operands(statement) if isinstance(each, Var) and dims_of(each.kind)]
        found = [each for each in arrays if each in late]
        if isinstance(statement, Call) and found:
            raise _error(late[found[0]], statement.where)
        if not isinstance(statement, Op) or not found:
            continue
        rule = find(statement.fn)
        if rule is not None and rule.broadcasts:
            late |= dict.fromkeys(statement.outs, late[found[0]]) if len(found) == len(arrays) else {}
        elif getattr(statement.fn, "__name__", "") not in _REDUCED or len(statement.args) > 1 or statement.kwargs:
            raise _error(late[found[0]], statement.where)


def _error(name: str, where: Where | None) -> KindError:
    return KindError(
        f"`{name}` has no single kind here: it is of another one in the first turn of the loop",
        help="start with a value of the kind that it has later, or use another name",
        where=where,
    )


def _type_of(kind: Kind) -> Any:
    """Return what a program can tell of a kind."""
    if isinstance(kind, Array) and kind.dims:
        return len(kind.dims)
    return (kind.dtype, kind.numpy) if isinstance(kind, Scalar) else type(kind)
