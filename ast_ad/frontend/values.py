"""What lowering knows of a Python value.

An abstract value is one of

    Var, Lit                       a number that is computed (or a constant): an operand of the IR
    tuple                          of abstract values, taken apart
    Container                      a list or dict: an object, whose contents are in `Frame.env`
    list, dict                     what a container contains, where its structure is known; an iterator's items
    Grown                          what a list contains whose length is known only when it runs
    Part                           what a list contains that is an item of another one, which has grown
    Table                          a dict whose keys are known only when it runs
    View                           what its keys(), values() and items() are (see `ast_ad.frontend.dict_views`)
    Parcel, Escaped, Record        what goes from one frame to another (see `ast_ad.frontend.parcels`)
    Known(value, path)             any other object, known when lowering; `path` is how lowering came by it
    Ref                            an object with attributes that change (see `ast_ad.frontend.heap`)
    Pooled                         an object whose attributes stand in lists (see `ast_ad.frontend.pools`)
    Bound(owner, function)         a method of an abstract value, not yet called
    Closure, Range, Method,
    Derived                        functions, ranges and derivatives made by the function that is lowered
    Maybe(bound, value)            a name that is bound on some paths only
    Optional(present, value)       None on some paths, `value` on the others
    OneOf(place, cls)              a member of an enumeration, which one depends on the path
    Either(which, first, second)   one value on some paths, one of another class or structure on the others
    UNBOUND                        a name that is not bound
    ABSENT                         no value: on a path that does not get here
    Conflict(message, where)       two values that are not of one structure; an error when it is read
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import gast

from ast_ad.frontend.paths import Held, Path
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Lit, Operand, Var, Where
from ast_ad.trees import Tree, flatten, is_number

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


@dataclass(frozen=True)
class Known:
    """An object that lowering resolved; equal to another if it is the same object, found in the same way."""

    value: Any
    path: Path | None = None
    compares_by_value = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self.same(other) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.value) if isinstance(self.value, str) else id(self.value)

    def same(self, other: Known) -> bool:
        """Tell whether both are the same object (or equal strings)."""
        a, b = self.value, other.value
        return a is b or (isinstance(a, str) and isinstance(b, str) and a == b)


@dataclass(frozen=True, eq=False)
class Closure:
    """A function that the lowered function defines; it sees the variables of `frame` as they are when it is called.

    `defaults` is the name under which `frame` keeps the values of its defaults; `inner` are the variables of a
    comprehension around it that it sees.
    """

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: str
    inner: frozenset[str] = frozenset()

    def same(self, other: Closure) -> bool:
        """Tell whether both have the same code and see the same variables."""
        return self.node is other.node and self.frame is other.frame and self.defaults == other.defaults


class Box(NamedTuple):
    """A variable of a function that has returned, which functions that it made assign: a list of one item holds it."""

    inside: Any


class Container:
    """A list or dict as an object: `Frame.env` has what it contains now, under its `key`.

    `outside` says where one comes from that must not be changed: a global, a default; `site`, of a dict, what made it.
    """

    __slots__ = ("key", "name", "outside", "site", "type")

    def __init__(self, key: str, type: type, name: str = "", outside: Any = "") -> None:
        self.key = key
        self.type = type
        self.name = name
        self.outside = outside
        self.site: Any = None

    def __repr__(self) -> str:
        return f"{self.type.__name__} {self.key}"


IN_LISTS = Container("%in lists", list, "a list")
"""Stands for the arrays in lists that have grown."""


@dataclass(frozen=True)
class TableParts:
    """What makes a `Table` again: what it makes of a key that is missing."""

    missing: Any

    def __call__(self, keys: Any, values: Any, index: Any) -> Table:
        return Table(keys, values, index, self.missing)


@dataclass(frozen=True, eq=False)
class Table:
    """A dict whose keys are known only when it runs: a list of them, and a list of values, in their order.

    `index` is a list of one item, which remembers where the keys stand.  `missing` makes a value for a key that is not
    there (None where that fails).
    """

    keys: Any
    values: Any
    index: Any
    missing: Any

    def __tree_parts__(self) -> tuple[Callable[..., Table], tuple[Any, ...]]:
        return TableParts(self.missing), (self.keys, self.values, self.index)


class Ref:
    """An object of a class that is known, such as one that the function makes; equal to itself only.

    Attributes
    ----------
    cls
        Its class.
    marker
        The key that an environment has where the object exists.
    keys
        The keys of its attributes in an environment, in the order in which they were first set.
    initial
        The attributes of an object from outside, where an environment has none of its own.
    name
        The first name that it was bound to.
    """

    __slots__ = ("cls", "initial", "keys", "marker", "name")

    def __init__(self, cls: Known, number: int, name: str = "") -> None:
        self.cls = cls
        self.name = name
        self.marker = f"%object:{number}"
        self.keys: dict[str, str] = {}
        self.initial: dict[str, Any] = {}

    def attribute(self, env: Mapping[str, Any], name: str) -> Any:
        """Return an attribute in an environment; UNBOUND where there is none of that name."""
        key, found = self.keys.get(name), self.initial.get(name, UNBOUND)
        return found if key is None else env.get(key, found)

    def attributes(self, env: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes that the object has in an environment."""
        found = dict(self.initial)
        for name, key in self.keys.items():
            found[name] = env.get(key, found.get(name, UNBOUND))
        return {name: value for name, value in found.items() if value is not UNBOUND and value is not ABSENT}


class Pool:
    """Where the objects of a class are: a list for each attribute.

    Called with a number, it gives the object whose attributes stand there in these lists.

    Attributes
    ----------
    cls
        The class.
    columns
        The lists, by the names of the attributes.
    present
        For attributes that may be None, a list that tells where they are not.
    fixed
        The attributes that have one value in all objects, which is no number.
    from_outside
        Whether there are arguments among the objects, or parts of them.
    """

    __slots__ = ("cls", "columns", "fixed", "from_outside", "present")

    def __init__(self) -> None:
        self.cls = Known(None)
        self.columns: dict[str, Container] = {}
        self.present: dict[str, Container] = {}
        self.fixed: dict[str, Known] = {}
        self.from_outside = False

    def __call__(self, index: Operand) -> Pooled:
        return Pooled(self, index)


class Pooled:
    """An object of a class that has a pool."""

    __slots__ = ("index", "pool")

    def __init__(self, pool: Pool, index: Operand) -> None:
        self.pool = pool
        self.index = index

    @property
    def cls(self) -> Known:
        """Its class."""
        return self.pool.cls

    def __tree_parts__(self) -> tuple[Pool, tuple[Operand]]:
        return self.pool, (self.index,)


@dataclass(frozen=True, eq=False)
class Bound:
    """A method: the function is called with the owner before its arguments."""

    owner: Any
    function: Known

    def __tree_parts__(self) -> tuple[Callable[..., Bound], tuple[Any, ...]]:
        return Bound, (self.owner, self.function)


class Later(NamedTuple):
    """An item of a container, as it is when it is asked for: a loop over a list sees what it changes of it."""

    container: Container
    key: Any


class LaterKey(Later):
    """A key of a dict, which must have no other keys by the time that a loop goes on."""


@dataclass(frozen=True)
class GrownParts:
    """The structure of the items of a list that has grown: for each of its leaves there is a list of the IR.

    What `shared` has in it, lists, may stand in other lists too.
    """

    item: Tree
    shared: bool = False

    def __call__(self, *leaves: Any) -> Grown:
        return Grown(self, leaves)


class Grown:
    """What a list contains whose length is known only when it runs: a list for each leaf of an item.

    `order` is another one after its items have moved, `tail` after some were added. `home` is the container that it
    was read from last. `before` is what it was made of, if nothing but reading it has asked for that: the contents of
    the list, and those of the lists in it by their keys.
    """

    home: Any = None
    before: tuple[Any, dict[str, Any]] | None = None

    def __init__(self, own: GrownParts, leaves: Any, order: object = None, tail: object = None) -> None:
        self.own = own
        self.leaves: tuple[Any, ...] = tuple(leaves)
        self.order = order or object()
        self.tail = tail or object()

    def __tree_parts__(self) -> tuple[GrownParts, tuple[Any, ...]]:
        return self.own, self.leaves


@dataclass(frozen=True, eq=False)
class Part:
    """What a list contains that is an item of another list, which has grown: of the one at `index`.

    It is that as long as the other one has this `order`, and this `tail` where that matters.
    """

    base: Container
    index: Any
    order: object
    tail: object


class Place(NamedTuple):
    """Where an array was read: from an item of a list, of which it is the leaf with this number."""

    part: Part
    leaf: int


class Range(NamedTuple):
    """``range(start, stop, step)``."""

    start: Operand
    stop: Operand
    step: Operand

    def known(self) -> range | None:
        """Return the range itself, if its limits are constants."""
        limits = [limit.value for limit in self if isinstance(limit, Lit)]
        return range(*limits) if len(limits) == 3 else None


class Method(NamedTuple):
    """A method of a number or a string, not yet called."""

    owner: Any
    name: str


class Raised(NamedTuple):
    """An exception that was caught: the name of its class, what it was made from (None if that depends), its text.

    Of one of the user's own classes, `object` has its attributes.
    """

    name: Any
    args: tuple[Any, ...] | None
    text: Any
    object: Any = None


class RaisedClass(NamedTuple):
    """The class of an exception that was caught, if which one depends on the path: its name."""

    name: Any


class Partial(NamedTuple):
    """A function with some of its arguments, as `functools.partial` makes it."""

    function: Any
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]


class Derived(NamedTuple):
    """A derivative of a function, made by an operator such as `grad` in the function that is lowered."""

    operator: Any
    callee: Any
    argnums: Any


class Maybe(NamedTuple):
    """A name that is bound where `bound` is true."""

    bound: Operand
    value: Any


class Optional(NamedTuple):
    """A value where `present` is true, and None elsewhere."""

    present: Operand
    value: Any


class OneOf(NamedTuple):
    """The member of an enumeration that has a place in the order of their definition."""

    place: Operand
    cls: type[enum.Enum]


def value_of(key: Any) -> Value:
    """Return a key of a dict as an abstract value."""
    if isinstance(key, tuple):
        return tuple(map(value_of, key))
    if isinstance(key, (str, type(None))):
        return Known(key)
    return Lit(key) if is_number(key) else Known(key, Held(key))


def as_number(value: Value) -> Value:
    """Return the number that a member of an `IntEnum` is, where a number is meant; other values as they are."""
    own = value.value if isinstance(value, Known) else None
    return Lit(int(own)) if isinstance(own, int) and isinstance(own, enum.Enum) else value


def member(value: Value) -> OneOf | None:
    """Return a member of an enumeration by its place; None for anything else.

    Members that are numbers or strings as well are treated as these.
    """
    if isinstance(value, OneOf):
        return value
    if not isinstance(value, Known) or not isinstance(value.value, enum.Enum) or isinstance(value.value, (str, int)):
        return None
    cls = type(value.value)
    return OneOf(Lit([*cls].index(value.value)), cls) if value.value in [*cls] else None


@dataclass(frozen=True, eq=False)
class Either:
    """The value `first` where `which` is true, and `second` (or what that is) elsewhere."""

    which: Operand
    first: Any
    second: Any

    def __tree_parts__(self) -> tuple[Callable[..., Either], tuple[Any, ...]]:
        return Either, (self.which, self.first, self.second)

    @property
    def is_chain(self) -> bool:
        """Whether it is asked for its alternatives one by one."""
        return not isinstance(self.first, Either) and (not isinstance(self.second, Either) or self.second.is_chain)

    def alternatives(self) -> list[Any]:
        """Return what it may be."""
        sides = (self.first, self.second)
        return [each for side in sides for each in (side.alternatives() if isinstance(side, Either) else [side])]


class _Marker:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


UNBOUND = _Marker("UNBOUND")
ABSENT = _Marker("ABSENT")


@dataclass(frozen=True, eq=False)
class Conflict:
    """Two values of different structure; an error once it is read. `tuples` are tuples of two lengths."""

    message: str
    where: Where | None
    tuples: bool = False


# Which of these a value is decides everything at each use, so a union would be taken apart everywhere for nothing.
Value = Any


def is_operand(value: Any) -> TypeGuard[Var | Lit]:
    """Tell whether an abstract value is an operand of the IR."""
    return isinstance(value, (Var, Lit))


def parts(value: Value) -> tuple[list[Any], Tree]:
    """Return the operands inside an abstract value, and its structure."""
    return flatten(value, is_operand)


def descriptor(operand: Var | Lit) -> Any:
    """Return what a function that receives this operand is specialised on.

    That is its kind; for constant integers, booleans and strings, which often decide about structure, the value.
    """
    if isinstance(operand, Lit) and isinstance(operand.value, (int, str)):
        return (type(operand.value).__name__, operand.value)
    return operand.kind


def same_operand(a: Operand, b: Operand) -> bool:
    """Tell whether two operands are one variable or equal constants of one type (0.0 and -0.0 differ)."""
    if a is b:
        return True
    if isinstance(a, Lit) and isinstance(b, Lit):
        return type(a.value) is type(b.value) and repr(a.value) == repr(b.value)
    return False


def same_value(a: Value, b: Value) -> bool:
    """Tell whether two abstract values are the same: one structure, and the same operands in it."""
    if a is b:
        return True
    (leaves, tree), (others, other_tree) = parts(a), parts(b)
    return tree == other_tree and all(map(same_operand, leaves, others))


def is_none(value: Value) -> bool:
    """Tell whether a value is None on every path."""
    return isinstance(value, Known) and value.value is None


def is_string(value: Value) -> bool:
    """Tell whether a value is a string, known or computed."""
    return isinstance(value.value, str) if isinstance(value, Known) else is_operand(value) and value.kind == STRING
