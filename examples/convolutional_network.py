"""A small convolutional network as classes: layers inherit from one base class, and gradients are networks again.

The network tells which of two gratings a small picture shows.  It is a plain object: the gradient by it is an object of
the same class, so that a training step is a walk over both.

    python -m examples.convolutional_network
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import ast_ad


class Layer:
    """A step of the network; one without parameters of its own."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.forward(x)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the output for an input."""
        return x


class Convolution(Layer):
    """Cross-correlation of pictures (batch, height, width, channels) with kernels of 3 by 3."""

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        self.w = rng.normal(size=(3, 3, inputs, outputs)) / np.sqrt(9 * inputs)
        self.b = np.zeros(outputs)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the pictures, two pixels smaller each way."""
        height, width = x.shape[1] - 2, x.shape[2] - 2
        out = self.b
        for i in range(3):
            for j in range(3):
                out = out + x[:, i : i + height, j : j + width] @ self.w[i, j]
        return out


class Rectified(Convolution):
    """A convolution whose output is not negative."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return what the convolution does, cut off at zero."""
        return np.maximum(super().forward(x), 0.0)


class Pool(Layer):
    """The mean over the whole picture."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return one row for each picture."""
        return np.mean(x, axis=(1, 2))


class Dense(Layer):
    """A matrix and an offset."""

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        self.w = rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)
        self.b = np.zeros(outputs)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the product."""
        return x @ self.w + self.b


class Network(Layer):
    """Layers, one after the other."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.layers = [Rectified(1, 4, rng), Rectified(4, 4, rng), Pool(), Dense(4, 2, rng)]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return a score for each class."""
        for layer in self.layers:
            x = layer(x)
        return x

    def loss(self, pictures: np.ndarray, labels: np.ndarray) -> float:
        """Return the mean cross-entropy; labels are rows of zeros and a one."""
        scores = self.forward(pictures)
        top = np.max(scores, axis=1, keepdims=True)
        logs = scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))
        return -np.mean(np.sum(labels * logs, axis=1))  # type: ignore[no-any-return]


loss_and_slopes = ast_ad.value_and_grad(Network.loss, argnums="self")


def gratings(count: int, rng: np.random.Generator, size: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of stripes, upright or level, with noise; and which they are."""
    which = rng.integers(0, 2, count)
    phase = rng.uniform(0.0, 2 * np.pi, (count, 1, 1))
    y, x = np.mgrid[:size, :size]
    along = np.where(which[:, None, None] == 0, x, y)
    pictures = np.sin(2 * np.pi * along / 4 + phase) + 0.3 * rng.normal(size=(count, size, size))
    return pictures[..., None], np.eye(2)[which]


def descend(network: Network, slopes: Network, rate: float) -> None:
    """Move the parameters of a network against its slopes, which are in an object of the same form."""
    for layer, slope in zip(network.layers, slopes.layers):
        for name in vars(layer):
            setattr(layer, name, getattr(layer, name) - rate * getattr(slope, name))


def trained(steps: int = 60, rate: float = 0.5, seed: int = 0) -> Iterator[tuple[int, float, Network]]:
    """Yield (step, loss, network) while the network learns."""
    rng = np.random.default_rng(seed)
    network = Network(rng)
    pictures, labels = gratings(64, rng)
    for step in range(steps + 1):
        loss, slopes = loss_and_slopes(network, pictures, labels)
        yield step, float(loss), network
        descend(network, slopes, rate)


def main() -> None:
    """Train, and print the loss and how many new pictures are told right."""
    pictures, labels = gratings(200, np.random.default_rng(1))
    for step, loss, network in trained():
        if step % 20 == 0:
            right = np.mean(np.argmax(network(pictures), axis=1) == np.argmax(labels, axis=1))
            print(f"step {step:3d}: loss {loss:.4f}, {right:.0%} of new pictures")


if __name__ == "__main__":
    main()
