"""The forward algorithm of a hidden Markov model; its derivative is the posterior of the hidden states.

python -m examples.hidden_markov
"""

from __future__ import annotations

import numpy as np

import ast_ad


def log_softmax(x: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities, from any numbers; those along the last axis sum to one."""
    top = np.max(x, axis=-1, keepdims=True)
    return x - top - np.log(np.sum(np.exp(x - top), axis=-1, keepdims=True))


def log_likelihood(start: np.ndarray, transition: np.ndarray, emission: np.ndarray, seen: list[int]) -> float:
    """Of what was seen, with probabilities that are scaled to one at each time."""
    alpha = start * emission[:, seen[0]]
    scale = alpha.sum()
    alpha = alpha / scale
    total = np.log(scale)
    for symbol in seen[1:]:
        alpha = (alpha @ transition) * emission[:, symbol]
        scale = alpha.sum()
        alpha /= scale
        total += np.log(scale)
    return total


def by_logarithms(log_start: np.ndarray, log_transition: np.ndarray, log_emission: np.ndarray) -> float:
    """The same, in logarithms: `log_emission[t, k]` is what state `k` says of what was seen at time `t`."""
    times, states = log_emission.shape
    log_alpha = np.zeros((times, states))
    log_alpha[0] = log_start + log_emission[0]
    for t in range(1, times):
        for k in range(states):
            log_alpha[t, k] = log_emission[t, k] + np.logaddexp.reduce(log_alpha[t - 1] + log_transition[:, k])
    return np.logaddexp.reduce(log_alpha[-1])


def posterior(start: np.ndarray, transition: np.ndarray, emission: np.ndarray, seen: list[int]) -> np.ndarray:
    """The probabilities of the hidden states at each time, as the slopes by the logarithms of the emissions."""
    log_emission = np.log(emission[:, seen]).T
    return ast_ad.grad(by_logarithms, argnums=2)(np.log(start), np.log(transition), log_emission)


# a casino that changes, now and then, to a die that is loaded
START = np.array([0.9, 0.1])
TRANSITION = np.array([[0.9, 0.1], [0.2, 0.8]])
EMISSION = np.array([[1 / 6] * 6, [0.1, 0.1, 0.1, 0.1, 0.1, 0.5]])


def main() -> None:
    seen = [0, 2, 1, 5, 5, 3, 5, 5, 5, 1, 0, 3]
    print(f"log-likelihood {log_likelihood(START, TRANSITION, EMISSION, seen):.4f}")
    for symbol, (_, loaded) in zip(seen, posterior(START, TRANSITION, EMISSION, seen)):
        print(f"rolled {symbol + 1}: loaded with probability {loaded:.3f}")


if __name__ == "__main__":
    main()
