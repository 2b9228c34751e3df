"""Calls of objects that are known: which code runs, and with which arguments."""

from __future__ import annotations

import collections
import contextlib
import functools
import inspect
import operator
import types
from collections.abc import Hashable
from typing import Any, cast

import numpy as np

from ast_ad.errors import AutodiffError
from ast_ad.frontend import (
    aliases,
    array_members,
    arrays,
    cached,
    classes,
    containers,
    enumerations,
    external,
    handlers,
    library,
    members,
    objects,
    paths,
    printing,
    records,
    writes,
)
from ast_ad.frontend.choices import either
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.dispatch import Arguments, Keywords, call, call_known
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import abstract_default, call_function
from ast_ad.frontend.method_calls import call_method, container_method
from ast_ad.frontend.operator_calls import call_derivative
from ast_ad.frontend.paths import Member
from ast_ad.frontend.resolution import guard_identity, resolved
from ast_ad.frontend.several import is_function
from ast_ad.frontend.sites import CLASSES, INSTANCES, Site, Step, handler_of
from ast_ad.frontend.values import Container, Either, Known, Method, Partial, Ref, Table, Value
from ast_ad.ir.nodes import Lit
from ast_ad.models import in_place
from ast_ad.rules import registry
from ast_ad.trees import is_number

_OF_GENERATOR = contextlib.contextmanager(iter).__code__
"""The code of all functions that `contextlib.contextmanager` makes."""

_OF_SINGLE_DISPATCH = functools.singledispatch(iter).__code__  # type: ignore[attr-defined]
"""The code of all functions that `functools.singledispatch` makes."""

_DISPATCHER = "<__array_function__ internals>"
"""Where the wrappers come from in which older versions of NumPy have their functions: there is no text of these."""

_NUMPY_WRAPPER = type(np.sum)
"""The class of the wrappers in which NumPy has its functions; in older versions, these are functions themselves."""


def call_known_object(frame: Frame, node: Any, known: Known, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an object that is known."""
    guard_identity(frame, known)
    path = known.path if known.path is not None else paths.Held(known.value)
    site = Site(frame, node, known, path, args, kwargs)
    for step in _AS_GIVEN:
        found = step(site)
        if found is not None:
            return found
    decided = _of_one_of_several(site)
    if decided is not None:
        return decided
    site = site.settled()
    for step in _SETTLED:
        found = step(site)
        if found is not None:
            return found
    return library.operation(frame, node, known.value, site.args, site.kwargs)


def _of_one_of_several(site: Site) -> Value | None:
    """Lower a call for each of several values that an argument may be; a function of the user's takes it as it is."""
    if site.is_written:
        return None
    given: dict[Any, Value] = {**dict(enumerate(site.args)), **site.kwargs}
    key = next((key for key, value in given.items() if isinstance(value, Either) and not is_function(value)), None)
    if key is None:
        return None

    def called(value: Value) -> Value:
        args = [value if i == key else arg for i, arg in enumerate(site.args)]
        kwargs = {name: value if name == key else arg for name, arg in site.kwargs.items()}
        found = call_known(site.frame, site.node, site.known, args, kwargs)
        # What `zip` and its like give all at once meets as a list does.
        return containers.made(site.frame, found) if type(found) is list else found

    return either(site.frame, site.node, given[key], called)


def _bound_method(site: Site) -> Value | None:
    """First, because a bound method passes on what its function knows of itself."""
    fn = site.fn
    if not isinstance(fn, types.MethodType) or registry.find(fn) is not None or handler_of(site) is not None:
        return None
    if external.is_external(fn) and fn.__func__ not in handlers.HANDLERS:
        return external.call(site.frame, site.node, fn, site.args, site.kwargs)
    if fn in writes.FUNCTIONS:
        return None
    return site.call(fn.__func__, site.member("__func__"), [Known(fn.__self__, site.member("__self__"))])


def _of_a_base(site: Site) -> Value | None:
    """Methods of lists, dicts and tuples that are named with their class, for objects that inherit from these."""
    first = site.args[0] if site.args else None
    cls = first.cls.value if isinstance(first, Ref) else getattr(first, "value", None)
    model = members.method_of_base(site.fn)
    if model is None or not isinstance(cls, type) or members.base_of(cls) is None:
        return None
    return site.call(model)


_CONTAINERS = (
    *(list, dict),
    *(collections.Counter, collections.OrderedDict, collections.defaultdict, collections.deque),
)


def _of_container(site: Site) -> Value | None:
    """Methods of lists, dicts and sets that are named with their class: ``list.append(xs, x)``, ``set.union(a, b)``."""
    fn, args = site.fn, site.args
    name, owner = getattr(fn, "__name__", ""), args[0] if args else None
    if isinstance(owner, Ref):
        model, cls = owner.cls.value, getattr(fn, "__objclass__", None)
        is_set = cls in (set, frozenset) and hasattr(model, "__ast_ad_model__") and hasattr(model, name)
        return site.call(getattr(model, name)) if is_set else None
    if not isinstance(owner, (Container, Table)) or not any(vars(cls).get(name) is fn for cls in _CONTAINERS):
        return None
    method = container_method(owner, name)
    if method is not None:
        return call(site.frame, site.node, method, args[1:], site.kwargs)
    if not name.startswith("__") or name in ("__init__", "__ior__"):
        site.frame.refuse(site.node, f"`{fn.__qualname__}` is not supported", "write a loop, or make a new container")
    return None


def _of_view(site: Site) -> None:
    """Views of dicts, which functions of NumPy do not go through, but for one."""
    given = any(isinstance(arg, View) for arg in (*site.args, *site.kwargs.values()))
    if given and external.module_of(site.fn).split(".")[0] == "numpy" and site.fn is not np.fromiter:
        site.frame.misfit(
            site.node, "a view of a dict is given where an array is needed", "make a list of it: `list(d.values())`"
        )


def _alias(site: Site) -> Value | None:
    """Return an argument again, where the function may do that."""
    alias = aliases.HANDLERS.get(site.fn) if isinstance(site.fn, Hashable) else None
    if alias is None:
        return None
    return alias(site.frame, site.node, *containers.all_plain(site.frame, site.args, site.kwargs))


def _handled(site: Site) -> Value | None:
    handler = handler_of(site)
    if handler is None:
        return None
    if isinstance(site.fn, types.MethodType):
        guard_identity(site.frame, Known(site.fn.__self__, site.member("__self__")))
    return handler(site.frame, site.node, site.args, site.kwargs)


def _array_method(site: Site) -> Value | None:
    """Methods of arrays, as functions of the array (``np.ndarray.sum``) or bound to one (``A.dot``)."""
    fn, args = site.fn, site.args
    if isinstance(fn, (types.MethodDescriptorType, types.WrapperDescriptorType)) and fn.__objclass__ is np.ndarray:
        if not args or not arrays.is_array(args[0]):
            return None
        owner, *args = args
    elif isinstance(fn, types.BuiltinMethodType) and type(fn.__self__) is np.ndarray:
        owner = resolved(site.frame, fn.__self__, site.member("__self__"), "array")
    else:
        return None
    if fn.__name__ not in array_members.METHODS:
        return None
    return call_method(site.frame, site.node, Method(owner, fn.__name__), args, site.kwargs)


def _writing(site: Site) -> Value | None:
    """Calls of functions of NumPy that change their arguments."""
    fn, frame, node = site.fn, site.frame, site.node
    if isinstance(fn, Hashable) and fn in writes.FUNCTIONS:
        return writes.call_function(frame, node, fn, *containers.all_plain(frame, site.args, site.kwargs))
    if isinstance(fn, Hashable) and fn in in_place.IN_PYTHON:
        return site.call(in_place.IN_PYTHON[fn])
    if not isinstance(fn, types.BuiltinMethodType) or fn.__name__ != "at" or not isinstance(fn.__self__, np.ufunc):
        return None
    args, kwargs = containers.all_plain(frame, site.args, site.kwargs)
    places = writes.ufunc_at(frame, node, fn.__self__, args)
    if places is None:
        return Known(None)
    x, index, *rest = args
    several = index if isinstance(index, tuple) else (index,)
    found = tuple(arrays.formed(frame, node, np.asarray, [each], {}) for each in several)
    given = found if isinstance(index, tuple) else found[0]
    return call_known(frame, node, Known(places), [Known(fn.__self__), x, given, *rest], kwargs)


def _outside(site: Site) -> Value | None:
    """Calls of what has no source and no rule, which run as they are, and of operations."""
    fn, call_of = site.fn, (site.frame, site.node, site.fn, site.args, site.kwargs)
    if printing.is_test(fn):
        return printing.test(*call_of)
    known = registry.find(fn) is not None
    rule_serves = known and external.module_of(fn) != "json"
    if not rule_serves and (external.is_external(fn) or external.is_constant(site.frame, fn, site.args, site.kwargs)):
        return external.call(*call_of)
    return library.operation(*call_of) if known or isinstance(fn, types.BuiltinFunctionType) else None


def _wrapper(site: Site) -> Value | None:
    """Calls of what functions of the standard library make of functions."""
    fn, frame, node = site.fn, site.frame, site.node
    if isinstance(fn, functools._lru_cache_wrapper):
        names = getattr(getattr(fn.__wrapped__, "__code__", None), "co_names", ())
        call = functools.partial(site.call, fn.__wrapped__, site.member("__wrapped__"))
        return cached.called(frame, node, fn, (*site.args, *site.kwargs.values()), {}, names, call)
    if not isinstance(fn, types.FunctionType):
        return None
    if fn.__code__ is _OF_SINGLE_DISPATCH and site.args:
        chosen = fn.dispatch(classes.type_of(frame, node, site.args[0]))  # type: ignore[attr-defined]
        return site.call(chosen, paths.Held(chosen))
    if fn.__code__ is _OF_GENERATOR:
        generator = Known(getattr(fn, "__wrapped__", None), site.member("__wrapped__"))
        return Partial(Known(contextlib.contextmanager), (generator, *site.args), tuple(site.kwargs.items()))
    return None


def _python(site: Site) -> Value | None:
    """Calls of functions that have a source."""
    fn, frame, node = site.fn, site.frame, site.node
    if not isinstance(fn, types.FunctionType) or fn.__code__.co_filename == _DISPATCHER:
        return None
    if records.is_generated(fn):
        return records.call_generated(frame, node, fn, site.args, site.kwargs)
    lower = functools.partial(call_function, frame, node, fn, site.path, site.args, site.kwargs)
    return (
        external.lowered_or_called(frame, node, fn, lower, site.args, site.kwargs)
        if external.is_of_library(fn)
        else lower()
    )


def _made_of_arguments(site: Site) -> Value | None:
    """Calls of `operator.itemgetter` and its like, of `functools.partial`, and of objects in `INSTANCES`."""
    fn, frame, node = site.fn, site.frame, site.node
    if type(fn) in INSTANCES:
        return INSTANCES[type(fn)](site)
    if isinstance(fn, (operator.itemgetter, operator.attrgetter, operator.methodcaller)):
        # They tell what they were made of to `pickle` only.
        maker, given, *_ = cast("tuple[Any, ...]", fn.__reduce__())
        made = handlers.HANDLERS[getattr(maker, "func", maker)](frame, node, [_constant(arg) for arg in given], {})
        return call(frame, node, made, site.args, site.kwargs)
    if not isinstance(fn, functools.partial):
        return None
    given = [resolved(frame, arg, paths.Item(site.member("args"), i), "") for i, arg in enumerate(fn.args)]
    named = {
        key: resolved(frame, value, paths.Item(site.member("keywords"), key), key) for key, value in fn.keywords.items()
    }
    function = Known(fn.func, site.member("func"))
    return call_known(frame, node, function, [*given, *site.args], {**named, **site.kwargs})


def _class(site: Site) -> Value | None:
    fn = site.fn
    if not isinstance(fn, type) or issubclass(fn, (int, float, complex, np.generic)):
        return None
    member = enumerations.made(site.frame, site.node, site.known, site.args)
    if member is not None:
        return member
    for base, make in CLASSES.items():
        if issubclass(fn, base):
            return make(site)
    if issubclass(fn, tuple) and hasattr(fn, "_fields"):
        return _named_tuple(site.frame, site.node, fn, site.args, site.kwargs)
    return objects.create(site.frame, site.node, site.known, site.args, site.kwargs)


def _callable_object(site: Site) -> Value | None:
    method = inspect.getattr_static(type(site.fn), "__call__", None)
    if not isinstance(method, types.FunctionType) or isinstance(site.fn, type):
        return None
    return site.call(method, Member(site.member("__class__"), "__call__"), [site.known])


def _wrapped(site: Site) -> Value | None:
    """Call a function of NumPy without a rule by its source, which its wrapper has for whoever asks.

    They are made of those that have rules.  What in their source is not understood is not the user's to mend.
    Other wrappers need not run what they wrap: SciPy's choose who computes a transform by its arguments.
    """
    fn = site.fn
    inner = getattr(fn, "__wrapped__", None)
    if not isinstance(fn, _NUMPY_WRAPPER) or not isinstance(inner, types.FunctionType):
        return None
    try:
        return site.call(inner, site.member("__wrapped__"))
    except AutodiffError as error:
        library.refuse_without_rule(site.frame, site.node, fn, f", and its source is not understood: {error.message}")


_AS_GIVEN: tuple[Step, ...] = (_bound_method, _of_a_base, call_derivative)
"""Steps that take arguments that may be None, and generators, as they are."""

_SETTLED: tuple[Step, ...] = (
    _of_container,
    _of_view,
    _alias,
    _handled,
    _array_method,
    _writing,
    _outside,
    _wrapper,
    _python,
    _made_of_arguments,
    _class,
    _callable_object,
    _wrapped,
)
"""The other steps, in their order: the first that knows the object lowers the call."""


def _constant(value: Any) -> Value:
    return Lit(value) if is_number(value) else Known(value)


def _named_tuple(frame: Frame, node: Any, fn: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Return a named tuple of abstract values."""
    given = dict(zip(fn._fields, args))
    defaults = {name: abstract_default(frame, value) for name, value in fn._field_defaults.items()}
    values = {**defaults, **given, **kwargs}
    if len(args) > len(fn._fields) or given.keys() & kwargs.keys() or values.keys() != set(fn._fields):
        frame.misfit(node, f"`{fn.__name__}` takes {', '.join(fn._fields)}", "pass each of them once")
    return fn(**values)
