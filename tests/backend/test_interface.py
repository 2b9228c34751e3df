"""Signatures and results: how flat variables make up what the user passes and gets."""

from __future__ import annotations

import operator as o
from textwrap import dedent

import pytest

from ast_ad.backend.emit import emit
from ast_ad.backend.interface import LEAF, Constant, Dict, Interface, List, Param, Tree, Tuple, flat, leaf_count, paths
from ast_ad.backend.load import load
from ast_ad.errors import InternalError
from ast_ad.ir.kinds import FLOAT
from ast_ad.ir.nodes import Var
from tests.backend.build import Body, floats


def added(names: str = "x_0 x_1 y"):
    variables = tuple(Var(FLOAT, name) for name in names.split())
    body = Body()
    total = body.op(o.add, body.op(o.add, variables[0], variables[1]), variables[2])
    return body.function("f", variables, total, variables[0])


def text(params: tuple[Param, ...], returns: Tree, **options: object) -> str:
    return emit(added(), Interface("f_grad", params, returns, **options))


PAIR = Tuple((LEAF, LEAF))


def test_tuple():
    assert text((Param("p", PAIR), Param("y")), Tuple((LEAF, Tuple((LEAF,))))) == dedent(
        """\
        def f_grad(p, y):
            x_0, x_1 = p
            return x_0 + x_1 + y, (x_0,)
        """
    )


def test_dict_and_list_and_constant():
    params = (Param("p", Dict(("a", "b"), (LEAF, LEAF))), Param("y"))
    returns = List((Dict(("value",), (LEAF,)), Constant(None), LEAF))
    assert text(params, returns) == dedent(
        """\
        def f_grad(p, y):
            x_0, x_1 = p["a"], p["b"]
            return [{"value": x_0 + x_1 + y}, None, x_0]
        """
    )


def test_nested_with_static_parts():
    params = (Param("p", Tuple((Tuple((LEAF, Constant("static"))), LEAF, LEAF))),)
    code = text(params, PAIR)
    assert "(x_0, _), x_1, y = p\n" in code
    assert load(code, "f_grad")(((1.0, "static"), 2.0, 4.0)) == (7.0, 1.0)


def test_unnamed_leaves_are_called_after_the_parameter():
    body = Body()
    a, b = Var(FLOAT), Var(FLOAT)
    function = body.function("f", (a, b), body.op(o.mul, a, b))
    assert emit(function, Interface("f", (Param("p", PAIR),), LEAF)) == dedent(
        """\
        def f(p):
            p_0, p_1 = p
            return p_0 * p_1
        """
    )


def test_leaves_that_nobody_reads():
    (x, y) = floats("x y")
    function = Body().function("f", (x, y), y)
    assert "    _, y = p\n" in emit(function, Interface("f", (Param("p", PAIR),), LEAF))
    whole = emit(function, Interface("f", (Param("p", Dict(("a", "b"), (LEAF, LEAF))),), LEAF))
    assert '    y = p["b"]\n' in whole


def test_leaves_step_aside_for_parameters():
    x, p = floats("x p")
    body = Body()
    function = body.function("f", (x, p), body.op(o.sub, x, p))
    code = emit(function, Interface("f", (Param("p", PAIR),), LEAF))
    assert load(code, "f")((5.0, 3.0)) == 2.0


def test_docstring_and_comments():
    code = text((Param("x_0"), Param("x_1"), Param("y")), PAIR, docstring="What it is.", comments=("written by",))
    assert code.startswith('# written by\ndef f_grad(x_0, x_1, y):\n    """What it is."""\n    return ')
    assert load(code, "f_grad").__doc__ == "What it is."


def test_no_results():
    assert emit(Body().function("f", ())) == "def f():\n    return None\n"


def test_defaults():
    x, out_bar = floats("x out_bar")
    body = Body()
    function = body.function("f", (x, out_bar), body.op(o.mul, x, out_bar), out_bar=1.0)
    assert emit(function).startswith("def f(x, out_bar=1.0):")


def test_a_wrong_interface_is_noticed():
    with pytest.raises(InternalError, match="2 parameters for 3"):
        text((Param("x"), Param("y")), PAIR)
    with pytest.raises(InternalError, match="1 results for 2"):
        text((Param("p", PAIR), Param("y")), LEAF)


def test_paths_and_counts():
    tree = Tuple((LEAF, Dict(("a",), (List((LEAF, Constant(1))),))))
    assert list(paths(tree)) == [(0,), (1, "a", 0)]
    assert leaf_count(tree) == 2


def test_flat_names_are_distinct():
    function = Body().function("f", (Var(FLOAT, "x"), Var(FLOAT, "x"), Var(FLOAT)), 1.0)
    assert len({param.name for param in flat(function).params}) == 3
