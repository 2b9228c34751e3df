"""Classes that are defined inside of functions.

Python itself makes the class when lowering comes to it: of the code that the function has for its body.  So there is
nothing new to know of its methods, but for the variables of the functions around: what the class sees of them is
`Enclosed`, which says where to look when a method runs.
"""

from __future__ import annotations

import builtins
import types
import weakref
from collections.abc import Iterator
from typing import Any

import gast

from ast_ad.errors import AutodiffError
from ast_ad.frontend import paths
from ast_ad.frontend.expressions import expression
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.names import Enclosed
from ast_ad.frontend.statements import SIMPLE
from ast_ad.frontend.values import Known, Value
from ast_ad.ir.nodes import Lit


def _define(frame: Frame, node: gast.ClassDef) -> None:
    """Lower a class statement: one class for all rounds of lowering."""
    table = frame.context.classes
    key = node, frame
    if key not in table:
        table[key] = _made(frame, node)
    cls = table[key]
    frame.env[node.name] = Known(cls, paths.Made(cls))


def _made(frame: Frame, node: gast.ClassDef) -> type:
    root = frame
    while root.function is None and root.parent is not None:
        root = root.parent
    lines = {node.lineno, *(each.lineno for each in node.decorator_list)}
    code = root.function and next(_codes(root.function.__code__, node.name, lines), None)
    if not code:
        frame.refuse(node, f"the code of the class `{node.name}` is not found", "move it to the top of the module")
    bases = [_real(frame, each) for each in node.bases]
    named = {each.arg: _real(frame, each.value) for each in node.keywords}
    decorators = [_real(frame, each) for each in node.decorator_list]
    cells = {name: _cell(frame, name) for name in code.co_freevars}
    body = types.FunctionType(code, frame.namespace, node.name, None, tuple(cells.values()))
    try:
        cls: Any = builtins.__build_class__(body, node.name, *bases, **named)
        for decorator in reversed(decorators):
            cls = decorator(cls)
    except AutodiffError:
        raise
    except Exception as error:
        frame.refuse(
            node,
            f"the class `{node.name}` cannot be made when lowering: {type(error).__name__}: {error}",
            "move it to the top of the module, and give its objects what they need",
        )
    for name, cell in cells.items():
        cell.cell_contents = _enclosed(frame, name)
    if any(_holds_variables(each) for each in vars(cls).values()):
        frame.refuse(
            node,
            f"the class `{node.name}` keeps the value that a variable has when the class is made",
            "let `__init__` assign it, or read the variable in a method",
        )
    return cls  # type: ignore[no-any-return]


def _codes(code: types.CodeType, name: str, lines: set[int]) -> Iterator[types.CodeType]:
    """Yield the code in a function's that is of this name, and begins at one of these lines."""
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            if each.co_name == name and each.co_firstlineno in lines:
                yield each
            yield from _codes(each, name, lines)


def _real(frame: Frame, node: Any) -> Any:
    """Return the object that a base or a decorator of a class is."""
    if isinstance(node, gast.Call):
        args = [_real(frame, each) for each in node.args]
        return _real(frame, node.func)(*args, **{each.arg: _real(frame, each.value) for each in node.keywords})
    value = expression(frame, node)
    if not isinstance(value, (Known, Lit)):
        frame.refuse(node, "what a class is made of has to be known when lowering", "move it to the top of the module")
    return value.value


def _cell(frame: Frame, name: str) -> types.CellType:
    """Return what the body of a class finds where it reads a variable of the function."""
    value: Value = frame.env.get(name)
    return types.CellType(value.value if isinstance(value, (Known, Lit)) else _enclosed(frame, name))


def _enclosed(frame: Frame, name: str) -> Enclosed:
    return Enclosed(weakref.ref(frame), name)


def _holds_variables(value: Any) -> bool:
    """Tell whether an attribute of a class is a variable of the function around, or has one for a default."""
    value = getattr(value, "__func__", value)
    defaults = [*(getattr(value, "__defaults__", None) or ()), *(getattr(value, "__kwdefaults__", None) or {}).values()]
    return any(isinstance(each, Enclosed) for each in (value, *defaults))


SIMPLE[gast.ClassDef] = _define
