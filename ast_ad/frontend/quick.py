"""Tests of kinds and structures as Python expressions, for what is asked at every call.

They may say no to what is as it should be, never yes to what is not.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ast_ad.ir.kinds import Array, Kind, Scalar
from ast_ad.trees import DictTree, Leaf, ListTree, Static, Tree, TupleTree

Bind = Callable[[Any], str]
"""Gives a value a name in a compiled expression."""

_NOTHING = object()


def kind_test(first: str, name: str, kind: Kind, bind: Bind) -> str:
    """Return a quick test that `first` has a kind; it may say no to what has it, and gives the value its name."""
    if isinstance(kind, Scalar):
        own = np.dtype(kind.dtype).type if kind.numpy else getattr(builtins, kind.dtype)
        return f"type({first}) is {bind(own)}"
    if not isinstance(kind, Array):
        return f"({first}) is {bind(_NOTHING)}"
    tests = [f"type({first}) is {bind(np.ndarray)}", f"{name}.dtype is {bind(np.dtype(kind.dtype))}"]
    tests.append(f"{name}.ndim == {kind.ndim}")
    if 1 in kind.dims:
        tests += [f"{name}.shape[{i}] {'==' if dim == 1 else '!='} 1" for i, dim in enumerate(kind.dims)]
    elif kind.ndim:
        tests.append(f"1 not in {name}.shape")
    return " and ".join(tests)


def container_tests(first: str, name: str, tree: Tree, bind: Bind) -> list[str]:
    """Return quick tests that `first` has a structure, but for what is at its leaves."""
    if isinstance(tree, Leaf):
        return []
    if isinstance(tree, Static):
        return [f"{bind(tree)} == {bind(Static)}({first})"]
    keys: Sequence[Any] = tree.keys if isinstance(tree, DictTree) else range(len(tree.items))
    own = {TupleTree: tuple, ListTree: list, DictTree: dict}.get(type(tree)) or getattr(tree, "make", None)
    if not (isinstance(own, type) and issubclass(own, (tuple, list, dict))):
        return [f"({first}) is {bind(_NOTHING)}"]
    tests = [f"type({first}) is {bind(own)}"]
    tests.append(f"[*{name}] == {bind(list(keys))}" if isinstance(tree, DictTree) else f"len({name}) == {len(keys)}")
    for key, item in zip(keys, tree.items):
        inner = bind(None)
        tests += container_tests(f"{inner} := {name}[{bind(key)}]", inner, item, bind)
    return tests
