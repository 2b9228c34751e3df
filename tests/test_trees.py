"""Containers and their leaves."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ast_ad.trees import LEAF, DictTree, ListTree, NodeTree, Static, TupleTree, flatten, leaf_paths, unflatten

Point = namedtuple("Point", "x y")
NUMBERS = st.floats(allow_nan=False) | st.integers() | st.booleans() | st.complex_numbers(allow_nan=False)
OTHERS = st.none() | st.text(max_size=3)
VALUES = st.recursive(
    NUMBERS | OTHERS,
    lambda items: (
        st.lists(items, max_size=3)
        | st.lists(items, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.integers(), items, max_size=3)
        | st.tuples(items, items).map(lambda pair: Point(*pair))
    ),
    max_leaves=8,
)


@given(VALUES)
def test_taking_apart_and_putting_together_changes_nothing(value: Any) -> None:
    leaves, tree = flatten(value)
    again = unflatten(tree, leaves)
    assert again == value and type(again) is type(value)
    assert flatten(again) == (leaves, tree) and hash(flatten(again)[1]) == hash(tree)
    assert len(list(leaf_paths(tree))) == len(leaves)


def test_a_dict_keeps_its_order():
    leaves, tree = flatten({"b": 1, "a": 2})
    assert leaves == [1, 2]
    assert list(unflatten(tree, leaves)) == ["b", "a"]


def test_numbers_are_leaves_and_all_else_is_structure() -> None:
    leaves, tree = flatten((np.float32(1), True, [2j, None], {"k": "text"}, Point(1, math.sin)))
    assert leaves == [1, True, 2j, 1]
    assert tree == TupleTree(
        (
            LEAF,
            LEAF,
            ListTree((LEAF, Static(None))),
            DictTree(("k",), (Static("text"),)),
            NodeTree(Point, (LEAF, Static(math.sin))),
        )
    )


@pytest.mark.parametrize(("a", "b"), [(1.5, 2), ("a", "a"), ((), ()), ([math.sin], [math.sin])])
def test_values_of_one_structure_have_equal_trees(a: Any, b: Any) -> None:
    assert flatten(a)[1] == flatten(b)[1]


@pytest.mark.parametrize(
    ("a", "b"), [("a", "b"), ((), []), ((1,), (1, 2)), ({"a": 1}, {"b": 1}), (math.sin, math.cos), (object(), object())]
)
def test_values_of_other_structure_have_other_trees(a: Any, b: Any) -> None:
    assert flatten(a)[1] != flatten(b)[1]


def test_a_class_can_be_taken_apart() -> None:
    class Pair:
        def __init__(self, a, b):
            self.items = a, b

        def __tree_parts__(self):
            return Pair, self.items

    leaves, tree = flatten([Pair(1, 2.5)])
    assert leaves == [1, 2.5]
    assert unflatten(tree, [3, 4])[0].items == (3, 4)
