"""Generated functions are ordinary functions to Python's tools: traceback, inspect, linecache, pdb."""

from __future__ import annotations

import gc
import inspect
import linecache
import traceback

import pytest

from ast_ad.backend.load import load

TEXT = """\
import math


def helper(x):
    return math.sqrt(x)


def main(x, out_bar=1.0):
    # reverse sweep
    y = helper(x)
    return out_bar / y
"""


def test_runs():
    assert load(TEXT, "main")(4.0) == 0.5


def test_getsource():
    main = load(TEXT, "main")
    assert inspect.getsource(main) == TEXT[TEXT.index("def main") :]
    assert inspect.getsource(main.__globals__["helper"]) == "def helper(x):\n    return math.sqrt(x)\n"
    assert inspect.signature(main).parameters["out_bar"].default == 1.0
    linecache.checkcache()
    assert "# reverse sweep" in inspect.getsource(main)


def test_traceback_shows_generated_lines():
    with pytest.raises(ValueError) as caught:
        load(TEXT, "main")(-1.0)
    shown = "".join(traceback.format_exception(caught.value))
    assert "    y = helper(x)" in shown
    assert "    return math.sqrt(x)" in shown
    assert 'File "<ast_ad main ' in shown


def test_the_file_name_depends_on_the_text_alone():
    one, two = load(TEXT, "main"), load(TEXT, "main")
    other = load(TEXT.replace("out_bar / y", "y"), "main")
    assert one.__code__.co_filename == two.__code__.co_filename != other.__code__.co_filename


def test_lines_go_with_the_last_function_made_of_them():
    text = "def lonely(x):\n    return x + 12345\n"
    one, two = load(text, "lonely"), load(text, "lonely")
    filename = one.__code__.co_filename
    del one
    gc.collect()
    assert linecache.getline(filename, 2) == "    return x + 12345\n"
    del two
    gc.collect()
    load("def another():\n    return 1\n", "another")
    assert filename not in linecache.cache


def test_lines_stay_while_linecache_walks_over_them():
    """A function may be collected at any moment: `linecache.checkcache` must not miss an entry that it has listed."""
    made = [load("def lonely(x):\n    return x + 54321\n", "lonely")]
    filename = made[0].__code__.co_filename
    listed = list(linecache.cache)
    made.clear()
    gc.collect()
    assert filename in listed
    assert all(name in linecache.cache for name in listed if name.startswith("<ast_ad lonely"))


def test_namespace():
    class Refused(Exception):
        pass

    function = load("def f():\n    raise Refused(1)\n", "f", {"Refused": Refused})
    with pytest.raises(Refused):
        function()
    assert function.__module__ == "ast_ad.generated"
