"""The few functions that generated code calls and that neither Python nor NumPy has.

They need NumPy alone, so that a generated file can be shipped with this package beside it.  Each has a derivative rule
(in `ast_ad.rules`), so that code that calls them can be differentiated again, to any order.
"""

from ast_ad.runtime.arrays import (
    Chain,
    Turn,
    add_at,
    check_apart,
    check_rows,
    fitted,
    set_at,
    shuffled,
    unbroadcast,
    with_imag,
    written_at,
)
from ast_ad.runtime.failures import fails, failure
from ast_ad.runtime.gradients import shaped, stop_gradient
from ast_ad.runtime.linear_algebra import cross, of_square
from ast_ad.runtime.lists import (
    add_lists,
    copied_lists,
    put_back,
    repeat_lists,
    sorting_order,
    split_like,
    taken,
    zero_of,
    zeros_of,
)
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
from ast_ad.runtime.quantiles import quantile_weights
from ast_ad.runtime.records import sum_records, zero_record
from ast_ad.runtime.reductions import (
    add_along_axis,
    arrangement,
    linear_recurrence,
    products_before,
    products_of_others,
    shares,
    transposed_gradient,
    trapezoid_weights,
)
from ast_ad.runtime.shaping import sum_runs, undelete, unpad, unslide, vander_derivative, with_diagonal
from ast_ad.runtime.transforms import cut, doubled, interp_adjoint, resized, steps, steps_adjoint, uncut

__all__ = [
    "Chain",
    "Turn",
    "add_along_axis",
    "add_at",
    "add_lists",
    "arrangement",
    "bessel_i",
    "check_apart",
    "check_rows",
    "copied_lists",
    "cross",
    "cut",
    "digamma",
    "doubled",
    "fails",
    "failure",
    "fitted",
    "interp_adjoint",
    "linear_recurrence",
    "of_square",
    "polygamma",
    "power_derivative",
    "products_before",
    "products_of_others",
    "put_back",
    "quantile_weights",
    "ratio",
    "repeat_lists",
    "resized",
    "safe_log",
    "set_at",
    "shaped",
    "share",
    "shares",
    "shuffled",
    "sign",
    "sinc_derivative",
    "sorting_order",
    "split_like",
    "steps",
    "steps_adjoint",
    "stop_gradient",
    "sum_records",
    "sum_runs",
    "taken",
    "transposed_gradient",
    "trapezoid_weights",
    "trip_count",
    "unbroadcast",
    "uncut",
    "undelete",
    "unpad",
    "unslide",
    "vander_derivative",
    "with_diagonal",
    "with_imag",
    "written_at",
    "zero_of",
    "zero_record",
    "zeros_of",
]
