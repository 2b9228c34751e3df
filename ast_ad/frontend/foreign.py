"""Objects of libraries of which nothing is known: dates, files, paths, hashes, fractions, whatever a call returned.

What the function does with them (attributes, methods, operators, items, `with`) stands in the derivative as it is, and
runs there once and in order, as the calls of `ast_ad.frontend.external` do.  Nothing that is differentiated can come
out of them, since nothing active may go in (`ast_ad.analysis.activity`).

What comes out is a number, a text, or another object.  For classes of the standard library that is found by doing the
same with a sample, when lowering; of all else it is an object, and `float(...)` makes it a number.
"""

from __future__ import annotations

import fractions
import io
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad import runtime
from ast_ad.frontend import containers, remedies, verbatim
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.samples import CLOCKS, FIXED, OBJECT, SAMPLES, is_foreign_class
from ast_ad.frontend.values import Grown, GrownParts, Known, Method, Value, is_operand
from ast_ad.frontend.wording import describe
from ast_ad.ir import primitives
from ast_ad.ir.kinds import BOOL, FLOAT, INT, STRING, Kind, List, Opaque, Scalar, is_inexact, kind_of, kind_of_class
from ast_ad.ir.nodes import Form, Lit, Var
from ast_ad.trees import LEAF, is_number

_TRIED = frozenset(
    [
        *("_datetime", "_decimal", "_hashlib", "_io", "_pydatetime", "_pydecimal"),
        *("datetime", "decimal", "fractions", "hashlib", "io", "uuid"),
    ]
)
"""Modules whose classes and functions make such objects: what they return is found by calling them with samples."""

_FILES = ("open", "open_code", "FileIO")
"""Functions of these modules that reach the world outside."""


def is_foreign(value: Value) -> bool:
    """Tell whether a value is an object of which nothing is known but what a sample tells."""
    if is_operand(value):
        return value.kind == OBJECT or (isinstance(value.kind, Opaque) and value.kind.type in SAMPLES)
    if not isinstance(value, Known) or isinstance(value.value, type):
        return False
    return is_foreign_class(type(value.value)) or kind_of_class(type(value.value)).type in SAMPLES


def is_unknown(value: Value) -> bool:
    """Tell whether a value may be anything, None too."""
    return is_operand(value) and value.kind == OBJECT


def holds(value: Value, name: str) -> bool:
    """Tell whether an object that is known has a plain attribute: such a one is read as any object's is."""
    return isinstance(value, Known) and name in getattr(value.value, "__dict__", {})


def returned(fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Kind | None:
    """Return the kind of what a call returns, as samples tell; None for nothing."""
    home = getattr(fn, "__self__", fn)
    module = getattr(home if isinstance(home, type) else fn, "__module__", None) or ""
    if module not in _TRIED or getattr(fn, "__name__", "") in _FILES:
        return OBJECT
    return _tried(fn, args, kwargs)


def attribute(frame: Frame, node: Any, owner: Value, name: str) -> Value:
    """Lower ``owner.name``."""
    sample = _sample(owner)
    if sample is not None and callable(getattr(sample, name, None)):
        return Method(owner, name)
    return _run(frame, node, primitives.Attribute(name), [owner], {})


def call_method(
    frame: Frame, node: Any, owner: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Value:
    """Lower ``owner.name(*args, **kwargs)``."""
    return _run(frame, node, primitives.Invocation(name), [owner, *args], kwargs)


def entered(frame: Frame, node: Any, manager: Value) -> Value:
    """Lower what `with` does first."""
    return _run(frame, node, primitives.Invocation("__enter__"), [manager], {}, watched=False)


def left(frame: Frame, node: Any, manager: Value) -> None:
    """Lower what `with` does last."""
    _run(frame, node, primitives.Invocation("__exit__"), [manager, *[Known(None)] * 3], {}, watched=False)


def call(frame: Frame, node: Any, fn: Value, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower the call of an object of which nothing is known."""
    return _run(frame, node, primitives.called, [fn, *args], kwargs)


def operate(frame: Frame, node: Any, fn: Callable[..., Any], *operands: Value) -> Value:
    """Lower an operator; one of its operands is an object of which nothing is known."""
    if fn in (operator.eq, operator.ne):
        return decide(frame, node, fn, *operands)  # what is no number is not equal to one
    if any(is_operand(each) and is_inexact(each.kind) for each in operands):
        numbers = [number(frame, node, each) if is_foreign(each) else each for each in operands]
        return frame.op(node, fn, *(frame.operand(node, each) for each in numbers))
    return _run(frame, node, primitives.Operation(fn), operands, {})


def decide(frame: Frame, node: Any, fn: Callable[..., Any], *operands: Value) -> Value:
    """Lower a test that says yes or no, such as ``a is b``."""
    return _run(frame, node, primitives.Operation(fn), operands, {}, kind=BOOL)


def item(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Lower ``owner[index]``."""
    return _run(frame, node, primitives.Operation(operator.getitem), [owner, index], {})


def number(frame: Frame, node: Any, value: Value) -> Value:
    """Return an object as the float that Python computes with where it stands beside a float, or fail when it runs."""
    known = value.kind == OBJECT if is_operand(value) else isinstance(value.value, fractions.Fraction)
    if not known and value.kind != kind_of_class(fractions.Fraction):
        frame.misfit(
            node, f"a number or an array is needed here, and this is {describe(value)}", remedies.for_numbers(value)
        )
    return _run(frame, node, runtime.real_number, [value], {}, kind=FLOAT)


def integer(frame: Frame, node: Any, value: Value) -> Value:
    """Return an object as the integer that an index or a limit has to be, or fail when it runs."""
    return _run(frame, node, primitives.Operation(operator.index), [value], {}, kind=INT)


def as_number(frame: Frame, node: Any, fn: Callable[..., Any], value: Value) -> Value:
    """Lower ``float(value)``, or of another class of numbers."""
    return _run(frame, node, primitives.Operation(fn), [value], {}, kind=kind_of(fn()))


def length(frame: Frame, node: Any, value: Value) -> Value:
    """Lower ``len(value)``."""
    return _run(frame, node, primitives.Operation(len), [value], {}, kind=INT)


def truth(frame: Frame, node: Any, value: Value) -> Value:
    """Lower ``bool(value)``."""
    return as_number(frame, node, bool, value)


def has_items(value: Value) -> bool:
    """Tell whether a value is gone through as it is: an object, or a text that is known only when it runs."""
    return is_foreign(value) or (isinstance(value, Var) and value.kind == STRING)


def items(frame: Frame, node: Any, value: Value) -> Value:
    """Return the items of what is gone through, as a list: texts where it is a text or a file, else objects."""
    of_texts = is_operand(value) and value.kind in (STRING, kind_of_class(io.StringIO))
    kind = STRING if of_texts else OBJECT
    listed = _run(frame, node, primitives.Operation(list), [value], {}, kind=List(kind))
    assert isinstance(listed, Var)
    return containers.made(frame, Grown(GrownParts(LEAF), [listed]))


def isinstance_of(frame: Frame, node: Any, value: Value, classes: tuple[type, ...]) -> Value:
    """Lower ``isinstance(value, classes)``."""
    return _run(frame, node, isinstance, [value, tuple(map(Known, classes))], {}, kind=BOOL)


def _run(
    frame: Frame,
    node: Any,
    fn: Callable[..., Any],
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    kind: Kind | None = None,
    *,
    watched: bool = True,
) -> Value:
    """Append an operation on an object; at once where all is constant. It is `watched` for what it raises."""
    if kind is None:
        kind = _tried(fn, args, kwargs)
    reads_clock = isinstance(fn, primitives.Invocation) and fn.name in CLOCKS
    if kind is not None and kind != OBJECT and not kwargs and all(map(_is_constant, args)) and not reads_clock:
        result = fn(*(arg.value for arg in args))
        return Lit(result) if is_number(result) else Known(result)
    given = [_operand(verbatim.plain(frame, node, containers.plain(frame, arg))) for arg in args]
    named = {name: verbatim.plain(frame, node, containers.plain(frame, value)) for name, value in kwargs.items()}
    operands, form = Form.of(given, named, is_operand)
    return verbatim.run(frame, node, fn, operands, form, kind, watched=watched)


def _is_constant(value: Value) -> bool:
    """Tell whether a value is known and never changes."""
    if isinstance(value, Known):
        return isinstance(value.value, (*FIXED, str))
    return isinstance(value, Lit)


def _operand(value: Any) -> Any:
    """Return an argument as an operand; containers, and what has no hash, are parts of the form of the call."""
    is_part = isinstance(value, (tuple, list, dict, slice)) or type(value).__hash__ is None
    return value if is_operand(value) or is_part else Lit(value)


class _NoSample(Exception):
    """Raised where nothing is known of an argument."""


def _tried(fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Kind | None:
    """Return the kind of what a call returns for samples of its arguments; None for nothing."""
    try:
        result = fn(*map(_given, args), **{name: _given(value) for name, value in kwargs.items()})
    except Exception:
        # Whatever it is that samples do not fit: the call runs with what it is given, and says so itself.
        return OBJECT
    if result is None:
        return None
    if is_number(result):
        return kind_of(result)
    if isinstance(result, str):
        return STRING
    kind = kind_of_class(type(result))
    return kind if kind.type in SAMPLES else OBJECT


def _given(value: Value) -> Any:
    """Return a sample of an argument."""
    if type(value) in (tuple, list):
        return type(value)(map(_given, value))
    if isinstance(value, Lit) or (
        isinstance(value, Known) and (not is_foreign(value) or isinstance(value.value, FIXED))
    ):
        return value.value
    sample = _sample(value)
    if sample is None:
        raise _NoSample
    return sample


def _sample(value: Value) -> Any:
    """Return an object of the class of a value, or None."""
    if isinstance(value, Known):
        name = kind_of_class(type(value.value)).type
    elif isinstance(value, Var) and isinstance(value.kind, Scalar) and not value.kind.numpy:
        return {"bool": True, "int": 1, "float": 1.5}.get(value.kind.dtype)
    elif is_operand(value) and isinstance(value.kind, Opaque):
        name = value.kind.type
    else:
        return None
    return SAMPLES[name]() if name in SAMPLES else None
