"""Calls that stand in the derivative as they are: it makes each once, and in order, whatever it does.

Where what such a call raises is caught, it is made by `ast_ad.runtime.attempted`, which tells what it came to: it
cannot be tried before, as an operation is, because that would make it twice.
"""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad import runtime
from ast_ad.frontend import remedies
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.resolution import guard_identity
from ast_ad.frontend.samples import PACKAGES
from ast_ad.frontend.trials import Outcome
from ast_ad.frontend.values import Known, Raised, Range, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import INT, NONE, STRING, Array, Kind, List, Opaque, kind_of_class
from ast_ad.ir.nodes import Form, Lit, Op, Var
from ast_ad.trees import LEAF, DictTree, ListTree, Tree, TupleTree


def plain(frame: Frame, node: Any, value: Value) -> Any:
    """Return an argument as it is passed: operands, objects that are known, and containers of these."""
    if is_operand(value):
        return value
    if isinstance(value, Known):
        guard_identity(frame, value)
        return value.value
    if type(value) in (tuple, list):
        return type(value)(plain(frame, node, item) for item in value)
    if type(value) is dict:
        return {key: plain(frame, node, item) for key, item in value.items()}
    if isinstance(value, Range):
        made = Var(kind_of_class(range))
        frame.builder.append(Op((made,), range, tuple(value), (), frame.where(node)))
        return made
    if isinstance(value, slice):
        return slice(*(plain(frame, node, each) for each in (value.start, value.stop, value.step)))
    frame.misfit(
        node, f"{describe(value)} is passed to a function that is not differentiated", remedies.for_numbers(value)
    )


def run(
    frame: Frame,
    node: Any,
    fn: Callable[..., Any],
    operands: Sequence[Any],
    form: Form | None,
    kind: Kind | None,
    *,
    watched: bool = True,
) -> Value:
    """Append a call that returns something of a kind (None: nothing).

    What it raises is caught as in Python, if it is `watched`.
    """
    if _may_write(fn, operands) and _holds_memory(operands, form):
        fn, operands, form = _watched(fn, operands, form)
    caught = [classes for attempt in reversed(frame.attempts) for classes in attempt.handlers]
    if not caught or not watched:
        outs = () if kind is None else (Var(kind),)
        frame.builder.append(Op(outs, fn, tuple(operands), (), frame.where(node), form))
        return outs[0] if outs else Known(None)

    def outcome() -> Outcome:
        handlers = TupleTree(tuple(TupleTree((LEAF,) * len(classes)) for classes in caught))
        first, trees = _importable(fn, operands, form)
        whole = Form((handlers, *trees), () if form is None else form.kwargs)
        which, value, name, text = Var(INT), Var(kind or NONE), Var(STRING), Var(STRING)
        args = (*map(Lit, itertools.chain(*caught)), *first)
        frame.builder.append(Op((which, value, name, text), runtime.attempted, args, (), frame.where(node), whole))
        flags = tuple(frame.op(node, operator.eq, which, Lit(i)) for i in range(len(caught)))
        error = Raised(name, (text,), text)
        return Outcome(flags, (error,) * len(caught), Known(None) if kind is None else value)

    return frame.attempts[-1].called(node, outcome)


_HARMLESS = frozenset([*sys.stdlib_module_names, *PACKAGES, "numpy"])
"""Modules whose functions do not change what they are given, but for those in `_WRITERS`."""

_WRITERS = frozenset(["pack_into", "readinto", "readinto1", "recv_into", "recvfrom_into"])


_FIXED = (str, bytes, int, float, complex, tuple, frozenset, range)
"""Classes whose methods change neither their object nor what they are given: ``", ".join(names)``."""


def _may_write(fn: Callable[..., Any], operands: Sequence[Any]) -> bool:
    """Tell whether a call may change its arguments: one that is not known not to."""
    if isinstance(fn, (primitives.Attribute, primitives.Operation)):
        return False
    if isinstance(fn, primitives.Invocation):
        kind = operands[0].kind
        home, name = kind.type if isinstance(kind, Opaque) else type(operands[0].value).__module__, fn.name
    elif fn is primitives.called:
        home = name = ""
    elif (getattr(fn, "__objclass__", None) or type(getattr(fn, "__self__", None))) in _FIXED:
        return False
    else:
        home = str(getattr(getattr(fn, "__self__", None), "__module__", getattr(fn, "__module__", "")))
        name = getattr(fn, "__name__", "")
    return name in _WRITERS or home.partition(".")[0] not in _HARMLESS


def _holds_memory(operands: Sequence[Any], form: Form | None) -> bool:
    """Tell whether there are arrays, lists or dicts among the arguments."""
    trees = () if form is None else (*form.args, *(tree for _, tree in form.kwargs))
    return any(isinstance(each.kind, (Array, List)) for each in operands) or any(map(_is_changeable, trees))


def _is_changeable(tree: Tree) -> bool:
    return isinstance(tree, (DictTree, ListTree)) or (
        isinstance(tree, TupleTree) and any(map(_is_changeable, tree.items))
    )


def _watched(
    fn: Callable[..., Any], operands: Sequence[Any], form: Form | None
) -> tuple[Callable[..., Any], Sequence[Any], Form | None]:
    """Return the call as one that fails if it changes what it is given."""
    if fn is primitives.called:
        return runtime.watched, operands, form
    first, trees = _importable(fn, operands, form)
    return runtime.watched, first, None if form is None else Form(trees, form.kwargs)


def _importable(
    fn: Callable[..., Any], operands: Sequence[Any], form: Form | None
) -> tuple[tuple[Any, ...], tuple[Tree, ...]]:
    """Return a function that the generated text can import before its operands, and the structure of its arguments."""
    trees: tuple[Tree, ...] = (LEAF,) * len(operands) if form is None else form.args
    if isinstance(fn, (primitives.Attribute, primitives.Invocation)):
        owner, *others = operands
        function = Lit(getattr if isinstance(fn, primitives.Attribute) else runtime.invoked)
        return (function, owner, Lit(fn.name), *others), (LEAF, LEAF, *trees)
    return (Lit(fn.fn if isinstance(fn, primitives.Operation) else fn), *operands), (LEAF, *trees)
