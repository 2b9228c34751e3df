"""Derivatives inside the function that is lowered: `grad(f)`, `value_and_grad(f)`, `jvp(f, ...)` of any function.

What `f` computes is lowered with new variables for the arguments that are differentiated, into a block of its own,
and made a function whose further parameters are the variables around it. The operator's transform of that is then
written in place. So `f` may close over what is differentiated outside: for the inner derivative that is a constant,
as it should be.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from ast_ad.frontend import calls
from ast_ad.frontend.frame import Frame
from ast_ad.trees import is_number, unflatten
from ast_ad.frontend.values import Closure, Derived, Escaped, Known, Value, describe, is_operand, parts
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import is_complex, is_inexact
from ast_ad.ir.nodes import Function, Lit, Operand, Var, free_variables
from ast_ad.ir.rebuild import inlined


class Operator(Protocol):
    """What a function such as `grad` tells of itself, as its attribute `__ast_ad_operator__`."""

    name: str

    def transform(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the derivative by some parameters; seeds are 1, tangents are further parameters."""


def apply(frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of an operator: `jvp` computes at once, the others make a function."""
    if operator.name == "jvp":
        if len(args) != 3 or kwargs or not all(isinstance(each, (tuple, list)) for each in args[1:]):
            frame.refuse(node, "jvp takes a function and two tuples here", "write jvp(f, (x,), (x_dot,))")
        function, primals, tangents = args
        if len(primals) != len(tangents):
            frame.misfit(node, f"{len(primals)} primals and {len(tangents)} tangents")
        return _forward(frame, node, operator, function, primals, tangents)
    given = {**dict(zip(("fun", "argnums"), args)), **kwargs}
    if len(args) > 2 or "fun" not in given or not given.keys() <= {"fun", "argnums"}:
        frame.refuse(node, f"{operator.name} takes a function and argnums here", f"write {operator.name}(f, argnums=0)")
    return Derived(operator, given["fun"], given.get("argnums", Lit(0)))


def call(frame: Frame, node: Any, derived: Derived, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of a derivative that was made in this function."""
    wanted = derived.argnums
    several = isinstance(wanted, (tuple, list))
    keys = [_key(frame, node, derived.callee, each, args) for each in (wanted if several else (wanted,))]
    values = _by_key(args, kwargs)
    if len(set(keys)) < len(keys):
        frame.misfit(node, "argnums names an argument twice", "name each argument once")
    for key in keys:
        if key not in values and isinstance(default := _default(derived.callee, key), Lit):
            kwargs = {**kwargs, str(key): default}
            values[key] = default
    if any(key not in values for key in keys):
        frame.misfit(node, "argnums names an argument that this call does not give")
    for key in keys:
        if not any(map(_differentiable, parts(values[key])[0])):
            frame.misfit(node, f"{describe(values[key])} cannot be differentiated by", "pass a float (3.0, not 3)")
    inner = _inner(frame, node, derived.callee, args, kwargs, keys)
    result = inner.result
    if not is_operand(result) or is_complex(result.kind) or not (is_inexact(result.kind) or isinstance(result, Lit)):
        frame.misfit(node, f"a gradient needs one real number, and this function returns {describe(result)}")
    outs = _written(frame, inner, derived.operator, [result], [])
    value, adjoints = (outs[:1], outs[1:]) if derived.operator.name == "value_and_grad" else ((), outs)
    remaining = iter(adjoints)
    bars = []
    for key in keys:
        leaves, tree = parts(values[key])
        bars.append(unflatten(tree, [next(remaining) if _differentiable(leaf) else leaf for leaf in leaves]))
    gradient = tuple(bars) if several else bars[0]
    return (value[0], gradient) if value else gradient


def _forward(
    frame: Frame, node: Any, operator: Operator, function: Value, primals: Sequence[Value], tangents: Sequence[Value]
) -> Value:
    keys = [i for i, primal in enumerate(primals) if any(map(_differentiable, parts(primal)[0]))]
    inner = _inner(frame, node, function, primals, {}, keys)
    dots = [
        dot
        for primal, tangent in zip(primals, tangents)
        for leaf, dot in zip(parts(primal)[0], parts(tangent)[0])
        if _differentiable(leaf)
    ]
    results, tree = parts(inner.result)
    outs = _written(frame, inner, operator, results, dots)
    return unflatten(tree, outs[: len(results)]), unflatten(tree, outs[len(results) :])


class _Inner(NamedTuple):
    """A call that was lowered apart: its code, its new parameters, what they stand for, and its result."""

    region: Region
    params: list[Var]
    actual: list[Operand]
    result: Value


def _inner(
    frame: Frame,
    node: Any,
    function: Value,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    keys: Sequence[int | str],
) -> _Inner:
    values = _by_key(args, kwargs)
    params: list[Var] = []
    actual: list[Operand] = []
    for key in keys:
        leaves, tree = parts(values[key])
        new = [Var(leaf.kind, getattr(leaf, "name", "")) if _differentiable(leaf) else leaf for leaf in leaves]
        params += [var for var, leaf in zip(new, leaves) if var is not leaf]
        actual += [leaf for var, leaf in zip(new, leaves) if var is not leaf]
        values[key] = unflatten(tree, new)
    before = dict(frame.env)
    with frame.builder.region(Region(params)) as region:
        result = calls.call(
            frame, node, function, [values[i] for i in range(len(args))], {name: values[name] for name in kwargs}
        )
    if any(frame.env.get(name) is not value for name, value in before.items()):
        frame.refuse(node, "the function that is differentiated assigns variables outside it", "let it return them")
    return _Inner(region, params, actual, result)


def _written(
    frame: Frame, inner: _Inner, operator: Operator, results: Sequence[Operand], dots: Sequence[Operand]
) -> list[Operand]:
    """Write the operator's transform of a call, and return its results."""
    block = inner.region.block(results)
    around = [var for var in free_variables(block) if var not in inner.params]
    function = Function("inner", (*inner.params, *around), replace(block, params=()))
    derivative = operator.transform(function, range(len(inner.params)))
    statements, outs = inlined(derivative, [*inner.actual, *around, *dots])
    for statement in statements:
        frame.builder.append(statement)
    return list(outs)


def _by_key(args: Sequence[Value], kwargs: Mapping[str, Value]) -> dict[int | str, Value]:
    """Return the arguments of a call by position and by name."""
    values: dict[int | str, Value] = dict(enumerate(args))
    values.update(kwargs)
    return values


def _differentiable(leaf: Var | Lit) -> bool:
    return is_inexact(leaf.kind)


def _key(frame: Frame, node: Any, callee: Value, wanted: Value, args: Sequence[Value]) -> int | str:
    """Return which argument `argnums` means: a position, or the name of one that is passed by name."""
    names = _names(callee)
    key = wanted.value if isinstance(wanted, (Known, Lit)) else None
    if not isinstance(key, (int, str)):
        frame.refuse(node, "argnums has to be a constant here", "write a position or a name")
    if isinstance(key, int) and key < 0:
        key += len(names) or len(args)
    if isinstance(key, int):
        return names[key] if len(args) <= key < len(names) else key
    return names.index(key) if key in names[: len(args)] else key


def _default(callee: Value, key: int | str) -> Value:
    """Return the number that a parameter defaults to; the guard on the function covers it."""
    if isinstance(callee, Known) and isinstance(callee.value, types.FunctionType):
        parameter = inspect.signature(callee.value).parameters.get(str(key))
        if parameter is not None and is_number(parameter.default):
            return Lit(parameter.default)
    return None


def _names(callee: Value) -> list[str]:
    if isinstance(callee, (Closure, Escaped)):
        return [param.id for param in (*callee.node.args.posonlyargs, *callee.node.args.args)]
    if isinstance(callee, Known) and callable(callee.value):
        try:
            return list(inspect.signature(callee.value).parameters)
        except ValueError:
            return []
    return []
