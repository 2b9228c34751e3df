"""Arrays changed through views of them: every function of NumPy that returns one, and views of views."""

# The programs are written in every way that people write.
# ruff: noqa

import numpy as np

from tests.corpus.registry import program

VECTOR = np.array([0.7, -1.3, 2.1, 0.4, 1.7, -0.2])
MATRIX = np.arange(1.0, 13.0).reshape(3, 4) / 7
COMPLEX = np.array([0.5 + 0.2j, -1.0 + 0.4j, 0.3 - 0.9j, 1.1 + 0.3j])


def weighed(x):
    """A number that each element moves differently."""
    return np.sum(np.sin(x) * np.arange(1.0, x.size + 1).reshape(x.shape))


@program((VECTOR,))
def v_reshape(x):
    y = x * 1.0
    z = y.reshape(2, 3)
    z[0, 1] = x[0] * x[2]
    z[1] *= x[1]
    z[:, 2] = z[:, 0] * y[1]
    return weighed(y)


@program((VECTOR,))
def v_reshape_argument(x):
    z = x.reshape(3, -1)
    z[1, 0] = x[0] * x[2]
    return weighed(x)


@program((MATRIX,))
def v_ravel(x):
    y = x * x
    flat = y.ravel()
    for i in range(1, flat.size):
        flat[i] = flat[i - 1] * 0.5 + y[0, 0]
    y[2, 3] *= x[0, 0]
    return weighed(y) + flat[11]


@program((VECTOR,))
def v_ravel_of_transpose_is_a_copy(x):
    y = (x * 1.0).reshape(2, 3).T
    z = y.ravel()
    z[1] = x[0] * x[2]
    y[0, 0] = x[4]
    return weighed(y) + weighed(z)


@program((VECTOR,))
def v_reshape_of_strided(x):
    y = x * 1.0
    z = y[::2].reshape(3, 1)
    z[1] = x[0] * x[2]
    return weighed(y)


@program((MATRIX,))
def v_flips(x):
    y = x * 1.0
    z = np.flip(y, 1)
    z[0, 1] = x[0, 1] * x[2, 2]
    np.flipud(y)[0] *= x[1]
    np.fliplr(y)[0, 0] = x[1, 1]
    np.rot90(y)[0, 1] = x[2, 2] ** 2
    return weighed(y)


@program((VECTOR,))
def v_split(x):
    y = x * 1.0
    a, b, c = np.split(y, 3)
    a[0] = b[1] * x[0]
    c *= x[1]
    d, e = np.split(y, [2])
    e[:] += d[0] * x[1]
    return weighed(y) + weighed(b)


@program((VECTOR[:5],), (VECTOR,))
def v_array_split(x):
    y = x * 1.0
    a, b = np.array_split(y, 2)
    a[:2] += b[:2] * x[0]
    b[-1] = a[0] * x[1]
    return weighed(y)


@program((MATRIX,), (VECTOR,))
def v_split_into_one(x):
    y = x * 1.0
    (a,) = np.split(y, 1)
    a[0] *= y[1]
    (b,) = np.array_split(y, 1, axis=-1)
    b[1] += a[0] * x[0]
    for c in np.hsplit(y, []):
        c *= x
    return weighed(y)


@program((MATRIX,))
def v_hsplit_vsplit(x):
    y = x * 1.0
    a, b = np.hsplit(y, 2)
    a += b
    c, d, e = np.vsplit(y, 3)
    d[0, 1] = x[0, 0]
    e[:, 3] *= c[0, 1]
    return weighed(y)


@program((MATRIX,))
def v_diagonal(x):
    y = x * 1.0
    d = y.diagonal()
    y[1, 1] = x[0, 0] * 2
    return weighed(d) * y[0, 1]


@program((COMPLEX,))
def v_real_imag(x):
    z = x * 1.0
    z.real[1] = 2.0
    z.imag[0] = 3.0
    r = z.real
    r[2] = x[0].imag
    r *= x[1].real
    z.imag[:2] = x.real[2:] * 2
    z.real[1:] += x.imag[:-1]
    np.imag(z)[3] = x[1].real ** 2
    return np.sum(np.abs(z) ** 2 * np.arange(1.0, 5))


@program((VECTOR,))
def v_real_of_real(x):
    y = x * 1.0
    y.real[0] = x[1] ** 2
    np.real(y)[1] = x[0] ** 2
    return weighed(y)


@program((VECTOR,))
def v_at_least(x):
    y = x * 1.0
    z = np.atleast_2d(y)
    z[0, 1] = x[0] ** 2
    np.atleast_1d(y)[3] = x[1] ** 2
    np.atleast_3d(y)[0, 2, 0] = x[4]
    return weighed(y)


@program((VECTOR,))
def v_as_array(x):
    y = x * 1.0
    z = np.asarray(y)
    z[1] = x[0] ** 2
    np.asanyarray(y)[2] = x[0] ** 3
    np.ascontiguousarray(y)[3] *= x[0]
    np.asarray(y, dtype=float)[4] *= x[1]
    other = np.array(y)
    other[5] = x[0]
    single = np.asarray(y, dtype=np.complex128)
    single[0] = 5.0
    return weighed(y) + weighed(other) + np.sum(single.real)


@program((MATRIX,))
def v_axes(x):
    y = x * 1.0
    np.moveaxis(y, 0, 1)[2, 1] = x[0, 0] ** 2
    np.rollaxis(y, 1)[3] *= x[:, 1]
    np.transpose(y, (1, 0))[0, 2] = x[1, 1] ** 2
    y.transpose(1, 0)[1, 0] = x[1, 2] ** 2
    y.swapaxes(0, 1)[2, 2] += x[0, 1]
    y.T[...] = y.T**2
    y.T[1] = x[0, 0]
    return weighed(y)


@program((VECTOR,))
def v_squeeze_expand(x):
    y = x * 1.0
    z = np.expand_dims(y, 0)
    z[0, 2] = x[1] ** 2
    z.squeeze(0)[3] = x[2] ** 2
    y[:, None][4] = x[0] ** 2
    y[None][0, 5] *= x[0]
    return weighed(y)


@program((MATRIX,))
def v_view_of_view(x):
    y = x * 1.0
    a = y[1:]
    b = a[:, ::2]
    c = b[1]
    c[0] = x[0, 0] ** 2
    b[0] += x[0, 1]
    a.T[3][1] *= c[1]
    c.reshape(2, 1)[1, 0] *= a[0, 0]
    return weighed(y) + weighed(b)


@program((MATRIX,))
def v_view_of_view_in_loop(x):
    y = x * 1.0
    inner = y[1:].T
    for i in range(1, 4):
        row = inner[i]
        for j in range(2):
            row[j] = inner[i - 1][j] * row[j] + x[0, i]
    return weighed(y)


@program((MATRIX,))
def v_repeats_through_view(x):
    y = x * 1.0
    part = y[1:, 1:]
    part[[0, 0], [1, 1]] = x[0, :2]
    np.add.at(part, ([0, 0], [2, 2]), x[1, :2])
    part[part > 1.2] *= x[0, 0]
    part.T[1] += part[:, 0]
    return weighed(y)


@program((MATRIX,), (np.asfortranarray(MATRIX),), (MATRIX.T,))
def v_reshape_of_what_lies_by_columns(x):
    """A copy or a view, by how x lies."""
    flat = x.reshape(-1)
    flat[1] = flat[0] * flat[2]
    return weighed(x) + weighed(flat)


@program((MATRIX,), (np.asfortranarray(MATRIX),))
def v_reshape_of_results(x):
    z = x - x.mean(axis=0)
    z.reshape(-1)[3] = x[0, 0] ** 2
    turned = np.sin(x).T
    turned.reshape(-1)[1] *= x[0, 1]
    w = np.roll(x, 1, axis=0)
    w.ravel()[2] = x[1, 1]
    c = np.cumsum(x, axis=1)
    c.reshape(4, 3)[1] *= x[0, 2]
    return weighed(z) + weighed(turned) + weighed(w) + weighed(c)


@program((MATRIX,))
def v_ravel_of_some_columns(x):
    y = x * 1.0
    odd, rest = y[:, ::2].ravel(), y[:, 1:].reshape(-1)
    odd[1] = odd[0] * x[0, 1]
    rest[2] = y[0, 3] * rest[0]
    return weighed(y) + weighed(odd) + weighed(rest)


def _double_second(z):
    z.reshape(-1)[1] *= 2.0


@program((MATRIX,), (np.asfortranarray(MATRIX),))
def v_reshape_in_a_callee(x):
    y, turned = x * 1.0, (x * x).T
    _double_second(y)
    _double_second(turned)
    _double_second(x)
    return weighed(x) + weighed(y) + weighed(turned)


@program((VECTOR,))
def v_shape_is_assigned(x):
    y = x * 1.0
    z, part = y, y[1:3]
    y.shape = (2, 3)
    y[0, 1] = z[1, 2] * x[0]
    z[1] *= 2.0
    part[1] += y[0, 0]
    y.shape = -1
    y[0] *= y[5]
    return weighed(y) + weighed(z) * 2 + weighed(part)


@program((VECTOR, 2), (VECTOR, 3))
def v_shape_is_assigned_to_an_argument(x, rows):
    x.shape = (rows, -1)
    x[1] *= x[0]
    return weighed(x)


_OUTSIDE = np.array([0.4, -0.9, 1.2])


@program((VECTOR,))
def v_ravel_of_what_is_outside(x):
    """An array from outside, which views of it change that it takes its lengths to tell."""
    kept = _OUTSIDE.copy()
    flat = np.ravel(_OUTSIDE[None, 1:])
    flat[1] *= x[0]
    own = np.ravel(_OUTSIDE[1:, ...])
    own[0] += x[1] * own[1]
    total = weighed(_OUTSIDE) + weighed(flat) * 2 + weighed(own)
    _OUTSIDE[:] = kept
    return total


@program((MATRIX,))
def v_a_part_of_a_row_by_a_mask(x):
    """What a failing line is found by, runs through indices of indices too."""
    first, second, third = x
    x[1] = np.vdot(first, third)
    return np.sum(np.sin(third[third < 1.4])) + np.sum(second)


@program((VECTOR, 1))
def v_without_dimensions_read_between_writes(x, n):
    """What the reverse sweep reads of the view is what it showed then, and not what it shows at the end."""
    t = x * 1.0
    v = t[n : n + 1].squeeze()
    w = np.sin(v) * v
    t[n] = w
    u = v * w
    t[n] *= 2
    return u * v + weighed(t * x)
