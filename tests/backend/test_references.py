"""Objects outside of a generated function: imports where there is a name, the namespace where there is none."""

from __future__ import annotations

import collections
import math
import operator as o
from typing import Any

import numpy as np
import pytest

from ast_ad.backend.emit import chunk, emit
from ast_ad.backend.load import load
from ast_ad.backend.references import References
from ast_ad.ir.kinds import FLOAT
from ast_ad.ir.nodes import Var
from tests.backend.build import Body, floats


@pytest.mark.parametrize(
    ("value", "path", "imports"),
    [
        (math.sin, "math.sin", ("import math",)),
        (np.sin, "np.sin", ("import numpy as np",)),
        (np.abs, "np.abs", ("import numpy as np",)),
        (np.linalg.inv, "np.linalg.inv", ("import numpy as np",)),
        (np.float32, "np.float32", ("import numpy as np",)),
        (np, "np", ("import numpy as np",)),
        (abs, "abs", ()),
        (ValueError, "ValueError", ()),
        (float.is_integer, "float.is_integer", ()),
        (o.index, "operator.index", ("import operator",)),
        (collections.OrderedDict, "OrderedDict", ("from collections import OrderedDict",)),
        (collections.OrderedDict.fromkeys, "fromkeys", ()),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_paths(value: Any, path: str, imports: tuple[str, ...]):
    references = References(())
    assert references.path(value) == path
    assert references.path(value) == path
    assert references.imports() == imports


def test_names_step_aside_for_variables():
    references = References({"np", "abs", "math"})
    assert references.path(np.sin) == "np_2.sin"
    assert references.path(abs) == "builtins.abs"
    assert references.path(math.sin) == "math_2.sin"
    assert references.imports() == ("import builtins", "import math as math_2", "import numpy as np_2")


def test_what_cannot_be_imported_is_handed_over():
    def local(x: float) -> float:
        return 2 * x

    function = load_of(local)
    assert function(4.0) == 8.0


def test_a_variable_of_that_name_wins():
    def x(value: float) -> float:
        return 3 * value

    code = chunk(calling(x))
    assert list(code.namespace) == ["x_2"]
    assert load(code.text, "f", code.namespace)(2.0) == 6.0


def test_two_objects_of_one_name():
    def make(factor: float) -> Any:
        def scale(value: float) -> float:
            return factor * value

        return scale

    (x,) = floats("x")
    body = Body()
    function = body.function("f", (x,), body.op(make(2.0), body.op(make(3.0), x)))
    code = chunk(function)
    assert list(code.namespace) == ["scale", "scale_2"]
    assert load(code.text, "f", code.namespace)(1.0) == 6.0


def test_a_parameter_called_as_a_module():
    np_, out = Var(FLOAT, "np"), Body()
    text = emit(out.function("f", (np_,), out.op(np.sin, np_)))
    assert "import numpy as np_2" in text
    assert load(text, "f")(0.0) == 0.0


def test_unhashable_callables():
    class Scale(list[float]):
        def __call__(self, x: float) -> float:
            return 5 * x

    assert load_of(Scale())(2.0) == 10.0


def calling(fn: Any) -> Any:
    (x,) = floats("x")
    body = Body()
    return body.function("f", (x,), body.op(fn, x))


def load_of(fn: Any) -> Any:
    code = chunk(calling(fn))
    return load(code.text, "f", code.namespace)
