"""The part of a derivative that is its reverse sweep: all that stands behind the comment which says so."""

from __future__ import annotations

from collections.abc import Callable

from ast_ad.ir.nodes import Block, Function, Note
from ast_ad.transform.simplify.rewriting import changed


def with_reverse_sweep(main: Function, change: Callable[[Block], Block], *, whole: bool = False) -> Function:
    """Return a function with what `change` makes of its reverse sweep: of the `whole` body, where that is all of it."""
    if whole:
        return changed(main, body=change(main.body))
    statements = main.body.statements
    starts = [i for i, s in enumerate(statements) if isinstance(s, Note) and s.text == "reverse sweep"]
    if not starts:
        return main
    sweep = changed(main.body, statements=statements[starts[0] :])
    found = change(sweep)
    if found is sweep:
        return main
    return changed(main, body=changed(found, statements=(*statements[: starts[0]], *found.statements)))
