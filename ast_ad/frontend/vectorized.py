"""`np.vectorize` and `np.frompyfunc`: the loop over the elements that they hide.

Importing this module adds them to the functions that lowering knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ast_ad.frontend import arrays, dispatch, sites
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.handlers import HANDLERS, Arguments, Keywords
from ast_ad.frontend.listing import items_of
from ast_ad.frontend.meeting import noting_promotions
from ast_ad.frontend.paths import Held
from ast_ad.frontend.values import Known, Partial, Value, is_none
from ast_ad.ir.kinds import dims_of
from ast_ad.ir.nodes import Lit
from ast_ad.models import vectorizing

_ROWS = ("(n)->()", "(i)->()", "(n)->(n)", "(i)->(i)", "(n)->(m)", "(m)->()", "(k)->()")
"""The signatures of functions of a vector."""


class Options(NamedTuple):
    """How a function is vectorized.

    Attributes
    ----------
    dtype
        What the results are cast to; None where that is decided by the first of them.
    excluded
        The positions, and names, of the arguments that are passed as they are.
    rows
        Whether the function is one of vectors.
    objects
        Whether the results are kept as they are (`np.frompyfunc`).
    """

    dtype: Any = None
    excluded: frozenset[int | str] = frozenset()
    rows: bool = False
    objects: bool = False


def options_of(frame: Frame, node: Any, otypes: Any, excluded: Any, signature: str | None) -> Options:
    """Return the options that the arguments of `np.vectorize` say."""
    if signature is not None and signature.replace(" ", "") not in _ROWS:
        frame.refuse(node, f"`np.vectorize` with the signature {signature!r}", "write the loop over the rows")
    types = list(otypes or ())
    if len(types) > 1:
        _refuse_several(frame, node)
    return Options(np.dtype(types[0]) if types else None, frozenset(excluded or ()), signature is not None)


def _refuse_several(frame: Frame, node: Any) -> NoReturn:
    frame.refuse(node, "`np.vectorize` of a function with several results", "vectorize a function for each of them")


def _vectorize(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    given = {**dict(zip(("pyfunc", "otypes", "doc", "excluded", "cache", "signature"), args)), **kwargs}
    if "pyfunc" not in given or is_none(given["pyfunc"]):
        return Partial(Known(np.vectorize, Held(np.vectorize)), (), tuple(kwargs.items()))
    known = [_known(frame, node, given.get(name)) for name in ("otypes", "excluded", "signature")]
    return Partial(Known(apply), (given["pyfunc"], Known(options_of(frame, node, *known))), ())


def _frompyfunc(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> Value:
    function, _, results = args
    if results != Lit(1):
        frame.refuse(node, "`np.frompyfunc` of a function with several results", "make a function for each of them")
    return Partial(Known(apply), (function, Known(Options(objects=True))), ())


def _known(frame: Frame, node: Any, value: Value) -> Any:
    """Return an option, which has to be known."""
    if value is None or isinstance(value, (Known, Lit)):
        return getattr(value, "value", None)
    return [_known(frame, node, each) for each in items_of(frame, node, value)]


def apply(*args: Any, **kwargs: Any) -> Any:
    """Stand for the call of what `np.vectorize` returns."""


def with_one_result(*args: Any, **kwargs: Any) -> Any:
    """Stand for the call of a function that is to return one result."""


def mixed(*args: Any, **kwargs: Any) -> Any:
    """Stand for the call of a function some of whose arguments are not taken apart."""


def by_name(*args: Any, **kwargs: Any) -> Any:
    """Stand for the call of a function whose last arguments are passed by name."""


def _apply(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    function, known, *given = args
    options: Options = known.value
    fixed = {name: value for name, value in kwargs.items() if name in options.excluded}
    named = {name: value for name, value in kwargs.items() if name not in options.excluded}
    places = [i for i in range(len(given)) if i not in options.excluded]
    elements = [arrays.as_array(frame, node, given[i]) for i in places]
    if fixed or len(places) < len(given):
        passed = tuple(Known(None) if i in places else value for i, value in enumerate(given))
        function = Partial(Known(mixed), (function, Known(tuple(places)), passed), tuple(fixed.items()))
    if named:
        elements += [arrays.as_array(frame, node, value) for value in named.values()]
        function = Partial(Known(by_name), (function, Known(tuple(named))), ())
    function = Partial(Known(with_one_result), (function,), ())
    with noting_promotions() as promotions:
        result = _results(frame, node, function, elements, options)
    if promotions and options.dtype is None and not options.objects and not options.rows:
        frame.refuse(
            node,
            "integers become floats in this function, and `np.vectorize` casts results to the type of the first one",
            "say which it is: `otypes=[float]`, or write `0.0` for `0`",
        )
    if options.dtype is None:
        return result
    return dispatch.call_known(frame, node, Known(np.ndarray.astype), [result, Known(options.dtype)], {})


def _results(frame: Frame, node: Any, function: Value, elements: Sequence[Value], options: Options) -> Value:
    """Return the results for all elements, as an array."""
    if not any(dims_of(each.kind) for each in elements):
        numbers = [arrays.item(frame, node, each, ()) if arrays.is_array(each) else each for each in elements]
        return arrays.formed(frame, node, np.asarray, [dispatch.call(frame, node, function, numbers, {})], {})
    model: Any = vectorizing.of_several if len(elements) > 1 else vectorizing.of_one
    if options.rows:
        model = vectorizing.of_rows
    return dispatch.call_known(frame, node, Known(model, Held(model)), [function, *elements], {})


def _with_one_result(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    function, *elements = args
    result = dispatch.call(frame, node, function, elements, kwargs)
    if isinstance(result, tuple):
        _refuse_several(frame, node)
    return result


def _mixed(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    function, places, passed, *elements = args
    merged = dict(enumerate(passed)) | dict(zip(places.value, elements))
    return dispatch.call(frame, node, function, list(merged.values()), kwargs)


def _by_name(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    function, names, *elements = args
    first = len(elements) - len(names.value)
    return dispatch.call(frame, node, function, elements[:first], dict(zip(names.value, elements[first:])))


def _of_instance(site: sites.Site) -> Value:
    """Lower the call of an object that `np.vectorize` has made."""
    fn = site.fn
    options = options_of(site.frame, site.node, fn.otypes, fn.excluded, fn.signature)
    function = Known(fn.pyfunc, site.member("pyfunc"))
    return _apply(site.frame, site.node, [function, Known(options), *site.args], site.kwargs)


sites.INSTANCES[np.vectorize] = _of_instance
HANDLERS.update(
    {apply: _apply, with_one_result: _with_one_result, mixed: _mixed, by_name: _by_name, np.frompyfunc: _frompyfunc}
)
HANDLERS[np.vectorize] = _vectorize
