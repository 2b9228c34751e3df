"""Reverse mode: a forward sweep that computes and saves, then the statements backwards, adding up adjoints.

    primal --count trips, split calls--> forward sweep --walk backwards--> reverse sweep --record--> one function

The reverse sweep is written first (`transform.sweep`), and mentions variables of the forward sweep wherever a rule
does. `analysis.recording` then decides what of that is saved, and `transform.record` writes the pushes, the pops and
what is computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ast_ad.analysis.activity import Activity, Mask, activity, everything, nothing, some
from ast_ad.analysis.effects import effects
from ast_ad.analysis.intermediates import dropped
from ast_ad.analysis.recording import Homes, recording
from ast_ad.analysis.schedule import Schedule
from ast_ad.analysis.worthwhile import outermost, worthwhile
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Array, Kind, Record, Scalar, is_complex
from ast_ad.ir.nodes import (
    Block,
    Function,
    Lit,
    Loop,
    Note,
    Op,
    Operand,
    Statement,
    Var,
    calls_itself,
    free_variables,
    functions,
    walk,
)
from ast_ad.ir.rebuild import copied
from ast_ad.rules.expand import Code, constructor, kind_of_operand
from ast_ad.transform.adjoints import Adjoints, adjoint_kind, bar_name, constant
from ast_ad.transform.calls import Again, ForwardCalls, Split
from ast_ad.transform.checkpoint import segmented
from ast_ad.transform.fill import filled
from ast_ad.transform.likes import with_shapes_at_hand
from ast_ad.transform.prepare import count_trips
from ast_ad.transform.record import Recorded, record
from ast_ad.transform.rerun import Drawn, drawn
from ast_ad.transform.simplify import simplify
from ast_ad.transform.simplify.calls import with_inlined
from ast_ad.transform.simplify.rewriting import call_sites
from ast_ad.transform.sweep import Sweep


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
    wanted = _seeds(function, asked)
    if not shaped:
        wanted = tuple(None if seed is None else Var(_element(seed.kind), seed.name) for seed in wanted)
    given = () if ones else tuple(seed for seed in wanted if seed is not None)
    seeds: tuple[Var | Lit | None, ...] = wanted
    if ones:
        seeds = tuple(None if seed is None else Lit(constant(seed.kind, 1.0)) for seed in wanted)
    splits = _Splits()
    pieces = _scheduled(function, chosen, asked, seeds, splits, schedule)
    wanted_bars = [pieces.adjoints[function.params[i]] for i in wrt]
    recorded, adjoints = pieces.joined(wanted_bars, keep_top=True, alternating=_alternates(schedule))
    results = function.results if value else ()
    statements = (Note("forward sweep"), *recorded.forward.statements, Note("reverse sweep"), *recorded.sweep)
    body = filled(Block((), statements, (*results, *adjoints)), adjoints)
    defaults = () if shaped else tuple((seed, constant(seed.kind, 1.0)) for seed in given)
    return splits.with_inlined(Function(name, (*function.params, *given), body, defaults))


def apart(
    function: Function, wrt: Sequence[int], *, of: Sequence[int] | None = None, schedule: Schedule | None = None
) -> Split:
    """Return both sweeps of a function as two functions; seeds have the shapes of the results.

    What the reverse sweep finds in variables when both are one function, `Split.forward` returns.
    """
    chosen, asked = _masks(function, wrt, of)
    seeds = _seeds(function, asked)
    splits = _Splits()
    pieces = _scheduled(function, chosen, asked, seeds, splits, schedule)
    wanted = [pieces.adjoints[function.params[i]] for i in wrt]
    recorded, adjoints = pieces.joined(wanted, keep_top=True, alternating=_alternates(schedule))
    made = _cut(function, recorded, adjoints, seeds, tuple(wrt))
    forward, backward = splits.with_inlined(made.forward), splits.with_inlined(made.backward)
    return replace(made, forward=forward, backward=backward)


def _masks(
    function: Function, wrt: Sequence[int], of: Sequence[int] | None
) -> tuple[tuple[Mask, ...], tuple[Mask, ...]]:
    """Return what is active of a function's parameters and results at some positions."""
    chosen = tuple(everything(p.kind) if i in wrt else nothing(p.kind) for i, p in enumerate(function.params))
    kinds = map(_kind, function.results)
    return chosen, tuple(everything(k) if of is None or i in of else nothing(k) for i, k in enumerate(kinds))


def _element(kind: Kind) -> Kind:
    return Scalar(kind.dtype, numpy=True) if isinstance(kind, Array) else kind


_MOST_SAVED = 24
"""How many values a function that is called may save."""


def split(function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...], splits: _Splits) -> Split:
    """Return both sweeps of a function that is called, not inlined.

    One that would save more than a few values saves none: its reverse sweep runs its forward sweep again. Otherwise
    functions that call each other twice, `g(x) * g(x + 1)`, would save twice as much with each level.
    """
    seeds = _seeds(function, of)
    if calls_itself(function):
        loop = next((s for s in walk(function.body) if isinstance(s, Loop)), None)
        recursive = _split_recursive if loop is None else _split_again
        return recursive(function, wrt, of, seeds, splits)
    pieces = _reversed(function, wrt, of, seeds, splits)
    answered = tuple(i for i, param in enumerate(function.params) if pieces.facts(param))
    wanted = [pieces.adjoints[function.params[i]] for i in answered]
    recorded, adjoints = pieces.joined(wanted, keep_top=False)
    made = _cut(function, recorded, adjoints, seeds, answered)
    saved = len(made.forward.results) - len(function.results)
    if saved > _MOST_SAVED and all("draws" not in effects(s) for s in function.body.statements):
        given = [seed for seed in seeds if seed is not None]
        recorded, adjoints = pieces.joined(wanted, keep_top=True)
        both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints)
        backward = Function(f"{function.name}_reverse", (*function.params, *given), both)
        return Split(function, copied(backward), tuple(range(len(function.params))), made.seeded, answered)
    return made


def _split_recursive(
    function: Function,
    wrt: tuple[Mask, ...],
    of: tuple[Mask, ...],
    seeds: Sequence[Var | None],
    splits: _Splits,
) -> Split:
    """Return both sweeps of a function that calls itself.

    What a call saves is one record, in which the records of its own calls are nested. Both sweeps are declared before
    they are written, because they call themselves.
    """
    given = [seed for seed in seeds if seed is not None]
    facts = activity(function, wrt, of)
    record = Var(Record(), "saved")
    made = splits.declare(
        (function, wrt, of),
        Split(
            Function.declared(f"{function.name}_forward", function.params, (*function.results, record)),
            Function.declared(f"{function.name}_reverse", (*function.params, record, *given)),
            tuple(range(len(function.params))),
            tuple(i for i, seed in enumerate(seeds) if seed is not None),
            tuple(i for i, param in enumerate(function.params) if facts(param)),
        ),
    )
    pieces = _reversed(function, wrt, of, seeds, splits)
    recorded, adjoints = pieces.joined([pieces.adjoints[function.params[i]] for i in made.answered], keep_top=False)
    sweep = filled(Block((), recorded.sweep, adjoints), adjoints)
    saved = [var for var in free_variables(sweep) if var not in given and var not in function.params]
    packing = Var(Record())
    packed = Op((packing,), primitives.pack, tuple(saved))
    ahead = replace(
        recorded.forward, statements=(*recorded.forward.statements, packed), yields=(*function.results, packing)
    )
    made.forward.defined_as(copied(Function(made.forward.name, function.params, filled(ahead, saved))))
    unpacked = (Op(tuple(saved), primitives.unpack, (record,)),) if saved else ()
    back = replace(sweep, statements=(*unpacked, *sweep.statements))
    params = (*function.params, record, *given)
    made.backward.defined_as(copied(Function(made.backward.name, params, back)))
    return made


def _split_again(
    function: Function,
    wrt: tuple[Mask, ...],
    of: tuple[Mask, ...],
    seeds: Sequence[Var | None],
    splits: _Splits,
) -> Split:
    """Return both sweeps of a function with loops that calls itself.

    A record holds no stacks, so nothing is saved: the reverse sweep runs the forward sweep again.
    """
    drawing = next((s for s in function.body.statements if "draws" in effects(s)), None)
    if drawing is not None:
        raise UnsupportedSyntaxError(
            f"`{function.name}` calls itself, loops, and prints or draws at random: it is run more than once",
            help="print or draw outside of it, and pass what is drawn",
            where=drawing.where,
        )
    given = tuple(seed for seed in seeds if seed is not None)
    facts = activity(function, wrt, of)
    params = (*function.params, *given)
    made = splits.declare(
        (function, wrt, of),
        Split(
            function,
            Function.declared(f"{function.name}_reverse", params),
            tuple(range(len(function.params))),
            tuple(i for i, seed in enumerate(seeds) if seed is not None),
            tuple(i for i, param in enumerate(function.params) if facts(param)),
        ),
    )
    pieces = _reversed(function, wrt, of, seeds, splits)
    recorded, adjoints = pieces.joined([pieces.adjoints[function.params[i]] for i in made.answered], keep_top=True)
    both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints)
    made.backward.defined_as(copied(Function(made.backward.name, params, both)))
    return made


def again(
    function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...], reached: tuple[int, ...], splits: _Splits
) -> Again:
    """Return both sweeps of a function that is run again, as one function.

    Parameters
    ----------
    reached
        The positions of the parameters whose adjoints so far are passed.
    """
    params = function.params
    seeds = _seeds(function, of)
    so_far = {params[i]: Var(adjoint_kind(params[i].kind, wrt[i]), bar_name(params[i])) for i in reached}
    drawn = tuple(nothing(param.kind) for param in params[len(wrt) :])
    pieces = _reversed(function, (*wrt, *drawn), of, seeds, splits, so_far)
    answered = tuple(i for i, param in enumerate(params) if pieces.facts(param))
    recorded, adjoints = pieces.joined([pieces.adjoints[params[i]] for i in answered], keep_top=True)
    both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints)
    given = [*(seed for seed in seeds if seed is not None), *so_far.values()]
    made = simplify(Function(f"{function.name}_reverse", (*params, *given), both))
    read = free_variables(replace(made.body, params=()))
    passed = tuple(i for i, param in enumerate(params) if param in read)
    return Again(copied(replace(made, params=(*(params[i] for i in passed), *given))), passed, answered)


def _cut(
    function: Function,
    recorded: Recorded,
    adjoints: tuple[Operand, ...],
    seeds: Sequence[Var | None],
    answered: tuple[int, ...],
) -> Split:
    """Return the two sweeps as functions: what the reverse sweep reads of the forward sweep is passed on."""
    sweep = filled(Block((), recorded.sweep, adjoints), adjoints)
    given = [seed for seed in seeds if seed is not None]
    seeded = tuple(i for i, seed in enumerate(seeds) if seed is not None)
    outside = free_variables(sweep)
    passed = tuple(i for i, param in enumerate(function.params) if param in outside)
    saved = [var for var in outside if var not in given and var not in function.params]
    params = (*(function.params[i] for i in passed), *saved, *given)
    backward = Function(f"{function.name}_reverse", params, sweep)
    body = filled(replace(recorded.forward, yields=(*function.results, *saved)), saved)
    ahead = Function(f"{function.name}_forward", function.params, body)
    return Split(copied(ahead), copied(backward), passed, seeded, answered)


def _kind(operand: Operand) -> Kind:
    assert isinstance(operand, (Var, Lit))
    return operand.kind


def _seeds(function: Function, of: Sequence[Mask]) -> tuple[Var | None, ...]:
    """Return the seed of each result that can have an adjoint: `out_bar`, or one named after each result."""
    wanted = [some(mask) for mask in of]
    several = sum(wanted) > 1
    seeds: list[Var | None] = []
    for result, mask, wants in zip(function.results, of, wanted):
        own = bar_name(result) if isinstance(result, Var) else ""
        seed = Var(adjoint_kind(_kind(result), mask), own if several and own else "out_bar")
        seeds.append(seed if wants else None)
    return tuple(seeds)


@dataclass(frozen=True)
class _Reversed:
    """A function's forward sweep, before it records, and its reverse sweep, which mentions it."""

    forward: Function
    sweep: tuple[Statement, ...]
    written: Sweep
    facts: Activity
    adjoints: dict[Var, Operand]

    def joined(
        self, adjoints: Sequence[Operand], *, keep_top: bool, alternating: bool = False
    ) -> tuple[Recorded, tuple[Operand, ...]]:
        """Return both sweeps with what is saved between them, and the adjoints that they return.

        With `alternating`, every other intermediate at the top is computed again.
        """
        plan = recording(self.forward, self.sweep, adjoints, keep_top=keep_top)
        if alternating:
            plan = replace(plan, late=dropped(Homes(self.forward), plan.at_top))
        recorded = record(self.forward, self.sweep, self.written.mirror, self.written.indices, self.written.plain, plan)
        return recorded, recorded.substitute.all(adjoints)


def _alternates(schedule: Schedule | None) -> bool:
    return schedule is not None and schedule.alternates


def _scheduled(
    function: Function,
    wrt: Sequence[Mask],
    of: Sequence[Mask],
    seeds: Sequence[Var | Lit | None],
    splits: _Splits,
    schedule: Schedule | None,
) -> _Reversed:
    """Reverse a function with its loops cut into segments, where that saves memory."""
    pieces = _reversed(function, wrt, of, seeds, splits)
    if schedule is None:
        return pieces
    asked = [pieces.adjoints[param] for param, mask in zip(function.params, wrt) if some(mask)]
    plan = recording(pieces.forward, pieces.sweep, asked, keep_top=True)
    pairs = zip(outermost(function.body), worthwhile(pieces.forward.body, plan))
    chosen = {loop for loop, gains in pairs if gains}
    if not chosen:
        return pieces
    return _reversed(segmented(function, schedule, chosen), wrt, of, seeds, splits)


def _reversed(
    function: Function,
    wrt: Sequence[Mask],
    of: Sequence[Mask],
    seeds: Sequence[Var | Lit | None],
    splits: _Splits | None = None,
    so_far: Mapping[Var, Operand] | None = None,
) -> _Reversed:
    facts = activity(function, wrt, of)
    counted, counts = count_trips(function)
    splits = splits or _Splits()
    calls = ForwardCalls(facts, splits.get, splits.drawn)
    forward = replace(counted, body=calls.block(counted.body))
    sweep = Sweep(forward, facts, counts, calls.made, splits.again)
    code = Code()
    adjoints = Adjoints(facts)
    adjoints.own.update(so_far or {})
    for param in function.params:
        sweep.open_stack(param, adjoints, code)
    for result, seed in zip(function.results, seeds):
        if seed is not None and facts(result):
            adjoints.add(code, result, seed)
    sweep.block(forward.body, adjoints, code)
    asked = [param for param, mask in zip(function.params, wrt) if some(mask)]
    final = {param: _finished(code, sweep.so_far(code, adjoints, param), param) for param in asked}
    statements = with_shapes_at_hand(forward, code.statements, sweep.undefined, sweep.mirror)
    return _Reversed(forward, statements, sweep, facts, final)


def _finished(code: Code, bar: Operand, param: Var) -> Operand:
    """Return an adjoint as it leaves: of a complex number it is complex, though only its real part may count.

    Of an array without dimensions NumPy makes a number wherever it can.
    """
    if isinstance(bar, Lit) and isinstance(bar.value, int) and isinstance(param.kind, Scalar):
        return Lit(constant(param.kind, float(bar.value)))
    if isinstance(param.kind, Scalar) and is_complex(param.kind) and not is_complex(kind_of_operand(bar)):
        return Lit(complex(bar.value)) if isinstance(bar, Lit) else code.derived(constructor(param.kind), bar)
    no_dims = isinstance(param.kind, Array) and not param.kind.ndim
    return code.op(np.full_like, param, bar) if no_dims else bar


class _Splits:
    """The split functions made so far, so that many calls of one function share its sweeps."""

    def __init__(self) -> None:
        self.made: dict[tuple[Function, tuple[Mask, ...], tuple[Mask, ...]], Split] = {}
        self.of_drawing: dict[Function, Drawn] = {}
        self.of_again: dict[tuple[Function, tuple[Mask, ...], tuple[Mask, ...], tuple[int, ...]], Again] = {}

    def get(self, function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...]) -> Split:
        key = (function, wrt, of)
        if key not in self.made:
            self.made[key] = split(function, wrt, of, self)
        return self.made[key]

    def declare(self, key: tuple[Function, tuple[Mask, ...], tuple[Mask, ...]], made: Split) -> Split:
        """Note the sweeps of a function that are still to be defined, and return them."""
        self.made[key] = made
        return made

    def drawn(self, function: Function) -> Drawn:
        if function not in self.of_drawing:
            self.of_drawing[function] = drawn(function)
        return self.of_drawing[function]

    def again(self, made: Drawn, wrt: tuple[Mask, ...], of: tuple[Mask, ...], reached: tuple[int, ...]) -> Again:
        key = (made.again, wrt, of, reached)
        if key not in self.of_again:
            self.of_again[key] = again(made.again, wrt, of, reached, self)
        return self.of_again[key]

    def with_inlined(self, main: Function) -> Function:
        """Return a program with the sweeps of what is run again, and called once, in the place of their call.

        They add to adjoints so far, which is done in place where these are the caller's own.
        """
        if not self.of_again:
            return main
        sites = call_sites(functions(main))
        both = {made.function for made in self.of_again.values()} | {made.forward for made in self.of_drawing.values()}
        return with_inlined(main, lambda call: call.function in both and len(sites[call.function]) == 1)
