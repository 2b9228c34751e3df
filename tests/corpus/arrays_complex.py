"""Arrays of complex numbers that are changed in place: a real adjoint or tangent must become complex before that."""

import cmath
import math

import numpy as np

from tests.corpus.registry import program

X = np.array([0.3, -0.7, 1.2, 0.5])


@program((X,))
def real_part_of_an_updated_array(x):
    z = x.astype(complex) * (1 + 2j)
    z[1] = z[0] * z[1] * 1j
    return np.sum(z.real**2)


@program((X,))
def real_tangent_of_a_complex_array(x):
    """The tangent of `x + 1j` is real, until an element becomes imaginary."""
    z = x + 1j
    z[1] = z[0] * 1j
    return np.sum(z.real**2 + 2 * z.imag)


@program((X, 3))
def complex_array_in_a_loop(x, n):
    z = x + 0j
    y = np.zeros(4)
    for k in range(n):
        z[k:] *= 1j
        z[k + 1] += 1j * z[k]
        y[k] = z.real[k] - z[k].imag
    return np.sum(y * y)


@program((X, True), (X, False))
def complex_array_in_a_branch(x, turn):
    z = x.astype(complex)
    if turn:
        z[0] = z[0] * z[1] * 1j
        z[1:] = np.exp(1j * z[1:])
    return np.sum(z.real)


@program((X,))
def spectrum_without_its_mean(x):
    z = np.fft.fft(x)
    z[0] = 0
    z[1:3] *= 1j
    return np.sum(z.real**3)


@program((np.array([0.3, -0.7, 1.2, 0.5, 0.1, -0.4, 0.9, -1.1]),))
def butterflies(x):
    z = x.astype(complex)
    size = 2
    while size <= len(z):
        root = cmath.exp(-2j * math.pi / size)
        for start in range(0, len(z), size):
            w = 1 + 0j
            for k in range(start, start + size // 2):
                even, odd = z[k], w * z[k + size // 2]
                z[k] = even + odd
                z[k + size // 2] = even - odd
                w *= root
        size *= 2
    power = z.real**2 + z.imag**2
    return np.mean(power * power)


@program((0.4, 0.9), (-1.2, 0.3), wrt=(0, 1))
def functions_of_cmath(x, y):
    z = complex(x, y)
    r, phi = cmath.polar(z)
    w = cmath.sqrt(z) + cmath.exp(1j * z) * cmath.log(z, 3) + cmath.rect(r, 2 * phi) + cmath.atan(z / 3)
    return abs(w) + cmath.phase(w) + cmath.sinh(x).real


@program((0.3 + 0.4j,))
def real_part_of_a_number(z):
    """The adjoint of a complex number is complex, though it is real."""
    return z.real * 2


@program((np.array([0.4, 2.3, 1.1]),), (np.array([0.4, -2.3, 1.1]),))
def complex_where_it_has_to_be(x):
    """An array that is complex on one path alone: its adjoint is real where it has always been real."""
    z = x
    if np.any(x < 0):
        z = x.astype(complex)
    w = z
    for i in range(2):
        if np.sum(x) + i > 1:
            w = w * (1 + 0.5j)
    return np.sum(np.abs(np.sqrt(z) + np.emath.sqrt(x) * w) ** 2)


@program((X,))
def parts_of_a_complex_array(x):
    """An imaginary adjoint of all elements, and a real one of some."""
    z = np.array([1.0, 1.0, 0.5]).astype(complex)
    z[0] = np.max(x) * 1j
    w = x * (1 + 2j)
    return np.sum(z.imag) + z.real[1] + w.imag[0] + np.sum(w.imag) + w.real[2]
