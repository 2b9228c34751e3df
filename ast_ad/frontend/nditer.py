"""`np.nditer`: walks through arrays in the order in which their elements lie, which has to be known.

Importing this module adds it to the functions that lowering knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import arrays, containers, layouts, views
from ast_ad.frontend.dispatch import call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.frontend.paths import Held
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import Known, Value, is_none
from ast_ad.ir.kinds import dims_of
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models.walks import Walk, read_only

_PARAMETERS = ("op", "flags", "op_flags", "op_dtypes", "order", "casting", "op_axes", "itershape", "buffersize")
_FLAGS = {"multi_index", "c_index", "f_index", "zerosize_ok", "refs_ok", "copy_if_overlap", "reduce_ok"}
_OP_FLAGS = {"readonly", "readwrite", "writeonly", "allocate", "no_broadcast", "nbo", "aligned", "contig"}
_HELP = "loop over `x.flat`, `np.ndenumerate(x)` or `np.ndindex(x.shape)`"


def _nditer(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    given = {name: value for name, value in {**dict(zip(_PARAMETERS, args)), **kwargs}.items() if not is_none(value)}
    for name in ("op_dtypes", "op_axes", "itershape", "buffersize"):
        if name in given:
            frame.refuse(node, f"`np.nditer` with `{name}=` is not supported", _HELP)
    op = containers.plain(frame, given["op"])
    several = isinstance(op, (tuple, list))
    flags = _texts(frame, node, given.get("flags"), _FLAGS)
    each_flags = containers.plain(frame, given.get("op_flags", []))
    if not several or all(isinstance(each, Known) for each in each_flags):
        each_flags = [each_flags] * (len(op) if several else 1)
    written = [bool(_texts(frame, node, each, _OP_FLAGS) & {"readwrite", "writeonly"}) for each in each_flags]
    op = list(op) if several else [op]
    there = [arrays.as_array(frame, node, each) for each in op if not is_none(each)]
    if not there or len(written) != len(op):
        frame.misfit(node, "`np.nditer` needs an array, and flags for each array", _HELP)
    order = given.get("order", Known("K"))
    first_fastest = _first_fastest(frame, node, order.value if isinstance(order, Known) else None, there)
    if first_fastest and len(there) < len(op):
        frame.refuse(node, "an array that `np.nditer` makes, and whose rows do not lie one by one", _HELP)
    operands = _operands(frame, node, op, there, written)
    writable = tuple([Lit(each or is_none(own)) for each, own in zip(written, op)])
    if (flags & {"c_index", "f_index"}) - {"f_index" if first_fastest else "c_index"} and dims_of(operands[0].kind)[1:]:
        frame.refuse(node, "an index that counts otherwise than `np.nditer` goes is not supported", _HELP)
    shape = arrays.shape_of(frame, node, operands[0])
    return call_known(
        frame,
        node,
        Known(Walk, Held(Walk)),
        [tuple(operands), writable, shape, Lit(first_fastest), Lit("zerosize_ok" in flags)],
        {},
    )


def _texts(frame: Frame, node: Any, value: Value, known: set[str]) -> set[str]:
    """Return flags, each a text."""
    items = [] if value is None else containers.plain(frame, value)
    found: set[Any] = {item.value if isinstance(item, Known) else None for item in items}
    if not found <= known:
        frame.refuse(node, f"`np.nditer` with {', '.join(map(repr, found - known))} is not supported", _HELP)
    return found & known


def _operands(
    frame: Frame, node: Any, given: Sequence[Value], there: Sequence[Var], written: Sequence[bool]
) -> list[Var]:
    """Return the arrays, all of one shape; those that are to be made are."""
    shapes = {dims_of(each.kind) for each in there}
    shape: Value = arrays.shape_of(frame, node, there[0])
    if len(shapes) > 1:
        shapes_of = [tuple(arrays.shape_of(frame, node, each)) for each in there]
        shape = arrays.formed(frame, node, np.broadcast_shapes, shapes_of, {})
    made = []
    remaining = iter(there)
    for i, each in enumerate(given):
        if is_none(each):
            made.append(_allocated(frame, node, there, shape))
            continue
        x = next(remaining)
        if len(shapes) > 1 and written[i]:
            frame.refuse(node, "`np.nditer` writes to an array beside arrays of other shapes", _HELP)
        if len(shapes) > 1:
            x = arrays.formed(frame, node, np.broadcast_to, [x, shape], {})
        made.append(x)
    return made


def _allocated(frame: Frame, node: Any, there: Sequence[Var], shape: Value) -> Var:
    dtype = np.result_type(*(np.dtype(each.kind.dtype) for each in there))  # type: ignore[union-attr]
    made: Var = arrays.formed(frame, node, np.zeros, [shape, Known(dtype.type)], {})
    return made


def _first_fastest(frame: Frame, node: Any, order: Any, operands: Sequence[Var]) -> bool:
    """Tell whether the first index changes fastest, as NumPy decides it by how the arrays lie."""
    if order in ("C", "F"):
        return bool(order == "F")
    possible = {False, True} if order == "K" else set[bool]()
    assumed: set[Var] = set()
    for each in operands:
        ways, rows = _ways(frame, each)
        possible &= ways
        assumed |= rows
    if not possible:
        frame.refuse(
            node,
            "in which order `np.nditer` goes through these arrays is not known: it depends on how they lie in memory",
            "write `order='C'`",
        )
    if assumed and not frame.is_outermost:
        raise InPlace
    frame.context.objects.rows |= assumed
    return min(possible)


def _ways(frame: Frame, token: Var) -> tuple[set[bool], frozenset[Var]]:
    """Return in which ways NumPy may go through an array, and the parameters of which that depends."""
    rows = views.in_rows(frame, token)
    if rows is not None:
        return ({False, True} if len(dims_of(token.kind)) < 2 else {False}), rows
    return layouts.fastest(frame.context.objects, token) or (set(), views.NO_ROWS)


def _read_only(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    frame.context.objects.read_only.add(args[0])
    return args[0]


HANDLERS[np.nditer] = _nditer
HANDLERS[read_only] = _read_only
