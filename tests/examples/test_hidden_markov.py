"""The likelihood and the posterior against the sum over all paths of hidden states."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import ast_ad
from ast_ad.testing import check_grads
from examples.hidden_markov import (
    EMISSION,
    START,
    TRANSITION,
    by_logarithms,
    log_likelihood,
    log_softmax,
    posterior,
)

SEEN = [0, 5, 5, 2, 5, 1]


def all_paths(seen: list[int]) -> tuple[float, np.ndarray]:
    """The likelihood, and the probabilities of the states at each time, given what was seen."""
    total, states = 0.0, np.zeros((len(seen), len(START)))
    for path in itertools.product(range(len(START)), repeat=len(seen)):
        chance = START[path[0]] * EMISSION[path[0], seen[0]]
        for t in range(1, len(seen)):
            chance *= TRANSITION[path[t - 1], path[t]] * EMISSION[path[t], seen[t]]
        total += chance
        states[np.arange(len(seen)), path] += chance
    return total, states / total


def test_likelihood_is_the_sum_over_all_paths():
    total, _ = all_paths(SEEN)
    assert log_likelihood(START, TRANSITION, EMISSION, SEEN) == pytest.approx(np.log(total), rel=1e-12)
    log_emission = np.log(EMISSION[:, SEEN]).T
    assert by_logarithms(np.log(START), np.log(TRANSITION), log_emission) == pytest.approx(np.log(total), rel=1e-12)


def test_the_derivative_is_the_posterior():
    _, states = all_paths(SEEN)
    assert posterior(START, TRANSITION, EMISSION, SEEN) == pytest.approx(states, rel=1e-9)


def test_gradients_against_central_differences():
    check_grads(lambda *args: log_likelihood(*args, SEEN), (0, 1, 2), order=1)(START, TRANSITION, EMISSION)
    rng = np.random.default_rng(0)
    check_grads(by_logarithms, (0, 1, 2), order=1)(
        rng.standard_normal(2), rng.standard_normal((2, 2)), rng.standard_normal((3, 2))
    )


def test_scores_that_are_made_probabilities():
    """Adding a number to all scores of a row changes nothing, so their slopes sum to zero."""
    scores = np.random.default_rng(1).standard_normal((2, 2))

    def of_scores(scores: np.ndarray) -> float:
        return log_likelihood(START, np.exp(log_softmax(scores)), EMISSION, SEEN)

    slopes = ast_ad.grad(of_scores)(scores)
    assert np.sum(slopes, axis=1) == pytest.approx(np.zeros(2), abs=1e-12)
    check_grads(of_scores, order=1)(scores)
