"""Shortest paths by Floyd and Warshall, with a soft minimum: which road is worth shortening?

The table of distances is improved in place.  With a soft minimum, detours count a little, and the derivative of a
distance by the length of a road is the part of the traffic that takes the road.

    python -m examples.shortest_paths
"""

from __future__ import annotations

import numpy as np

import ast_ad

FAR = 1e3


def distances(length: np.ndarray, gamma: float) -> np.ndarray:
    """Distances between all places, from the lengths of the roads between them (`FAR` where there is none)."""
    d = length.copy()
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if i != j and k != i and k != j:
                    d[i, j] = -gamma * np.logaddexp(-d[i, j] / gamma, -(d[i, k] + d[k, j]) / gamma)
    return d


def distances_by_rows(length: np.ndarray, gamma: float) -> np.ndarray:
    """The same for all pairs of places at a time."""
    d = length.copy()
    for k in range(len(d)):
        detour = d[:, k : k + 1] + d[k : k + 1, :]
        detour[k, :] = 2 * FAR
        detour[:, k] = 2 * FAR
        d[:] = -gamma * np.logaddexp(-d / gamma, -detour / gamma)
        np.fill_diagonal(d, 0.0)
    return d


def trip(length: np.ndarray, gamma: float, start: int, end: int) -> float:
    """The distance between two places."""
    return distances(length, gamma)[start, end]


def town() -> np.ndarray:
    """Five places; the roads have the same length both ways."""
    length = np.full((5, 5), FAR)
    for i, j, km in [(0, 1, 2.0), (1, 2, 2.0), (0, 3, 1.5), (3, 2, 2.6), (2, 4, 1.0), (3, 4, 5.0)]:
        length[i, j] = length[j, i] = km
    np.fill_diagonal(length, 0.0)
    return length


def main() -> None:
    length = town()
    for gamma in (0.5, 0.1, 0.01):
        value, traffic = ast_ad.value_and_grad(trip)(length, gamma, 0, 4)
        print(f"gamma {gamma}: from 0 to 4 it is {value:.3f}; part of the traffic on each road:")
        for i, j in zip(*np.nonzero(traffic > 1e-3)):
            print(f"    {i} -> {j}: {traffic[i, j]:.3f}")


if __name__ == "__main__":
    main()
