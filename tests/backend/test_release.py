"""Arrays that are deleted after their last use."""

from __future__ import annotations

import ast
import textwrap

import gast
import pytest

from ast_ad.backend.release import released
from ast_ad.backend.text import Comment, source

CASES = {
    "between": ("y = f(x)\nz = g(y)\nw = h(z)\nreturn w", "y = f(x)\nz = g(y)\ndel y\nw = h(z)\nreturn w"),
    "two at once": (
        "y = f(x)\nz = f(y)\nw = y + z\na = h(w)\nreturn a",
        "y = f(x)\nz = f(y)\nw = y + z\ndel y, z\na = h(w)\nreturn a",
    ),
    "bound anew at once": ("y = f(x)\ny = g(x)\nreturn y", "y = f(x)\ny = g(x)\nreturn y"),
    "bound anew later": (
        "y = f(x)\nz = g(y)\nz = g(z)\ny = f(z)\nreturn y",
        "y = f(x)\nz = g(y)\ndel y\nz = g(z)\ny = f(z)\nreturn y",
    ),
    "never read": ("y = f(x)\nz = g(x)\nreturn z", "y = f(x)\ndel y\nz = g(x)\nreturn z"),
    "after a loop": (
        "y = f(x)\nfor i in range(3):\n    z = g(y)\nw = f(x)\nreturn w",
        "y = f(x)\nfor i in range(3):\n    z = g(y)\ndel y\nw = f(x)\nreturn w",
    ),
    "perhaps not bound": (
        "for i in x:\n    y = f(x)\n    z = g(y)\nw = f(x)\nreturn w",
        "for i in x:\n    y = f(x)\n    z = g(y)\nw = f(x)\nreturn w",
    ),
    "in a branch": (
        "if x:\n    y = f(x)\n    z = g(y)\nelse:\n    z = x\nw = f(z)\nreturn w",
        "if x:\n    y = f(x)\n    z = g(y)\n    del y\nelse:\n    z = x\nw = f(z)\nreturn w",
    ),
    "in a branch that returns": (
        "if x:\n    y = f(x)\n    z = g(y)\n    w = g(z)\n    return w\nw = f(x)\na = g(w)\nreturn a",
        "if x:\n    y = f(x)\n    z = g(y)\n    del y\n    w = g(z)\n    return w\nw = f(x)\na = g(w)\nreturn a",
    ),
    "bound before a branch": (
        "y = f(x)\nif x:\n    y = g(y)\n    z = g(y)\nelse:\n    z = y\nw = f(z)\nreturn w",
        "y = f(x)\nif x:\n    y = g(y)\n    z = g(y)\nelse:\n    z = y\ndel y\nw = f(z)\nreturn w",
    ),
    "perhaps read later": (
        "y = f(x)\nz = g(y)\nif z:\n    z = g(y)\nw = f(z)\nreturn w",
        "y = f(x)\nz = g(y)\nif z:\n    z = g(y)\ndel y\nw = f(z)\nreturn w",
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_deletions(before, after):
    lines = gast.parse(before).body
    assert source(released(lines, ["y", "z", "w", "a"])) == after
    ast.parse("def f(x):\n" + textwrap.indent(after, "    "))


def test_only_what_is_named_is_deleted():
    lines = gast.parse("y = f(x)\nz = g(y)\nw = h(z)\nreturn w").body
    assert source(released(lines, ["z"])) == "y = f(x)\nz = g(y)\nw = h(z)\nreturn w"


def test_comments_stay():
    lines = [*gast.parse("y = f(x)\nz = g(y)").body, Comment("reverse sweep"), *gast.parse("w = h(z)\nreturn w").body]
    assert source(released(lines, ["y"])) == "y = f(x)\nz = g(y)\ndel y\n# reverse sweep\nw = h(z)\nreturn w"
