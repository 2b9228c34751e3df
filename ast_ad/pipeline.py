"""The order of the stages: from a function and the kinds of its arguments to the derivative's text and code.

    source text -> gast tree -> structured SSA IR -> analyses -> transform -> simplify -> gast tree -> astor -> code

`derive` is all of it; the other functions stop on the way, or start elsewhere.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ast_ad.rules  # noqa: F401  (fills the table of rules)
from ast_ad.arguments import Callee, Target
from ast_ad.backend import interface as printed
from ast_ad.backend.emit import chunk
from ast_ad.backend.load import load
from ast_ad.errors import ArgumentError, KindError, UnsupportedSyntaxError
from ast_ad.frontend.guards import Member, Root, together
from ast_ad.frontend.lower import Argument, Lowered, check_syntax, lower
from ast_ad.frontend.source import find_source
from ast_ad.frontend.trees import LEAF, DictTree, Leaf, ListTree, NodeTree, Static, Tree, TupleTree, flatten
from ast_ad.ir.check import check
from ast_ad.ir.kinds import is_complex, is_inexact
from ast_ad.ir.nodes import Block, Function, Lit, Operand, Var
from ast_ad.ir.rebuild import Substitution, inlined
from ast_ad.rules.registry import find
from ast_ad.transform.forward import forward
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify


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
class Derived:
    """A derivative, compiled.

    Attributes
    ----------
    function
        Takes the parameters that hold numbers (for `jvp`, then the tangents), then the hidden inputs.
    text
        Its source.
    hidden
        What it reads from outside: each is read anew at every call.
    holds
        ``holds(root)`` tells whether all that lowering assumed of the world outside is still so.
    """

    function: Callable[..., Any]
    text: str
    hidden: tuple[Any, ...]
    holds: Callable[[Any], bool]


def check_source(function: Callable[..., Any]) -> None:
    """Refuse, before any call, a Python function that has no source or uses unsupported syntax anywhere."""
    if isinstance(function, types.FunctionType) and find(function) is None:
        check_syntax(find_source(function))


def derive(function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request) -> Derived:
    """Return the compiled derivative of a function for arguments of given structure and kinds."""
    lowered = lower(function, arguments)
    made = transformed(lowered, arguments, request)
    code = chunk(simplified(made.function), made.interface)
    try:
        compiled = load(code.text, made.interface.name, code.namespace)
    except IndentationError:
        raise UnsupportedSyntaxError(
            f"the derivative of `{lowered.function.name}` has branches 100 deep, which Python does not compile",
            help="split the chain of `elif`, early `return` or `and` into several functions",
        ) from None
    return Derived(compiled, code.text, lowered.hidden, together(lowered.guards))


def simplified(function: Function) -> Function:
    """Return a function simplified, and checked before and after."""
    return check(simplify(check(function, "before simplify")), "simplify")


def derivative_text(function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request) -> str:
    """Return the generated code of a derivative, without compiling it."""
    made = transformed(lower(function, arguments), arguments, request)
    return chunk(simplified(made.function), made.interface).text


@dataclass(frozen=True)
class Transformed:
    """A derivative in the IR, how it is printed, and the structure of what it returns."""

    function: Function
    interface: printed.Interface
    out_tree: Tree


def transformed(lowered: Lowered, arguments: tuple[Argument, ...], request: Request) -> Transformed:
    """Apply the transform that is asked for to a lowered function."""
    primal = simplified(lowered.function)
    chosen = [_selected(arguments, target) for target in request.targets]
    if request.mode == "forward":
        return _forward(lowered, primal, arguments, chosen, request)
    for target, selected in zip(request.targets, chosen):
        _refuse_constants(target, selected, primal)
    return _reverse(lowered, primal, arguments, chosen, request)


def chosen_leaves(arguments: tuple[Argument, ...], request: Request) -> list[int]:
    """Return the positions of the parameters that are differentiated."""
    return [i for target in request.targets for i in _selected(arguments, target).leaves]


@dataclass(frozen=True)
class _Selected:
    """An argument that is differentiated: its structure, and its leaves among the function's parameters."""

    tree: Tree
    leaves: range


def _selected(arguments: tuple[Argument, ...], target: Target) -> _Selected:
    position = 0
    for argument in arguments:
        tree = argument.tree
        if argument.name == target.name:
            if target.item is not None:
                tree, offset = _item(tree, target)
                position += offset
            return _Selected(tree, range(position, position + _leaf_count(tree)))
        position += _leaf_count(tree)
    raise ArgumentError(f"`{target}` is not among the arguments of this call")


def _item(tree: Tree, target: Target) -> tuple[Tree, int]:
    """Return the structure of an item of ``*args`` or ``**kwargs``, and how many leaves come before it."""
    assert isinstance(tree, (TupleTree, DictTree))
    keys: Sequence[Any] = tree.keys if isinstance(tree, DictTree) else range(len(tree.items))
    if target.item not in keys:
        raise ArgumentError(f"`{target}` is not among the arguments of this call", help="pass it, or change argnums")
    index = list(keys).index(target.item)
    return tree.items[index], sum(map(_leaf_count, tree.items[:index]))


def _leaf_count(tree: Tree) -> int:
    if isinstance(tree, Leaf):
        return 1
    return 0 if isinstance(tree, Static) else sum(map(_leaf_count, tree.items))


def _refuse_constants(target: Target, selected: _Selected, primal: Function) -> None:
    """Refuse to differentiate by something that is no floating-point number."""
    kinds = [primal.params[i].kind for i in selected.leaves]
    if any(map(is_inexact, kinds)):
        return
    what = f"of type {kinds[0]}" if kinds else "no number"
    raise KindError(
        f"argument `{target}` is {what}: only floating-point numbers can be differentiated",
        help="pass a float (3.0, not 3), or leave it out of argnums",
    )


def _reverse(
    lowered: Lowered,
    primal: Function,
    arguments: tuple[Argument, ...],
    chosen: list[_Selected],
    request: Request,
) -> Transformed:
    _refuse_result(lowered, primal)
    wrt = [i for selected in chosen for i in selected.leaves if is_inexact(primal.params[i].kind)]
    value = request.operator == "value_and_grad"
    function = reverse(primal, wrt, name=f"{_identifier(primal.name)}_{request.operator}", value=value)
    adjoints = iter(function.results[value:])
    grads: list[Operand] = [
        next(adjoints) if is_inexact(primal.params[i].kind) else primal.params[i]
        for selected in chosen
        for i in selected.leaves
    ]
    function = replace(function, body=replace(function.body, yields=(*function.results[:value], *grads)))
    tree: Tree = chosen[0].tree if request.single else TupleTree(tuple(selected.tree for selected in chosen))
    tree = TupleTree((LEAF, tree)) if value else tree
    seeds = function.params[len(primal.params) :]
    params = _distinct((*_printed_params(arguments), *_flat_params((*_hidden(lowered, primal), *seeds))))
    return Transformed(function, printed.Interface(function.name, params, _printed_tree(tree)), tree)


def _forward(
    lowered: Lowered,
    primal: Function,
    arguments: tuple[Argument, ...],
    chosen: list[_Selected],
    request: Request,
) -> Transformed:
    leaves = [i for selected in chosen for i in selected.leaves]
    wrt = [i for i in leaves if is_inexact(primal.params[i].kind)]
    function = forward(primal, wrt, name=f"{_identifier(primal.name)}_jvp")
    dots = dict(zip(wrt, function.params[len(primal.params) :]))
    tangents = tuple(dots.get(i) or Var(primal.params[i].kind, f"{primal.params[i].name}_dot") for i in leaves)
    hidden = _hidden(lowered, primal)
    inputs = primal.params[: len(primal.params) - len(hidden)]
    function = replace(function, params=(*inputs, *tangents, *hidden))
    tree = TupleTree((lowered.out_tree, lowered.out_tree))
    dotted = tuple(
        printed.Param(_dotted(target), _printed_tree(selected.tree))
        for target, selected in zip(request.targets, chosen)
        if selected.leaves
    )
    params = _distinct((*_printed_params(arguments), *dotted, *_flat_params(hidden)))
    return Transformed(function, printed.Interface(function.name, params, _printed_tree(tree)), tree)


def _dotted(target: Target) -> str:
    return f"{target.name}_dot" if target.item is None else f"{target.name}_{target.item}_dot"


def _refuse_result(lowered: Lowered, primal: Function) -> None:
    """Refuse a result that has no gradient: several numbers, a complex one, none at all."""
    name = _identifier(primal.name)
    if lowered.out_tree != LEAF:
        several = _leaf_count(lowered.out_tree) > 0
        raise KindError(
            f"{name}() returns {_described(lowered.out_tree)}: a gradient needs one real number",
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
    return f"{names[type(tree)]} of {_leaf_count(tree)} numbers"


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "function"


def _hidden(lowered: Lowered, primal: Function) -> tuple[Var, ...]:
    return primal.params[len(primal.params) - len(lowered.hidden) :]


def _printed_params(arguments: tuple[Argument, ...]) -> tuple[printed.Param, ...]:
    return tuple(printed.Param(argument.name, _printed_tree(argument.tree)) for argument in arguments if argument.kinds)


def _flat_params(variables: Sequence[Var]) -> tuple[printed.Param, ...]:
    return tuple(printed.Param(var.name or "w") for var in variables)


def _distinct(params: Sequence[printed.Param]) -> tuple[printed.Param, ...]:
    """Rename parameters that have the name of an earlier one: a seed, where the user's argument is called `out_bar`."""
    names: dict[str, None] = {}
    for param in params:
        name, number = param.name, 1
        while name in names or (number > 1 and any(name == other.name for other in params)):
            number += 1
            name = f"{param.name}_{number}"
        names[name] = None
    return tuple(replace(param, name=name) for name, param in zip(names, params))


def _printed_tree(tree: Tree) -> printed.Tree:
    if isinstance(tree, Leaf):
        return printed.LEAF
    if isinstance(tree, Static):
        return printed.Constant(tree.value)
    items = tuple(map(_printed_tree, tree.items))
    if isinstance(tree, TupleTree):
        return printed.Tuple(items)
    if isinstance(tree, ListTree):
        return printed.List(items)
    if isinstance(tree, DictTree):
        return printed.Dict(tree.keys, items)
    raise KindError(f"an argument or result of type {tree.make} cannot be differentiated yet", help="use a tuple")


def lower_derivative(callee: Callee, arguments: tuple[Argument, ...], request: Request) -> Lowered:
    """Return a derivative as a lowered function, for another one that contains it.

    Its seeds are 1, and the numbers that the callee is given already (by a partial) are constants.
    """
    passed = {argument.name: argument for argument in arguments}
    given = callee.signature.bind_partial(*callee.prefix, **callee.keywords).arguments
    every = tuple(
        passed[name] if name in passed else Argument.of(name, given[name]) for name in callee.signature.parameters
    )
    lowered = lower(callee.function, every)
    made = transformed(lowered, every, request)
    bound: dict[Var, Operand] = {param: Lit(default) for param, default in made.function.defaults}
    inputs = iter(made.function.params)
    for argument in every:
        leaves = argument.kinds if argument.name in passed else map(Lit, flatten(given[argument.name])[0])
        bound |= {param: leaf for leaf, param in zip(leaves, inputs) if isinstance(leaf, Lit)}
    params = tuple(param for param in made.function.params if param not in bound)
    fresh = dict(zip(params, Substitution().fresh(params)))
    statements, results = inlined(made.function, [{**fresh, **bound}[param] for param in made.function.params])
    function = Function(made.function.name, tuple(fresh.values()), Block((), tuple(statements), results))
    return replace(
        lowered,
        function=simplified(function),
        out_tree=made.out_tree,
        hidden=tuple(each.rooted(_PRIMAL) for each in lowered.hidden),
        guards=tuple(each.rooted(_PRIMAL) for each in lowered.guards),
    )


@dataclass(frozen=True)
class Operator:
    """What an operator tells lowering of itself, for its calls inside a function that is differentiated."""

    name: str

    def transform(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the derivative by some parameters; seeds are 1, tangents are further parameters."""
        primal = simplified(function)
        if self.name == "jvp":
            return forward(primal, wrt, name=f"{primal.name}_jvp")
        derivative = reverse(primal, wrt, name=f"{primal.name}_{self.name}", value=self.name == "value_and_grad")
        count = len(primal.params)
        params = Substitution().fresh(derivative.params[:count])
        seeds = [Lit(default) for _, default in derivative.defaults]
        statements, results = inlined(derivative, [*params, *seeds])
        return simplified(Function(derivative.name, params, Block((), tuple(statements), results)))


_PRIMAL = Member(Root(), "primal")
"""How a derivative function leads to the function that it differentiates."""
