"""What a gradient keeps between its two sweeps: per loop and line, with its size at given arguments, and what
checkpoints would save.

The gradient is run once with stacks that count. So the sizes are those of this call, and what is taken from a stack is
not counted any more. An array that is there twice counts once, a part of an array as what it is a part of, and the
arguments and their parts for nothing.
"""

from __future__ import annotations

import ast
import collections
import copy
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ast_ad.analysis.schedule import Setting
from ast_ad.arguments import Argnums
from ast_ad.cache import Plan
from ast_ad.derivative import Derivative
from ast_ad.ir.nodes import Where
from ast_ad.trees import ALL, flatten

SETTINGS: tuple[Setting, ...] = (None, "every_other", "sqrt")
_REVERSE = "# reverse sweep"


@dataclass(frozen=True)
class Saved:
    """What one place saves.

    Attributes
    ----------
    where : Where or None
        The loop of the user's around it.
    names : tuple of str
        What is saved, as it is called in the derivative; for what stays in its variable, that variable.
    line : int
        The line of the derivative.
    times : int
        How often.
    size : int
        The most bytes that were there at once.
    """

    where: Where | None
    names: tuple[str, ...]
    line: int
    times: int
    size: int


@dataclass(frozen=True)
class Storage:
    """What a gradient keeps at some arguments.

    Attributes
    ----------
    name : str
        The function that is differentiated.
    saved : tuple of Saved
        What is saved on stacks, by place.
    kept : tuple of Saved
        What stays in variables.
    size : int
        The most bytes that were there at once.
    others : dict
        The same for other settings of `checkpoint`.
    """

    name: str
    saved: tuple[Saved, ...]
    kept: tuple[Saved, ...]
    size: int
    others: Mapping[Setting, int]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"kept between the sweeps of the gradient of {self.name}: at most {_bytes(self.size)} at once"
        places: dict[str, list[Saved]] = {}
        for each in self.saved:
            places.setdefault(_place(each.where), []).append(each)
        for place, saved in places.items():
            yield f"  {place}"
            for each in saved:
                yield f"    {', '.join(each.names)}: {_bytes(each.size)} at most, {each.times} times (line {each.line})"
        if self.kept:
            yield "  in variables"
            for each in self.kept:
                yield f"    {', '.join(each.names)}: {_bytes(each.size)} (line {each.line})"
        for setting, size in self.others.items():
            part = f", {100 * size / self.size:.3g} %" if self.size else ""
            yield f"  with checkpoint={setting!r}: {_bytes(size)}{part}"


def storage(
    fun: Callable[..., Any], *args: Any, argnums: Argnums = 0, checkpoint: Setting = None, **kwargs: Any
) -> Storage:
    """Return what the gradient of a function keeps at some arguments, and what other checkpoints would keep.

    Parameters
    ----------
    fun
        A function, or its `grad` or `value_and_grad`: that says `argnums` and `checkpoint` itself.
    *args, **kwargs
        The arguments; random generators among them stay as they are.

    Examples
    --------
    >>> def power(x, n):
    ...     for _ in range(n):
    ...         x = np.sin(x)
    ...     return np.sum(x)
    >>> found = storage(power, np.ones(1000), 100)
    >>> found.saved[0].names, found.saved[0].times, found.size
    (('x_2',), 100, 792000)
    >>> found.others["sqrt"] < 0.25 * found.size
    True
    """
    derivative = fun if isinstance(fun, Derivative) else Derivative(fun, "grad", argnums, checkpoint=checkpoint)
    chosen = derivative.request.checkpoint
    found = _run(derivative, args, kwargs)
    others = {each: _run(derivative.checkpointed(each), args, kwargs).size for each in SETTINGS if each != chosen}
    return Storage(found.name, found.saved, found.kept, found.size, others)


def _run(derivative: Derivative, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Storage:
    given = {name: _undrawn(value) for name, value in kwargs.items()}
    plan, values = derivative.planned([_undrawn(value) for value in args], given)
    probe = _Probe(plan)
    function = probe.function(plan)
    probe.held.add(tuple(flatten(values, objects=ALL)[0]))
    function(*values)
    return Storage(derivative.callee.name, *probe.result())


def _undrawn(value: Any) -> Any:
    """Return a generator that draws the same, in the place of one of the user's."""
    return copy.deepcopy(value) if isinstance(value, (np.random.Generator, np.random.RandomState)) else value


class _Probe:
    """Runs the text of a derivative with stacks that count."""

    def __init__(self, plan: Plan) -> None:
        self.now = 0
        self.most = 0
        self.held = _Held()
        self.places: list[_Place] = []
        self.kept: list[Saved] = []
        self.wheres = plan.derived.saves
        self.text = plan.derived.text

    def function(self, plan: Plan) -> Callable[..., Any]:
        """Return the derivative, changed so that it tells what it keeps."""
        run = inspect.unwrap(plan.run)
        tree = ast.parse(self.text)
        main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == run.__name__)
        sweep = next((n for n, line in enumerate(self.text.split("\n"), 1) if _marks(line, n, main)), None)
        if sweep is not None:
            self._ask_before(main, sweep)
        tree = ast.fix_missing_locations(_Counting(self).visit(tree))
        scope = {**run.__globals__, _STACK: lambda: _Stack(self), _SAVE: self.save, _KEPT: self.keep}
        exec(compile(tree, "<ast_ad storage>", "exec"), scope)
        return scope[run.__name__]  # type: ignore[no-any-return]

    def _ask_before(self, main: ast.FunctionDef, sweep: int) -> None:
        """Let the function tell its variables where the reverse sweep begins."""
        first = next((i for i, node in enumerate(main.body) if node.lineno > sweep), len(main.body))
        names = _read_first(main.body[first:], set())
        lines = {
            name.id: name.lineno
            for node in main.body[:first]
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id in names
        }
        pairs = ast.Dict(list(map(ast.Constant, lines)), list(map(ast.Constant, lines.values())))
        known = ast.Call(ast.Name("locals", ast.Load()), [], [])
        main.body.insert(first, ast.Expr(ast.Call(ast.Name(_KEPT, ast.Load()), [pairs, known], [])))

    def place(self, line: int, names: tuple[str, ...]) -> int:
        """Note a place that saves, and return its number."""
        self.places.append(_Place(line, names))
        return len(self.places) - 1

    def save(self, number: int, stack: Any, value: Any) -> None:
        """Save a value, and note that a place does."""
        stack.append(value)
        if not isinstance(stack, _Stack):
            return
        stack.origins.append(number)
        place = self.places[number]
        size = self.held.add(value)
        place.times += 1
        place.now += size
        place.most = max(place.most, place.now)
        self.now += size
        self.most = max(self.most, self.now)

    def take(self, number: int, value: Any) -> None:
        """Note that a value is taken."""
        size = self.held.remove(value)
        self.places[number].now -= size
        self.now -= size

    def keep(self, lines: Mapping[str, int], variables: Mapping[str, Any]) -> None:
        """Note the variables that the reverse sweep finds, but for what counts: lengths, tests."""
        for name, line in lines.items():
            value = variables.get(name)
            # What a recursion saves is a tuple.
            if isinstance(value, (np.ndarray, np.inexact, float, complex, tuple)):
                size = self.held.add(value)
                self.kept += [Saved(None, (name,), line, 1, size)] if size else []
        self.now += sum(each.size for each in self.kept)
        self.most = max(self.most, self.now)

    def result(self) -> tuple[tuple[Saved, ...], tuple[Saved, ...], int, dict[Setting, int]]:
        # A list that is not changed in place is no place in the text.
        wheres = self.wheres if len(self.wheres) == len(self.places) else (None,) * len(self.places)
        saved = tuple(
            Saved(where, each.names, each.line, each.times, each.most) for where, each in zip(wheres, self.places)
        )
        return tuple(each for each in saved if each.times), tuple(self.kept), self.most, {}


@dataclass
class _Place:
    line: int
    names: tuple[str, ...]
    times: int = 0
    now: int = 0
    most: int = 0


class _Stack(list[Any]):
    """A stack that tells what is taken from it; `origins` are the places of its values.

    A list of the user's may be one, too.
    """

    def __init__(self, probe: _Probe, items: Sequence[Any] = (), origins: Sequence[int] = ()) -> None:
        super().__init__(items)
        self.probe = probe
        self.origins = list(origins)

    def pop(self, index: Any = -1) -> Any:
        value = super().pop(index)
        if self.origins:
            self.probe.take(self.origins.pop(), value)
        return value

    def __getitem__(self, index: Any) -> Any:
        items = super().__getitem__(index)
        return _Stack(self.probe, items, self.origins[index]) if isinstance(index, slice) else items


class _Held:
    """What is held at a time: each array once, however often, and in how many parts."""

    def __init__(self) -> None:
        self.times: collections.Counter[int] = collections.Counter()
        self.arrays: dict[int, Any] = {}

    def add(self, value: Any) -> int:
        """Hold a value, and return how many bytes that takes."""
        size = 0
        for each in _parts(value):
            size += 0 if self.times[id(each)] else _size(each)
            if isinstance(each, np.ndarray):
                self.times[id(each)] += 1
                self.arrays[id(each)] = each  # Or another one might be given its number.
        return size

    def remove(self, value: Any) -> int:
        """Let a value go, and return how many bytes that frees."""
        size = 0
        for each in _parts(value):
            self.times[id(each)] -= isinstance(each, np.ndarray)
            size += 0 if self.times[id(each)] else _size(each)
        return size


def _parts(value: Any) -> Iterator[Any]:
    """Yield what is in tuples; of an array that is a part of another one, that."""
    if isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
        return
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    yield value


_STACK, _SAVE, _KEPT = "__new_stack", "__save", "__kept"


class _Counting(ast.NodeTransformer):
    """Puts counting stacks in the place of stacks: of the names that are appended to, and popped from."""

    def __init__(self, probe: _Probe) -> None:
        self.probe = probe
        self.stacks: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        around = self.stacks
        made = {
            each.targets[0].id
            for each in ast.walk(node)
            if isinstance(each, ast.Assign)
            and isinstance(each.targets[0], ast.Name)
            and isinstance(each.value, ast.List)
            and not each.value.elts
        }
        self.stacks = made
        self.generic_visit(node)
        self.stacks = around
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in self.stacks and isinstance(node.value, ast.List):
            node.value = ast.Call(ast.Name(_STACK, ast.Load()), [], [])
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        fn = node.func
        owner = fn.value if isinstance(fn, ast.Attribute) and fn.attr == "append" else None
        if isinstance(owner, ast.Name) and owner.id in self.stacks:
            value = node.args[0]
            parts = value.elts if isinstance(value, ast.Tuple) else [value]
            number = self.probe.place(node.lineno, tuple(map(ast.unparse, parts)))
            return ast.Call(ast.Name(_SAVE, ast.Load()), [ast.Constant(number), owner, value], [])
        return node


def _marks(line: str, number: int, function: ast.FunctionDef) -> bool:
    """Tell whether a line is the comment between the sweeps of a function."""
    return line.strip() == _REVERSE and function.lineno <= number <= (function.end_lineno or number)


def _read_first(body: Sequence[ast.stmt], bound: set[str]) -> set[str]:
    """Return the names that statements read before they bind them; those that are bound for sure join `bound`."""
    read: set[str] = set()
    for node in body:
        inner = [getattr(node, name, []) for name in ("body", "orelse")]
        own = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
        names = [name for child in own for name in ast.walk(child) if isinstance(name, ast.Name)]
        read |= {name.id for name in names if isinstance(name.ctx, ast.Load)} - bound
        assigned = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        for block in inner:
            read |= _read_first(block, bound | assigned)
        if isinstance(node, ast.Assign):
            bound |= assigned
    return read


def _size(value: Any) -> int:
    """Return the bytes of a value; a stack on a stack counts for itself."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return 0 if isinstance(value, _Stack) else sys.getsizeof(value)


def _place(where: Where | None) -> str:
    return "in a loop" if where is None else f'File "{where.file}", line {where.line}: {where.text.strip()}'


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
