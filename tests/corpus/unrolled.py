"""Loops whose structure changes from turn to turn: what they know decides how often they turn."""

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.5, -1.2, 0.8, 1.7])


@program((VECTOR,), order=3)
def products_of_neighbours(x):
    level = [value for value in x]
    while len(level) > 1:
        level = [level[i] * level[i + 1] for i in range(len(level) - 1)]
    return level[0]


@program((VECTOR,))
def work_list(x):
    pending = [x[0]]
    total = 0.0
    done = 0
    while pending and done < 10:
        value = pending.pop()
        done += 1
        total += value * value
        if done < 4:
            pending.append(value * 0.5)
            pending.append(value * x[1])
    return total


@program((0.7, 1.3))
def functions_made_in_a_loop(x, y):
    steps = []
    for scale in range(3):
        steps.append(lambda value, scale=scale: value * x + scale)
    for step in steps:
        y = step(y)
    return y


@program((VECTOR,))
def a_pair_that_grows(x):
    state = (x[0],)
    for i in range(1, 4):
        state = (*state, state[-1] * x[i])
        if len(state) == 3:
            break
    else:
        state = (x[1],)
    return sum(state)


@program((VECTOR,))
def rows_in_a_list_are_views(x):
    a = np.outer(x, x)
    rows = [row for row in a]
    rows[1] *= 2
    rows[2][0] = x[3]
    return np.sum(a**2)


@program((VECTOR,))
def a_callee_lists_its_argument(x):
    def repeated(value):
        return [value for _ in range(len(value))]

    y = x * 1.0
    values = repeated(y)
    y[0] = 5 * x[1]
    return np.sum(values[2] ** 2)


LAYERS = {
    "W1": np.array([[0.5, -0.2], [0.1, 0.4], [-0.3, 0.8]]),
    "b1": np.array([[0.1], [-0.2], [0.3]]),
    "W2": np.array([[0.7, -0.5, 0.2]]),
    "b2": np.array([[0.05]]),
}


@program((LAYERS, np.array([[0.5, -1.2, 0.8], [1.7, 0.3, -0.6]])), wrt=(0, 1))
def layers_named_by_number(parameters, x):
    """The names of the parameters tell which layer they are of, and their lengths what `squeeze` leaves."""
    count = len(parameters) // 2
    activation = x
    for layer in range(1, count + 1):
        weights, bias = parameters["W" + str(layer)], parameters[f"b{layer}"]
        activation = np.tanh(weights @ activation + bias)
    return np.squeeze(np.mean(activation**2, axis=1, keepdims=True))
