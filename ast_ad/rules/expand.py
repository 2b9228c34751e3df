"""Writing rules into generated code: a rule's expression is called with tracers, which record what it computes.

`Code` collects statements and knows the small algebra that keeps derivative code as a person would write it: no `1 *`,
no `+ 0`, signs in front.  It is applied to derivative arithmetic only, never to the user's own expressions.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir import primitives
from ast_ad.ir.kinds import Kind, Opaque, Scalar, is_complex, is_real
from ast_ad.ir.nodes import UNDEF, Lit, Op, Operand, Statement, Var, Where
from ast_ad.rules.registry import infer


class Code:
    """Statements under construction, with the operation that made each variable at hand."""

    def __init__(self, where: Where | None = None) -> None:
        self.statements: list[Statement] = []
        self.where = where
        self._made: dict[Var, Op] = {}

    def op(self, fn: Callable[..., Any], *args: Operand, name: str = "") -> Var:
        """Append ``fn(*args)`` as it is, and return its result."""
        literals = [(arg.value,) if isinstance(arg, Lit) else None for arg in args]
        kind = infer(fn, [kind_of_operand(arg) for arg in args], literals)
        out = Var(kind, name)
        op = Op((out,), fn, args, where=self.where)
        self.statements.append(op)
        self._made[out] = op
        return out

    def made_by(self, operand: Operand, fn: Callable[..., Any]) -> Op | None:
        """Return the operation that made `operand` here, if it is one of `fn`."""
        op = self._made.get(operand) if isinstance(operand, Var) else None
        return op if op is not None and op.fn is fn else None

    def add(self, x: Operand, y: Operand) -> Operand:
        """``x + y``; as ``x - z`` where y is ``-z``."""
        if is_literal(x, 0):
            return y
        if is_literal(y, 0):
            return x
        negated = self.made_by(y, operator.neg)
        if negated:
            return self.op(operator.sub, x, negated.args[0])
        negated = self.made_by(x, operator.neg)
        if negated:
            return self.op(operator.sub, y, negated.args[0])
        return self.op(operator.add, x, y)

    def sub(self, x: Operand, y: Operand) -> Operand:
        """``x - y``; as ``x + z`` where y is ``-z``."""
        if is_literal(y, 0):
            return x
        if is_literal(x, 0):
            return self.neg(y)
        negated = self.made_by(y, operator.neg)
        if negated:
            return self.op(operator.add, x, negated.args[0])
        return self.op(operator.sub, x, y)

    def neg(self, x: Operand) -> Operand:
        """``-x``; ``--x`` is ``x``, and ``-(x - y)`` is ``y - x``."""
        if isinstance(x, Lit):
            return Lit(-x.value)
        negated = self.made_by(x, operator.neg)
        if negated:
            return negated.args[0]
        return self.op(operator.neg, x)

    def mul(self, x: Operand, y: Operand) -> Operand:
        """``x * y``, with factors of one left out, signs in front and quotients last."""
        for one, other in ((x, y), (y, x)):
            if is_literal(one, 1):
                return other
            if is_literal(one, -1):
                return self.neg(other)
        if isinstance(x, Lit) and isinstance(y, Lit):
            return Lit(x.value * y.value)
        for side, other in ((x, y), (y, x)):
            negated = self.made_by(side, operator.neg)
            if negated:
                inner = negated.args[0]
                return self.neg(self.mul(inner, other) if side is x else self.mul(other, inner))
        quotient = self.made_by(y, operator.truediv)
        if quotient:
            return self.div(self.mul(x, quotient.args[0]), quotient.args[1])
        return self.op(operator.mul, x, y)

    def div(self, x: Operand, y: Operand) -> Operand:
        """``x / y``, with the sign in front."""
        if is_literal(y, 1):
            return x
        negated = self.made_by(x, operator.neg)
        if negated:
            return self.neg(self.div(negated.args[0], y))
        return self.op(operator.truediv, x, y)

    def as_kind_of(self, value: Operand, kind: Kind) -> Operand:
        """Return `value` as an adjoint or a tangent of something of `kind`: real parts for reals, float32 for float32."""
        have = kind_of_operand(value)
        if is_complex(have) and is_real(kind):
            value = self.op(primitives.real, value)
            have = value.kind
        return value

    def expand(self, rule: Callable[..., Any], args: Sequence[Operand]) -> Any:
        """Call a rule's expression on operands; what it returns, operands, None and tuples of them, in the same structure."""
        result = _traceable(rule)(*(_wrap(self, arg) for arg in args))
        return _map(_unwrap, result)


def kind_of_operand(operand: Operand) -> Kind:
    """Return the kind of a variable or a literal."""
    if operand is UNDEF:
        return Opaque("undefined")
    assert isinstance(operand, (Var, Lit))
    return operand.kind


def is_literal(operand: Operand, value: float) -> bool:
    """Tell whether an operand is the number `value`, written as a constant."""
    return isinstance(operand, Lit) and isinstance(operand.kind, Scalar) and bool(operand.value == value)


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
        if isinstance(other, (int, float)) and other == 1:
            return self
        return _emit(self.code, operator.pow, (self, other))

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


def _emit(code: Code, fn: Callable[..., Any], args: Sequence[Any]) -> Tracer:
    return Tracer(code, code.op(fn, *map(_unwrap, args)))


def _wrap(code: Code, operand: Operand) -> Any:
    """A literal number is passed to the rule as it is, so that `x ** 2` differentiates to `2 * x`."""
    return operand.value if isinstance(operand, Lit) else Tracer(code, operand)


def _unwrap(value: Any) -> Any:
    if isinstance(value, Tracer):
        return value.operand
    return None if value is None else Lit(value)


def _map(fn: Callable[[Any], Any], value: Any) -> Any:
    return tuple(map(fn, value)) if isinstance(value, tuple) else fn(value)


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
    def record(*args: Any) -> Any:
        tracer = next((arg for arg in args if isinstance(arg, Tracer)), None)
        return fn(*args) if tracer is None else _emit(tracer.code, fn, args)

    return record


@functools.lru_cache(maxsize=None)
def _traceable(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule's expression with the modules and helpers that it mentions replaced by recording ones."""
    if not isinstance(rule, types.FunctionType):
        return _recording(rule)
    names: dict[str, Any] = {}
    for name in rule.__code__.co_names:
        value = rule.__globals__.get(name, rule.__globals__.get("__builtins__"))
        if name not in rule.__globals__:
            continue
        if isinstance(value, types.ModuleType):
            names[name] = _Namespace(value)
        elif isinstance(value, types.FunctionType):
            inline = value.__module__.startswith("ast_ad.rules")
            names[name] = _traceable(value) if inline else _recording(value)
        elif callable(value):
            names[name] = _recording(value)
    scope = {**rule.__globals__, **names}
    return types.FunctionType(rule.__code__, scope, rule.__name__, rule.__defaults__, rule.__closure__)
