"""Bubble sort of the values that are differentiated: which observations does a trimmed mean listen to?

Sorting moves numbers about, and where each goes depends on all of them.  The reverse sweep moves the adjoints back.

    python -m examples.bubble_sort
"""

from __future__ import annotations

import numpy as np

import ast_ad


def bubble_sort(x: np.ndarray) -> np.ndarray:
    """Return the values in ascending order."""
    x = x.copy()
    n = len(x)
    swapped = True
    while swapped:
        swapped = False
        for i in range(n - 1):
            if x[i] > x[i + 1]:
                x[i], x[i + 1] = x[i + 1], x[i]
                swapped = True
        n -= 1
    return x


def trimmed_mean(x: np.ndarray, cut: int) -> float:
    """The mean without the `cut` smallest and largest values."""
    return np.mean(bubble_sort(x)[cut:-cut])


def gini(x: np.ndarray) -> float:
    """How unequal positive numbers are: 0 if they are equal, near 1 if one has all."""
    ordered = bubble_sort(x)
    total = 0.0
    for i in range(len(ordered)):
        total += (2 * i + 1 - len(ordered)) * ordered[i]
    return total / (len(ordered) * np.sum(ordered))


def main() -> None:
    x = np.array([3.1, 2.7, 9.9, 3.0, 2.9, -4.0, 3.3, 2.8])
    value, weights = ast_ad.value_and_grad(trimmed_mean)(x, 2)
    print("observations: ", x)
    print("weights:      ", np.round(weights, 3))
    print(f"trimmed mean:  {value:.4f}")
    incomes = np.array([1.0, 4.0, 2.0, 8.0, 3.0])
    value, slopes = ast_ad.value_and_grad(gini)(incomes)
    print(f"Gini's index of {incomes}: {value:.4f}; more for one changes it by {np.round(slopes, 4)}")


if __name__ == "__main__":
    main()
