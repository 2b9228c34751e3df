"""Matrix products of all kinds, solvers and decompositions, and arrays put together and reshaped."""

import numpy as np

from tests.corpus.registry import program

rng = np.random.default_rng(7)
A = rng.standard_normal((3, 3))
B = rng.standard_normal((3, 4))
u, v = rng.standard_normal((2, 3))
batch = rng.standard_normal((2, 3, 3))
points = rng.standard_normal((5, 2))
image = rng.standard_normal((6, 5))


@program((A, u), (A.astype(np.float32), u.astype(np.float32)), wrt=(0, 1))
def quadratic_form(A, x):
    return x @ A @ x + np.dot(x, x) + x.T.dot(A.T) @ x


@program((A, B, u), wrt=(0, 1, 2))
def products_of_all_ranks(A, B, x):
    a = A @ B
    b = x @ a
    c = np.matmul(A, x)
    d = np.dot(A, B) * a
    return b.sum() * c[0] + d.mean() + np.inner(x, c) + np.vdot(A, A)


@program((batch, B, u), wrt=(0, 1, 2))
def products_of_stacks(stack, B, x):
    a = stack @ B
    b = stack @ x
    c = np.swapaxes(stack, -1, -2) @ stack
    return (a**2).sum() + np.sum(b[0] * b[1]) + np.trace(c[1])


@program((u, v), wrt=(0, 1))
def outer_products(x, y):
    P = np.outer(x, y)
    Q = np.eye(3) - 2 * np.outer(x, x) / (x @ x)
    return np.sum((Q @ P) ** 2) + np.tensordot(P, Q, axes=2) + (P @ y)[1]


@program((A, B, u), wrt=(0, 1, 2))
def einsums(A, B, x):
    a = np.einsum("ij,jk->ik", A, B)
    b = np.einsum("i,ij,j", x, A, x)
    c = np.einsum("ii->i", A) * np.einsum("ij->j", A)
    d = np.einsum("ij,ij->", a, B)
    return (a**2).sum() + b * d + np.sum(c)


@program((batch, B), wrt=(0, 1))
def einsum_over_stacks(stack, B):
    scores = np.einsum("bij,jk->bik", stack, B)
    return np.einsum("bik,bik->b", scores, np.tanh(scores)) @ np.array([1.0, 2.0])


@program((A + 4 * np.eye(3), u), wrt=(0, 1))
def solve_and_invert(A, b):
    x = np.linalg.solve(A, b)
    X = np.linalg.inv(A)
    return x @ b + np.sum(X * A.T) + np.linalg.det(A) * x[0]


@program((points, np.array([0.3, -0.1]), np.array([[1.0, 0.2], [0.3, 0.8]])), wrt=(0, 1, 2))
def gaussian_log_likelihood(data, mean, factor):
    covariance = factor @ factor.T + 0.1 * np.eye(2)
    L = np.linalg.cholesky(covariance)
    z = np.linalg.solve(L, (data - mean).T)
    log_det = 2 * np.sum(np.log(np.diag(L)))
    n, d = data.shape
    return -0.5 * np.sum(z**2) - 0.5 * n * (log_det + d * np.log(2 * np.pi))


@program((points, np.array([0.3, -0.1]), np.array([[1.0, 0.2], [0.2, 0.8]])), wrt=(0, 1, 2))
def gaussian_log_likelihood_with_slogdet(data, mean, covariance):
    sign, log_det = np.linalg.slogdet(covariance)
    r = data - mean
    return -0.5 * (np.trace(r @ np.linalg.inv(covariance) @ r.T) + len(data) * log_det) * sign


@program((np.linspace(-1, 1, 4), np.array([0.1, 0.9, 0.4, -0.3]), np.log(np.array([0.5, 1.2, 0.1]))), wrt=(1, 2))
def gaussian_process_evidence(x, y, log_theta):
    length, scale, noise = np.exp(log_theta)
    K = scale**2 * np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / length**2) + noise**2 * np.eye(len(x))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.log(np.diagonal(L)).sum()


@program((points, rng.standard_normal(5)), wrt=(0, 1))
def least_squares_by_normal_equations(X, y):
    X = np.column_stack((np.ones(len(X)), X))
    w = np.linalg.solve(X.T @ X, X.T @ y)
    residual = y - X @ w
    return residual @ residual + w[1]


@program((image, rng.standard_normal((3, 2))), wrt=(0, 1))
def convolution_by_slices(image, kernel):
    rows, columns = kernel.shape
    height = image.shape[0] - rows + 1
    width = image.shape[1] - columns + 1
    out = np.zeros((height, width))
    for i in range(rows):
        for j in range(columns):
            out = out + kernel[i, j] * image[i : i + height, j : j + width]
    return np.sum(np.maximum(out, 0.0) ** 2)


@program((np.array([0.3, 1.0, -0.7, 0.2]), np.array([0.5, -0.25])), wrt=(0, 1))
def convolution_of_signals(signal, filter):
    full = np.convolve(signal, filter)
    padded = np.pad(signal, (1, 2))
    return np.sum(full**2) + np.sum(padded[1:] * padded[:-1])


@program((image,))
def stencils_by_slices(u):
    laplacian = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    gx = (u[1:, :] - u[:-1, :])[:, :-1]
    gy = (u[:, 1:] - u[:, :-1])[:-1]
    return (laplacian**2).sum() + np.sum(np.sqrt(gx**2 + gy**2 + 0.01))


@program((rng.standard_normal((4, 3)), A, 0.5 * A.T, B), wrt=(0, 1, 2, 3))
def attention(x, Wq, Wk, Wv):
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scores = q @ k.T / np.sqrt(k.shape[-1])
    scores = np.where(np.tril(np.ones(scores.shape)) > 0, scores, -1e9)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.sum((weights @ v) ** 2)


@program((rng.standard_normal((2, 4, 6)), 2), (rng.standard_normal((1, 3, 6)), 3))
def attention_heads_apart(x, heads):
    b, n, d = x.shape
    split = x.reshape(b, n, heads, d // heads).transpose(0, 2, 1, 3)
    scores = split @ split.swapaxes(-1, -2) / (d // heads) ** 0.5
    mixed = np.tanh(scores) @ split
    return np.sum(mixed.transpose(0, 2, 1, 3).reshape(b, n, -1) * x)


@program((B, u), wrt=(0, 1))
def put_together(B, x):
    a = np.concatenate((B, x[:, None]), axis=1)
    b = np.vstack([B[0], B[1] * 2, np.arange(4)])
    c = np.stack((x, x**2, np.ones_like(x)), axis=-1)
    d = np.hstack((x, [1.0, 2.0], x[:1]))
    return (a.T @ c).sum() + np.sum(b * B) + d @ d[::-1]


@program((np.arange(12.0) / 7,), (np.linspace(-1, 1, 24),))
def reshaped_and_back(x):
    m = x.reshape(3, -1)
    t = np.transpose(m).ravel() * x
    s = m.reshape((m.shape[1], 3)) @ m
    blocks = np.split(t, 3)
    return t.sum() * blocks[0] @ blocks[2] + s.T.flatten()[1:].sum() + np.moveaxis(m[None], 0, -1)[1, 2, 0] ** 2


@program((u,))
def repeated_and_tiled(x):
    a = np.tile(x, (2, 1)) * np.repeat(x[:2], 3).reshape(2, 3)
    b = np.broadcast_to(x, (4, 3)) * np.arange(4)[:, None]
    c = np.flip(x) * np.roll(x, 1) + x[np.newaxis].squeeze(0)
    return a.sum() ** 2 + np.sum(b * b) + c.prod()


@program((A,))
def triangles_and_diagonals(A):
    L = np.tril(A, -1) + np.eye(3)
    U = np.triu(A)
    D = np.diag(np.diag(A) ** 2)
    return np.trace(L @ U @ D) + np.sum(np.diag(A, 1)) ** 2 + np.linalg.det(L @ U)


@program((0.3, np.array([1.0, 2.0])), wrt=(0, 1))
def rotation_matrix(angle, p):
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s], [s, c]])
    q = R @ R @ p
    return q[0] * q[1] + np.asarray([angle, 2 * angle]) @ p


@program((u, v), wrt=(0, 1))
def cross_and_dot(a, b):
    n = np.cross(a, b)
    area = np.sqrt((n**2).sum())
    return area + np.dot(n, a + [1.0, 2.0, 3.0]) + np.arccos(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@program((0.3 * A,), (np.array([[0.2]]),))
def powers_and_neumann_series(A):
    inverse = np.linalg.inv(np.eye(len(A)) - A)
    series = sum(np.linalg.matrix_power(A, k) for k in range(4))
    return np.sum((inverse - series) ** 2) * 100 + np.trace(A @ A @ A)


@program((points,))
def principal_direction(X):
    X = X - X.mean(0)
    C = X.T @ X / (len(X) - 1)
    (a, b), (_, d) = C
    half = (a - d) / 2
    largest = (a + d) / 2 + np.sqrt(half * half + b * b)
    direction = np.array([b, largest - a])
    direction /= np.linalg.norm(direction)
    return largest + (X @ direction).max()
