"""What is assumed of a function's arguments before it is called.

What annotations and defaults do not tell is taken for a number.  Where that does not do, because the function asks for
the length of an argument or multiplies it with ``@``, integers and arrays are tried: as few and of as low a
rank as possible.
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from ast_ad.arguments import Callee
from ast_ad.errors import ArgumentError, KindError, MissingRuleError, UnsupportedSyntaxError
from ast_ad.frontend.lower import Argument, lower
from ast_ad.ir.kinds import INT, UNKNOWN, Array, Kind, kind_of
from ast_ad.ir.nodes import Function, Raise, walk
from ast_ad.trees import LEAF, flatten


def general_arguments(callee: Callee) -> tuple[Argument, ...]:
    """Return what annotations and defaults say of a function's arguments; of the others, that they are numbers."""
    if callee.skipped > len(callee.prefix):
        raise ArgumentError(
            f"{callee.name}() is a method: what its object holds is not known before it is called",
            help="call it once, or differentiate the bound method: grad(obj.method)",
        )
    arguments = []
    hints = _annotations(callee.function)
    given = callee.signature.bind_partial(*callee.prefix, **callee.keywords).arguments
    for name, parameter in callee.signature.parameters.items():
        default = given.get(name, parameter.default)
        if parameter.kind is parameter.VAR_POSITIONAL:
            default = given.get(name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            default = given.get(name, {})
        if hints.get(name) in _ANNOTATED:
            arguments.append(Argument(name, LEAF, (kind_of(hints[name](1)),)))
        elif _is_array(hints.get(name)):
            arguments.append(Argument(name, LEAF, (_RANKS[0],)))
        elif default is parameter.empty:
            arguments.append(Argument(name, LEAF, (UNKNOWN,)))
        else:
            leaves, tree = flatten(default)
            arguments.append(Argument(name, tree, tuple(map(kind_of, leaves))))
    return tuple(arguments)


_ANNOTATED = (bool, int, float, complex)


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}


def _is_array(hint: Any) -> bool:
    """Tell whether an annotation is that of an array, with or without a dtype."""
    return hint is np.ndarray or typing.get_origin(hint) is np.ndarray


_RANKS: tuple[Kind, ...] = tuple(Array("float64", ("*",) * rank) for rank in (1, 2))
_TRIED = 200
"""The most combinations that are tried: each takes some milliseconds."""

_TOO_WEAK = (KindError, UnsupportedSyntaxError, MissingRuleError)
"""What is raised where too little is assumed: a rule does not take a vector for a matrix, for one."""

Result = TypeVar("Result")


def assuming_enough(
    make: Callable[[tuple[Argument, ...]], Result],
    callee: Callee,
    arguments: Sequence[Argument],
) -> Result:
    """Return what is made of the first assumption about the arguments that does.

    Raises
    ------
    AutodiffError
        Where none does: the error is that of the weakest assumption, or of the first under which all is understood, and
        the result cannot be differentiated.
    """
    try:
        return make(tuple(arguments))
    except _TOO_WEAK as error:
        failure = error
        for stronger in itertools.islice(_stronger(arguments), _TRIED):
            try:
                if not _misses_an_axis(lower(callee.function, stronger).function):
                    return make(stronger)
            except _TOO_WEAK as other:
                failure = other if failure.where is not None and other.where is None else failure
        if "--at" not in failure.help:
            failure.help = f"{failure.help}; or give an example of the arguments (`--at`)".removeprefix("; or ")
        raise failure from None


def _misses_an_axis(function: Function) -> bool:
    """Tell whether a function asks for an axis that an array does not have: then the array has a higher rank."""
    return any(isinstance(s, Raise) and s.fn is IndexError for s in walk(function.body))


def _stronger(arguments: Sequence[Argument]) -> Iterator[tuple[Argument, ...]]:
    """Yield the arguments with integers and arrays for what nothing is known of, those of low rank first."""
    choices = [_choices(argument) for argument in arguments]
    ranks = itertools.product(*(range(len(each)) for each in choices))
    for chosen in sorted(ranks, key=sum):
        if any(chosen):
            yield tuple(each[rank] for each, rank in zip(choices, chosen))


def _choices(argument: Argument) -> list[Argument]:
    if argument.kinds == (UNKNOWN,):
        # Who writes a name in capitals means a matrix.
        ranks = _RANKS[::-1] if argument.name[:1].isupper() else _RANKS
        kinds: tuple[Kind, ...] = (INT, *ranks)
        return [argument, *(replace(argument, kinds=(kind,)) for kind in kinds)]
    if argument.kinds == (_RANKS[0],):
        return [argument, replace(argument, kinds=(_RANKS[1],))]
    return [argument]


def assumption(arguments: Sequence[Argument]) -> str:
    """Return in words what is assumed of arguments beyond that they are numbers; "" where that is nothing.

    >>> assumption([Argument("x", LEAF, (_RANKS[0],)), Argument("w", LEAF, (_RANKS[1],))])
    'x: a vector, w: a matrix'
    """
    names = {(INT,): "an integer", (_RANKS[0],): "a vector", (_RANKS[1],): "a matrix"}
    return ", ".join(f"{each.name}: {names[each.kinds]}" for each in arguments if each.kinds in names)
