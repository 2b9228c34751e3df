"""Calls of functions of which nothing is known: libraries' that have no rule, and are not lowered.

They run as they are, when the derivative runs; one whose arguments are constants, and that is known to do nothing but
compute, runs when lowering.  What they return is known only when it runs, so it is an object; `float(...)` makes it a
number.  That nothing active reaches one is for `ast_ad.analysis.activity` to find out.
"""

from __future__ import annotations

import json
import logging
import pathlib
import random
import re
import sys
import time
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ast_ad.errors import AutodiffError, MissingRuleError, RunTimeIndexError, SourceError
from ast_ad.frontend import containers, foreign, grown_items, verbatim
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.heap import is_users_class
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.samples import CLOCKS, FIXED, OBJECT, PACKAGES
from ast_ad.frontend.values import Grown, GrownParts, Known, Value, is_operand, parts
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING, Array, Kind, List, Opaque, is_inexact
from ast_ad.ir.nodes import Form, Lit, Op, Var
from ast_ad.trees import LEAF, is_number

_PACKAGES = "site-packages"
"""What stands in the paths of the files of installed packages."""

_NOT_LOWERED = frozenset(
    [
        *("_csv", "_datetime", "_decimal", "_hashlib", "_io", "_random", "_struct", "_thread", "_warnings", "argparse"),
        *(
            "atexit",
            "base64",
            "binascii",
            "configparser",
            "csv",
            "datetime",
            "decimal",
            "fractions",
            "gc",
            "getpass",
            "glob",
        ),
        *("gzip", "hashlib", "inspect", "io", "json", "logging", "os", "pathlib", "pickle", "platform", "posixpath"),
        *("pprint", "queue", "random", "re", "secrets", "shutil", "signal", "socket", "sqlite3", "string", "struct"),
        *("subprocess", "sys", "tempfile", "textwrap", "threading", "time", "traceback", "urllib", "uuid", "warnings"),
        *("weakref", "zipfile", "zlib", "zoneinfo"),
        *PACKAGES,
    ]
)
"""Modules whose functions are never lowered."""

_PURE = frozenset(
    ["_bisect", "_datetime", "builtins", "datetime", "fractions", "json", "posixpath", "re", "string", "textwrap"]
)
"""Modules whose functions only compute, and always the same."""

_IMPURE = frozenset(
    [
        *("input", "open", "id", "print", "exec", "eval", "compile", "globals", "locals", "vars", "next"),
        *CLOCKS,
    ]
)

_RESULTS: dict[Callable[..., Any], Kind] = {
    **dict.fromkeys([time.time, time.perf_counter, time.monotonic, time.process_time, time.thread_time], FLOAT),
    **dict.fromkeys([time.time_ns, time.perf_counter_ns, time.monotonic_ns, time.process_time_ns], INT),
    **dict.fromkeys([random.random, random.uniform, random.gauss, random.normalvariate, random.expovariate], FLOAT),
    **dict.fromkeys([random.betavariate, random.gammavariate, random.lognormvariate, random.triangular], FLOAT),
    **dict.fromkeys([random.randint, random.randrange, random.getrandbits, hash, ord], INT),
    **dict.fromkeys([chr, ascii, json.dumps], STRING),
}
RANDOM = Opaque("Random")
"""A source of random numbers of the standard library."""

_RESULTS[random.Random] = RANDOM
_RESULTS |= {
    getattr(random.Random, fn.__name__): kind
    for fn, kind in list(_RESULTS.items())
    if isinstance(getattr(fn, "__self__", None), random.Random)
}
_NOTHING = (random.seed, time.sleep)


def module_of(fn: Any) -> str:
    """Return the module of a function, or of the class of the object that it is bound to."""
    owner = getattr(fn, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        return str((owner if isinstance(owner, type) else type(owner)).__module__)
    return str(getattr(fn, "__module__", None) or "")


def is_external(fn: Any) -> bool:
    """Tell whether a function is called as it is."""
    root = module_of(fn).split(".")[0]
    is_function = isinstance(fn, (types.FunctionType, types.MethodType, types.BuiltinFunctionType, type))
    return is_function and root in _NOT_LOWERED


def is_constant(frame: Frame, fn: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> bool:
    """Tell whether a call only computes, from constants: it is made when lowering."""
    return (_is_pure(fn) or _makes_arrays(fn)) and all(
        _is_known(containers.plain(frame, arg)) for arg in (*args, *kwargs.values())
    )


def _is_known(value: Value) -> bool:
    if isinstance(value, dict):
        return all(map(_is_known, value.values()))
    if type(value) in (tuple, list):
        return all(map(_is_known, value))
    if isinstance(value, Known):
        return isinstance(value.value, _CONSTANT) and not hasattr(value.value, "__tree_parts__")
    return isinstance(value, Lit)


_CONSTANT = (str, bytes, type(None), type, *(re.Pattern, re.Match), *FIXED)


def is_of_library(fn: Any) -> bool:
    """Tell whether a function is of the standard library, or of an installed package."""
    code = getattr(fn, "__code__", None)
    root = module_of(fn).split(".")[0]
    if _is_nowhere(fn):
        return False
    return code is not None and (root in sys.stdlib_module_names or _PACKAGES in code.co_filename)


def call(frame: Frame, node: Any, fn: Callable[..., Any], args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of a function as it is."""
    if any(map(is_tuple, (*args, *kwargs.values()))) and module_of(fn).split(".")[0] != "numpy":
        what = "a tuple whose length is known only when it runs is given to a function that is called as it is"
        frame.misfit(node, what, "give it a list: `list(items)`")
    given = [verbatim.plain(frame, node, containers.plain(frame, arg)) for arg in args]
    named = {name: verbatim.plain(frame, node, containers.plain(frame, value)) for name, value in kwargs.items()}
    operands, form = Form.of(given, named, is_operand)
    if _makes_arrays(fn) and is_constant(frame, fn, args, kwargs):
        return _arrays(frame, node, fn, operands, form)
    if fn is logging.getLogger or is_constant(frame, fn, args, kwargs):
        return _at_once(frame, node, fn, operands, form)
    returns = not (fn in _NOTHING or module_of(fn).split(".")[0] in ("_warnings", "logging", "warnings"))
    kind = _RESULTS[fn] if isinstance(fn, Hashable) and fn in _RESULTS else foreign.returned(fn, args, kwargs)
    return verbatim.run(frame, node, fn, operands, form, kind if returns else None)


def _is_nowhere(fn: Any) -> bool:
    """Tell whether a function or class was made by `exec` in a namespace without a name: its module is not builtins."""
    in_python = isinstance(fn, types.FunctionType) or (isinstance(fn, type) and is_users_class(fn))
    return in_python and module_of(fn) == "builtins"


def _is_pure(fn: Any) -> bool:
    if getattr(fn, "__name__", "") == "normalize_axis_index" and isinstance(fn, types.BuiltinFunctionType):
        return True  # NumPy moves it from module to module.
    return not _is_nowhere(fn) and module_of(fn).split(".")[0] in _PURE and getattr(fn, "__name__", "") not in _IMPURE


def _makes_arrays(fn: Any) -> bool:
    """Tell whether a function makes arrays of constants, and always the same: the nodes of a quadrature, for one."""
    return isinstance(fn, types.FunctionType) and module_of(fn).startswith("numpy.polynomial")


def _arrays(frame: Frame, node: Any, fn: Callable[..., Any], operands: Sequence[Any], form: Form | None) -> Value:
    """Lower a call that makes arrays of constants: their shapes are known, and their elements when it runs."""
    values = [operand.value for operand in operands]
    args, kwargs = (values, {}) if form is None else form.arranged(values)
    found = fn(*args, **kwargs)
    several = found if isinstance(found, tuple) else (found,)
    if not all(type(each) is np.ndarray and each.dtype.kind in "biufc" for each in several):
        return _at_once(frame, node, fn, operands, form)
    outs = tuple(Var(Array(each.dtype.name, each.shape)) for each in several)
    frame.builder.append(Op(outs, fn, tuple(operands), (), frame.where(node), form))
    return outs if isinstance(found, tuple) else outs[0]


def _at_once(frame: Frame, node: Any, fn: Callable[..., Any], operands: Sequence[Any], form: Form | None) -> Value:
    """Return what a function returns for constants, or let it fail when it runs."""
    values = [operand.value for operand in operands]
    args, kwargs = (values, {}) if form is None else form.arranged(values)
    try:
        result = fn(*args, **kwargs)
    except Exception as error:
        if any(attempt.catches(type(error)) is not None for attempt in frame.attempts):
            frame.fail(node, type(error), Lit(str(error)))
        return verbatim.run(frame, node, fn, operands, form, OBJECT)
    return constant(frame, node, result)


def constant(frame: Frame, node: Any, value: Any) -> Value:
    """Return an object that was made when lowering as an abstract value."""
    if isinstance(value, np.ndarray):
        operands, form = Form.of([_literal(value.tolist()), value.dtype.type], {}, is_operand)
        return frame.ops(node, np.array, operands, form)
    if is_number(value):
        return Lit(value)
    if type(value) is tuple:
        return tuple(constant(frame, node, item) for item in value)
    if type(value) is list:
        return containers.made(frame, [constant(frame, node, item) for item in value])
    if type(value) is dict:
        return containers.made(frame, {key: constant(frame, node, item) for key, item in value.items()})
    if isinstance(value, _MATCHES):
        return containers.made(frame, [Known(match) for match in value])
    return Known(value)


_MATCHES = type(re.finditer("", ""))
"""The iterator that `re.finditer` returns."""


_TESTS = ("startswith", "endswith")
_NUMBERS = ("count", "find", "index", "rfind", "rindex")
_TEXTS = ("split", "rsplit", "splitlines")
_OTHERS = ("partition", "rpartition", "encode", "maketrans")


def _literal(value: Any) -> Any:
    """Return a number, or nested lists of numbers, as operands."""
    return list(map(_literal, value)) if isinstance(value, list) else Lit(value)


def is_string_method(name: str) -> bool:
    """Tell whether strings have a method of this name."""
    return not name.startswith("_") and hasattr(str, name)


def call_string_method(
    frame: Frame, node: Any, owner: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value:
    """Lower the call of a method of a string: at once where all is known."""
    fn = getattr(str, name)
    args = [_all_there(frame, node, arg) if (leaf := _leaf(frame, node, arg)) is None else leaf for arg in args]
    given = [verbatim.plain(frame, node, containers.plain(frame, arg)) for arg in (owner, *args)]
    named = {key: verbatim.plain(frame, node, containers.plain(frame, value)) for key, value in kwargs.items()}
    operands, form = Form.of(given, named, is_operand)
    if all(isinstance(operand, Lit) for operand in operands):
        return _at_once(frame, node, fn, operands, form)
    if name in _TEXTS:
        listed = verbatim.run(frame, node, fn, operands, form, List(STRING))
        assert isinstance(listed, Var)
        return containers.made(frame, Grown(GrownParts(LEAF), [listed]))
    if name in _OTHERS:
        return verbatim.run(frame, node, fn, operands, form, OBJECT)
    kind = INT if name in _NUMBERS else BOOL if name in _TESTS or name.startswith("is") else STRING
    return verbatim.run(frame, node, fn, operands, form, kind)


def _all_there(frame: Frame, node: Any, value: Value) -> Value:
    """Return a sequence of texts of which none may be None; any other value as it is."""
    inside = containers.seen(frame, value)
    return [present(frame, node, each) for each in inside] if type(inside) in (list, tuple) else value


def _leaf(frame: Frame, node: Any, value: Value) -> Value:
    """Return the list of the IR that a list of texts is whose length is known only when it runs; None for all else."""
    inside = containers.seen(frame, value)
    return containers.single(grown_items.all_there(frame, node, inside)) if isinstance(inside, Grown) else None


def _refuse_package(frame: Frame, node: Any, fn: Callable[..., Any], error: AutodiffError) -> None:
    """Refuse a user's call of an installed package, whose source is not the user's to mend; a rule would do instead."""
    if _PACKAGES not in fn.__code__.co_filename or _PACKAGES in frame.source.file:
        return
    if isinstance(error, RunTimeIndexError):
        return  # a list is made one that grows, and the call is lowered again
    public = ".".join(part for part in module_of(fn).split(".") if not part.startswith("_"))
    line = "" if error.where is None else f" ({pathlib.Path(error.where.file).name}, line {error.where.line})"
    raise MissingRuleError(
        f"`{public}.{fn.__name__}` has no derivative rule, and its source is not differentiated: {error.message}{line}",
        help="give it a rule: wrap it in a function with `@ast_ad.primitive`, and add `defvjp` and `defjvp`; what does "
        "not depend on what is differentiated can be computed before, and passed in",
        where=frame.where(node),
    ) from None


def lowered_or_called(
    frame: Frame,
    node: Any,
    fn: Callable[..., Any],
    lower: Callable[[], Value],
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
) -> Value:
    """Lower a function of a library; one that does what is not differentiated is called as it is."""
    region, entry, spent = frame.builder.open_region, dict(frame.env), frame.context.spent
    length, defined = len(region.statements), set(region.defined)
    try:
        return lower()
    except AutodiffError as error:
        numbers = any(
            is_inexact(leaf.kind)
            for arg in (*args, *kwargs.values())
            for leaf in parts(containers.plain(frame, arg))[0]
        )
        if isinstance(error, SourceError) or (numbers and error.where is not None):
            _refuse_package(frame, node, fn, error)
        if numbers or error.where is None or error.where.file == frame.source.file:
            raise
        del region.statements[length:]
        region.defined = defined
        frame.env, frame.context.spent = entry, spent
        return call(frame, node, fn, args, kwargs)
