"""A portfolio of options, priced by classes, and its Greeks as one gradient.

Each kind of option is a class with a method `price`; the market is a dataclass.  The gradient of the portfolio's value
by the market is a market again: its fields are delta, vega, rho and theta of the whole.  A gradient of the gradient is
gamma.

    python -m examples.option_portfolio
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import ast_ad


@dataclass(frozen=True)
class Market:
    """What all prices depend on."""

    spot: float
    volatility: float
    rate: float
    time: float


def normal(x: float) -> float:
    """Return the distribution function of the normal distribution."""
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


class Instrument(ABC):
    """Something that has a price in a market."""

    def __init__(self, quantity: float) -> None:
        self.quantity = quantity

    @abstractmethod
    def price(self, market: Market) -> float:
        """Return the price of one."""

    def value(self, market: Market) -> float:
        """Return the price of all of them."""
        return self.quantity * self.price(market)


class Stock(Instrument):
    """The underlying itself."""

    def price(self, market: Market) -> float:
        """Return the spot price."""
        return market.spot


class European(Instrument):
    """An option that is exercised at the end: the formula of Black and Scholes."""

    def __init__(self, quantity: float, strike: float, maturity: float) -> None:
        super().__init__(quantity)
        self.strike = strike
        self.maturity = maturity

    def quantiles(self, market: Market) -> tuple[float, float, float]:
        """Return d1, d2 and the discount factor."""
        left = self.maturity - market.time
        spread = market.volatility * math.sqrt(left)
        drift = market.rate + market.volatility**2 / 2
        d1 = (math.log(market.spot / self.strike) + drift * left) / spread
        return d1, d1 - spread, math.exp(-market.rate * left)


class Call(European):
    """The right to buy."""

    def price(self, market: Market) -> float:
        """Return the price of one call."""
        d1, d2, discount = self.quantiles(market)
        return market.spot * normal(d1) - self.strike * discount * normal(d2)


class Put(European):
    """The right to sell."""

    def price(self, market: Market) -> float:
        """Return the price of one put."""
        d1, d2, discount = self.quantiles(market)
        return self.strike * discount * normal(-d2) - market.spot * normal(-d1)


class American(Put):
    """A put that can be exercised early, on a binomial tree."""

    steps = 12

    def price(self, market: Market) -> float:
        """Return the price of one American put."""
        step = (self.maturity - market.time) / self.steps
        up = math.exp(market.volatility * math.sqrt(step))
        discount = math.exp(-market.rate * step)
        p = (1.0 / discount - 1.0 / up) / (up - 1.0 / up)
        values = [max(self.strike - market.spot * up ** (2 * i - self.steps), 0.0) for i in range(self.steps + 1)]
        for level in range(self.steps - 1, -1, -1):
            for i in range(level + 1):
                held = discount * (p * values[i + 1] + (1.0 - p) * values[i])
                values[i] = max(held, self.strike - market.spot * up ** (2 * i - level))
        return values[0]


class Portfolio:
    """Several instruments."""

    def __init__(self, *instruments: Instrument) -> None:
        self.instruments = instruments

    def value(self, market: Market) -> float:
        """Return what the whole is worth."""
        return sum(each.value(market) for each in self.instruments)


BOOK = Portfolio(Stock(-2.0), Call(10.0, 100.0, 1.0), Put(4.0, 95.0, 0.5), American(3.0, 105.0, 0.75))
TODAY = Market(spot=101.0, volatility=0.2, rate=0.03, time=0.0)

value_and_greeks = ast_ad.value_and_grad(BOOK.value)


def delta(market: Market) -> float:
    """Return the change of the value with the spot price."""
    return ast_ad.grad(BOOK.value)(market).spot  # type: ignore[no-any-return]


gamma = ast_ad.grad(delta)


def hedged(market: Market = TODAY) -> float:
    """Return how many shares have to be sold so that small moves of the spot price do not matter."""
    return -delta(market)


def main() -> None:
    """Print the value and the Greeks, and what a move of the spot price does to them."""
    for spot in (96.0, 101.0, 106.0):
        market = replace(TODAY, spot=spot)
        value, greeks = value_and_greeks(market)
        print(
            f"spot {spot:6.1f}: value {value:8.3f}, delta {greeks.spot:7.3f}, gamma {gamma(market).spot:6.3f}, "
            f"vega {greeks.volatility:8.2f}, rho {greeks.rate:8.2f}, theta {greeks.time:8.2f}"
        )


if __name__ == "__main__":
    main()
