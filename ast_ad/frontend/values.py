"""What lowering knows of a Python value, and how two values become one where paths meet.

An abstract value is one of

    Var, Lit                       a number that is computed (or a constant): an operand of the IR
    tuple                          of abstract values, taken apart
    Container                      a list or dict: an object, whose contents are in `Frame.env`
    list, dict                     what a container contains, where its structure is known; an iterator's items
    Grown                          what a list contains whose length is known only when it runs
    Part                           what a list contains that is an item of another one, which has grown
    Held                           a container with its contents, on its way from one frame to another
    Known(value, path)             any other object, known when lowering; `path` is how lowering came by it
    Ref                            an object with attributes that change (see `ast_ad.frontend.heap`)
    Bound(owner, function)         a method of an abstract value, not yet called
    Closure, Range, Method,
    Derived                        functions, ranges and derivatives made by the function that is lowered
    Maybe(bound, value)            a name that is bound on some paths only
    Optional(present, value)       None on some paths, `value` on the others
    Either(which, first, second)   one function on some paths, another one on the others
    UNBOUND                        a name that is not bound
    ABSENT                         no value: on a path that does not get here
    Conflict(message, where)       two values that are not of one structure; an error when it is read
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import gast

from ast_ad.frontend.guards import Path
from ast_ad.ir.kinds import STRING, Kind, Opaque, is_number, join
from ast_ad.ir.nodes import UNDEF, Lit, Operand, Var, Where
from ast_ad.trees import Collected, Rebuilt, Registered, Tree, flatten, unflatten

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


@dataclass(frozen=True, eq=False)
class Escaped:
    """A closure whose frame has returned: it carries the variables that it sees."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: Any
    cells: dict[str, Any]

    def __tree_parts__(self) -> tuple[Callable[..., Escaped], tuple[Any, ...]]:
        return functools.partial(Escaped, self.node, self.frame), (self.defaults, self.cells)


class Box(NamedTuple):
    """A variable of a function that has returned, which functions that it made assign: a list of one item holds it."""

    inside: Any


class Container:
    """A list or dict as an object: `Frame.env` has what it contains now, under its `key`.

    `outside` says where one comes from that must not be changed: a global, a default.
    """

    __slots__ = ("key", "name", "outside", "type")

    def __init__(self, key: str, type: type, name: str = "", outside: str = "") -> None:
        self.key = key
        self.type = type
        self.name = name
        self.outside = outside

    def __repr__(self) -> str:
        return f"{self.type.__name__} {self.key}"


IN_LISTS = Container("%in lists", list, "a list")
"""Stands for the arrays in lists that have grown."""


@dataclass(frozen=True)
class HeldParts:
    """Which container a `Held` is: the same number, the same one."""

    number: int
    type: type
    outside: str

    def __call__(self, contents: Any) -> Held:
        return Held(self, contents)


@dataclass(frozen=True, eq=False)
class Held:
    """A container with its contents, None where they stand beside the same number before."""

    own: HeldParts
    contents: Any

    def __tree_parts__(self) -> tuple[Callable[..., Held], tuple[Any, ...]]:
        return self.own, (self.contents,)


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
        found = {name: self.attribute(env, name) for name in dict.fromkeys([*self.initial, *self.keys])}
        return {name: value for name, value in found.items() if value is not UNBOUND and value is not ABSENT}


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
    was read from last.
    """

    home: Any = None

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


@dataclass(frozen=True, eq=False)
class Record:
    """An object with its attributes, on its way into the function that is lowered, or out of it."""

    make: Collected | Rebuilt | Registered
    items: tuple[Any, ...]

    def __tree_parts__(self) -> tuple[Callable[..., Record], tuple[Any, ...]]:
        return RecordParts(self.make), self.items


@dataclass(frozen=True)
class RecordParts:
    """What makes a `Record` again."""

    make: Collected | Rebuilt | Registered

    def __call__(self, *items: Any) -> Record:
        return Record(self.make, items)


class Range(NamedTuple):
    """``range(start, stop, step)``."""

    start: Operand
    stop: Operand
    step: Operand


class Method(NamedTuple):
    """A method of a number or a string, not yet called."""

    owner: Any
    name: str


class Raised(NamedTuple):
    """An exception that a handler has caught: its class (None if that depends), what it was made from, and its text."""

    cls: Callable[..., Any] | None
    args: tuple[Any, ...]
    text: Any


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


class Either(NamedTuple):
    """The function `first` where `which` is true, and `second` (or what that is) elsewhere."""

    which: Operand
    first: Any
    second: Any


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
    """Two values of different structure; an error once it is read."""

    message: str
    where: Where | None


# Which of these a value is decides everything at each use, so a union would be taken apart everywhere for nothing.
Value = Any
Meet = Callable[[Operand, Operand, Kind], Operand]


class Joining(NamedTuple):
    """How containers and their contents become one: a container for one of two, and lists of which one has grown."""

    containers: Callable[[Container, Container], Any]
    lists: Callable[[Any, Any], Any]


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


def promoted(operand: Operand, kind: Kind) -> Operand:
    """Return a constant as one of `kind`: 0 where a float is expected becomes 0.0."""
    if not isinstance(operand, Lit) or operand.kind == kind or kind not in _PROMOTE:
        return operand
    try:
        value = _PROMOTE[kind](operand.value)
    except (TypeError, ValueError, OverflowError):
        return operand
    return Lit(value) if value == operand.value else operand


_PROMOTE: dict[Kind, Callable[[Any], Any]] = {}
for _type in (int, float, complex):
    _PROMOTE[Lit(_type()).kind] = _type


def meet(a: Value, b: Value, combine: Meet, where: Where | None, joining: Joining | None = None) -> Value:
    """Return the value of a name where two paths meet, with `a` on the one and `b` on the other.

    Parameters
    ----------
    combine
        ``(operand of a, operand of b, their joined kind) -> operand``: makes the variable that receives both.
        One of the operands is UNDEF where that path has no value.
    joining
        Makes containers that are one of two, and lists that have grown.
    """
    if a is b:
        return a

    def inner(x: Value, y: Value) -> Value:
        return meet(x, y, combine, where, joining)

    if isinstance(a, Conflict) or isinstance(b, Conflict):
        return a if isinstance(a, Conflict) else b
    if a is ABSENT:
        return _where_only(b, lambda leaf: combine(UNDEF, leaf, leaf.kind))
    if b is ABSENT:
        return _where_only(a, lambda leaf: combine(leaf, UNDEF, leaf.kind))
    if _partial(a) or _partial(b):
        bound = _combined(_bound(a), _bound(b), combine)
        value = inner(_value(a), _value(b))
        if isinstance(bound, Lit):
            return value if bound.value else UNBOUND
        if isinstance(bound, Var) and bound.name and bound is not _bound(a) and bound is not _bound(b):
            bound.name += "_bound"
        return value if isinstance(value, Conflict) else Maybe(bound, value)
    if _may_be_none(a) or _may_be_none(b):
        return _optional(a, b, combine, where, joining)
    if _is_function(a) and _is_function(b):
        return _either(a, b, combine, where)
    if _grows(a, b):
        made = None if joining is None else joining.lists(a, b)
        return _conflict(a, b, where) if made is None else made
    a, b = _as_operands(a, b)
    if is_operand(a) and is_operand(b):
        kind = join(a.kind, b.kind)
        if kind is None:
            return _conflict(a, b, where)
        return _combined(a, b, combine)
    if type(a) is not type(b):
        return _conflict(a, b, where)
    if isinstance(a, Bound):
        owner, function = (meet(x, y, combine, where) for x, y in ((a.owner, b.owner), (a.function, b.function)))
        return next((each for each in (owner, function) if isinstance(each, Conflict)), Bound(owner, function))
    if isinstance(a, (Known, Closure)):
        return a if a.same(b) else _conflict(a, b, where)
    if isinstance(a, Container):
        return _conflict(a, b, where) if joining is None or a.type is not b.type else joining.containers(a, b)
    if isinstance(a, Held):
        contents = inner(a.contents, b.contents) if a.own == b.own else _conflict(a.contents, b.contents, where)
        return contents if isinstance(contents, Conflict) else Held(a.own, contents)
    if isinstance(a, dict):
        if list(a) != list(b):
            return _conflict(a, b, where)
        return _first_conflict({key: inner(a[key], b[key]) for key in a})
    if isinstance(a, Raised) and a.cls is not b.cls:
        text = meet(a.text, b.text, combine, where)
        return text if isinstance(text, Conflict) else Raised(None, (), text)
    if isinstance(a, (tuple, list)):
        if len(a) != len(b):
            return _conflict(a, b, where)
        items = [inner(x, y) for x, y in zip(a, b)]
        return _first_conflict(type(a)(*items) if hasattr(a, "_fields") else type(a)(items))
    return _conflict(a, b, where)


def is_none(value: Value) -> bool:
    """Tell whether a value is None on every path."""
    return isinstance(value, Known) and value.value is None


def _may_be_none(value: Value) -> bool:
    return is_none(value) or isinstance(value, Optional)


def _optional(a: Value, b: Value, combine: Meet, where: Where | None, joining: Joining | None) -> Value:
    if is_none(a) and is_none(b):
        return a
    there = [v.present if isinstance(v, Optional) else Lit(not is_none(v)) for v in (a, b)]
    present = _combined(there[0], there[1], combine)
    inside = [v.value if isinstance(v, Optional) else ABSENT if is_none(v) else v for v in (a, b)]
    value = meet(inside[0], inside[1], combine, where, joining)
    if isinstance(present, Var) and present.name and present not in there:
        present.name = f"has_{present.name}"
    return value if isinstance(value, Conflict) else Optional(present, value)


def _is_function(value: Value) -> bool:
    return isinstance(value, (Closure, Escaped, Partial, Derived, Either)) or (
        isinstance(value, Known) and callable(value.value)
    )


def _either(a: Value, b: Value, combine: Meet, where: Where | None) -> Value:
    """Let two functions meet; of several, the alternatives stand in a chain, in the order in which they were met."""
    if _same_function(a, b):
        return a
    if not isinstance(a, Either) and not isinstance(b, Either):
        if type(a) is type(b) and isinstance(a, (Partial, Derived)):
            items = [meet(x, y, combine, where) for x, y in zip(a, b)]
            return _first_conflict(type(a)(*items))
        return Either(_combined(Lit(True), Lit(False), combine), a, b)
    first = a.first if isinstance(a, Either) else b.first
    sides = [v if isinstance(v, Either) else _alone(v, first) for v in (a, b)]
    which = _combined(sides[0].which, sides[1].which, combine)
    second = meet(sides[0].second, sides[1].second, combine, where)
    same = meet(sides[0].first, sides[1].first, combine, where)
    if isinstance(same, (Conflict, Either)):
        return _conflict(a, b, where)
    return second if isinstance(second, Conflict) else Either(which, same, second)


def _same_function(a: Value, b: Value) -> bool:
    return (isinstance(a, Known) and isinstance(b, Known) and a.same(b)) or (
        isinstance(a, Closure) and isinstance(b, Closure) and a.same(b)
    )


def _alone(value: Value, first: Value) -> Either:
    """Return one function as a choice that is made already."""
    if _same_function(value, first):
        return Either(Lit(True), value, ABSENT)
    return Either(Lit(False), ABSENT, value)


def _grows(a: Value, b: Value) -> bool:
    """Tell whether two lists meet, of different lengths, or of lengths of which one is not known."""
    lists = all(isinstance(each, (list, Grown)) for each in (a, b))
    return lists and (isinstance(a, Grown) or isinstance(b, Grown) or len(a) != len(b))


def _partial(value: Value) -> bool:
    return value is UNBOUND or isinstance(value, Maybe)


def _bound(value: Value) -> Operand:
    return Lit(False) if value is UNBOUND else value.bound if isinstance(value, Maybe) else Lit(True)


def _value(value: Value) -> Value:
    return ABSENT if value is UNBOUND else value.value if isinstance(value, Maybe) else value


def _where_only(value: Value, one_sided: Callable[[Any], Operand]) -> Value:
    if not isinstance(value, (Var, Lit, tuple, list, dict)) and not hasattr(type(value), "__tree_parts__"):
        return value
    leaves, tree = parts(value)
    return unflatten(tree, [one_sided(leaf) for leaf in leaves])


def _combined(a: Any, b: Any, combine: Meet) -> Operand:
    kind = join(a.kind, b.kind)
    assert kind is not None
    return combine(promoted(a, kind), promoted(b, kind), kind)


def _as_operands(a: Value, b: Value) -> tuple[Value, Value]:
    """Let two different strings meet as variables that hold strings."""
    if is_string(a) and is_string(b) and not (isinstance(a, Known) and isinstance(b, Known) and a.same(b)):
        return (Lit(a.value) if isinstance(a, Known) else a), (Lit(b.value) if isinstance(b, Known) else b)
    return a, b


def is_string(value: Value) -> bool:
    """Tell whether a value is a string, known or computed."""
    return isinstance(value.value, str) if isinstance(value, Known) else is_operand(value) and value.kind == STRING


def _first_conflict(value: Any) -> Value:
    items = value.values() if isinstance(value, dict) else value
    return next((item for item in items if isinstance(item, Conflict)), value)


def _conflict(a: Value, b: Value, where: Where | None) -> Conflict:
    first, second = describe(a), describe(b)
    if first == second:
        first, second = f"one {first.split(' ', 1)[-1]}", "another"
    return Conflict(f"it is {first} on one path and {second} on the other", where)


def describe(value: Value) -> str:
    """Return, for an error message, what a value is: "a float", "a tuple of 2 items", "None"."""
    if is_operand(value):
        kind = value.kind
        if not is_number(kind):
            return _article(kind.type if isinstance(kind, Opaque) else str(kind))
        return "a number" if str(kind) == "unknown" else _article(str(kind))
    if isinstance(value, Range):
        return "a range"
    if isinstance(value, Maybe):
        return describe(value.value)
    if isinstance(value, Optional):
        return f"{describe(value.value)}, or None"
    if isinstance(value, Either):
        return "one of several functions"
    if isinstance(value, Partial):
        return f"a call of {describe(value.function)} with some of its arguments"
    if isinstance(value, (Container, Held)):
        return _article((value if isinstance(value, Container) else value.own).type.__name__)
    if isinstance(value, (Grown, Part)):
        return "a list"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)} item{'s' * (len(value) != 1)}"
    if isinstance(value, dict):
        return f"a dict with the keys {', '.join(map(repr, value))}" if value else "an empty dict"
    if isinstance(value, Ref):
        cls = value.cls.value
        return _article(vars(cls).get("__ast_ad_model__", cls).__name__)
    if isinstance(value, Bound):
        return f"the method `{value.function.value.__name__}`"
    if isinstance(value, Closure):
        return f"the function `{getattr(value.node, 'name', '<lambda>')}`"
    if isinstance(value, Known):
        if value.value is None:
            return "None"
        if isinstance(value.value, str):
            return "a string"
        name = getattr(value.value, "__name__", None)
        return f"`{name}`" if name else _article(type(value.value).__name__)
    return "no value"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
