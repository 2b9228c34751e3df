"""Reverse mode with its two sweeps as two functions: for pullbacks, which are called later, and many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ast_ad.analysis.memory import Memory
from ast_ad.analysis.schedule import schedule
from ast_ad.backend import interface as printed
from ast_ad.frontend.lower import Argument, Lowered
from ast_ad.ir.check import check
from ast_ad.ir.kinds import Array, Kind, is_inexact
from ast_ad.ir.nodes import Block, Call, Function, Op, Operand, Var, free_variables, walk
from ast_ad.ir.rebuild import inlined
from ast_ad.request import Request, divided, refuse_all_constants, refuse_results, selected, with_slopes
from ast_ad.runtime.arrays import check_apart, check_order, check_rows, check_same
from ast_ad.transform import reverse
from ast_ad.transform.final import final
from ast_ad.transform.ownership import owned
from ast_ad.transform.simplify import simplify
from ast_ad.transformed import distinct, flat_params, hidden, printed_params, printed_tree
from ast_ad.trees import LEAF, Tree, TupleTree, leaf_count


@dataclass(frozen=True)
class Apart:
    """Both sweeps, and how they are printed.

    Attributes
    ----------
    forward, ahead
        Returns the function's result, what is handed through beside it (if the request asks for that), and a tuple of
        what the reverse sweep needs.
    backward, back
        Takes what it needs, then the seeds; returns an adjoint for each argument that is differentiated.
    out_tree
        The structure of the result that is differentiated.
    seeded
        Which of its leaves have a seed.
    kept
        The kinds of what the reverse sweep needs.
    """

    forward: Function
    ahead: printed.Interface
    backward: Function
    back: printed.Interface
    out_tree: Tree
    seeded: tuple[int, ...]
    kept: tuple[Kind, ...]


def apart(lowered: Lowered, primal: Function, arguments: tuple[Argument, ...], request: Request) -> Apart:
    """Apply reverse mode to a lowered function, whose simplified code is `primal`.

    What the reverse sweep needs of the arguments is copied first: it does not see what is written to them later. Nor
    does anything that it needs share memory with a result.
    """
    chosen = [selected(arguments, target) for target in request.targets]
    out_tree, aux = divided(lowered.out_tree, request, primal.name)
    refuse_all_constants(request.targets, chosen, primal)
    if request.operator == "jacobian":
        refuse_results(out_tree, primal)
    else:
        chosen = [with_slopes(each, primal) for each in chosen]
    leaves = [i for each in chosen for i in each.leaves]
    wrt = [i for i in leaves if is_inexact(primal.params[i].kind)]
    count = len(primal.results)
    split = reverse.apart(primal, wrt, of=range(leaf_count(out_tree)), schedule=schedule(request.checkpoint))

    first = len(split.passed)
    last = len(split.backward.params) - len(split.seeded)
    saved, seeds = split.backward.params[first:last], split.backward.params[last:]
    inputs = dict(zip(split.passed, split.backward.params))
    inputs |= {i: _like(primal.params[i]) for i in leaves if i not in wrt and i not in inputs}
    adjoints: dict[int, Operand] = {**inputs, **dict(zip(wrt, split.backward.results))}
    bars = [adjoints[i] for i in leaves]
    kept = (*inputs.values(), *saved)
    backward = Function(f"{primal.name}_pullback", (*kept, *seeds), _yielding(split.backward.body, bars))
    backward = _final(backward, whole=True)

    needed = free_variables(replace(backward.body, params=()))
    used = [i for i, var in enumerate(kept) if var in needed]
    kept = tuple(kept[i] for i in used)
    backward = replace(backward, params=(*kept, *seeds))
    given = (*(split.forward.params[i] for i in inputs), *split.forward.results[count:])
    results = (*split.forward.results[:count], *(given[i] for i in used))
    forward = _final(replace(split.forward, body=_yielding(split.forward.body, results)))
    forward = owned(_on_copies(forward, count), range(count))
    backward = owned(backward, range(len(bars)))

    adjoint_tree = TupleTree(tuple(each.tree for each in chosen))
    values = (out_tree,) if aux is None else (out_tree, aux)
    result_tree = TupleTree((*values, TupleTree((LEAF,) * len(kept))))
    parameters = distinct((*printed_params(arguments), *flat_params(hidden(lowered, primal))))
    return Apart(
        check(forward, "ownership"),
        printed.Interface(f"{primal.name}_forward", parameters, printed_tree(result_tree)),
        check(backward, "ownership"),
        printed.Interface(backward.name, distinct(flat_params((*kept, *seeds))), printed_tree(adjoint_tree)),
        out_tree,
        split.seeded,
        tuple(var.kind for var in kept),
    )


def _like(var: Var) -> Var:
    return Var(var.kind, var.name)


def _yielding(block: Block, results: Sequence[Operand]) -> Block:
    return replace(block, yields=tuple(results))


def _final(function: Function, *, whole: bool = False) -> Function:
    return check(final(simplify(check(function, "before simplify")), whole=whole), "final")


_CHECKS = (check_apart, check_order, check_rows, check_same)


def _on_copies(function: Function, count: int) -> Function:
    """Let a function work on copies of the arrays from outside that are seen after it has returned.

    Those are the ones that its results share memory with, but for the first `count`; or that a stack may hold, of this
    function or of one that it calls.
    """
    memory = Memory(function)
    passed = [arg for s in walk(function.body) if isinstance(s, Call) for arg in s.args]
    seen = set(memory.kept).union(*map(memory, (*function.results[count:], *passed)))
    params = {param: _like(param) for param in function.params if isinstance(param.kind, Array)}
    params = {param: copy for param, copy in params.items() if (param, False) in seen}
    if not params:
        return function
    copies = [Op((copy,), np.copy, (param,)) for param, copy in params.items()]
    # That arrays share no memory is to be checked of those that the caller has.
    checks = [s for s in function.body.statements if isinstance(s, Op) and s.fn in _CHECKS]
    rest = [s for s in function.body.statements if s not in checks]
    function = replace(function, body=replace(function.body, statements=tuple(rest)))
    statements, results = inlined(function, [params.get(param, param) for param in function.params])
    return replace(function, body=Block((), (*checks, *copies, *statements), results))
