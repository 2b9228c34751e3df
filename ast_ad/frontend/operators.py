"""Operators inside the function that is lowered: `grad(f)`, `jvp(f, ...)`, `vjp(f, ...)`, ... of any function.

What `f` computes is lowered with new variables for the arguments that are differentiated, into a block of its own,
and made a function whose further parameters are the variables around it. The operator's transform of that is then
written in place. So `f` may close over what is differentiated outside: for the inner derivative that is a constant,
as it should be.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import gast

from ast_ad import rows
from ast_ad.frontend import calls, memory
from ast_ad.frontend.frame import Context, Frame
from ast_ad.frontend.source import Source
from ast_ad.frontend.values import Closure, Derived, Escaped, Known, Value, describe, is_operand, parts
from ast_ad.ir.build import Region
from ast_ad.ir.kinds import Array, is_complex, is_inexact, is_stretched
from ast_ad.ir.nodes import Function, Lit, Operand, Var, free_variables
from ast_ad.ir.rebuild import inlined
from ast_ad.runtime import shaped, stop_gradient
from ast_ad.trees import LEAF, Tree, is_number, unflatten


class Operator(Protocol):
    """What a function such as `grad` tells of itself, as its attribute `__ast_ad_operator__`."""

    name: str
    has_aux: bool
    argnums: int | str | tuple[int | str, ...]

    def changed(self, **changes: Any) -> Operator:
        """Return an operator with another name or other options."""

    def forward(self, function: Function, wrt: Sequence[int]) -> Function:
        """Return the function that computes the results, then their tangents; tangents are further parameters."""

    def reverse(
        self, function: Function, wrt: Sequence[int], of: Sequence[int] | None = None, *, shaped: bool = False
    ) -> Function:
        """Return the function that computes the results, then the adjoints; seeds are 1, or further parameters."""


def apply(frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of an operator: some compute at once, the others make a function."""
    at_once = _AT_ONCE.get(operator.name)
    if at_once is not None:
        return at_once(frame, node, operator, args, kwargs)
    options = {key: value for key, value in kwargs.items() if key != "has_aux"}
    given = {**dict(zip(("fun", "argnums"), args)), **options}
    if len(args) > 2 or "fun" not in given or not given.keys() <= {"fun", "argnums"}:
        frame.refuse(node, f"{operator.name} takes a function and argnums here", f"write {operator.name}(f, argnums=0)")
    operator = operator.changed(has_aux=_has_aux(frame, node, kwargs))
    fun, argnums = given["fun"], given.get("argnums", _literal(operator.argnums))
    if operator.name in ("hessian", "hvp"):
        fun = Derived(operator.changed(name="grad"), fun, argnums)
        operator = operator.changed(name={"hessian": "jacobian", "hvp": "along"}[operator.name])
    return Derived(operator, fun, argnums)


def _literal(argnums: int | str | tuple[int | str, ...]) -> Value:
    return tuple(map(_literal, argnums)) if isinstance(argnums, tuple) else Lit(argnums)


def _has_aux(frame: Frame, node: Any, kwargs: Mapping[str, Value]) -> bool:
    value = kwargs.get("has_aux", Lit(False))
    if not isinstance(value, Lit):
        frame.refuse(node, "has_aux has to be a constant here", "write True or False")
    return bool(value.value)


def call(frame: Frame, node: Any, derived: Derived, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of a derivative, or of a pullback, that was made in this function."""
    if isinstance(derived.callee, _Pullback):
        return derived.callee.called(frame, node, args, kwargs)
    if derived.operator.name == "along":
        return _along(frame, node, derived, args)
    wanted = derived.argnums
    several = isinstance(wanted, (tuple, list))
    values, keys, kwargs = _differentiated(frame, node, derived, args, kwargs)
    inner = _inner(frame, node, derived.callee, args, kwargs, keys)
    if derived.operator.name == "jacobian":
        return _jacobian(frame, node, derived.operator, inner, [values[key] for key in keys], several)
    value, aux = _divided(frame, node, derived.operator, inner.result)
    _check_result(frame, node, derived.operator, value)
    handed, tree = parts(aux)
    outs = _written(frame, inner, lambda f, wrt: derived.operator.reverse(f, wrt, (0,)), [value, *handed], [])
    count = 1 + len(handed)
    remaining = iter(outs[count:])
    bars = []
    for key in keys:
        leaves, structure = parts(values[key])
        bars.append(unflatten(structure, [next(remaining) if _differentiable(leaf) else leaf for leaf in leaves]))
    gradient = tuple(bars) if several else bars[0]
    if not derived.operator.has_aux:
        return (outs[0], gradient) if derived.operator.name == "value_and_grad" else gradient
    aux = unflatten(tree, outs[1:count])
    return ((outs[0], aux), gradient) if derived.operator.name == "value_and_grad" else (gradient, aux)


def _divided(frame: Frame, node: Any, operator: Operator, result: Value) -> tuple[Value, Value]:
    """Return what is differentiated of a result, and what is handed through beside it."""
    if not operator.has_aux:
        return result, ()
    if type(result) is not tuple or len(result) != 2:
        frame.misfit(node, f"with has_aux=True the function has to return a pair, and this is {describe(result)}")
    return result


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
    return values, keys, kwargs


# Forward mode.


def _jvp(frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if len(args) != 3 or kwargs or not all(isinstance(each, (tuple, list)) for each in args[1:]):
        frame.refuse(node, "jvp takes a function and two tuples here", "write jvp(f, (x,), (x_dot,))")
    function, primals, tangents = args
    if len(primals) != len(tangents):
        frame.misfit(node, f"{len(primals)} primals and {len(tangents)} tangents")
    return _forward(frame, node, operator, function, primals, dict(enumerate(tangents)))


def _along(frame: Frame, node: Any, derived: Derived, args: Sequence[Value]) -> Value:
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
    return _forward(frame, node, derived.operator, derived.callee, list(values.values()), tangents)[1]


def _forward(
    frame: Frame,
    node: Any,
    operator: Operator,
    function: Value,
    primals: Sequence[Value],
    tangents: Mapping[int, Value],
) -> tuple[Value, Value]:
    keys = [i for i in tangents if any(map(_differentiable, parts(primals[i])[0]))]
    inner = _inner(frame, node, function, primals, {}, keys)
    dots = []
    for i in keys:
        (leaves, tree), (given, dotted) = parts(primals[i]), parts(tangents[i])
        if tree != dotted:
            frame.misfit(node, f"the tangent is {describe(tangents[i])}, and the argument {describe(primals[i])}")
        pairs = [(dot, leaf) for dot, leaf in zip(given, leaves) if _differentiable(leaf)]
        dots += [_fitting(frame, node, dot, leaf) for dot, leaf in pairs]
    results, tree = parts(inner.result)
    outs = _written(frame, inner, operator.forward, results, dots)
    return unflatten(tree, outs[: len(results)]), unflatten(tree, outs[len(results) :])


def _fitting(frame: Frame, node: Any, dot: Operand, leaf: Operand) -> Operand:
    """Return a tangent, or a cotangent, that has the shape of what it belongs to; that may have to be checked."""
    assert isinstance(dot, (Var, Lit)) and isinstance(leaf, (Var, Lit))
    have, want = getattr(dot.kind, "dims", ()), getattr(leaf.kind, "dims", ())
    if len(have) != len(want) or any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(have, want)):
        frame.misfit(
            node, f"the derivative given is {describe(dot)}, and belongs to {describe(leaf)}", "give one of its shape"
        )
    dot = memory.now(frame, dot)
    return frame.op(node, shaped, dot, leaf) if is_stretched(dot.kind, leaf.kind) or have != want else dot


# Reverse mode, with the pullback at hand.


def _vjp(frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if not args or not kwargs.keys() <= {"has_aux"}:
        frame.refuse(node, "vjp takes a function and its arguments here", "write vjp(f, x)")
    operator = operator.changed(has_aux=_has_aux(frame, node, kwargs))
    function, *primals = args
    keys = [i for i, primal in enumerate(primals) if any(map(_differentiable, parts(primal)[0]))]
    if not keys:
        frame.misfit(node, "none of the arguments is a floating-point number", "pass a float (3.0, not 3)")
    inner = _inner(frame, node, function, primals, {}, keys)
    value, aux = _divided(frame, node, operator, inner.result)
    results, tree = parts(value)
    handed, handed_tree = parts(aux)
    outs = _written(frame, inner, lambda function, wrt: function, [*results, *handed], [])
    seeded = tuple(i for i, result in enumerate(results) if _differentiable(result))
    sweep = _Sweep(_adjoints(inner, operator, results, range(len(inner.params)), seeded), tree, seeded)
    here = [memory.settle(frame, primal, lambda leaf: memory.now(frame, leaf)) for primal in primals]
    given = (tuple(inner.actual), tuple(inner.around(results)), tuple(outs[: len(results)]), tuple(here))
    made = Derived(operator, _Pullback(sweep, *given), None)
    out = unflatten(tree, outs[: len(results)])
    return (out, made, unflatten(handed_tree, outs[len(results) :])) if operator.has_aux else (out, made)


def _adjoints(
    inner: _Inner, operator: Operator, results: Sequence[Operand], wrt: Sequence[int], of: Sequence[int]
) -> Function:
    """Return the function that computes adjoints of a call's parameters, for seeds that are further parameters."""
    made = operator.reverse(inner.function(results), wrt, of, shaped=True)
    return replace(made, body=replace(made.body, yields=made.results[len(results) :]))


@dataclass(frozen=True)
class _Sweep:
    """The code of a pullback: it takes the arguments, the variables around, and seeds for some leaves of the result."""

    function: Function
    out_tree: Tree
    seeded: tuple[int, ...]

    def __call__(self, actual: Any, around: Any, outs: Any, primals: Any) -> _Pullback:
        return _Pullback(self, actual, around, outs, primals)


@dataclass(frozen=True, eq=False)
class _Pullback:
    """A pullback, and the values that it needs: it can leave the function that made it."""

    sweep: _Sweep
    actual: tuple[Operand, ...]
    around: tuple[Operand, ...]
    outs: tuple[Operand, ...]
    primals: tuple[Value, ...]

    def __tree_parts__(self) -> tuple[Callable[..., _Pullback], tuple[Any, ...]]:
        return self.sweep, (self.actual, self.around, self.outs, self.primals)

    def called(self, frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        """Lower its call."""
        if len(args) != 1 or kwargs:
            frame.refuse(node, "a pullback takes one cotangent", "write pullback(out_bar)")
        leaves, tree = parts(args[0])
        if tree != self.sweep.out_tree:
            frame.misfit(node, f"the cotangent is {describe(args[0])}, which is not structured as the result")
        seeds = [_fitting(frame, node, leaves[i], self.outs[i]) for i in self.sweep.seeded]
        bars = iter(_placed(frame, self.sweep.function, [*self.actual, *self.around, *seeds]))
        if isinstance(self.primals, _Alone):
            return next(bars)
        return tuple(_in_place(primal, bars) for primal in self.primals)


class _Alone(tuple[Value, ...]):
    """Instead of the arguments: the pullback returns the only adjoint as it is."""

    __slots__ = ()


def _in_place(primal: Value, bars: Any) -> Value:
    leaves, tree = parts(primal)
    return unflatten(tree, [next(bars) if _differentiable(leaf) else leaf for leaf in leaves])


def _jacobian(
    frame: Frame, node: Any, operator: Operator, inner: _Inner, wanted: Sequence[Value], several: bool
) -> Value:
    """Lower a Jacobian: a reverse sweep for each element of the result."""
    if operator.has_aux:
        frame.refuse(node, "jacobian has no has_aux", "use vjp(f, ..., has_aux=True)")
    results, tree = parts(inner.result)
    if not results or any(is_complex(leaf.kind) or not is_inexact(leaf.kind) for leaf in results):
        frame.misfit(node, f"a Jacobian needs real numbers, and this function returns {describe(inner.result)}")
    outs = _written(frame, inner, lambda function, wrt: function, results, [])
    places = [_places(frame, node, operator, inner, results, outs, i, wanted) for i in range(len(results))]
    return unflatten(tree, [tuple(each) if several else each[0] for each in places])


def _places(
    frame: Frame,
    node: Any,
    operator: Operator,
    inner: _Inner,
    results: Sequence[Operand],
    outs: Sequence[Operand],
    which: int,
    wanted: Sequence[Value],
) -> list[Value]:
    """Return the derivatives of one leaf of a result, for each argument."""
    out = outs[which]
    assert isinstance(out, (Var, Lit))
    if not isinstance(out.kind, Array):
        adjoints = _adjoints(inner, operator, results, range(len(inner.params)), (which,))
        bars = iter(_placed(frame, adjoints, [*inner.actual, *inner.around(results), Lit(1.0)]))
        return [_in_place(value, bars) for value in wanted]
    found: list[Operand] = []
    for k, actual in enumerate(inner.actual):
        sweep = _Sweep(_adjoints(inner, operator, results, (k,), (which,)), LEAF, (0,))
        pullback = _Pullback(sweep, tuple(inner.actual), tuple(inner.around(results)), (out,), _Alone())
        write = rows.by_array if isinstance(actual.kind, Array) else rows.by_number  # type: ignore[union-attr]
        found.append(calls.call(frame, node, Known(write), [Derived(operator, pullback, None), out, actual], {}))
    remaining = iter(found)
    return [_in_place(value, remaining) for value in wanted]


# Constants.


def _stop_gradient(
    frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value:
    if len(args) != 1 or kwargs:
        frame.refuse(node, "stop_gradient takes one value", "write stop_gradient(x)")
    leaves, tree = parts(args[0])
    stopped = [frame.op(node, stop_gradient, leaf) if _differentiable(leaf) else leaf for leaf in leaves]
    return unflatten(tree, stopped)


_AT_ONCE: dict[str, Callable[..., Value]] = {"jvp": _jvp, "vjp": _vjp, "stop_gradient": _stop_gradient}


def frame_of_call(context: Context, name: str) -> Frame:
    """Return a frame in which calls can be lowered that stand in no function of the user's."""
    text = f"def {name if name.isidentifier() else 'rule'}():\n    pass"
    tree = gast.parse(text).body[0]
    return Frame(context, Source(f"<call of {name}>", tree, tuple(text.split("\n")), name), tree, {})


# The call that is differentiated.


class _Inner(NamedTuple):
    """A call that was lowered apart: its code, its new parameters, what they stand for, and its result."""

    region: Region
    params: list[Var]
    actual: list[Operand]
    result: Value

    def around(self, results: Sequence[Operand]) -> list[Var]:
        """Return the variables that the code reads and does not define."""
        return [var for var in free_variables(self.region.block(results)) if var not in self.params]

    def function(self, results: Sequence[Operand]) -> Function:
        """Return the code as a function of the parameters, and of the variables around."""
        block = replace(self.region.block(results), params=())
        return Function("inner", (*self.params, *self.around(results)), block)


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
        actual += [memory.now(frame, leaf) for var, leaf in zip(new, leaves) if var is not leaf]
        values[key] = unflatten(tree, new)
    before = dict(frame.env)
    with frame.builder.region(Region(params)) as region:
        result = calls.call(
            frame, node, function, [values[i] for i in range(len(args))], {name: values[name] for name in kwargs}
        )
        result = memory.settle(frame, result, lambda leaf: memory.now(frame, leaf))
    inner = _Inner(region, params, actual, result)
    tokens = frame.context.objects.tokens
    outside = inner.around(parts(result)[0])
    written = [tokens[name] for name in frame.env.keys() - before.keys() if name in tokens]
    if any(frame.env.get(name) is not value for name, value in before.items()) or any(v in outside for v in written):
        frame.refuse(node, "the function that is differentiated assigns variables outside it", "let it return them")
    frame.env = before
    return inner


def _written(
    frame: Frame,
    inner: _Inner,
    transform: Callable[[Function, Sequence[int]], Function],
    results: Sequence[Operand],
    dots: Sequence[Operand],
) -> list[Operand]:
    """Write a transform of a call, and return its results."""
    made = transform(inner.function(results), range(len(inner.params)))
    return _placed(frame, made, [*inner.actual, *inner.around(results), *dots])


def _placed(frame: Frame, function: Function, args: Sequence[Operand]) -> list[Operand]:
    """Write the statements of a function, and return its results."""
    statements, outs = inlined(function, args)
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
