"""The tests of the corpus, in the order of its programs."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one program follow each other: its derivatives share what it is lowered to."""
    numbers: dict[object, int] = {}
    places: list[int] = []
    keys: list[int] = []
    for place, item in enumerate(items):
        program = item.callspec.params.get("program") if hasattr(item, "callspec") else None
        if item.path.parent == HERE and program is not None:
            places.append(place)
            keys.append(numbers.setdefault(program.fun, len(numbers)))
    ordered = [items[place] for _, place in sorted(zip(keys, places))]
    for place, item in zip(places, ordered):
        items[place] = item
