"""Which arrays may be numbers."""

from __future__ import annotations

from ast_ad.analysis.zeros import may_be_numbers
from ast_ad.ir.kinds import BOOL, FLOAT, Array, List
from ast_ad.ir.nodes import Lit, Var
from tests.small_ir import block, branch, count

VECTOR, LIST = Array("float64", ("n1",)), List(FLOAT)


def test_an_array_that_is_a_number_on_one_path_may_be_one_and_no_list_is():
    bar, bars, test = Var(VECTOR, "bar"), Var(LIST, "bars"), Var(BOOL, "test")
    either, lists, alike = Var(VECTOR, "either"), Var(LIST, "lists"), Var(VECTOR, "alike")
    choice = branch(test, block(yields=(Lit(0.0), bars, bar)), block(yields=(bar, bars, bar)), either, lists, alike)
    assert may_be_numbers(block(choice)) == {either}


def test_what_a_loop_carries_may_be_a_number_in_each_turn():
    bar, index = Var(VECTOR, "bar"), Var(VECTOR, "index")
    carried, after = Var(VECTOR, "carried"), Var(VECTOR, "after")
    body = block(params=(index, carried), yields=(Lit(True), bar))
    assert may_be_numbers(block(count((0, 3, 1), body, (Lit(0.0),), (after,)))) == {carried, after}
