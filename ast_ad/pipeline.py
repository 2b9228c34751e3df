"""The order of the stages: from a function and the kinds of its arguments to the derivative's text and code.

    source text -> gast tree -> structured SSA IR -> analyses -> transform -> simplify -> gast tree -> astor -> code

`derive` is all of it; the other functions stop on the way, or start elsewhere.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ast_ad.rules  # noqa: F401  (fills the table of rules)
from ast_ad.arguments import Callee
from ast_ad.backend.emit import Chunk, chunk
from ast_ad.backend.load import load
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.guards import Member, Root, together
from ast_ad.frontend.lower import Argument, Lowered, check_syntax, lower
from ast_ad.frontend.source import find_source
from ast_ad.trees import flatten
from ast_ad.ir.check import check
from ast_ad.ir.nodes import Block, Function, Lit, Operand, Var
from ast_ad.ir.rebuild import Substitution, inlined
from ast_ad.request import Request
from ast_ad.rules.registry import find
from ast_ad.transform.forward import forward
from ast_ad.transform.ownership import owned
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify import simplify
from ast_ad.transformed import transformed


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


def derive(function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request) -> Derived:
    """Return the compiled derivative of a function for arguments of given structure and kinds."""
    lowered = lower(function, arguments)
    code = written(lowered, arguments, request)
    try:
        compiled = load(code.text, code.name, code.namespace)
    except IndentationError:
        raise UnsupportedSyntaxError(
            f"the derivative of `{lowered.function.name}` has branches 100 deep, which Python does not compile",
            help="split the chain of `elif`, early `return` or `and` into several functions",
        ) from None
    return Derived(compiled, code.text, lowered.hidden, together(lowered.guards))


def written(lowered: Lowered, arguments: tuple[Argument, ...], request: Request) -> Chunk:
    """Return the generated code of a lowered function's derivative."""
    primal = simplified(lowered.function)
    derivative = transformed(lowered, primal, arguments, request)
    function = owned(simplified(derivative.function), derivative.fresh)
    return chunk(check(function, "ownership"), derivative.interface)


def derivative_text(function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request) -> str:
    """Return the generated code of a derivative, without compiling it."""
    return written(lower(function, arguments), arguments, request).text


def simplified(function: Function) -> Function:
    """Return a function simplified, and checked before and after."""
    return check(simplify(check(function, "before simplify")), "simplify")


def check_source(function: Callable[..., Any]) -> None:
    """Refuse, before any call, a Python function that has no source or uses unsupported syntax anywhere."""
    if isinstance(function, types.FunctionType) and find(function) is None:
        check_syntax(find_source(function))


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
    made = transformed(lowered, simplified(lowered.function), every, request)
    constants: dict[Var, Operand] = {}
    inputs = iter(made.function.params)
    for argument in every:
        leaves = argument.kinds if argument.name in passed else map(Lit, flatten(given[argument.name])[0])
        constants |= {param: leaf for leaf, param in zip(leaves, inputs) if isinstance(leaf, Lit)}
    function = simplified(_seeded(made.function, constants))
    return replace(lowered.rooted(_PRIMAL), function=function, out_tree=made.out_tree)


_PRIMAL = Member(Root(), "primal")
"""How a derivative function leads to the function that it differentiates."""


def _seeded(function: Function, constants: Mapping[Var, Operand]) -> Function:
    """Return a function without its seeds, which are their defaults, and with constants for other parameters."""
    constants = {**constants, **{param: Lit(default) for param, default in function.defaults}}
    kept = [param for param in function.params if param not in constants]
    params = Substitution().fresh(kept)
    meaning = {**constants, **dict(zip(kept, params))}
    statements, results = inlined(function, [meaning[param] for param in function.params])
    return Function(function.name, params, Block((), tuple(statements), results))


@dataclass(frozen=True)
class Operator:
    """What an operator tells lowering of itself, for its calls inside a function that is differentiated."""

    name: str

    def transform(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the derivative by some parameters; seeds are 1, tangents are further parameters."""
        primal = simplified(function)
        if self.name == "jvp":
            return simplified(forward(primal, wrt, name=f"{primal.name}_jvp"))
        name = f"{primal.name}_{self.name}"
        return simplified(_seeded(reverse(primal, wrt, name=name, value=self.name == "value_and_grad"), {}))
