"""What the arguments of a derivative that is called in a lowered function have in common.

Such a call takes its arguments apart, as one from outside does.  That a list or an array is there twice, or that the
function sees it as a variable too, matters where the function changes it: then that is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ast_ad.frontend import containers
from ast_ad.frontend.parcels import Escaped
from ast_ad.frontend.scope import scope_of
from ast_ad.frontend.values import Closure, Container, Derived, Either, Known, Ref, Value, is_operand
from ast_ad.ir.kinds import INT, Array
from ast_ad.ir.nodes import Var
from ast_ad.trees import flatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame

_FUNCTIONS = (Closure, Derived, Either, Escaped)


def is_shared(frame: Frame, values: Iterable[Value]) -> bool:
    """Tell whether a list, dict or object occurs twice in values, and in what the functions among them see."""
    counts = Counter(each for each in _occurring(frame, values) if not isinstance(each, Var))
    return any(count > 1 for count in counts.values())


def arrays_of(frame: Frame, values: Iterable[Value]) -> set[Var]:
    """Return the arrays in values, and in what the functions among them see."""
    return {each for each in _occurring(frame, values) if isinstance(each, Var)}


def note_shared(frame: Frame, values: Iterable[Value]) -> None:
    """Note that each two lists, dicts or objects of one class in values, and in what functions see, may be one."""
    markers: dict[type, Var] = {}
    for each in set(_occurring(frame, values)):
        if not isinstance(each, Var):
            cls = each.type if isinstance(each, Container) else each.cls.value
            frame.context.objects.may_be(each, [markers.setdefault(cls, Var(INT, "shared"))])


def _occurring(frame: Frame, values: Iterable[Value]) -> Iterator[Container | Ref | Var]:
    """Yield the arrays, containers and objects in values as often as they occur; what they hold, once."""
    pending = list(values)
    opened: set[object] = set()
    while pending:
        for leaf in flatten(pending.pop(), lambda each: is_operand(each) or isinstance(each, _OPAQUE))[0]:
            if isinstance(leaf, Var):
                if isinstance(leaf.kind, Array):
                    yield leaf
                continue
            if isinstance(leaf, (Container, Ref)):
                yield leaf
            if not is_operand(leaf) and leaf not in opened:
                opened.add(leaf)
                pending += _inside(frame, leaf)


_OPAQUE = (Container, Ref, *_FUNCTIONS)


def _inside(frame: Frame, value: Value) -> list[Value]:
    """Return what a container or an object holds, and what a function sees."""
    if isinstance(value, Container):
        return [containers.entry(frame, value)]
    if isinstance(value, Ref):
        return list(value.attributes(frame.env).values())
    if isinstance(value, Derived):
        return [value.callee]
    if isinstance(value, Either):
        return [value.first, value.second]
    if isinstance(value, Escaped):
        return [value.defaults, value.cells]
    return [_variable(value.frame, name) for name in sorted(scope_of(value.node).free)]


def _variable(home: Frame | None, name: str) -> Value:
    """Return what a variable that a closure sees holds, in the frame that it is made in or in one around."""
    while home is not None:
        if name in home.env:
            return home.env[name]
        if name in home.cells:
            return home.cells[name]
        home = home.parent
    return Known(None)
