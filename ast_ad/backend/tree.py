"""What will be printed, before it has names: statements over IR variables that may be assigned more than once.

    statement  = Let(targets, value)          `a, b = value`; without targets, the expression alone
               | Update(target, fn, args, form)   `x[index] += value`: target is what the first argument becomes
               | Copies(pairs)                parallel: every value is read before any target is written
               | Branch(test, then, orelse)
               | For(index, limits, body) | While(head, test, body)
               | Save(stack, values) | Restore(targets, stack)
               | Break | Return(values) | Fail(fn, args) | Comment(text)
    expression = Var | Lit | UNDEF | Apply(fn, args, kwargs) | Invoke(function, args)
               | Choose(test, then, orelse) | Logic(word, left, right)

A `While` runs `head`, then tests; `head` is empty where the test is one expression.  A list that ends in `Break`,
`Return` or `Fail` never falls through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Union

from ast_ad.ir import primitives
from ast_ad.ir.nodes import Form, Function, Lit, Operand, Var


@dataclass(frozen=True, eq=False)
class Apply:
    """`fn(*args, **kwargs)`, the call that `form` makes of `args`, or the syntax that stands for it."""

    fn: Callable[..., Any]
    args: tuple[Expr, ...]
    kwargs: tuple[tuple[str, Expr], ...] = ()
    form: Form | None = None


@dataclass(frozen=True, eq=False)
class Invoke:
    """A call of another function of the IR."""

    function: Function
    args: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class Choose:
    """`then if test else orelse`."""

    test: Expr
    then: Expr
    orelse: Expr


@dataclass(frozen=True, eq=False)
class Logic:
    """`left and right`, or `left or right`."""

    word: str
    left: Expr
    right: Expr


Expr = Union[Operand, Apply, Invoke, Choose, Logic]


@dataclass(eq=False)
class Let:
    """`targets = value`."""

    targets: tuple[Var, ...]
    value: Expr


@dataclass(eq=False)
class Update:
    """`x[index] += value`: `target` is the array that ``args[0]`` becomes, changed in place.

    Where the index `repeats` an element, it is ``np.add.at(x, index, value)``; where the value is `negative`,
    ``x[index] -= value``. Of a list: ``x.append(value)``, or ``also = x.pop()``.
    """

    target: Var
    fn: Callable[..., Any]
    args: tuple[Expr, ...]
    form: Form | None
    repeats: bool
    negative: bool
    also: tuple[Var, ...] = ()


@dataclass(eq=False)
class Copies:
    """`targets = values`, all at once; `UNDEF` is a value of which nothing is known."""

    pairs: list[tuple[Var, Expr]]


@dataclass(eq=False)
class Branch:
    """`if test: ... else: ...`."""

    test: Expr
    then: list[Node]
    orelse: list[Node]


@dataclass(eq=False)
class For:
    """`for index in range(*limits): ...`; `carried` are the variables that keep their values from turn to turn."""

    index: Var
    limits: tuple[Expr, ...]
    body: list[Node]
    carried: tuple[Var, ...] = ()


@dataclass(eq=False)
class While:
    """`while test: ...`, where `head` runs before each test."""

    head: list[Node]
    test: Expr
    body: list[Node]
    carried: tuple[Var, ...] = ()


@dataclass(eq=False)
class Save:
    """`stack.append(...)`."""

    stack: Var
    values: tuple[Expr, ...]


@dataclass(eq=False)
class Restore:
    """`targets = stack.pop()`."""

    targets: tuple[Var, ...]
    stack: Var


@dataclass(eq=False)
class Break:
    """`break`."""


@dataclass(eq=False)
class Return:
    """`return ...`: the function's flat results."""

    values: tuple[Expr, ...]


@dataclass(eq=False)
class Fail:
    """`raise fn(*args)`, or the call that `form` makes of `args`."""

    fn: Callable[..., Any]
    args: tuple[Expr, ...]
    form: Form | None = None


@dataclass(eq=False)
class Comment:
    """`# text`."""

    text: str


Node = Union[Let, Update, Copies, Branch, For, While, Save, Restore, Break, Return, Fail, Comment]


@dataclass(eq=False)
class Routine:
    """A function of the IR on its way to text."""

    function: Function
    body: list[Node]
    wishes: dict[Var, str] = field(default_factory=dict)

    def wish(self, var: Var) -> str:
        """Return the name that a variable would like to have, or ""."""
        return self.wishes.get(var, var.name)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions that an expression is made of."""
    if isinstance(expr, Apply):
        return (*expr.args, *(value for _, value in expr.kwargs)) if expr.kwargs else expr.args
    if isinstance(expr, Invoke):
        return expr.args
    if isinstance(expr, Choose):
        return (expr.test, expr.then, expr.orelse)
    if isinstance(expr, Logic):
        return (expr.left, expr.right)
    return ()


def leaves(*exprs: Expr) -> list[Var]:
    """Return the variables that expressions read, once for each time."""
    found: list[Var] = []
    pending = list(exprs[::-1])
    while pending:
        expr = pending.pop()
        if isinstance(expr, Var):
            found.append(expr)
        elif not isinstance(expr, Lit):
            pending += children(expr)[::-1]
    return found


def substituted(expr: Expr, values: dict[Var, Var]) -> Expr:
    """Return an expression with some of its variables replaced."""
    if isinstance(expr, Var):
        return values.get(expr, expr)
    if not values or not children(expr):
        return expr
    if isinstance(expr, Apply):
        kwargs = tuple((name, substituted(value, values)) for name, value in expr.kwargs)
        return Apply(expr.fn, tuple(substituted(arg, values) for arg in expr.args), kwargs, expr.form)
    if isinstance(expr, Choose):
        return Choose(*(substituted(child, values) for child in children(expr)))
    if isinstance(expr, Logic):
        return Logic(expr.word, substituted(expr.left, values), substituted(expr.right, values))
    assert isinstance(expr, Invoke)
    return Invoke(expr.function, tuple(substituted(arg, values) for arg in expr.args))


def parts(expr: Expr) -> Iterator[Expr]:
    """Yield an expression and all that it is made of."""
    yield expr
    for child in children(expr):
        yield from parts(child)


def size(expr: Expr) -> int:
    """Return how many operations an expression does; `x.T` is none."""
    if isinstance(expr, Apply) and expr.fn is primitives.transposed:
        return sum(map(size, expr.args))
    if isinstance(expr, (Apply, Invoke, Choose, Logic)):
        return 1 + sum(map(size, children(expr)))
    return 0


def read_by(node: Node) -> tuple[Expr, ...]:
    """Return the expressions that a statement itself evaluates when it is reached (for a `While`, its test)."""
    if isinstance(node, Let):
        return (node.value,)
    if isinstance(node, Update):
        return node.args
    if isinstance(node, Copies):
        return tuple(value for _, value in node.pairs)
    if isinstance(node, (Branch, While)):
        return (node.test,)
    if isinstance(node, For):
        return node.limits
    if isinstance(node, Save):
        return (node.stack, *node.values)
    if isinstance(node, Restore):
        return (node.stack,)
    if isinstance(node, Return):
        return node.values
    if isinstance(node, Fail):
        return node.args
    return ()


def written_by(node: Node) -> tuple[Var, ...]:
    """Return the variables that a statement itself assigns."""
    if isinstance(node, (Let, Restore)):
        return node.targets
    if isinstance(node, Update):
        return (node.target, *node.also)
    if isinstance(node, Copies):
        return tuple(target for target, _ in node.pairs)
    return (node.index,) if isinstance(node, For) else ()


def bodies(node: Node) -> tuple[list[Node], ...]:
    """Return the lists of statements inside a statement, in the order in which they are printed."""
    if isinstance(node, Branch):
        return (node.then, node.orelse)
    if isinstance(node, For):
        return (node.body,)
    return (node.head, node.body) if isinstance(node, While) else ()


def walk(body: list[Node]) -> Iterator[Node]:
    """Yield every statement of a list and of the lists nested in it."""
    for node in body:
        yield node
        for inner in bodies(node):
            yield from walk(inner)


def leaves_early(body: list[Node]) -> bool:
    """Tell whether a list of statements never falls through."""
    return bool(body) and isinstance(body[-1], (Break, Return, Fail))


def is_literal(expr: Expr, value: Any) -> bool:
    """Tell whether an expression is the constant `value`, of the same type."""
    return isinstance(expr, Lit) and type(expr.value) is type(value) and bool(expr.value == value)
