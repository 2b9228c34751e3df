"""The arrays and containers of one lowering: which variable stands for which object, and what is known of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Union

from ast_ad.frontend.values import Container, Place, Ref
from ast_ad.ir.nodes import Form, Operand, Var, Where

if TYPE_CHECKING:
    from ast_ad.frontend.alternatives import Choice
    from ast_ad.frontend.layouts import Order
    from ast_ad.frontend.paths import Path
    from ast_ad.frontend.views import View

Token = Union[Var, Container, Ref]
"""What stands for an object: an array's first variable, a container, an object of a class."""


class InPlace(Exception):
    """Unwinds the lowering of a callee: it uses objects of its caller, and has to be lowered as a part of it."""


class Objects:
    """The objects of one lowering.

    Attributes
    ----------
    views
        The tokens that are views.
    read_only
        Views that cannot be written to.
    unsure
        Tokens that may be a number instead of an array without dimensions.
    keys
        For the objects that are written to, the name under which an environment has what they contain.
    containers
        The lists and dicts, by their keys (see `ast_ad.frontend.containers`).
    either
        For lists and dicts that stand for one of two, these.
    late
        Variables that a loop makes of another kind than that of what its first turn finds, with their names.
    origins
        For tokens that may be one of several objects, these.
    flat
        Views that stand for the attribute `flat`: parts of them are copies.
    makers
        What made an array: a function, its operands, and how they stand in the call.
    orders
        How the axes of those parameters lie that do not lie row by row.
    params
        The parameters of the functions that are lowered.
    given
        What the parameters of a derivative that is called inside stand for.
    copies
        Parameters that are the array of another one, each with that.
    choices
        The tokens that are one array or another, and it is known on which paths.
    carried
        For arrays that loops carry, and that may be others: the loops, and the names that hold them there.
    sites
        For the arrays that are written to, here or in copies by derivatives that are called, where that is.
    writes
        How often each array has been written to, in the order in which statements are lowered.
    overlaps
        Pairs of parameters that share memory.
    outside
        For arrays from outside, by where they lie: the parameter that is the same array.
    rows
        The parameters that have to lie row by row in memory.
    behind
        For tokens that hold one array after the other, or one of two, those that they may hold.
    places
        The arrays that were read from lists which have grown: where they stand there.
    born
        For arrays that operations made: in which turn of which loop.
    twice
        Whether an array may stand in two of these lists, or twice in one.
    changed_in_list
        Where an array in such a list is changed in place, if one is.
    reshaped
        For each array, those of which it depends whether what looks at it are views.
    """

    def __init__(self) -> None:
        self.views: dict[Var, View] = {}
        self.unsure: set[Var] = set()
        self.read_only: set[Var] = set()
        self.keys: dict[Var, str] = {}
        self.tokens: dict[str, Var] = {}
        self.containers: dict[str, Container] = {}
        self.either: dict[Container, tuple[Container, Container]] = {}
        self.late: dict[Var, str] = {}
        self.flat: set[Var] = set()
        self.makers: dict[Var, tuple[Callable[..., Any], tuple[Operand, ...], Form | None]] = {}
        self.orders: dict[Var, Order | None] = {}
        self.params: set[Var] = set()
        self.given: dict[Var, Var] = {}
        self.copies: dict[Var, Var] = {}
        self.choices: dict[Var, Choice] = {}
        self.carried: dict[Var, tuple[Where | None, str]] = {}
        self.sites: dict[Token, Where | None] = {}
        self.writes: Counter[Var] = Counter()
        self.overlaps: set[frozenset[Token]] = set()
        self.outside: dict[Path, Var] = {}
        self.rows: set[Var] = set()
        self.behind: dict[Token, set[Token]] = {}
        self.reshaped: dict[Token, set[Var]] = {}
        self.places: dict[Var, Place] = {}
        self.born: dict[Var, object] = {}
        self.twice = False
        self.changed_in_list: Where | None = None
        self._origins: dict[Token, frozenset[Token]] = {}
        self._standing: dict[Token, set[Token]] = {}

    def root(self, token: Token) -> Token:
        """Return the array that a view looks at, in the end."""
        while isinstance(token, Var) and token in self.views:
            token = self.views[token].base
        return token

    def origins(self, token: Token) -> frozenset[Token]:
        """Return the objects that a token may stand for."""
        root = self.root(token)
        return self._origins.get(root, frozenset({root}))

    def may_be(self, token: Token, others: Iterable[Token]) -> None:
        """Note that a token may stand for other objects than itself."""
        found = frozenset().union(*(self.origins(other) for other in others))
        if found:
            self._origins[token] = self.origins(token) | found
            for origin in self._origins[token]:
                self._standing.setdefault(origin, set()).add(token)

    def has_alike(self, own: Collection[Token], but: Token) -> bool:
        """Tell whether anything but one token may stand for one of these objects, wherever it is held."""
        return any(each is not but or not self._standing.get(each, set()) <= {but} for each in own)

    def written(self) -> dict[Token, Where | None]:
        """Return the arrays that may have been written to, each with a place where they are.

        Those of which a derivative that is called writes to its copy are among them.
        """
        found: dict[Token, Where | None] = {}
        pending: list[tuple[Token, Where | None]] = [*self.sites.items()]
        while pending:
            token, where = pending.pop()
            token = self.root(token)
            if token not in found:
                found[token] = where
                others = [*self.origins(token), *self.behind.get(token, ())]
                others += [self.given[token]] if token in self.given else []
                pending += [(other, where) for other in others]
        return found

    def key(self, token: Var) -> str:
        """Return the name under which an environment has what an object contains."""
        if token not in self.keys:
            self.keys[token] = f"%array:{len(self.keys)}"
            self.tokens[self.keys[token]] = token
        return self.keys[token]
