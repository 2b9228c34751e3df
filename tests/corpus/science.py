"""Programs as people write them for science with NumPy: filters, splines, mixtures, kernels, networks."""

import copy

import numpy as np

from tests.corpus.registry import program

X = np.array([[0.3, -0.4], [1.2, 0.7], [-0.6, 0.1]])


def _log_sum_exp(terms):
    highest = np.max(terms)
    return highest + np.log(np.exp(terms - highest).sum())


@program((np.array([[0.7, 0.3], [0.2, 0.8]]), np.array([0, 1, 1])))
def forward_algorithm(transition, observed):
    """Lists of numbers meet a scalar of NumPy: one of known length, one that has grown."""
    states = len(transition)
    alpha = np.zeros((states, len(observed)))
    for t in range(1, len(observed)):
        for s in range(states):
            alpha[s, t] = _log_sum_exp([alpha[p, t - 1] + np.log(transition[p, s]) for p in range(states)])
    last = []
    for s in range(states):
        last.append(alpha[s, -1] * (1 + observed[s]))
    return _log_sum_exp(last)


@program((np.array([1.0, -2.0]),))
def lists_beside_scalars_of_numpy(x):
    lowest = np.min(x)
    large = [x[0], 0.0, x[1]] > lowest
    return np.sum((([x[0], x[1]] + lowest) / (1.0, 2.0)) ** 2) + (lowest / [x[0], 2.0, 3.0]) @ large


def _root_of(matrix, n):
    if np.isscalar(matrix):
        matrix = np.eye(n) * matrix
    return np.linalg.cholesky(matrix)


@program((1.7, np.array([[2.0, 0.3], [0.3, 1.0]])), wrt=(0, 1))
def scalar_or_matrix(variance, covariance):
    return np.sum(_root_of(variance, 2) @ _root_of(covariance, 2))


@program((X, 2))
def range_as_an_index(x, n):
    largest = np.argmax(x[:, :2], axis=0)
    return np.sum(x[largest, range(largest.size)] ** 2) + np.sum(x[range(n), 1] ** 3) + x[range(1, 3), range(2)].sum()


@program((2.0,), (3.4,))
def list_of_an_array_of_run_time_length(stop):
    total = 0.0
    for s in list(np.arange(0, stop, 0.9)):
        total += (stop - s) ** 3
    return total


@program((X,))
def checked_by_numpy(x):
    weights = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(np.sum(weights), 1, err_msg="{}".format(np.sum(weights)))
    np.testing.assert_array_less(weights, 2.0)
    return np.sum(weights * x)


class _Layer:
    def __init__(self, optimizer=None, **parameters):
        self.optimizer = copy.copy(optimizer)
        self.parameters = parameters

    def __str__(self):
        return ", ".join(["{}={}".format(name, value) for name, value in self.parameters.items()])


@program((0.7, X), wrt=(0, 1))
def texts_of_parameters(slope, x):
    layer = _Layer(slope=slope, intercept=1)
    named = {str(layer): np.where(x > 0, x, slope * x)} if False else {"name": str(layer), "value": slope * x}
    return np.sum(named["value"] ** 2 + layer.parameters["intercept"])


@program((np.array([-1.0, 0.5, 2.0, -0.3]), 0.7), wrt=(0, 1))
def truncated_variance(v, rate):
    """A square root has an infinite slope at 0, and the maximum that 0 comes from has none."""
    for _ in range(2):
        v = np.maximum(v, 0) + rate * (0.5 - np.maximum(v, 0)) - 0.2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sum(np.sqrt(np.maximum(v, 0))) + np.sum(np.sqrt(np.clip(v, 0, None))) + np.sum(np.minimum(v, 0.1))


def _rotation(h):
    u, _, vt = np.linalg.svd(h)
    turn = vt.T @ u.T
    if np.linalg.det(turn) < 0:
        vt[-1, :] *= -1
        turn = vt.T @ u.T
    return turn


@program((X, np.array([1.0, -2.0])), wrt=(0, 1))
def alignment_with_one_point(source, target):
    """The best rotation onto a point and its mirror image: one singular value is zero, but for rounding."""
    h = (source - source.mean(axis=0)).T @ np.outer([1.0, -1.0, 0.5], target)
    return np.sum(_rotation(h) * np.array([[1.0, 2.0], [0.5, -1.0]]))


@program((X, np.array([0.1, -0.2, 0.3])), wrt=(0, 1))
def bouncing(position, velocity):
    """What `np.where` returns is a tuple, and stands in another one."""
    for axis in range(2):
        out = np.where(position[:, axis] < 0)
        position[out, axis] *= -1
        velocity[out] = velocity[out] * -0.5
    return np.sum(position**3) + np.sum(velocity * position[(0, 1, 2), 1])


class _Filter:
    def __init__(self, size):
        self.measured = np.array([[None] * size]).T
        self.state = np.zeros((size, 1))

    def update(self, measured):
        if measured is None:
            self.measured = np.array([[None] * len(self.state)]).T
            return
        self.measured = measured
        self.state = self.state + 0.5 * (measured - self.state)


@program((np.array([[1.0], [2.0]]),))
def prepared_with_none(measured):
    kalman = _Filter(2)
    for scale in (1.0, 0.5):
        kalman.update(measured * scale)
        kalman.update(None)
        print("%d values, scale %.2f" % (len(kalman.state), scale))
    kalman.update(measured.astype(measured.dtype, copy=False))
    return np.sum(kalman.state * kalman.measured)


@program((np.log(np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])),))
def alignments_in_logarithms(emitted):
    """What cannot be reached has the logarithm of 0."""
    steps = len(emitted)
    alpha = np.full((steps, 3), -np.inf)
    alpha[0, 0] = emitted[0, 0]
    for t in range(1, steps):
        for s in range(3):
            reached = alpha[t - 1, s]
            if s > 0:
                reached = np.logaddexp(reached, alpha[t - 1, s - 1])
            alpha[t, s] = reached + emitted[t, s % 2]
    return np.logaddexp(alpha[-1, -1], alpha[-1, -2])
