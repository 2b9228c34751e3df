"""Arrays as Python sees them: objects that several names may hold, and that are changed in place.

The IR knows values only; which array a name holds is known here.  An array *object* is named by the variable that it
was bound to first, its token: names, containers and arguments hold tokens.  What the object contains now is kept in the
environment, under a key of its own (``%array:3``), so that it meets at joins and goes round in loops like every name.
A write makes a new value, and puts it there; a view (`x[1:3]`, `x.T`) remembers the array it looks at and how, is
looked up again after a write, and passes what is written to it on to that array.

Where two branches meet, a name may hold one array or another (`ast_ad.frontend.alternatives`).  Where it is not known
on which paths two names hold one object, the object is known by its `origins`: all objects that it may be.  Such an
object can be read; writing to it, or to one that it may be, while the other is still needed, is refused: that is never
guessed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from ast_ad.frontend import alternatives, listed, mixed_results, views
from ast_ad.frontend.reach import reachable
from ast_ad.frontend.tokens import InPlace, Objects, Token
from ast_ad.frontend.values import IN_LISTS, Ref, parts
from ast_ad.frontend.views import View
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Scalar, dims_of
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.rules.arrays import is_read_only
from ast_ad.rules.registry import find
from ast_ad.runtime import Chain, set_at
from ast_ad.trees import unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


def _is_operand(value: Any) -> bool:
    return isinstance(value, (Var, Lit))


def is_array(value: Any) -> TypeGuard[Var]:
    """Tell whether an abstract value is an array."""
    return isinstance(value, Var) and isinstance(value.kind, Array)


def arrays_in(value: Any) -> Iterator[Var]:
    """Yield the tokens of the arrays in an abstract value."""
    for leaf in parts(value)[0]:
        if is_array(leaf):
            yield leaf


def now(frame: Frame, operand: Any) -> Any:
    """Return what an array contains at this point of lowering; anything else as it is."""
    objects = frame.context.objects
    if not objects.keys or not is_array(operand):
        return operand
    view, choice = objects.views.get(operand), objects.choices.get(operand)
    if choice is not None:
        return alternatives.content(frame, operand, choice, now)
    if view is None:
        key = objects.keys.get(operand)
        return operand if key is None else frame.env.get(key, operand)
    base = now(frame, view.base)
    if base is view.seen:
        return operand
    (out,) = frame.builder.ops(view.fn, (base, *view.rest), form=view.form)
    out.name = operand.name
    if not dims_of(operand.kind):
        _without_dimensions(out)
    return out


def is_stale(frame: Frame, token: Var) -> bool:
    """Tell whether a view looks at an array that has been written to since."""
    view = frame.context.objects.views.get(token)
    return view is not None and now(frame, view.base) is not view.seen


def note(frame: Frame, op: Op, tokens: Sequence[Operand]) -> None:
    """Remember which array the result of an operation looks at; `tokens` are its operands before `now`."""
    if any(op.fn is fn for fn in _MAKE_ARRAYS) and not _is_own_method(op.fn, tokens):
        for out in op.outs:
            _without_dimensions(out)
    objects = frame.context.objects
    for out in filter(is_array, op.outs):
        objects.makers[out] = op.fn, tuple(tokens), op.form
        objects.born[out] = listed.turn(frame)
    rule = find(op.fn)
    base: Var | None = next((token for token in tokens if is_array(token)), None)
    if base is None or (rule is not None and not rule.views):
        return
    for out in filter(is_array, op.outs):
        if is_read_only(op):
            objects.read_only.add(out)
        kind, rows = views.Sight.EITHER, views.NO_ROWS
        if tokens[0] is base and len(op.outs) == 1 and rule is not None:
            kind, rows = views.sight(frame, op, base)
        if kind == views.Sight.COPY:
            _depend(objects, out, rows)
            _depend(objects, base, rows)
        elif kind == views.Sight.VIEW:
            look(frame, out, View(base, op.args[0], op.fn, op.args[1:], op.form, rows))
        else:
            objects.may_be(out, [token for token in tokens if is_array(token)])


def look(frame: Frame, token: Var, view: View) -> None:
    """Let a token be a view."""
    objects = frame.context.objects
    objects.views[token] = view
    if view.base in objects.read_only:
        objects.read_only.add(token)
    _depend(objects, token, view.rows)


def _depend(objects: Objects, token: Var, rows: Iterable[Var]) -> None:
    """Note that it depends on how parameters lie what sees a write to an array."""
    objects.reshaped.setdefault(objects.root(token), set()).update(rows)


def flat(frame: Frame, node: Any, token: Var) -> Var:
    """Return ``token.flat``: a view, wherever the elements lie."""
    out: Var = frame.op(node, np.reshape, token, Lit(-1))  # type: ignore[assignment]
    frame.context.objects.flat.add(out)
    look(frame, out, View(token, now(frame, token), np.reshape, (Lit(-1),), None))
    return out


def _without_dimensions(out: Var) -> None:
    """Note that what looks like a number is an array without dimensions."""
    if isinstance(out.kind, Scalar) and out.kind.numpy:
        out.kind = Array(out.kind.dtype, ())


def element(frame: Frame, node: Any, token: Var, index: Sequence[Operand]) -> Var:
    """Return ``token[i, ...]`` with an index for each axis: a view without dimensions."""
    operands, form = Form.of((token, tuple(index) if len(index) > 1 else index[0]), {}, _is_operand)
    out: Var = frame.ops(node, operator.getitem, operands, form)
    _without_dimensions(out)
    frame.context.objects.views[out] = View(token, now(frame, token), operator.getitem, tuple(index), form)
    return out


def _is_own_method(fn: Callable[..., Any], tokens: Sequence[Operand]) -> bool:
    """Tell whether NumPy asks a scalar of its own to do it, which stays one."""
    kind = tokens[0].kind if tokens and isinstance(tokens[0], (Var, Lit)) else None
    by_method = any(fn is each for each in (np.reshape, np.squeeze, np.transpose))
    return by_method and isinstance(kind, Scalar) and kind.numpy


_MAKE_ARRAYS = (
    *(np.array, np.asarray, np.asanyarray, np.zeros, np.ones, np.empty, np.full, np.reshape, np.squeeze, np.copy),
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.where, np.select, np.isin, np.cov, np.i0),
    *(np.asarray_chkfinite, np.block, np.broadcast_to, np.broadcast_arrays, np.expand_dims, np.transpose),
    *(np.real_if_close, np.roll, np.tile, *(getattr(np, name) for name in ("permute_dims",) if hasattr(np, name))),
)
"""Functions that make an array without dimensions, where others of NumPy's make a number."""


def store(frame: Frame, node: Any, token: Var, index: Any, value: Any) -> None:
    """Write `value` to a part of an array: ``token[index] = value``."""
    update(frame, node, token, set_at, index, value)


def update(frame: Frame, node: Any, token: Var, fn: Callable[..., Any], index: Any, value: Any) -> None:
    """Change a part of an array by `set_at` or `add_at`.

    A part of a view is a part of the array that it looks at.
    """
    plain = _without_ellipsis(index, token)
    if plain is not index and dims_of(value.kind):
        # A single item takes no `[v]`, an array without dimensions does.
        operands, form = Form.of((value, ()), {}, _is_operand)
        value = frame.ops(node, np.reshape, operands, form)
    index = plain
    check_writable(frame, node, token)
    base, path = led(frame, token, index)
    path += index.steps if isinstance(index, Chain) else [index]
    choice = frame.context.objects.choices.get(base)
    if choice is not None:
        alternatives.written(frame, node, choice, lambda each: update(frame, node, each, fn, views.joined(path), value))
        return
    operands, form = Form.of((base, views.joined(path), value), {}, _is_operand)
    new = frame.ops(node, fn, operands, form)
    new.name = base.name
    replace(frame, node, base, new)


def _without_ellipsis(index: Any, token: Var) -> Any:
    """Return an index without an ellipsis that stands for no dimension.

    `x[0, ...]` of a vector is written as `x[0]` is, but read it is a view, where the IR has a number.
    """
    if not isinstance(index, tuple) or not any(each is Ellipsis for each in index):
        return index
    rest = [each for each in index if each is not Ellipsis]
    numbers = all(_is_operand(each) and not isinstance(each.kind, Array) for each in rest)
    if not numbers or not rest or len(rest) != token.kind.ndim:  # type: ignore[union-attr]
        return index
    return tuple(rest) if len(rest) > 1 else rest[0]


def led(frame: Frame, token: Var, index: Any = None) -> tuple[Var, list[Any]]:
    """Return the array that a chain of steps leads from to a view (and on to a part of it), and the steps."""
    objects = frame.context.objects
    path: list[Any] = []
    while token in objects.views:
        view = objects.views[token]
        steps = views.steps(view)
        if steps is None and not path:
            steps = views.flat_step(view, index)
        if steps is None:
            break
        path = [*steps, *path]
        token = view.base
    return token, path


def check_writable(frame: Frame, node: Any, token: Var) -> None:
    """Refuse a write to what NumPy does not let anyone write to."""
    if token in frame.context.objects.read_only:
        frame.refuse(node, "a view that is read-only is written to", "copy it before: `x = np.array(x)`")
    if token in frame.context.objects.unsure:
        _refuse(frame, node, token, "it may be a number, which is not changed")


def replace(frame: Frame, node: Any, token: Var, new: Operand) -> None:
    """Let an array contain `new` from here on."""
    objects = frame.context.objects
    check_writable(frame, node, token)
    view, choice = objects.views.get(token), objects.choices.get(token)
    if choice is not None:
        alternatives.written(frame, node, choice, lambda each: replace(frame, node, each, new))
        return
    if view is None:
        place = objects.places.get(token)
        if place is not None and not frame.is_outermost:
            raise InPlace
        if place is not None:
            listed.write(frame, node, token, place, new)
        else:
            _check(frame, node, token)
        rows = objects.reshaped.get(token, set())
        if rows and not frame.is_outermost:
            raise InPlace  # how arguments lie in memory, the caller knows
        objects.rows |= rows
        if mixed_results.loses_integers(now(frame, token), new):
            mixed_results.check_array(frame, node, now(frame, token))
        frame.env[objects.key(token)] = _of_its_shape(frame, token, new)
        objects.writes[token] += 1
        objects.sites.setdefault(token, frame.where(node))
        return
    undone = views.undone(frame, node, view, new)
    if undone is not None:
        replace(frame, node, view.base, undone)
        return
    base, path = led(frame, token)
    if base is token:
        _refuse(frame, node, token, "what it looks at is not known")
    operands, form = Form.of((base, views.joined(path), new), {}, _is_operand)
    changed: Var = frame.ops(node, set_at, operands, form)
    changed.name = base.name
    replace(frame, node, base, changed)


def _of_its_shape(frame: Frame, token: Var, new: Operand) -> Operand:
    """Return what an array contains from here on with the lengths that are known of it: no write changes its shape."""
    kind, own = new.kind if isinstance(new, Var) else None, token.kind
    if not isinstance(kind, Array) or not isinstance(own, Array) or kind.ndim != own.ndim:
        return new
    dims = tuple(a if isinstance(a, int) else b for a, b in zip(own.dims, kind.dims))
    if dims == kind.dims:
        return new
    seen: Var = frame.builder.op(primitives.same, [new], name=token.name, kind=Array(kind.dtype, dims))
    return seen


def _check(frame: Frame, node: Any, token: Var) -> None:
    """Refuse a write that a name may see, or not, depending on the path."""
    objects = frame.context.objects
    for name, other in reachable(frame) if objects.has_alike(objects.origins(token), token) else ():
        if alternatives.sees(objects, other, token):
            if not frame.is_outermost:
                raise InPlace
            if frozenset((token, objects.root(other))) in objects.overlaps:
                _refuse(frame, node, token, f"`{name}` is another argument that shares memory with it")
            _want_tracked(frame, token, other)
            holder = f"an attribute of `{name}`" if isinstance(frame.env.get(name), Ref) else f"`{name}`"
            _refuse(frame, node, token, f"{holder} may be the same array, or another one" if name else "")


def _want_tracked(frame: Frame, *tokens: Token) -> None:
    """Note that loops have to track the names that hold one of several arrays (`ast_ad.frontend.loop_choices`)."""
    objects = frame.context.objects
    mixed = frozenset().union(*map(objects.origins, tokens))
    loops = {objects.carried[each][0] for each in mixed if isinstance(each, Var) and each in objects.carried}
    for token, (loop, name) in objects.carried.items():
        if name[0] != "%" and loop in loops and not mixed.isdisjoint(objects.origins(token)):
            frame.context.tracked.add((loop, name))


def _refuse(frame: Frame, node: Any, token: Var, why: str) -> None:
    what = f"`{token.name}`" if token.name else "an array"
    frame.refuse(
        node,
        f"{what} is changed in place, and {why or 'it may be the same array as another one'}",
        "make a copy before: `x = x.copy()`",
    )


def is_held(frame: Frame, node: Any, token: Var, but: str) -> bool:
    """Tell whether another name than `but` may hold the same array."""
    objects = frame.context.objects
    own = objects.origins(token)
    return any(name != but and not own.isdisjoint(objects.origins(other)) for name, other in reachable(frame))


def leaving(frame: Frame, token: Var) -> Operand:
    """Return what an array contains, for somebody outside who may look whether it is one."""
    content: Operand = now(frame, token)
    is_number = isinstance(content, (Var, Lit)) and isinstance(content.kind, Scalar)
    return frame.builder.op(np.array, [content]) if is_number else content


def share_with_lists(frame: Frame, token: Var) -> None:
    """Note that an array is, or may be, an item of a list that has grown: it may not be written to any more.

    Neither may one that it may be.
    """
    objects = frame.context.objects
    for each in {objects.root(token), *objects.origins(token)} - {IN_LISTS}:
        objects.may_be(each, [IN_LISTS])


def is_in_lists(frame: Frame, token: Var) -> bool:
    """Tell whether an array is, or may be, an item of a list that has grown."""
    return IN_LISTS in frame.context.objects.origins(token)


def settle(frame: Frame, value: Any, change: Callable[[Any], Any]) -> Any:
    """Return an abstract value with `change` applied to its arrays."""
    leaves, tree = parts(value)
    if not any(map(is_array, leaves)):
        return value
    return unflatten(tree, [change(leaf) if is_array(leaf) else leaf for leaf in leaves])
