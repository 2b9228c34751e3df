"""Every stage of the pipeline can be read."""

from __future__ import annotations

import ast
import functools
import inspect
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ast_ad import ArgumentError, KindError, SourceError, grad
from ast_ad.arguments import Callee
from ast_ad.assumed import general_arguments
from ast_ad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, UNKNOWN
from ast_ad.stages import STAGES, derivative_text, stage_text
from ast_ad.trees import LEAF, TupleTree


def wave(x: float, n: int, scale=2.0, *, shifted: bool = False):
    y = x * scale
    for _ in range(n):
        y = y * x
    return math.sin(y) if shifted else y


def plain(x, y):
    return x * y**2


class Box:
    w = 2.0

    def f(self, x):
        return self.w * x


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fun", [wave, plain, Box().f], ids=["loop", "line", "method"])
def test_every_stage_prints(fun: Any, stage: str, mode: str, order: int):
    text = stage_text(fun, stage, mode=mode, order=order)
    assert text.strip()
    assert text == stage_text(fun, stage, mode=mode, order=order), "the same text each time"
    assert " at 0x" not in text


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_of_a_partial_prints(stage: str):
    assert stage_text(functools.partial(plain, y=2.0), stage).strip()


@pytest.mark.parametrize("stage", ["source", "tree"])
def test_the_source_of_a_derivative_of_a_partial(stage: str):
    assert "y**2" in stage_text(functools.partial(plain, y=2.0), stage, order=2) or stage == "tree"


def test_what_each_stage_shows():
    texts = {stage: stage_text(plain, stage, at={"x": 1.0, "y": 2.0}) for stage in STAGES}
    assert len(set(texts.values())) >= 6, "the stages differ"
    assert texts["source"] == inspect.getsource(plain).rstrip()
    assert texts["tree"].startswith("FunctionDef(\n  name='plain',")
    assert texts["ir"].startswith("def plain(x: float, y: float):\n") and "operator.pow(y, 2)" in texts["ir"]
    assert texts["primal"].startswith("def plain(x: float, y: float):\n")
    assert texts["derivative"].startswith("def plain_grad(x: float, y: float, out_bar: float):\n")
    assert texts["simplified"].startswith("def plain_grad(x: float, y: float, out_bar: float):\n")
    assert (
        texts["code"]
        == "def plain_grad(x, y, out_bar=1.0):\n    # reverse sweep\n    x_bar = out_bar * y ** 2\n    return x_bar\n"
    )


def test_simplification_removes_statements():
    derivative, simplified = (stage_text(wave, stage, order=2) for stage in ("derivative", "simplified"))
    assert len(simplified.split("\n")) < len(derivative.split("\n"))


def test_the_primal_is_simplified_before_it_is_transformed():
    def f(x):
        unused = math.exp(x)  # noqa: F841
        return x * x

    assert "math.exp" in stage_text(f, "ir")
    assert "math.exp" not in stage_text(f, "primal")


def test_activity_names_what_varies_and_what_is_useful():
    def f(x, n: int, k):
        y = x * n
        unused = y + 1  # noqa: F841
        w = k * 2
        return y * w

    facts = dict(line.split(None, 1) for line in stage_text(f, "activity", at={"x": 1.0, "k": 1.0}).split("\n"))
    assert facts["x"] == facts["y"] == "active"
    assert facts["k"] == facts["w"] == "useful"
    assert facts["n"] == "inactive"
    facts = dict(line.split(None, 1) for line in stage_text(f, "activity", wrt=["k"]).split("\n"))
    assert facts["k"] == facts["w"] == "active"


def test_an_unknown_stage_is_refused():
    with pytest.raises(ArgumentError, match="there is no stage 'assembly'") as failure:
        stage_text(plain, "assembly")
    assert failure.value.help == f"the stages are {', '.join(STAGES)}"


def test_the_code_is_a_module_that_compiles_and_runs():
    scope: dict[str, Any] = {}
    exec(derivative_text(plain), scope)
    assert scope["plain_grad"](2.0, 3.0) == 9.0
    exec(derivative_text(plain, mode="forward"), scope)
    assert scope["plain_jvp"](2.0, 3.0, 1.0) == (18.0, 9.0)


@pytest.mark.parametrize(
    ("wrt", "returned"),
    [
        (None, "x_bar"),
        (["y"], "y_bar"),
        ([1], "y_bar"),
        ([-1], "y_bar"),
        (["y", "x"], "y_bar, x_bar"),
        (("x", 1), "x_bar, y_bar"),
    ],
)
def test_what_is_differentiated(wrt: Any, returned: str):
    assert derivative_text(plain, wrt=wrt).rstrip().endswith(f"return {returned}")


def test_mistakes_in_what_is_differentiated():
    with pytest.raises(ArgumentError, match=r"plain\(\) has no argument `z`"):
        derivative_text(plain, wrt=["z"])
    with pytest.raises(KindError, match="argument `n` is of type int"):
        derivative_text(wave, wrt=["n"])


def test_orders_are_names_of_the_function():
    for order in (1, 2, 3):
        module = ast.parse(derivative_text(plain, order=order, wrt=["y"]))
        names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
        assert names == ["plain" + "_grad" * order]
    assert "def plain_grad_jvp(" in derivative_text(plain, order=2, mode="forward")


def test_higher_orders_compute_higher_derivatives():
    for order, expected in ((1, 12.0), (2, 4.0), (3, 0.0)):
        scope: dict[str, Any] = {}
        exec(derivative_text(plain, order=order, wrt=["y"]), scope)
        assert scope["plain" + "_grad" * order](2.0, 3.0) == expected


@pytest.mark.parametrize("options", [{"order": 0}, {"order": -1}, {"mode": "backward"}])
def test_mistakes_in_order_and_mode(options: dict[str, Any]):
    with pytest.raises(ArgumentError):
        derivative_text(plain, **options)


def test_a_mistake_in_the_names_of_arguments():
    with pytest.raises(ArgumentError, match="z"):
        derivative_text(plain, at={"z": 1.0})


def test_arguments_specialise():
    assert "np.float32(1.0)" in derivative_text(lambda x, y: x * y, at={"x": np.float32(1), "y": np.float32(2)})
    assert "p_0, p_1 = p" in derivative_text(lambda p: p[0] * p[1], at={"p": (1.0, 2.0)})
    with pytest.raises(KindError, match="argument `x` is of type int"):
        derivative_text(plain, at={"x": 1, "y": 2.0})
    assert stage_text(plain, "ir", at={"y": 2}).startswith("def plain(x: unknown, y: int):")


def test_general_arguments_come_from_annotations_and_defaults():
    def f(a, b: float, c: int, d: bool, e: complex, g=1, h=2.0, i=(1.0, 2), j="text", *rest, k: float = 3, **more):
        return a

    found = {argument.name: argument for argument in general_arguments(Callee(f))}
    kinds = {name: argument.kinds for name, argument in found.items()}
    assert kinds == {
        "a": (UNKNOWN,),
        "b": (FLOAT,),
        "c": (INT,),
        "d": (BOOL,),
        "e": (COMPLEX,),
        "g": (INT,),
        "h": (FLOAT,),
        "i": (FLOAT, INT),
        "j": (),
        "rest": (),
        "k": (FLOAT,),
        "more": (),
    }
    assert found["a"].tree == LEAF and found["i"].tree == TupleTree((LEAF, LEAF))


def test_general_arguments_of_what_is_given_already():
    found = {argument.name: argument.kinds for argument in general_arguments(Callee(functools.partial(plain, 1)))}
    assert found == {"x": (INT,), "y": (UNKNOWN,)}
    found = {argument.name: argument.kinds for argument in general_arguments(Callee(Box().f))}
    assert found == {"self": (), "x": (UNKNOWN,)}


def test_annotations_that_cannot_be_read_are_passed_over():
    def f(x: Missing, y: list[float], z: float):  # type: ignore[name-defined]  # noqa: F821
        return x

    assert general_arguments(Callee(f))[0].kinds == (UNKNOWN,)
    assert "def f_grad(" in derivative_text(f)


def test_the_source_of_a_derivative_is_the_function_s():
    assert stage_text(grad(plain), "source") == inspect.getsource(plain).rstrip()
    assert "def plain_grad_grad(" in stage_text(grad(plain), "code", wrt=["y"])


def test_a_library_function_has_code_and_no_source():
    assert "out_bar * math.cos(x)" in stage_text(math.sin, "code")
    with pytest.raises(SourceError, match="cannot find the source of `sin`"):
        stage_text(math.sin, "source")


def test_another_process_prints_the_same(child_environment: dict[str, str]):
    program = (
        "from tests.test_stages import wave, STAGES, stage_text\n"
        "for stage in STAGES: print(stage_text(wave, stage, order=2))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**child_environment, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert printed == {"".join(stage_text(wave, stage, order=2) + "\n" for stage in STAGES)}


def energy(u):
    total = 0.0
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            total += u[i, j] ** 2
    return total


@pytest.mark.parametrize(
    ("fun", "assumed"),
    [
        (lambda x: np.mean(x**2), "# for x: a vector"),
        (lambda x: x[0] * x[1], "# for x: a vector"),
        (energy, "# for u: a matrix"),
        (lambda w, x: np.sum(x @ w @ x[0, 0]), None),
        (lambda x: np.linalg.det(x), "# for x: a matrix"),
        (lambda x, y: np.interp(0.5, x, y), "# for x: a vector, y: a vector"),
        (
            lambda y, x: np.trapezoid(y, x) if hasattr(np, "trapezoid") else x[0] * y[0],
            "# for y: a vector, x: a vector",
        ),
        (lambda x, n: np.sum(x * np.ones(n)), "# for x: a vector, n: an integer"),
        (lambda x, y: np.sin(x) * y, "import numpy"),
    ],
)
def test_without_an_example_arrays_are_assumed_where_needed(fun, assumed):
    if assumed is None:
        with pytest.raises(KindError, match="--at"):
            derivative_text(fun)
    else:
        assert derivative_text(fun).startswith(assumed)


def test_an_annotation_says_that_it_is_an_array():
    def f(x: np.ndarray, y: float):
        return np.sum(np.sin(x) * y)

    assert derivative_text(f).startswith("# for x: a vector\n")
