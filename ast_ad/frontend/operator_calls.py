"""Calls of operators such as `grad`, of derivatives, and of functions that the reverse sweep runs again."""

from __future__ import annotations

from typing import Any

from ast_ad.frontend import containers, objects, operators, sharing
from ast_ad.frontend.derivative_calls import call_lowered
from ast_ad.frontend.dispatch import Arguments, Keywords, call
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.sites import Site
from ast_ad.frontend.values import Derived, Known, Value
from ast_ad.ir import primitives
from ast_ad.ir.nodes import Lit


def call_derivative(site: Site) -> Value | None:
    """Lower a call of an operator such as `grad`, of what it returns, or of what the reverse sweep runs again.

    None is returned for other calls.
    """
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


def call_derived(frame: Frame, node: Any, fn: Derived, args: Arguments, kwargs: Keywords) -> Value:
    """Lower the call of a derivative that an operator made in the function that is lowered."""
    if fn.operator.name == "checkpoint":
        return call_rerun(frame, node, fn.callee, args, kwargs)
    shared = sharing.is_shared(frame, [fn, *args, *kwargs.values()])
    args, kwargs = _opened(frame, node, args, kwargs)
    fn = containers.plain(frame, fn)
    return containers.boxed(frame, operators.call(frame, node, fn, args, kwargs, shared=shared))


def call_rerun(frame: Frame, node: Any, fn: Value, args: Arguments, kwargs: Keywords) -> Value:
    """Lower a call that the reverse sweep runs again: between two marks, see `ast_ad.transform.outline`."""
    own = fn.value if isinstance(fn, Known) else getattr(fn, "node", None)
    name = getattr(own, "__name__", getattr(own, "name", ""))
    mark = Lit(name if name.isidentifier() else "function")
    frame.builder.effect(primitives.begin, (mark,), where=frame.where(node))
    result = call(frame, node, fn, args, kwargs)
    frame.builder.effect(primitives.end, (mark,), where=frame.where(node))
    return result


def _opened(frame: Frame, node: Any, args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
    """Return arguments with records for their objects."""
    return [objects.opened(frame, node, arg) for arg in args], {
        name: objects.opened(frame, node, value) for name, value in kwargs.items()
    }
