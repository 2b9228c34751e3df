"""A recursive network over trees: the meaning of a phrase is made of the meanings of its parts.

A tree is a word (a number), or a pair of trees.

    python -m examples.tree
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad
from examples.adam import adam

Params = dict[str, np.ndarray]
Tree = int | tuple["Tree", "Tree"]


def meaning(params: Params, tree: Tree) -> np.ndarray:
    """The vector of a tree."""
    if isinstance(tree, tuple):
        left, right = tree
        parts = np.concatenate([meaning(params, left), meaning(params, right)])
        return np.tanh(params["W"] @ parts + params["b"])
    return params["words"][tree]


def loss(params: Params, trees: list[Tree], labels: list[float]) -> float:
    """Mean cross entropy of the labels, which are 0 or 1."""
    total = 0.0
    for tree, label in zip(trees, labels):
        score = params["out"] @ meaning(params, tree)
        total += np.log1p(np.exp(-score)) if label == 1.0 else np.log1p(np.exp(score))
    return total / len(trees)


loss_and_gradient = ast_ad.value_and_grad(loss)

# NOT (0) turns good (1) and bad (2) round
TREES: list[Tree] = [1, 2, (0, 1), (0, 2), (0, (0, 1)), (0, (0, 2))]
LABELS = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]


def initial(size: int = 4, words: int = 3, seed: int = 0) -> Params:
    rng = np.random.default_rng(seed)
    return {
        "words": 0.5 * rng.standard_normal((words, size)),
        "W": rng.standard_normal((size, 2 * size)) / np.sqrt(2 * size),
        "b": np.zeros(size),
        "out": rng.standard_normal(size),
    }


def fit(steps: int = 150, rate: float = 0.05) -> Iterator[tuple[int, float, Params]]:
    """Yield (step, loss, parameters)."""
    return adam(lambda params: loss_and_gradient(params, TREES, LABELS), initial(), steps, rate)


def main() -> None:
    for step, value, _ in fit():
        if step % 50 == 0:
            print(f"step {step:3d}: loss {value:.4f}")


if __name__ == "__main__":
    main()
