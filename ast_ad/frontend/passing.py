"""Containers on their way from one frame to another: with what they contain, and numbered where one is there twice."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ast_ad.frontend.containers import entry, made, mapped, seen
from ast_ad.frontend.parcels import Parcel, ParcelParts
from ast_ad.frontend.values import Container, Part, Value
from ast_ad.ir.nodes import Lit, Var
from ast_ad.trees import flatten, unflatten

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


Numbers = dict[Container, int]


def held(frame: Frame, value: Value, numbers: Numbers, kept: Collection[str] = ()) -> Value:
    """Return a value with `Parcel` in the place of its containers; `numbers` has those that were met before.

    Those whose keys are among `kept` stay what they are.
    """

    def hold(container: Container) -> Value:
        if container.key in kept:
            return container
        known = numbers.get(container)
        number = numbers.setdefault(container, len(numbers))
        own = ParcelParts(number, container.type, container.outside, container.site)
        contents = entry(frame, container)
        if isinstance(contents, Part):
            contents = seen(frame, container)
        return Parcel(own, None if known is not None else held(frame, contents, numbers, kept))

    return mapped(value, hold)


def held_in(frame: Frame, env: dict[str, Value], value: Value, kept: Collection[str] = ()) -> Value:
    """Return a value with `Parcel` in the place of its containers, with what they contain in an environment."""
    around, frame.env = frame.env, env
    try:
        return held(frame, value, {}, kept)
    finally:
        frame.env = around


def installed(frame: Frame, value: Value, containers: dict[int, Container], name: str = "") -> Value:
    """Return a value with containers of this frame in the place of each `Parcel`; new ones go to `containers`."""

    def install(each: Parcel) -> Container:
        number = each.own.number
        if number not in containers:
            container = made(frame, each.own.type(), outside=each.own.outside, cls=each.own.type)
            container.name, container.site = name, each.own.site
            containers[number] = container
            frame.env[container.key] = installed(frame, each.contents, containers)
        return containers[number]

    leaves, tree = flatten(value, lambda part: isinstance(part, (Var, Lit, Parcel)))
    if not any(isinstance(leaf, Parcel) for leaf in leaves):
        return value
    return unflatten(tree, [install(leaf) if isinstance(leaf, Parcel) else leaf for leaf in leaves])
