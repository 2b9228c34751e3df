"""Writing rules into generated code: a rule's expression is called with tracers, which record what it computes.

The names that an expression mentions are looked up as Python would; modules and functions among them are replaced by
ones that write a call.  A constant argument is passed as the number it is, so that `x ** 2` differentiates to `2 * x`.
"""

from __future__ import annotations

import contextvars
import functools
import operator
import types
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ast_ad.ir import primitives
from ast_ad.ir.kinds import code
from ast_ad.ir.nodes import Lit, Operand, Var

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
        x, y = self.operand, _unwrap(other)
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
        return Tracer(self.code, self.code.neg(self.operand))

    def __pow__(self, other: Any) -> Tracer:
        if not isinstance(other, Tracer) and other == 1:
            return self
        return _emit(self.code, operator.pow, (self, other))

    @property
    def family(self) -> str:
        """NumPy's letter for the numbers that the value is among: i, f, c, ..., or "" where that is unknown."""
        return code(self.operand.kind) if isinstance(self.operand, (Var, Lit)) else ""

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


def trace(code: Code, rule: Callable[..., Any], args: Sequence[Operand]) -> Any:
    """Call a rule's expression on operands; return operands, None and tuples of them, structured as it does."""
    token = _CURRENT.set(code)
    try:
        result = _traceable(rule)(*(_wrap(code, arg) for arg in args))
    finally:
        _CURRENT.reset(token)
    return _map(_unwrap, result)


_CURRENT: contextvars.ContextVar[Code] = contextvars.ContextVar("the code that a rule is being written into")


def _emit(code: Code, fn: Callable[..., Any], args: Sequence[Any]) -> Tracer:
    return Tracer(code, code.derived(fn, *map(_unwrap, args)))


def _wrap(code: Code, operand: Operand) -> Any:
    return operand.value if isinstance(operand, Lit) else Tracer(code, operand)


def _unwrap(value: Any) -> Any:
    if isinstance(value, Tracer):
        return value.operand
    return None if value is None else Lit(value)


def _map(fn: Callable[[Any], Any], value: Any) -> Any:
    return tuple(_map(fn, item) for item in value) if isinstance(value, tuple) else fn(value)


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

    def record(*args: Any) -> Any:
        if fn is primitives.select and not isinstance(args[0], Tracer):
            return args[1] if args[0] else args[2]
        return _emit(_CURRENT.get(), fn, args)

    return record


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
