"""Longer programs: integrators, iterations and small simulations as they are found in the wild."""

import math

import numpy as np

from tests.corpus.registry import program


@program((1.0, 0.5, 12), wrt=(0, 1))
def runge_kutta(y0, rate, steps):
    def f(t, y):
        return rate * y * (1 - y / 10) + math.sin(t)

    t, y, h = 0.0, y0, 0.1
    for _ in range(steps):
        k1 = f(t, y)
        k2 = f(t + h / 2, y + h * k1 / 2)
        k3 = f(t + h / 2, y + h * k2 / 2)
        k4 = f(t + h, y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y


@program((1.2, 0.3, 40), wrt=(0, 1), order=3)
def damped_pendulum(theta, damping, steps):
    omega = 0.0
    dt = 0.02
    for _ in range(steps):
        omega += (-math.sin(theta) - damping * omega) * dt
        theta += omega * dt
    return theta


@program((20.0, 0.7), (9.0, 1.1), wrt=(0, 1))
def throw_until_it_lands(speed, angle):
    """With drag; the last step goes to the ground and no further."""
    x, y = 0.0, 0.0
    vx, vy = speed * math.cos(angle), speed * math.sin(angle)
    dt = 0.1
    while True:
        drag = 0.01 * math.sqrt(vx * vx + vy * vy)
        vx -= drag * vx * dt
        vy -= (9.81 + drag * vy) * dt
        below = y + vy * dt
        if below < 0:
            last = y / (y - below)
            return x + last * vx * dt
        x += vx * dt
        y = below


@program((1.0, 0.2), (2.0, -0.3), wrt=(0, 1))
def two_springs(x1, x2):
    v1 = v2 = 0.0
    energy = 0.0
    for step in range(15):
        a1 = -2 * x1 + (x2 - x1)
        a2 = (x1 - x2) - 0.5 * x2**3
        v1, v2 = v1 + 0.05 * a1, v2 + 0.05 * a2
        x1, x2 = x1 + 0.05 * v1, x2 + 0.05 * v2
        if step % 5 == 4:
            energy += 0.5 * (v1**2 + v2**2)
    return energy + x1 * x2


@program((0.3, 0.5), (-1.1, 0.4), wrt=(0, 1))
def smooth_escape_time(cx, cy):
    """The Mandelbrot iteration, in real numbers, with the usual smooth count."""
    x = y = 0.0
    for n in range(40):
        x, y = x * x - y * y + cx, 2 * x * y + cy
        r2 = x * x + y * y
        if r2 > 16:
            return n + 1 - math.log(math.log(r2) / 2) / math.log(2)
    return x + y


@program((3.0,), (0.7,))
def secant_method(a):
    """Solve x**3 + x = a."""

    def f(x):
        return x**3 + x - a

    x0, x1 = 0.0, 1.0
    f0, f1 = f(x0), f(x1)
    count = 0
    while abs(f1) > 1e-12 and count < 100:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, f(x1)
        count += 1
    return x1


@program((2.5, 1.5), wrt=(0, 1))
def golden_section_search(a, b):
    """A derivative-free minimiser, polished by one Newton step so that its result is smooth."""
    ratio = (math.sqrt(5) - 1) / 2

    def f(x):
        return (x - a) ** 2 + b * math.cos(x)

    low, high = a - 1, a + 2
    c, d = high - ratio * (high - low), low + ratio * (high - low)
    for _ in range(10):
        if f(c) < f(d):
            high = d
        else:
            low = c
        c, d = high - ratio * (high - low), low + ratio * (high - low)
    x = (low + high) / 2
    x = x - (2 * (x - a) - b * math.sin(x)) / (2 - b * math.cos(x))
    return x * x


@program((0.5, 2.0), wrt=(0, 1))
def gradient_descent_inside(x, curvature):
    """A minimiser with a line search, differentiated through."""
    rate = 0.4
    for _ in range(6):
        slope = 2 * curvature * (x - 1) + math.cos(x)
        step = rate
        tries = 0
        while tries < 5:
            trial = x - step * slope
            if curvature * (trial - 1) ** 2 + math.sin(trial) <= curvature * (x - 1) ** 2 + math.sin(x):
                break
            step *= 0.5
            tries += 1
        x = trial
    return x + curvature * x


@program((100.0, 0.06, 8), wrt=(0, 1))
def loan_with_rounding(principal, rate, years):
    payment = principal * rate / (1 - (1 + rate) ** -years)
    balance = principal
    interest_paid = 0
    for year in range(1, years + 1):
        interest = balance * rate
        interest_paid += interest
        balance = balance + interest - payment
        if year == years // 2:
            balance -= 5.0
        if balance <= 0:
            break
    return interest_paid + 0.1 * balance


@program((0.4, 0.1), wrt=(0, 1))
def hidden_markov_forward(p, q):
    """The likelihood of a sequence of coin tosses from two coins."""
    fair, loaded = 0.5, 0.5
    log_likelihood = 0.0
    for toss in (1, 1, 0, 1, 0, 1, 1):
        if toss:
            seen_fair, seen_loaded = fair * 0.5, loaded * (1 - q)
        else:
            seen_fair, seen_loaded = fair * 0.5, loaded * q
        total = seen_fair + seen_loaded
        log_likelihood += math.log(total)
        fair = (seen_fair * (1 - p) + seen_loaded * p) / total
        loaded = 1 - fair
    return -log_likelihood


@program((0.8, 2.0), wrt=(0, 1))
def bessel_by_series(x, order):
    total = 0.0
    k = 0
    term = (x / 2) ** order / math.gamma(order + 1)
    while abs(term) > 1e-15:
        total += term
        k += 1
        term *= -(x * x / 4) / (k * (k + order))
    return total


@program((1.3, 0.7), wrt=(0, 1))
def binomial_option(up, strike):
    """A three-step tree written out with plain variables."""
    down = 1 / up
    p = (1.02 - down) / (up - down)
    u3, u1, d1, d3 = up**3, up, down, down**3
    a, b, c, d = max(u3 - strike, 0.0), max(u1 - strike, 0.0), max(d1 - strike, 0.0), max(d3 - strike, 0.0)
    for _ in range(3):
        a = (p * a + (1 - p) * b) / 1.02
        b = (p * b + (1 - p) * c) / 1.02
        c = (p * c + (1 - p) * d) / 1.02
    return a


@program((4.0, 1.5, 0.01), wrt=(0, 1))
def adaptive_step_integrator(x, k, tol):
    """Heun against Euler, halving the step until they agree."""
    t = 0.0
    h = 0.25
    while t < 1.0:
        slope = -k * x + math.sin(t)
        euler = x + h * slope
        heun = x + h / 2 * (slope - k * euler + math.sin(t + h))
        if abs(heun - euler) > tol and h > 0.02:
            h = h / 2
            continue
        x = heun
        t = t + h
        if abs(heun - euler) < tol / 8:
            h = h * 2
    return x * t


@program((0.7, 1.9), wrt=(0, 1), order=3)
def neuron(w, x):
    b, y = 0.1, 0.75
    out = 1 / (1 + math.exp(-(w * x + b)))
    loss = (out - y) ** 2 / 2
    return loss


@program((6.3, 2), (0.9, 5))
def shifted_digamma(x, terms):
    """Derivatives of the asymptotic series, after recurrence."""
    result = 0.0
    while x < 6:
        result -= 1 / x
        x += 1
    f = 1 / (x * x)
    series = 0.0
    for k, b in enumerate((-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132)):
        if k >= terms:
            break
        series += b * f ** (k + 1)
    return result + math.log(x) - 0.5 / x + series


@program((0.1, 0.45), wrt=(0, 1))
def three_body_step(x, v):
    """Leapfrog around two fixed stars."""
    y, w = 1.0, -0.2
    for _ in range(8):
        ax = ay = 0.0
        for sx, sy, mass in ((0.0, 0.0, 1.0), (1.0, 0.5, 0.3)):
            dx, dy = sx - x, sy - y
            r3 = (dx * dx + dy * dy + 0.01) ** 1.5
            ax += mass * dx / r3
            ay += mass * dy / r3
        v, w = v + 0.05 * ax, w + 0.05 * ay
        x, y = x + 0.05 * v, y + 0.05 * w
    return x * y + v


@program((np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]]), np.array([1.0, 2.0, 3.0])), wrt=(0, 1))
def solved_by_factors_with_scaled_pivots(a, b):
    """Crout's method in place, with rows that change places, and a substitution that skips leading zeros."""
    a, b = a.copy(), b.copy()
    n = a.shape[0]
    order = np.zeros(n, dtype=int)
    scales = np.zeros(n)
    for i in range(n):
        scales[i] = 1.0 / np.max(np.abs(a[i]))
    for j in range(n):
        for i in range(j):
            total = a[i, j]
            for k in range(i):
                total -= a[i, k] * a[k, j]
            a[i, j] = total
        largest, best = 0.0, j
        for i in range(j, n):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[k, j]
            a[i, j] = total
            if scales[i] * abs(total) >= largest:
                largest, best = scales[i] * abs(total), i
        if j != best:
            for k in range(n):
                a[best, k], a[j, k] = a[j, k], a[best, k]
            scales[best] = scales[j]
        order[j] = best
        if j != n - 1:
            pivot = 1.0 / a[j, j]
            for i in range(j + 1, n):
                a[i, j] *= pivot
    first = -1
    for i in range(n):
        place = order[i]
        total = b[place]
        b[place] = b[i]
        if first != -1:
            for j in range(first, i):
                total -= a[i, j] * b[j]
        elif total:
            first = i
        b[i] = total
    for i in range(n - 1, -1, -1):
        total = b[i]
        for j in range(i + 1, n):
            total -= a[i, j] * b[j]
        b[i] = total / a[i, i]
    return b @ b
