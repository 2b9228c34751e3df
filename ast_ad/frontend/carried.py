"""Objects that a loop carries: where a name holds another one in each iteration, one stands for all of them.

    v = Vector(1.0, 2.0)
    for _ in range(n):
        v = v + w

At the head of the loop `v` holds an object that was made before the loop, or the one that the last iteration made.
Its *carrier* is an object that has the attributes of the one or the other: they go round like names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ast_ad.frontend.heap import (
    Cell,
    Environment,
    Unifier,
    cells_in,
    inside,
    is_cell,
    leads_to_objects,
    marker,
    replaced,
    want_pools,
)
from ast_ad.frontend.tokens import Token
from ast_ad.frontend.values import ABSENT, UNBOUND, Container, Ref, Value, is_none
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Var

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


class Carriers:
    """The carriers of one loop.

    Attributes
    ----------
    made
        All of them.
    before
        The environment before the loop, where names hold carriers.
    """

    def __init__(self, frame: Frame, before: Environment) -> None:
        self.frame = frame
        self.before = before
        self.made: dict[Cell, None] = {}
        self.unbound: dict[tuple[str, int], Cell] = {}
        self.copies: dict[Cell, Cell] = {}
        self.noted: dict[Cell, set[Token]] = {}
        self.shared: dict[frozenset[Cell], Token] = {}

    def at_end(self, names: Iterable[str], leaving: Iterable[str], end: Environment) -> tuple[set[str], bool]:
        """Let names hold their carriers at the end of an iteration, which get the attributes of what they held.

        What the names `leaving` hold comes out of the last iteration only: for an object that has a carrier then they
        hold that, and for a carrier that goes on to another object a copy of it.

        Returns
        -------
        The names that hold a carrier now which they did not hold before; whether there is a new carrier, or a new
        object that one may be: then the loop is to be lowered anew.
        """
        step = _Step(self, end)
        changed = set()
        keys = {key: carrier for carrier in self.made for key in self.keys(carrier)}
        # What a carrier holds at the end is said by the names that hold the carrier, if they hold something else then.
        for name in sorted(names, key=lambda name: name in keys):
            if name in keys and step.fed.get(keys[name], keys[name]) is not keys[name]:
                continue
            step.name = name
            before, value = self.before.get(name, UNBOUND), end.get(name, UNBOUND)
            one, other = step.pair(before, value)
            if one is not before:
                self.before[name] = one
                changed.add(name)
            step.after[name] = other
        stand_ins = {cell: carrier for carrier, cell in step.fed.items() if cell is not carrier and self._moves(cell)}
        for carrier, cell in step.fed.items():
            if carrier is not cell and carrier not in stand_ins:
                stand_ins[carrier] = self._copy(carrier, end)
        end.update(step.after)
        pending = left = [name for name in leaving if name in end]
        seen: set[str] = set()
        while pending:
            for name in pending:
                end[name] = replaced(end[name], lambda cell: stand_ins.get(cell, cell))
            seen.update(pending)
            new = cells_from(end, [end[name] for name in left], self.before)
            pending = [key for cell in new for key in self.keys(cell) if key in end and key not in seen]
        return changed, step.news or self._origins(step.fed)

    def _moves(self, cell: Cell) -> bool:
        """Tell whether an object is another one in the next iteration."""
        return cell in self.made or not self._is_outer(cell)

    def _copy(self, carrier: Cell, end: Environment) -> Cell:
        """Return an object with the attributes that a carrier has in an iteration, apart from what it becomes then."""
        heap, objects = self.frame.context.heap, self.frame.context.objects
        copy = self.copies.get(carrier)
        if copy is None:
            copy = self.copies[carrier] = Unifier(self.frame, {}, {}).new(carrier, carrier)
            objects.may_be(copy, [carrier])
        if isinstance(copy, Ref):
            end[copy.marker] = copy
        for name, value in inside(end, carrier).items():
            end[heap.key(copy, name) if isinstance(copy, Ref) else copy.key] = value
        return copy

    def keys(self, carrier: Cell) -> list[str]:
        """Return the keys under which an environment has what a carrier contains."""
        return list(carrier.keys.values()) if isinstance(carrier, Ref) else [carrier.key]

    def _is_outer(self, cell: Token) -> bool:
        """Tell whether an object was there before the iteration."""
        return is_cell(cell) and (marker(cell) in self.before or bool(getattr(cell, "initial", None)))

    def _origins(self, fed: dict[Cell, Cell]) -> bool:
        """Note what carriers may be; tell whether that is news."""
        objects = self.frame.context.objects
        news = False
        for carrier, cell in fed.items():
            others = [other for other in objects.origins(cell) if self._is_outer(other)]
            for other, fed_there in fed.items():
                if other is not carrier and not objects.origins(cell).isdisjoint(objects.origins(fed_there)):
                    others.append(self.shared.setdefault(frozenset((carrier, other)), Var(INT, "shared")))
            known = self.noted.setdefault(carrier, set())
            news = news or not known.issuperset(others)
            known.update(others)
            objects.may_be(carrier, others)
        return news


class _Step(Unifier):
    """The end of an iteration, as it meets the head of the loop."""

    def __init__(self, carriers: Carriers, end: Environment) -> None:
        super().__init__(carriers.frame, carriers.before, end)
        self.carriers = carriers
        self.name = ""
        self.news = False
        self.after: Environment = {}
        self.fed: dict[Cell, Cell] = {}
        self.started: dict[Cell, Cell] = {}

    def pair(self, x: Value, y: Value) -> tuple[Value, Value]:
        """Return the values at the head and at the end with the same objects in them."""
        if x is UNBOUND or x is ABSENT or is_none(x):
            places = iter(range(len(cells_in(y))))
            return x, replaced(y, lambda cell: self._from_nothing(next(places), cell))
        if x is y and is_cell(x) and x in self.carriers.made:
            one = self._one(x, x)
            return one, one
        return super().pair(x, y)

    def _from_nothing(self, place: int, cell: Cell) -> Cell:
        """Return the carrier of an object where the loop starts without one."""
        plain = isinstance(cell, Container) and not leads_to_objects(self.right, cell)
        if plain or not self.carriers._moves(cell):
            return cell
        known = self.carriers.unbound.get((self.name, place))
        if known is None:
            # An object that leads to itself is one in all its places.
            known = self.started.get(cell) or self.new(cell, cell)
            self.carriers.unbound[self.name, place] = self.started[cell] = known
        if self.fed.get(known, cell) is not cell:
            want_pools(self.frame, known, cell)
            self.frame.misfit(
                self.frame.node,
                f"{describe(cell)} stands where another object stood in an iteration before",
                "keep the objects in a list, or use a loop whose number of iterations is a constant",
            )
        return self._feed(known, cell, ABSENT)

    def new(self, like: Cell, other: Cell) -> Cell:
        """Return a new carrier."""
        self.news = True
        made = super().new(like, other)
        self.carriers.made[made] = None
        return made

    def _one(self, x: Cell, y: Cell) -> Cell:
        if x in self.carriers.made and self.fed.get(x, y) is y:
            return self._feed(x, y, UNBOUND)
        found = self.made.get((x, y))
        if found is None:
            found = self.made[x, y] = self.new(x, y)
            self.objects.may_be(found, (x,))
            for name, value in inside(self.left, x).items():
                self.left[self.key(found, name)] = value
            self._feed(found, y, UNBOUND)
        return found

    def _feed(self, carrier: Cell, cell: Cell, missing: Value) -> Cell:
        """Let a carrier have the attributes of an object at the end of the iteration."""
        if carrier in self.fed:
            return carrier
        self.fed[carrier] = cell
        if carrier is cell:
            return carrier
        before, end = inside(self.left, carrier), inside(self.right, cell)
        for name in {**before, **end}:
            key = self.key(carrier, name)
            outer, self.name = self.name, key
            one, other = self.pair(before.get(name, missing), end.get(name, UNBOUND))
            self.name = outer
            self.left[key], self.after[key] = one, other
        return carrier


def cells_from(env: Environment, values: Iterable[Value], around: Environment) -> list[Cell]:
    """Return the objects that values lead to and that do not exist in `around`, and the containers that hold them."""
    found: dict[Cell, None] = {}
    pending = [cell for value in values for cell in cells_in(value)]
    while pending:
        cell = pending.pop()
        new = cell not in found and marker(cell) not in around and not getattr(cell, "initial", None)
        if new and leads_to_objects(env, cell):
            found[cell] = None
            pending += [other for value in inside(env, cell).values() for other in cells_in(value)]
    return list(found)
