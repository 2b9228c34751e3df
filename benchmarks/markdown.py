"""Tables in Markdown, and how numbers are written in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def head(titles: Iterable[str]) -> Iterator[str]:
    """Yield the two lines above the rows: the first column is text, the others are numbers."""
    first, *others = titles
    yield row(first, *others)
    yield row("---", *("---:" for _ in others))


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def micro(seconds: float) -> str:
    """Write a time in microseconds."""
    return short(seconds * 1e6)


def short(number: float) -> str:
    """Write three digits.

    >>> short(1234.5), short(0.12345)
    ('1230', '0.123')
    """
    return f"{float(f'{number:.3g}'):.12g}"


def yes(reached: bool) -> str:
    return "yes" if reached else "no"
