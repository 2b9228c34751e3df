"""The order of the stages: from a function and the kinds of its arguments to the derivative's text and code.

    source text -> gast tree -> structured SSA IR -> analyses -> transform -> simplify -> gast tree -> astor -> code

`derive` is all of it; the other functions stop on the way, or start elsewhere.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ast_ad.rules  # noqa: F401  (fills the table of rules)
from ast_ad.analysis.schedule import Setting, schedule
from ast_ad.apart import apart
from ast_ad.applied import assuming
from ast_ad.arguments import Callee
from ast_ad.backend.emit import Chunk, chunk
from ast_ad.backend.load import load
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.frontend.guards import together
from ast_ad.frontend.lower import Argument, Lowered, check_syntax, lower
from ast_ad.frontend.paths import Member, Path, Root
from ast_ad.frontend.source import find_source
from ast_ad.ir.check import check
from ast_ad.ir.nodes import Block, Function, Lit, Operand, Var, Where, functions
from ast_ad.ir.rebuild import Substitution, inlined
from ast_ad.ir.show import text as ir_text
from ast_ad.lengths import Agreement, agreements
from ast_ad.lowerings import Lowerings, Ready, own_checkpoint, ready_for, simplified
from ast_ad.pullback import Sweeps
from ast_ad.request import Request
from ast_ad.rules.registry import find
from ast_ad.transform.final import final
from ast_ad.transform.forward import forward
from ast_ad.transform.ownership import owned
from ast_ad.transform.reverse import reverse
from ast_ad.transform.simplify.rewriting import with_own_variables
from ast_ad.transform.sinking import with_numbers_sunk
from ast_ad.transformed import transformed
from ast_ad.trees import DictTree, Tree, TupleTree, flatten, leaf_count


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
    guarded
        Whether it assumed anything.
    saves
        The loop of the user's around each place that saves on a stack, or appends to a list, in the order of the text.
    changes
        Whether the function changes a list or dict among its arguments.
    outside
        If it does, where the lists and dicts are found that it reads from outside.
    agree
        The lengths of arrays that have to be equal, or as large as is known; only where the derivative does not compute
        the value, which would tell.
    """

    function: Callable[..., Any]
    text: str
    hidden: tuple[Any, ...]
    holds: Callable[[Any], bool]
    guarded: bool
    saves: tuple[Where | None, ...] = ()
    changes: bool = False
    outside: tuple[Path, ...] = ()
    agree: tuple[Agreement, ...] = ()

    def agrees(self, values: Mapping[str, Any], root: Any) -> bool:
        """Tell whether the arrays of a call of the function `root` are as long as they have to be."""
        return all(
            one.of(values, root) == (other if isinstance(other, int) else other.of(values, root))
            for one, other in self.agree
        )


def derive(
    function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request, known: Lowerings | None = None
) -> Derived:
    """Return the compiled derivative of a function for arguments of given structure and kinds.

    `known` is what earlier derivatives of it found.
    """
    with assuming() as more:
        ready = ready_for(function, arguments, request.checkpoint, known)
        run, text, saves = _compiled(ready, arguments, request)
    lowered = ready.lowered
    guards = (*lowered.guards, *more)
    return Derived(
        run,
        text,
        lowered.hidden,
        together(guards),
        bool(guards),
        saves,
        lowered.changes,
        lowered.outside,
        agreements(lowered.function, arguments, lowered.hidden) if request.operator in _WITHOUT_VALUE else (),
    )


def _compiled(
    ready: Ready, arguments: tuple[Argument, ...], request: Request, *, releases: bool = True
) -> tuple[Callable[..., Any], str, tuple[Where | None, ...]]:
    """Return a derivative as a function, its text, and the loops around the places that save."""
    lowered, name = ready.lowered, ready.primal.name
    releases = releases and request.checkpoint is not None
    if request.operator not in APART:
        code = written(ready, arguments, request, releases=releases)
        return _within(lowered, _loaded(code, name)), code.text, code.saves
    made = apart(lowered, ready.primal, arguments, request)
    pairs = (made.forward, made.ahead), (made.backward, made.back)
    chunks = tuple(chunk(function, interface, releases=releases) for function, interface in pairs)
    text = "\n\n".join(each.text for each in chunks)
    saves = tuple(where for each in chunks for where in each.saves)
    forward, backward = (_within(lowered, _loaded(each, name)) for each in chunks)
    sweeps = Sweeps(forward, backward, made.backward, made.kept, made.out_tree, made.seeded, name, text)
    if request.operator == "vjp":
        return sweeps.vjp, text, saves
    return functools.partial(sweeps.jacobian, single=request.single), text, saves


_WITHOUT_VALUE = ("grad", "elementwise_grad")
"""The operators of which the text computes no more of the value than it needs."""

APART = ("vjp", "jacobian")
"""The operators that run the sweeps of a function apart."""


def _loaded(code: Chunk, name: str) -> Callable[..., Any]:
    try:
        return load(code.text, code.name, code.namespace)
    except IndentationError:
        raise UnsupportedSyntaxError(
            f"the derivative of `{name}` has branches 100 deep, which Python does not compile",
            help="split the chain of `elif`, early `return` or `and` into several functions",
        ) from None


def _within(lowered: Lowered, run: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs in the contexts that the user's function enters (`np.errstate`)."""
    if not lowered.around:
        return run

    @functools.wraps(run)
    def within(*args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as contexts:
            for manager, options in lowered.around:
                contexts.enter_context(manager(**dict(options)))
            return run(*args, **kwargs)

    return within


def written(ready: Ready, arguments: tuple[Argument, ...], request: Request, *, releases: bool) -> Chunk:
    """Return the generated code of a lowered function's derivative, which is one function."""
    derivative = transformed(ready.lowered, ready.primal, arguments, request)
    function = owned(check(final(simplified(derivative.function)), "final"), derivative.fresh)
    return chunk(check(function, "ownership"), derivative.interface, releases=releases)


def whole(lowered: Lowered, arguments: tuple[Argument, ...], request: Request) -> Function:
    """Return the IR of a derivative that is one function.

    Its parameters are the numbers in the arguments, the tangents, what is read from outside, and the seeds.
    """
    return simplified(transformed(lowered, simplified(lowered.function), arguments, request).function)


def derivative_text(
    function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request, *, releases: bool = True
) -> str:
    """Return the generated code of a derivative; one with checkpoints `releases` arrays early (`del`)."""
    ready = ready_for(function, arguments, request.checkpoint, None)
    return _compiled(ready, arguments, request, releases=releases)[1]


def derivative_ir(function: Callable[..., Any], arguments: tuple[Argument, ...], request: Request) -> str:
    """Return the IR of a derivative as text."""
    ready = ready_for(function, arguments, request.checkpoint, None)
    if request.operator not in APART:
        return ir_text(simplified(transformed(ready.lowered, ready.primal, arguments, request).function))
    made = apart(ready.lowered, ready.primal, arguments, request)
    return "\n\n".join(map(ir_text, (made.forward, made.backward)))


def check_source(function: Callable[..., Any]) -> None:
    """Refuse, before any call, a Python function that has no source or uses unsupported syntax anywhere."""
    if isinstance(function, types.FunctionType) and find(function) is None:
        check_syntax(find_source(function))


def lower_derivative(
    callee: Callee, arguments: tuple[Argument, ...], request: Request, known: Lowerings | None = None
) -> Lowered:
    """Return a derivative as a lowered function, for another one that contains it.

    Its seeds are 1, and the numbers that the callee is given already (by a partial) are constants.
    `known` is what earlier derivatives of the callee found.
    """
    passed = {argument.name: argument for argument in arguments}
    given = callee.signature.bind_partial(*callee.prefix, **callee.keywords).arguments
    every = tuple(
        passed[name] if name in passed else Argument.of(name, given[name]) for name in callee.signature.parameters
    )
    request = replace(request, checkpoint=own_checkpoint(request.checkpoint))
    ready = ready_for(callee.function, every, request.checkpoint, known)
    lowered = ready.lowered
    # The program around may contain it more than once.
    made = transformed(lowered, with_own_variables(ready.primal, ()), every, request, ones=True)
    constants: dict[Var, Operand] = {}
    inputs = iter(made.function.params)
    for argument in every:
        leaves = argument.kinds if argument.name in passed else map(Lit, flatten(given[argument.name])[0])
        constants |= {param: leaf for leaf, param in zip(leaves, inputs) if isinstance(leaf, Lit)}
    function = with_numbers_sunk(simplified(_with_constants(made.function, constants)))
    return replace(lowered.rooted(_PRIMAL), function=function, out_tree=made.out_tree)


def lower_inside(inside: Callable[..., Any], signature: inspect.Signature, arguments: tuple[Argument, ...]) -> Lowered:
    """Return ``inside(*args, **kwargs)`` as a lowered function of arguments that are bound to a signature.

    `inside` calls an operator, which lowering knows; it is found in the attribute of that name.
    """
    args: list[Argument] = []
    kwargs: dict[str, Argument] = {}
    items: list[Tree] = []
    for argument in arguments:
        kind = signature.parameters[argument.name].kind
        if kind is inspect.Parameter.KEYWORD_ONLY:
            kwargs[argument.name] = argument
        elif kind is inspect.Parameter.VAR_KEYWORD:
            assert isinstance(argument.tree, DictTree)
            first = 0
            for name, tree in zip(argument.tree.keys, argument.tree.items):
                last = first + leaf_count(tree)
                kwargs[name] = argument.part(name, tree, first, last)
                first = last
        else:
            args.append(argument)
            items += argument.tree.items if kind is inspect.Parameter.VAR_POSITIONAL else [argument.tree]  # type: ignore[union-attr]
    positional = Argument.joined("args", TupleTree(tuple(items)), args)
    trees = tuple(each.tree for each in kwargs.values())
    named = Argument.joined("kwargs", DictTree(tuple(kwargs), trees), tuple(kwargs.values()))
    return lower(inside, (positional, named)).rooted(_INSIDE)


_INSIDE = Member(Root(), "inside")
_PRIMAL = Member(Root(), "primal")
"""How a derivative function leads to the function that it differentiates."""


def _with_constants(function: Function, constants: Mapping[Var, Operand]) -> Function:
    """Return a function with constants for some of its parameters."""
    kept = [param for param in function.params if param not in constants]
    params = Substitution().fresh(kept)
    meaning = {**constants, **dict(zip(kept, params))}
    statements, results = inlined(function, [meaning[param] for param in function.params])
    return Function(function.name, params, Block((), tuple(statements), results))


@dataclass(frozen=True)
class Operator:
    """What an operator tells lowering of itself, for its calls inside a function that is differentiated.

    It stands for the operator there, too: `__ast_ad_operator__` is how lowering recognises one.
    """

    name: str
    has_aux: bool = False
    argnums: int | str | tuple[int | str, ...] = 0
    checkpoint: Setting = None

    @property
    def __ast_ad_operator__(self) -> Operator:
        return self

    def changed(self, **changes: Any) -> Operator:
        """Return an operator with another name or other options."""
        return replace(self, **changes)

    def forward(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the function that computes the results, then their tangents; tangents are further parameters."""
        primal = simplified(function)
        return _beside(function, simplified(forward(primal, wrt, name=f"{primal.name}_{self.name}")))

    def reverse(
        self, function: Function, wrt: Sequence[int], of: Sequence[int] | None = None, *, shaped: bool = False
    ) -> Function:
        """Return the function that computes the results, then the adjoints.

        Seeds are 1, or (`shaped`) further parameters, of the shapes of the results.
        """
        primal = simplified(function)
        name = f"{primal.name}_{self.name}"
        plan = schedule(own_checkpoint(self.checkpoint))
        made = reverse(primal, wrt, name=name, value=True, of=of, shaped=shaped, ones=not shaped, schedule=plan)
        return _beside(function, with_numbers_sunk(simplified(made)))


def _beside(function: Function, made: Function) -> Function:
    """Return what was made of a function with variables of its own: both may be parts of one program."""
    return with_own_variables(made, functions(function)) if len(functions(made)) > 1 else made


@functools.cache
def operator(
    name: str, argnums: int | str | tuple[int | str, ...], checkpoint: Setting = None, has_aux: bool = False
) -> Operator:
    """Return the operator of that name, the same for the same arguments: guards compare by identity."""
    return Operator(name, has_aux, argnums, checkpoint)
