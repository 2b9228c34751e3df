"""Which compiled derivative serves a call: what its arguments are specialised on, and the plan for that.

A plan that was made is remembered in the cache of the function (`ast_ad.cache`), and found again by the kinds of the
arguments; one whose guards fail does not serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ast_ad import pipeline
from ast_ad.arguments import Callee
from ast_ad.cache import KEPT, Cache, Entry, Plan, kept, lock
from ast_ad.entry import Served
from ast_ad.entry import entry as entry_of
from ast_ad.errors import ArgumentError
from ast_ad.frontend.lower import Argument, lower
from ast_ad.headroom import headroom
from ast_ad.ir.kinds import kind_of
from ast_ad.located import raise_if_it_fails
from ast_ad.pinned import NONE, settled
from ast_ad.places import placed
from ast_ad.request import Request
from ast_ad.trees import ALL, DECLARED, flatten


class Planner:
    """Finds or makes the plans for the calls of one derivative."""

    def __init__(self, callee: Callee, request: Request, cache: Cache) -> None:
        self.callee = callee
        self.request = request
        self.cache = cache

    def apart(self, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the arguments of the function, and the tangents that come after them."""
        request = self.request
        if request.operator == "jvp":
            count = len(request.targets)
            return args[: len(args) - count], args[len(args) - count :]
        if request.operator == "hvp":
            if not args:
                raise ArgumentError("the vector is missing", help="call hvp(fun)(x, v)")
            *primals, vector = args
            if not request.single and (type(vector) not in (tuple, list) or len(vector) != len(request.targets)):
                raise ArgumentError(
                    f"argnums names {len(request.targets)} arguments, and the vector is {vector!r}",
                    help="give a tuple with a vector for each of them",
                )
            return tuple(primals), (vector,) if request.single else tuple(vector)
        return args, ()

    def arguments(
        self, values: dict[str, Any], *, as_they_lie: bool = False
    ) -> tuple[tuple[Argument, ...], dict[str, list[Any]]]:
        """Return what lowering is told of the arguments, and their leaves."""
        wanted = {target.name for target in self.request.targets}
        met: list[int] = []
        flat = {n: flatten(v, objects=ALL if n in wanted else DECLARED, met=met) for n, v in values.items()}
        shared = len(set(met)) < len(met)
        arguments = tuple(
            Argument(name, tree, tuple(map(kind_of, leaves)), shared=shared) for name, (leaves, tree) in flat.items()
        )
        if as_they_lie:
            first = [target.name for target in self.request.targets]
            outside = {each.path: each.read(self.callee.function) for each in self.plan(values).hidden}
            arguments = placed(arguments, {name: each for name, (each, _) in flat.items()}, first, outside)
        return arguments, {name: each for name, (each, _) in flat.items()}

    def plan(self, values: dict[str, Any], *, as_they_lie: bool = False) -> Plan:
        """Find or make the plan for the values of the parameters."""
        arguments, leaves = self.arguments(values, as_they_lie=as_they_lie)
        kinds = (self.request, self.callee.skipped, arguments)
        root = self.callee.function
        with lock:
            # What functions with this code needed that found another world outside says nothing of this one.
            made = self.cache.made.get(kinds, [])
            pins = next((plan.pins for plan in made if plan.holds(root)), NONE)
            for plan in self.cache.plans.get((kinds, pins.applied(arguments, leaves)), ()):
                if plan.holds(root):
                    self._check_outside(plan, values)
                    return plan
            with headroom():
                derived, pins = settled(
                    lambda given: pipeline.derive(root, given, self.request, self.cache.lowerings),
                    arguments,
                    leaves,
                    pins,
                )
            given = pins.applied(arguments, leaves)
            plan = Plan(derived, given, tuple(name for name, each in leaves.items() if each), pins)
            kept(self.cache.made, kinds, [plan, *made[: KEPT - 1]])
            plans = self.cache.plans.get((kinds, pins.applied(arguments, leaves)), [])
            kept(self.cache.plans, (kinds, pins.applied(arguments, leaves)), [*plans[1 - KEPT :], plan])
            self._check_outside(plan, values)
            return plan

    def _check_outside(self, plan: Plan, values: dict[str, Any]) -> None:
        """Refuse a call that passes a list or dict which the function reads from outside too, if it changes some."""
        if not plan.derived.outside:
            return
        met: list[int] = []
        for value in values.values():
            flatten(value, objects=ALL, met=met)
        found = [path.read(self.callee.function) for path in plan.derived.outside]
        for each in found:
            if id(each) in met:
                raise ArgumentError(
                    f"`{self.callee.name}` changes its arguments, and reads a {type(each).__name__} among them from "
                    "outside as well",
                    help=f"pass a copy: `{type(each).__name__}(...)`",
                )

    def check_shapes(self, values: dict[str, Any]) -> None:
        """Raise what the function raises for arrays that do not fit together: its derivative did not ask for that."""
        arguments, leaves = self.arguments(values)
        root = self.callee.function
        lowered, _ = settled(lambda given: lower(root, given), arguments, leaves)
        inputs = [leaf for each in leaves.values() for leaf in each]
        raise_if_it_fails(lowered.function, [*inputs, *(each.read(root) for each in lowered.hidden)])

    def entry(
        self, plan: Plan, args: tuple[Any, ...], kwargs: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> Entry | None:
        """Return the quick way into a plan for calls of this form, if there is one."""
        pairs = self._tangent_places(len(args))
        if pairs is None or plan.derived.changes:
            return None
        served = Served(
            run=plan.run,
            holds=plan.holds if plan.derived.guarded else None,
            hidden=plan.hidden,
            signature=self.callee.signature,
            passed=plan.passed,
            constants=frozenset(name for name, _ in plan.pins.leaves),
            wanted=frozenset(target.name for target in self.request.targets),
            shared=any(argument.shared for argument in plan.arguments),
            agree=plan.derived.agree,
        )
        enter = entry_of(served, args, kwargs, defaults, pairs)
        return None if enter is None else Entry(enter, plan)

    def _tangent_places(self, count: int) -> list[tuple[int, int]] | None:
        """Return where among so many arguments each primal and its tangent stand; None where that is not plain."""
        request = self.request
        if request.operator == "jvp":
            several = len(request.targets)
            first = len(self.callee.prefix)
            return [(first + i, count - several + i) for i in range(several)]
        if request.operator != "hvp":
            return []
        (target, *others) = request.targets
        place = self.callee.signature.bind_partial(*range(count - 1)).arguments.get(target.name)
        place = place if target.item is None or place is None else place[target.item]
        return None if others or not isinstance(place, int) else [(place, count - 1)]
