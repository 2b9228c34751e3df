"""Whole models: mixtures, recurrent networks, filters, physics; randomness that is drawn once."""

import numpy as np

from tests.corpus.registry import program

rng = np.random.default_rng(13)
data = rng.standard_normal((6, 2))
walk = np.cumsum(rng.standard_normal(7)) / 3

OFFSET = np.array([0.1, -0.2])


@program(
    (np.array([0.2, -0.1]), np.array([[-1.0, 0.0], [1.0, 0.5]]), np.array([[0.1, 0.2], [-0.3, 0.0]]), data),
    wrt=(0, 1, 2),
)
def gaussian_mixture(log_weights, means, log_scales, data):
    z = (data[:, None, :] - means) * np.exp(-log_scales)
    log_densities = -0.5 * np.sum(z**2, axis=2) - log_scales.sum(axis=1)
    normalised = log_weights - np.log(np.sum(np.exp(log_weights)))
    joint = log_densities + normalised
    top = joint.max(axis=1)
    return np.sum(top + np.log(np.exp(joint - top[:, None]).sum(axis=1)))


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2) + 1)


@program((0.4 * rng.standard_normal((5, 12)), np.zeros(12), data), wrt=(0, 1, 2))
def long_short_term_memory(W, b, inputs):
    n = len(b) // 4
    h, c = np.zeros(n), np.zeros(n)
    for x in inputs:
        gates = np.concatenate((x, h)) @ W + b
        i, f, o = sigmoid(gates[:n]), sigmoid(gates[n : 2 * n] + 1), sigmoid(gates[2 * n : 3 * n])
        c = f * c + i * np.tanh(gates[3 * n :])
        h = o * np.tanh(c)
    return np.sum(h * h) + c[0]


@program((walk, np.array([0.1, 0.2])), wrt=(0, 1))
def kalman_filter(observations, log_noise):
    q, r = np.exp(log_noise)
    mean, variance = 0.0, 1.0
    log_likelihood = 0.0
    for z in observations:
        variance = variance + q
        s = variance + r
        innovation = z - mean
        log_likelihood -= 0.5 * (np.log(2 * np.pi * s) + innovation**2 / s)
        gain = variance / s
        mean = mean + gain * innovation
        variance = (1 - gain) * variance
    return log_likelihood


@program((np.array([0.3, 0.7]), np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([0, 1, 1, 0, 1])), wrt=(0, 1))
def hidden_markov_model(start, transitions, observed):
    emissions = np.array([[0.9, 0.1], [0.4, 0.6]])
    alpha = start * emissions[:, observed[0]]
    log_scale = 0.0
    for symbol in observed[1:]:
        alpha = (alpha @ transitions) * emissions[:, symbol]
        scale = alpha.sum()
        alpha = alpha / scale
        log_scale += np.log(scale)
    return log_scale + np.log(alpha.sum())


@program((data[:4], np.array([1.0, 0.5, 2.0, 0.7])), wrt=(0, 1))
def gravity_between_bodies(positions, masses):
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i):
            d = positions[i] - positions[j]
            energy -= masses[i] * masses[j] / np.sqrt(np.sum(d**2) + 0.01)
    return energy


@program((data[:3], 0.1 * data[3:], 3), wrt=(0, 1))
def leapfrog(q, p, steps):
    def force(q):
        d = q[:, None] - q[None, :]
        r2 = (d**2).sum(axis=-1) + 0.5
        return -(d / r2[..., None] ** 1.5).sum(axis=1)

    h = 0.05
    p = p + h / 2 * force(q)
    for k in range(steps):
        q = q + h * p
        p += h * force(q) * (1.0 if k < steps - 1 else 0.5)
    return 0.5 * np.sum(p**2) + np.sum(q**2)


@program((np.array([0.3, -1.0, 0.5]), walk), wrt=(0, 1))
def autoregression(coefficients, series):
    order = len(coefficients)
    loss = 0.0
    for t in range(order, len(series)):
        prediction = coefficients @ series[t - order : t][::-1]
        loss += (series[t] - prediction) ** 2
    return loss / (len(series) - order)


@program((np.array([0.5, 0.2]), data, 5), wrt=(0, 1))
def steps_with_minibatches(w, data, steps):
    order = np.random.default_rng(1).permutation(len(data))
    for k in range(steps):
        batch = data[order[(2 * k) % 6 : (2 * k) % 6 + 2]]
        slope = 2 * batch.T @ (batch @ w - 1) / len(batch)
        w = w - 0.05 * slope
    return np.mean((data @ w - 1) ** 2)


@program((np.array([0.5, -0.3]), np.array([0.1, 0.2]), np.random.default_rng(4)), wrt=(0, 1))
def noise_from_a_generator(mean, log_scale, generator):
    noise = generator.standard_normal((8, 2))
    samples = mean + np.exp(log_scale) * noise
    return np.mean(np.sum(samples**2, axis=1)) - log_scale.sum()


@program((np.array([0.5, -0.3, 0.8]), np.random.default_rng(4)))
def dropout(x, generator):
    for _ in range(3):
        mask = generator.random(x.shape) > 0.3
        x = np.tanh(x * mask / 0.7 + 0.1)
    return np.sum(x**2)


@program((np.array([0.4, 0.9, 1.3]),))
def seeded_inside(x):
    np.random.seed(0)
    weights = np.random.rand(3)
    noise = np.random.normal(size=x.shape)
    return np.sum(weights * (x + 0.1 * noise) ** 2)


@program((data, np.array([[0.2, 0.1], [-0.3, 0.4]])), wrt=(0, 1))
def graph_convolution(features, W):
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [4, 5]])
    adjacency = np.eye(6)
    for i, j in edges:
        adjacency = adjacency + np.outer(np.eye(6)[i], np.eye(6)[j])
    degree = adjacency.sum(axis=1)
    h = features
    for _ in range(2):
        h = np.tanh((adjacency @ h) / degree[:, None] @ W + OFFSET)
    return h.sum() ** 2


@program((np.array([1.0, 0.2, -0.4, 0.1]), np.linspace(-1, 1, 6)), wrt=(0, 1))
def polynomial_by_powers(c, x):
    y = sum(c[i] * x**i for i in range(4))
    V = np.stack([x**k for k in range(4)], axis=1)
    return np.sum((y - V @ c * 2) ** 2) + np.polyval(c, x).mean()


@program((np.array([0.1, 0.5, 0.2]), np.array([0.3, 0.3, 0.4])), wrt=(0, 1))
def divergence(logits, q):
    p = np.exp(logits) / np.sum(np.exp(logits))
    m = (p + q) / 2

    def kl(a, b):
        return np.sum(a * (np.log(a) - np.log(b)))

    return kl(p, m) / 2 + kl(q, m) / 2


@program((np.array([[0.1, 0.9, 0.4], [0.7, 0.2, 0.6], [0.3, 0.5, 0.8]]), 0.2), wrt=(0, 1))
def sinkhorn(cost, strength):
    K = np.exp(-cost / strength)
    u = np.ones(3)
    for _ in range(10):
        v = 1 / (K.T @ u)
        u = 1 / (K @ v)
    plan = u[:, None] * K * v
    return (plan * cost).sum()


@program((np.array([2.0, 1.0, 4.0, 3.5]), 0.5), wrt=(0, 1))
def soft_sorting(x, temperature):
    ranks = sigmoid((x[:, None] - x) / temperature).sum(axis=1)
    return np.sum(ranks * np.sort(x)) / len(x)


@program((walk, 0.4), wrt=(0, 1))
def dynamic_time_warping(x, softness):
    n = len(x)
    row = np.zeros(n + 1)
    for i in range(n):
        cost = (x[i] - np.roll(x, 2)) ** 2
        left = 100.0
        new = row[:1] + 100.0
        for j in range(n):
            choices = np.array([row[j], row[j + 1], left])
            left = cost[j] - softness * np.log(np.sum(np.exp(-choices / softness)))
            new = np.append(new, left)
        row = new
    return row[-1]


@program((np.array([0.7, -0.2, 0.4]), data), wrt=(0, 1))
def ordinary_differential_equation_with_events(w, starts):
    total = 0.0
    for y in starts[:3]:
        t = 0.0
        while t < 1.0:
            y = y + 0.2 * np.array([w[0] * y[1], w[1] * y[0] - w[2] * y[1] ** 2])
            t += 0.2
            if np.abs(y).max() > 2.0:
                y = y * 0.5
                break
        total += y @ y
    return total


class NumberedLayers:
    """A network whose parameters, caches and running means are found by texts with the number of their layer."""

    def __init__(self, sizes):
        rng = np.random.default_rng(5)
        self.count = len(sizes) - 1
        self.parameters = {}
        self.running = [{"mode": "train"} for _ in range(self.count - 1)]
        for i in range(self.count):
            self.parameters["W%d" % (i + 1)] = rng.normal(size=(sizes[i], sizes[i + 1])) * 0.5
            self.parameters["b{}".format(i + 1)] = np.zeros(sizes[i + 1])
            if i != self.count - 1:
                self.parameters[f"scale{i + 1}"] = np.ones(sizes[i + 1])

    def normalized(self, x, scale, running):
        if running["mode"] != "train":
            raise ValueError("no mode %r" % running["mode"])
        mean, variance = np.mean(x, axis=0), np.var(x, axis=0)
        running["mean"] = 0.9 * running.get("mean", np.zeros(x.shape[1])) + 0.1 * mean
        return scale * (x - mean) / np.sqrt(variance + 1e-2)

    def loss(self, x, labels):
        caches = {}
        for i in range(1, self.count + 1):
            x = x @ self.parameters["W%d" % i] + self.parameters["b" + str(i)]
            if i < self.count:
                x = self.normalized(x, self.parameters["scale{0}".format(i)], self.running[i - 1])
                x = caches["active%d" % i] = np.tanh(x)
        shifted = x - np.max(x, axis=1, keepdims=True)
        losses = np.log(np.sum(np.exp(shifted), axis=1)) - shifted[np.arange(len(x)), labels]
        return np.mean(losses) + sum(np.sum(cache**2) for cache in caches.values())


@program((np.array([[0.3, -1.2], [0.8, 0.4], [-0.5, 1.1]]),))
def layers_in_dicts_by_number(x):
    return NumberedLayers([2, 3, 2, 3]).loss(x, np.array([0, 2, 1]))
