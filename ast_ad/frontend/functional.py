"""Calls of functions that take or make functions: `map`, `functools`, `itertools`, `operator.itemgetter`; walks."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.frontend import attributes, containers, members, streams, walks
from ast_ad.frontend.choices import choice, whichever
from ast_ad.frontend.dispatch import call, call_known
from ast_ad.frontend.expressions import evaluated
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Handler
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Closure, Grown, Known, Partial, Range, Value
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import iteration, stepping

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def modelled(model: Callable[..., Any]) -> Handler:
    """Make the handler of a function that is lowered as another one."""
    stands_in = Known(model, Held(model))
    return lambda frame, node, args, kwargs: call_known(frame, node, stands_in, args, kwargs)


def _reduce(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    function, iterable, *initial = [*args, *kwargs.values()]
    if initial:
        return modelled(iteration.reduced)(frame, node, [function, iterable, *initial], {})
    if streams.stream_of(iterable) is not None or isinstance(containers.seen(frame, iterable), Grown):
        return modelled(iteration.reduced_from_first)(frame, node, [function, iterable], {})
    items = items_of(frame, node, iterable)
    if not items:
        frame.fail(node, TypeError, Lit("reduce() of empty iterable with no initial value"))
    return functools.reduce(lambda result, item: call(frame, node, function, [result, item], {}), items)


def _accumulate(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    iterable, *more = args
    function = more[0] if more else kwargs.get("func", Known(operator.add))
    items = items_of(frame, node, iterable)
    if "initial" in kwargs:
        items = [kwargs["initial"], *items]
    return list(itertools.accumulate(items, lambda result, item: call(frame, node, function, [result, item], {})))


def _partial(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    function, *given = args
    return Partial(function, tuple(given), tuple(kwargs.items()))


def _itself(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """A decorator that changes nothing of what a function computes."""
    (function,) = args
    return function


def _wraps(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return Known(itself)


def _cache(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`lru_cache`, with and without options."""
    plain = args and not isinstance(args[0], Lit) and args[0] != Known(None)
    return _behind_cache(frame, node, args, {}) if plain else Known(behind_cache)


def behind_cache(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stand for what `lru_cache` with options returns, which decorates a function."""
    return function


def _behind_cache(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    (function,) = args
    if isinstance(function, Closure):
        frame.context.cached.add(id(function.node))
    return function


def itself(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it is: what decorators that only describe it come to."""
    return function


# Getters: `operator.itemgetter(1)` is a call of `items_at` that still lacks the object.


def items_at(*keys_and_owner: Any) -> Any:
    """Stand for what `operator.itemgetter` makes."""
    return operator.itemgetter(*keys_and_owner[:-1])(keys_and_owner[-1])


def attributes_of(*names_and_owner: Any) -> Any:
    """Stand for what `operator.attrgetter` makes."""
    return operator.attrgetter(*names_and_owner[:-1])(names_and_owner[-1])


def method_called(name: str, *args_and_owner: Any, **kwargs: Any) -> Any:
    """Stand for what `operator.methodcaller` makes."""
    return operator.methodcaller(name, *args_and_owner[:-1], **kwargs)(args_and_owner[-1])


def _getter(function: Callable[..., Any]) -> Handler:
    return lambda frame, node, args, kwargs: Partial(Known(function), tuple(args), tuple(kwargs.items()))


def _items_at(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    *keys, owner = args
    found = [evaluated(frame, node, "owner[key]", owner=owner, key=key) for key in keys]
    return found[0] if len(found) == 1 else tuple(found)


def _attributes_of(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    *names, owner = args
    found = [evaluated(frame, node, f"owner.{_text(frame, node, name)}", owner=owner) for name in names]
    return found[0] if len(found) == 1 else tuple(found)


def _method_called(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    name, *given, owner = args
    method = evaluated(frame, node, f"owner.{_text(frame, node, name)}", owner=owner)
    return call(frame, node, method, given, kwargs)


def _text(frame: Frame, node: Any, value: Value) -> str:
    if not (isinstance(value, Known) and isinstance(value.value, str)):
        frame.refuse(node, "the name of an attribute has to be a constant", "write it as a string")
    return value.value


def _getattr(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    owner, name, *default = args
    text = _text(frame, node, name)

    def found() -> Value:
        return evaluated(frame, node, f"owner.{text}", owner=owner)

    if not default:
        return found()
    return choice(frame, node, has_attribute(frame, node, owner, text), found, lambda: default[0])


def _getattr_or_default(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    first, *more = args
    if len(more) == 1:
        return _getattr(frame, node, [present(frame, node, first), *more], kwargs)
    return whichever(frame, node, first, lambda owner: _getattr(frame, node, [owner, *more], kwargs))


def _hasattr(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    name = _text(frame, node, args[1])
    return whichever(frame, node, args[0], lambda owner: has_attribute(frame, node, owner, name))


def has_attribute(frame: Frame, node: Any, owner: Value, name: str) -> Operand:
    """Tell whether an object has an attribute: of one that is computed, its class tells."""
    if members.class_of(owner) is not None:
        return attributes.has(frame, node, owner, name)
    if isinstance(owner, Known):
        return Lit(hasattr(owner.value, name))
    found = HANDLERS[type](frame, node, [owner], {})
    return Lit(hasattr(found.value, name))


# Iterators over sequences of known length are lists.


def _structural(fn: Callable[..., Any], *, sequences: int | None = None) -> Handler:
    """Make the handler of a function that only arranges items: of its arguments, the first are sequences."""

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        count = len(args) if sequences is None else sequences
        given: list[Any] = [items_of(frame, node, arg) for arg in args[:count]]
        given += [_plain(frame, node, arg) for arg in args[count:]]
        named = {name: value if name == "fillvalue" else _plain(frame, node, value) for name, value in kwargs.items()}
        return list(fn(*given, **named))

    return handler


def _arranged(fn: Callable[..., Any], model: Callable[..., Any]) -> Handler:
    """Make the handler of a function that only arranges items; the model does for lengths that are not known."""
    at_once, later = _structural(fn), modelled(model)

    def handler(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
        seen = [containers.seen(frame, arg) for arg in args]
        grows = any(isinstance(each, Grown) or streams.has_run_time_length(frame, node, each) for each in seen)
        return (later if grows else at_once)(frame, node, args, kwargs)

    return handler


def _plain(frame: Frame, node: Any, value: Value) -> Any:
    """Return a number, or None, that has to be known."""
    if isinstance(value, (Lit, Known)):
        return value.value
    frame.refuse(node, "how many items there are has to be known when lowering", "write the number as a constant")


def _chained(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    return [item for each in items_of(frame, node, args[0]) for item in items_of(frame, node, each)]


def _repeat(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    value, *times = [*args, *kwargs.values()]
    if not times:
        return call_known(frame, node, Known(stepping.repeated), [value], {})
    return [value] * _plain(frame, node, times[0])


def _count(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`itertools.count`: a range that is left before it ends."""
    given = dict(zip(("start", "step"), args))
    start, step = ({**given, **kwargs}.get(name, default) for name, default in (("start", Lit(0)), ("step", Lit(1))))
    if not all(isinstance(each, Lit) and type(each.value) is int for each in (start, step)) or not step.value:
        return call_known(frame, node, Known(stepping.counted_on), [start, step], {})
    return Range(start, Lit(_FOREVER if step.value > 0 else -_FOREVER), step)


_FOREVER = 1 << 62


def is_endless(value: Value) -> bool:
    """Tell whether a range is what `itertools.count` returns."""
    return isinstance(value, Range) and value.stop in (Lit(_FOREVER), Lit(-_FOREVER))


def _cycle(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    items = call_known(frame, node, Known(list), args, {})
    return call_known(frame, node, Known(stepping.cycled), [items], {})


def _tee(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    """`itertools.tee`: iterators through one list."""
    given = {**dict(zip(("iterable", "n"), args)), **kwargs}
    items = call_known(frame, node, Known(list), [given["iterable"]], {})
    count = _plain(frame, node, given.get("n", Lit(2)))
    return tuple(call_known(frame, node, Known(iter), [items], {}) for _ in range(count))


HANDLERS.update(
    {
        all: modelled(iteration.all_true),
        any: modelled(iteration.any_true),
        filter: modelled(iteration.filtered),
        getattr: _getattr_or_default,
        hasattr: _hasattr,
        map: modelled(iteration.mapped),
        functools.cache: _cache,
        functools.lru_cache: _cache,
        functools.partial: _partial,
        functools.reduce: _reduce,
        functools.wraps: _wraps,
        itself: _itself,
        behind_cache: _behind_cache,
        itertools.accumulate: _accumulate,
        itertools.chain: _arranged(itertools.chain, iteration.chained),
        itertools.chain.from_iterable: _chained,
        itertools.count: _count,
        itertools.combinations: _structural(itertools.combinations, sequences=1),
        itertools.combinations_with_replacement: _structural(itertools.combinations_with_replacement, sequences=1),
        itertools.islice: _structural(itertools.islice, sequences=1),
        itertools.pairwise: _arranged(itertools.pairwise, iteration.paired),
        itertools.permutations: _structural(itertools.permutations, sequences=1),
        itertools.product: _structural(itertools.product),
        itertools.cycle: _cycle,
        itertools.repeat: _repeat,
        itertools.tee: _tee,
        itertools.compress: modelled(iteration.compressed),
        itertools.dropwhile: modelled(iteration.dropped_while),
        itertools.filterfalse: modelled(iteration.filtered_out),
        itertools.groupby: modelled(iteration.grouped),
        itertools.starmap: modelled(iteration.starmapped),
        itertools.takewhile: modelled(iteration.taken_while),
        itertools.zip_longest: _structural(functools.partial(itertools.zip_longest, fillvalue=Known(None))),
        operator.attrgetter: _getter(attributes_of),
        operator.itemgetter: _getter(items_at),
        operator.methodcaller: _getter(method_called),
        attributes_of: _attributes_of,
        items_at: _items_at,
        method_called: _method_called,
        np.ndenumerate: walks.enumerated,
        np.ndindex: walks.indices,
    }
)
