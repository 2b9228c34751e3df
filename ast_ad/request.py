"""What a derivative is asked of: which leaves of the arguments, and whether the result can have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ast_ad.arguments import Target
from ast_ad.errors import ArgumentError, KindError
from ast_ad.frontend.lower import Argument
from ast_ad.trees import LEAF, DictTree, Leaf, ListTree, NodeTree, Static, Tree, TupleTree, leaf_count
from ast_ad.ir.kinds import is_complex, is_inexact
from ast_ad.ir.nodes import Function, Lit, Var


@dataclass(frozen=True)
class Request:
    """What is asked for: "grad", "value_and_grad" or "jvp", by which arguments, and whether one alone was named."""

    operator: str
    targets: tuple[Target, ...]
    single: bool

    @property
    def mode(self) -> str:
        """The direction: "forward" for `jvp`, else "reverse"."""
        return "forward" if self.operator == "jvp" else "reverse"


@dataclass(frozen=True)
class Selected:
    """An argument that is differentiated: its structure, and its leaves among the function's parameters."""

    tree: Tree
    leaves: range


def selected(arguments: tuple[Argument, ...], target: Target) -> Selected:
    position = 0
    for argument in arguments:
        tree = argument.tree
        if argument.name == target.name:
            if target.item is not None:
                tree, offset = _item(tree, target)
                position += offset
            return Selected(tree, range(position, position + leaf_count(tree)))
        position += leaf_count(tree)
    raise ArgumentError(f"`{target}` is not among the arguments of this call")


def _item(tree: Tree, target: Target) -> tuple[Tree, int]:
    """Return the structure of an item of ``*args`` or ``**kwargs``, and how many leaves come before it."""
    assert isinstance(tree, (TupleTree, DictTree))
    keys: Sequence[Any] = tree.keys if isinstance(tree, DictTree) else range(len(tree.items))
    if target.item not in keys:
        raise ArgumentError(f"`{target}` is not among the arguments of this call", help="pass it, or change argnums")
    index = list(keys).index(target.item)
    return tree.items[index], sum(map(leaf_count, tree.items[:index]))


def refuse_constants(target: Target, selected: Selected, primal: Function) -> None:
    """Refuse to differentiate by something that is no floating-point number."""
    kinds = [primal.params[i].kind for i in selected.leaves]
    if any(map(is_inexact, kinds)):
        return
    what = f"of type {kinds[0]}" if kinds else "no number"
    raise KindError(
        f"argument `{target}` is {what}: only floating-point numbers can be differentiated",
        help="pass a float (3.0, not 3), or leave it out of argnums",
    )


def refuse_result(out_tree: Tree, primal: Function) -> None:
    """Refuse a result that has no gradient: several numbers, a complex one, none at all."""
    name = primal.name
    if out_tree != LEAF:
        several = leaf_count(out_tree) > 0
        raise KindError(
            f"{name}() returns {_described(out_tree)}: a gradient needs one real number",
            help="return one number (a sum, or an item), or use ast_ad.jvp for several results"
            if several
            else "return the number that is to be differentiated",
        )
    (result,) = primal.results
    assert isinstance(result, (Var, Lit))
    if is_complex(result.kind):
        raise KindError(
            f"{name}() returns a complex number: a gradient needs one real number",
            help="return its real part, its imaginary part or its absolute value",
        )
    if isinstance(result, Var) and not is_inexact(result.kind):
        raise KindError(
            f"{name}() returns a value of type {result.kind}, which does not depend smoothly on anything",
            help="return a float",
        )


def _described(tree: Tree) -> str:
    if isinstance(tree, Static):
        return "nothing" if tree.value is None else repr(tree.value)
    names = {TupleTree: "a tuple", ListTree: "a list", DictTree: "a dict", NodeTree: "an object"}
    return f"{names[type(tree)]} of {leaf_count(tree)} numbers"
