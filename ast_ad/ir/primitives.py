"""Operations of the IR that Python writes with syntax rather than with a call.

Each is an ordinary function, so that a rule which uses one can be called with numbers; the emitter prints the syntax.
Binary and unary operators are those of the module `operator` (`operator.add` prints as `a + b`, `operator.not_` as
`not a`).
"""

from __future__ import annotations

from typing import Any


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


def flatten(x: Any) -> Any:
    """`x.flatten()`."""
    return x.flatten()


def same(x: Any) -> Any:
    """`x`, of which more is known than its variable says; it never gets as far as the emitter."""
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
