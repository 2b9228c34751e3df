"""Values of which one is one of several, depending on the path: their alternatives, and how these are kept in order."""

from __future__ import annotations

from ast_ad.frontend.parcels import Escaped, Made, Parcel
from ast_ad.frontend.values import (
    ABSENT,
    Bound,
    Closure,
    Conflict,
    Container,
    Derived,
    Either,
    Grown,
    Known,
    Part,
    Partial,
    Pooled,
    Ref,
    Value,
    is_operand,
)
from ast_ad.ir.nodes import Lit, Operand, Var

MOST = 16
"""How many values one may be of that a test chooses from."""


def is_function(value: Value) -> bool:
    """Tell whether a value is a function or a method, or one of several."""
    return all(isinstance(each, Bound) or is_plain_function(each) for each in alternatives(value))


def is_plain_function(value: Value) -> bool:
    """Tell whether a value is a function, and no method."""
    return isinstance(value, (Closure, Escaped, Partial, Derived)) or (
        isinstance(value, Known) and callable(value.value)
    )


def is_same(a: Value, b: Value) -> bool:
    """Tell whether two values are one function, one object or one list."""
    if isinstance(a, Known) and isinstance(b, Known):
        return a.same(b)
    return a.same(b) if isinstance(a, Closure) and isinstance(b, Closure) else a is b


def alternatives(value: Value) -> list[Value]:
    """Return what a value may be, if that is several, or itself."""
    return value.alternatives() if isinstance(value, Either) else [value]


def aligned(a: Value, b: Value) -> tuple[Either, Either] | None:
    """Return two values as chains that begin with one alternative; None where they have theirs in another order."""
    first, others = (each.first if isinstance(each, Either) else each for each in (a, b))
    if fit(first, others):
        return _from(a, True), _from(b, True)
    if not _is_among(first, b):
        return _from(a, True), _from(b, False)
    return None if _is_among(others, a) else (_from(a, False), _from(b, True))


def _from(value: Value, begins: bool) -> Either:
    """Return a value as a chain that begins with what it begins with itself, or with something that it never is."""
    if not begins:
        return Either(Lit(False), ABSENT, value)
    return value if isinstance(value, Either) else Either(Lit(True), value, ABSENT)


def _is_among(value: Value, other: Value) -> bool:
    return any(fit(value, each) for each in alternatives(other))


def fit(a: Value, b: Value) -> bool:
    """Tell whether two values can become one alternative: of functions, objects and lists, each is one of its own."""
    if isinstance(a, Pooled) and isinstance(b, Pooled):
        return a.pool is b.pool
    if isinstance(a, ALONE):
        return is_same(a, b)
    return type(a) is type(b) or (is_operand(a) and is_operand(b))


ALONE = (Known, Closure, Ref, Container)
"""What is an alternative of its own."""


def is_whole(value: Value) -> bool:
    """Tell whether a value is one that a name can hold; what a list, a dict or a generator contains is none."""
    return not isinstance(value, (dict, list, Grown, Made, Part, Parcel, Conflict))


def name_test(which: Operand, *sides: Either) -> None:
    """Let the name of what tells of several values which one it is say that."""
    cls = next((each.first.cls.value.__name__ for each in sides if isinstance(each.first, Ref)), "")
    is_new = all(each.which is not which for each in sides)
    if cls and is_new and isinstance(which, Var) and which.name and not which.name.endswith(f"_is_{cls.lower()}"):
        which.name += f"_is_{cls.lower()}"
