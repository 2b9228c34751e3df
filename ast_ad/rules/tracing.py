"""Writing rules into generated code: a rule's expression is called with tracers, which record what it computes.

The names that an expression mentions are looked up as Python would; modules and functions among them are replaced by
ones that write a call.  A constant argument is passed as the number it is, so that `x ** 2` differentiates to `2 * x`.
"""

from __future__ import annotations

import contextvars
import functools
import operator
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ast_ad.ir import primitives
from ast_ad.ir.broadcasting import may_be_smaller
from ast_ad.ir.kinds import Array, Dim, Kind, Scalar, Shape, dims_of, may_be_empty
from ast_ad.ir.kinds import code as code_of
from ast_ad.ir.nodes import Form, Lit, Operand, Var
from ast_ad.rules.registry import MISSING
from ast_ad.runtime import Chain, Turn, safe_log, unbroadcast

if TYPE_CHECKING:
    from ast_ad.rules.expand import Code


class Tracer:
    """Stands for an operand while a rule's expression runs; whatever is done with it becomes code."""

    __slots__ = ("code", "operand")
    __array_priority__ = 1000

    def __init__(self, code: Code, operand: Operand) -> None:
        self.code = code
        self.operand = operand

    def _binary(self, method: str, other: Any, swapped: bool = False) -> Tracer:
        x, y = _widened(self.code, getattr(operator, _SPELT.get(method, method)), self.operand, _unwrap(other))
        return Tracer(self.code, getattr(self.code, method)(*((y, x) if swapped else (x, y))))

    def __add__(self, other: Any) -> Tracer:
        return self._binary("add", other)

    def __radd__(self, other: Any) -> Tracer:
        return self._binary("add", other, swapped=True)

    def __sub__(self, other: Any) -> Tracer:
        return self._binary("sub", other)

    def __rsub__(self, other: Any) -> Tracer:
        return self._binary("sub", other, swapped=True)

    def __mul__(self, other: Any) -> Tracer:
        return self._binary("mul", other)

    def __rmul__(self, other: Any) -> Tracer:
        return self._binary("mul", other, swapped=True)

    def __truediv__(self, other: Any) -> Tracer:
        return self._binary("div", other)

    def __rtruediv__(self, other: Any) -> Tracer:
        return self._binary("div", other, swapped=True)

    def __neg__(self) -> Tracer:
        (x,) = _widened(self.code, operator.neg, self.operand)
        return Tracer(self.code, self.code.neg(x))

    def __pow__(self, other: Any) -> Tracer:
        if not isinstance(other, Tracer) and other == 1:
            return self
        return _emit(self.code, operator.pow, (self, other))

    @property
    def family(self) -> str:
        """NumPy's letter for the numbers that the value is among: i, f, c, ..., or "" where that is unknown."""
        return code_of(self.operand.kind) if isinstance(self.operand, (Var, Lit)) else ""

    @property
    def overflows(self) -> bool:
        """Whether it is among NumPy's integers, whose powers may have no room in them."""
        return self.family in ("b", "i", "u") and _is_numpy(self.operand)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.operand, Var) and isinstance(self.operand.kind, Shape) and isinstance(index, int):
            dim = self.operand.kind.dims[index]
            return dim if isinstance(dim, int) else _emit(self.code, operator.getitem, (self, index))
        return _emit(self.code, operator.getitem, (self, index))

    @property
    def is_zero(self) -> bool:
        """Whether it is known to be zero: the adjoint that nothing has reached."""
        return self.code.made_by(self.operand, np.zeros_like) is not None

    @property
    def kind(self) -> Kind:
        """The kind."""
        return _kind(self)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """What is known of its lengths."""
        return dims_of(_kind(self))

    def as_long_as(self, like: Tracer) -> Tracer:
        """The same array, of which it is known that it has the shape of `like`."""
        return Tracer(self.code, self.code.seen_as(self.operand, like.dims))

    def may_be_smaller(self, like: Tracer) -> bool:
        """Tell whether broadcasting may have to stretch it to the shape of `like`."""
        return may_be_smaller(_kind(self), _kind(like))

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing tells that it has elements: what a mask takes, say, but not ``x[1:]``."""
        return any(may_be_empty(dim) for dim in dims_of(_kind(self)))

    @property
    def ndim(self) -> int:
        """The rank."""
        return len(dims_of(_kind(self)))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        kind = _kind(self)
        assert isinstance(kind, (Scalar, Array))
        return np.dtype(kind.dtype)

    @property
    def shape(self) -> Any:
        """The shape, a constant where all of it is known."""
        dims = dims_of(_kind(self))
        known = all(isinstance(dim, int) for dim in dims)
        return dims if known else _emit(self.code, np.shape, (self,))

    @property
    def size(self) -> Any:
        """The number of elements."""
        return _emit(self.code, np.size, (self,)) if dims_of(_kind(self)) else 1

    @property
    def T(self) -> Tracer:
        """The transpose."""
        return self if self.ndim < 2 else _emit(self.code, np.transpose, (self,))

    def reshape(self, *shape: Any) -> Tracer:
        """The same elements in another shape."""
        return _emit(self.code, np.reshape, (self, shape[0] if len(shape) == 1 else shape))

    def astype(self, dtype: Any) -> Tracer:
        """The elements converted."""
        return _emit(self.code, primitives.astype, (self, dtype))

    def copy(self) -> Tracer:
        """A copy."""
        return _emit(self.code, primitives.copy, (self,))

    def conj(self) -> Tracer:
        """The complex conjugate."""
        return self.conjugate()

    @property
    def real(self) -> Tracer:
        """The real part."""
        return _emit(self.code, primitives.real, (self,))

    @property
    def imag(self) -> Tracer:
        """The imaginary part."""
        return _emit(self.code, primitives.imag, (self,))

    def conjugate(self) -> Tracer:
        """The complex conjugate."""
        return _emit(self.code, primitives.conjugate, (self,))

    def __round__(self, digits: Any = None) -> Tracer:
        return _emit(self.code, round, (self,) if digits is None else (self, digits))

    def __bool__(self) -> bool:
        raise TypeError("a rule's expression cannot branch on a value: use `select(test, x, y)`")

    __hash__ = None  # type: ignore[assignment]


def _operator_method(fn: Callable[..., Any], swapped: bool = False) -> Callable[..., Tracer]:
    def method(self: Tracer, *others: Any) -> Tracer:
        args = (self, *others)
        return _emit(self.code, fn, args[::-1] if swapped else args)

    return method


for _name in ("lt", "le", "gt", "ge", "eq", "ne", "mod", "floordiv", "abs", "and_", "or_", "invert", "matmul"):
    setattr(Tracer, f"__{_name.rstrip('_')}__", _operator_method(getattr(operator, _name)))
for _name in ("mod", "floordiv", "pow", "matmul"):
    setattr(Tracer, f"__r{_name}__", _operator_method(getattr(operator, _name), swapped=True))


def trace(code: Code, rule: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call a rule's expression on operands; return operands, None and tuples of them, structured as it does.

    Arguments may be structures of operands: lists, tuples, slices.
    """
    token = _CURRENT.set(code)
    try:
        named = {name: _wrap(code, value) for name, value in kwargs.items()}
        result = _traceable(rule)(*(_wrap(code, arg) for arg in args), **named)
    finally:
        _CURRENT.reset(token)
    return _map(_unwrap, result)


_CURRENT: contextvars.ContextVar[Code] = contextvars.ContextVar("the code that a rule is being written into")


def _emit(code: Code, fn: Callable[..., Any], args: Sequence[Any]) -> Tracer:
    """Write a call with one result."""
    result = _emit_call(code, fn, args, {})
    assert isinstance(result, Tracer)
    return result


def _emit_call(code: Code, fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Write a call; numbers, tracers and lists of them become operands, what else there is stays as it is."""
    leaves, form = Form.of(args, kwargs, _is_leaf)
    operands = _widened(code, fn, *map(_unwrap, leaves))
    for place in _SIGNED.get(fn, ()):
        negated = code.made_by(operands[place], operator.neg) if place < len(operands) else None
        if negated:
            operands[place] = negated.args[0]
            (out,) = code.derived_all(fn, *operands, form=form)
            return Tracer(code, code.neg(out))
    outs = code.derived_all(fn, *operands, form=form)
    return Tracer(code, outs[0]) if len(outs) == 1 else tuple(Tracer(code, out) for out in outs)


def _widened(code: Code, fn: Callable[..., Any], *operands: Any) -> list[Any]:
    """Return the operands of a call, integers with as many bits as its result may need.

    NumPy computes in the dtype that it is given: the square of 200 as an `uint8` is 64, its logarithm has three digits.
    """
    wide = _WIDE.get(fn)
    if wide is None or not all(_is_whole(each) for each in operands):
        return list(operands)
    return [code.derived(primitives.astype, each, Lit(wide)) if _is_narrow(fn, each) else each for each in operands]


def _is_whole(operand: Any) -> bool:
    return isinstance(operand, (Var, Lit)) and code_of(operand.kind) in ("b", "i", "u")


def _is_narrow(fn: Callable[..., Any], operand: Any) -> bool:
    if not _is_numpy(operand):
        return False
    if code_of(operand.kind) == "b":
        return fn is not operator.mul  # which tells whether both are true
    return _WIDE[fn] is float or operand.kind.dtype != "int64"


def _is_numpy(operand: Any) -> bool:
    """Tell whether an operand is an array or a number of NumPy's."""
    kind = operand.kind if isinstance(operand, Var) else None
    return isinstance(kind, Array) or (isinstance(kind, Scalar) and kind.numpy)


_WIDE: dict[Callable[..., Any], type] = {
    **dict.fromkeys((operator.add, operator.sub, operator.mul, operator.neg, np.diff), int),
    **dict.fromkeys((operator.pow, np.log, safe_log), float),
}
"""What integers are converted to, where a rule computes with nothing else; indices have to stay integers."""

_SPELT = {"div": "truediv"}

_SIGNED: dict[Callable[..., Any], tuple[int, ...]] = {
    operator.matmul: (0, 1),
    np.outer: (0, 1),
    np.transpose: (0,),
    np.sum: (0,),
    np.linalg.solve: (1,),
}
"""The operands whose sign is that of the result: it goes in front, where it meets others."""


def _is_leaf(value: Any) -> bool:
    return isinstance(value, (Tracer, bool, int, float, complex, np.number, np.bool_))


def _kind(tracer: Tracer) -> Kind:
    assert isinstance(tracer.operand, (Var, Lit))
    return tracer.operand.kind


def _wrap(code: Code, value: Any) -> Any:
    if isinstance(value, Lit):
        return value.value
    if isinstance(value, Var):
        return Tracer(code, value)
    if isinstance(value, (tuple, list)):
        return type(value)(_wrap(code, item) for item in value)
    if isinstance(value, slice):
        return slice(_wrap(code, value.start), _wrap(code, value.stop), _wrap(code, value.step))
    if isinstance(value, (Chain, Turn)):
        make, items = value.__tree_parts__()
        return make(*(_wrap(code, item) for item in items))
    return value


def _unwrap(value: Any) -> Any:
    if isinstance(value, Tracer):
        return value.operand
    return value if value is None or value is MISSING else Lit(value)


def _map(fn: Callable[[Any], Any], value: Any) -> Any:
    return tuple(_map(fn, item) for item in value) if isinstance(value, (tuple, list)) else fn(value)


class _Namespace:
    """Stands for a module in a rule's expression: its functions, called with a tracer, become code."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if isinstance(value, types.ModuleType):
            return _Namespace(value)
        return _recording(value) if callable(value) and not isinstance(value, type) else value


def _recording(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that writes a call of `fn`, also of constants: `math.log(2)` says more than 0.693."""

    def record(*args: Any, **kwargs: Any) -> Any:
        if fn is primitives.select and not isinstance(args[0], Tracer):
            return args[1] if args[0] else args[2]
        if fn in _KNOWN:
            return _KNOWN[fn](*args)
        if fn in _ON_CONSTANTS and not _holds_tracer(args):
            return fn(*args, **kwargs)
        return _emit_call(_CURRENT.get(), fn, args, kwargs)

    return record


_KNOWN: dict[Callable[..., Any], Callable[..., Any]] = {
    np.ndim: lambda x: x.ndim if isinstance(x, Tracer) else np.ndim(x),
    np.shape: lambda x: x.shape if isinstance(x, Tracer) else np.shape(x),
    np.size: lambda x: x.size if isinstance(x, Tracer) else np.size(x),
    np.iscomplexobj: lambda x: x.family == "c" if isinstance(x, Tracer) else np.iscomplexobj(x),
    unbroadcast: lambda g, like: _unbroadcast(g, like),
    np.isrealobj: lambda x: x.family != "c" if isinstance(x, Tracer) else np.isrealobj(x),
}
"""What is known of a tracer while a rule's expression runs, so that it can decide by it."""


def _unbroadcast(g: Any, like: Any) -> Any:
    """Sum up what broadcasting may have stretched; nothing where the kinds tell that it has not."""
    if not isinstance(g, Tracer):
        return g
    return Tracer(g.code, g.code.added_up(g.operand, like.operand if isinstance(like, Tracer) else Lit(like)))


_ON_CONSTANTS = frozenset({np.argsort, np.arange, np.prod, operator.index})
"""What is computed at once where no tracer is among the arguments: it prepares options."""


def _holds_tracer(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_holds_tracer, value))
    return isinstance(value, Tracer)


@functools.cache
def _traceable(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule's expression with the modules and helpers that it mentions replaced by recording ones."""
    return _copy(rule, {}) if isinstance(rule, types.FunctionType) else _recording(rule)


def _copy(rule: types.FunctionType, copies: dict[types.FunctionType, types.FunctionType]) -> types.FunctionType:
    if rule in copies:
        return copies[rule]
    scope = dict(rule.__globals__)
    cells = tuple(types.CellType() for _ in rule.__closure__ or ())
    copy = types.FunctionType(rule.__code__, scope, rule.__name__, rule.__defaults__, cells or None)
    copy.__kwdefaults__ = rule.__kwdefaults__
    copies[rule] = copy
    for name in _names(rule.__code__):
        if name in scope:
            scope[name] = _stand_in(scope[name], copies)
    for cell, original in zip(cells, rule.__closure__ or ()):
        cell.cell_contents = _stand_in(original.cell_contents, copies)
    return copy


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the names of a function's code and of the code inside it, such as a comprehension's."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _stand_in(value: Any, copies: dict[types.FunctionType, types.FunctionType]) -> Any:
    """Return what takes the place of a global name in a rule's expression.

    Helpers that live beside the rules are followed into; any other function is called by the generated code.
    """
    if isinstance(value, types.ModuleType):
        return _Namespace(value)
    if isinstance(value, types.FunctionType) and value.__module__.startswith("ast_ad.rules"):
        return _copy(value, copies)
    return _recording(value) if callable(value) and not isinstance(value, type) else value
