"""Lowering of calls: which code runs, and with which arguments; `ast_ad.frontend.invoke` makes the call itself."""

from __future__ import annotations

import contextlib
import functools
import inspect
import operator
import random
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import gast
import numpy as np

from ast_ad.errors import AutodiffError
from ast_ad.frontend import (
    aliases,
    array_members,
    arrays,
    classes,
    containers,
    external,
    handlers,
    heap,
    library,
    members,
    methods,
    objects,
    operators,
    paths,
    printing,
    records,
    sharing,
    tables,
    text,
    writes,
)
from ast_ad.frontend.choices import choice, present
from ast_ad.frontend.derivative_calls import call_lowered
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.function_calls import call_closure, call_escaped, call_function, default
from ast_ad.frontend.handlers import LAZY
from ast_ad.frontend.paths import Member, Path
from ast_ad.frontend.resolution import guard_identity, resolved
from ast_ad.frontend.values import (
    Bound,
    Closure,
    Container,
    Derived,
    Either,
    Escaped,
    Known,
    Method,
    Partial,
    Table,
    Value,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Lit
from ast_ad.models import in_place
from ast_ad.models.arrays import tolist
from ast_ad.rules import registry
from ast_ad.trees import is_number

_OF_GENERATOR = contextlib.contextmanager(iter).__code__
"""The code of all functions that `contextlib.contextmanager` makes."""

_OF_SINGLE_DISPATCH = functools.singledispatch(iter).__code__  # type: ignore[attr-defined]
"""The code of all functions that `functools.singledispatch` makes."""

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def call(frame: Frame, node: gast.Call, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an abstract value."""
    if isinstance(fn, Method):
        return _call_method(frame, node, fn, args, kwargs)
    if isinstance(fn, Closure):
        return call_closure(frame, node, fn, args, kwargs)
    if isinstance(fn, Escaped):
        return call_escaped(frame, node, fn, args, kwargs)
    if isinstance(fn, Bound):
        return call_known(frame, node, fn.function, [fn.owner, *args], kwargs)
    if isinstance(fn, Derived) and fn.operator.name == "checkpoint":
        return call_rerun(frame, node, fn.callee, args, kwargs)
    if isinstance(fn, Derived):
        shared = sharing.is_shared(frame, [fn, *args, *kwargs.values()])
        args, kwargs = _opened(frame, node, args, kwargs)
        fn = containers.plain(frame, fn)
        return containers.boxed(frame, operators.call(frame, node, fn, args, kwargs, shared=shared))
    if isinstance(fn, Either):
        first, second = fn.first, fn.second
        return choice(
            frame,
            node,
            fn.which,
            lambda: call(frame, node, first, args, kwargs),
            lambda: call(frame, node, second, args, kwargs),
        )
    if isinstance(fn, Partial):
        return call(frame, node, fn.function, [*fn.args, *args], {**dict(fn.kwargs), **kwargs})
    if isinstance(fn, Known):
        return call_known(frame, node, fn, args, kwargs)
    if members.special(fn, "__call__") is not None:
        return members.call_special(frame, node, fn, "__call__", args, kwargs)
    frame.misfit(node, f"{describe(fn)} cannot be called")


_DISPATCHER = "<__array_function__ internals>"
"""Where the wrappers come from in which older versions of NumPy have their functions: there is no text of these."""


@dataclass(frozen=True)
class Site:
    """The call of an object that is known, found at `path`."""

    frame: Frame
    node: Any
    known: Known
    path: Path
    args: Arguments
    kwargs: Keywords

    @property
    def fn(self) -> Any:
        """The object that is called."""
        return self.known.value

    def call(self, fn: Any, path: Path | None = None, first: Arguments = ()) -> Value:
        """Lower the call of another object instead, with `first` before the arguments."""
        return call_known(self.frame, self.node, Known(fn, path), [*first, *self.args], self.kwargs)

    def member(self, name: str) -> Path:
        """Return the path of an attribute of the object."""
        return Member(self.path, name)

    def settled(self) -> Site:
        """Return the call with values that are there in place of those that may be None, and lists of generators."""
        frame, node, fn, args, kwargs = self.frame, self.node, self.fn, self.args, self.kwargs
        if isinstance(fn, types.FunctionType) and _handler(self) is None:
            return self
        if fn not in (isinstance, type, dict, bool):
            # Whoever goes through a dict gets its keys.
            args = [arg.keys if isinstance(arg, Table) else arg for arg in args]
        if not any(fn is each for each in handlers.TAKES_NONE):
            args = [present(frame, node, arg) for arg in args]
            kwargs = {name: present(frame, node, value) for name, value in kwargs.items()}
        uses_up = not any(fn is each for each in LAZY) and (_handler(self) is not None or registry.find(fn) is not None)
        if uses_up and any(map(heap.is_generator, args)):
            args = [frame.context.collected(frame, node, arg) if heap.is_generator(arg) else arg for arg in args]
        return replace(self, args=args, kwargs=kwargs)


Step = Callable[[Site], "Value | None"]
"""Lowers the calls of one kind of objects; of others, it returns None."""


def call_known(frame: Frame, node: Any, known: Known, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an object that is known."""
    guard_identity(frame, known)
    path = known.path if known.path is not None else paths.Held(known.value)
    site = Site(frame, node, known, path, args, kwargs)
    for step in _AS_GIVEN:
        found = step(site)
        if found is not None:
            return found
    site = site.settled()
    for step in _SETTLED:
        found = step(site)
        if found is not None:
            return found
    return library.operation(frame, node, known.value, site.args, site.kwargs)


def _handler(site: Site) -> handlers.Handler | None:
    return handlers.HANDLERS.get(site.fn) if isinstance(site.fn, Hashable) else None


def _bound_method(site: Site) -> Value | None:
    """First, because a bound method passes on what its function knows of itself."""
    fn = site.fn
    if not isinstance(fn, types.MethodType) or registry.find(fn) is not None:
        return None
    if external.is_external(fn):
        return external.call(site.frame, site.node, fn, site.args, site.kwargs)
    if fn in writes.FUNCTIONS:
        return None
    return site.call(fn.__func__, site.member("__func__"), [Known(fn.__self__, site.member("__self__"))])


def _derivative(site: Site) -> Value | None:
    """Calls of operators such as `grad`, of what they return, and of functions that the reverse sweep runs again."""
    fn, frame, node = site.fn, site.frame, site.node
    if hasattr(fn, "__ast_ad_rerun__") and getattr(fn, "__ast_ad_operator__", None) is None:
        return call_rerun(frame, node, Known(fn.__wrapped__, site.member("__wrapped__")), site.args, site.kwargs)
    operator_ = getattr(fn, "__ast_ad_operator__", None)
    if operator_ is None and not hasattr(fn, "__ast_ad_lower__"):
        return None
    shared = sharing.is_shared(frame, [*site.args, *site.kwargs.values()])
    args, kwargs = _opened(frame, node, site.args, site.kwargs)
    if operator_ is not None:
        return containers.boxed(frame, operators.apply(frame, node, operator_, args, kwargs, shared=shared))
    return call_lowered(frame, node, fn, site.path, args, kwargs, shared=shared)


def _alias(site: Site) -> Value | None:
    """Return an argument again, where the function may do that."""
    alias = aliases.HANDLERS.get(site.fn) if isinstance(site.fn, Hashable) else None
    if alias is None:
        return None
    return alias(site.frame, site.node, *_all_plain(site.frame, site.args, site.kwargs))


def _handled(site: Site) -> Value | None:
    handler = _handler(site)
    return None if handler is None else handler(site.frame, site.node, site.args, site.kwargs)


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
    return _call_method(site.frame, site.node, Method(owner, fn.__name__), args, site.kwargs)


def _writing(site: Site) -> Value | None:
    """Calls of functions of NumPy that change their arguments."""
    fn, frame, node = site.fn, site.frame, site.node
    if isinstance(fn, Hashable) and fn in writes.FUNCTIONS:
        return writes.call_function(frame, node, fn, *_all_plain(frame, site.args, site.kwargs))
    if isinstance(fn, Hashable) and fn in in_place.IN_PYTHON:
        return site.call(in_place.IN_PYTHON[fn])
    if not isinstance(fn, types.BuiltinMethodType) or fn.__name__ != "at" or not isinstance(fn.__self__, np.ufunc):
        return None
    args, kwargs = _all_plain(frame, site.args, site.kwargs)
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
        return site.call(fn.__wrapped__, site.member("__wrapped__"))
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


INSTANCES: dict[type, Callable[[Site], Value]] = {}
"""How calls of objects of libraries are lowered, by their class; the modules that know how fill the table."""


CLASSES: dict[type, Callable[[Site], Value]] = {}
"""How objects of further classes are made, by a class above theirs."""


def _class(site: Site) -> Value | None:
    fn = site.fn
    if not isinstance(fn, type) or issubclass(fn, (int, float, complex, np.generic)):
        return None
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
    """Call a library's function without a rule by its source, which its wrapper has for whoever asks.

    NumPy's are made of those that have rules.  What in their source is not understood is not the user's to mend.
    """
    fn = site.fn
    inner = getattr(fn, "__wrapped__", None)
    if not isinstance(inner, types.FunctionType) or isinstance(fn, np.ufunc):
        return None
    try:
        return site.call(inner, site.member("__wrapped__"))
    except AutodiffError as error:
        library.refuse_without_rule(site.frame, site.node, fn, f", and its source is not understood: {error.message}")


_AS_GIVEN: tuple[Step, ...] = (_bound_method, _derivative)
"""Steps that take arguments that may be None, and generators, as they are."""

_SETTLED: tuple[Step, ...] = (
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


def _opened(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
    return [objects.opened(frame, node, arg) for arg in args], {
        name: objects.opened(frame, node, value) for name, value in kwargs.items()
    }


def _all_plain(frame: Frame, args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
    return [containers.plain(frame, arg) for arg in args], {
        name: containers.plain(frame, value) for name, value in kwargs.items()
    }


def call_rerun(frame: Frame, node: Any, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call that the reverse sweep runs again: between two marks, see `ast_ad.transform.outline`."""
    own = fn.value if isinstance(fn, Known) else getattr(fn, "node", None)
    name = getattr(own, "__name__", getattr(own, "name", ""))
    mark = Lit(name if name.isidentifier() else "function")
    frame.builder.effect(primitives.begin, (mark,), where=frame.where(node))
    result = call(frame, node, fn, args, kwargs)
    frame.builder.effect(primitives.end, (mark,), where=frame.where(node))
    return result


def _named_tuple(frame: Frame, node: Any, fn: Any, args: Arguments, kwargs: Keywords) -> Value:
    """Return a named tuple of abstract values."""
    given = dict(zip(fn._fields, args))
    defaults = {name: abstract_default(frame, value) for name, value in fn._field_defaults.items()}
    values = {**defaults, **given, **kwargs}
    if len(args) > len(fn._fields) or given.keys() & kwargs.keys() or values.keys() != set(fn._fields):
        frame.misfit(node, f"`{fn.__name__}` takes {', '.join(fn._fields)}", "pass each of them once")
    return fn(**values)


def abstract_default(frame: Frame, value: Any) -> Value:
    """Return the default of a field, which the guard on its class covers."""
    return default(frame, value, paths.Held(value))


def _call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    owner = method.owner
    if not (isinstance(owner, Container) and method.name == "append"):
        args = [present(frame, node, arg) for arg in args]
    if isinstance(owner, Table):
        return tables.call_method(frame, node, method, args, kwargs)
    if isinstance(owner, Container):
        return methods.call_method(frame, node, method, args, kwargs)
    if arrays.is_array(owner) and method.name == "put":
        return call_known(frame, node, Known(in_place.put), [owner, *args], kwargs)
    if arrays.is_array(owner) and method.name in writes.METHODS:
        return writes.call_method(frame, node, method, *_all_plain(frame, args, kwargs))
    if method.name == "tolist" and arrays.is_array(owner):
        return call_known(frame, node, Known(tolist, paths.Held(tolist)), [owner], kwargs)
    if arrays.is_numpy(owner) and method.name == "astype" and "copy" in kwargs:
        return aliases.as_type(frame, node, owner, args, kwargs)
    if arrays.is_numpy(owner):
        function = getattr(np, method.name, None)
        if kwargs and function in handlers.HANDLERS and method.name in array_members.FUNCTIONS:
            return call_known(frame, node, Known(function), [owner, *args], kwargs)
        as_function = "out" in kwargs or any(map(arrays.is_array, args[1:]))
        if as_function and function is not None and registry.find(function) is not None:
            return library.operation(frame, node, function, [owner, *args], kwargs)
        return array_members.call_method(frame, node, method, args, kwargs)
    if arrays.is_generator(owner) and method.name == "shuffle":
        return writes.shuffle(frame, node, owner, *_all_plain(frame, args, kwargs))
    if arrays.is_generator(owner):
        return library.operation(frame, node, arrays.generator_method(frame, node, method), [owner, *args], kwargs)
    if is_operand(owner) and owner.kind == external.RANDOM:
        return external.call(frame, node, getattr(random.Random, method.name), [owner, *args], kwargs)
    if method.name in ("_replace", "_asdict"):
        return containers.boxed(frame, getattr(owner, method.name)(**kwargs))
    if method.name == "conjugate":
        return frame.op(node, primitives.conjugate, owner)
    if method.name == "format":
        named = [(key, frame.operand(node, value)) for key, value in kwargs.items()]
        operands = [frame.operand(node, arg) for arg in args]
        return frame.op(node, str.format, frame.operand(node, owner), *operands, kwargs=named, kind=STRING)
    if text.has_method(owner, method.name) and not kwargs:
        return text.call_method(frame, node, owner, method.name, args)
    if is_string(owner):
        return external.call_string_method(frame, node, owner, method.name, args, kwargs)
    frame.misfit(node, f"{describe(owner)} has no method `{method.name}` here")
