"""Texts: of values, as `str`, `print` and f-strings make them, and what methods make of texts that are known."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ast_ad.frontend import awaited, classes, containers, dispatch, external, members, mixed, records, verbatim
from ast_ad.frontend.choices import for_each, whichever
from ast_ad.frontend.dict_views import View
from ast_ad.frontend.facts import present
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.paths import Held
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.values import (
    Container,
    Either,
    Grown,
    Known,
    OneOf,
    Optional,
    Raised,
    Value,
    is_operand,
    is_string,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.kinds import STRING
from ast_ad.ir.nodes import Form, Lit, Op, Operand, Var
from ast_ad.models import iteration
from ast_ad.trees import LEAF


def shown(frame: Frame, node: Any, value: Value) -> Value:
    """Return a value as something that can be printed: a number or a text as it is, of all else its text."""
    mixed.asks(value)
    if isinstance(value, (Either, Optional)):
        return whichever(frame, node, value, lambda each: of(frame, node, each))
    if isinstance(value, OneOf):
        return for_each(frame, node, value, lambda each: of(frame, node, each))
    if isinstance(value, Raised):
        return shown(frame, node, value.text)
    if is_operand(value) or is_string(value) or (isinstance(value, Known) and value.value is None):
        return value
    cls = members.class_of(value)
    own = "__repr__" if cls is None or vars(object)["__str__"] is getattr(cls, "__str__", None) else "__str__"
    if (method := members.special(value, own)) is not None and not records.is_generated(method.value):
        return members.call_special(frame, node, value, own)
    if isinstance(value, Known):
        return Known(str(value.value))
    return represented(frame, node, value)


def of(frame: Frame, node: Any, value: Value) -> Value:
    """Lower ``str(value)``."""
    printed = shown(frame, node, value)
    if is_string(printed):
        return printed
    if isinstance(printed, Lit):
        return Known(str(printed.value))
    return frame.op(node, str.format, Lit("{}"), frame.operand(node, printed), kind=STRING)


def converted(frame: Frame, node: Any, value: Value, conversion: str) -> tuple[Value, str]:
    """Return what a template gets for a value, and the conversion (``r``, ``s`` or ``a``) that is left to it.

    A number or a text is converted when it runs.  The text of anything else is known here, and not to be quoted.
    """
    mixed.asks(value)
    if is_operand(value) or is_string(value):
        return value, conversion
    if conversion == "a":
        frame.refuse(node, f"the text of {describe(value)} in ASCII is not known", "convert a number or a text")
    return (represented if conversion == "r" else of)(frame, node, value), ""


def formatted(frame: Frame, node: Any, value: Value, spec: Callable[[], Value] | None) -> tuple[Value, bool]:
    """Return what a template gets for a value with a format, or without, and whether the format is left to it."""
    if members.special(value, "__format__") is not None:
        return members.call_special(frame, node, value, "__format__", [spec() if spec else Known("")]), False
    if spec is None:
        return shown(frame, node, value), False
    value = present(frame, node, value, "unsupported format string passed to NoneType.__format__")
    mixed.asks(value)
    if is_operand(value) or is_string(value):
        return value, True
    if isinstance(value, OneOf):
        return for_each(frame, node, value, lambda each: formatted(frame, node, each, spec)[0]), False
    if isinstance(value, Known):
        return Known(format(value.value, constant(frame, node, spec()))), False
    cls = classes.type_of(frame, node, value)
    frame.fail(node, TypeError, Lit(f"unsupported format string passed to {cls.__name__}.__format__"))


_PLACE = re.compile(r"%(\((?P<key>[^)]*)\))?(?P<form>[-#0 +]*(\*|\d+)?(\.(\*|\d+)?)?[hlL]?)(?P<letter>.)", re.DOTALL)
"""What stands in a template of the operator ``%`` for a value."""


def filled_in(frame: Frame, node: Any, template: Value, value: Value) -> Value:
    """Return ``template % value``: of a value, a tuple of them, or a dict."""
    left = list(value) if type(value) is tuple else [value]
    given: list[Operand] = []

    def place(found: re.Match[str]) -> str:
        form, letter = found["form"], found["letter"]
        if letter == "%":
            return found[0]
        if found["key"] is not None and isinstance(value, dict):
            if found["key"] not in value:
                frame.fail(node, KeyError, Lit(found["key"]))
            left[:] = [value[found["key"]]]
        widths = form.count("*")
        given.extend(frame.operand(node, each) for each in left[:widths])
        del left[:widths]
        if not left:
            return found[0]  # There are too few values, which fails when it runs.
        item, conversion = converted(frame, node, left.pop(0), letter if letter in "ra" else "s")
        given.append(frame.operand(node, item))
        return f"%{form}{letter if conversion or letter not in 'ra' else 's'}"

    if isinstance(template, Known):
        template = Known(_PLACE.sub(place, template.value))
    elif not all(is_operand(each) or is_string(each) for each in left):
        frame.refuse(node, "how this template shows what is no number is not known", "write the template as a constant")
    given += [frame.operand(node, shown(frame, node, item)) for item in left if not isinstance(value, dict)]
    values = tuple([each.value for each in given if isinstance(each, Lit)])
    if isinstance(template, Known) and len(values) == len(given):
        return _at_once(frame, node, lambda: template.value % values)
    if len(given) == 1:
        return frame.op(node, operator.mod, frame.operand(node, template), given[0], kind=STRING)
    operands, form = Form.of((frame.operand(node, template), tuple(given)), {}, is_operand)
    out = Var(STRING)
    frame.builder.append(Op((out,), operator.mod, tuple(operands), (), frame.where(node), form))
    return out


def by_format(frame: Frame, node: Any, template: Value, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Return ``template.format(*args, **kwargs)``."""
    operands = [frame.operand(node, arg) for arg in args]
    named = [(key, frame.operand(node, value)) for key, value in kwargs.items()]
    values = [each.value for each in operands if isinstance(each, Lit)]
    constants = {key: each.value for key, each in named if isinstance(each, Lit)}
    if isinstance(template, Known) and len(values) + len(constants) == len(operands) + len(named):
        return _at_once(frame, node, lambda: template.value.format(*values, **constants))
    return frame.op(node, str.format, frame.operand(node, template), *operands, kwargs=named, kind=STRING)


def _at_once(frame: Frame, node: Any, make: Callable[[], str]) -> Known:
    """Return a text that is made of constants."""
    try:
        return Known(make())
    except (TypeError, ValueError, IndexError, KeyError) as error:
        frame.fail(node, type(error), *map(Lit, error.args))


def represented(frame: Frame, node: Any, value: Value) -> Value:
    """Return the `repr` of a value."""
    template, operands = _template(frame, node, value)
    if all(isinstance(operand, Lit) for operand in operands):
        return Known(template.format(*(operand.value for operand in operands)))  # type: ignore[union-attr]
    return frame.op(node, str.format, Lit(template), *operands, kind=STRING)


def _template(frame: Frame, node: Any, value: Value) -> tuple[str, list[Operand]]:
    """Return the template of a value's `repr`, and the numbers that go into it."""
    if is_tuple(value):
        what = "the text of a tuple whose length is known only when it runs is not known"
        frame.misfit(node, what, "make a list of it: `list(items)`")
    if isinstance(value, View):
        inside, operands = _template(frame, node, awaited.looked_at(frame, value))
        return f"{value.of.__name__}({inside})", operands
    if isinstance(value, Container):
        value = containers.seen(frame, value)
    if isinstance(value, (Either, Optional, OneOf)):
        several = for_each if isinstance(value, OneOf) else whichever
        return "{}", [frame.operand(node, several(frame, node, value, lambda each: represented(frame, node, each)))]
    method = members.special(value, "__repr__")
    if method is not None and not records.is_generated(method.value):
        text = members.call_special(frame, node, value, "__repr__")
        return (_literal(text.value), []) if isinstance(text, Known) else ("{}", [text])
    named = records.shown_fields(frame, node, value)
    if named is not None:
        items = [(name, *_template(frame, node, item)) for name, item in named]
        inside = ", ".join(f"{name}={part}" for name, part, _ in items)
        cls = members.class_of(value)
        assert cls is not None
        return f"{cls.__qualname__}({inside})", [operand for _, _, found in items for operand in found]
    if isinstance(value, Known):
        return _literal(repr(value.value)), []
    if is_operand(value):
        mixed.asks(value)
        return "{!r}", [value]
    if isinstance(value, dict):
        pairs = [(repr(key), *_template(frame, node, item)) for key, item in value.items()]
        text = ", ".join(f"{_literal(key)}: {part}" for key, part, _ in pairs)
        return _literal("{") + text + _literal("}"), [operand for _, _, found in pairs for operand in found]
    if isinstance(value, Grown) and value.own.item == LEAF:
        return "{!r}", list(value.leaves)
    if isinstance(value, Grown):
        whole = value.home or containers.made(frame, value)
        return "{}", [frame.operand(node, dispatch.call_known(frame, node, _REPR, [whole], {}))]
    if type(value) not in (tuple, list):
        frame.refuse(node, f"the text of {describe(value)} is not known", "print the numbers in it")
    parts = [_template(frame, node, item) for item in value]
    text = ", ".join(part for part, _ in parts)
    around = "[]" if isinstance(value, list) else "()"
    text = around[0] + text + ("," if len(parts) == 1 and isinstance(value, tuple) else "") + around[1]
    return text, [operand for _, found in parts for operand in found]


_REPR = Known(iteration.text_of, Held(iteration.text_of))


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def has_method(value: Value, name: str) -> bool:
    """Tell whether a value is a text that is known, and has such a method."""
    return isinstance(value, Known) and isinstance(value.value, str) and callable(getattr(value.value, name, None))


def call_method(frame: Frame, node: Any, owner: Known, name: str, args: Sequence[Value]) -> Value:
    """Return what a method makes of a text that is known, if its arguments are, too; `join` takes any texts."""
    if name == "join" and not _is_known(containers.seen(frame, args[0])):
        return external.call_string_method(frame, node, owner, name, args, {})
    given = [constant(frame, node, arg) for arg in args]
    return _abstract(frame, getattr(owner.value, name)(*given))


def _is_known(texts: Value) -> bool:
    if isinstance(texts, (Known, Grown)):
        return isinstance(texts, Known)
    return not any(is_operand(each) or isinstance(each, Optional) for each in texts)


def item(frame: Frame, node: Any, owner: Value, index: Value) -> Value:
    """Lower ``text[index]``: at once where both are known."""
    limits = (index.start, index.stop, index.step) if isinstance(index, slice) else (index,)
    if isinstance(owner, Known) and all(isinstance(each, (Known, Lit)) for each in limits):
        values = [each.value for each in limits]
        try:
            return Known(owner.value[slice(*values) if isinstance(index, slice) else values[0]])
        except IndexError as error:
            frame.fail(node, IndexError, Lit(str(error)))
    operands, form = Form.of((frame.operand(node, owner), verbatim.plain(frame, node, index)), {}, is_operand)
    return verbatim.run(frame, node, operator.getitem, operands, form, STRING)


def constant(frame: Frame, node: Any, value: Value) -> Any:
    """Return a value that has to be known when lowering: a text, a number, or a sequence of them."""
    value = containers.seen(frame, value)
    if isinstance(value, (Known, Lit)):
        return value.value
    if type(value) in (tuple, list):
        return type(value)(constant(frame, node, item) for item in value)
    frame.refuse(node, "this text has to be known when lowering", "write it as a constant, or as an f-string")


def _abstract(frame: Frame, value: Any) -> Value:
    if isinstance(value, (bool, int)):
        return Lit(value)
    if type(value) in (tuple, list):
        items = type(value)(_abstract(frame, item) for item in value)
        return containers.made(frame, items) if isinstance(items, list) else items
    return Known(value)
