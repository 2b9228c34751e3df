"""Operations of the IR that Python writes with syntax rather than with a call.

Each is an ordinary function, so that a rule which uses one can be called with numbers; the emitter prints the syntax.
Binary and unary operators are those of the module `operator` (`operator.add` prints as `a + b`, `operator.not_` as
`not a`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


def select(test: Any, x: Any, y: Any) -> Any:
    """`x if test else y`; both are evaluated, so both must be safe to evaluate."""
    return x if test else y


def real(z: Any) -> Any:
    """`z.real`."""
    return z.real


def imag(z: Any) -> Any:
    """`z.imag`."""
    return z.imag


def conjugate(z: Any) -> Any:
    """`z.conjugate()`."""
    return z.conjugate()


def new_stack() -> list[Any]:
    """`[]`."""
    return []


def nonempty(stack: list[Any]) -> bool:
    """`stack`, as a test: whether something is left on it."""
    return bool(stack)


def astype(x: Any, dtype: Any, *args: Any, **kwargs: Any) -> Any:
    """`x.astype(dtype)`."""
    return x.astype(dtype, *args, **kwargs)


def flat(x: Any) -> Any:
    """`x.flat`, as a step to an element of `x` (see `ast_ad.runtime.Chain`)."""
    return x.flat


def flatten(x: Any) -> Any:
    """`x.flatten()`."""
    return x.flatten()


def same(x: Any) -> Any:
    """`x`, of which more is known than its variable says: written as `x`."""
    return x


def kept(x: Any) -> Any:
    """`x`, as the reverse sweep finds it to compute something from it again.

    What is computed from it is not the same expression as what was computed from `x` before, so simplification does
    not put back what was not to be kept. It goes before the emitter comes (see `ast_ad.transform.checkpoint`).
    """
    return x


def begin(name: str) -> None:
    """The calls of the user's from here to `end` are to be run again (see `ast_ad.transform.outline`)."""


def end(name: str) -> None:
    """Where that ends."""


def in_order(stack: list[Any]) -> list[Any]:
    """`stack[::-1]`: what was saved first is taken first."""
    return stack[::-1]


def transposed(x: Any) -> Any:
    """`x.T`, as `np.transpose(x)` of an array prints."""
    return x.T


def shape(x: Any) -> Any:
    """`x.shape`, as `np.shape(x)` of an array prints."""
    return x.shape


def size(x: Any) -> Any:
    """`x.size`, as `np.size(x)` of an array prints."""
    return x.size


def copy(x: Any) -> Any:
    """`x.copy()`, which is in C order, where `np.copy(x)` keeps the order of x."""
    return x.copy()


def list_of(*items: Any) -> list[Any]:
    """`[a, b]`."""
    return list(items)


def repeated(item: Any, count: Any) -> list[Any]:
    """`[item] * count`; the item is no list."""
    return [item] * count


def item_at(items: list[Any], *path: Any) -> Any:
    """`items[i][j]`, of a list of lists."""
    for index in path:
        items = items[index]
    return items


def append(items: list[Any], item: Any) -> list[Any]:
    """`items.append(item)`, as the list that it makes."""
    return [*items, item]


def popped(items: list[Any]) -> tuple[list[Any], Any]:
    """`item = items.pop()`: the list that is left, and the item."""
    return items[:-1], items[-1]


def inserted(items: list[Any], index: Any, item: Any) -> list[Any]:
    """`items.insert(index, item)`, as the list that it makes; the index is not negative."""
    return [*items[:index], item, *items[index:]]


def deleted(items: list[Any], index: Any) -> list[Any]:
    """`del items[index]`, as the list that is left; the index is not negative."""
    return [*items[:index], *items[index + 1 :]]


def swapped(items: list[Any], i: Any, j: Any) -> list[Any]:
    """`items[i], items[j] = items[j], items[i]`, as the list that it makes."""
    result = list(items)
    result[i], result[j] = items[j], items[i]
    return result


def joined(a: list[Any], b: list[Any]) -> list[Any]:
    """`a + b`, of lists."""
    return [*a, *b]


def largest(items: list[Any]) -> Any:
    """`max(items)`."""
    return max(items)


def smallest(items: list[Any]) -> Any:
    """`min(items)`."""
    return min(items)


def index_of(items: list[Any], item: Any) -> int:
    """`items.index(item)`."""
    return items.index(item)


def tolist(x: Any) -> Any:
    """`x.tolist()`."""
    return x.tolist()


def rows_of(x: Any) -> list[Any]:
    """`list(x)`, of an array with several dimensions."""
    return list(x)


def array_of(items: list[Any], dtype: Any = None) -> Any:
    """`np.array(items)`, of a list that has grown; with a dtype, if it is asked for."""
    return np.array(items, dtype)


def concatenation_of(items: list[Any], axis: Any = 0) -> Any:
    """`np.concatenate(items)`, of a list that has grown."""
    return np.concatenate(items, axis)


def pack(*values: Any) -> Any:
    """`(a, b)`: what a call of a recursive function saves; of one value alone, that value."""
    return values[0] if len(values) == 1 else values


def unpack(record: Any) -> Any:
    """`a, b = record`."""
    return record


# What is done with objects of which nothing is known (`ast_ad.frontend.foreign`): it may do anything, in order.


@dataclass(frozen=True)
class Attribute:
    """`x.name`."""

    name: str

    def __call__(self, x: Any) -> Any:
        """Return the attribute."""
        return getattr(x, self.name)


@dataclass(frozen=True)
class Invocation:
    """`x.name(*args)`."""

    name: str

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return getattr(x, self.name)(*args, **kwargs)


@dataclass(frozen=True)
class Operation:
    """What `fn` is in Python's syntax: `x + y`, `x[i]`, `float(x)`."""

    fn: Callable[..., Any]

    def __call__(self, *args: Any) -> Any:
        """Do it."""
        return self.fn(*args)


def called(fn: Any, *args: Any, **kwargs: Any) -> Any:
    """`fn(*args)`."""
    return fn(*args, **kwargs)
