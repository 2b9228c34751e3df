"""What is expected of gradients: their structure and their memory, and the numbers of one mode against the other's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ast_ad.testing import difference
from tests.fuzz.structures import is_inexact, leaves, mapped, type_of

DOUBLE, SINGLE = 1e-10, 2e-3


class Wrong(Exception):
    """A derivative is wrong: the reason, and the numbers."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def expect(condition: Any, reason: str, detail: str) -> None:
    if not condition:
        raise Wrong(reason, detail)


def tolerance(text: str, args: Any) -> float:
    """How far two ways to the same derivative may be apart, relative to the size of what they compute."""
    single = "float32" in text or any(np.asarray(leaf).dtype == np.float32 for _, leaf in leaves(args))
    return SINGLE if single else DOUBLE


# Structure and memory.


def copied(value: Any) -> Any:
    """Return a copy in which arrays lie as they did, and share memory again: for a program that writes to it."""
    memory: dict[int, np.ndarray] = {}
    known: dict[int, np.ndarray] = {}

    def copy(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        if id(leaf) not in known:
            known[id(leaf)] = _placed(leaf, memory)
        return known[id(leaf)]

    return mapped(copy, value)


def _placed(array: np.ndarray, memory: dict[int, np.ndarray]) -> np.ndarray:
    """Return a copy of an array, at the same place in a copy of all the memory that it looks at."""
    if not array.size:
        return array.copy(order="K")
    whole = array
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    if id(whole) not in memory:
        memory[id(whole)] = whole.ravel(order="K").copy()
    offset = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    placed: np.ndarray = np.ndarray(array.shape, array.dtype, memory[id(whole)], offset, array.strides)
    placed.flags.writeable = array.flags.writeable
    return placed


def is_same(a: Any, b: Any) -> bool:
    """Tell whether two values are equal to the last bit; NaN equals NaN."""
    if type_of(a) != type_of(b):
        return False
    pairs = zip(leaves(a), leaves(b))
    return all(np.array_equal(x, y, equal_nan=is_inexact(x)) for (_, x), (_, y) in pairs)


def is_value(a: Any, b: Any, rtol: float) -> bool:
    """Tell whether a value is what the program returns, but for the order in which it adds up.

    NumPy adds up arrays as they lie in memory, and a copy may lie otherwise than what the program has.  An integer that
    is returned on one of several paths is a float on all of them.
    """
    if is_same(a, b) or (type(b) is int and is_same(a, float(b))):
        return True
    return type_of(a) == type_of(b) and bool(abs(a - b) <= rtol * max(1.0, abs(b)))


def check_structure(bars: Any, args: Any) -> None:
    """Expect a gradient to be built as the arguments are; what is no float is left as it is."""
    paths = [path for path, _ in leaves(args)]
    expect([path for path, _ in leaves(bars)] == paths, "structure of the gradient", f"got {bars!r} for {args!r}")
    for (path, bar), (_, leaf) in zip(leaves(bars), leaves(args)):
        detail = f"got {bar!r} at {path} for {leaf!r}"
        if is_inexact(leaf):
            kinds = " ".join(str(part) for part in type_of(leaf)[:2])
            alike = type_of(bar) == type_of(leaf) or _is_narrow(bar, leaf)
            expect(alike, f"the adjoint of a {kinds} of rank {np.ndim(leaf)}", detail)
        else:
            expect(np.array_equal(bar, leaf), "a leaf that has no derivative", detail)
    bare = [type_of(mapped(lambda leaf: 0.0, value)) for value in (bars, args)]
    expect(bare[0] == bare[1], "structure of the gradient", f"got {bars!r} for {args!r}")


def _is_narrow(bar: Any, leaf: Any) -> bool:
    """Tell whether a number has an adjoint in single precision: Python's numbers take the precision that they meet."""
    return isinstance(bar, np.float32) and isinstance(leaf, float)


def check_memory(bars: Any, args: Any) -> None:
    """Expect the arrays of a gradient to be new ones, each of its own, that can be written to."""
    own = [(path, bar) for path, bar in leaves(bars, "bars") if is_inexact(bar) and isinstance(bar, np.ndarray)]
    for i, (path, bar) in enumerate(own):
        expect(bar.flags.writeable, "a read-only adjoint", path)
        once = not bar.size or all(stride or length < 2 for stride, length in zip(bar.strides, bar.shape))
        expect(once, "an adjoint with one element in several places", path)
        for where, other in (*own[:i], *leaves(args, "args")):
            shared = isinstance(other, np.ndarray) and np.may_share_memory(bar, other)
            expect(not shared, f"an adjoint that shares memory with {'an argument' if 'args' in where else 'another'}",
                   f"{path} with {where}")  # fmt: skip


def overwrite(bars: Any) -> None:
    """Spoil the arrays of a gradient: nothing else may be found changed."""
    for _, bar in leaves(bars):
        if isinstance(bar, np.ndarray) and is_inexact(bar):
            bar.fill(7e77 if bar.dtype == np.float64 else 7e33)


# Numbers.


def directions(args: Any, rng: np.random.Generator, only: int | None = None) -> Any:
    """Return a random tangent of arguments, along all floating-point leaves or along that with a number.

    An array that is there twice has one tangent.
    """
    groups = identities(args)
    positions = iter(range(len(groups)))
    drawn_before: dict[int, Any] = {}

    def drawn(leaf: Any) -> Any:
        position = next(positions)
        group = groups[position]
        if not is_inexact(leaf):
            return leaf * 0 if isinstance(leaf, (bool, int, np.ndarray)) else leaf
        if group in drawn_before:
            return drawn_before[group].copy()
        dot = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice((-1.0, 1.0), np.shape(leaf)) * (only in (None, group))
        dot = np.asarray(dot, leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(dot)
        if isinstance(leaf, np.ndarray):
            drawn_before[group] = dot
        return dot

    return mapped(drawn, args)


def nearby(args: Any, rng: np.random.Generator) -> Any:
    """Return a copy of arguments, with other rounding errors."""
    moved: set[int] = set()

    def stepped(leaf: Any) -> Any:
        if not is_inexact(leaf):
            return leaf
        step = 64 * np.finfo(np.asarray(leaf).dtype).eps * rng.uniform(-1.0, 1.0, np.shape(leaf))
        if not isinstance(leaf, np.ndarray):
            return type(leaf)(leaf + step)
        if leaf.flags.writeable and id(leaf) not in moved:
            leaf += step
        moved.add(id(leaf))
        return leaf

    return mapped(stepped, copied(args))


def identities(args: Any) -> list[int]:
    """Return, for each leaf, the number of the first one that is the same array."""
    flat = [leaf for _, leaf in leaves(args)]
    first: dict[int, int] = {}
    return [first.setdefault(id(leaf), i) if isinstance(leaf, np.ndarray) else i for i, leaf in enumerate(flat)]


def pairing(bars: Any, dots: Any) -> tuple[float, float]:
    """Return what cotangents make of tangents, and the size of its terms."""
    total = size = 0.0
    for (_, bar), (_, dot) in zip(leaves(bars), leaves(dots)):
        if is_inexact(dot):
            terms = np.multiply(bar, dot, dtype=np.float64)
            total, size = total + float(np.sum(terms)), size + float(np.sum(np.abs(terms)))
    return total, size


def agree(actual: Any, expected: Any, like: Any, within: float, reason: str) -> None:
    """Expect the same numbers, but for rounding, in the floating-point leaves of `like`; NaN equals NaN alone."""
    for path, a, b in _apart(actual, expected, like, within):
        raise Wrong(reason, f"{path}: got {a!r}, expected {b!r}")


def are_close(actual: Any, expected: Any, like: Any, within: float) -> bool:
    """Tell whether the numbers are the same, but for rounding, in the floating-point leaves of `like`."""
    return not any(_apart(actual, expected, like, within))


def _apart(actual: Any, expected: Any, like: Any, within: float) -> Iterator[tuple[str, Any, Any]]:
    for (path, a), (_, b), (_, leaf) in zip(leaves(actual), leaves(expected), leaves(like)):
        if is_inexact(leaf):
            shaped = np.shape(a) == np.shape(b)
            if not shaped or not np.all((np.abs(np.subtract(a, b)) <= within) | (np.isnan(a) & np.isnan(b)) | (a == b)):
                yield path, a, b


def largest(value: Any) -> float:
    sizes = [float(np.max(np.abs(leaf), initial=0.0)) for _, leaf in leaves(value) if is_inexact(leaf)]
    return max([1.0, *sizes])


def is_finite(value: Any) -> bool:
    return all(np.all(np.isfinite(leaf)) for _, leaf in leaves(value) if is_inexact(leaf))


def near_differences(
    fun: Callable[..., Any], args: Sequence[Any], bars: Any, wrt: Any, rng: np.random.Generator
) -> None:
    """Compare with central differences; where they do not settle, the program is not smooth, and says nothing.

    They are taken in double precision, where a program may go another way: ``3 // 0.6`` is 5 there, and 4 in single
    precision.  The function may write to what it is given.
    """
    doubled = doubled_once(args)
    value = fun(*copied(args))
    if abs(fun(*copied(doubled)) - value) > 1e-3 * max(1.0, abs(value)):
        return
    groups = identities(doubled)
    if _overlap([leaf for i, (_, leaf) in enumerate(leaves(doubled)) if groups[i] == i]):
        return  # Each moves with the other, which the steps below do not.
    own = [i for i, (_, leaf) in enumerate(leaves(doubled)) if is_inexact(leaf) and groups[i] == i]
    flat = [leaf for _, leaf in leaves(doubled)]

    def along(moved: list[Any]) -> Any:
        values = dict(zip(own, moved))
        made = {i: _like(values[i], flat[i]) for i in own}
        positions = iter(groups)

        def replaced(leaf: Any) -> Any:
            return made.get(next(positions), leaf)

        return fun(*mapped(replaced, doubled))

    dots = directions(doubled, rng)
    way = [dot for i, (_, dot) in enumerate(leaves(dots)) if i in own]
    start = [flat[i] for i in own]
    try:
        numeric, noise = difference(along, (start,), 0, way)
        finer, _ = difference(along, (start,), 0, way, eps=2e-6)
    except Exception:  # A kink, or a step to where the program fails.
        return
    paired, size = pairing(bars, tuple(dots[i] for i in wrt))
    scale = max(1.0, abs(numeric), size)
    if abs(finer - numeric) < 1e-4 * scale and noise < 1e-4:
        expect(abs(paired - numeric) <= 1e-2 * scale, "central differences", f"got {paired!r}, expected {numeric!r}")


def _overlap(arrays: Sequence[Any]) -> bool:
    """Tell whether two of several arrays share memory."""
    several = [array for array in arrays if isinstance(array, np.ndarray)]
    return any(np.shares_memory(a, b) for a, b in itertools.combinations(several, 2))


def doubled_once(args: Sequence[Any]) -> Any:
    """Return arguments in double precision; an array that is there twice is again."""
    known: dict[int, Any] = {}

    def double(leaf: Any) -> Any:
        if not is_inexact(leaf):
            return leaf
        if isinstance(leaf, np.ndarray):
            return known.setdefault(id(leaf), leaf if leaf.dtype == np.float64 else np.array(leaf, np.float64))
        return _number(float(leaf), leaf)

    return mapped(double, tuple(args))


def _number(value: float, like: Any) -> Any:
    """Return a number in double precision: Python's, or NumPy's, which has attributes that Python's has not."""
    return np.float64(value) if isinstance(like, np.generic) else value


def _like(value: Any, leaf: Any) -> Any:
    """Return a value as what stands in the place of a leaf: an array lies as that, for it decides what is a view."""
    if not isinstance(leaf, np.ndarray):
        return _number(float(value), leaf)
    array = _placed(leaf, {})
    array.flags.writeable = True
    array[...] = value
    return array


def projection(names: dict[str, Any], main: str, args: Sequence[Any], wrt: Sequence[int], dots: Any) -> str:
    """Return the text of a function `projected`: the gradient of a program's function, along a direction.

    The direction and the gradient are put into `names`, its globals.
    """
    terms = []
    for position, i in enumerate(wrt):
        for path, dot in leaves(dots[i], f"bars[{position}]"):
            if is_inexact(dot):
                names[f"V{len(terms)}"] = dot
                terms.append(f"np.sum({path} * V{len(terms)})")
    params = ", ".join(f"a{i}" for i in range(len(args)))
    return f"def projected({params}):\n    bars = {main}({params})\n    return {' + '.join(terms)}\n"
