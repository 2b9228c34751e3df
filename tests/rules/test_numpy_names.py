"""Every public function of NumPy: it has a rule, is lowered as what it comes to, or is refused for a reason.

A new version of NumPy with names that are in none of these tables fails here.
"""

from __future__ import annotations

import math
import operator
import types
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import AutodiffError
from ast_ad.frontend import aliases, writes
from ast_ad.frontend.handlers import HANDLERS
from ast_ad.models import in_place
from ast_ad.rules import registry
from ast_ad.testing import check_grads

pytestmark = pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="the names of NumPy 2")

V = np.array([0.5, -1.2, 0.8, 1.5])
M = np.array([[0.5, -1.2, 0.8], [1.5, 0.3, -0.4], [0.9, -0.6, 2.1]])

BY_SOURCE: dict[str, tuple[Callable[..., Any], Any]] = {
    "apply_over_axes": (lambda x: np.apply_over_axes(np.sum, x, [0, 1]), M),
    "diag_indices_from": (lambda x: x[np.diag_indices_from(x)], M),
    "fft.hfft": (lambda x: np.fft.hfft(x + 1j * x[::-1]), V),
    "fft.ihfft": (lambda x: np.abs(np.fft.ihfft(x)), V),
    "histogram_bin_edges": (lambda x: np.histogram_bin_edges(x, 4), V),
    "intersect1d": (lambda x: np.intersect1d(x, x[:2]), V),
    "linalg.tensorinv": (lambda x: np.linalg.tensorinv((np.outer(x, x) + np.eye(4)).reshape(4, 2, 2), 1), V),
    "mask_indices": (lambda x: x[np.mask_indices(3, np.triu)], M),
    "mintypecode": (lambda x: x * len(np.mintypecode("d")), V),
    "polydiv": (lambda x: np.polydiv(x, [1.0, 2.0])[0], V),
    "setdiff1d": (lambda x: np.setdiff1d(x, [9.0]), V),
    "setxor1d": (lambda x: np.setxor1d(x, [9.0]), V),
    "sort_complex": (lambda x: np.sort_complex(x + 1j), V),
    "typename": (lambda x: x * len(np.typename("d")), V),
    "union1d": (lambda x: np.union1d(x, [9.0]), V),
    "unique_all": (lambda x: np.unique_all(x).values, V),
    "unique_counts": (lambda x: np.unique_counts(x).values, V),
    "unique_inverse": (lambda x: np.unique_inverse(x).values, V),
    "unique_values": (lambda x: np.unique_values(x), V),
}
"""Functions that are lowered by their own source, each with a program that calls it."""

_REASONS = {
    "read and write files, or bytes": (
        "from_dlpack frombuffer fromfile fromregex fromstring genfromtxt load loadtxt memmap packbits save savetxt "
        "savez savez_compressed unpackbits random.bytes"
    ),
    "are about settings, the state of a generator, or NumPy itself": (
        "get_include get_printoptions getbufsize geterr geterrcall info printoptions set_printoptions setbufsize "
        "seterr seterrcall show_config show_runtime test linalg.test fft.test random.test random.get_bit_generator "
        "random.get_state random.set_bit_generator random.set_state random.BitGenerator random.SeedSequence"
    ),
    "are about dates": (
        "busday_count busday_offset busdaycalendar datetime64 datetime_as_string datetime_data is_busday timedelta64"
    ),
    "are classes of scalars that are abstract, or hold no numbers": (
        "bytes_ character complexfloating flexible floating generic inexact integer number object_ record "
        "signedinteger str_ unsignedinteger void"
    ),
    "are classes, or make objects of classes, that are not plain arrays": (
        "broadcast flatiter nested_iters recarray ufunc linalg.LinAlgError"
    ),
    "make texts, or tell about dtypes and contractions": "base_repr binary_repr einsum_path isdtype min_scalar_type",
    "count what is in boxes: the counts have derivative zero": "histogram2d histogramdd",
    "return integers drawn from an old generator": "random.random_integers",
}
REFUSED = {name: reason for reason, names in _REASONS.items() for name in names.split()}
"""Functions that no active value may reach, and why."""

MODULES = {"": np, "linalg.": np.linalg, "fft.": np.fft, "random.": np.random}


def has_entry(fn: Any) -> bool:
    """Tell whether a function has a rule, or a lowering of its own."""
    if not isinstance(fn, Hashable):
        return False
    tables = (HANDLERS, aliases.HANDLERS, writes.FUNCTIONS, in_place.IN_PYTHON)
    return registry.find(fn) is not None or any(fn in table for table in tables)


def names() -> list[str]:
    """Every public name of something to be called, with its module before it."""
    return [
        prefix + name
        for prefix, module in MODULES.items()
        for name in sorted(vars(module))
        if not name.startswith("_")
        and callable(getattr(module, name))
        and not issubclass(type(getattr(module, name)), types.ModuleType)
        and not (isinstance(getattr(module, name), type) and issubclass(getattr(module, name), Warning))
    ]


def found(name: str) -> Any:
    return operator.attrgetter(name)(np)


def test_each_function_is_in_one_table():
    unknown = [name for name in names() if not has_entry(found(name)) and name not in {**BY_SOURCE, **REFUSED}]
    assert unknown == [], "give these a rule or a model, or a reason in REFUSED"
    assert not BY_SOURCE.keys() & REFUSED.keys()
    assert [name for name in names() if has_entry(found(name)) and name in {**BY_SOURCE, **REFUSED}] == []


@pytest.mark.parametrize("name", BY_SOURCE)
def test_functions_that_are_lowered_by_their_source(name):
    if not hasattr(np, name.split(".", maxsplit=1)[0]):
        pytest.skip("not in this version")
    fun, x = BY_SOURCE[name]
    check_grads(fun)(x)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: np.sum(np.frompyfunc(math.sin, 1, 2)(x)[0]),
        lambda x: np.sum(np.asmatrix(x)),
        lambda x: np.sum(np.datetime64("2020-01-01") - x),
    ],
)
def test_what_is_refused(fun):
    with pytest.raises(AutodiffError) as failure:
        ast_ad.grad(fun)(V)
    assert failure.value.where is not None
    assert failure.value.where.file == __file__
    assert failure.value.help


METHODS: dict[str, Callable[..., Any]] = {
    "all": lambda x: x.all() * 1.0 + x,
    "any": lambda x: x.any() * 1.0 + x,
    "argmax": lambda x: x.argmax() * 1.0 + x,
    "argmin": lambda x: x.argmin() * 1.0 + x,
    "argpartition": lambda x: x.argpartition(1) + x,
    "argsort": lambda x: x.argsort() + x,
    "astype": lambda x: x.astype(complex) ** 2,
    "choose": lambda x: (x > 0).astype(int).choose([x, 2 * x]),
    "clip": lambda x: x.clip(0.0, 1.0),
    "compress": lambda x: x.compress([True, False, True], axis=1),
    "conj": lambda x: x.conj() ** 2,
    "conjugate": lambda x: x.conjugate() ** 2,
    "copy": lambda x: x.copy() ** 2,
    "cumprod": lambda x: x.cumprod() ** 2,
    "cumsum": lambda x: x.cumsum() ** 2,
    "diagonal": lambda x: x.diagonal() ** 2,
    "dot": lambda x: x.dot(x),
    "dtype": lambda x: np.ones(3, x.dtype) * x,
    "fill": lambda x: (x.fill(2.0), x)[1],
    "flat": lambda x: x.flat[1] ** 2,
    "flatten": lambda x: x.flatten() ** 2,
    "imag": lambda x: x.imag**2,
    "item": lambda x: x.item(1) ** 2,
    "itemsize": lambda x: x.itemsize * x,
    "max": lambda x: x.max() ** 2,
    "mean": lambda x: x.mean() ** 2,
    "min": lambda x: x.min() ** 2,
    "mT": lambda x: x.mT**2,
    "nbytes": lambda x: x.nbytes * x,
    "ndim": lambda x: x.ndim * x,
    "nonzero": lambda x: x[x.nonzero()] ** 2,
    "partition": lambda x: (x.partition(1), x)[1],
    "prod": lambda x: x.prod() ** 2,
    "put": lambda x: (x.put([0], 1.0), x)[1],
    "ravel": lambda x: x.ravel() ** 2,
    "real": lambda x: x.real**2,
    "repeat": lambda x: x.repeat(2),
    "reshape": lambda x: x.reshape(9),
    "round": lambda x: x.round(2) * x,
    "searchsorted": lambda x: x[0, :1].searchsorted(0.0) + x,
    "shape": lambda x: x.shape[0] * x,
    "size": lambda x: x.size * x,
    "sort": lambda x: (x.sort(), x)[1],
    "squeeze": lambda x: x.squeeze() ** 2,
    "std": lambda x: x.std() ** 2,
    "strides": lambda x: x.strides[0] * x,
    "sum": lambda x: x.sum() ** 2,
    "swapaxes": lambda x: x.swapaxes(0, 1) ** 2,
    "T": lambda x: x.T**2,
    "take": lambda x: x.take([0, 1]),
    "tolist": lambda x: x.tolist()[1][2] ** 2,
    "trace": lambda x: x.trace() ** 2,
    "transpose": lambda x: x.transpose() ** 2,
    "var": lambda x: x.var() ** 2,
    "view": lambda x: x.view() ** 2,
    "resize": lambda x: (y := x * x).resize((9, 1), refcheck=False) or y,
}

REFUSED_METHODS: dict[str, Callable[..., Any]] = {
    "base": lambda x: x.base is None and x,
    "byteswap": lambda x: x.byteswap(),
    "ctypes": lambda x: x.ctypes and x,
    "data": lambda x: x.data and x,
    "device": lambda x: x.device and x,
    "dump": lambda x: x.dump("file") or x,
    "dumps": lambda x: x.dumps() and x,
    "flags": lambda x: x.flags and x,
    "getfield": lambda x: x.getfield(float),
    "setfield": lambda x: x.setfield(x, float) or x,
    "setflags": lambda x: x.setflags(write=False) or x,
    "to_device": lambda x: x.to_device("cpu"),
    "tobytes": lambda x: x.tobytes() and x,
    "tofile": lambda x: x.tofile("file") or x,
}


GONE = {"itemset", "newbyteorder", "ptp", "tostring"}
"""Methods that older versions of NumPy 2 still list."""


def test_each_method_of_an_array_is_in_one_table():
    listed = {name for name in dir(np.ndarray) if not name.startswith("_")} - GONE
    assert listed == METHODS.keys() | REFUSED_METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_arrays(name):
    check_grads(METHODS[name])(M)


@pytest.mark.parametrize("name", REFUSED_METHODS)
def test_methods_that_are_refused(name):
    with pytest.raises(AutodiffError, match=name):
        ast_ad.jacobian(REFUSED_METHODS[name])(M)
