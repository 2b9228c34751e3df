"""Functions behind `functools.lru_cache`: a derivative calls them each time, which is the same if they only compute.

What such a function does beyond that, it does once for each argument, and all its callers share what it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ast_ad.analysis.effects import DRAWS, effects
from ast_ad.frontend import reach
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.values import Container, Grown, Ref, Value


def called(
    frame: Frame,
    node: Any,
    function: Any,
    args: Iterable[Value],
    free: Mapping[str, Value],
    names: Collection[str],
    call: Callable[[], Value],
) -> Value:
    """Lower a call of a function whose results are cached; refuse it where it does more than to compute.

    Parameters
    ----------
    function
        What tells it from others, as long as lowering goes on.
    free
        Its free variables, as they are now.
    names
        The names of attributes in it, and of variables that are not its own.
    """
    region, before = frame.builder.open_region, dict(frame.env)
    start = len(region.statements)
    read = {**free, **{key: before.get(key) for key in _keys(frame, (*args, *free.values()), names)}}
    first, *_ = frame.context.cached_reads.setdefault((id(function), id(region)), (read, function, region))
    if any(_has_changed(first.get(key, value), value) for key, value in read.items()):
        _refuse(frame, node, "reads what has changed since it was called before")
    result = call()
    if any(DRAWS in effects(each) for each in region.statements[start:]):
        _refuse(frame, node, "prints, or draws numbers")
    if any(_has_changed(value, frame.env.get(key)) for key, value in before.items()):
        _refuse(frame, node, "changes what is outside of it")
    for key in _boxes(frame, names):
        first.setdefault(key, frame.env.get(key))
    for each in reach.objects_in(frame.env, result):
        if isinstance(each, Container) and each.key not in before and not each.outside:
            each.outside = "a function whose results are cached"
    return result


def _boxes(frame: Frame, names: Collection[str]) -> Iterator[str]:
    """Yield under which keys the environment has variables outside that are assigned (`ast_ad.frontend.rebound`)."""
    for place, box in frame.context.borrowed.items():
        if isinstance(place, tuple) and place[-1] in names:
            yield box.key


def _keys(frame: Frame, values: Iterable[Value], names: Collection[str]) -> Iterator[str]:
    """Yield under which keys the environment has what the objects in values, and variables outside, contain."""
    yield from _boxes(frame, names)
    for value in values:
        for each in reach.objects_in(frame.env, value, attributes=False):
            if isinstance(each, Ref):
                yield from (key for name, key in each.keys.items() if name in names)
            else:
                yield each.key if isinstance(each, Container) else frame.context.objects.key(each)


def _has_changed(before: Value, after: Value) -> bool:
    """Tell whether a value is another one; a list that is read at a computed index has only got another form."""
    return after is not before and not (isinstance(before, list) and isinstance(after, Grown))


def _refuse(frame: Frame, node: Any, what: str) -> None:
    frame.refuse(
        node,
        f"a function whose results are cached {what}, and a derivative calls it each time",
        "let it only compute, or keep what it returned in a dict",
    )
