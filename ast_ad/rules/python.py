"""Derivatives of Python's operators and built-in functions, and of the primitives of the IR."""

from __future__ import annotations

import builtins
import functools
import json
import operator
from collections.abc import Callable
from typing import Any

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, INT, NONE, STRING, Kind, Opaque, Stack, as_kind, is_complex, join
from ast_ad.ir.primitives import select
from ast_ad.rules.registry import always, elementwise, inactive, jvp, vjp
from ast_ad.rules.trial import trial
from ast_ad.runtime import ratio, sign


def returns(kind: Kind) -> Callable[..., Kind]:
    """Make the `kind` of a rule whose result is of one kind always."""
    return lambda *args, **kwargs: kind


def joined(*args: Any) -> Kind:
    """Return the kind of a result that is one of the arguments."""
    kinds = list(map(as_kind, args))
    kind = functools.reduce(lambda a, b: a and join(a, b), kinds)  # type: ignore[arg-type, return-value]
    if kind is None:
        raise TypeError(f"a result that is one of {', '.join(map(str, kinds))} has no kind of its own")
    return kind


# arithmetic
elementwise(operator.add, lambda z, x, y: (1, 1), cheap=True)
elementwise(operator.sub, lambda z, x, y: (1, -1), cheap=True)
elementwise(operator.mul, lambda z, x, y: (y, x), cheap=True)
vjp(operator.truediv, lambda g, z, x, y: (g / y, -(g / y) * z), when=always, broadcasts=True, cheap=True)
jvp(operator.truediv, lambda x_dot, y_dot, z, x, y: (x_dot - z * y_dot) / y, when=always)
elementwise(operator.mod, lambda z, x, y: (1, -(x // y)), cheap=True)
elementwise(operator.neg, lambda y, x: -1, cheap=True)
elementwise(operator.pos, lambda y, x: 1, cheap=True)
inactive(operator.floordiv, broadcasts=True, cheap=True)

_fn: Callable[..., Any]

# absolute value
for _fn in (operator.abs, builtins.abs):
    elementwise(_fn, lambda y, x: sign(x), cheap=True)
    vjp(_fn, lambda g, y, z: g * ratio(z.conjugate(), y), when=is_complex, broadcasts=True)
    jvp(_fn, lambda z_dot, y, z: (z_dot * ratio(z.conjugate(), y)).real, when=is_complex)

# choices: Python's min and max pick one argument, the first of two that are equal
vjp(
    builtins.max,
    lambda g, z, x, y: (select(y > x, 0.0, g), select(y > x, g, 0.0)),
    when=always,
    kind=joined,
    cheap=True,
)
jvp(builtins.max, lambda x_dot, y_dot, z, x, y: select(y > x, y_dot, x_dot), when=always)
vjp(
    builtins.min,
    lambda g, z, x, y: (select(y < x, 0.0, g), select(y < x, g, 0.0)),
    when=always,
    kind=joined,
    cheap=True,
)
jvp(builtins.min, lambda x_dot, y_dot, z, x, y: select(y < x, y_dot, x_dot), when=always)
vjp(
    select,
    lambda g, z, test, x, y: (None, select(test, g, 0.0), select(test, 0.0, g)),
    when=always,
    kind=lambda test, x, y: joined(x, y),
    cheap=True,
)
jvp(select, lambda x_dot, y_dot, z, test, x, y: select(test, x_dot, y_dot), when=always, wrt=(1, 2))

# conversions: the engine brings the adjoint back to the argument's kind
elementwise(float, lambda y, x: 1, cheap=True)
elementwise(complex, lambda z, x, *imaginary: (1, 1j) if imaginary else 1, cheap=True)
inactive(int, cheap=True)
inactive(round, broadcasts=True, cheap=True)
inactive(bool, kind=returns(BOOL), cheap=True)

# parts of complex numbers; a real number is its own real part and conjugate
elementwise(primitives.real, lambda y, x: 1, cheap=True, views=True)
jvp(primitives.real, lambda z_dot, y, z: z_dot.real, when=is_complex)
elementwise(primitives.imag, lambda y, x: None, cheap=True, views=True)
vjp(primitives.imag, lambda g, y, z: -1j * g, when=is_complex, broadcasts=True)
jvp(primitives.imag, lambda z_dot, y, z: z_dot.imag, when=is_complex)
elementwise(primitives.conjugate, lambda y, x: 1, cheap=True, views=True)
vjp(primitives.conjugate, lambda g, y, z: g.conjugate(), when=is_complex, broadcasts=True)
jvp(primitives.conjugate, lambda z_dot, y, z: z_dot.conjugate(), when=is_complex)


# tests and integers
def _comparison(fn: Callable[..., Any]) -> Callable[..., Kind]:
    def kind(x: Any, y: Any) -> Any:
        kinds = [as_kind(x), as_kind(y)]
        return BOOL if any(isinstance(each, Opaque) for each in kinds) else trial(fn, kinds, broadcasts=True)

    return kind


for _fn in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
    inactive(_fn, kind=_comparison(_fn), cheap=True)
inactive(
    operator.not_,
    operator.truth,
    operator.is_,
    operator.is_not,
    operator.contains,
    isinstance,
    callable,
    kind=returns(BOOL),
    cheap=True,
)
inactive(
    operator.and_,
    operator.or_,
    operator.xor,
    operator.invert,
    operator.lshift,
    operator.rshift,
    operator.index,
    broadcasts=True,
    cheap=True,
)

# text
inactive(str, repr, format, str.format, str.join, kind=returns(STRING))
inactive(ascii, bin, chr, hex, oct, kind=returns(STRING))
inactive(ord, kind=returns(INT))
inactive(len, kind=returns(INT), cheap=True)
inactive(print, kind=returns(NONE), effects=("draws",))

# stacks
inactive(primitives.new_stack, kind=returns(Stack(())))
inactive(primitives.nonempty, kind=returns(BOOL), cheap=True)
inactive(primitives.in_order, kind=lambda stack: stack)
inactive(primitives.begin, primitives.end, kind=returns(NONE))
for _name in dir(str):
    if not _name.startswith("_") and _name not in ("format", "join"):
        inactive(getattr(str, _name), kind=returns(STRING))
inactive(json.dumps, kind=returns(STRING))
