"""The Greeks of a book of options against differences and against the known formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ast_ad import grad
from examples.option_portfolio import BOOK, TODAY, American, Call, Market, Put, gamma, hedged, normal, value_and_greeks


def test_the_greeks_are_a_market():
    value, greeks = value_and_greeks(TODAY)
    assert type(greeks) is Market
    assert value == BOOK.value(TODAY)
    for name in vars(TODAY):
        above, below = (BOOK.value(replace(TODAY, **{name: getattr(TODAY, name) + step})) for step in (1e-5, -1e-5))
        assert getattr(greeks, name) == pytest.approx((above - below) / 2e-5, rel=1e-6)


def test_delta_and_gamma_of_a_call():
    call = Call(1.0, 100.0, 1.0)
    d1, _, _ = call.quantiles(TODAY)
    assert grad(call.price)(TODAY).spot == pytest.approx(normal(d1))
    density = math.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    second = grad(lambda market: grad(call.price)(market).spot)(TODAY).spot
    assert second == pytest.approx(density / (TODAY.spot * TODAY.volatility))


def test_gamma_of_the_book_by_differences():
    step = 1e-4
    above, below = (-hedged(replace(TODAY, spot=TODAY.spot + d)) for d in (step, -step))
    assert gamma(TODAY).spot == pytest.approx((above - below) / (2 * step), rel=1e-5)


def test_an_american_put_is_worth_more():
    assert American(1.0, 105.0, 0.75).price(TODAY) > Put(1.0, 105.0, 0.75).price(TODAY)
