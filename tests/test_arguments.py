"""`argnums`: positions, names, and every mistake in them; how a call's arguments reach the parameters."""

from __future__ import annotations

import collections
import functools
import inspect
import types
from typing import Any

import numpy as np
import pytest

from ast_ad import ArgumentError, KindError, elementwise_grad, grad, hessian, jvp, vjp
from ast_ad.arguments import Callee, Target


def product(a, b):
    return a * b


def keyword_only(x, *, k=2.0):
    return x * k * k


def positional_only(x, y, /, z=3.0):
    return x * y * z


def variadic(x, *rest):
    return x * rest[0] * rest[1]


def options(x, **given):
    return x * given["a"] * given["b"]


def everything(a, /, b, *rest, c, d=2.0, **more):
    return a * b**2 * rest[0] ** 3 * c**4 * d * more["e"] ** 2


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 3.0),
        (1, 2.0),
        (-1, 2.0),
        (-2, 3.0),
        ("a", 3.0),
        ("b", 2.0),
        (np.int64(1), 2.0),
        ((0, 1), (3.0, 2.0)),
        ([1, 0], (2.0, 3.0)),
        (("b", 0), (2.0, 3.0)),
        ((1,), (2.0,)),
        (["a"], (3.0,)),
        ((-1, "a"), (2.0, 3.0)),
        (range(2), (3.0, 2.0)),
    ],
)
def test_positions_and_names(argnums: Any, expected: Any):
    assert grad(product, argnums)(2.0, 3.0) == expected


@pytest.mark.parametrize(
    ("argnums", "message", "help"),
    [
        (2, "argnums=2, but product() takes 2 positional arguments", "its arguments are a, b"),
        (-3, "argnums=-3, but product() takes 2 positional arguments", "its arguments are a, b"),
        ((0, 5), "argnums=5, but product() takes 2 positional arguments", "its arguments are a, b"),
        ("q", "product() has no argument `q`", "its arguments are a, b"),
        ("ab", "product() has no argument `ab`", "its arguments are a, b"),
        ("", "product() has no argument ``", "its arguments are a, b"),
        ((), "argnums is empty: nothing is differentiated", "name at least one argument"),
        ([], "argnums is empty: nothing is differentiated", "name at least one argument"),
        ((0, 0), "argnums names `a` twice", "name each argument once"),
        ((0, "a"), "argnums names `a` twice", "name each argument once"),
        ((1, -1), "argnums names `b` twice", "name each argument once"),
        (1.0, "argnums takes positions and names, not 1.0", "for instance argnums=0, argnums='x' or argnums=(0, 1)"),
        (None, "argnums takes positions and names, not None", "for instance argnums=0, argnums='x' or argnums=(0, 1)"),
        ((0, None), "argnums takes positions and names, not None", None),
        ({0}, "argnums takes positions and names, not {0}", None),
    ],
)
def test_mistakes_are_told_before_any_call(argnums: Any, message: str, help: str | None):
    with pytest.raises(ArgumentError) as failure:
        grad(product, argnums)
    assert failure.value.message == message
    assert failure.value.help == help or help is None
    assert isinstance(failure.value, ValueError)


def test_a_function_without_arguments():
    with pytest.raises(ArgumentError) as failure:
        grad(lambda: 1.0)
    assert failure.value.message == "argnums=0, but function() takes 0 positional arguments"
    assert failure.value.help == "its arguments are (none)"


def test_one_argument_is_singular():
    with pytest.raises(ArgumentError, match=r"takes 1 positional argument\n"):
        grad(abs, 1)


def test_keyword_only_arguments_have_names_alone():
    assert grad(keyword_only, "k")(3.0) == 12.0
    assert grad(keyword_only, "k")(3.0, k=5.0) == 30.0
    assert grad(keyword_only, ("x", "k"))(3.0, k=1.0) == (1.0, 6.0)
    with pytest.raises(ArgumentError, match=r"argnums=1, but keyword_only\(\) takes 1 positional argument"):
        grad(keyword_only, 1)


def test_positional_only_arguments():
    assert grad(positional_only, "y")(2.0, 4.0) == 6.0
    assert grad(positional_only, -1)(2.0, 4.0) == 8.0
    assert grad(positional_only, "z")(2.0, 4.0, z=1.0) == 8.0
    with pytest.raises(TypeError, match="positional"):
        grad(positional_only)(x=2.0, y=4.0)


def test_defaults_are_differentiated_too():
    assert grad(positional_only, 2)(2.0, 4.0) == 8.0
    assert grad(positional_only, (0, 2))(2.0, 4.0) == (12.0, 8.0)


def test_arguments_may_be_passed_by_name():
    assert grad(product, (0, 1))(b=3.0, a=2.0) == (3.0, 2.0)
    assert grad(product)(2.0, b=3.0) == 3.0


def test_positions_in_args():
    args = (2.0, 3.0, 4.0)
    assert grad(variadic, 0)(*args) == 12.0
    assert grad(variadic, 1)(*args) == 8.0
    assert grad(variadic, 2)(*args) == 6.0
    assert grad(variadic, (2, 0))(*args) == (6.0, 12.0)
    assert grad(variadic, "rest")(*args) == (8.0, 6.0)
    assert grad(variadic, ("x", "rest"))(*args) == (12.0, (8.0, 6.0))


def test_a_position_in_args_that_the_call_does_not_give():
    with pytest.raises(ArgumentError) as failure:
        grad(variadic, 4)(2.0, 3.0, 4.0)
    assert failure.value.message == "`rest[3]` is not among the arguments of this call"
    assert failure.value.help == "pass it, or change argnums"


def test_negative_positions_do_not_count_args():
    with pytest.raises(ArgumentError, match=r"argnums=-1, but variadic\(\) takes 1 positional argument"):
        grad(variadic, -1)


def test_names_in_kwargs():
    assert grad(options, "a")(2.0, a=3.0, b=4.0) == 8.0
    assert grad(options, ("b", "x"))(2.0, b=4.0, a=3.0) == (6.0, 12.0)
    with pytest.raises(ArgumentError) as failure:
        grad(options, "c")(2.0, a=3.0, b=4.0)
    assert failure.value.message == "`given['c']` is not among the arguments of this call"
    assert failure.value.help == "pass it, or change argnums"


def test_all_kinds_of_parameters_at_once():
    argnums = ("a", "b", 2, "c", "d", "e")
    value = everything(2.0, 3.0, 1.5, c=0.5, e=4.0)
    gradient = grad(everything, argnums)(2.0, 3.0, 1.5, c=0.5, e=4.0)
    assert gradient == pytest.approx(
        (value / 2, 2 * value / 3, 3 * value / 1.5, 4 * value / 0.5, value / 2, 2 * value / 4)
    )


def test_arguments_that_a_partial_gives_are_not_counted():
    def volume(a, b, c):
        return a * b**2 * c**3

    first = functools.partial(volume, 2.0)
    assert grad(first)(3.0, 1.0) == 12.0
    assert grad(first, 1)(3.0, 1.0) == 54.0
    assert grad(first, "c")(3.0, 1.0) == 54.0
    assert grad(functools.partial(volume, c=1.0), (0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert grad(functools.partial(volume, b=3.0), "c")(2.0, c=1.0) == 54.0
    with pytest.raises(ArgumentError) as failure:
        grad(first, 2)
    assert failure.value.message == "argnums=2, but volume() takes 2 positional arguments"
    assert failure.value.help == "its arguments are b, c"
    # What is given already has a name, too.
    assert grad(first, "a")(3.0, 1.0) == 9.0


def test_self_is_no_argument():
    class Box:
        def f(self, x, y):
            return x * y**2

    assert grad(Box().f, 1)(2.0, 3.0) == 12.0
    assert grad(Box().f, ("y", "x"))(2.0, 3.0) == (12.0, 9.0)
    for argnums in (2, -3, "z"):
        with pytest.raises(ArgumentError) as failure:
            grad(Box().f, argnums)
        assert failure.value.help == "its arguments are x, y"


@pytest.mark.parametrize("argnums", [2, -3, "z"])
def test_self_is_no_argument_of_a_decorated_method(argnums: Any):
    # Before Python 3.12, what `__set_name__` raises is the cause of a RuntimeError.
    with pytest.raises((ArgumentError, RuntimeError)) as failure:

        class Box:
            @grad(argnums=argnums)
            def f(self, x, y):
                return x * y**2

    error = failure.value.__cause__ or failure.value
    assert isinstance(error, ArgumentError)
    assert error.help == "its arguments are x, y"


def test_arguments_of_a_wrapper_by_name():
    def logged(fun):
        @functools.wraps(fun)
        def wrapper(*args, **kwargs):
            return fun(*args, **kwargs)

        return wrapper

    slope = grad(logged(product), "b")
    assert slope(2.0, 3.0) == 2.0
    assert (
        inspect.signature(slope) == inspect.signature(product) or str(inspect.signature(slope)) == "(*args, **kwargs)"
    )


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda f: f(), id="too few"),
        pytest.param(lambda f: f(1.0, 2.0, 3.0), id="too many"),
        pytest.param(lambda f: f(1.0, c=3.0), id="unknown name"),
        pytest.param(lambda f: f(1.0, a=3.0), id="given twice"),
    ],
)
def test_a_call_that_does_not_fit_is_a_plain_type_error(call: Any):
    with pytest.raises(TypeError) as expected:
        call(product)
    with pytest.raises(TypeError) as failure:
        call(grad(product))
    assert type(failure.value) is type(expected.value) is TypeError
    slope = grad(product)
    slope(1.0, 2.0)
    with pytest.raises(TypeError):
        call(slope)


def test_a_call_that_does_not_fit_names_the_function():
    with pytest.raises(TypeError, match=r"product\(\) missing a required argument: 'b'"):
        grad(product)(1.0)


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        (3, "of type int"),
        (True, "of type bool"),
        (np.int64(3), "of type np.int64"),
        (np.bool_(True), "of type np.bool"),
        (np.arange(3), "an array of int64 with 1 dimension"),
    ],
)
def test_only_floats_are_differentiated(argument: Any, what: str):
    with pytest.raises(KindError) as failure:
        grad(product)(argument, 2.0)
    assert failure.value.message == f"argument `a` is {what}: only floating-point numbers can be differentiated"
    remedy = "convert it (`a.astype(float)`)" if isinstance(argument, np.ndarray) else "pass a float (3.0, not 3)"
    assert failure.value.help == f"{remedy}, or leave it out of argnums"
    assert isinstance(failure.value, TypeError)


@pytest.mark.parametrize("argument", ["text", None, ("a", 1), {"a": "text"}, object()])
def test_what_holds_no_number_is_not_differentiated(argument: Any):
    with pytest.raises(
        KindError, match=r"argument `p` (holds no number|holds an int|is None|is of type \w+): only floating"
    ) as failure:
        grad(lambda p, x: x)(argument, 2.0)
    remedy = "pass a float (3.0, not 3), or " if argument == ("a", 1) else ""
    assert failure.value.help == f"{remedy}leave it out of argnums"


@pytest.mark.parametrize("argument", [(), [], {}, {"a": ()}])
def test_the_derivative_by_an_empty_container_is_one(argument: Any):
    assert grad(lambda p, x: 2.0 * x, (0, 1))(argument, 2.0) == (argument, 2.0)


def test_a_default_of_a_dict_that_is_missing():
    gradient = grad(lambda d, x: d.get("a", x) ** 2, (0, 1))
    assert gradient({"a": 3.0}, 2.0) == ({"a": 6.0}, 0.0)
    assert gradient({}, 2.0) == ({}, 4.0)


def test_options_of_a_library_function():
    x = np.arange(6.0).reshape(2, 3)
    rows = elementwise_grad(np.cumsum)
    assert rows(x).tolist() == [[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]
    assert rows(x, 1).tolist() == rows(x, axis=1).tolist() == [[3.0, 2.0, 1.0]] * 2
    assert jvp(np.pad, (x[0], 1, "constant"), (x[1], None, None))[1].tolist() == [0.0, 3.0, 4.0, 5.0, 0.0]
    assert elementwise_grad(np.outer, "b")(x[0], x[1]).tolist() == [3.0, 3.0, 3.0]


def test_an_integer_beside_is_fine():
    assert grad(product)(2.0, 3) == 3.0
    with pytest.raises(KindError, match="argument `b` is of type int"):
        grad(product, (0, 1))(2.0, 3)


@pytest.mark.parametrize("values", [[1.0, 2, 3.5], {"knots": [1.0, 2]}, ([3], [2.5, 1])])
def test_a_list_of_floats_and_integers_is_refused(values):
    def total(values):
        lists = values.values() if isinstance(values, dict) else values if isinstance(values, tuple) else [values]
        return sum(each * each for items in lists for each in items)

    with pytest.raises(KindError, match="holds an int beside floats, at") as failure:
        grad(total)(values)
    assert "3.0, not 3" in failure.value.help


@pytest.mark.parametrize(
    "closed",
    [
        collections.OrderedDict(v=2.0),
        collections.defaultdict(list, v=[np.ones(2)]),
        collections.deque([2.0]),
        types.MappingProxyType({"v": 2.0}),
        types.SimpleNamespace(v=2.0),
    ],
)
def test_containers_that_are_not_taken_apart_are_refused(closed):
    def scaled(parameters):
        rate, rest = parameters
        return rate * rate * (0.5 if rest is None else 1.0)

    for derivative in (grad(scaled), lambda parameters: vjp(scaled, parameters), hessian(scaled)):
        with pytest.raises(KindError, match=f"in a container of type {type(closed).__name__}"):
            derivative((3.0, closed))


def test_such_containers_without_floats_stay_as_they_are():
    settings = types.SimpleNamespace(name="steep", power=3)
    assert grad(lambda parameters: parameters[0] ** parameters[1].power)((2.0, settings)) == (12.0, settings)


def test_integers_in_records_stay_as_they_are():
    assert grad(lambda loan: loan["rate"] * loan["years"])({"rate": 0.5, "years": 3}) == {"rate": 3.0, "years": 3}
    assert grad(lambda pair: pair[0] ** pair[1])((3.0, 2)) == (6.0, 2)
    assert grad(lambda flags: flags[0] * (2.0 if flags[1] else 1.0))([3.0, True]) == [2.0, True]


class TestCallee:
    """A callable taken apart."""

    def test_a_function_is_itself(self):
        callee = Callee(product)
        assert (callee.function, callee.prefix, callee.keywords, callee.skipped) == (product, (), {}, 0)
        assert callee.name == "product"

    def test_a_bound_method_is_function_and_object(self):
        bound = "text".join
        assert Callee(bound).function is bound, "a method that is written in C is taken as it is"
        target = self.test_a_function_is_itself
        callee = Callee(target)
        assert callee.function is target.__func__ and callee.prefix == (self,) and callee.skipped == 1

    def test_partials_within_partials_keep_the_order(self):
        inner = functools.partial(everything, 1.0, 2.0, c=3.0)
        callee = Callee(functools.partial(inner, 4.0, c=5.0, d=6.0))
        assert callee.function is everything
        assert callee.prefix == (1.0, 2.0, 4.0)
        assert callee.keywords == {"c": 5.0, "d": 6.0}

    def test_a_partial_of_a_method_keeps_the_object_first(self):
        class Box:
            def f(self, x, y):
                return x * y**2

        box = Box()
        callee = Callee(functools.partial(box.f, 3.0))
        assert callee.prefix == (box, 3.0) and callee.skipped == 2
        assert grad(functools.partial(box.f, 3.0))(2.0) == 12.0

    def test_a_call_overrides_the_names_that_a_partial_gives(self):
        partial = functools.partial(product, b=3.0)
        assert Callee(partial).bind((2.0,), {"b": 5.0}) == {"a": 2.0, "b": 5.0}
        assert grad(partial)(2.0) == 3.0
        assert grad(partial)(2.0, b=5.0) == 5.0

    def test_the_visible_signature_leaves_out_what_is_given(self):
        assert str(Callee(functools.partial(product, 1.0)).visible) == "(b)"
        assert str(Callee(functools.partial(keyword_only, k=1.0)).visible) == "(x)"
        assert str(Callee(positional_only).visible) == "(x, y, /, z=3.0)"

    def test_bind_gives_every_parameter(self):
        bound = Callee(everything).bind((1.0, 2.0, 3.0), {"c": 4.0, "e": 5.0})
        assert bound == {"a": 1.0, "b": 2.0, "rest": (3.0,), "c": 4.0, "d": 2.0, "more": {"e": 5.0}}
        assert Callee(functools.partial(product, 1.0)).bind((2.0,), {}) == {"a": 1.0, "b": 2.0}

    def test_targets_tell_one_from_several(self):
        assert Callee(product).targets("b") == ((Target("b"),), True)
        assert Callee(product).targets(["b"]) == ((Target("b"),), False)
        assert Callee(variadic).targets(2) == ((Target("rest", 1),), True)
        assert Callee(options).targets("a") == ((Target("given", "a"),), True)

    def test_a_target_reads_as_python(self):
        assert [str(Target("x")), str(Target("rest", 1)), str(Target("given", "a"))] == ["x", "rest[1]", "given['a']"]

    def test_ufuncs_take_as_many_numbers_as_they_say(self):
        assert str(Callee(np.sin).signature) == "(x, /)"
        assert str(Callee(np.add).signature) == "(x0, x1, /)"

    def test_names_that_are_no_identifiers_are_replaced(self):
        assert Callee(lambda x: x).name == "function"
        assert Callee(np.sin).name == "sin"

    def test_a_cached_function_has_the_parameters_of_what_it_caches(self):
        cached = functools.lru_cache(product)
        assert str(Callee(cached).signature) == "(a, b)"
        assert grad(cached)(2.0, 3.0) == 3.0
