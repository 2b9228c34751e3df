"""What `keys`, `values` and `items` of a dict return: views, which show the dict as it is when they are looked at.

`containers.seen` looks at one: it gives the list of what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ast_ad.frontend.values import Container, Later, Table, Value, value_of

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame


class View:
    """A view of a dict.

    Attributes
    ----------
    owner
        The dict: a container, or a table.
    of
        The class of what it stands for.
    """

    __slots__ = ("owner",)

    of: ClassVar[type]
    like_set: ClassVar[bool] = True

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __tree_parts__(self) -> tuple[type[View], tuple[Any]]:
        return type(self), (self.owner,)

    @property
    def over(self) -> list[Container]:
        """The containers that a loop over it goes over."""
        return [self.owner.keys, self.owner.values] if isinstance(self.owner, Table) else [self.owner]

    def shown(self, contents: Mapping[Any, Value]) -> list[Value]:
        """Return what it shows of a dict with these contents."""
        raise NotImplementedError

    def column(self, frame: Frame, table: Table) -> Value:
        """Return what it shows of a table."""
        raise NotImplementedError


class Keys(View):
    """What ``d.keys()`` returns."""

    __slots__ = ()
    of: ClassVar[type] = type({}.keys())

    def shown(self, contents: Mapping[Any, Value]) -> list[Value]:
        return [value_of(key) for key in contents]

    def column(self, frame: Frame, table: Table) -> Value:
        return table.keys


class Values(View):
    """What ``d.values()`` returns."""

    __slots__ = ()
    of: ClassVar[type] = type({}.values())
    like_set = False

    def shown(self, contents: Mapping[Any, Value]) -> list[Value]:
        return [Later(self.owner, key) for key in contents]

    def column(self, frame: Frame, table: Table) -> Value:
        return table.values


class Items(View):
    """What ``d.items()`` returns, of a dict that is no table (see `ast_ad.frontend.tables`)."""

    __slots__ = ()
    of: ClassVar[type] = type({}.items())

    def shown(self, contents: Mapping[Any, Value]) -> list[Value]:
        return [(value_of(key), Later(self.owner, key)) for key in contents]


def is_dict(value: Value) -> bool:
    """Tell whether this is a dict, or a view of one."""
    return isinstance(value, (Table, View)) or (isinstance(value, Container) and issubclass(value.type, dict))
