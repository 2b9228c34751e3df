"""What the pipeline makes of a function, as text: for `python -m ast_ad show` and for `.source`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast

from ast_ad import pipeline
from ast_ad.analysis.activity import Activity, activity, everything, nothing
from ast_ad.analysis.schedule import Setting, checked
from ast_ad.arguments import Argnums, Callee
from ast_ad.assumed import assuming_enough, assumption, general_arguments
from ast_ad.derivative import Derivative
from ast_ad.errors import ArgumentError
from ast_ad.frontend.lower import Argument
from ast_ad.frontend.source import find_source
from ast_ad.ir.kinds import kind_of
from ast_ad.ir.nodes import Function, Var, defined, walk
from ast_ad.ir.show import text as ir_text
from ast_ad.lowerings import lower_for, simplified
from ast_ad.pinned import settled
from ast_ad.request import Request, selected
from ast_ad.transformed import transformed
from ast_ad.trees import flatten

STAGES = ("source", "tree", "ir", "primal", "activity", "derivative", "simplified", "code")
"""The stages, in order: the user's text, its gast tree, the IR as lowered and simplified, what is active, the
derivative as the transform writes it and simplified, and the generated code."""


def _arguments(callee: Callee, at: Mapping[str, Any] | None) -> tuple[Argument, ...]:
    """Return the arguments that `show` specialises on."""
    if at is None:
        return general_arguments(callee)
    for name in at:
        if name not in callee.signature.parameters:
            raise ArgumentError(
                f"{callee.name}() has no argument `{name}`",
                help=f"its arguments are {', '.join(callee.signature.parameters) or '(none)'}",
            )
    arguments = []
    for argument in general_arguments(callee):
        if argument.name in at:
            leaves, tree = flatten(at[argument.name])
            argument = Argument(argument.name, tree, tuple(map(kind_of, leaves)))
        arguments.append(argument)
    return tuple(arguments)


def derivative_text(
    fun: Callable[..., Any],
    *,
    wrt: Sequence[str | int] | None = None,
    mode: str = "reverse",
    order: int = 1,
    at: Mapping[str, Any] | None = None,
    checkpoint: Setting = None,
) -> str:
    """Return the source of a function's derivative.

    Parameters
    ----------
    wrt
        Names or positions of what is differentiated; the first argument if None.
    mode
        "reverse" or "forward".
    order
        How many times to differentiate.
    at
        Arguments to specialise for; without them, what annotations, defaults and the function itself tell of them.
    checkpoint
        What the reverse sweep computes again (see `ast_ad.grad`).

    Examples
    --------
    >>> print(derivative_text(lambda x, y: x * y, at={"x": 1.0, "y": 2.0}))
    def function_grad(x, y, out_bar=1.0):
        # reverse sweep
        x_bar = out_bar * y
        return x_bar
    """
    return stage_text(fun, "code", wrt=wrt, mode=mode, order=order, at=at, checkpoint=checkpoint)


def stage_text(
    fun: Callable[..., Any],
    stage: str,
    *,
    wrt: Sequence[str | int] | None = None,
    mode: str = "reverse",
    order: int = 1,
    at: Mapping[str, Any] | None = None,
    checkpoint: Setting = None,
) -> str:
    """Return what a stage of the pipeline (one of `STAGES`) makes of a function, as text."""
    if stage not in STAGES:
        raise ArgumentError(f"there is no stage {stage!r}", help=f"the stages are {', '.join(STAGES)}")
    if mode not in ("reverse", "forward"):
        raise ArgumentError(f"there is no mode {mode!r}", help="the modes are reverse and forward")
    if order < 1:
        raise ArgumentError(f"order {order} is not positive", help="1 is the first derivative")
    for _ in range(order - 1):
        fun = Derivative(fun, "grad", _argnums(wrt), checkpoint=checkpoint)
    callee = Callee(fun)
    if stage in ("source", "tree"):
        function = callee.function
        while isinstance(function, Derivative):
            function = function.primal
        source = find_source(function)
        last = getattr(source.tree, "end_lineno", source.tree.lineno)
        lines = source.lines[source.tree.lineno - 1 : last]
        return "\n".join(lines) if stage == "source" else gast.dump(source.tree, indent=2)
    request = _request(callee, wrt, mode, checkpoint)
    arguments = _arguments(callee, at)
    values = {name: flatten(value)[0] for name, value in (at or {}).items()}
    if at is None:
        return assuming_enough(lambda given: _assumed(given, _stage(callee, stage, given, request)), callee, arguments)
    text, _ = settled(lambda given: _stage(callee, stage, given, request), arguments, values)
    return text


def _assumed(arguments: Sequence[Argument], text: str) -> str:
    """Return a text with what it assumes of the arguments, where that is more than that they are numbers."""
    what = assumption(arguments)
    return f"# for {what}\n{text}" if what else text


def _stage(callee: Callee, stage: str, arguments: tuple[Argument, ...], request: Request) -> str:
    if stage == "code":
        return pipeline.derivative_text(callee.function, arguments, request)
    lowered = lower_for(callee.function, arguments, request.checkpoint)
    if stage == "ir":
        return ir_text(lowered.function)
    primal = simplified(lowered.function)
    if stage == "primal":
        return ir_text(primal)
    if stage == "activity":
        return _activity_text(primal, request, arguments)
    made = transformed(lowered, primal, arguments, request)
    if stage == "derivative":
        return ir_text(made.function)
    return ir_text(simplified(made.function))


def _request(callee: Callee, wrt: Sequence[str | int] | None, mode: str, checkpoint: Setting) -> Request:
    targets, single = callee.targets(_argnums(wrt))
    if mode == "forward":
        return Request("jvp", targets, single)
    return Request("grad", targets, single, checkpoint=checked(checkpoint))


def _argnums(wrt: Sequence[str | int] | None) -> Argnums:
    if wrt is None:
        return 0
    return wrt[0] if len(wrt) == 1 else wrt


def _activity_text(primal: Function, request: Request, arguments: tuple[Argument, ...]) -> str:
    """Return the primal with what is active named: a line for each variable that varies or is useful."""
    chosen = [i for target in request.targets for i in selected(arguments, target).leaves]
    wrt = [everything(p.kind) if i in chosen else nothing(p.kind) for i, p in enumerate(primal.params)]
    facts = activity(primal, wrt, [everything(result.kind) for result in primal.results if isinstance(result, Var)])
    variables = [*primal.params, *(out for statement in walk(primal.body) for out in defined(statement))]
    rows = [(var.name or "(temporary)", _fact(facts, var)) for var in variables]
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:{width}}  {fact}" for name, fact in rows)


def _fact(facts: Activity, var: Var) -> str:
    words = [word for word, table in (("varied", facts.varied), ("useful", facts.useful)) if table.get(var)]
    return "active" if facts(var) else ", ".join(words) or "inactive"
