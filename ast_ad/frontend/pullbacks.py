"""Reverse mode with the pullback at hand, inside a lowered function: `vjp` and `jacobian`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ast_ad import rows
from ast_ad.frontend import dispatch, memory
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.inner import (
    OPTIONS,
    Inner,
    Operator,
    aligned,
    differentiable,
    divided,
    fitting,
    in_place,
    lowered_apart,
    placed,
    with_options,
    written,
)
from ast_ad.frontend.values import Derived, Known, Value, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import Array, is_complex, is_inexact
from ast_ad.ir.nodes import Function, Lit, Operand, Var
from ast_ad.trees import LEAF, Tree, unflatten


def vjp(
    frame: Frame, node: Any, operator: Operator, args: Sequence[Value], kwargs: Mapping[str, Value], shared: bool
) -> Value:
    """Lower a call of `vjp`: return the value, and the pullback."""
    if not args or not kwargs.keys() <= set(OPTIONS):
        frame.refuse(node, "vjp takes a function and its arguments here", "write vjp(f, x)")
    operator = with_options(frame, node, operator, kwargs)
    function, *primals = args
    keys = [i for i, primal in enumerate(primals) if any(map(differentiable, parts(primal)[0]))]
    if not keys:
        frame.misfit(node, "none of the arguments is a floating-point number", "pass a float (3.0, not 3)")
    inner = lowered_apart(frame, node, function, primals, {}, keys, shared=shared)
    value, aux = divided(frame, node, operator, inner.result)
    results, tree = parts(value)
    handed, handed_tree = parts(aux)
    outs = written(frame, inner, lambda function, wrt: function, [*results, *handed], [])
    seeded = tuple(i for i, result in enumerate(results) if differentiable(result))
    sweep = _Sweep(_adjoints(inner, operator, results, range(len(inner.params)), seeded), tree, seeded)
    here = [memory.settle(frame, primal, lambda leaf: memory.now(frame, leaf)) for primal in primals]
    given = (tuple(inner.actual), tuple(inner.around(results)), tuple(outs[: len(results)]), tuple(here))
    made = Derived(operator, Pullback(sweep, *given), None)
    out = unflatten(tree, outs[: len(results)])
    return (out, made, unflatten(handed_tree, outs[len(results) :])) if operator.has_aux else (out, made)


def _adjoints(
    inner: Inner, operator: Operator, results: Sequence[Operand], wrt: Sequence[int], of: Sequence[int]
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

    def __call__(self, actual: Any, around: Any, outs: Any, primals: Any) -> Pullback:
        return Pullback(self, actual, around, outs, primals)


@dataclass(frozen=True, eq=False)
class Pullback:
    """A pullback, and the values that it needs: it can leave the function that made it."""

    sweep: _Sweep
    actual: tuple[Operand, ...]
    around: tuple[Operand, ...]
    outs: tuple[Operand, ...]
    primals: tuple[Value, ...]

    def __tree_parts__(self) -> tuple[Callable[..., Pullback], tuple[Any, ...]]:
        return self.sweep, (self.actual, self.around, self.outs, self.primals)

    def called(self, frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        """Lower its call."""
        if len(args) != 1 or kwargs:
            frame.refuse(node, "a pullback takes one cotangent", "write pullback(out_bar)")
        leaves = aligned(self.sweep.out_tree, args[0])
        if leaves is None:
            frame.misfit(node, f"the cotangent is {describe(args[0])}, which is not structured as the result")
        seeds = [fitting(frame, node, leaves[i], self.outs[i]) for i in self.sweep.seeded]
        bars = iter(placed(frame, self.sweep.function, [*self.actual, *self.around, *seeds]))
        if isinstance(self.primals, _Alone):
            return next(bars)
        return tuple(in_place(primal, bars) if _has_slopes(primal) else Known(None) for primal in self.primals)


def _has_slopes(primal: Value) -> bool:
    """Tell whether an argument has an adjoint, if only an empty one."""
    leaves = parts(primal)[0]
    return any(map(differentiable, leaves)) or (not leaves and isinstance(primal, (tuple, list, dict)))


class _Alone(tuple[Value, ...]):
    """Instead of the arguments: the pullback returns the only adjoint as it is."""

    __slots__ = ()


def jacobian(
    frame: Frame, node: Any, operator: Operator, inner: Inner, wanted: Sequence[Value], several: bool
) -> Value:
    """Lower a Jacobian: a reverse sweep for each element of the result."""
    if operator.has_aux:
        frame.refuse(node, "jacobian has no has_aux", "use vjp(f, ..., has_aux=True)")
    results, tree = parts(inner.result)
    if not results or any(is_complex(leaf.kind) or not is_inexact(leaf.kind) for leaf in results):
        frame.misfit(node, f"a Jacobian needs real numbers, and this function returns {describe(inner.result)}")
    outs = written(frame, inner, lambda function, wrt: function, results, [])
    places = [_places(frame, node, operator, inner, results, outs, i, wanted) for i in range(len(results))]
    return unflatten(tree, [tuple(each) if several else each[0] for each in places])


def _places(
    frame: Frame,
    node: Any,
    operator: Operator,
    inner: Inner,
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
        bars = iter(placed(frame, adjoints, [*inner.actual, *inner.around(results), Lit(1.0)]))
        return [in_place(value, bars) for value in wanted]
    found: list[Operand] = []
    for k, actual in enumerate(inner.actual):
        sweep = _Sweep(_adjoints(inner, operator, results, (k,), (which,)), LEAF, (0,))
        pullback = Pullback(sweep, tuple(inner.actual), tuple(inner.around(results)), (out,), _Alone())
        write = rows.by_array if isinstance(actual.kind, Array) else rows.by_number  # type: ignore[union-attr]
        found.append(dispatch.call(frame, node, Known(write), [Derived(operator, pullback, None), out, actual], {}))
    remaining = iter(found)
    return [in_place(value, remaining) for value in wanted]
