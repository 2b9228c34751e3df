"""Calls of functions of the user's: found or made for their arguments, and written as a call or in place.

A function is lowered once for each signature (the structure and kinds of its arguments, and the values of integers that
are constants) into an IR function of its own.  Its inputs from outside (globals, cells, variables of an enclosing
function) are further parameters, which each caller supplies in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, NoReturn

from ast_ad.errors import AutodiffError
from ast_ad.frontend import (
    awaited,
    containers,
    emission,
    grown,
    heap,
    passing,
    pools,
    reach,
    rereads,
    separate,
    streams,
)
from ast_ad.frontend.context import Import, Lowering
from ast_ad.frontend.emission import Overlap, assign_outside, emit
from ast_ad.frontend.escaping import escaping
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import Unreachable
from ast_ad.frontend.paths import FreeInput
from ast_ad.frontend.received import current, imported, signature_of
from ast_ad.frontend.recursion import (
    ENDLESS,
    ROUNDS,
    Activation,
    Generalize,
    Regrow,
    declared,
    outline_of,
    settled,
    widened,
)
from ast_ad.frontend.regrowth import growing, moulds_of, regrown
from ast_ad.frontend.scope import yields
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import Ref, Value

DEPTH = 36
"""The most calls that may be nested while lowering."""


def invoke(frame: Frame, node: Any, code: Hashable, make: Callable[[], Frame], values: dict[str, Value]) -> Value:
    """Call a function of the user's; where what it raises is caught, that is a part of what it returns."""
    caught = tuple(classes for attempt in reversed(frame.attempts) for classes in attempt.handlers)
    if not caught or yields(make().node):
        return _invoke(frame, node, code, make, values)

    def catching() -> Frame:
        callee = make()
        callee.catches = caught
        return callee

    return frame.attempts[-1].called(node, lambda: _invoke(frame, node, (code, caught), catching, values))


def _invoke(frame: Frame, node: Any, code: Hashable, make: Callable[[], Frame], values: dict[str, Value]) -> Value:
    """Find or make the lowering of a function for these arguments, and use it.

    One that shares objects with its caller, or goes through what that has, is lowered where the call stands.
    """
    context = frame.context
    values = {name: containers.boxed(frame, value) for name, value in values.items()}
    callee: Frame = make()
    if yields(callee.node):
        return context.generator(frame, callee, values)
    shared = any(isinstance(each, Ref) for value in values.values() for each in reach.objects_in(frame.env, value))
    iterates = any(isinstance(value, streams.Stream) or awaited.is_view(frame, value) for value in values.values())
    given = _pools_for(frame, callee, code, values)
    if shared or given is None or iterates or code in context.in_place:
        return _in_place(frame, node, make(), values)
    values = {**values, **given}
    numbers: passing.Numbers = {}
    passed = {name: passing.held(frame, value, numbers) for name, value in values.items()}
    signature, loosely = (_signature(code, passed, general=general) for general in (False, True))
    for each in (signature, loosely):
        done = _known(frame, each, numbers)
        if done is not None and _grows_first(frame, done, numbers):
            return _invoke(frame, node, code, make, values)
        if done is not None:
            return _called(frame, node, done, values, make, loose=each is loosely)
    outline = (code, tuple((name, outline_of(value, loose=False)) for name, value in passed.items()))
    activation = Activation(code, signature, outline, passed=passed)
    _check_depth(frame, node, activation, make)
    try:
        try:
            done = _lowered(frame, node, activation, make, values)
        except Generalize as found:
            if found.activation is not activation:
                raise
            activation = Activation(code, loosely, loosely, general=True)
            done = _lowered(frame, node, activation, make, values)
    except Regrow as found:
        if found.activation is not activation:
            raise
        if not regrown(frame, found.moulds, values):
            refuse_recursion(frame, node, activation.callee)
        return _invoke(frame, node, code, make, values)
    except InPlace:
        if not given and context.pools and pools.recurses(callee.node) and code not in context.with_pools:
            context.with_pools.add(code)
            return _invoke(frame, node, code, make, values)
        context.in_place.add(code)
        return _in_place(frame, node, make(), values)
    context.memo.setdefault(activation.signature, []).append(done)
    if _grows_first(frame, done, numbers):
        return _invoke(frame, node, code, make, values)
    return _called(frame, node, done, values, make, loose=activation.general)


def _signature(code: Hashable, passed: dict[str, Value], *, general: bool) -> Hashable:
    """Return what a function is lowered for once."""
    return code, tuple((name, signature_of(value, general=general)) for name, value in passed.items())


def _pools_for(frame: Frame, callee: Frame, code: Hashable, values: dict[str, Value]) -> dict[str, Value] | None:
    """Return what a function is given of the pools, if it works on objects in them; None to lower it in place."""
    if code not in frame.context.with_pools and not any(pools.holds_pooled(frame, value) for value in values.values()):
        return {}
    return pools.passed(frame) if pools.recurses(callee.node) else None


def _called(frame: Frame, node: Any, done: Lowering, values: dict[str, Value], make: Any, *, loose: bool) -> Value:
    """Write a call; where it matters which arrays of the caller the callee works on, lower it as a part of that."""
    if done.size <= emission.SMALL and not done.general and any(-1 in aliases for aliases in done.aliases):
        return _in_place(frame, node, make(), values)
    try:
        return emit(frame, node, done, values, loose=loose)
    except Overlap:
        return _in_place(frame, node, make(), values)


def _in_place(frame: Frame, node: Any, callee: Frame, values: dict[str, Value]) -> Value:
    """Lower the body of a callee as a part of its caller, whose objects and arrays are those of the callee."""
    context = frame.context
    if len(context.running) >= DEPTH:
        refuse_recursion(frame, node, callee)
    callee.host = callee.caller = frame
    callee.builder = frame.builder
    for name, value in values.items():
        if name.startswith("cell:"):
            callee.cells[name[5:]] = value
        else:
            callee.env[name] = value
    written = separate.written_outside(callee)
    callee.env.update((cellar.name, current(frame, cellar)) for cellar in written)
    callee.env.update(heap.contents(context, frame.env))
    context.running.append(Activation(None, object(), object()))
    context.frames.append(callee)
    live, frame.live_now = frame.live_now, rereads.live_during(frame, node)
    try:
        value = escaping(callee, context.run_body(callee))
    except AutodiffError as error:
        error.called_from(frame.where(node))
        raise
    finally:
        frame.live_now = live
        context.running.pop()
        del context.frames[len(context.running) + 1 :]
    for name, item in heap.contents(context, callee.env).items():
        if frame.env.get(name) is not item:
            frame.env[name] = escaping(callee, item)
    for cellar in written:
        assign_outside(frame, node, cellar, callee.env[cellar.name])
    return value


def _known(frame: Frame, signature: Hashable, numbers: passing.Numbers) -> Lowering | None:
    """Return a lowering for a signature: a finished one, or what is assumed of one that is being made."""
    context = frame.context
    for done in context.memo.get(signature, ()):
        if _all_supplied(frame, done, numbers):
            return done
    for activation in context.running:
        if signature != activation.signature:
            continue
        activation.used = True
        if _all_supplied(frame, activation, numbers):
            if activation.assumed is None:
                raise Unreachable
            return activation.assumed
        moulds = moulds_of(frame, activation)
        if moulds:
            raise Regrow(activation, moulds)
        if not activation.general:
            raise Generalize(activation)
    return None


def _all_supplied(frame: Frame, done: Lowering | Activation, numbers: passing.Numbers) -> bool:
    """Tell whether a callee's view of the variables of enclosing functions is still right."""
    met = dict(numbers)
    return all(_supplied(frame, each, met, general=done.general) for each in done.imports)


def _check_depth(frame: Frame, node: Any, new: Activation, make: Callable[[], Frame]) -> None:
    """Let a function that calls itself with other lengths be lowered for all; refuse calls that lead too deep."""
    running = frame.context.running
    for activation in running:
        if activation.outline == new.outline and activation.code == new.code:
            if activation.general:
                refuse_recursion(frame, node, make())
            raise Generalize(activation)
    regrow = growing(frame, new)
    if regrow is not None:
        raise regrow
    if len(running) >= DEPTH:
        alike = [each for each in running if each.code == new.code and each.loosely == new.loosely]
        first = next((each for each in alike if not each.general), None)
        if first is None:
            refuse_recursion(frame, node, make())
        raise Generalize(first)


def _lowered(
    frame: Frame,
    node: Any,
    activation: Activation,
    make: Callable[[], Frame],
    values: dict[str, Value],
) -> Lowering:
    """Lower a function, in rounds where it calls itself."""
    context = frame.context
    for _ in range(ROUNDS):
        memo, spent = {key: list(found) for key, found in context.memo.items()}, context.spent
        depth = len(context.running)
        context.running.append(activation)
        activation.used = False
        try:
            callee = make()
            callee.caller, callee.general = frame, activation.general
            activation.callee = callee
            done = replace(separate.lowered(callee, values, activation), general=activation.general)
        except (Generalize, Regrow):
            context.memo, context.spent = memo, spent
            raise
        except AutodiffError as error:
            error.called_from(frame.where(node))
            raise
        finally:
            del context.running[depth:]
            del context.frames[depth + 1 :]
        if not activation.used:
            return done
        if not done.returns:
            refuse_recursion(frame, node, callee)
        if activation.assumed is not None and settled(activation.assumed, done):
            activation.assumed.function.defined_as(done.function)
            return replace(done, function=activation.assumed.function, size=ENDLESS)
        context.memo, context.spent = memo, spent
        found = done if activation.assumed is None else widened(activation.assumed, done)
        if found is None and done.either and activation.assumed is not None and not activation.assumed.either:
            found = done  # at first, it was always one that the function gets
        if found is None and activation.grows:
            break
        activation.grows = activation.grows or found is None
        activation.assumed = None if found is None else declared(found)
    frame.refuse(
        node,
        f"what `{callee.name}` returns has another structure at each depth of its recursion",
        "let it return values of one structure, or write a loop",
    )


def refuse_recursion(frame: Frame, node: Any, callee: Any) -> NoReturn:
    """Refuse a call that never comes to an end."""
    name = callee.name if isinstance(callee, Frame) else getattr(callee, "__name__", "it")
    frame.refuse(
        node,
        f"`{name}` calls itself without end, or the calls are nested more than {DEPTH} deep",
        "let it return without a recursion on some path, or write a loop",
    )


def _supplied(frame: Frame, each: Import, numbers: passing.Numbers, *, general: bool) -> bool:
    if isinstance(each.key, FreeInput):
        return True
    value = current(frame, each.key)
    if containers.holds_any(value):
        value = passing.held(frame, imported(frame, each.key), numbers)
    return bool(signature_of(value, general=general) == each.signature)


def _grows_first(frame: Frame, done: Lowering, numbers: passing.Numbers) -> bool:
    """Let the lists that a callee indexes by what is computed grow before the call: once, and not in each call."""
    if not done.indexed or done.general or frame.unrolls:
        return False
    met = dict(numbers)
    for each in done.imports:
        if not isinstance(each.key, FreeInput) and containers.holds_any(current(frame, each.key)):
            passing.held(frame, imported(frame, each.key), met)
    lists = [own for own, number in met.items() if number in done.indexed]
    lists = [own for own in lists if type(containers.entry(frame, own)) is list]
    made = [grown.grow_in_place(frame, own) for own in lists]
    return any(each is not None for each in made)
