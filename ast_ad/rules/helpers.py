"""Derivatives of the functions of `ast_ad.runtime`, so that generated code can be differentiated again."""

from __future__ import annotations

from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING, Opaque, Record
from ast_ad.rules.registry import always, elementwise, inactive, jvp, vjp
from ast_ad.runtime import (
    KeyIndex,
    bessel_i,
    chosen,
    copied_record,
    digamma,
    fails,
    failure,
    failure_name,
    place_of,
    place_or_end,
    polygamma,
    portion,
    range_item,
    ratio,
    real_number,
    reciprocals,
    share,
    sign,
    sinc_derivative,
    sum_records,
    trip_count,
    zero_record,
)

inactive(sign, share, broadcasts=True, cheap=True)
vjp(chosen, lambda g, y, h, z, a, b: (chosen(g, z, a, b), None, None, None), broadcasts=True, cheap=True)
jvp(chosen, lambda h_dot, y, h, z, a, b: chosen(h_dot, z, a, b), wrt=(0,))
inactive(fails, kind=lambda *args, **kwargs: BOOL)
inactive(failure, kind=lambda *args, **kwargs: STRING)
inactive(failure_name, kind=lambda *args, **kwargs: STRING)
inactive(KeyIndex, kind=lambda: Opaque("index of keys"), effects=("allocates",))
inactive(place_of, place_or_end, kind=lambda index, keys, key: INT)
inactive(real_number, kind=lambda value: FLOAT, effects=("raises",))
inactive(range_item, kind=lambda start, stop, step, index: INT, cheap=True)
inactive(trip_count, cheap=True)
elementwise(ratio, lambda z, x, y: (ratio(1.0, y), -ratio(z, y)), cheap=True)
vjp(reciprocals, lambda g, y, s: -(g * y * y))
jvp(reciprocals, lambda s_dot, y, s: -(s_dot * y * y))
elementwise(portion, lambda p, x, z: (p, -p))
elementwise(sinc_derivative, lambda y, x, order=1: (sinc_derivative(x, order + 1), None))
elementwise(digamma, lambda y, x: polygamma(1, x))
elementwise(polygamma, lambda y, n, x: (None, polygamma(n + 1, x)))
elementwise(
    bessel_i,
    lambda y, n, x: (None, bessel_i(1, x) if n == 0 else 0.5 * (bessel_i(n - 1, x) + bessel_i(n + 1, x))),
)

# What a call of a recursive function saves; the transforms know of `pack` and `unpack`.
inactive(zero_record, kind=lambda record: Record())
vjp(copied_record, lambda g, y, record: g, when=always, kind=lambda record: Record())
jvp(copied_record, lambda dot, y, record: dot, when=always)
vjp(sum_records, lambda g, y, a, b: (g, g), when=always, kind=lambda a, b: Record())
jvp(sum_records, lambda a_dot, b_dot, y, a, b: sum_records(a_dot, b_dot), when=always)
for _fn in (primitives.pack, primitives.unpack):
    vjp(_fn, lambda g, y, *args: (g,), when=always, cheap=True, views=True)
    jvp(_fn, lambda x_dot, y, *args: x_dot, when=always, wrt=(0,))
