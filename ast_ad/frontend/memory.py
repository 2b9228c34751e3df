"""Arrays as Python sees them: objects that several names may hold, and that are changed in place.

The IR knows values only; which array a name holds is known here.  An array *object* is named by the variable that it
was bound to first, its token: names, containers and arguments hold tokens.  What the object contains now is kept in the
environment, under a key of its own (``%array:3``), so that it meets at joins and goes round in loops like every name.
A write makes a new value, and puts it there; a view (`x[1:3]`, `x.T`) remembers the array it looks at and how, is
looked up again after a write, and passes what is written to it on to that array.

Where two names may hold one object, or two, depending on the path, the object is known by its `origins`: all objects
that it may be.  Such an object can be read; writing to it, or to one that it may be, while the other is still needed,
is refused: that is never guessed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, Union

import numpy as np

from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.containers import reachable
from ast_ad.frontend.values import Container, parts
from ast_ad.ir.kinds import Array, Scalar
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.rules.registry import find
from ast_ad.runtime import set_at
from ast_ad.trees import LEAF, ListTree, NodeTree, Tree, TupleTree, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


@dataclass(frozen=True, eq=False)
class View:
    """How a view looks at an array: ``fn(base, *rest)``, in the given form; `seen` is what the base contained then."""

    base: Var
    seen: Operand
    fn: Callable[..., Any]
    rest: tuple[Operand, ...]
    form: Form | None


Token = Union[Var, Container]
"""What stands for an object: an array's first variable, or a container."""


class Objects:
    """The objects of one lowering.

    Attributes
    ----------
    views
        The tokens that are views.
    read_only
        Views that cannot be written to.
    unsure
        Tokens that may be a number instead of an array without dimensions.
    keys
        For the objects that are written to, the name under which an environment has what they contain.
    containers
        The lists and dicts, by their keys (see `ast_ad.frontend.containers`).
    origins
        For tokens that may be one of several objects, these.
    """

    def __init__(self) -> None:
        self.views: dict[Var, View] = {}
        self.unsure: set[Var] = set()
        self.read_only: set[Var] = set()
        self.keys: dict[Var, str] = {}
        self.tokens: dict[str, Var] = {}
        self.containers: dict[str, Container] = {}
        self._origins: dict[Token, frozenset[Token]] = {}

    def root(self, token: Token) -> Token:
        """Return the array that a view looks at, in the end."""
        while isinstance(token, Var) and token in self.views:
            token = self.views[token].base
        return token

    def origins(self, token: Token) -> frozenset[Token]:
        """Return the objects that a token may stand for."""
        root = self.root(token)
        return self._origins.get(root, frozenset({root}))

    def may_be(self, token: Token, others: Iterable[Token]) -> None:
        """Note that a token may stand for other objects than itself."""
        found = frozenset().union(*(self.origins(other) for other in others))
        if found:
            self._origins[token] = self.origins(token) | found

    def key(self, token: Var) -> str:
        """Return the name under which an environment has what an object contains."""
        if token not in self.keys:
            self.keys[token] = f"%array:{len(self.keys)}"
            self.tokens[self.keys[token]] = token
        return self.keys[token]


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
    view = objects.views.get(operand)
    if view is None:
        key = objects.keys.get(operand)
        return operand if key is None else frame.env.get(key, operand)
    base = now(frame, view.base)
    if base is view.seen:
        return operand
    (out,) = frame.builder.ops(view.fn, (base, *view.rest), form=view.form)
    out.name = operand.name
    return out


def note(frame: Frame, op: Op, tokens: Sequence[Operand]) -> None:
    """Remember which array the result of an operation looks at; `tokens` are its operands before `now`."""
    if any(op.fn is fn for fn in _MAKE_ARRAYS):
        for out in op.outs:
            _without_dimensions(out)
    rule = find(op.fn)
    base: Var | None = next((token for token in tokens if is_array(token)), None)
    if base is None or (rule is not None and not rule.views):
        return
    objects = frame.context.objects
    for out in filter(is_array, op.outs):
        if any(op.fn is fn for fn in _READ_ONLY):
            objects.read_only.add(out)
        if tokens[0] is base and len(op.outs) == 1 and _is_view(op):
            objects.views[out] = View(base, op.args[0], op.fn, op.args[1:], op.form)
        elif not (op.fn is operator.getitem and not _is_basic(op)):
            objects.may_be(out, [token for token in tokens if is_array(token)])


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


_MAKE_ARRAYS = (
    *(np.array, np.asarray, np.asanyarray, np.zeros, np.ones, np.empty, np.full, np.reshape, np.squeeze, np.copy),
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.where),
)
"""Functions that make an array without dimensions, where others of NumPy's make a number."""

_READ_ONLY = (np.broadcast_to, np.diagonal, np.diag, np.broadcast_arrays)
"""Functions whose views NumPy does not let anyone write to."""

_SAME_SHAPE_BACK = (np.squeeze, np.expand_dims)
_VIEWS = (operator.getitem, np.transpose, np.swapaxes, *_SAME_SHAPE_BACK)


def _is_view(op: Op) -> bool:
    if op.fn is operator.getitem:
        return _is_basic(op)
    return any(op.fn is fn for fn in _VIEWS)


def _is_basic(op: Op) -> bool:
    """Tell whether an index takes a view: no array and no list stands in it."""
    listed = op.form is not None and any(map(_holds_list, op.form.args[1:]))
    return not listed and not any(is_array(operand) for operand in op.args[1:])


def _holds_list(tree: Tree) -> bool:
    return isinstance(tree, ListTree) or (isinstance(tree, (TupleTree, NodeTree)) and any(map(_holds_list, tree.items)))


def store(frame: Frame, node: Any, token: Var, index: Any, value: Any) -> None:
    """Write `value` to a part of an array: ``token[index] = value``."""
    operands, form = Form.of((token, index, value), {}, _is_operand)
    new = frame.ops(node, set_at, operands, form)
    new.name = token.name
    replace(frame, node, token, new)


def replace(frame: Frame, node: Any, token: Var, new: Operand) -> None:
    """Let an array contain `new` from here on."""
    objects = frame.context.objects
    if token in objects.read_only:
        frame.refuse(node, "a view that is read-only is written to", "copy it before: `x = np.array(x)`")
    if token in objects.unsure:
        _refuse(frame, node, token, "it may be a number, which is not changed")
    view = objects.views.get(token)
    if view is None:
        _check(frame, node, token)
        frame.env[objects.key(token)] = new
        return
    replace(frame, node, view.base, _put_back(frame, node, view, new))


def _put_back(frame: Frame, node: Any, view: View, new: Operand) -> Operand:
    """Return what an array contains once a view of it contains `new`."""
    if view.fn is operator.getitem:
        index = LEAF if view.form is None else view.form.args[1]
        plain = view.form is None
        form = None if plain else Form((LEAF, index, LEAF))
        out: Var = frame.ops(node, set_at, (view.base, *view.rest, new), form)
        out.name = view.base.name
        return out
    if view.fn is np.transpose and not view.rest and view.form is None:
        return frame.op(node, np.transpose, new)
    if view.fn is np.swapaxes:
        swapped: Operand = frame.ops(node, np.swapaxes, (new, *view.rest), view.form)
        return swapped
    if view.fn in _SAME_SHAPE_BACK:
        return frame.op(node, np.reshape, new, frame.op(node, np.shape, view.base))
    raise UnsupportedSyntaxError(
        "this view of an array is written to",
        help="write to the array itself, or to a copy",
        where=frame.where(node),
    )


def _check(frame: Frame, node: Any, token: Var) -> None:
    """Refuse a write that a name may see, or not, depending on the path."""
    objects = frame.context.objects
    own = objects.origins(token)
    for name, other in reachable(frame):
        if objects.root(other) is not token and not own.isdisjoint(objects.origins(other)):
            _refuse(frame, node, token, f"`{name}` may be the same array, or another one" if name else "")


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


def settle(frame: Frame, value: Any, change: Callable[[Any], Any]) -> Any:
    """Return an abstract value with `change` applied to its arrays."""
    leaves, tree = parts(value)
    if not any(map(is_array, leaves)):
        return value
    return unflatten(tree, [change(leaf) if is_array(leaf) else leaf for leaf in leaves])
