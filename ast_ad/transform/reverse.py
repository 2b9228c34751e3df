"""Reverse mode: a forward sweep that computes and saves, then the statements backwards, adding up adjoints.

    primal --count trips, split calls--> forward sweep --walk backwards--> reverse sweep --record--> one function

The reverse sweep is written first (`transform.sweep`), and mentions variables of the forward sweep wherever a rule
does. `analysis.recording` then decides what of that is saved, and `transform.record` writes the pushes, the pops and
what is computed again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ast_ad.analysis.activity import Mask, everything, nothing
from ast_ad.analysis.schedule import Schedule
from ast_ad.ir.kinds import Array, Kind, Scalar
from ast_ad.ir.nodes import Block, Function, Lit, Note, Var
from ast_ad.transform.adjoints import constant
from ast_ad.transform.both import cut, kind_of_result, seeds_of
from ast_ad.transform.callees import Callees, scheduled
from ast_ad.transform.calls import Split
from ast_ad.transform.fill import filled


def reverse(
    function: Function,
    wrt: Sequence[int],
    *,
    name: str,
    value: bool = False,
    of: Sequence[int] | None = None,
    shaped: bool = False,
    ones: bool = False,
    schedule: Schedule | None = None,
) -> Function:
    """Return the function that computes the adjoints of some parameters, both sweeps in one.

    Parameters
    ----------
    wrt
        Positions of the parameters that are differentiated.
    value
        Whether the primal's results come before the adjoints.
    of
        Positions of the results that are differentiated; all of them by default.
    shaped
        Whether the seeds have the shapes of the results.
    ones
        Whether they are 1, and no parameters.
    schedule
        What is computed again rather than kept; None: what `ast_ad.analysis.recording` finds cheap.

    Returns
    -------
    Function
        Its parameters are the primal's and one seed for each result that can have an adjoint: unless they are `shaped`,
        a number, 1.0 by default, which stands for each element of an array.
    """
    chosen, asked = _masks(function, wrt, of)
    wanted = seeds_of(function, asked)
    if not shaped:
        wanted = tuple(None if seed is None else Var(_element(seed.kind), seed.name) for seed in wanted)
    given = () if ones else tuple(seed for seed in wanted if seed is not None)
    seeds: tuple[Var | Lit | None, ...] = wanted
    if ones:
        seeds = tuple(None if seed is None else Lit(constant(seed.kind, 1.0)) for seed in wanted)
    splits = Callees(schedule)
    pieces = scheduled(function, chosen, asked, seeds, splits)
    wanted_bars = [pieces.adjoints[function.params[i]] for i in wrt]
    recorded, adjoints = pieces.joined(wanted_bars, keep_top=True, alternates=splits.alternates)
    results = function.results if value else ()
    statements = (Note("forward sweep"), *recorded.forward.statements, Note("reverse sweep"), *recorded.sweep)
    body = filled(Block((), statements, (*results, *adjoints)), adjoints, function.params)
    defaults = () if shaped else tuple((seed, constant(seed.kind, 1.0)) for seed in given)
    return Function(name, (*function.params, *given), body, defaults)


def apart(
    function: Function, wrt: Sequence[int], *, of: Sequence[int] | None = None, schedule: Schedule | None = None
) -> Split:
    """Return both sweeps of a function as two functions; seeds have the shapes of the results.

    What the reverse sweep finds in variables when both are one function, `Split.forward` returns.
    """
    chosen, asked = _masks(function, wrt, of)
    seeds = seeds_of(function, asked)
    splits = Callees(schedule)
    pieces = scheduled(function, chosen, asked, seeds, splits)
    wanted = [pieces.adjoints[function.params[i]] for i in wrt]
    recorded, adjoints = pieces.joined(wanted, keep_top=True, alternates=splits.alternates)
    return cut(function, recorded, adjoints, seeds, tuple(wrt))


def _masks(
    function: Function, wrt: Sequence[int], of: Sequence[int] | None
) -> tuple[tuple[Mask, ...], tuple[Mask, ...]]:
    """Return what is active of a function's parameters and results at some positions."""
    chosen = tuple(everything(p.kind) if i in wrt else nothing(p.kind) for i, p in enumerate(function.params))
    kinds = map(kind_of_result, function.results)
    return chosen, tuple(everything(k) if of is None or i in of else nothing(k) for i, k in enumerate(kinds))


def _element(kind: Kind) -> Kind:
    return Scalar(kind.dtype, numpy=True) if isinstance(kind, Array) else kind
