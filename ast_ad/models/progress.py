"""Progress bars of `tqdm`: what they go through; a derivative shows none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tqdm


class Progress:
    """As `tqdm.tqdm`, without the bar."""

    __ast_ad_model__: type = tqdm.tqdm

    def __init__(self, iterable: Any = (), *args: Any, **options: Any) -> None:
        self.iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def update(self, n: float = 1) -> None:
        """As `tqdm.tqdm.update`."""

    def close(self) -> None:
        """As `tqdm.tqdm.close`."""

    def refresh(self) -> None:
        """As `tqdm.tqdm.refresh`."""

    def write(self, text: str) -> None:
        """As `tqdm.tqdm.write`."""

    def set_description(self, desc: Any = None, refresh: bool = True) -> None:
        """As `tqdm.tqdm.set_description`."""

    def set_postfix(self, ordered_dict: Any = None, refresh: bool = True, **values: Any) -> None:
        """As `tqdm.tqdm.set_postfix`."""

    def set_postfix_str(self, s: Any = "", refresh: bool = True) -> None:
        """As `tqdm.tqdm.set_postfix_str`."""


def trange(*limits: int, **options: Any) -> Any:
    """As `tqdm.trange`."""
    return Progress(range(*limits))


MODELS: dict[Callable[..., Any], Callable[..., Any]] = {tqdm.tqdm: Progress, tqdm.trange: trange}
