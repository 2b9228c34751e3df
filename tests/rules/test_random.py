"""What draws return, and that nothing draws before the program runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ast_ad.rules  # noqa: F401
from ast_ad.ir.kinds import FLOAT, INT, UNKNOWN, Array, Kind, Opaque, Scalar, Shape, fresh, kind_of
from ast_ad.ir.nodes import Form, Lit, Var
from ast_ad.rules.random import REAL, VECTORS, WHOLE
from ast_ad.rules.registry import effects, find, infer
from tests.rules.arrays import assert_kind

# Parameters of each distribution for which it exists.
VALUES = {
    "binomial": (5, 0.5),
    "geometric": (0.5,),
    "hypergeometric": (5, 6, 3),
    "logseries": (0.5,),
    "negative_binomial": (3, 0.5),
    "triangular": (0.0, 0.5, 1.0),
    "zipf": (2.0,),
}
SINGLE = [name for name in (*REAL, *WHOLE) if name not in ("sample", "ranf")]
OWNERS: dict[str, Any] = {"": np.random, "RandomState": np.random.RandomState(0), "Generator": np.random.default_rng(0)}


def _values(name: str) -> tuple[float, ...]:
    return VALUES.get(name, tuple(1.5 + i for i in range(len({**REAL, **WHOLE}[name]))))


def _unbound(owner: str, name: str) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the operation that a call becomes, and the generator where that is its first operand."""
    place = getattr(np.random, owner) if owner else np.random
    return getattr(place, name), (OWNERS[owner],) if owner else ()


def _check(fn: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Compare the kind of a call whose arguments are constants, and of one where arrays are not, with what it draws."""
    drawn = fn(*args, **options)
    for is_known in (lambda value: True, lambda value: not isinstance(value, (np.ndarray, float, np.floating))):
        leaves, form = Form.of(args, options, lambda value: not isinstance(value, (list, tuple)))
        kinds = [fresh(kind_of(leaf)) for leaf in leaves]
        lengths: dict[Any, int] = {}
        for leaf, kind in zip(leaves, kinds):
            lengths.update(zip(kind.dims, leaf.shape) if isinstance(kind, Array) else ())
        literals = [(leaf,) if is_known(leaf) else None for leaf in leaves]
        kind = infer(fn, kinds, literals, form)
        if type(drawn) in (float, int, bool):
            assert kind == kind_of(drawn)
        else:
            assert_kind(kind, drawn, lengths)


@pytest.mark.parametrize(("owner", "name"), [(o, name) for o in OWNERS for name in SINGLE if hasattr(OWNERS[o], name)])
def test_the_kind_of_a_draw(owner: str, name: str) -> None:
    fn, first = _unbound(owner, name)
    values = _values(name)
    for size in (None, 1, 3, (2, 3), (), [2], np.int64(2)):
        _check(fn, *first, *values, size=size)
        _check(fn, *first, *values, size)
    _check(fn, *first, *values)
    _check(fn, *first, *map(np.float64 if name in REAL else lambda value: value, values))
    if values:
        _check(fn, *first, *(np.full((2, 1) if i else 3, value) for i, value in enumerate(values)))
        _check(fn, *first, [values[0]] * 3, *values[1:])
        _check(fn, *first, np.full(1, values[0]), *values[1:])


X, M = np.arange(4.0), np.arange(6.0).reshape(2, 3)
GENERATOR, STATE = OWNERS["Generator"], OWNERS["RandomState"]
SEVERAL = [
    *[(fn, n) for fn in (np.random.rand, np.random.randn) for n in ((), (1,), (2, 3))],
    *[(fn, (STATE, *n)) for fn in (np.random.RandomState.rand, np.random.RandomState.randn) for n in ((), (2, 3))],
    *[(fn, args) for fn in (np.random.ranf, np.random.sample) for args in ((), (3,))],
    *[(np.random.randint, args) for args in ((5,), (2, 5), (2, 5, 3), ([2, 3], 5), (2, [4, 5], (3, 2)))],
    *[
        (np.random.choice, args)
        for args in ((5,), (5, 3), (X,), (X, (2, 3)), ([0.5, 1.5], 3), ([1, 2],), (X, 2, False))
    ],
    *[(np.random.permutation, args) for args in ((5,), (X,), (M,), ([1, 2, 3],))],
    *[(np.random.Generator.integers, (GENERATOR, *args)) for args in ((5,), (2, 5), (2, 5, 3), ([2, 3], 5))],
    *[
        (np.random.Generator.choice, (GENERATOR, *args))
        for args in ((5,), (5, 3), (X,), (X, (2, 3)), (M, 4), (M, (4, 5)))
    ],
    *[(np.random.Generator.permutation, (GENERATOR, *args)) for args in ((5,), (X,), (M, 1))],
    *[(np.random.Generator.permuted, (GENERATOR, *args)) for args in ((X,), ([1, 2],))],
    *[(np.random.multinomial, args) for args in ((5, [0.2, 0.8]), (5, np.full(3, 0.25), 2))],
    *[(np.random.Generator.multinomial, (GENERATOR, *args)) for args in ((5, [0.2, 0.8]), ([5, 3], [0.2, 0.8]))],
    *[(np.random.Generator.multinomial, (GENERATOR, 5, [0.2, 0.8], (2, 3)))],
    *[(np.random.dirichlet, args) for args in (([1.0, 2.0],), (np.ones(3), 2))],
    *[(np.random.multivariate_normal, args) for args in (([1.0, 2.0], np.eye(2)), (np.zeros(3), np.eye(3), (2, 3)))],
    *[(np.random.Generator.multivariate_hypergeometric, (GENERATOR, [3, 4], 2, *size)) for size in ((), (3,))],
]
OPTIONS: list[Any] = [
    *[(np.random.randint, (5,), {"dtype": dtype}) for dtype in (int, np.int32, "int64")],
    *[(np.random.randint, (2,), {"dtype": dtype, "size": size}) for dtype in (bool, np.uint8) for size in (None, 3)],
    *[(np.random.Generator.integers, (GENERATOR, 2), {"dtype": dtype}) for dtype in (np.int32, np.uint8)],
    (np.random.Generator.integers, (GENERATOR, 2), {"size": 3, "endpoint": True}),
    *[
        (fn, (GENERATOR,), {"dtype": np.float32, "size": size})
        for fn in (np.random.Generator.random, np.random.Generator.standard_normal)
        for size in (None, 3)
    ],
    (np.random.Generator.standard_gamma, (GENERATOR, np.ones(3)), {"dtype": np.float32}),
    (np.random.Generator.choice, (GENERATOR, M, (4, 5)), {"axis": 1}),
    (np.random.Generator.permutation, (GENERATOR, M), {"axis": 1}),
    (np.random.Generator.permuted, (GENERATOR, M), {"axis": 1}),
    (np.random.choice, (X, 2), {"p": [0.25, 0.25, 0.25, 0.25], "replace": False}),
]


@pytest.mark.parametrize(("fn", "args"), SEVERAL)
def test_the_kind_of_other_draws(fn: Any, args: Any) -> None:
    _check(fn, *args)


@pytest.mark.parametrize(("fn", "args", "options"), OPTIONS)
def test_the_kind_of_draws_with_options(fn: Any, args: Any, options: Any) -> None:
    _check(fn, *args, **options)


def _kind(fn: Any, *args: Any) -> Any:
    operands, form = Form.of(args, {}, lambda value: isinstance(value, (Var, Lit)))
    return infer(
        fn, [each.kind for each in operands], [(e.value,) if isinstance(e, Lit) else None for e in operands], form
    )


@pytest.mark.parametrize(
    ("size", "dims"),
    [
        (Var(INT), ("?",)),
        ((Lit(2), Var(INT)), (2, "?")),
        (Var(Scalar("int64", numpy=True)), ("?",)),
        (Var(Shape(("n1", 4))), ("n1", 4)),
    ],
)
def test_sizes_that_are_computed(size: Any, dims: Any) -> None:
    found = _kind(np.random.normal, Lit(0), Lit(1), size)
    assert isinstance(found, Array)
    assert [dim if isinstance(dim, int) or dim == "n1" else dim[0] for dim in found.dims] == list(dims)


def test_the_dims_of_parameters_are_known() -> None:
    rows, column = Array("float64", ("n1", "n2")), Array("float64", ("n1", 1))
    assert _kind(np.random.normal, Var(rows), Var(column)) == Array("float64", ("n1", "n2"))
    assert _kind(np.random.poisson, Var(column)) == Array("int64", ("n1", 1))
    with pytest.raises(TypeError, match="not known whether a number or an array"):
        _kind(np.random.normal, Var(UNKNOWN))


def test_the_distributions_of_this_numpy_are_declared() -> None:
    left_out = {"shuffle", "bytes", "random_integers", "tomaxint", "get_state", "set_state", "bit_generator", "spawn"}
    for place in (np.random.RandomState, np.random.Generator):
        names = {name for name in dir(place) if not name.startswith("_")} - left_out
        assert [name for name in sorted(names) if find(getattr(place, name)) is None] == []
        assert [name for name in names if hasattr(np.random, name) and find(getattr(np.random, name)) is None] == []
    for fn in (np.random.normal, np.random.RandomState.normal, np.random.Generator.normal, np.random.default_rng):
        assert effects(fn) == {"draws"}
        rule = find(fn)
        assert rule is not None
        assert rule.inactive
        assert rule.refuses
    assert find(np.random.RandomState(0).normal) is None


def test_generators() -> None:
    assert (
        _kind(np.random.default_rng, Lit(0)) == _kind(np.random.Generator, Var(Opaque("PCG64"))) == Opaque("Generator")
    )
    assert _kind(np.random.RandomState) == Opaque("RandomState")
    assert _kind(np.random.PCG64, Lit(0)) == Opaque("PCG64")
    assert _kind(np.random.seed, Lit(0)) == Opaque("NoneType")


def test_inferring_kinds_draws_nothing() -> None:
    state = np.random.get_state()[1].copy(), np.random.get_state()[2]
    for name in (*REAL, *WHOLE, *VECTORS):
        fn = getattr(np.random, name, None)
        if fn is not None:
            _kind(fn, *[Var(Array("float64", ("n1",)))] * len({**REAL, **WHOLE, **VECTORS}[name]))
    assert np.array_equal(np.random.get_state()[1], state[0])
    assert np.random.get_state()[2] == state[1]


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (np.random.normal, (FLOAT,) * 4),
        (np.random.dirichlet, ()),
        (np.random.Generator.random, (Opaque("Generator"), INT, Opaque("type"), FLOAT)),
    ],
)
def test_calls_that_are_not_supported(fn: Any, args: tuple[Kind, ...]) -> None:
    with pytest.raises(TypeError, match="argument"):
        infer(fn, args)
