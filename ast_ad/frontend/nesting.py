"""A `with` of several contexts, as one in the other: what leaving the outer ones does may depend on the inner ones."""

from __future__ import annotations

from typing import Any

import gast


def nested(tree: Any) -> Any:
    """Return a tree in which each `with` enters one context; the given one is changed."""
    return _Nested().visit(tree)


class _Nested(gast.NodeTransformer):  # type: ignore[misc]
    def visit_With(self, node: gast.With) -> Any:
        self.generic_visit(node)
        body = node.body
        for item in reversed(node.items[1:]):
            body = [gast.copy_location(gast.With([item], body, None), node)]
        node.items, node.body = node.items[:1], body
        return node
