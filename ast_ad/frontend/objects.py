"""Objects as wholes: those that the function makes, those that come in, and those that go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from ast_ad.frontend import attributes, containers, dispatch, heap, members, paths, pools, reach
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.keys import key_of
from ast_ad.frontend.parcels import Record
from ast_ad.frontend.run_time_tuples import is_tuple
from ast_ad.frontend.tokens import Token
from ast_ad.frontend.values import (
    IN_LISTS,
    Container,
    Grown,
    Known,
    Maybe,
    Optional,
    Pool,
    Pooled,
    Ref,
    Value,
    is_operand,
    value_of,
)
from ast_ad.frontend.wording import describe
from ast_ad.ir.nodes import Lit, Var
from ast_ad.models.bases import BUILTIN
from ast_ad.models.sets import MODELS
from ast_ad.trees import Child, Collected, Rebuilt, attribute_names, flatten, unflatten


def object_of(frame: Frame, record: Record) -> Value:
    """Return an object of the function's own for one that comes in."""
    cls = record.make.cls
    if isinstance(record.make, Collected):
        items = containers.made(frame, list(map(value_of, record.make.items)))
        model = MODELS[cls]
        return heap.make(frame, Known(model, paths.Held(model)), {"items": items, "listed": Lit(True)})
    ref = heap.make(frame, Known(cls, paths.Held(cls)), {})
    table = frame.context.heap
    if isinstance(record.make, Rebuilt):
        found = dict(zip(record.make.fields, record.items))
    else:
        children = [Child() for _ in record.items]
        whole = record.make(*children)
        by_child = dict(zip(map(id, children), record.items))
        found = {name: getattr(whole, name) for name in attribute_names(whole)}
        found = {
            name: by_child[id(each)] if id(each) in by_child else Known(each, paths.Held(each))
            for name, each in found.items()
        }
    frame.env.update((table.key(ref, name), value) for name, value in found.items())
    return pools.entered(frame, frame.node, ref)


def opened(frame: Frame, node: Any, value: Value, around: tuple[Ref | Pool, ...] = ()) -> Value:
    """Return a value with records for its objects, and lists and dicts for its containers."""

    def taken_apart(cell: heap.Cell | Pooled) -> Value:
        if any(map(is_tuple, reach.objects_in(frame.env, cell, attributes=False))):
            what = "a tuple leaves the function whose length is known only when it runs"
            frame.misfit(node, what, "return a list: `list(items)`")
        if isinstance(cell, Container):
            pooled = pools.holds_pooled(frame, cell)
            if not pooled and not heap.leads_to_objects(frame.env, cell):
                return containers.plain(frame, cell)
            inside = containers.seen(frame, cell)
            if pooled and isinstance(inside, Grown):
                frame.refuse(
                    node, "a list of objects leaves the function that grew in a loop", "return what is in them"
                )
            return opened(frame, node, inside, around)
        if isinstance(cell, Pooled):
            if cell.pool in around:
                frame.refuse(node, f"{describe(cell)} leaves the function, and holds another", "return what is in it")
            attributes_now = pools.attributes_of(frame, node, cell)
            items = tuple(opened(frame, node, item, (*around, cell.pool)) for item in attributes_now.values())
            return Record(Rebuilt(cell.cls.value, tuple(attributes_now)), items)
        if cell.cls.value in MODELS.values():
            return _opened_set(frame, node, cell)
        if "__ast_ad_model__" in vars(cell.cls.value):
            frame.refuse(node, "the `__dict__` of an object leaves the function", "return `vars(...).copy()`")
        if members.base_of(cell.cls.value) is not None:
            frame.refuse(node, f"{describe(cell)} leaves the function", "return the items: `list(...)`, `dict(...)`")
        if cell in around:
            frame.refuse(node, f"{describe(cell)} holds itself, and leaves the function", "return what is in it")
        found = {
            name: attributes.bound(frame, node, cell, name, item) for name, item in cell.attributes(frame.env).items()
        }
        items = tuple(opened(frame, node, item, (*around, cell)) for item in found.values())
        return Record(Rebuilt(cell.cls.value, tuple(found)), items)

    cells, tree = flatten(value, lambda each: heap.is_cell(each) or isinstance(each, Pooled))
    return unflatten(tree, list(map(taken_apart, cells))) if cells else value


def _opened_set(frame: Frame, node: Any, ref: Ref) -> Record:
    """Return the record of a set that leaves the function: its items have to be known."""
    items = containers.plain(frame, ref.attribute(frame.env, "items"))
    if isinstance(items, Grown):
        frame.refuse(
            node, "a set whose items are known only when it runs leaves the function", "return `sorted(...)` of it"
        )
    keys = tuple([key_of(frame, node, each) for each in items])
    return Record(Collected(ref.cls.value.__ast_ad_model__, keys), ())


# Objects that the function makes.


def create(frame: Frame, node: Any, known: Known, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``cls(*args, **kwargs)`` for a class that is written in Python."""
    cls = known.value
    reason = _cannot_make(cls)
    if reason:
        frame.refuse(
            node,
            f"objects of the class `{cls.__name__}` cannot be made here: {reason}",
            "make the object before the call",
        )
    if getattr(cls, "__abstractmethods__", None):
        frame.misfit(node, f"`{cls.__name__}` is abstract: {', '.join(sorted(cls.__abstractmethods__))}")
    maker = members.lookup(cls.__mro__, "__new__")
    if isinstance(maker, staticmethod):
        place = members.path_to(maker.__func__, paths.Member(known.path or paths.Held(cls), "__new__"))
        ref = dispatch.call_known(frame, node, Known(maker.__func__, place), [known, *args], kwargs)
        if not isinstance(ref, Ref) or not issubclass(ref.cls.value, cls):
            return ref
    else:
        ref = _made(frame, known)
    init = members.special(ref, "__init__")
    if init is not None:
        dispatch.call_known(frame, node, init, [ref, *args], kwargs)
    elif (args or kwargs) and not isinstance(maker, staticmethod):
        frame.misfit(node, f"`{cls.__name__}()` takes no arguments", "give the class an `__init__`")
    return pools.entered(frame, node, ref)


def _cannot_make(cls: type) -> str:
    if not heap.is_users_class(cls):
        return "it is not written in Python"
    if type(cls).__call__ is not type.__call__:
        return f"its metaclass is `{type(cls).__name__}`"
    plain = (object, members.base_of(cls))
    foreign = [base for base in cls.__mro__ if not base.__flags__ & heap.HEAP_TYPE and base not in plain]
    return f"it inherits from `{foreign[0].__name__}`" if foreign else ""


def make_plainly(frame: Frame, node: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Lower ``object.__new__(cls)``."""
    known = args[0]
    if not isinstance(known, Known) or not isinstance(known.value, type) or _cannot_make(known.value):
        frame.refuse(node, f"an object is made of {describe(known)}", "call the class")
    return _made(frame, known)


def _made(frame: Frame, known: Known) -> Ref:
    """Return a new object without attributes, but with the list, dict or tuple that it is, if it is one."""
    base = members.base_of(known.value)
    contents = () if base is tuple else containers.made(frame, base()) if base is not None else None
    return heap.make(frame, known, {} if contents is None else {BUILTIN: contents})


def copied(frame: Frame, node: Any, value: Ref | Pooled) -> Value:
    """Return a new object with the attributes that one has, as `copy.copy` does."""
    return pools.entered(frame, node, heap.make(frame, value.cls, _attributes(frame, node, value)))


def _attributes(frame: Frame, node: Any, value: Ref | Pooled) -> dict[str, Value]:
    if isinstance(value, Pooled):
        return pools.attributes_of(frame, node, value)
    found = value.attributes(frame.env)
    inside = found.get(BUILTIN)
    return (
        {**found, BUILTIN: containers.made(frame, containers.seen(frame, inside))}
        if isinstance(inside, Container)
        else found
    )


def _check_alone(frame: Frame, node: Any, value: Pooled, made: Mapping[Any, Value]) -> None:
    """Refuse to copy two objects of which it is not known whether they are one: then there is one copy."""
    if any(isinstance(each, Pooled) and each.pool is value.pool for each in made):
        _refuse_copies(frame, node)


def _refuse_copies(frame: Frame, node: Any) -> NoReturn:
    frame.refuse(
        node,
        "several objects are copied of which it is known only when it runs whether some are one",
        "copy each of them in a loop: `[copy.copy(p) for p in particles]`",
    )


def deeply_copied(
    frame: Frame, node: Any, value: Value, copy: Callable[[Value], Value], made: dict[Any, Value]
) -> Value:
    """Return what `copy.deepcopy` returns; `copy` copies what no object is in, and `made` are the copies so far.

    What is there twice is copied once.
    """
    if isinstance(value, (Ref, Container, Var)) and value in made:
        if made[value] is value:
            _refuse_uncertain(frame, node)
        return made[value]
    if isinstance(value, Pooled):
        _check_alone(frame, node, value, made)

    def inner(item: Value) -> Value:
        return deeply_copied(frame, node, item, copy, made)

    if isinstance(value, (Ref, Pooled)):
        made[value] = ref = heap.make(frame, value.cls, {})
        for name, item in _attributes(frame, node, value).items():
            new = item._replace(value=inner(item.value)) if isinstance(item, Maybe) else inner(item)
            frame.env[frame.context.heap.key(ref, name)] = new
        made[value] = pools.entered(frame, node, ref)
        return made[value]
    if isinstance(value, Container):
        inside = containers.seen(frame, value)
        objects = heap.leads_to_objects(frame.env, value) or pools.holds_pooled(frame, value)
        if objects and isinstance(inside, Grown):
            _refuse_copies(frame, node)
        if value.type in (list, dict) and type(inside) in (list, dict):
            _note_copied(frame, node, [value], made)
            items: Value = (
                {key: inner(inside[key]) for key in inside} if type(inside) is dict else [*map(inner, inside)]
            )
            made[value] = containers.made(frame, items)
            return made[value]
    if type(value) is tuple:
        return tuple(map(inner, value))
    plain = isinstance(value, (Container, Optional)) or (is_operand(value) and not isinstance(value, Lit))
    if not plain:
        return value
    _note_copied(frame, node, reach.objects_in(frame.env, value), made)
    copied = copy(value)
    if isinstance(value, (Container, Var)):
        made[value] = copied
    return copied


def _note_copied(frame: Frame, node: Any, tokens: Iterable[Any], made: dict[Any, Value]) -> None:
    """Note that arrays and containers are being copied; refuse it where one may have been copied already."""
    objects = frame.context.objects
    for token in tokens:
        if token is IN_LISTS:
            continue
        others = [each for each in made if isinstance(each, (Var, Container)) and each not in objects.views]
        own = frozenset[Token]() if token in objects.views else objects.origins(token)
        if token in made or any(not own.isdisjoint(objects.origins(each)) for each in others):
            _refuse_uncertain(frame, node)
        made[token] = token


def _refuse_uncertain(frame: Frame, node: Any) -> NoReturn:
    frame.refuse(
        node,
        "arrays or lists are copied of which it is not known whether some are one",
        "copy each of them by itself: `[x.copy() for x in arrays]`",
    )
