"""Functions that call themselves: found in rounds, and made functions of the IR that call themselves.

A call of a function that is being lowered for the same signature is a recursion.  What it returns is not known yet: in
the first round it is taken never to return, so that only the paths without a recursion tell; in each further round, to
return what the round before has found, until that settles.

A *general* signature leaves open what may differ from call to call: the values of integers, the lengths of arrays.  A
function is lowered for one where it calls itself with arrays of other lengths, or where integers that are constants,
for each of which it would be lowered anew, lead too deep.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ast_ad.frontend.context import Import, Lowering
from ast_ad.frontend.values import Value, descriptor, parts
from ast_ad.ir.kinds import Array, Kind, List, Shape, dims_of, fresh, join, may_be_one, symbols, with_symbols
from ast_ad.ir.nodes import Function, Lit, Operand, Var
from ast_ad.trees import Tree

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

ROUNDS = 8
"""How often the result of a recursion may change before it has to settle."""

ENDLESS = 1 << 40
"""The size of a function that is never inlined."""


@dataclass(eq=False)
class Activation:
    """A function that is being lowered.

    Attributes
    ----------
    code
        What is called, whatever the arguments.
    signature
        What it is called with.
    outline
        The signature without lengths of arrays.
    assumed
        What a recursion takes the function to be; None while that is never to return.
    used
        Whether there was a recursion.
    general
        Whether the signature is a general one.
    callee
        Its frame.
    grows
        Whether the lists that it returns are made ones that have grown: at each depth, they are of another length.
    passed
        Its arguments.
    """

    code: Hashable
    signature: Hashable
    outline: Hashable
    assumed: Lowering | None = None
    used: bool = False
    general: bool = False
    callee: Frame | None = None
    grows: bool = False
    passed: Mapping[str, Value] = field(default_factory=dict)

    @property
    def imports(self) -> list[Import]:
        """What it has read from outside so far."""
        return [] if self.callee is None else list(self.callee.imports.values())

    @property
    def loosely(self) -> Hashable:
        """What a general signature says of its arguments."""
        return tuple((name, outline_of(value, loose=True)) for name, value in self.passed.items())


class Generalize(Exception):
    """Unwinds lowering to a function that is to be lowered for a general signature."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        self.activation = activation


class Regrow(Exception):
    """Unwinds lowering to the call of a function to which lists have grown that were of known structure.

    `moulds` has, for each variable outside or argument that holds such lists, what they become.
    """

    def __init__(self, activation: Activation, moulds: dict[Any, list[Any]]) -> None:
        super().__init__()
        self.activation = activation
        self.moulds = moulds


def general_kind(kind: Kind) -> Kind:
    """Return a kind that leaves lengths open."""
    if isinstance(kind, List):
        return List(general_kind(kind.item))
    if not isinstance(kind, (Array, Shape)):
        return kind
    return replace(kind, dims=tuple("?" if isinstance(dim, int) or may_be_one(dim) else "*" for dim in kind.dims))


def outline_of(value: Any, *, loose: bool) -> Hashable:
    """Return the signature of a value without lengths, and (`loose`) without the values of integers."""
    leaves, tree = parts(value)
    return tree, tuple(_outlined(leaf, loose=loose) for leaf in leaves)


def _outlined(leaf: Any, *, loose: bool) -> Any:
    if loose and is_constant(leaf):
        return leaf.kind
    found = descriptor(leaf)
    if not isinstance(found, (Array, Shape)):
        return found
    kind = general_kind(found)
    # In a general signature, each dimension may have length 1.
    return replace(kind, dims=("?",) * len(kind.dims)) if loose and isinstance(kind, (Array, Shape)) else kind


def is_constant(leaf: Any) -> bool:
    """Tell whether a leaf is an integer that is a constant."""
    return isinstance(leaf, Lit) and type(leaf.value) is int


def loose_kind(kind: Kind) -> Kind:
    """Return the kind of a parameter in a general signature, with symbols of its own."""
    if isinstance(kind, (Array, Shape)):
        return fresh(replace(kind, dims=("?",) * len(kind.dims)))
    return kind


def renewed(function: Function, args: Sequence[Operand]) -> Callable[[Kind], Kind]:
    """Return what makes the kinds in a function of a general signature those of one call of it."""
    own: dict[str, str] = {}
    for param, arg in zip(function.params, args):
        given = dims_of(arg.kind) if isinstance(arg, (Var, Lit)) else ()
        for name, dim in zip(dims_of(param.kind), given):
            if isinstance(name, str) and isinstance(dim, str) and symbols(param.kind):
                own.setdefault(name, dim)
    return lambda kind: with_symbols(kind, (), own)


def declared(done: Lowering) -> Lowering:
    """Return a lowering that can be called, of a function that is still to be defined.

    Its function has the params and results of one that was found in the round before; no constants are relied on.
    """
    params = tuple(Var(param.kind, param.name) for param in done.function.params)
    results = tuple(Var(_kind(result), getattr(result, "name", "")) for result in done.function.results)
    return replace(done, function=Function.declared(done.function.name, params, results), size=ENDLESS)


def settled(assumed: Lowering, found: Lowering) -> bool:
    """Tell whether a function is what its recursion took it to be."""
    return _facts(assumed) == _facts(found) and _shape(assumed) == _shape(found)


def _facts(done: Lowering) -> tuple[Any, ...]:
    keys = [each.key for each in done.imports]
    return done.changed, done.containers, done.written, keys, done.aliases, done.listed, done.either


def widened(assumed: Lowering, found: Lowering) -> Lowering | None:
    """Return what is both the one and the other, or None where nothing is."""
    before, after = _shape(assumed), _shape(found)
    if before[0] != after[0]:
        return None
    kinds = [join(a, b) for a, b in zip(before[1], after[1])]
    function = found.function
    own = {placed: dim for dim, placed in _places(function).items()}
    results: list[Operand] = []
    for kind, result in zip(kinds, function.results):
        if kind is None:
            return None
        results.append(Var(fresh(_placed(kind, own)), getattr(result, "name", "")))
    results += function.results[len(results) :]
    body = replace(function.body, yields=tuple(results))
    return replace(found, function=Function(function.name, function.params, body))


def _shape(done: Lowering) -> tuple[Tree, tuple[Kind, ...]]:
    """Return the structure of a result and the kinds in it: of lengths, only what the parameters say."""
    results = done.function.results[: len(done.function.results) - len(done.changed)]
    leaves, tree = parts(done.result([Var(_kind(each)) for each in results]))
    places = _places(done.function)
    return tree, tuple(_placed(leaf.kind, places) for leaf in leaves)


def _places(function: Function) -> dict[str, str]:
    """Return a name for each length of a parameter that is the same for each lowering of one function."""
    places: dict[str, str] = {}
    for i, param in enumerate(function.params):
        for axis, dim in enumerate(dims_of(param.kind)):
            if isinstance(dim, str):
                places.setdefault(dim, f"{'?' if may_be_one(dim) else 'n'}{i}:{axis}")
    return places


def _placed(kind: Kind, places: dict[str, str]) -> Kind:
    if not isinstance(kind, (Array, Shape)):
        return kind
    dims = [d if isinstance(d, int) else places.get(d, "?" if may_be_one(d) else "*") for d in kind.dims]
    return replace(kind, dims=tuple(dims))


def _kind(operand: Operand) -> Kind:
    assert isinstance(operand, (Var, Lit))
    return operand.kind
