"""Derivatives inside the function that is differentiated."""

import math

import ast_ad
from ast_ad import grad, jvp, value_and_grad
from tests.corpus.registry import program


def cube(y):
    return y**3


@program((2.0,), (-0.5,))
def slope_along_the_way(x):
    return x * grad(cube)(x)


@program((2.0,))
def forward_inside(x):
    return jvp(cube, (x,), (1.0,))[1] + jvp(grad(cube), (x,), (x,))[1]


@program((3.0,))
def no_confusion_of_perturbations(x):
    return x * grad(lambda y: x + y)(1.0)


@program((0.7,), (1.2,))
def inner_function_that_sees_the_outer_argument(x):
    def inner(y):
        total = 0.0
        for i in range(3):
            total = total + math.sin(x * y + i) * x
        return total

    value, slope = value_and_grad(inner)(x * x)
    return value * slope


@program((2.0,), (0.3,))
def newton_with_its_own_derivative(a):
    x = 1.0
    while True:
        value, slope = value_and_grad(lambda x: x**3 - a)(x)
        step = value / slope
        x = x - step
        if abs(step) < 1e-12:
            break
    return x


@program((2.0, 3.0), wrt=(0, 1))
def several_arguments_inside(x, y):
    by_a, by_b = grad(lambda a, b: a * b * b * x, argnums=("a", "b"))(x, 2.0 * y)
    return by_a * by_b


slope_of_cube = ast_ad.grad(cube)


@program((1.5,))
def a_derivative_made_outside(x):
    return slope_of_cube(x) * math.sin(x)


def _root(x):
    for _ in range(2):
        if x > 0.1:
            return math.sqrt(x)


@program((0.7,), (0.3,))
def tangent_of_what_may_be_none(x):
    root, root_dot = jvp(_root, (x,), (x,))
    return root * root_dot * x
