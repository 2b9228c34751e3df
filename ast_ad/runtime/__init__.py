"""The few functions that generated code calls and that neither Python nor NumPy has.

They need NumPy alone, so that a generated file can be shipped with this package beside it.  Each has a derivative rule
(in `ast_ad.rules`), so that code that calls them can be differentiated again, to any order.
"""

from ast_ad.runtime.arrays import add_at, check_apart, fitted, set_at, unbroadcast, written_at
from ast_ad.runtime.gradients import shaped, stop_gradient
from ast_ad.runtime.numbers import (
    bessel_i,
    digamma,
    polygamma,
    power_derivative,
    ratio,
    safe_log,
    share,
    sign,
    sinc_derivative,
    trip_count,
)
