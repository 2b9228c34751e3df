"""Calls of functions that are lowered: written as a call or in place, and what the caller holds afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ast_ad.frontend import containers, listed, memory, mixed, passing
from ast_ad.frontend.context import Cellar, Lowering
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import Unreachable
from ast_ad.frontend.names import bind_name
from ast_ad.frontend.paths import FreeInput
from ast_ad.frontend.received import imported, sent
from ast_ad.frontend.recursion import renewed as recursive_renewed
from ast_ad.frontend.values import Container, Value, parts
from ast_ad.ir.nodes import Function, Lit, Var, walk
from ast_ad.ir.rebuild import inlined, renewed

SMALL = 40
"""Functions of at most so many statements are always inlined."""

BUDGET = 400
"""How many statements of larger functions are inlined in all."""


class Overlap(Exception):
    """A call changes an array that it gets twice."""


def size_of(function: Function) -> int:
    """Return how many statements a function has, those in its blocks included."""
    return sum(1 for _ in walk(function.body))


def _are_distinct(frame: Frame, done: Lowering, tokens: Sequence[Any]) -> bool:
    """Tell whether no array that a call changes, or a derivative in it, is passed to it twice."""
    objects = frame.context.objects
    return not any(
        k != i and memory.is_array(other) and not objects.origins(tokens[i]).isdisjoint(objects.origins(other))
        for i in (*done.changed, *done.changed_inside)
        for k, other in enumerate(tokens)
    )


def _with_identity(frame: Frame, done: Lowering, results: Sequence[Any], tokens: Sequence[Any]) -> list[Any]:
    """Return the results of a call, with the caller's arrays for those that the callee returns."""
    found = list(results)
    for k, aliases in enumerate(done.aliases):
        if len(aliases) == 1:
            found[k] = tokens[next(iter(aliases))]
        elif aliases:
            frame.context.objects.may_be(found[k], [tokens[i] for i in aliases if i >= 0])
        elif memory.is_array(found[k]) and done.function.results.count(done.function.results[k]) == 1:
            frame.context.objects.born[found[k]] = listed.turn(frame)
    return found


def _numbered(numbers: passing.Numbers, wanted: Sequence[int]) -> list[Container]:
    """Return the containers that have these numbers."""
    by_number = {i: container for container, i in numbers.items()}
    return [by_number[i] for i in wanted]


def _check_containers(frame: Frame, node: Any, done: Lowering, numbers: passing.Numbers) -> None:
    """Refuse a call that changes a container which may be another one that it gets."""
    objects = frame.context.objects
    for changed in _numbered(numbers, done.containers):
        own = objects.origins(changed)
        if any(each is not changed and not own.isdisjoint(objects.origins(each)) for each in numbers):
            frame.refuse(
                node,
                f"`{done.function.name}` changes a {changed.type.__name__} that may be another one that it gets",
                "pass a copy: `xs.copy()`",
            )


def emit(
    frame: Frame,
    node: Any,
    done: Lowering,
    values: dict[str, Value],
    *,
    specialised: bool = True,
    loose: bool = False,
) -> Value:
    """Write a call of a lowered function, or its statements; `loose` calls pass constant integers, too."""
    numbers: passing.Numbers = {}
    tokens = _passed(frame, done, values, numbers, specialised=specialised, loose=loose)
    for attempt in frame.attempts:
        attempt.refuse_raised(node, done.function)
    operands = [memory.now(frame, token) for token in tokens]
    if not _are_distinct(frame, done, tokens):
        if specialised:
            raise Overlap
        what = f"`{done.function.name}` changes an array in place that it gets twice"
        frame.refuse(node, what, "pass a copy: `x.copy()`")
    results = _written(frame, node, done, operands)
    if not done.returns:
        raise Unreachable
    own = len(results) - len(done.changed)
    _note_changes(frame, node, done, tokens, results[own:])
    found = done.result(_with_identity(frame, done, results[:own], tokens))
    if not specialised:
        return containers.boxed(frame, found)
    known = {i: each for each, i in numbers.items()}
    value, contents_now = passing.installed(frame, found, known)
    for number, others in done.either:
        frame.context.objects.may_be(known[number], [known[i] for i in others])
    _check_containers(frame, node, done, numbers)
    for changed, new in zip(_numbered(numbers, done.containers), contents_now):
        containers.change(frame, node, changed, new)
    if not done.written:
        return value
    for cellar, now in zip(done.written, value[1:]):
        assign_outside(frame, node, cellar, now)
    return value[0]


def _passed(
    frame: Frame,
    done: Lowering,
    values: dict[str, Value],
    numbers: passing.Numbers,
    *,
    specialised: bool,
    loose: bool,
) -> list[Any]:
    """Return what a call passes, arrays as objects, and number the containers in it."""
    passed: list[Any] = []
    for value in values.values():
        held = passing.held(frame, value, numbers)
        passed += sent(held, general=loose) if specialised else parts(held)[0]
    for each in done.imports:
        supplied = imported(frame, each.key)
        is_free = isinstance(each.key, FreeInput)
        passed += [supplied] if is_free else sent(passing.held(frame, supplied, numbers), general=done.general)
    return passed


def _written(frame: Frame, node: Any, done: Lowering, operands: Sequence[Any]) -> Sequence[Any]:
    """Write the statements of a small function, or the call of a large one; return the results."""
    context, function = frame.context, done.function
    renew = recursive_renewed if done.general else renewed
    if done.size > SMALL and context.spent + done.size > BUDGET:
        outs = frame.builder.call(function, operands, frame.where(node), renew(function, operands))
        mixed.note_same(outs, function.results)
        return tuple(r if isinstance(r, Lit) else out for r, out in zip(function.results, outs))
    context.spent += done.size if done.size > SMALL else 0
    statements, results = inlined(function, operands, renew(function, operands))
    for statement in statements:
        frame.builder.append(statement)
    given = {operand for operand in operands if isinstance(operand, Var)}
    mixed.note_same(results, [None if out in given else r for r, out in zip(function.results, results)])
    frame.renamable.update(r for r in results if isinstance(r, Var) and r not in given)
    return results


def _note_changes(frame: Frame, node: Any, done: Lowering, tokens: Sequence[Any], contents: Sequence[Any]) -> None:
    """Let the arrays that a call changes contain what it returns for them."""
    objects = frame.context.objects
    for i in done.changed_inside:
        objects.sites.setdefault(objects.root(tokens[i]), frame.where(node))
    for i, content in zip(done.changed, contents):
        memory.replace(frame, node, tokens[i], content)
    for i in done.listed:
        if memory.is_array(tokens[i]):
            listed.put(frame, tokens[i])
            memory.share_with_lists(frame, tokens[i])


def assign_outside(frame: Frame, node: Any, cellar: Cellar, value: Value) -> None:
    """Let a variable of an enclosing function have the value that a callee has given it."""
    if not frame.holds(cellar):
        frame.refuse(
            node,
            f"a function that assigns `{cellar.name}` of an enclosing function is called from elsewhere",
            "call it in the function that holds the variable, or return the new value",
        )
    bind_name(frame, cellar.name, value)
