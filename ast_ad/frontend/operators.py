"""Operators inside the function that is lowered: `grad(f)`, `jvp(f, ...)`, `hvp(f)`, ... of any function.

`ast_ad.frontend.inner` says how; those that need the pullback at hand are in `ast_ad.frontend.pullbacks`.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend.frame import Frame
from ast_ad.frontend.inner import (
    OPTIONS,
    Operator,
    aligned,
    by_key,
    differentiable,
    divided,
    fitting,
    lowered_apart,
    with_options,
    written,
)
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.pullbacks import Pullback, jacobian, vjp
from ast_ad.frontend.values import Closure, Derived, Either, Known, OneOf, Optional, Value, is_operand, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Array, is_complex, is_inexact
from ast_ad.ir.nodes import Lit
from ast_ad.runtime.gradients import stop_gradient
from ast_ad.trees import flatten, is_number, unflatten


def apply(
    frame: Frame,
    node: Any,
    operator: Operator,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    *,
    shared: bool = False,
) -> Value:
    """Lower the call of an operator: some compute at once, the others make a function.

    Of arguments that were `shared`, lists, dicts and objects may be one.
    """
    if operator.name == "checkpoint":
        if len(args) != 1 or kwargs:
            frame.refuse(node, "checkpoint takes a function", "write checkpoint(f)(x)")
        return Derived(operator, args[0], None)
    at_once = _AT_ONCE.get(operator.name)
    if at_once is not None:
        return at_once(frame, node, operator, args, kwargs, shared)
    options = {key: value for key, value in kwargs.items() if key not in OPTIONS}
    given = {**dict(zip(("fun", "argnums"), args)), **options}
    if len(args) > 2 or "fun" not in given or not given.keys() <= {"fun", "argnums"}:
        frame.refuse(node, f"{operator.name} takes a function and argnums here", f"write {operator.name}(f, argnums=0)")
    operator = with_options(frame, node, operator, kwargs)
    fun, argnums = given["fun"], given.get("argnums", _literal(operator.argnums))
    if operator.name in ("hessian", "hvp"):
        # A Jacobian of one number is the gradient.
        first = {"hessian": "jacobian", "hvp": "grad"}[operator.name]
        fun = Derived(operator.changed(name=first), fun, argnums)
        operator = operator.changed(name={"hessian": "jacobian", "hvp": "along"}[operator.name])
    return Derived(operator, fun, argnums)


def _literal(argnums: int | str | tuple[int | str, ...]) -> Value:
    return tuple(map(_literal, argnums)) if isinstance(argnums, tuple) else Lit(argnums)


def call(
    frame: Frame, node: Any, derived: Derived, args: Sequence[Value], kwargs: Mapping[str, Value], *, shared: bool
) -> Value:
    """Lower the call of a derivative, or of a pullback, that was made in this function."""
    if isinstance(derived.callee, Pullback):
        return derived.callee.called(frame, node, args, kwargs)
    if derived.operator.name == "along":
        return _along(frame, node, derived, args, shared)
    wanted = derived.argnums
    several = isinstance(wanted, (tuple, list))
    values, keys, kwargs = _differentiated(frame, node, derived, args, kwargs)
    inner = lowered_apart(frame, node, derived.callee, args, kwargs, keys, shared=shared)
    if derived.operator.name == "jacobian":
        return jacobian(frame, node, derived.operator, inner, [values[key] for key in keys], several)
    value, aux = divided(frame, node, derived.operator, inner.result)
    _check_result(frame, node, derived.operator, value)
    handed, tree = parts(aux)
    outs = written(frame, inner, lambda f, wrt: derived.operator.reverse(f, wrt, (0,)), [value, *handed], [])
    count = 1 + len(handed)
    remaining = iter(outs[count:])
    bars = []
    for key in keys:
        leaves, structure = parts(values[key])
        bars.append(unflatten(structure, [next(remaining) if differentiable(leaf) else leaf for leaf in leaves]))
    gradient = tuple(bars) if several else bars[0]
    if not derived.operator.has_aux:
        return (outs[0], gradient) if derived.operator.name == "value_and_grad" else gradient
    aux = unflatten(tree, outs[1:count])
    return ((outs[0], aux), gradient) if derived.operator.name == "value_and_grad" else (gradient, aux)


def _check_result(frame: Frame, node: Any, operator: Operator, result: Value) -> None:
    """Refuse a result that has no gradient."""
    fits = is_operand(result) and not is_complex(result.kind) and (is_inexact(result.kind) or isinstance(result, Lit))
    if fits and isinstance(result.kind, Array) and operator.name != "elementwise_grad":
        fits = all(dim == 1 for dim in result.kind.dims)
    if not fits:
        frame.misfit(node, f"a gradient needs one real number, and this function returns {describe(result)}")


def _differentiated(
    frame: Frame, node: Any, derived: Derived, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> tuple[dict[int | str, Value], list[int | str], Mapping[str, Value]]:
    """Return the arguments of a call by position and name, those that `argnums` means, and the named ones."""
    wanted = derived.argnums if isinstance(derived.argnums, (tuple, list)) else (derived.argnums,)
    keys = [_key(frame, node, derived.callee, each, args) for each in wanted]
    values = by_key(args, kwargs)
    if len(set(keys)) < len(keys):
        frame.misfit(node, "argnums names an argument twice", "name each argument once")
    for key in keys:
        if key not in values and isinstance(default := _default(derived.callee, key), Lit):
            kwargs = {**kwargs, str(key): default}
            values[key] = default
    if any(key not in values for key in keys):
        frame.misfit(node, "argnums names an argument that this call does not give")
    for key in keys:
        if not any(map(differentiable, parts(values[key])[0])):
            frame.misfit(node, f"{describe(values[key])} cannot be differentiated by", "pass a float (3.0, not 3)")
    return values, keys, kwargs


# Forward mode.


def _jvp(
    frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value], shared: bool
) -> Value:
    if len(args) != 3 or kwargs or not all(isinstance(each, (tuple, list)) for each in args[1:]):
        frame.refuse(node, "jvp takes a function and two tuples here", "write jvp(f, (x,), (x_dot,))")
    function, primals, tangents = args
    if len(primals) != len(tangents):
        frame.misfit(node, f"{len(primals)} primals and {len(tangents)} tangents")
    return _forward(frame, node, operator, function, primals, dict(enumerate(tangents)), shared)


def _along(frame: Frame, node: Any, derived: Derived, args: Sequence[Value], shared: bool) -> Value:
    """Lower the derivative of a function along the vector that comes after its arguments."""
    if not args:
        frame.misfit(node, "the vector is missing", "call hvp(f)(x, v)")
    *primals, vector = args
    values, keys, _ = _differentiated(frame, node, derived, primals, {})
    vectors = vector if isinstance(derived.argnums, (tuple, list)) else (vector,)
    if not isinstance(vectors, (tuple, list)) or len(vectors) != len(keys):
        frame.misfit(node, f"argnums names {len(keys)} arguments, and the vector is {describe(vector)}")
    positions = {key: i for i, key in enumerate(values)}
    tangents = {positions[key]: dot for key, dot in zip(keys, vectors)}
    return _forward(frame, node, derived.operator, derived.callee, list(values.values()), tangents, shared)[1]


def _forward(
    frame: Frame,
    node: Any,
    operator: Operator,
    function: Value,
    primals: Sequence[Value],
    tangents: Mapping[int, Value],
    shared: bool,
) -> tuple[Value, Value]:
    keys = [i for i in tangents if any(map(differentiable, parts(primals[i])[0]))]
    inner = lowered_apart(frame, node, function, primals, {}, keys, shared=shared)
    dots = []
    for i in keys:
        leaves, tree = parts(primals[i])
        given = aligned(tree, tangents[i])
        if given is None:
            frame.misfit(node, f"the tangent is {describe(tangents[i])}, and the argument {describe(primals[i])}")
        pairs = [(dot, leaf) for dot, leaf in zip(given, leaves) if differentiable(leaf)]
        dots += [fitting(frame, node, dot, leaf) for dot, leaf in pairs]
    if _depends_on_the_path(inner.result):
        frame.refuse(
            node,
            "a part of what the function returns is None on some paths, or one of several functions",
            "return a number on every path (`math.nan`), or leave the part out",
        )
    results, tree = parts(inner.result)
    outs = written(frame, inner, operator.forward, results, dots)
    return unflatten(tree, outs[: len(results)]), unflatten(tree, outs[len(results) :])


def _depends_on_the_path(value: Value) -> bool:
    """Tell whether a part of a value is None, another function or another member of an enumeration on some paths."""
    decided = (Optional, Either, OneOf)
    return any(
        isinstance(each, decided)
        for each in flatten(value, lambda part: is_operand(part) or isinstance(part, decided))[0]
    )


# Constants.


def _stop_gradient(
    frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value], shared: bool
) -> Value:
    if len(args) != 1 or kwargs:
        frame.refuse(node, "stop_gradient takes one value", "write stop_gradient(x)")
    leaves, tree = parts(args[0])
    stopped = [frame.op(node, stop_gradient, leaf) if differentiable(leaf) else leaf for leaf in leaves]
    return unflatten(tree, stopped)


_AT_ONCE: dict[str, Callable[..., Value]] = {"jvp": _jvp, "vjp": vjp, "stop_gradient": _stop_gradient}


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
