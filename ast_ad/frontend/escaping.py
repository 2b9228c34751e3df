"""What leaves a frame takes along what it needs of it: a closure or generator, the variables that it sees."""

from __future__ import annotations

from dataclasses import replace

from ast_ad.frontend import containers
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import MADE, is_generator
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.scope import scope_of
from ast_ad.frontend.values import ABSENT, Box, Closure, Conflict, Container, Either, Ref, Value


def escaping(frame: Frame, value: Value) -> Value:
    """Let the closures in a result carry the variables of the frame that they leave."""
    if isinstance(value, Closure) and value.frame is frame:
        free = scope_of(value.node).free
        seen = {name: frame.env[name] for name in sorted(free & frame.scope.local) if name in frame.env}
        seen |= {name: frame.cells[name] for name in sorted(free & frame.cells.keys())}
        seen |= {name: _boxed(frame, name) for name in seen.keys() & frame.scope.rebound & frame.scope.local}
        if any(item is value for item in seen.values()):
            frame.refuse(value.node, "a function that calls itself is returned", "write a loop instead")
        cells = {name: escaping(frame, item) for name, item in seen.items() if not isinstance(item, Conflict)}
        return Escaped(value.node, frame, frame.env[value.defaults] if value.defaults else ((), {}), cells)
    if is_generator(value):
        _take_along(frame, value)
        return value
    if isinstance(value, Container):
        contents = containers.entry(frame, value)
        frame.env[value.key] = ABSENT
        frame.env[value.key] = escaping(frame, contents)
        return value
    if isinstance(value, (tuple, list)):
        items = [escaping(frame, item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, Either):
        return Either(value.which, escaping(frame, value.first), escaping(frame, value.second))
    if type(value) is dict:
        return {key: escaping(frame, item) for key, item in value.items()}
    return value


def _take_along(frame: Frame, generator: Ref) -> None:
    """Let a generator keep the variables of the frame that it leaves, which nobody changes any more."""
    made = generator.attribute(frame.env, MADE)
    if isinstance(made, Conflict):
        return
    home, names = made.frame, scope_of(made.frame.node).free
    while home is not frame:
        if home.parent is None:
            return
        names = names if home is made.frame else names - home.scope.local
        home = home.parent
    names = names & frame.scope.local - frame.scope.rebound - dict(made.values).keys()
    seen = {name: frame.env[name] for name in sorted(names) if name in frame.env}
    own = [(name, escaping(frame, item)) for name, item in seen.items() if not isinstance(item, Conflict)]
    frame.env[frame.context.heap.key(generator, MADE)] = replace(made, values=(*made.values, *own))


def _boxed(frame: Frame, name: str) -> Box:
    """Return what holds a variable from now on, for all functions that see it."""
    if name not in frame.boxes:
        frame.boxes[name] = Box(containers.made(frame, [frame.env[name]]))
    return frame.boxes[name]
