"""Random programs are right or refused, never wrong (a short run; `python -m tests.fuzz` goes on for longer)."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.__main__ import main
from tests.fuzz.constructs import constructs
from tests.fuzz.decisions import Program
from tests.fuzz.judge import Depth, head, judge, shared
from tests.fuzz.programs import ARRAYS, FUNCTIONS, KINDS, OBJECTS, SCALARS, WRITES, programs, seeded
from tests.fuzz.reduce import reduce
from tests.fuzz.write_targets import ALIASES

QUICK = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # What fails is made small by `reduce`, which is faster than Hypothesis.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def expect_no_mistake(program: Program) -> None:
    verdict = judge(program, shared(len(program.text)))
    if verdict.outcome == "wrong":
        pytest.fail(f"f{program.args} of\n\n{program.text}\n{verdict.reason}: {verdict.detail}")


@pytest.mark.parametrize("kind", KINDS)
def test_random_programs_are_right_or_refused(kind: str):
    @settings(QUICK, max_examples=5)
    @given(program=programs(kind))
    def check(program: Program) -> None:
        expect_no_mistake(program)

    check()


@pytest.mark.parametrize(("kind", "least"), [(SCALARS, 4), (ARRAYS, 4), (WRITES, 4), (FUNCTIONS, 4), (OBJECTS, 4)])
def test_few_programs_are_refused_or_useless(kind: str, least: int):
    outcomes = [judge(seeded(7, number, kind), Depth(False, False, False)).outcome for number in range(6)]
    assert outcomes.count("right") >= least, outcomes


def test_programs_write_in_every_way():
    written = [pair for number in range(300) for pair in seeded(3, number, WRITES).writes]
    kinds, aliases = ({pair[i] for pair in written} for i in range(2))
    wanted = """
        x[i]; x[i, j]; x[a:b]; x[::k]; x[-i]; x[...]; x[:]; x[None]; x[..., i]; x[[i, i]]; x[[i, j], a:b]; x[mask];
        x += v; +=; -=; *=; /=; //=; %=; **=; @=; &=; ^=; |=; np.add.at; np.subtract.at; out=; fill; sort; put;
        np.put; np.copyto; np.place; np.putmask; np.fill_diagonal; swap; overlap; complex; call of a writer"""
    assert {name.strip() for name in wanted.split(";")} <= kinds
    assert {*ALIASES, "index array"} <= aliases


def test_programs_reach_every_construct():
    reached = set().union(*(constructs(seeded(3, number).text) for number in range(400)))
    wanted = """
        if, elif, branch in a loop, for over range, range with a step, range of a variable, for over a sequence,
        for over zip, for over enumerate, while, while True, nested loop, three loops deep, loop with else, break,
        continue, return in a loop, return in nested loops, tuple target, starred target, augmented assignment, walrus,
        conditional expression, and/or, chained comparison, helper function, inner function, nonlocal, lambda,
        default argument, keyword-only argument, call, keyword argument, call in a loop, assert, raise,
        function of math, function of np, built-in function, power, // and %"""
    assert {name.strip() for name in wanted.split(",")} <= reached


@pytest.mark.parametrize("kind", [FUNCTIONS, OBJECTS])
def test_programs_use_what_they_are_for(kind: str):
    reached = set().union(*(seeded(3, number, kind).uses for number in range(250)))
    wanted = {
        FUNCTIONS: """
            recursion; mutual recursion; nested recursion; recursion over a list; recursion over halves;
            recursion over tuples; function as argument; function as result; function in a list; function in a dict;
            *args and **kwargs; closure over a name bound again; closure that changes a list; map; filter; reduce;
            append; insert; extend; pop; pop(i); set item; del item; sort; reverse; list of tuples; list of lists;
            list of arrays; append in a loop; loop over a list; comprehension; comprehension with a condition;
            two for in a comprehension; generator expression; set key; dict update; dict comprehension;
            dict by integers""",
        OBJECTS: """
            object; dataclass; method; inheritance; super; attribute write; array attribute; list of objects;
            second name of an object; object as argument; method __add__; method __mul__; method __call__;
            method __getitem__; method __len__; method __iter__; loop over a generator; sum of a generator;
            zip of a generator; enumerate of a generator; next; yield from""",
    }[kind]
    assert {name.strip() for name in wanted.split(";")} <= reached


def test_a_seed_means_the_same_programs():
    assert [seeded(5, k) for k in range(20)] == [seeded(5, k) for k in range(20)]
    assert len({seeded(5, k).text for k in range(20)}) == 20


def test_a_program_is_the_same_whatever_was_written_before_it():
    alone = seeded(501, 2281, WRITES).text
    seeded(501, 2153, WRITES)  # writes to a global through its transpose
    assert seeded(501, 2281, WRITES).text == alone


@settings(QUICK, max_examples=10)
@given(program=programs())
def test_programs_are_python(program: Program):
    ast.parse(program.text)


def text_of(body: str) -> str:
    return "import math\n\n\ndef f(x, y, n, flag):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def test_judge_calls_a_right_derivative_right():
    assert judge(Program(text_of("return x * y"), (2.0, 3.0, 1, True))).outcome == "right"


def test_judge_expects_the_exception_that_the_program_raises():
    program = Program(text_of("if x > 0:\n    raise KeyError('far')\nreturn x * y"), (2.0, 3.0, 1, True))
    assert judge(program).outcome == "right"


def test_judge_counts_what_is_not_supported_as_refused():
    verdict = judge(Program(text_of("async def g():\n    pass\nreturn x"), (2.0, 3.0, 1, True)))
    assert verdict.outcome == "refused"
    assert "UnsupportedSyntaxError" in verdict.reason


def test_judge_discards_what_has_no_moderate_value():
    assert judge(Program(text_of("return math.exp(300 * x)"), (2.0, 3.0, 1, True))).outcome == "discarded"


def test_judge_discards_what_numpy_copies_wrongly():
    text = "import numpy as np\n\n\ndef f(x):\n    y = x * 2.0\n    y[:, -1] = y[1]\n    return np.sum(y ** 2)\n"
    args = (np.arange(9.0).reshape(3, 3),)
    assert judge(Program(text, args)).reason == "value"
    assert judge(Program(text, args, writes=(("x[:, i]", "name"),))).outcome == "discarded"


def test_messages_that_differ_in_names_count_as_one():
    assert head("`v12` is unbound in line 3\nmore") == head("`w7` is unbound in line 14")


def test_reduce_keeps_what_fails_and_little_else():
    program = seeded(0, 5).text.replace("return", "assert not math.gamma(0.5)\n    return", 1)
    small = reduce(program, lambda text: "math.gamma" in text)
    assert small == "assert math.gamma(0.5)"


def test_command_reports_the_counts(capsys: pytest.CaptureFixture[str]):
    assert main(["--programs", "3", "--seed", "2"]) == 0
    out = capsys.readouterr().out
    assert "seed 2: 3 programs" in out
    assert re.search(r"\d+ right", out)
