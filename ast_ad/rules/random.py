"""Random draws: inactive, and drawn once.

A draw is never tried to find out what it returns, and never repeated, dropped or moved.  It depends on its parameters
in a way that the derivative of one draw does not show, so a parameter that is differentiated is refused: draw from the
standard distribution, and shift and scale what was drawn.

NumPy has every distribution up to three times: as a function, as a method of the old `RandomState`, and as one of
`Generator`.  Methods are declared unbound, and get the generator as their first argument.  The states of
generators have no rule.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.broadcasting import broadcast
from ast_ad.ir.kinds import FLOAT, INT, NONE, Dim, Kind, List, Opaque, kind_of
from ast_ad.rules.dims import array_kind, knowing, lengths, nested_dims, nested_dtype
from ast_ad.rules.mathematics import present
from ast_ad.rules.registry import inactive
from ast_ad.runtime import drawn_place, drawn_places, shuffled, shuffled_places

# The parameters of each distribution, which stand before the size.
REAL = {
    **dict.fromkeys(("random", "random_sample", "ranf", "sample"), ()),
    **dict.fromkeys(("standard_cauchy", "standard_exponential", "standard_normal"), ()),
    **dict.fromkeys(("normal", "laplace", "logistic", "gumbel"), ("loc", "scale")),
    **dict.fromkeys(("exponential", "rayleigh"), ("scale",)),
    **dict.fromkeys(("pareto", "power", "weibull"), ("a",)),
    **dict.fromkeys(("chisquare", "standard_t"), ("df",)),
    "beta": ("a", "b"),
    "f": ("dfnum", "dfden"),
    "gamma": ("shape", "scale"),
    "lognormal": ("mean", "sigma"),
    "noncentral_chisquare": ("df", "nonc"),
    "noncentral_f": ("dfnum", "dfden", "nonc"),
    "standard_gamma": ("shape",),
    "triangular": ("left", "mode", "right"),
    "uniform": ("low", "high"),
    "vonmises": ("mu", "kappa"),
    "wald": ("mean", "scale"),
}
WHOLE = {
    **dict.fromkeys(("binomial", "negative_binomial"), ("n", "p")),
    **dict.fromkeys(("geometric", "logseries"), ("p",)),
    "hypergeometric": ("ngood", "nbad", "nsample"),
    "poisson": ("lam",),
    "zipf": ("a",),
}
VECTORS = {
    "dirichlet": ("alpha",),
    "multinomial": ("n", "pvals"),
    "multivariate_hypergeometric": ("colors", "nsample"),
    "multivariate_normal": ("mean", "cov"),
}
# What stands after the size.
OPTIONS = {
    "choice": ("replace", "p", "axis", "shuffle"),
    "integers": ("dtype", "endpoint"),
    **dict.fromkeys(("random", "standard_normal", "standard_gamma"), ("dtype",)),
    "standard_exponential": ("dtype", "method"),
    "multivariate_hypergeometric": ("method",),
    "multivariate_normal": ("check_valid", "tol", "method"),
}
OLD_OPTIONS = {"choice": ("replace", "p"), "randint": ("dtype",), "multivariate_normal": ("check_valid", "tol")}

Arguments = dict[str, Any]
Judge = Callable[[Arguments], Kind]


def _drawn(dtype: Any, dims: Sequence[Dim], number: Kind | None = None) -> Kind:
    """Return the kind of an array; of a number, where it has no dims."""
    return number if number is not None and not dims else array_kind(dtype, dims)


def _size(given: Arguments) -> tuple[Dim, ...] | None:
    size = given.get("size")
    return None if size is None else lengths(size)


def _by_element(given: Arguments, parameters: Sequence[str], dtype: Any, number: Kind) -> Kind:
    """Judge a draw that has its size or, where it has none, that of its parameters."""
    size = _size(given)
    if size is not None:
        return _drawn(dtype, size)
    return _drawn(dtype, broadcast(*(nested_dims(given[name]) for name in parameters if name in given)), number)


def _real(given: Arguments, parameters: Sequence[str]) -> Kind:
    return _by_element(given, parameters, given.get("dtype", float), FLOAT)


def _whole(given: Arguments, parameters: Sequence[str]) -> Kind:
    return _by_element(given, parameters, np.int64, INT)


def _randint(given: Arguments, parameters: Sequence[str]) -> Kind:
    """As `Generator.integers`, but for numbers of Python's types, which are Python's."""
    dtype = np.dtype(given.get("dtype", int))
    python = kind_of(dtype.type(0).item()) if dtype.kind == "b" or given.get("dtype", int) is int else None
    return _by_element(given, parameters, dtype, python or array_kind(dtype, ()))


def _integers(given: Arguments, parameters: Sequence[str]) -> Kind:
    dtype = given.get("dtype", np.int64)
    return _by_element(given, parameters, dtype, array_kind(dtype, ()))


def _vectors(given: Arguments, parameters: Sequence[str]) -> Kind:
    """Judge a draw of vectors: as many as its size or, where it has none, as its other parameters."""
    real = "alpha" in given or "mean" in given
    vector = next(nested_dims(given[name]) for name in ("alpha", "pvals", "colors", "mean") if name in parameters)
    size = _size(given)
    if size is None:
        size = broadcast(nested_dims(given["n"]), vector[:-1]) if "n" in parameters else ()
    return _drawn(np.float64 if real else np.int64, (*size, *vector[-1:]))


def _choice(given: Arguments, parameters: Sequence[str]) -> Kind:
    """Judge a choice: of the integers below a number, or of an array's items along an axis."""
    population, size = given["a"], _size(given)
    dims = nested_dims(population)
    if not dims:
        return _drawn(np.int64, size or (), INT if size is None else None)
    axis = given.get("axis", 0) % len(dims)
    return _drawn(nested_dtype(population), (*dims[:axis], *(size or ()), *dims[axis + 1 :]))


def _permutation(given: Arguments) -> Kind:
    dims = nested_dims(given["x"])
    return array_kind(nested_dtype(given["x"]), dims) if dims else array_kind(np.int64, lengths(given["x"]))


def _dimensions(*sizes: Any) -> Kind:
    """Judge `rand` and `randn`, whose arguments are the size."""
    return _drawn(float, lengths(sizes), FLOAT)


def kind_of_call(judge: Judge, names: Sequence[str], owner: str) -> Callable[..., Any]:
    """Return what tells the kind of a call, whose arguments have these names: NumPy's methods have no signatures.

    Parameters
    ----------
    owner : str
        "generator" or "state" for a method of one, whose first argument it is; "" for a function.
    """
    ordered = (owner, *names) if owner else tuple(names)

    def kind(*args: Any, **kwargs: Any) -> Kind:
        unknown = [name for name in kwargs if name not in ordered[len(args) :]]
        if unknown or len(args) > len(ordered):
            raise TypeError(f"an argument that is not supported: {unknown[0] if unknown else args[len(ordered)]}")
        try:
            return judge({**dict(zip(ordered, args)), **kwargs})
        except KeyError as error:
            raise TypeError(f"missing argument: {error}") from error

    return knowing(kind)


_drawing = functools.partial(inactive, effects=("draws",), refuses=True)


def _declare(name: str, judge: Judge, names: Sequence[str], options: Sequence[str], old_options: Sequence[str]) -> None:
    for owner, place in _PLACES.items():
        ordered = (*names, *(options if owner == "generator" else old_options))
        for fn in present(place, name):
            _drawing(fn, kind=kind_of_call(judge, ordered, owner))


_PLACES: dict[str, Any] = {"": np.random, "state": np.random.RandomState, "generator": np.random.Generator}
_LIMITS = ("low", "high")

for _table, _judged in (
    (REAL, _real),
    (WHOLE, _whole),
    ({"randint": _LIMITS}, _randint),
    ({"integers": _LIMITS}, _integers),
    (VECTORS, _vectors),
    ({"choice": ("a",)}, _choice),
):
    for _name, _parameters in _table.items():
        _judged_by = functools.partial(_judged, parameters=_parameters)
        _declare(_name, _judged_by, (*_parameters, "size"), OPTIONS.get(_name, ()), OLD_OPTIONS.get(_name, ()))
_declare("permutation", _permutation, ("x",), ("axis",), ())
_declare("permuted", _permutation, ("x",), ("axis",), ())
_drawing(np.random.rand, np.random.randn, kind=knowing(_dimensions))
_drawing(
    np.random.RandomState.rand, np.random.RandomState.randn, kind=knowing(lambda state, *sizes: _dimensions(*sizes))
)

# generators: to make one from fresh entropy is a draw, and each has a state of its own
_drawing(np.random.seed, np.random.RandomState.seed, kind=lambda *args, **kwargs: NONE)
_drawing(np.random.default_rng, np.random.Generator, kind=lambda *args, **kwargs: Opaque("Generator"))
for _type in (np.random.RandomState, *present(np.random, "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")):
    _drawing(_type, kind=lambda *args, _type=_type, **kwargs: Opaque(_type.__name__))

inactive(
    shuffled,
    kind=lambda source, shape, axis=0: array_kind("int64", (lengths(shape)[axis],)),
    effects=("draws",),
)
inactive(shuffled_places, kind=lambda source, count: List(INT), effects=("draws",))
inactive(drawn_place, kind=lambda source, count: INT, effects=("draws",))
inactive(drawn_places, kind=lambda source, count, k, again=False: List(INT), effects=("draws",))

# Python's own: methods of a generator that the module hides
for _name in (
    *("random", "uniform", "triangular", "gauss", "normalvariate", "lognormvariate", "expovariate", "betavariate"),
    *("gammavariate", "vonmisesvariate", "paretovariate", "weibullvariate"),
):
    _drawing(getattr(random, _name), kind=lambda *args, **kwargs: FLOAT)
for _name in ("randint", "randrange", "getrandbits"):
    _drawing(getattr(random, _name), kind=lambda *args, **kwargs: INT)
_drawing(random.seed, kind=lambda *args, **kwargs: NONE)
