"""Lowering: from a Python function and the kinds of its arguments to a function of the IR.

    >>> import statistics
    >>> from ast_ad.ir.kinds import FLOAT
    >>> import ast_ad.rules
    >>> import math
    >>> lowered = lower(math.hypot, [Argument.of("x", 3.0), Argument.of("y", 4.0)])
    >>> [str(param.kind) for param in lowered.function.params]
    ['float', 'float']

Lowering interprets the function's syntax on what is known of its arguments (abstract interpretation).  What is a number
at run time becomes a variable of the IR; everything else, such as which function a name stands for or how long a tuple
is, is decided here, and guarded where it could change.
"""

from __future__ import annotations

import copy
import functools
import inspect
import keyword
import re
import types
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from ast_ad.errors import AutodiffError, KindError, RunTimeIndexError, UnsupportedSyntaxError
from ast_ad.frontend import (
    array_functions,  # noqa: F401
    attempts,
    borrowed,
    calls,  # noqa: F401
    comprehensions,  # noqa: F401  (these add to the tables of expressions and statements)
    containers,
    contexts,  # noqa: F401
    defaults,  # noqa: F401
    deques,  # noqa: F401
    displays,  # noqa: F401
    dtypes,  # noqa: F401
    functional,  # noqa: F401
    generators,
    grids,  # noqa: F401
    grown_items,
    inner_classes,  # noqa: F401
    iterators,  # noqa: F401
    memory,
    mixed,
    nditer,  # noqa: F401
    numerical,  # noqa: F401
    object_functions,  # noqa: F401
    options,  # noqa: F401
    patterns,  # noqa: F401
    placing,
    pools,
    reach,
    run_time_tuples,
    sets,  # noqa: F401
    signatures,  # noqa: F401
    sorting,  # noqa: F401
    starred,  # noqa: F401
    table_sites,
    tables,
    tuples,  # noqa: F401
    ufunc_methods,  # noqa: F401
    vectorized,  # noqa: F401
)
from ast_ad.frontend.arguments import GATHERED, Argument, concrete, with_records
from ast_ad.frontend.attributes import proxy
from ast_ad.frontend.context import Context, Wanted
from ast_ad.frontend.escaping import escaping
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import checked
from ast_ad.frontend.guards import Guard, Identity
from ast_ad.frontend.jumps import RESULT, Unreachable
from ast_ad.frontend.later import read_later
from ast_ad.frontend.loops import run_loop
from ast_ad.frontend.objects import object_of, opened
from ast_ad.frontend.paths import FreeInput, Held, Path, Root
from ast_ad.frontend.recursion import ENDLESS
from ast_ad.frontend.scope import NONE, body_of
from ast_ad.frontend.source import Source, find_source
from ast_ad.frontend.statements import run_statements
from ast_ad.frontend.syntax import check_syntax
from ast_ad.frontend.values import Conflict, Container, Either, Known, Ref, Value, parts
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import INT, fresh
from ast_ad.ir.nodes import Function, Lit, Operand, Var, Where
from ast_ad.rules import registry
from ast_ad.trees import LEAF, Tree, mapped, named_leaf_paths, unflatten

__all__ = ["Argument", "Lowered", "check_syntax", "lower"]


@dataclass(frozen=True)
class Lowered:
    """A lowered function, and what lowering relied on.

    Attributes
    ----------
    function
        Its params are the leaves of the arguments, in order, and then the hidden inputs; its results are the leaves of
        the result.
    names
        The parameters of the Python function, each with the structure of its argument.
    hidden
        What the function reads from outside: each ``read(fun)`` gives the number to pass now.
    guards
        The lowering is right as long as each ``holds(fun)``.
    out_tree
        The structure of the result.
    around
        The context managers, each with its options, that the code runs in.
    changes
        Whether a list or dict among the arguments is changed: then it matters whether one is there twice.
    outside
        Where lists and dicts are found that the function reads from outside, if it changes some of its arguments: these
        may not be the same.
    """

    function: Function
    names: tuple[tuple[str, Tree], ...]
    hidden: tuple[FreeInput, ...]
    guards: tuple[Guard, ...]
    out_tree: Tree
    around: tuple[tuple[Callable[..., Any], tuple[tuple[str, Any], ...]], ...] = ()
    changes: bool = False
    outside: tuple[Path, ...] = ()

    def rooted(self, at: Path) -> Lowered:
        """Return the same for a caller that finds the function at `at`, seen from what it calls.

        What an object's `__ast_ad_lower__` returns starts at the object: one that wraps a function in its attribute
        `fun` returns ``lower(self.fun, ...).rooted(Member(Root(), "fun"))``.
        """
        hidden = tuple(each.rooted(at) for each in self.hidden)
        return replace(self, hidden=hidden, guards=tuple(guard.rooted(at) for guard in self.guards))


def lower(fun: Callable[..., Any], arguments: Sequence[Argument]) -> Lowered:
    """Lower a callable for arguments of the given structure and kinds.

    Parameters
    ----------
    fun
        A Python function, or anything that can be called and that a rule is known for.
    arguments
        One for each parameter, in the order of the signature.

    Raises
    ------
    UnsupportedSyntaxError, KindError, MissingRuleError
        Where the function does what is not differentiated; the error points at its line.
    """
    hook = getattr(fun, "__ast_ad_lower__", None)
    if hook is not None:
        lowered: Lowered = hook(tuple(arguments))
        return lowered
    read_later()
    names: set[run_time_tuples.Name] = set()
    allowed = False
    while True:
        known = len(names)
        with run_time_tuples.trying(names, allowed=allowed) as found:
            try:
                return _lower(fun, arguments)
            except AutodiffError:
                if not found.wanted or (allowed and len(names) == known):
                    raise
        allowed = True


def _lower(fun: Callable[..., Any], arguments: Sequence[Argument]) -> Lowered:
    """Lower a function, again and again with what is found out that it needs."""
    sites: frozenset[Any] | None = frozenset()
    wanted: Wanted = {}
    tracked: set[tuple[Where | None, str]] = set()
    copied: frozenset[Hashable] = frozenset()
    exactly = False
    refused: AutodiffError | None = None
    while True:
        known = copy.deepcopy(wanted), set(tracked)
        try:
            with mixed.noted(exactly=exactly):
                return _lowered_with(fun, arguments, functools.partial(_context, sites, wanted, tracked, copied))
        except mixed.Asked:
            exactly = True
        except borrowed.Changed as found:
            copied |= {found.place}
        except table_sites.TableNeeded as found:
            assert sites is not None
            sites |= {found.site}
        except pools.Needed:
            continue
        except AutodiffError as error:
            if (wanted, tracked) != known:
                continue  # with pools for their objects, or names that are tracked, it may be another matter
            if not sites:
                raise refused if refused is not None and isinstance(error, RunTimeIndexError) else error from None
            refused, sites = error, None  # so it may be with dicts whose keys are all known


def _lowered_with(fun: Callable[..., Any], arguments: Sequence[Argument], context: Callable[[], Context]) -> Lowered:
    """Lower a function in a new context."""
    frame = _frame(fun, arguments, context())
    lowered = _lowered(fun, frame, arguments)
    if _is_recursive(fun, frame.context):
        # Its first call is one as any other.
        return _lowered(fun, _caller(fun, arguments, context()), arguments)
    return lowered


def _context(
    sites: frozenset[Any] | None, wanted: Wanted, tracked: set[tuple[Where | None, str]], copied: frozenset[Hashable]
) -> Context:
    """Return a new context, with what lowering has found out before.

    Of dicts, those that are made at some sites have keys that are known only when it runs; objects of the classes that
    are wanted stand in pools; names are tracked by loops; some of the user's lists, dicts and variables are copied.
    """
    context = Context(run_body, run_loop, proxy, object_of, generators.make, generators.collected, grown_items.as_item)
    context.tables, context.wanted, context.tracked, context.copied = sites, wanted, tracked, copied
    return context


def _is_recursive(fun: Callable[..., Any], context: Context) -> bool:
    """Tell whether a function turned out to call itself."""
    code = getattr(fun, "__code__", None)
    return any(
        done.size == ENDLESS and code in key[0]
        for key, found in context.memo.items()
        if isinstance(key, tuple) and isinstance(key[0], tuple)
        for done in found
    )


def _lowered(fun: Callable[..., Any], frame: Frame, arguments: Sequence[Argument]) -> Lowered:
    """Lower a function in a frame of its own."""
    context = frame.context
    context.frames.append(frame)
    context.paths[id(fun)] = Root()
    pools.start(frame)
    params = _receive(frame, arguments)
    _note_objects(frame, arguments)
    pools.note_arguments(frame)
    given = {
        each.key: frame.env[each.key]
        for argument in arguments
        for each in reach.objects_in(frame.env, frame.env[argument.name])
        if isinstance(each, Container)
    }
    results, tree = _results(frame)
    hidden = []
    for each in frame.imports.values():
        assert isinstance(each.key, FreeInput)
        hidden.append(each.key)
        params += each.params
    frame.builder.open_region.statements[:0] = placing.checks(context.objects, params)
    changes = bool(context.copied) or any(frame.env.get(key, before) is not before for key, before in given.items())
    if context.copied:
        for path, value in context.outside.items():
            context.guard(Identity(path, value))
    return Lowered(
        frame.builder.function(_identifier(frame.name), params, results),
        tuple((argument.name, argument.tree) for argument in arguments),
        tuple(hidden),
        tuple(context.guards.values()),
        tree,
        tuple(context.around),
        changes,
        tuple(context.outside) if changes else (),
    )


def _receive(frame: Frame, arguments: Sequence[Argument]) -> list[Var]:
    """Let a function's names hold its arguments, and return the parameters that these are taken apart into."""
    objects = frame.context.objects
    params: list[Var] = []
    leaf_names = _leaf_names(arguments, frame)
    leaves = {each.name: [Var(fresh(kind), next(leaf_names)) for kind in each.kinds] for each in arguments}
    arrived = placing.arrays_of(objects, arguments, leaves)
    for argument in arguments:
        own = leaves[argument.name]
        if own and argument.tree != LEAF:
            frame.renamable.update(own)
            frame.leaves += own
        params += own
        objects.params.update(own)
        values = arrived[argument.name]
        for position, value in argument.known:
            values[position] = Lit(value)
        given = containers.boxed(frame, _abstract(argument.tree, values))
        if isinstance(given, Container) and issubclass(given.type, dict):
            given = tables.made_of_argument(frame, argument.name, given)
        frame.env[argument.name] = given
    return params


def _results(frame: Frame) -> tuple[list[Operand], Tree]:
    """Lower a function's body, and return what it returns, taken apart."""
    try:
        value = present(frame, frame.node, run_body(frame), f"{frame.name}() returns None")
        if isinstance(value, Either):
            frame.misfit(
                frame.node,
                f"what `{frame.name}` returns has no single kind: it is {describe(value)}, depending on the path",
                "return values of one structure on every path",
            )
        value = opened(frame, frame.node, value)
        value = memory.settle(frame, value, lambda leaf: memory.leaving(frame, leaf))
    except Unreachable:
        # It always raises, and so will its derivative: any number will do for the result that it never returns.
        return [Lit(0.0)], LEAF
    except RecursionError:
        raise UnsupportedSyntaxError(
            f"`{frame.name}` is nested too deeply",
            help="split it into functions, or nest less",
            where=frame.where(frame.node),
        ) from None
    results, tree = parts(escaping(frame, value))
    return results, concrete(frame, frame.node, tree)


def _note_objects(frame: Frame, arguments: Sequence[Argument]) -> None:
    """Note the objects, lists and dicts in the arguments; those of one class may be one, if one is there twice."""
    heap = frame.context.heap
    heap.shared = any(argument.shared for argument in arguments)
    markers: dict[type, Var] = {}
    for argument in arguments:
        for each in reach.objects_in(frame.env, frame.env[argument.name]):
            if isinstance(each, Ref):
                heap.arguments.add(each)
                marker = markers.setdefault(each.cls.value, Var(INT, "shared"))
                frame.context.objects.may_be(each, [marker] if heap.shared else [])
            elif isinstance(each, Container) and heap.shared:
                frame.context.objects.may_be(each, [markers.setdefault(each.type, Var(INT, "shared"))])


def _leaf_names(arguments: Sequence[Argument], frame: Frame) -> Iterator[str]:
    """Yield a name for each leaf: a dict's key, if that tells it from all others, or all of its path."""
    paths = [(argument.name, path) for argument in arguments for path in named_leaf_paths(argument.tree)]
    last = [str(path[-1]) if path else "" for _, path in paths]
    for (name, path), key in zip(paths, last):
        alone = _is_name(key) and last.count(key) == 1 and key not in frame.scope.params
        yield key if alone else re.sub(r"\W", "_", "_".join([name, *map(str, path)]))


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def run_body(frame: Frame) -> Value:
    """Lower the statements of a frame's function, and return what it returns."""
    end = gast.copy_location(gast.Return(value=None), frame.node)
    statements = [*body_of(frame.node), end]
    if frame.catches:
        value: Value = attempts.outcome(frame, statements)
    else:
        run_statements(frame, statements, NONE)
        value = frame.env[RESULT]
    if isinstance(value, Conflict):
        raise KindError(
            f"what `{frame.name}` returns has no single kind: {value.message}",
            help="return values of one structure on every path (the end of a function returns None)",
            where=value.where,
        )
    return value


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "function"


def _frame(fun: Callable[..., Any], arguments: Sequence[Argument], context: Context) -> Frame:
    if isinstance(fun, types.FunctionType) and registry.find(fun) is None:
        source = find_source(fun)
        frame = Frame(context, source, source.tree, fun.__globals__, function=fun, path=Root())
        checked(frame, source)
        return frame
    return _caller(fun, arguments, context)


def _caller(fun: Callable[..., Any], arguments: Sequence[Argument], context: Context) -> Frame:
    """Return the frame of a function that does nothing but call `fun`."""
    try:
        parameters = inspect.signature(fun).parameters
    except (TypeError, ValueError):
        parameters = types.MappingProxyType({})
    passed = [_passed(argument.name, parameters.get(argument.name)) for argument in arguments]
    name = _identifier(getattr(fun, "__name__", type(fun).__name__))
    params = ", ".join(argument.name for argument in arguments)
    text = f"def {name}({params}):\n    return callee({', '.join(passed)})"
    tree = gast.parse(text).body[0]
    source = Source(f"<call of {name}>", tree, tuple(text.split("\n")), name)
    return Frame(context, source, tree, {}, cells={"callee": Known(fun, Root())})


def _passed(name: str, parameter: inspect.Parameter | None) -> str:
    """Return how a call passes the value of a parameter."""
    if parameter is None:
        return GATHERED.get(name, "") + name
    if parameter.kind is parameter.KEYWORD_ONLY:
        return f"{name}={name}"
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{name}"
    return f"**{name}" if parameter.kind is parameter.VAR_KEYWORD else name


def _abstract(tree: Tree, leaves: Sequence[Operand]) -> Value:
    """Return the abstract value of an argument: objects in it that are not numbers are known."""
    return unflatten(mapped(with_records(tree), lambda each: Known(each.value, Held(each.value))), leaves)
