"""What `functools.singledispatchmethod` makes of a method."""

from __future__ import annotations

from typing import Any


def dispatched(dispatcher: Any, owner: Any, first: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the method that is registered for the class of its first argument."""
    return dispatcher.dispatch(type(first))(owner, first, *args, **kwargs)
