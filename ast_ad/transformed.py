"""A derivative in the IR, with its signature and the structure of what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ast_ad.analysis.schedule import schedule
from ast_ad.arguments import Target
from ast_ad.backend import interface as printed
from ast_ad.errors import KindError
from ast_ad.frontend.lower import Argument, Lowered
from ast_ad.ir.kinds import is_inexact
from ast_ad.ir.nodes import Function, Operand, Var
from ast_ad.request import Request, Selected, divided, refuse_constants, refuse_result, selected
from ast_ad.rules.operands import kind_of_operand
from ast_ad.transform.forward import forward
from ast_ad.transform.reverse import reverse
from ast_ad.trees import (
    LEAF,
    Collected,
    DictTree,
    Leaf,
    ListTree,
    NodeTree,
    Rebuilt,
    Registered,
    Rows,
    Static,
    Tree,
    TupleTree,
)


@dataclass(frozen=True)
class Transformed:
    """A derivative in the IR, how it is printed, and the structure of what it returns.

    The results at the positions `fresh` are arrays of their own.
    """

    function: Function
    interface: printed.Interface
    out_tree: Tree
    fresh: range


def transformed(
    lowered: Lowered, primal: Function, arguments: tuple[Argument, ...], request: Request, *, ones: bool = False
) -> Transformed:
    """Apply the transform that is asked for to a lowered function, whose simplified code is `primal`.

    The seeds are further parameters, unless they are `ones`.
    """
    chosen = [selected(arguments, target) for target in request.targets]
    if request.mode == "forward":
        return _forward(lowered, primal, arguments, chosen, request)
    for target, each in zip(request.targets, chosen):
        refuse_constants(target, each, primal)
    return _reverse(lowered, primal, arguments, chosen, request, ones)


def _reverse(
    lowered: Lowered,
    primal: Function,
    arguments: tuple[Argument, ...],
    chosen: list[Selected],
    request: Request,
    ones: bool,
) -> Transformed:
    out_tree, aux = divided(lowered.out_tree, request, primal.name)
    refuse_result(out_tree, primal, request)
    wrt = [i for each in chosen for i in each.leaves if is_inexact(primal.params[i].kind)]
    handed = range(0 if request.value else 1, len(primal.results) if request.has_aux else int(request.value))
    of = range(1) if request.has_aux else None
    function = reverse(
        primal,
        wrt,
        name=f"{primal.name}_{request.operator}",
        value=bool(handed),
        of=of,
        ones=ones,
        schedule=schedule(request.checkpoint),
    )
    adjoints = iter(function.results[len(primal.results) if handed else 0 :])
    grads: list[Operand] = [
        next(adjoints) if is_inexact(primal.params[i].kind) else primal.params[i]
        for each in chosen
        for i in each.leaves
    ]
    gradient: Tree = chosen[0].tree if request.single else TupleTree(tuple(each.tree for each in chosen))
    results = [function.results[i] for i in handed]
    if request.value:
        # The value and what is handed through come first: ((value, aux), gradient).
        results += grads
        tree: Tree = TupleTree((TupleTree((LEAF, aux)) if aux is not None else LEAF, gradient))
        fresh = range(len(handed), len(results))
    else:
        results = [*grads, *results]
        tree = TupleTree((gradient, aux)) if aux is not None else gradient
        fresh = range(len(grads))
    function = replace(function, body=replace(function.body, yields=tuple(results)))
    seeds = function.params[len(primal.params) :]
    params = distinct((*printed_params(arguments), *flat_params((*hidden(lowered, primal), *seeds))))
    return Transformed(function, printed.Interface(function.name, params, printed_tree(tree)), tree, fresh)


def _forward(
    lowered: Lowered,
    primal: Function,
    arguments: tuple[Argument, ...],
    chosen: list[Selected],
    request: Request,
) -> Transformed:
    leaves = [i for each in chosen for i in each.leaves]
    wrt = [i for i in leaves if is_inexact(primal.params[i].kind)]
    function = forward(primal, wrt, name=f"{primal.name}_{request.operator}")
    dots = dict(zip(wrt, function.params[len(primal.params) :]))
    tangents = tuple(dots.get(i) or Var(primal.params[i].kind, f"{primal.params[i].name}_dot") for i in leaves)
    outside = hidden(lowered, primal)
    inputs = primal.params[: len(primal.params) - len(outside)]
    function = replace(function, params=(*inputs, *tangents, *outside))
    tree: Tree = TupleTree((lowered.out_tree, lowered.out_tree))
    fresh = range(len(primal.results), len(function.results))
    if request.operator == "hvp":
        tree = lowered.out_tree
        values, tangents_of = function.results[: len(primal.results)], function.results[len(primal.results) :]
        # The integers in a gradient have no tangent, and stay what they are.
        yields = tuple(dot if is_inexact(kind_of_operand(value)) else value for value, dot in zip(values, tangents_of))
        function = replace(function, body=replace(function.body, yields=yields))
        fresh = range(len(yields))
    dotted = tuple(
        printed.Param(_dotted(target), printed_tree(each.tree))
        for target, each in zip(request.targets, chosen)
        if each.leaves
    )
    params = distinct((*printed_params(arguments), *dotted, *flat_params(outside)))
    return Transformed(function, printed.Interface(function.name, params, printed_tree(tree)), tree, fresh)


def _dotted(target: Target) -> str:
    return f"{target.name}_dot" if target.item is None else f"{target.name}_{target.item}_dot"


def hidden(lowered: Lowered, primal: Function) -> tuple[Var, ...]:
    """Return the parameters that are inputs from outside: the last ones."""
    return primal.params[len(primal.params) - len(lowered.hidden) :]


def printed_params(arguments: tuple[Argument, ...]) -> tuple[printed.Param, ...]:
    """Return the arguments as parameters of the printed function: those that hold numbers."""
    return tuple(printed.Param(argument.name, printed_tree(argument.tree)) for argument in arguments if argument.kinds)


def flat_params(variables: Sequence[Var]) -> tuple[printed.Param, ...]:
    """Return variables as parameters of the printed function."""
    return tuple(printed.Param(var.name or "w") for var in variables)


def distinct(params: Sequence[printed.Param]) -> tuple[printed.Param, ...]:
    """Rename parameters that have the name of an earlier one: a seed, where the user's argument is called `out_bar`."""
    names: dict[str, None] = {}
    for param in params:
        name, number = param.name, 1
        while name in names or (number > 1 and any(name == other.name for other in params)):
            number += 1
            name = f"{param.name}_{number}"
        names[name] = None
    return tuple(replace(param, name=name) for name, param in zip(names, params))


def printed_tree(tree: Tree) -> printed.Tree:
    """Return a structure as the emitter writes it."""
    if isinstance(tree, Leaf):
        return printed.LEAF
    if isinstance(tree, Static):
        return printed.Constant(tree.value)
    if isinstance(tree, NodeTree) and isinstance(tree.make, Rows):
        return printed.Rows(printed_tree(tree.make.item), len(tree.items))
    items = tuple(map(printed_tree, tree.items))
    if isinstance(tree, TupleTree):
        return printed.Tuple(items)
    if isinstance(tree, ListTree):
        return printed.List(items)
    if isinstance(tree, DictTree):
        return printed.Dict(tree.keys, items)
    if isinstance(tree.make, (Collected, type)):
        return printed.Made(tree.make, items)
    if isinstance(tree.make, (Rebuilt, Registered)):
        return printed.Made(tree.make, items, tree.make.fields)
    raise KindError(f"an argument or result of type {tree.make} cannot be differentiated yet", help="use a tuple")
