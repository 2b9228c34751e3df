"""Containers of arrays: lists and dicts of parameters, nested anyhow, named tuples; what is read, and what is left."""

from typing import NamedTuple

import numpy as np

from tests.corpus.registry import program

rng = np.random.default_rng(11)
X = rng.standard_normal((4, 3))
Y = rng.standard_normal((4, 2))
W1, W2 = 0.5 * rng.standard_normal((3, 5)), 0.5 * rng.standard_normal((5, 2))
B1, B2 = 0.1 * rng.standard_normal(5), 0.1 * rng.standard_normal(2)


class Layer(NamedTuple):
    weights: np.ndarray
    bias: np.ndarray
    activation: str = "tanh"


@program(([1.0, 2.0, -3.0],), ((1.5, 0.5, 2.0),), (np.array([0.1, 0.2, 0.3]),))
def unpacked_numbers(p):
    x, y, z = p
    return (2 * x + y) * z


@program(({"w1": W1, "b1": B1, "w2": W2, "b2": B2}, X, Y), wrt=(0, 1))
def network_with_a_dict(params, x, y):
    h = np.tanh(x @ params["w1"] + params["b1"])
    p = h @ params["w2"] + params["b2"]
    return np.mean((p - y) ** 2)


@program(([(W1, B1), (W2, B2)], X, Y), ([(W1[:, :2], B2)], X, Y), wrt=(0, 1))
def network_with_a_list_of_pairs(params, x, y):
    for W, b in params[:-1]:
        x = np.maximum(x @ W + b, 0.1 * x @ W)
    W, b = params[-1]
    return np.mean((x @ W + b - y) ** 2) + 0.01 * sum(np.sum(W * W) for W, _ in params)


@program(({"hidden": [Layer(W1, B1), Layer(W2, B2, "linear")], "scale": 0.7, "name": "small"}, X))
def nested_with_named_tuples(model, x):
    for layer in model["hidden"]:
        x = x @ layer.weights + layer.bias
        if layer.activation == "tanh":
            x = np.tanh(x)
    return np.sum(x**2) * model["scale"] + len(model["name"])


@program(({"slope": 4.0, "intercept": np.array(10.0), "unused": np.ones((2, 2)), "degree": 2}, X[:, 0]), wrt=(0, 1))
def leaves_of_all_kinds(p, x):
    return np.mean((p["slope"] * x ** p["degree"] + p["intercept"]) ** 2)


@program(({"w": W1, "b": B1.astype(np.float32), "s": np.float32(0.5)}, X), wrt=(0, 1))
def precisions_of_the_leaves(p, x):
    return np.sum(np.tanh(x @ p["w"] + p["b"]) * p["s"])


@program(({"b": B1, "a": W1, "c": np.array([[0.3]])},))
def penalty_over_values(params):
    total = 0.0
    for value in params.values():
        total += np.sum(value**2)
    for k, (name, value) in enumerate(params.items()):
        if name != "b":
            total += (k + 1) * np.abs(value).sum()
    return total + sum(params[name].mean() for name in params)


@program(({"z": 0.5, "a": 2.0, "m": -1.0},), ({"a": 2.0, "m": -1.0, "z": 0.5},))
def order_of_the_keys(p):
    x = 1.0
    for key, value in p.items():
        x = x * value + len(key) + 0.1
    return x


@program((([B1, B2], {"a": (B1[:2], 3)}),))
def deeply_nested(p):
    (first, second), rest = p
    inner, times = rest["a"]
    return np.sum(first) * np.sum(second * inner) * times + first[0] ** 2


@program((X, 0.3), wrt=(0, 1))
def state_in_a_dict(x, rate):
    state = {"position": x[0], "velocity": np.zeros(3)}
    for row in x[1:]:
        force = row - state["position"]
        velocity = 0.9 * state["velocity"] + rate * force
        state = {"position": state["position"] + velocity, "velocity": velocity}
    return np.sum(state["position"] ** 2) + state["velocity"] @ x[0]


@program((X, Y), wrt=(0, 1))
def tuples_carried_through_a_loop(x, y):
    pair = (x[0], y[0])
    for a, b in zip(x[1:], y[1:]):
        pair = pair[0] * a + b.sum(), pair[1] - b * a[0]
    left, right = pair
    return left.sum() * right.sum()


class Moments(NamedTuple):
    mean: np.ndarray
    spread: float


def moments(x):
    mean = x.mean(axis=0)
    return Moments(mean, np.sqrt(((x - mean) ** 2).sum()))


@program((X,), (Y.astype(np.float32),))
def named_tuple_built_inside(x):
    m = moments(x)
    n = m._replace(spread=m.spread * 2)
    mean, spread = n
    return (mean**2).sum() * spread + m[0][0] * m.spread


@program((np.array([0.2, -0.1]), [np.array([1.0, 2.0]), np.array([0.5, -1.0])]), wrt=(0, 1))
def lists_joined_and_counted(x, others):
    everything = [x, *others] + [x * 2]
    total = np.zeros(2)
    for i, item in enumerate(reversed(everything)):
        total = total + (i + 1) * item**2
    return total[0] * total[1] + len(everything) * np.stack(everything).sum()


@program(([np.array([0.3, 0.6]), np.array([0.3, 0.6])],), (2 * [np.array([1.3, 0.6])],))
def the_same_values_twice(pair):
    a, b = pair
    return np.sum(a * b) + np.sum(a + b)


@program(({"x": B2},))
def gradient_is_nothing_but_copies(p):
    return np.sum(p["x"])


@program(((X[:2, :2], X[2:, :2]),))
def one_adjoint_for_two_leaves(pair):
    a, b = pair
    return np.sum(a + b) * 2.0 + np.sum(a - b)


CONFIG = {"rate": 0.3, "powers": [1, 2, 3], "centre": np.array([0.5, -0.5])}


@program((np.array([0.2, 1.4]),))
def settings_from_outside(x):
    total = 0.0
    for k in CONFIG["powers"]:
        total += CONFIG["rate"] ** k * np.sum((x - CONFIG["centre"]) ** k)
    return total


@program(({"w": B1[:3]}, ["w"]), ({"w": B1[:3], "v": B1[2:]}, ["v", "w"]))
def keys_from_a_list(params, names):
    total = 1.0
    for name in names:
        total *= np.sum(params[name] ** 2)
    if "v" in params:
        total += params["v"][0]
    return total + params.get("u", 0.5)


@program(({"net": [W1, W2]}, {"net": [0.1 * W1, -0.2 * W2]}, 0.3), wrt=(0, 1, 2))
def step_of_a_trainer(params, slopes, rate):
    new = {key: [w - rate * g for w, g in zip(params[key], slopes[key])] for key in params}
    return sum(np.sum(w**3) for w in new["net"])
