"""The nodes of the IR: structured SSA, as in MLIR's `scf` dialect.

    function  = Function(name, params, body)             body.yields are the results
    block     = Block(params, statements, yields)
    statement = Op(outs, fn, args, kwargs, form)         fn is a callable: operator.mul, np.sin, print, ...
              | If(outs, test, then, orelse)             the blocks have no params; each yields one operand an out
              | Loop(outs, inits, body, range | test)    see below
              | Call(outs, function, args)               of another Function of the IR
              | Push(stack, values) | Pop(outs, stack)
              | Raise(fn, args)                          what follows in the block is never reached
              | Note(text)                               a comment of the generated code; means nothing
    operand   = Var | Lit(value) | UNDEF

A counted loop has `range = (start, stop, step)`; its body's params are `(index, *carried)`.  A `while` loop has
`test`, a block with params `carried` that yields one boolean and only reads; its body's params are `carried`.  The body
yields `(go, *carried)`: the first says whether to go on (`Lit(True)` where the loop has no `break`).  When the
loop ends, by its test, its range or `go`, the outs are the carried values then.

Every `Var` is defined once, by a statement's `outs` or a block's `params`, and is used only where that definition
dominates: later in its block or in a block nested there.  A region sees the variables around it; what it defines
leaves only through yields.  Python's `for` target after the loop, early exits, `continue`, `else` of loops and
short circuits have all become blocks, booleans and yields when lowering; no pass knows of them.

The `form` of an operation says how its `args` stand in a call that is more than a row of numbers: in lists, tuples,
slices, beside strings and types, after names.  It is None where ``fn(*args, **kwargs)`` is the call.

Every operation is a function of its operands, also those that update an array (`runtime.add_at`): its result is a new
value, and that it may take the place of the old one in memory is for `transform.ownership` to say.

`UNDEF` is "no value": it may only be yielded, or start a loop's carried variable, and the variable that receives it
is never read on a path where it holds it. Statements in a block run in order; only effects (see `analysis.effects`)
bind them to it beyond their operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union

from ast_ad.ir.kinds import Kind, kind_of
from ast_ad.trees import Leaf, Tree, flatten, leaf_count, unflatten


@dataclass(frozen=True)
class Where:
    """A place in the user's source: absolute file, line (from 1) and column (from 0), and the text of the line."""

    file: str
    line: int
    column: int = 0
    text: str = ""
    function: str = ""


class Var:
    """A variable: defined once.  `name` is a wish of the user's (or a derived `x_bar`), "" for a temporary."""

    __slots__ = ("kind", "name")

    def __init__(self, kind: Kind, name: str = "") -> None:
        self.kind = kind
        self.name = name

    def __repr__(self) -> str:
        return f"{self.name or '_'}: {self.kind}"


@dataclass(frozen=True)
class Lit:
    """A constant: a Python number, a string, None, or any object that lowering resolved."""

    value: Any

    @property
    def kind(self) -> Kind:
        """The kind of the value."""
        return kind_of(self.value)


class _Undef:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEF"


UNDEF = _Undef()
Operand = Union[Var, Lit, _Undef]


@dataclass(frozen=True, eq=False)
class Block:
    """A region: statements between the params it receives and the operands it yields."""

    params: tuple[Var, ...]
    statements: tuple[Statement, ...]
    yields: tuple[Operand, ...]


@dataclass(frozen=True)
class Form:
    """How operands stand in a call: the structure of each argument, by position and by name.

    >>> from ast_ad.trees import LEAF, ListTree
    >>> Form((ListTree((LEAF, LEAF)),), (("axis", LEAF),)).arranged((1, 2, 0))
    (([1, 2],), {'axis': 0})
    """

    args: tuple[Tree, ...]
    kwargs: tuple[tuple[str, Tree], ...] = ()

    def arranged(self, values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the call, with `values` for the operands."""
        remaining = iter(values)
        args = tuple([_arranged(tree, remaining) for tree in self.args])
        return args, {name: _arranged(tree, remaining) for name, tree in self.kwargs}

    @classmethod
    def of(
        cls, args: Sequence[Any], kwargs: Mapping[str, Any], is_leaf: Callable[[Any], bool]
    ) -> tuple[list[Any], Form | None]:
        """Return the operands in the arguments of a call, and their form: None where the arguments are operands.

        >>> Form.of((1, 2), {}, lambda value: isinstance(value, int))
        ([1, 2], None)
        """
        if not kwargs and all(map(is_leaf, args)):
            return list(args), None
        operands: list[Any] = []
        trees: list[Tree] = []
        for value in (*args, *kwargs.values()):
            leaves, tree = flatten(value, is_leaf)
            operands += leaves
            trees.append(tree)
        return operands, cls(tuple(trees[: len(args)]), tuple(zip(kwargs, trees[len(args) :])))


def _arranged(tree: Tree, values: Iterator[Any]) -> Any:
    if isinstance(tree, Leaf):
        return next(values)
    return unflatten(tree, [next(values) for _ in range(leaf_count(tree))])


@dataclass(frozen=True, eq=False)
class Op:
    """`outs = fn(*args, **kwargs)`, or the call that `form` makes of the `args`."""

    outs: tuple[Var, ...]
    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    kwargs: tuple[tuple[str, Operand], ...] = ()
    where: Where | None = None
    form: Form | None = None

    def arranged(self, values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the call, with `values` for the operands `args`."""
        if self.form is not None:
            return self.form.arranged(values)
        return tuple(values), {name: value.value if isinstance(value, Lit) else value for name, value in self.kwargs}


@dataclass(frozen=True, eq=False)
class If:
    """`outs` are what the branch that runs yields."""

    outs: tuple[Var, ...]
    test: Operand
    then: Block
    orelse: Block
    where: Where | None = None


@dataclass(frozen=True, eq=False)
class Loop:
    """A counted loop (`range`) or a `while` loop (`test`); see the module's docstring."""

    outs: tuple[Var, ...]
    inits: tuple[Operand, ...]
    body: Block
    range: tuple[Operand, Operand, Operand] | None = None
    test: Block | None = None
    where: Where | None = None

    @property
    def index(self) -> Var | None:
        """The loop's counter, where it counts."""
        return self.body.params[0] if self.range is not None else None

    @property
    def carried(self) -> tuple[Var, ...]:
        """The body's params that carry a value from one iteration to the next."""
        return self.body.params[1:] if self.range is not None else self.body.params


@dataclass(frozen=True, eq=False)
class Call:
    """`outs = function(*args)`, another function of the IR."""

    outs: tuple[Var, ...]
    function: Function
    args: tuple[Operand, ...]
    where: Where | None = None


@dataclass(frozen=True, eq=False)
class Push:
    """Save a tuple of values on a stack."""

    stack: Var
    values: tuple[Operand, ...]
    where: Where | None = None


@dataclass(frozen=True, eq=False)
class Pop:
    """Take the tuple that was saved last."""

    outs: tuple[Var, ...]
    stack: Var
    where: Where | None = None


@dataclass(frozen=True, eq=False)
class Raise:
    """`raise fn(*args)`, or the call that `form` makes of `args`; with `fn` an exception class."""

    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    where: Where | None = None
    form: Form | None = None

    @property
    def outs(self) -> tuple[Var, ...]:
        """None: a raise defines nothing."""
        return ()


@dataclass(frozen=True, eq=False)
class Note:
    """A comment in the generated code, such as `forward sweep`."""

    text: str
    where: Where | None = None

    @property
    def outs(self) -> tuple[Var, ...]:
        """None: a comment defines nothing."""
        return ()


Statement = Union[Op, If, Loop, Call, Push, Pop, Raise, Note]


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the IR; its results are what `body` yields.

    Of one that is `rerun`, reverse mode saves nothing but draws: the reverse sweep of a call runs it again. In the
    `segment` of a loop, no loop is cut into segments. One that calls itself, or others that call it, is `declared`
    first, so that calls can name it, and then `defined_as` what it does.
    """

    name: str
    params: tuple[Var, ...]
    body: Block
    defaults: tuple[tuple[Var, Any], ...] = field(default=())
    rerun: bool = False
    segment: bool = False

    @classmethod
    def declared(cls, name: str, params: tuple[Var, ...] = (), results: tuple[Operand, ...] = ()) -> Function:
        """Return a function that is still to be defined: calls may rely on the kinds of its params and results."""
        return cls(name, params, Block((), (), results))

    def defined_as(self, other: Function) -> Function:
        """Let a declared function be what another one is; nothing else ever changes a node."""
        object.__setattr__(self, "params", other.params)
        object.__setattr__(self, "body", other.body)
        object.__setattr__(self, "defaults", other.defaults)
        object.__setattr__(self, "rerun", other.rerun)
        object.__setattr__(self, "segment", other.segment)
        return self

    @property
    def results(self) -> tuple[Operand, ...]:
        """The operands that the function returns."""
        return self.body.yields


Node = TypeVar("Node")


def with_parts(node: Node, **parts: Any) -> Node:
    """Return a node with other parts: `dataclasses.replace`, in a fifth of the time."""
    made = object.__new__(type(node))
    vars(made).update(vars(node), **parts)
    return made


def defined(statement: Statement) -> tuple[Var, ...]:
    """Return the variables that a statement defines in its own block."""
    return () if isinstance(statement, Push) else statement.outs


def operands(statement: Statement) -> tuple[Operand, ...]:
    """Return the operands that a statement itself reads, without those of its blocks."""
    if isinstance(statement, Op):
        return (*statement.args, *(value for _, value in statement.kwargs)) if statement.kwargs else statement.args
    if isinstance(statement, If):
        return (statement.test,)
    if isinstance(statement, Loop):
        return (statement.range or ()) + statement.inits
    if isinstance(statement, (Call, Raise)):
        return statement.args
    if isinstance(statement, Push):
        return (statement.stack, *statement.values)
    if isinstance(statement, Pop):
        return (statement.stack,)
    return ()


def blocks(statement: Statement) -> tuple[Block, ...]:
    """Return the blocks inside a statement, in the order in which they are printed."""
    if isinstance(statement, Op):  # as most are
        return ()
    if isinstance(statement, If):
        return (statement.then, statement.orelse)
    if isinstance(statement, Loop):
        return (statement.body,) if statement.test is None else (statement.test, statement.body)
    return ()


def mentioned(statement: Statement) -> tuple[Operand, ...]:
    """Return the operands that a statement reads, and those that its blocks yield."""
    return (*operands(statement), *(value for block in blocks(statement) for value in block.yields))


def walk(block: Block) -> Iterator[Statement]:
    """Yield every statement of a block and of the blocks nested in it, in order, outermost first."""
    pending = [iter(block.statements)]
    while pending:
        for statement in pending[-1]:
            yield statement
            inner = blocks(statement)
            if inner:
                pending += [iter(each.statements) for each in reversed(inner)]
                break
        else:
            pending.pop()


def free_variables(*regions: Block) -> dict[Var, None]:
    """Return the variables that blocks read but do not define, in the order of their first use."""
    free: dict[Var, None] = {}
    bound: set[Var] = set()

    def visit(block: Block) -> None:
        bound.update(block.params)
        for statement in block.statements:
            read(operands(statement))
            for inner in blocks(statement):
                visit(inner)
            bound.update(defined(statement))
        read(block.yields)

    def read(values: tuple[Operand, ...]) -> None:
        for value in values:
            if isinstance(value, Var) and value not in bound:
                free.setdefault(value)

    for region in regions:
        visit(region)
    return free


def functions(main: Function) -> tuple[Function, ...]:
    """Return the functions that `main` reaches through calls, callees first, `main` last.

    Of functions that call each other, the one that is reached first comes last.
    """
    order: dict[Function, None] = {}
    seen: set[Function] = set()

    def visit(function: Function) -> None:
        if function in seen:
            return
        seen.add(function)
        for statement in walk(function.body):
            if isinstance(statement, Call):
                visit(statement.function)
        order.setdefault(function)

    visit(main)
    return tuple(order)


def recursive(program: Sequence[Function]) -> frozenset[Function]:
    """Return the functions of a program, callees first, that are called before they come: each recursion has one."""
    place = {function: i for i, function in enumerate(program)}
    calls = [(i, s.function) for i, each in enumerate(program) for s in walk(each.body) if isinstance(s, Call)]
    return frozenset(callee for i, callee in calls if place[callee] >= i)


def calls_itself(function: Function) -> bool:
    """Tell whether a function calls itself, directly or through others."""
    return any(isinstance(s, Call) and s.function is function for each in functions(function) for s in walk(each.body))
