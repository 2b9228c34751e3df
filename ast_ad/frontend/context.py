"""What the functions of one lowering share: its `Context`, finished callees, and what they read from outside."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ast_ad.frontend.guards import Guard
from ast_ad.frontend.heap import Heap
from ast_ad.frontend.parcels import Record
from ast_ad.frontend.paths import FreeInput, Path
from ast_ad.frontend.tokens import Objects
from ast_ad.frontend.values import Container, Known, Part, Pool, Ref, Value
from ast_ad.ir.kinds import Kind
from ast_ad.ir.nodes import Function, Operand, Var, Where
from ast_ad.trees import Tree

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame
    from ast_ad.frontend.recursion import Activation


@dataclass
class Lowering:
    """A finished callee: its function, what it reads from outside, and the structure of its result.

    With variables of enclosing functions `written`, `result` gives their values as well, after the callee's own.
    The last results of the function are what the arrays in the parameters at the positions `changed` contain then.
    Those `changed_inside` are changed by a derivative that is called, in its copies of them.
    `aliases` has, for each leaf of the result, the parameters that it may be.  The arrays in the parameters at the
    positions `listed` are, or may be, items of lists that have grown.
    `containers` are the numbers of the lists and dicts that it gets and changes; `result` gives, in a pair, its own
    result and what those contain then.  Of the lists and dicts that it returns, `either` has the numbers of those that
    may be some that it gets, with these.  `indexed` are those of the lists that it indexes by what is computed, and
    only reads.  `general` says that the signature is a general one.
    """

    function: Function
    imports: list[Import]
    result: Callable[[Sequence[Operand]], Value]
    returns: bool
    size: int
    written: tuple[Cellar, ...] = ()
    changed: tuple[int, ...] = ()
    aliases: tuple[frozenset[int], ...] = ()
    listed: tuple[int, ...] = ()
    containers: tuple[int, ...] = ()
    changed_inside: tuple[int, ...] = ()
    indexed: tuple[int, ...] = ()
    general: bool = False
    either: tuple[tuple[int, tuple[int, ...]], ...] = ()


@dataclass
class Import:
    """Values from outside a function that became parameters of it."""

    key: Cellar | FreeInput
    signature: Hashable
    params: tuple[Var, ...]
    value: Value


@dataclass(frozen=True)
class Cellar:
    """A variable of an enclosing frame."""

    frame: Frame
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cellar) and self.frame is other.frame and self.name == other.name

    def __hash__(self) -> int:
        return hash((id(self.frame), self.name))


@dataclass(frozen=True)
class LoopState:
    """What is to be known inside a loop.

    Attributes
    ----------
    tracks_break, tracks_return
        What jumps have to record: whether a `break`, or a `return`, was made.
    index
        The index of one that could be written out.
    """

    tracks_break: bool
    tracks_return: bool
    index: Var | None = None


@dataclass
class Wish:
    """What lowering has found out about the pool of a class, for the next time.

    Attributes
    ----------
    likes
        What the attributes of its objects are like; None where that is not known yet, or cannot be told.
    optional
        Those that may be None.
    typed
        Whether the lists have to be of their kinds before there is any object.
    """

    likes: dict[str, Any] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    typed: bool = False


Wanted = dict[tuple[str, str], Wish]


@dataclass
class Context:
    """What all functions of one lowering share.

    Attributes
    ----------
    run_body, run_loop, proxy, object_of, generator, collected, as_item
        Lower the body of a function, and a loop; return the object that stands for one of the user's (or None where it
        has no attributes to speak of), or for a record; the generator that a call makes; a list of what one yields; a
        value as an item of a list that has grown: given from outside, since their modules need this one.
    guards
        In the order of their first use.
    memo
        The finished callees, by code and signature.
    running
        The callees that are being lowered, outermost first.
    frames
        Their frames, and that of the outermost function.
    objects
        The arrays that names hold (see `ast_ad.frontend.memory`).
    heap
        The objects that names hold (see `ast_ad.frontend.heap`).
    in_place
        The functions (by what stands for their code) whose calls are lowered where they stand.
    with_pools
        Those that call themselves and make objects that stand in pools.
    grows
        Whether lists may come to be of lengths that are known only when the code runs.
    inlined
        The statements that generators have become, which live as long as facts about them.
    generators
        For each generator function, and the frame around it, the frame of one call.
    steps
        The functions that run generator functions item by item.
    checked
        The functions (by `id` of their syntax) that hold nothing unsupported.
    cached
        The functions (by `id` of their syntax) that `functools.lru_cache` stands before.
    cached_reads
        What they could read at their first call in a region, by the `id` of both, which are kept beside it.
    paths
        Where functions with closure cells (by `id`) were found first.
    spent
        How many statements have been inlined from functions that are not small.
    opened
        What statements become of which a part may fail, where that is caught.
    called
        The comprehensions (by `id` of their syntax) that are lowered as the functions that they are short for.
    around
        The context managers, each with its options, that are entered around the whole.
    turns
        How many turns of loops have been written out one by one.
    outside
        The lists and dicts that are read from outside, by where they are found.
    copied
        Those of them (by `id`) that the function was found to change, and the variables outside that it assigns.
    borrowed
        What stands for each of these.
    factories
        The inner functions that make what is missing in a `defaultdict`, by their syntax and frame.
    classes
        The classes that functions define, by their syntax and the frame.
    tables
        The sites whose dicts are tables; None where no dict may be one.
    exceptions
        The classes of exceptions that may be caught, by the names that `ast_ad.frontend.raised` knows them by.
    wanted
        The classes that were found to need pools.
    tracked
        The names, each with the loop, that were found to need to be tracked (see `ast_ad.frontend.loop_choices`).
    pools
        The pools of this lowering, by class.
    """

    run_body: Callable[[Frame], Value]
    run_loop: Callable[..., bool]
    proxy: Callable[[Frame, Known], Ref | None]
    object_of: Callable[[Frame, Record], Ref]
    generator: Callable[[Frame, Frame, dict[str, Value]], Ref]
    collected: Callable[..., Value]
    as_item: Callable[[Frame, Value, Sequence[Kind], Part], tuple[list[Any], Tree] | None]
    guards: dict[Hashable, Guard] = field(default_factory=dict)
    memo: dict[Hashable, list[Lowering]] = field(default_factory=dict)
    running: list[Activation] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    objects: Objects = field(default_factory=Objects)
    heap: Heap = field(default_factory=Heap)
    in_place: set[Hashable] = field(default_factory=set)
    with_pools: set[Hashable] = field(default_factory=set)
    grows: bool = True
    inlined: list[Any] = field(default_factory=list)
    generators: dict[tuple[Any, int], Frame] = field(default_factory=dict)
    steps: dict[Any, Any] = field(default_factory=dict)
    checked: set[int] = field(default_factory=set)
    opened: dict[Any, list[Any]] = field(default_factory=dict)
    called: set[int] = field(default_factory=set)
    cached: set[int] = field(default_factory=set)
    cached_reads: dict[tuple[int, int], tuple[dict[str, Value], Any, Any]] = field(default_factory=dict)
    paths: dict[int, Path] = field(default_factory=dict)
    spent: int = 0
    turns: int = 0
    outside: dict[Path, Any] = field(default_factory=dict)
    copied: frozenset[Hashable] = frozenset()
    borrowed: dict[Hashable, Container] = field(default_factory=dict)
    factories: dict[Hashable, Any] = field(default_factory=dict)
    classes: dict[Any, type] = field(default_factory=dict)
    tables: frozenset[Any] | None = frozenset()
    exceptions: dict[str, type] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=dict)
    tracked: set[tuple[Where | None, str]] = field(default_factory=set)
    pools: dict[tuple[str, str], Pool] = field(default_factory=dict)
    around: dict[tuple[Callable[..., Any], tuple[tuple[str, Any], ...]], None] = field(default_factory=dict)

    def name_of_exception(self, cls: Any) -> str:
        """Return the name by which exceptions of a class are known."""
        name = cls.__name__
        while self.exceptions.setdefault(name, cls) is not cls:
            name += "_"
        return str(name)

    def want_pool(self, key: tuple[str, str]) -> None:
        """Note that a class needs a pool."""
        self.wanted.setdefault(key, Wish())

    def guard(self, guard: Guard) -> None:
        """Record an assumption, once."""
        self.guards.setdefault((type(guard), guard.path), guard)

    @property
    def budget(self) -> tuple[int, int]:
        """What has been spent so far: what is lowered again spends it again."""
        return self.spent, self.turns

    @budget.setter
    def budget(self, budget: tuple[int, int]) -> None:
        self.spent, self.turns = budget
