"""What an error says, and that the user's own exceptions pass through a derivative as through the function."""

from __future__ import annotations

import math
import operator
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad import errors, grad, jvp, value_and_grad
from ast_ad.ir.nodes import Where
from tests.frontend.support import from_text

WHERE = Where("model.py", 12, 8, "    y = x @ w")


class TestMessages:
    """What, where, why, and what to do instead."""

    def test_all_parts(self):
        error = errors.KindError("this is wrong", help="do that", where=WHERE)
        assert str(error).split("\n") == [
            "this is wrong",
            '  File "model.py", line 12',
            "    y = x @ w",
            "        ^",
            "help: do that",
        ]
        assert (error.message, error.help, error.where) == ("this is wrong", "do that", WHERE)

    def test_only_the_message(self):
        error = errors.AutodiffError("this is wrong")
        assert str(error) == "this is wrong"
        assert (error.help, error.where) == ("", None)
        assert error.args == ("this is wrong",)

    def test_a_place_without_text(self):
        error = errors.AutodiffError("this is wrong", where=Where("model.py", 12, 8, ""))
        assert str(error).split("\n") == ["this is wrong", '  File "model.py", line 12']

    def test_a_column_left_of_the_text_is_its_start(self):
        lines = str(errors.AutodiffError("wrong", where=Where("model.py", 1, 0, "    y = x"))).split("\n")
        assert lines[-2:] == ["    y = x", "    ^"]

    @pytest.mark.parametrize(
        ("cls", "bases"),
        [
            (errors.UnsupportedSyntaxError, (SyntaxError,)),
            (errors.SourceError, (OSError,)),
            (errors.MissingRuleError, (NotImplementedError,)),
            (errors.KindError, (TypeError,)),
            (errors.ArgumentError, (ValueError,)),
        ],
    )
    def test_classes_are_those_that_python_uses(self, cls: type[errors.AutodiffError], bases: tuple[type, ...]):
        assert issubclass(cls, (errors.AutodiffError, *bases))
        assert all(issubclass(cls, base) for base in (errors.AutodiffError, *bases))
        error = cls("this is wrong", help="do that", where=WHERE)
        assert str(error) == str(errors.AutodiffError("this is wrong", help="do that", where=WHERE))
        assert getattr(ast_ad, cls.__name__) is cls

    def test_syntax_errors_are_shown_by_python_at_their_line(self):
        error = errors.UnsupportedSyntaxError("no `@`", help="use np.dot", where=WHERE)
        assert (error.filename, error.lineno, error.offset) == ("model.py", 12, 9)
        shown = "".join(traceback.format_exception_only(type(error), error))
        assert 'File "model.py", line 12' in shown
        assert "y = x @ w" in shown
        assert "no `@`\nhelp: use np.dot" in shown

    def test_a_syntax_error_without_a_place(self):
        error = errors.UnsupportedSyntaxError("no `@`", help="use np.dot")
        assert str(error) == "no `@`\nhelp: use np.dot"
        assert error.lineno is None

    def test_an_internal_error_asks_for_a_report(self):
        error = errors.InternalError("lost a variable", stage="simplify", statement="y = x")
        assert str(error).split("\n") == [
            "lost a variable (in simplify)",
            "  at: y = x",
            "This is a bug of ast_ad; please report it with the function.",
        ]
        assert not isinstance(error, errors.AutodiffError)
        assert str(errors.InternalError("lost a variable")).startswith("lost a variable\nThis is a bug")


@pytest.mark.parametrize(
    ("fun", "says"),
    [
        (lambda x: (x, x), "returns a tuple of 2 numbers"),
        (lambda x: [x], "returns a list of 1 number"),
        (lambda x: {"a": x}, "returns a dict of 1 number"),
        (lambda x: None, "returns nothing"),
        (lambda x: "text", "returns 'text'"),
        (lambda x: x * 1j, "returns a complex number"),
        (lambda x: 1j, "returns a complex number"),
        (lambda x: int(x), "of type int, which does not depend smoothly on anything"),
        (lambda x: x > 1, "of type bool, which does not depend smoothly on anything"),
        (lambda x: round(x), "of type int, which does not depend smoothly on anything"),
    ],
    ids=["tuple", "list", "dict", "None", "string", "complex", "complex constant", "int", "bool", "round"],
)
@pytest.mark.parametrize("operator", [grad, value_and_grad])
def test_results_that_have_no_gradient(operator: Any, fun: Any, says: str):
    with pytest.raises(ast_ad.KindError, match=says) as failure:
        operator(fun)(1.0)
    assert failure.value.message.startswith("the function returns ")
    assert failure.value.help.startswith("return ")


def test_a_result_that_is_a_number_on_one_path_only():
    derivative = grad(lambda x: x if x > 0 else None)
    assert derivative(1.0) == 1.0
    with pytest.raises(TypeError, match="returns None"):
        derivative(-1.0)
    with pytest.raises(ast_ad.KindError, match="it is a float or a tuple of 1 item, depending on the path") as failure:
        grad(lambda x: x if x > 0 else (x,))(1.0)
    assert failure.value.where.text.strip().startswith("grad(lambda x: x if x > 0 else (x,))(1.0)")
    assert failure.value.help == "return values of one structure on every path"


def test_errors_of_lowering_point_at_the_user_s_line():
    fun = from_text("def f(x):\n    y = x + 1\n    return y * 'a'\n", "f")
    with pytest.raises(ast_ad.KindError) as failure:
        grad(fun)(1.0)
    where = failure.value.where
    assert (where.line, where.column, where.text) == (3, 11, "    return y * 'a'")
    assert "    return y * 'a'\n           ^\n" in str(failure.value)


def test_an_attribute_that_an_object_does_not_have():
    class Box:
        def f(self, x):
            return self.w * x

    with pytest.raises(ast_ad.KindError, match="'Box' object has no attribute 'w'"):
        grad(Box().f)(1.0)


class CustomError(Exception):
    """An exception whose constructor takes other arguments than it keeps."""

    def __init__(self, a, b):
        super().__init__(f"{a} and {b}")
        self.a = a


# pytest writes the assertions of its own test files anew, so these have a text of their own.
asserts = from_text("def asserts(x):\n    assert x > 2, f'x is {x}'\n    return x * x\n", "asserts")
asserts_plainly = from_text("def asserts_plainly(x):\n    assert x > 2\n    return x * x\n", "asserts_plainly")


def unbound(x):
    if x > 2:
        y = x
    return y * x


def unbound_after_a_loop(x):
    for i in range(int(x) - 1):
        y = x * i
    return y * x


def raises(x):
    if x < 2:
        raise RuntimeError("bad", 3)
    return x * x


def raises_in_a_loop(x):
    total = 0.0
    for i in range(5):
        if i == 3:
            raise LookupError(f"step {i}")
        total += x * i
    return total


def raises_custom(x):
    if x < 2:
        raise CustomError("first", x)
    return x * x


def raises_class(x):
    if x < 2:
        raise KeyboardInterrupt
    return x * x


def raises_in_a_callee(x):
    return raises(x) + 1


def always_raises(x):
    raise NotImplementedError("later")


def outcome(thunk: Callable[[], Any]) -> tuple[type, tuple[Any, ...], str]:
    with pytest.raises(BaseException) as failure:
        thunk()
    return type(failure.value), failure.value.args, str(failure.value)


MODES = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jvp": lambda f: lambda x: jvp(f, (x,), (1.0,)),
    "second order": lambda f: grad(grad(f)),
    "forward over reverse": lambda f: lambda x: jvp(grad(f), (x,), (1.0,)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "fun",
    [
        asserts,
        asserts_plainly,
        unbound,
        unbound_after_a_loop,
        raises,
        raises_in_a_loop,
        raises_custom,
        raises_class,
        raises_in_a_callee,
        always_raises,
    ],
)
def test_exceptions_on_purpose_pass_through(mode: str, fun: Callable[[float], float]):
    assert outcome(lambda: MODES[mode](fun)(1.0)) == outcome(lambda: fun(1.0))


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp"])
@pytest.mark.parametrize(
    "fun",
    [
        lambda x: x / (x - x),
        lambda x: math.sqrt(x - 5) * x,
        lambda x: math.exp(x * 1e4),
        lambda x: (1 / 0) * x,
        lambda x: [x][3],
        lambda x: {"a": x}["b"],
        lambda x: (x, x)[5],
        lambda x: int("a") * x,
        lambda x: 0.0**-x * x,
    ],
    ids=["x / 0", "sqrt", "exp", "1 / 0", "list", "dict", "tuple", "int", "power"],
)
def test_exceptions_of_computations_pass_through(mode: str, fun: Callable[[float], float]):
    assert outcome(lambda: MODES[mode](fun)(1.0)) == outcome(lambda: fun(1.0))


@pytest.mark.parametrize("mode", ["value_and_grad", "jvp"])
@pytest.mark.parametrize("fun", [lambda x: math.log(-x), lambda x: (x * 1e300) ** 2], ids=["log", "overflow"])
def test_what_the_value_needs_is_computed_and_fails(mode: str, fun: Callable[[float], float]):
    # `grad` alone does not need the value, and a pure computation that nothing reads is left out.
    assert outcome(lambda: MODES[mode](fun)(1.0)) == outcome(lambda: fun(1.0))


def test_after_an_exception_the_next_call_is_right():
    slope = grad(raises)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            slope(1.0)
        assert slope(3.0) == 6.0


def test_numpy_warns_and_goes_on():
    with pytest.warns(RuntimeWarning):
        assert math.isnan(grad(lambda x: np.sqrt(x) * x)(-1.0))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert grad(np.sqrt)(0.0) == math.inf


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(x):\n    yield x\n", "generator"),
        ("async def f(x):\n    return x\n", "async"),
        (
            "def f(x):\n    global K\n    for K in range(3):\n        pass\n    return x\n",
            "belongs to an enclosing scope",
        ),
    ],
    ids=["generator", "async", "global"],
)
def test_unsupported_syntax_is_told_before_any_call(text: str, says: str):
    with pytest.raises(ast_ad.UnsupportedSyntaxError, match=says) as failure:
        grad(from_text(text, "f"))
    assert failure.value.help
    assert failure.value.where is not None


def test_a_function_without_source():
    with pytest.raises(ast_ad.SourceError, match="cannot find the source of `<lambda>`") as failure:
        grad(eval("lambda x: x"))
    assert failure.value.help == "write the function in a file or a notebook cell, so that its text can be read"


def test_a_function_without_a_rule():
    with pytest.raises(ast_ad.MissingRuleError, match="no derivative rule for `length_hint`") as failure:
        grad(lambda x: x * operator.length_hint((x, x)))(1.0)
    assert failure.value.help


def test_a_function_of_which_nothing_is_known():
    """It may be called, but not with what is differentiated: the error says how that came."""
    fun = from_text(
        "import os\ndef f(x):\n    y = x * 2\n    if y > 1:\n        z = y + 1\n    else:\n        z = y\n"
        "    os.getenv('HOME')\n    return x * float(os.fspath(z))\n",
        "f",
    )
    with pytest.raises(ast_ad.MissingRuleError) as failure:
        grad(fun)(1.0)
    error = failure.value
    assert error.message == (
        "`fspath` has no derivative rule, and is called with what is differentiated: `x`, then `y` (line 3), "
        "then `z` (line 5)"
    )
    assert "primitive" in error.help and "defvjp" in error.help
    assert (error.where.line, error.where.text) == (9, "    return x * float(os.fspath(z))")
    assert grad(from_text("import os\ndef f(x):\n    os.getpid()\n    return x * x\n", "f"))(3.0) == 6.0


def test_errors_survive_pickling_at_least_in_their_message():
    error = pickle.loads(pickle.dumps(errors.KindError("this is wrong", help="do that")))
    assert error.message == "this is wrong"
    assert error.help == "do that"


def test_a_traceback_shows_the_call_and_not_how_lowering_came_there():
    with pytest.raises(ast_ad.KindError) as failure:
        grad(from_text("def f(x):\n    return x * 'a'\n", "f"))(1.0)
    files = [frame.filename for frame in traceback.extract_tb(failure.value.__traceback__)]
    assert [file.rpartition("ast_ad")[2] for file in files[1:]] == ["/derivative.py"]
    assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    "expression, said",
    [
        ("np.sum(x, axis=2)", ": axis 2 is out of bounds for array of dimension 1"),
        ("np.swapaxes(x, 0, 1)", ": axis2: axis 1 is out of bounds for array of dimension 1"),
    ],
)
def test_a_function_of_a_library_says_what_it_does_not_take(expression: str, said: str):
    with pytest.raises(ast_ad.KindError) as failure:
        grad(from_text(f"import numpy as np\ndef f(x):\n    return np.sum({expression})\n", "f"))(np.ones(3))
    assert failure.value.message.endswith(said)


@pytest.mark.parametrize("value, what", [("a", "is of type str"), (None, "is None"), (("a",), "holds no number")])
def test_arguments_that_are_no_numbers(value: Any, what: str):
    with pytest.raises(ast_ad.KindError, match=f"argument `x` {what}: only floating-point numbers"):
        grad(lambda x: 2.0)(value)
