"""What a derivative is asked of: which leaves of the arguments, and whether the result can have one."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np

from ast_ad.analysis.schedule import Setting
from ast_ad.arguments import Target
from ast_ad.errors import KindError, SeveralResultsError
from ast_ad.frontend.lower import Argument
from ast_ad.ir.kinds import INT, Kind, List, dims_of, in_words, is_complex, is_inexact
from ast_ad.ir.nodes import Function, Lit, Var
from ast_ad.trees import LEAF, DictTree, ListTree, NodeTree, Static, Tree, TupleTree, leaf_count


@dataclass(frozen=True)
class Request:
    """What is asked for: by which operator, by which arguments, and whether one alone was named.

    With `has_aux`, the function returns a pair: what is differentiated, and something to hand through. `checkpoint`
    says what reverse mode computes again rather than keep (see `ast_ad.analysis.schedule`).  With `any_result`, the
    derivative of what is no number is the Jacobian.
    """

    operator: str
    targets: tuple[Target, ...]
    single: bool
    has_aux: bool = False
    checkpoint: Setting = None
    any_result: bool = False

    @property
    def mode(self) -> str:
        """The direction: "forward" for `jvp` and `hvp`, else "reverse"."""
        return "forward" if self.operator in ("jvp", "hvp") else "reverse"

    @property
    def value(self) -> bool:
        """Whether the function's own result is returned before its derivative."""
        return self.operator == "value_and_grad"


@dataclass(frozen=True)
class Selected:
    """An argument that is differentiated: its structure, and its leaves among the function's parameters."""

    tree: Tree
    leaves: range


def selected(arguments: tuple[Argument, ...], target: Target) -> Selected:
    """Return where the leaves of what a target names are among those of all arguments."""
    position = 0
    for argument in arguments:
        tree = argument.tree
        if argument.name == target.name:
            if target.item is not None:
                tree, offset = _item(tree, target)
                position += offset
            _refuse_closed(target, tree)
            return Selected(tree, range(position, position + leaf_count(tree)))
        position += leaf_count(tree)
    raise target.missing()


def _item(tree: Tree, target: Target) -> tuple[Tree, int]:
    """Return the structure of an item of ``*args`` or ``**kwargs``, and how many leaves come before it."""
    assert isinstance(tree, (TupleTree, DictTree))
    keys: Sequence[Any] = tree.keys if isinstance(tree, DictTree) else range(len(tree.items))
    if target.item not in keys:
        raise target.missing()
    index = list(keys).index(target.item)
    return tree.items[index], sum(map(leaf_count, tree.items[:index]))


def refuse_all_constants(targets: Sequence[Target], chosen: Sequence[Selected], primal: Function) -> None:
    """Refuse to differentiate where none of the arguments is a floating-point number."""
    if not any(is_inexact(primal.params[i].kind) for each in chosen for i in each.leaves):
        for target, each in zip(targets, chosen):
            refuse_constants(target, each, primal)


def refuse_constants(target: Target, selected: Selected, primal: Function) -> None:
    """Refuse to differentiate by something that is no floating-point number; an empty container has a derivative."""
    kinds = [primal.params[i].kind for i in selected.leaves]
    _refuse_mixed(target, selected.tree, kinds)
    if any(map(is_inexact, kinds)) or _is_empty(selected.tree):
        return
    array = bool(kinds) and bool(dims_of(kinds[0]))
    what = f"holds {in_words(kinds[0])}" if kinds else "holds no number"
    if isinstance(selected.tree, Static):
        what = "is None" if selected.tree.value is None else f"is of type {type(selected.tree.value).__name__}"
    elif selected.tree == LEAF:
        what = f"is {in_words(kinds[0])}" if array else f"is of type {kinds[0]}"
    remedy = f"convert it (`{target}.astype(float)`)" if array else "pass a float (3.0, not 3)"
    raise KindError(
        f"argument `{target}` {what}: only floating-point numbers can be differentiated",
        help=f"{remedy}, or leave it out of argnums" if kinds else "leave it out of argnums",
    )


def _refuse_mixed(target: Target, tree: Tree, kinds: Sequence[Kind]) -> None:
    """Refuse a list of numbers of which some are integers: it would be handed back with these among the slopes."""
    if not isinstance(tree, (TupleTree, ListTree, DictTree)):
        return
    start = 0
    for item in tree.items:
        _refuse_mixed(target, item, kinds[start : start + leaf_count(item)])
        start += leaf_count(item)
    whole = [i for i, kind in enumerate(kinds) if kind == INT]
    if (
        isinstance(tree, ListTree)
        and all(item == LEAF for item in tree.items)
        and whole
        and any(map(is_inexact, kinds))
    ):
        raise KindError(
            f"a list in argument `{target}` holds an int beside floats, at [{whole[0]}]: only floating-point numbers "
            "can be differentiated",
            help="make all of them floats (3.0, not 3), or leave it out of argnums",
        )


_CLOSED = (collections.OrderedDict, collections.defaultdict, MappingProxyType, collections.deque, SimpleNamespace)
"""Containers that are not taken apart."""


def _refuse_closed(target: Target, tree: Tree) -> None:
    """Refuse a container that is not taken apart: it would be handed back with its values in the place of slopes."""
    value = tree.value if isinstance(tree, Static) else None
    if isinstance(value, _CLOSED) and _holds_float(value):
        simple = "vars" if isinstance(value, SimpleNamespace) else "dict" if isinstance(value, Mapping) else "list"
        raise KindError(
            f"argument `{target}` has numbers in a container of type {type(value).__name__}: these have no derivative",
            help=f"pass `{simple}(...)` of it, or leave it out of argnums",
        )
    for item in getattr(tree, "items", ()):
        _refuse_closed(target, item)


def _holds_float(value: Any) -> bool:
    """Tell whether there is a number that could be differentiated in a container."""
    if isinstance(value, SimpleNamespace):
        value = vars(value)
    if isinstance(value, (Mapping, list, tuple, collections.deque)):
        return any(map(_holds_float, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, (float, complex, np.inexact)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    )


def with_slopes(chosen: Selected, primal: Function) -> Selected:
    """Return what a pullback gives for an argument: None for one without floats, which would look like its adjoint."""
    has_slopes = any(is_inexact(primal.params[i].kind) for i in chosen.leaves) or _is_empty(chosen.tree)
    return chosen if has_slopes else Selected(Static(None), range(0))


def _is_empty(tree: Tree) -> bool:
    return isinstance(tree, (TupleTree, ListTree, DictTree)) and all(map(_is_empty, tree.items))


def divided(out_tree: Tree, request: Request, name: str) -> tuple[Tree, Tree | None]:
    """Return the structure of what is differentiated, and that of what is handed through beside it."""
    if not request.has_aux:
        return out_tree, None
    if not isinstance(out_tree, TupleTree) or len(out_tree.items) != 2:
        raise KindError(
            f"{_called(name)} returns {_described(out_tree)}: with has_aux=True, it has to return a pair",
            help="return (value, aux)",
        )
    return out_tree.items


def refuse_result(out_tree: Tree, primal: Function, request: Request) -> None:
    """Refuse a result that has no gradient: several numbers, a complex one, none at all."""
    name = _called(primal.name)
    if out_tree != LEAF:
        several = leaf_count(out_tree) > 0
        raise (SeveralResultsError if several else KindError)(
            f"{name} returns {_described(out_tree)}: a gradient needs one real number",
            help=f"return one number (a sum, or an item){_PAIR}; or use {_OTHERS}"
            if several
            else "return the number that is to be differentiated",
        )
    result = primal.results[0]
    assert isinstance(result, (Var, Lit))
    if is_complex(result.kind):
        raise KindError(
            f"{name} returns a complex number: a gradient needs one real number",
            help="return its real part, its imaginary part or its absolute value",
        )
    if isinstance(result, Var) and not is_inexact(result.kind):
        raise KindError(
            f"{name} returns a value of type {result.kind}, which does not depend smoothly on anything",
            help="return a float",
        )
    if isinstance(result.kind, List):
        raise KindError(
            f"{name} returns a list of numbers: a gradient needs one real number",
            help=f"return one number (a sum, or an item){_PAIR}; or use {_OTHERS}",
        )
    if request.operator != "elementwise_grad" and any(dim != 1 for dim in dims_of(result.kind)):
        raise SeveralResultsError(
            f"{name} returns {in_words(result.kind)}: a gradient needs one real number",
            help=f"return one number (a sum, or an item); or use {_OTHERS}, or ast_ad.elementwise_grad where each "
            "element of the result depends on the same element of the argument",
        )


_PAIR = ", with has_aux=True a pair of it and anything else"
_OTHERS = "ast_ad.jacobian, ast_ad.vjp or ast_ad.jvp for several results"


def refuse_results(out_tree: Tree, primal: Function) -> None:
    """Refuse results of which the Jacobian has no rows: complex numbers, integers, none at all."""
    kinds = [result.kind for result in primal.results[: leaf_count(out_tree)] if isinstance(result, (Var, Lit))]
    bad = next((kind for kind in kinds if is_complex(kind) or not is_inexact(kind)), None)
    if bad is not None or not kinds:
        what = f"a value of type {bad}" if kinds else _described(out_tree)
        raise KindError(
            f"{_called(primal.name)} returns {what}: a Jacobian needs real floating-point numbers",
            help="return floats alone, or use ast_ad.vjp or ast_ad.jvp",
        )


def _called(name: str) -> str:
    """Return a function's name for messages; a lambda has none."""
    return "the function" if name == "function" else f"{name}()"


def _described(tree: Tree) -> str:
    if isinstance(tree, Static):
        return "nothing" if tree.value is None else repr(tree.value)
    if tree == LEAF:
        return "one number"
    names = {TupleTree: "a tuple", ListTree: "a list", DictTree: "a dict", NodeTree: "an object"}
    count = leaf_count(tree)
    return f"{names[type(tree)]} of {count} number{'s' * (count != 1)}"
