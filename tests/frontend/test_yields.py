"""Generator functions with each `yield` in a statement of its own."""

from __future__ import annotations

from ast_ad.frontend.scope import scope_of
from ast_ad.frontend.source import find_source


def summed(values):
    total = 1.0
    total += yield from values
    yield total


def test_the_names_that_are_made_are_the_functions_own():
    """What is known of a scope is kept, so it must not be asked for before."""
    assert scope_of(find_source(summed).tree).local == {"values", "total", "got"}
