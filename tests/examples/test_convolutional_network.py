"""A network of classes: its gradient is a network, and it learns."""

from __future__ import annotations

import numpy as np

from ast_ad.testing import check_grads
from examples.convolutional_network import Network, Rectified, gratings, loss_and_slopes, trained
from tests.examples.slopes import last


def test_the_slopes_are_a_network():
    rng = np.random.default_rng(4)
    network, (pictures, labels) = Network(rng), gratings(5, rng)
    before = network.layers[0].w.copy()
    _, slopes = loss_and_slopes(network, pictures, labels)
    assert type(slopes) is Network
    assert [type(layer) for layer in slopes.layers] == [type(layer) for layer in network.layers]
    assert isinstance(slopes.layers[0], Rectified)
    np.testing.assert_array_equal(network.layers[0].w, before)
    check_grads(lambda network: network.loss(pictures, labels), modes=("rev",))(network)


def test_it_learns():
    _, loss, network = last(trained(steps=60))
    assert loss < 0.3
    pictures, labels = gratings(100, np.random.default_rng(7))
    assert np.mean(np.argmax(network(pictures), axis=1) == np.argmax(labels, axis=1)) > 0.9
