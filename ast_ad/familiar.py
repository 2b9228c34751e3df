"""Names and keywords by which other tools call what this package has under its own: an error tells which that is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

_OURS = {
    "custom_jvp": "`@ast_ad.primitive`, with `ast_ad.defjvp`",
    "custom_vjp": "`@ast_ad.primitive`, with `ast_ad.defvjp`",
    "deriv": "`ast_ad.grad(f)`, or `ast_ad.jvp(f, (x,), (1.0,))` for forward mode",
    "grad_and_aux": "`ast_ad.grad(f, has_aux=True)`",
    "grad_named": "`ast_ad.grad(f, 'name')`: `argnums` may be a name",
    "hessian_tensor_product": "`ast_ad.hvp(f)(x, v)`",
    "hessian_vector_product": "`ast_ad.hvp(f)(x, v)`",
    "holomorphic_grad": "`ast_ad.vjp(f, z)[1](1.0 + 0j)[0]`, which is f'(z) of a holomorphic function",
    "jacfwd": "`ast_ad.jacobian(f)`, or a column at a time `ast_ad.jvp(f, (x,), (v,))[1]`",
    "jacrev": "`ast_ad.jacobian(f)`",
    "linearize": "`ast_ad.jvp(f, (x,), (x_dot,))` for each direction",
    "make_ggnvp": "`ast_ad.jvp` and `ast_ad.vjp`, one after the other",
    "make_hvp": "`ast_ad.hvp(f)(x, v)`",
    "make_jvp": "`ast_ad.jvp(f, (x,), (x_dot,))`",
    "make_vjp": "`value, pullback = ast_ad.vjp(f, x)`",
    "multigrad": "`ast_ad.grad(f, argnums=(0, 1))`",
    "multigrad_dict": "`ast_ad.grad(f, argnums=('x', 'y'))`: `argnums` may be names",
    "register_rule": "`@ast_ad.primitive`, with `ast_ad.defvjp` and `ast_ad.defjvp`",
    "tensor_jacobian_product": "`ast_ad.vjp(f, x)[1](v)[0]`",
    "vector_jacobian_product": "`ast_ad.vjp(f, x)[1](v)[0]`",
}


def missing(name: str) -> AttributeError:
    """Return the error for a name that the package does not have.

    >>> missing("jacrev").args[0]
    "module 'ast_ad' has no attribute 'jacrev': use `ast_ad.jacobian(f)`"
    """
    ours = f": use {_OURS[name]}" if name in _OURS else ""
    return AttributeError(f"module 'ast_ad' has no attribute {name!r}{ours}", name=name)


_KEYWORDS = {
    "allow_int": "integers have no derivative here: pass floats, or leave them out of `argnums`",
    "arg": "use `argnums`",
    "argnum": "use `argnums`",
    "argnames": "use `argnums`, which may hold names",
    "axis": "use `ast_ad.jvp` or `ast_ad.vjp` for one direction",
    "holomorphic": "use `ast_ad.vjp`: the adjoint of a complex argument has its convention in docs/conventions.md",
    "mode": "use `ast_ad.jvp` for forward mode",
    "motion": "use `ast_ad.jvp` for forward mode",
    "optimized": "simplification is always on",
    "preserve_result": "use `ast_ad.value_and_grad`",
    "return_value": "use `ast_ad.value_and_grad`",
    "verbose": "read `.source` of what is returned",
    "wrt": "use `argnums`",
}

Operator = TypeVar("Operator", bound=Callable[..., Any])


def with_known_keywords(operator: Operator) -> Operator:
    """Let an operator say which of its options is meant by a keyword of another tool.

    >>> from ast_ad import grad
    >>> grad(abs, argnum=0)
    Traceback (most recent call last):
    TypeError: grad() got an unexpected keyword argument 'argnum': use `argnums`
    """
    parameters = inspect.signature(operator).parameters
    known = {name for name, each in parameters.items() if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)}

    @functools.wraps(operator)
    def called(*args: Any, **kwargs: Any) -> Any:
        for name in kwargs.keys() - known:
            ours = _KEYWORDS.get(name)
            message = f"{operator.__name__}() got an unexpected keyword argument {name!r}"
            raise TypeError(f"{message}: {ours}" if ours else message)
        return operator(*args, **kwargs)

    return called  # type: ignore[return-value]
