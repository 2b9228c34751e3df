"""SciPy's special functions against differences, where SciPy is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ast_ad
from ast_ad.errors import MissingRuleError
from ast_ad.rules import registry
from ast_ad.testing import check_grads
from tests.rules.arrays import check

special = pytest.importorskip("scipy.special")
registry.find(special.gamma)  # reads the rules

P = np.array([0.6, 1.3, 2.4])
Q = np.array([1.7, 0.8, 0.4])
U = np.array([0.3, 0.55, 0.8])
V = np.array([-1.2, 0.3, 2.1])
M = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.9]])

OF_ALL = "erf erfc erfcx erfi dawsn expit log_expit ndtr log_ndtr exp2 exp10 expm1 exprel cosm1 j0 j1 i0 i1 i0e i1e"
OF_POSITIVE = "gamma rgamma gammaln loggamma digamma y0 y1 k0 k1 k0e k1e log1p cbrt entr expi exp1 spence"
OF_UNIT = "erfinv logit ndtri ellipk ellipe"
OF_TWO = "beta betaln poch rel_entr kl_div xlogy xlog1py"

CASES = [
    *[(name, (V,)) for name in OF_ALL.split()],
    *[(name, (P,)) for name in OF_POSITIVE.split()],
    *[(name, (U,)) for name in OF_UNIT.split()],
    *[(name, (P, Q)) for name in OF_TWO.split()],
    ("erfcinv", (P / 2,)),
    ("binom", (P + 3, Q)),
    ("huber", (0.9, V)),
    ("pseudo_huber", (0.9, V)),
    ("wofz", (V + 0.4j,)),
    ("erf", (V + 0.4j,)),
    ("lambertw", (P + 0.2j,)),
]
BY_THE_LAST = [
    *[(name, (2, P)) for name in ["polygamma", "expn", "jv", "yn", "yv", "iv", "ive", "kn", "kv", "kve"]],
    *[(name, (2.5, P)) for name in ["jv", "iv", "kv", "gammainc", "gammaincc", "stdtr"]],
    *[(name, (2.5, U)) for name in ("gammaincinv", "gammainccinv", "stdtrit")],
    *[(name, (2.5, 1.5, U)) for name in ("betainc", "betaincinv")],
    ("zeta", (2.5, P)),
    ("expn", (0, P)),
    ("expn", (np.array([0, 1, 3]), P)),
    ("hyp1f1", (0.7, 1.9, V)),
    ("hyp2f1", (0.7, 1.4, 2.3, U)),
    ("pdtr", (2.0, P)),
]
AT_LIMITS = [("exprel", 0.0), ("exprel", 1e-9), ("ellipk", 0.0), ("ellipk", -1e-9), ("ellipe", 0.0), ("spence", 1.0)]
BY_THE_FIRST = [
    ("multigammaln", (P + 1, 2)),
    ("boxcox", (P, 0.7)),
    ("boxcox1p", (P, 0.7)),
    ("inv_boxcox", (U, 0.7)),
    ("inv_boxcox1p", (U, 0.7)),
]
SUMS = [
    *[("logsumexp", (x,), options) for x in (V, M) for options in ({}, {"keepdims": True}, {"axis": -1})],
    ("logsumexp", (M,), {"axis": (0, 1)}),
    ("logsumexp", (M,), {"axis": 0, "b": np.array([1.0, 2.0, 0.5])}),
    *[(name, (x,), options) for name in ("softmax", "log_softmax") for x in (V, M) for options in ({}, {"axis": 0})],
]


@pytest.mark.parametrize(("name", "args"), CASES)
def test_by_all_arguments(name: str, args: Any):
    check(getattr(special, name), *args, single=False)


@pytest.mark.parametrize(("name", "x"), AT_LIMITS)
def test_where_a_formula_is_zero_by_zero(name: str, x: float):
    check_grads(getattr(special, name), order=2)(x)


@pytest.mark.parametrize(("name", "args"), BY_THE_LAST)
def test_by_the_last_argument(name: str, args: Any):
    fn = getattr(special, name)
    check_grads(lambda x: fn(*args[:-1], x))(args[-1])


@pytest.mark.parametrize(("name", "args"), BY_THE_FIRST)
def test_by_the_first_argument(name: str, args: Any):
    fn = getattr(special, name)
    check_grads(lambda x: fn(x, *args[1:]))(args[0])


@pytest.mark.parametrize(("name", "args", "options"), SUMS)
def test_sums_of_exponentials(name: str, args: Any, options: Any):
    fn = getattr(special, name)
    check_grads(lambda x: fn(x, **options))(*args)


def test_every_rule_is_tested():
    tested = {getattr(special, name) for name, *_ in [*CASES, *BY_THE_LAST, *BY_THE_FIRST, *SUMS]}
    own = {
        rule.fn
        for rule in registry.rules()
        for expression in (rule.partials, *[bars for _, bars in rule.vjps])
        if getattr(expression, "__globals__", {}).get("special") is special
    }
    assert own
    assert own - tested == set()


def test_the_order_of_a_bessel_function_is_no_variable():
    with pytest.raises(MissingRuleError, match="does not cover all arguments") as failure:
        ast_ad.grad(lambda v: special.jv(v, 1.5))(2.5)
    assert failure.value.where is not None
    assert failure.value.where.file == __file__


def test_generated_code_imports_what_it_needs():
    derivative = ast_ad.grad(lambda x: np.sum(special.gammaln(x) + special.logsumexp(x)))
    derivative(P)
    assert "from scipy.special import" in derivative.source
    namespace: dict[str, Any] = {}
    exec(derivative.source, namespace)
    found = next(value for name, value in namespace.items() if name.endswith("_grad"))(P)
    np.testing.assert_allclose(found, special.digamma(P) + 3 * special.softmax(P))
