"""How the arguments of a call reach the parameters of a function, and what lowering is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gast

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.layouts import Place
from ast_ad.frontend.parcels import RecordParts
from ast_ad.frontend.scope import FunctionNode
from ast_ad.frontend.values import Either, GrownParts, Known, OneOf, Optional, Ref, Value
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Kind, kind_of
from ast_ad.trees import LEAF, Collected, Leaf, NodeTree, Rebuilt, Registered, Rows, Static, Tree, flatten

POSITIONAL, OPTIONS, NAMED = "xs", "options", "named"
"""The parameters of a function of a library that gather its arguments, where it does not tell of more or need more."""

GATHERED = {POSITIONAL: "*", OPTIONS: "*", NAMED: "**"}
"""How these stand in a call."""


@dataclass(frozen=True)
class Argument:
    """What lowering knows of one parameter's value: its structure, and the kinds of its leaves.

    ``*args`` is one argument with the tree of a tuple, ``**kwargs`` one with that of a dict.  `known` are the integers
    among the leaves that are part of the signature, each with its position (see `ast_ad.frontend.pins`).  `shared`
    tells that an object is met more than once among the arguments.  `places` are the arrays among the leaves that do
    not lie row by row, or not apart from others, where that matters (see `ast_ad.places`).
    """

    name: str
    tree: Tree
    kinds: tuple[Kind, ...]
    known: tuple[tuple[int, int], ...] = ()
    shared: bool = field(default=False, repr=False)
    places: tuple[tuple[int, Place], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, name: str, value: Any) -> Argument:
        """Return the argument that stands for values like this one.

        >>> Argument.of("x", 1.5)
        Argument(name='x', tree=Leaf(), kinds=(Scalar(dtype='float', numpy=False),), known=())
        """
        leaves, tree = flatten(value)
        return cls(name, tree, tuple(map(kind_of, leaves)))

    @classmethod
    def joined(cls, name: str, tree: Tree, arguments: Sequence[Argument]) -> Argument:
        """Return one argument with the leaves of several."""
        kinds: list[Kind] = []
        known: list[tuple[int, int]] = []
        places: list[tuple[int, Place]] = []
        for argument in arguments:
            known += [(len(kinds) + position, value) for position, value in argument.known]
            places += [(len(kinds) + position, place.alone()) for position, place in argument.places]
            kinds += argument.kinds
        shared = any(argument.shared for argument in arguments)
        return cls(name, tree, tuple(kinds), tuple(known), shared, tuple(places))

    def part(self, name: str, tree: Tree, first: int, last: int) -> Argument:
        """Return an argument with some of the leaves of this one."""
        known = tuple((i - first, value) for i, value in self.known if first <= i < last)
        places = tuple((i - first, place.alone()) for i, place in self.places if first <= i < last)
        return Argument(name, tree, self.kinds[first:last], known, self.shared, places)


def bind(
    frame: Frame,
    node: Any,
    function: FunctionNode,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    defaults: Sequence[Value],
    named_defaults: Mapping[str, Value],
) -> dict[str, Value]:
    """Return the value of each parameter for a call, in the order of the signature.

    Raises
    ------
    KindError
        Where Python would raise a TypeError.
    """
    spec: gast.arguments = function.args
    name = getattr(function, "name", "<lambda>")
    positional = [param.id for param in (*spec.posonlyargs, *spec.args)]
    only_positional = {param.id for param in spec.posonlyargs}
    by_name = [param.id for param in spec.kwonlyargs]
    values: dict[str, Value] = dict(zip(positional, args))
    more = tuple(args[len(positional) :])
    if more and spec.vararg is None:
        frame.misfit(node, f"`{name}` takes {len(positional)} positional arguments, and {len(args)} are given")
    others: dict[str, Value] = {}
    for key, value in kwargs.items():
        if (key in positional and key not in only_positional) or key in by_name:
            if key in values:
                frame.misfit(node, f"`{name}` is given the argument `{key}` twice")
            values[key] = value
        elif spec.kwarg is not None:
            others[key] = value
        else:
            frame.misfit(node, f"`{name}` has no parameter `{key}`")
    fallback = {**dict(zip(positional[len(positional) - len(defaults) :], defaults)), **named_defaults}
    missing = [each for each in (*positional, *by_name) if each not in values and each not in fallback]
    if missing:
        frame.misfit(node, f"`{name}` is called without {', '.join(f'`{each}`' for each in missing)}")
    bound = {each: values.get(each, fallback.get(each)) for each in positional}
    if spec.vararg is not None:
        bound[spec.vararg.id] = more
    bound |= {each: values.get(each, fallback.get(each)) for each in by_name}
    if spec.kwarg is not None:
        bound[spec.kwarg.id] = others
    return bound


def with_records(tree: Tree) -> Tree:
    """Return a tree that makes records where another one makes objects of the user's."""
    if isinstance(tree, (Leaf, Static)):
        return tree
    items = tuple(map(with_records, tree.items))
    if isinstance(tree, NodeTree) and isinstance(tree.make, (Collected, Rebuilt, Registered)):
        return NodeTree(RecordParts(tree.make), items)
    return replace(tree, items=items)


def concrete(frame: Frame, node: Any, tree: Tree) -> Tree:
    """Return the tree of an abstract value as that of the run-time value."""
    if isinstance(tree, Leaf):
        return tree
    if isinstance(tree, Static):
        if isinstance(tree.value, Known):
            return Static(tree.value.value)
        if isinstance(tree.value, Ref):
            frame.refuse(node, f"{describe(tree.value)} that is made here leaves the function", "return what is in it")
        frame.refuse(
            node,
            "a function that is made inside the differentiated function leaves it",
            "define it outside, and pass data",
        )
    if isinstance(tree, NodeTree) and tree.make is OneOf:
        frame.refuse(node, "which member of an enumeration leaves the function depends on the path", "return its value")
    if isinstance(tree, NodeTree) and tree.make is Either:
        frame.refuse(
            node,
            "the result, or a part of it, is of one class or structure on some paths, and of another one on the others",
            "return what is computed from it, or leave the part out",
        )
    if isinstance(tree, NodeTree) and tree.make is Optional:
        frame.refuse(
            node,
            "a part of the result is None on some paths, and a number on others",
            "return a number on every path (`math.nan`), or leave the part out",
        )
    if isinstance(tree, NodeTree) and isinstance(tree.make, GrownParts):
        item = concrete(frame, node, tree.make.item)
        return item if item == LEAF else NodeTree(Rows(item), tree.items)
    items = tuple(concrete(frame, node, item) for item in tree.items)
    if isinstance(tree, NodeTree) and isinstance(tree.make, RecordParts):
        return NodeTree(tree.make.make, items)
    return replace(tree, items=items)
