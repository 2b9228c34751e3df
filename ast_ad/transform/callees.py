"""The sweeps of functions that are called, not inlined: made once for each way to call them.

Those of a function that calls itself are declared before they are written. A function that would save much, and one
that is run again, saves nothing: its reverse sweep starts with its forward sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ast_ad.analysis.activity import Mask, activity, nothing, some
from ast_ad.analysis.effects import effects
from ast_ad.analysis.recording import recording
from ast_ad.analysis.schedule import Schedule
from ast_ad.analysis.worthwhile import outermost, worthwhile
from ast_ad.errors import UnsupportedSyntaxError
from ast_ad.ir import primitives
from ast_ad.ir.kinds import Record, Stack
from ast_ad.ir.nodes import Block, Function, Lit, Loop, Op, Operand, Var, calls_itself, free_variables, functions, walk
from ast_ad.ir.rebuild import copied
from ast_ad.transform.adjoints import adjoint_kind, bar_name
from ast_ad.transform.both import BothSweeps, both_sweeps, cut, seeds_of
from ast_ad.transform.calls import Again, Split
from ast_ad.transform.checkpoint import segmented
from ast_ad.transform.fill import filled
from ast_ad.transform.rerun import Drawn, drawn
from ast_ad.transform.simplify import simplify
from ast_ad.transform.simplify.rewriting import with_own_variables
from ast_ad.transform.sinking import with_numbers_sunk


class Callees:
    """The split functions made so far, so that many calls of one function share its sweeps.

    Attributes
    ----------
    schedule
        What is computed again in them; None: what is cheap.
    inside
        The same for what is called in a segment of a loop: nothing in it is cut once more.
    """

    def __init__(self, schedule: Schedule | None = None) -> None:
        self.schedule = schedule
        self.inside = self if schedule is None else Callees()
        self.made: dict[tuple[Function, tuple[Mask, ...], tuple[Mask, ...]], Split] = {}
        self.of_drawing: dict[Function, Drawn] = {}
        self.of_again: dict[tuple[Function, tuple[Mask, ...], tuple[Mask, ...], tuple[int, ...]], Again] = {}

    @property
    def alternates(self) -> bool:
        """Whether every other intermediate of straight-line code is computed again."""
        return self.schedule is not None and self.schedule.alternates

    def get(self, function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...]) -> Split:
        """Return both sweeps of a function, for what of its arguments and results is active."""
        key = (function, wrt, of)
        if key not in self.made:
            self.made[key] = split(function, wrt, of, self)
        return self.made[key]

    def declare(self, key: tuple[Function, tuple[Mask, ...], tuple[Mask, ...]], made: Split) -> Split:
        """Note the sweeps of a function that are still to be defined, and return them."""
        self.made[key] = made
        return made

    def drawn(self, function: Function) -> Drawn:
        """Return a function that is run again as one that is run first, and one that is run later."""
        if function not in self.of_drawing:
            self.of_drawing[function] = drawn(function)
        return self.of_drawing[function]

    def again(self, made: Drawn, wrt: tuple[Mask, ...], of: tuple[Mask, ...], reached: tuple[int, ...]) -> Again:
        """Return the reverse sweep of a function that is run again, which adds to the adjoints of those `reached`."""
        key = (made.again, wrt, of, reached)
        if key not in self.of_again:
            splits = self.inside if made.again.segment else self
            self.of_again[key] = again(made.again, wrt, of, reached, splits)
        return self.of_again[key]


def scheduled(
    function: Function,
    wrt: Sequence[Mask],
    of: Sequence[Mask],
    seeds: Sequence[Var | Lit | None],
    splits: Callees,
    so_far: Mapping[Var, Operand] | None = None,
) -> BothSweeps:
    """Reverse a function with its loops cut into segments, where there is a schedule and that saves memory."""
    pieces = both_sweeps(function, wrt, of, seeds, splits, so_far)
    if splits.schedule is None:
        return pieces
    asked = [pieces.adjoints[param] for param, mask in zip(function.params, wrt) if some(mask)]
    plan = recording(pieces.forward, pieces.sweep, asked, keep_top=True)
    pairs = zip(outermost(function.body), worthwhile(pieces.forward.body, plan, splits.schedule.counted))
    chosen = {loop for loop, gains in pairs if gains}
    if not chosen:
        return pieces
    cut_up = segmented(function, splits.schedule, chosen)
    return both_sweeps(cut_up, wrt, of, seeds, splits, so_far)


_MOST_SAVED = 24
"""How many values a function that is called may save."""


def split(function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...], splits: Callees) -> Split:
    """Return both sweeps of a function that is called, not inlined.

    One that would save more than a few values saves none, if it can: its reverse sweep runs its forward sweep again.
    Otherwise functions that call each other twice, `g(x) * g(x + 1)`, would save twice as much with each level.
    """
    seeds = seeds_of(function, of)
    if calls_itself(function):
        loop = next((s for s in walk(function.body) if isinstance(s, Loop)), None)
        recursive = _recursive if loop is None else _looping_recursive
        return recursive(function, wrt, of, seeds, splits)
    pieces = scheduled(function, wrt, of, seeds, splits)
    answered = tuple(i for i, param in enumerate(function.params) if pieces.facts(param))
    wanted = [pieces.adjoints[function.params[i]] for i in answered]
    recorded, adjoints = pieces.joined(wanted, keep_top=False, alternates=splits.alternates)
    made = cut(function, recorded, adjoints, seeds, answered)
    saved = len(made.forward.results) - len(function.results)
    if saved > _MOST_SAVED and _may_run_twice(function):
        given = [seed for seed in seeds if seed is not None]
        recorded, adjoints = pieces.joined(wanted, keep_top=True, alternates=splits.alternates)
        both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints, function.params)
        backward = Function(f"{function.name}_reverse", (*function.params, *given), both)
        return Split(function, copied(backward), tuple(range(len(function.params))), made.seeded, answered)
    return made


def _may_run_twice(function: Function) -> bool:
    """Tell whether a function does the same when it is run a second time: it draws nothing, and empties no stack."""
    return not any(isinstance(param.kind, Stack) for param in function.params) and all(
        "draws" not in effects(s) for s in function.body.statements
    )


def _recursive(
    function: Function,
    wrt: tuple[Mask, ...],
    of: tuple[Mask, ...],
    seeds: Sequence[Var | None],
    splits: Callees,
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
    pieces = both_sweeps(function, wrt, of, seeds, splits)
    recorded, adjoints = pieces.joined(
        [pieces.adjoints[function.params[i]] for i in made.answered], keep_top=False, alternates=splits.alternates
    )
    sweep = filled(Block((), recorded.sweep, adjoints), adjoints, function.params)
    saved = [var for var in free_variables(sweep) if var not in given and var not in function.params]
    packing = Var(Record())
    packed = Op((packing,), primitives.pack, tuple(saved))
    ahead = replace(
        recorded.forward, statements=(*recorded.forward.statements, packed), yields=(*function.results, packing)
    )
    made.forward.defined_as(copied(Function(made.forward.name, function.params, filled(ahead, saved, function.params))))
    unpacked = (Op(tuple(saved), primitives.unpack, (record,)),) if saved else ()
    back = replace(sweep, statements=(*unpacked, *sweep.statements))
    params = (*function.params, record, *given)
    made.backward.defined_as(copied(Function(made.backward.name, params, back)))
    return made


def _looping_recursive(
    function: Function,
    wrt: tuple[Mask, ...],
    of: tuple[Mask, ...],
    seeds: Sequence[Var | None],
    splits: Callees,
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
    pieces = scheduled(function, wrt, of, seeds, splits)
    recorded, adjoints = pieces.joined(
        [pieces.adjoints[function.params[i]] for i in made.answered], keep_top=True, alternates=splits.alternates
    )
    both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints, function.params)
    made.backward.defined_as(copied(Function(made.backward.name, params, both)))
    return made


def again(
    function: Function, wrt: tuple[Mask, ...], of: tuple[Mask, ...], reached: tuple[int, ...], splits: Callees
) -> Again:
    """Return both sweeps of a function that is run again, as one function.

    Parameters
    ----------
    reached
        The positions of the parameters whose adjoints so far are passed.
    """
    params = function.params
    seeds = seeds_of(function, of)
    so_far = {params[i]: Var(adjoint_kind(params[i].kind, wrt[i]), bar_name(params[i])) for i in reached}
    drawn = tuple(nothing(param.kind) for param in params[len(wrt) :])
    pieces = scheduled(function, (*wrt, *drawn), of, seeds, splits, so_far)
    answered = tuple(i for i, param in enumerate(params) if pieces.facts(param))
    recorded, adjoints = pieces.joined(
        [pieces.adjoints[params[i]] for i in answered], keep_top=True, alternates=splits.alternates
    )
    both = filled(Block((), (*recorded.forward.statements, *recorded.sweep), adjoints), adjoints, function.params)
    given = [*(seed for seed in seeds if seed is not None), *so_far.values()]
    whole = Function(f"{function.name}_reverse", (*params, *given), both)
    # All of it has run before, so what it computes may move; where it is differentiated again, slopes that nobody asks
    # for have to be in their branches.
    made = with_own_variables(with_numbers_sunk(simplify(whole), whole=True), functions(whole))
    read = free_variables(replace(made.body, params=()))
    passed = tuple(i for i in range(len(params)) if made.params[i] in read)
    taken = (*(made.params[i] for i in passed), *made.params[len(params) :])
    return Again(replace(made, params=taken, rerun=True, segment=function.segment), passed, answered)
