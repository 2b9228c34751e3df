"""Lowering of calls: which code runs, and with which arguments; `ast_ad.frontend.invoke` makes the call itself."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
import operator
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, cast

import gast
import numpy as np

from ast_ad.errors import AutodiffError
from ast_ad.frontend import (
    aliases,
    arrays,
    classes,
    containers,
    external,
    guards,
    handlers,
    heap,
    library,
    listing,
    members,
    objects,
    operators,
    records,
    text,
    writes,
)
from ast_ad.frontend.arguments import Argument, bind, concrete, with_records
from ast_ad.frontend.choices import choice, present
from ast_ad.frontend.context import Cellar, Import, Lowering
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.guards import Member, Path
from ast_ad.frontend.invoke import emit, invoke, refuse_recursion, size_of
from ast_ad.frontend.names import (
    guard_identity,
    imported,
    resolved,
    signature_of,
)
from ast_ad.frontend.recursion import Activation
from ast_ad.frontend.scope import yields
from ast_ad.frontend.source import Source, find_source
from ast_ad.frontend.syntax import check_syntax
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
    Record,
    Value,
    describe,
    is_operand,
    is_string,
    parts,
)
from ast_ad.ir import primitives
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Lit, Operand
from ast_ad.models import in_place
from ast_ad.models.arrays import tolist
from ast_ad.rules import registry
from ast_ad.trees import is_number, unflatten

_OF_GENERATOR = contextlib.contextmanager(iter).__code__
"""The code of all functions that `contextlib.contextmanager` makes."""

_OF_SINGLE_DISPATCH = functools.singledispatch(iter).__code__  # type: ignore[attr-defined]
"""The code of all functions that `functools.singledispatch` makes."""

_INSIDE: contextvars.ContextVar[frozenset[int]] = contextvars.ContextVar("derivatives", default=frozenset())
"""The derivatives that are being lowered (by `id`)."""

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


def call(frame: Frame, node: gast.Call, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an abstract value."""
    if isinstance(fn, Method):
        return _call_method(frame, node, fn, args, kwargs)
    if isinstance(fn, Closure):
        return _call_closure(frame, node, fn, args, kwargs)
    if isinstance(fn, Escaped):
        return _call_escaped(frame, node, fn, args, kwargs)
    if isinstance(fn, Bound):
        return call_known(frame, node, fn.function, [fn.owner, *args], kwargs)
    if isinstance(fn, Derived) and fn.operator.name == "checkpoint":
        return call_rerun(frame, node, fn.callee, args, kwargs)
    if isinstance(fn, Derived):
        args, kwargs = _opened(frame, node, args, kwargs)
        fn = containers.plain(frame, fn)
        return containers.boxed(frame, operators.call(frame, node, fn, args, kwargs))
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


_LAZY = (enumerate, filter, iter, map, next, zip, isinstance, type)
"""Functions that do not use up a generator that they are given."""


_DISPATCHER = "<__array_function__ internals>"
"""Where the wrappers come from in which older versions of NumPy have their functions: there is no text of these."""


def call_known(frame: Frame, node: Any, known: Known, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an object that is known."""
    fn = known.value
    guard_identity(frame, known)
    path = known.path if known.path is not None else guards.Held(fn)
    if isinstance(fn, types.MethodType) and registry.find(fn) is None and external.is_external(fn):
        return external.call(frame, node, fn, args, kwargs)
    if isinstance(fn, types.MethodType) and registry.find(fn) is None and fn not in writes.FUNCTIONS:
        # First, because a bound method passes on what its function knows of itself.
        owner = Known(fn.__self__, Member(path, "__self__"))
        function = Known(fn.__func__, Member(path, "__func__"))
        return call_known(frame, node, function, [owner, *args], kwargs)
    derivative = getattr(fn, "__ast_ad_operator__", None)
    if derivative is not None:
        args, kwargs = _opened(frame, node, args, kwargs)
        return containers.boxed(frame, operators.apply(frame, node, derivative, args, kwargs))
    if hasattr(fn, "__ast_ad_rerun__"):
        return call_rerun(frame, node, Known(fn.__wrapped__, Member(path, "__wrapped__")), args, kwargs)
    if hasattr(fn, "__ast_ad_lower__"):
        args, kwargs = _opened(frame, node, args, kwargs)
        return _call_lowered(frame, node, fn, path, args, kwargs)
    handler = handlers.HANDLERS.get(fn) if isinstance(fn, Hashable) else None
    if not isinstance(fn, types.FunctionType) and not any(fn is each for each in handlers.TAKES_NONE):
        args = [present(frame, node, arg) for arg in args]
        kwargs = {name: present(frame, node, value) for name, value in kwargs.items()}
    takes_all = not isinstance(fn, types.FunctionType) and not any(fn is each for each in _LAZY)
    if takes_all and (handler is not None or registry.find(fn) is not None) and any(map(heap.is_generator, args)):
        args = [frame.context.collected(frame, node, arg) if heap.is_generator(arg) else arg for arg in args]
    alias = aliases.HANDLERS.get(fn) if isinstance(fn, Hashable) else None
    if alias is not None and (found := alias(frame, node, *_all_plain(frame, args, kwargs))) is not None:
        return found
    if handler is not None:
        return handler(frame, node, args, kwargs)
    if isinstance(fn, Hashable) and fn in writes.FUNCTIONS:
        return writes.call_function(frame, node, fn, *_all_plain(frame, args, kwargs))
    if isinstance(fn, Hashable) and fn in in_place.IN_PYTHON:
        return call_known(frame, node, Known(in_place.IN_PYTHON[fn]), args, kwargs)
    if isinstance(fn, types.BuiltinMethodType) and fn.__name__ == "at" and isinstance(fn.__self__, np.ufunc):
        args, kwargs = _all_plain(frame, args, kwargs)
        places = writes.ufunc_at(frame, node, fn.__self__, args)
        if places is None:
            return Known(None)
        x, index, *rest = args
        several = index if isinstance(index, tuple) else (index,)
        found = tuple(arrays.formed(frame, node, np.asarray, [each], {}) for each in several)
        given = found if isinstance(index, tuple) else found[0]
        return call_known(frame, node, Known(places), [Known(fn.__self__), x, given, *rest], kwargs)
    unknown = registry.find(fn) is None or external.module_of(fn) == "json"
    if unknown and (external.is_external(fn) or external.is_constant(frame, fn, args, kwargs)):
        return external.call(frame, node, fn, args, kwargs)
    if registry.find(fn) is not None or isinstance(fn, types.BuiltinFunctionType):
        return library.operation(frame, node, fn, args, kwargs)
    if isinstance(fn, types.FunctionType) and fn.__code__ is _OF_SINGLE_DISPATCH and args:
        chosen = fn.dispatch(classes.type_of(frame, node, args[0]))  # type: ignore[attr-defined]
        return call_known(frame, node, Known(chosen, guards.Held(chosen)), args, kwargs)
    if isinstance(fn, types.FunctionType) and fn.__code__ is _OF_GENERATOR:
        generator = Known(getattr(fn, "__wrapped__", None), Member(path, "__wrapped__"))
        return Partial(Known(contextlib.contextmanager), (generator, *args), tuple(kwargs.items()))
    if isinstance(fn, functools._lru_cache_wrapper):
        return call_known(frame, node, Known(fn.__wrapped__, Member(path, "__wrapped__")), args, kwargs)
    if isinstance(fn, types.FunctionType) and fn.__code__.co_filename != _DISPATCHER:
        if records.is_generated(fn):
            return records.call_generated(frame, node, fn, args, kwargs)
        if external.is_of_library(fn):
            lower = functools.partial(_call_function, frame, node, fn, path, args, kwargs)
            return external.lowered_or_called(frame, node, fn, lower, args, kwargs)
        return _call_function(frame, node, fn, path, args, kwargs)
    if isinstance(fn, (operator.itemgetter, operator.attrgetter, operator.methodcaller)):
        # They tell what they were made of to `pickle` only.
        maker, given, *_ = cast("tuple[Any, ...]", fn.__reduce__())
        made = handlers.HANDLERS[getattr(maker, "func", maker)](frame, node, [_constant(arg) for arg in given], {})
        return call(frame, node, made, args, kwargs)
    if isinstance(fn, functools.partial):
        given = [resolved(frame, arg, guards.Item(Member(path, "args"), i), "") for i, arg in enumerate(fn.args)]
        named = {
            key: resolved(frame, value, guards.Item(Member(path, "keywords"), key), key)
            for key, value in fn.keywords.items()
        }
        return call_known(frame, node, Known(fn.func, Member(path, "func")), [*given, *args], {**named, **kwargs})
    if isinstance(fn, type) and issubclass(fn, tuple) and hasattr(fn, "_fields"):
        return _named_tuple(frame, node, fn, args, kwargs)
    if isinstance(fn, type) and not issubclass(fn, (int, float, complex, np.generic)):
        return objects.create(frame, node, known, args, kwargs)
    method = inspect.getattr_static(type(fn), "__call__", None)
    if isinstance(method, types.FunctionType) and not isinstance(fn, type):
        function = Known(method, Member(Member(path, "__class__"), "__call__"))
        return call_known(frame, node, function, [known, *args], kwargs)
    inner = getattr(fn, "__wrapped__", None)
    if isinstance(inner, types.FunctionType) and not isinstance(fn, np.ufunc):
        return _call_wrapped(frame, node, fn, Known(inner, Member(path, "__wrapped__")), args, kwargs)
    return library.operation(frame, node, fn, args, kwargs)


def _call_wrapped(
    frame: Frame, node: Any, fn: Callable[..., Any], inner: Known, args: Arguments, kwargs: Keywords
) -> Value:
    """Call a library's function without a rule by its source, which its wrapper has for whoever asks.

    NumPy's are made of those that have rules.  What in their source is not understood is not the user's to mend.
    """
    try:
        return call_known(frame, node, inner, args, kwargs)
    except AutodiffError as error:
        library.refuse_without_rule(frame, node, fn, f", and its source is not understood: {error.message}")


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
    return _default(frame, value, guards.Held(value))


def _call_method(frame: Frame, node: Any, method: Method, args: Arguments, kwargs: Keywords) -> Value:
    owner = method.owner
    args = [present(frame, node, arg) for arg in args]
    if isinstance(owner, Container):
        return listing.call_method(frame, node, method, args, kwargs)
    if arrays.is_array(owner) and method.name == "put":
        return call_known(frame, node, Known(in_place.put), [owner, *args], kwargs)
    if arrays.is_array(owner) and method.name in writes.METHODS:
        return writes.call_method(frame, node, method, *_all_plain(frame, args, kwargs))
    if method.name == "tolist" and arrays.is_array(owner):
        return call_known(frame, node, Known(tolist, guards.Held(tolist)), [owner], kwargs)
    if arrays.is_numpy(owner):
        if "out" in kwargs or any(map(arrays.is_array, args[1:])):
            function = getattr(np, method.name, None)
            if function is not None and registry.find(function) is not None:
                return library.operation(frame, node, function, [owner, *args], kwargs)
        return arrays.call_method(frame, node, method, args, kwargs)
    if arrays.is_generator(owner) and method.name == "shuffle":
        return writes.shuffle(frame, node, owner, *_all_plain(frame, args, kwargs))
    if arrays.is_generator(owner):
        return library.operation(frame, node, arrays.generator_method(frame, node, method), [owner, *args], kwargs)
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


def _call_function(
    frame: Frame, node: Any, function: types.FunctionType, path: Path, args: Arguments, kwargs: Keywords
) -> Value:
    """Lower the call of a Python function that is found outside."""
    source = find_source(function)
    checked(frame, source)
    defaults, named = defaults_of(frame, function, path)
    values = bind(frame, node, source.tree, args, kwargs, defaults, named)
    code = function.__code__
    key = (code.co_filename, code, id(function.__globals__), path if code.co_freevars else None)

    def make() -> Frame:
        return Frame(frame.context, source, source.tree, function.__globals__, function=function, path=path)

    return invoke(frame, node, key, make, values)


def defaults_of(frame: Frame, function: types.FunctionType, path: Path) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Return the defaults of a function, by position and by name."""
    defaults = tuple(
        _default(frame, value, guards.Item(Member(path, "__defaults__"), i))
        for i, value in enumerate(function.__defaults__ or ())
    )
    named = {
        name: _default(frame, value, guards.Item(Member(path, "__kwdefaults__"), name))
        for name, value in (function.__kwdefaults__ or {}).items()
    }
    outside = "the defaults of a function"
    kept = tuple(containers.boxed(frame, value, outside=outside) for value in defaults)
    return kept, {name: containers.boxed(frame, value, outside=outside) for name, value in named.items()}


def checked(frame: Frame, source: Source) -> None:
    """Check a callee's syntax, once."""
    if id(source.tree) not in frame.context.checked:
        check_syntax(source, generator=yields(source.tree))
        frame.context.checked.add(id(source.tree))


def _default(frame: Frame, value: Any, path: Path) -> Value:
    """Return a default as an abstract value; the guard on the function covers it."""
    if isinstance(value, np.ndarray):
        return resolved(frame, value, path, "array")
    if is_number(value):
        return Lit(value)
    if type(value) in (tuple, list):
        return type(value)(_default(frame, item, guards.Item(path, i)) for i, item in enumerate(value))
    if type(value) is dict:
        return {key: _default(frame, item, guards.Item(path, key)) for key, item in value.items()}
    return Known(value, path)


def _call_closure(frame: Frame, node: Any, closure: Closure, args: Arguments, kwargs: Keywords) -> Value:
    home = closure.frame
    defaults, named = closure_defaults(frame, closure)
    values = bind(frame, node, closure.node, args, kwargs, defaults, named)

    def make() -> Frame:
        made = Frame(frame.context, home.source, closure.node, home.namespace, parent=home)
        made.around = closure.inner
        return made

    return invoke(frame, node, (closure.node, home), make, values)


def closure_defaults(frame: Frame, closure: Closure) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Return the defaults of a function that a lowered one defines, by position and by name."""
    home = closure.frame
    if not closure.defaults:
        return (), {}
    if home is frame and closure.defaults not in home.env:
        frame.refuse(
            closure.node,
            "a function with defaults that an earlier turn of a loop has made is called",
            "pass what the defaults hold as arguments",
        )
    key = Cellar(home, closure.defaults)
    found: tuple[tuple[Value, ...], dict[str, Value]]
    found = home.env[closure.defaults] if home is frame else imported(frame, key)
    return found


def _call_escaped(frame: Frame, node: Any, closure: Escaped, args: Arguments, kwargs: Keywords) -> Value:
    home = closure.frame
    defaults, named = closure.defaults
    values = bind(frame, node, closure.node, args, kwargs, defaults, named)
    cells = {f"cell:{name}": value for name, value in closure.cells.items()}

    def make() -> Frame:
        return Frame(frame.context, home.source, closure.node, home.namespace, parent=home)

    return invoke(frame, node, (closure.node, home), make, {**values, **cells})


def _call_lowered(frame: Frame, node: Any, fn: Any, path: Path, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of an object that lowers itself, such as what `grad` returns."""
    bound = inspect.signature(fn).bind(*args, **kwargs)
    given = dict(bound.arguments)
    bound.apply_defaults()
    values = {
        name: given[name] if name in given else _default(frame, value, guards.Held(value))
        for name, value in bound.arguments.items()
    }
    key = (id(fn), path, tuple((name, signature_of(value)) for name, value in values.items()))
    context = frame.context
    for done in context.memo.get(key, ()):
        return emit(frame, node, done, values, specialised=False)
    if any(each.signature == key for each in context.running):
        refuse_recursion(frame, node, fn)
    arguments = []
    for name, value in values.items():
        leaves, tree = parts(value)
        arguments.append(Argument(name, concrete(frame, node, tree), tuple(leaf.kind for leaf in leaves)))
    inside = _INSIDE.get()
    if id(fn) in inside:
        frame.refuse(
            node,
            f"`{getattr(fn, '__name__', 'it')}` calls itself by the name of its derivative, which has no end",
            "give the derivative a name of its own: `df = grad(f)`",
        )
    context.running.append(Activation(fn, key, key))
    token = _INSIDE.set(inside | {id(fn)})
    try:
        lowered = fn.__ast_ad_lower__(tuple(arguments))
    finally:
        _INSIDE.reset(token)
        context.running.pop()
    context.around.update(dict.fromkeys(lowered.around))
    for guard in lowered.guards:
        context.guard(guard.rooted(path))
    imports = []
    hidden = lowered.function.params[len(lowered.function.params) - len(lowered.hidden) :]
    for each, param in zip(lowered.hidden, hidden):
        source = each.rooted(path)
        imports.append(Import(source, source.kind, (param,), param))
    tree = lowered.out_tree

    def result(operands: Sequence[Operand]) -> Value:
        return abstract(unflatten(with_records(tree), operands))

    done = Lowering(lowered.function, imports, result, True, size_of(lowered.function))
    context.memo.setdefault(key, []).append(done)
    return emit(frame, node, done, values, specialised=False)


def abstract(value: Any) -> Value:
    """Return a value whose leaves are operands as an abstract value: other objects in it are known."""
    if is_operand(value):
        return value
    if type(value) in (tuple, list):
        return type(value)(map(abstract, value))
    if type(value) is dict:
        return {key: abstract(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(abstract, value))
    if isinstance(value, Record):
        return Record(value.make, tuple(map(abstract, value.items)))
    return Known(value)
