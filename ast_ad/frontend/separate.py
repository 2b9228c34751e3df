"""A function of the user's, lowered in a frame of its own: what it takes, what it returns, and what it changes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ast_ad.frontend import containers, grown, memory, passing, reach
from ast_ad.frontend.context import Cellar, Lowering
from ast_ad.frontend.emission import size_of
from ast_ad.frontend.escaping import escaping
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import Unreachable
from ast_ad.frontend.names import box_of
from ast_ad.frontend.received import apart, arriving, imported, received
from ast_ad.frontend.recursion import Activation
from ast_ad.frontend.tokens import InPlace
from ast_ad.frontend.values import Container, Grown, Part, Value, parts
from ast_ad.ir.nodes import Var
from ast_ad.trees import unflatten


def lowered(callee: Frame, values: dict[str, Value], activation: Activation) -> Lowering:
    """Lower a function in a frame of its own, for one signature.

    Recursions nest `invoke.DEPTH` of these: each call between two of them takes room on Python's stack
    (`ast_ad.headroom`).
    """
    params = _arrive(callee, values)
    written = written_outside(callee)
    for cellar in written:
        callee.env[cellar.name] = arriving(callee, cellar)
    for each in activation.assumed.imports if activation.assumed is not None else ():
        imported(callee, each.key)
    callee.context.frames.append(callee)
    callee.params = [param for param in params if memory.is_array(param)]
    callee.context.objects.params.update(params)
    returns = True
    try:
        value = callee.context.run_body(callee)
        for own in containers.within(value) if activation.grows else ():
            grown.grow_in_place(callee, own)
        if written:
            value = (value, *(callee.env[cellar.name] for cellar in written))
    except Unreachable:
        value, returns = (), False
    return _returned(callee, value, params, written, returns)


def _returned(callee: Frame, value: Value, params: list[Var], written: Sequence[Cellar], returns: bool) -> Lowering:
    """Return a function that has been lowered: its results are its value, and what it changed of what it was given."""
    refilled = _refilled(callee, value) if returns else []
    contents_now = tuple(callee.env[callee.arrived[i][0].key] for i in refilled)
    numbers = {own: i for i, (own, _) in enumerate(callee.arrived)}
    leaves, tree = parts(apart(passing.held(callee, escaping(callee, (value, contents_now)), numbers)))
    imports = list(callee.imports.values())
    for each in imports:
        params += each.params
    either = tuple((numbers[own], found) for own in numbers if (found := _received_among(callee, own)))
    aliases = tuple(_aliases(callee, leaf, params) for leaf in leaves)
    listed = tuple(i for i, param in enumerate(params) if memory.is_array(param) and memory.is_in_lists(callee, param))
    contents = [memory.now(callee, param) for param in params] if returns else params
    changed = tuple(i for i, (param, content) in enumerate(zip(params, contents)) if content is not param)
    results = [*(memory.now(callee, leaf) for leaf in leaves), *(contents[i] for i in changed)]
    function = callee.builder.function(callee.name, params, results)
    result = functools.partial(unflatten, tree)
    objects = callee.context.objects
    inside = objects.written() if objects.given else {}
    return Lowering(
        function,
        imports,
        result,
        returns,
        size_of(function),
        written=tuple(written),
        changed=changed,
        aliases=aliases,
        listed=listed,
        containers=tuple(refilled),
        changed_inside=tuple(i for i, param in enumerate(params) if param in inside and i not in changed),
        indexed=tuple(i for i, (own, before) in enumerate(callee.arrived) if _grew(callee, own, before)),
        either=either,
    )


def _arrive(callee: Frame, values: dict[str, Value]) -> list[Var]:
    """Let a callee's names hold what it is given, and return the parameters that this takes."""
    params: list[Var] = []
    for name, value in values.items():
        arrived = received(callee, None, value, name)
        params += arrived.params
        if name.startswith("cell:"):
            callee.cells[name[5:]] = arrived.value
        else:
            callee.env[name] = arrived.value
    return params


def written_outside(callee: Frame) -> list[Cellar]:
    """Return the variables of enclosing functions that a function assigns, but for those that a box holds."""
    homes = {name: callee.home(name) for name in sorted(callee.scope.written) if box_of(callee, name) is None}
    return [Cellar(home, name) for name, home in homes.items() if home]


def _refilled(callee: Frame, value: Value) -> list[int]:
    """Return which of a callee's containers it has changed, whose `value` it returns."""
    found = [i for i, (own, before) in enumerate(callee.arrived) if not grown.only_read(callee.env, own, before)]
    if any(isinstance(callee.env[callee.arrived[i][0].key], Part) for i in found) or _returns_item(callee, value):
        raise InPlace  # what the caller knows by a name of its own is a part of a list that it also knows
    return found


def _grew(callee: Frame, own: Container, before: Value) -> bool:
    """Tell whether a list has grown in a callee for no other reason than that it was indexed."""
    now = callee.env.get(own.key, before)
    return now is not before and isinstance(now, Grown) and grown.only_read(callee.env, own, before)


def _returns_item(callee: Frame, value: Value) -> bool:
    """Tell whether a list or dict in the result may be an item of a list that is the caller's."""
    arrived = {own for own, _ in callee.arrived}
    objects = callee.context.objects
    found = [each for each in reach.objects_in(callee.env, value) if isinstance(each, Container)]
    found = [one for each in found for one in _alternatives(callee, each)]
    return any(each not in arrived and not objects.origins(each).isdisjoint(arrived) for each in found)


def _alternatives(callee: Frame, container: Container) -> list[Container]:
    """Return the lists or dicts of which one stands for one, depending on the path."""
    sides = callee.context.objects.either.get(container)
    return [container] if sides is None else [one for side in sides for one in _alternatives(callee, side)]


def _received_among(callee: Frame, container: Container) -> tuple[int, ...]:
    """Return the numbers of what a callee gets that a list or dict, which is one or another, may be."""
    if container not in callee.context.objects.either:
        return ()
    arrived = {own: i for i, (own, _) in enumerate(callee.arrived)}
    return tuple(sorted({arrived[each] for each in _alternatives(callee, container) if each in arrived}))


def _aliases(callee: Frame, leaf: Any, params: Sequence[Var]) -> frozenset[int]:
    """Return the positions of the params that a leaf of the result may be: one alone if it is that array itself."""
    if not memory.is_array(leaf):
        return frozenset()
    if leaf in params:
        return frozenset({params.index(leaf)})
    origins = callee.context.objects.origins(leaf)
    found = frozenset(i for i, param in enumerate(params) if param in origins)
    return found | {-1} if found else found
