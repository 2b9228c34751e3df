"""Objects of libraries of which nothing is known: dates, files, fractions, hashes; and what their calls raise."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import itertools
import math
import os
import queue
import types
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from tests.corpus.registry import program

DUE = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)]


@program((0.1, [50.0, 60.0]), wrt=(0, 1))
def cash_flows_by_date(rate, cash):
    total = -100.0
    for day, amount in zip(DUE[1:], cash):
        total += amount / (1 + rate) ** ((day - DUE[0]).days / 365)
    return total


@program((0.7, 4), (0.7, 0))
def dates_that_a_loop_moves(x, n):
    day = date(2024, 1, 30)
    total = x
    for _ in range(n):
        day = day + timedelta(days=1)
        total += x**2 * day.day
    return total


@program((0.7,))
def a_clock_ends_the_loop(x):
    now, end = datetime.datetime(2024, 1, 30), datetime.datetime(2024, 2, 1)
    total = 0.0
    while now < end:
        total += math.sin(x * now.hour)
        now += timedelta(hours=8)
    return total


@program((np.array([0.7, 1.3, 0.4]),))
def the_latest_date_wins(x):
    latest, weight = DUE[0], x[0]
    for day, value in zip(DUE, x):
        if day > latest and value > 0.5:
            latest, weight = day, value
    return weight**2 * latest.month


@program((0.7, 1.3), wrt=(0, 1))
def fractions_beside_floats(x, y):
    weights = [Fraction(1, 6), Fraction(2, 3), Fraction(1, 6)]
    harmonic = Fraction(0)
    for k in range(1, 5):
        harmonic += Fraction(1, k)
    return sum(w * math.sin(x + i * y) for i, w in enumerate(weights)) + harmonic * x * y


@program((0.7, 6), (0.7, 1))
def a_fraction_that_grows(x, n):
    harmonic, k = Fraction(0), 1
    while k < n:
        harmonic += Fraction(1, k)
        k += 1
    return x**2 * harmonic


@program((0.7, 1.3), wrt=(0, 1))
def rows_of_a_file(x, y):
    total = 0.0
    for row in csv.reader(io.StringIO("1.5,2\n0.5,3\n")):
        a, b = row
        total += float(a) * x ** float(b) + y
    return total


@program((np.array([0.7, 1.3, 0.4]),))
def numbers_of_lines(x):
    data = []
    with io.StringIO("1 2 3\n4 5 6\n") as lines:
        for line in lines:
            data.append([float(word) for word in line.split()])
    return np.sum(np.array(data) * x**2)


@program((np.array([0.7, 1.3]),))
def a_report_is_written(x):
    report = io.StringIO()
    for i, value in enumerate(x):
        report.write(f"{i}: {value:.2f}\n")
    return np.sum(x**2) * len(report.getvalue().splitlines())


@program((np.array([0.7, 1.3, 0.4]),))
def a_seed_from_a_hash(x):
    seed = int(hashlib.md5(b"a name").hexdigest()[:6], 16) % 1000
    return np.sum(x**2 * np.random.default_rng(seed).normal(size=3))


@program((np.array([0.7, 1.3, 0.4]),))
def a_queue_of_indices(x):
    waiting = queue.Queue()
    for i in (2, 0, 1):
        waiting.put(i)
    total = 0.0
    while not waiting.empty():
        total = total * x[waiting.get()] + 1
    return total


@program((0.7, 1.3), wrt=(0, 1))
def what_a_library_raises(x, y):
    total = 0.0
    for text in ["1.5", "none", "2"]:
        try:
            total += float(text) * x**2
        except ValueError as error:
            total += y * len(str(error))
    return total


@program((0.73, 1.3), (1.73, 1.3), wrt=(0, 1))
def a_date_that_there_may_not_be(x, y):
    try:
        day = date(2024, 1, int(x * 10) - 10)
    except ValueError:
        day = date(2024, 1, 9)
    return x * y**2 * day.day


@program((0.7, 1.3), wrt=(0, 1))
def an_object_with_any_attributes(x, y):
    def stepped(state, dt):
        return types.SimpleNamespace(x=state.x + dt * state.v, v=state.v - dt * state.x, path=[*state.path, state.x])

    state = types.SimpleNamespace(x=x, v=y, path=[])
    for _ in range(3):
        state = stepped(state, 0.1)
    return state.x * state.v + sum(state.path)


@program(([0.7, 1.3, 0.4, 0.2],))
def groups_in_a_row(xs):
    total = 1.0
    for large, group in itertools.groupby(xs, key=lambda x: x > 0.5):
        members = list(group)
        total = total * sum(members) + len(members) * large
    return total


@program((np.array([0.7, 1.3, 0.4]), 7))
def letters_by_index(x, n):
    word, code = "AATTGCAA", {"A": 0, "T": 1, "G": 2, "C": 0}
    total = 1.0
    for i in range(n):
        total += x[code[word[i]]] * x[code[word[i + 1]]]
        if word[i : i + 2] == "AA":
            total *= x[0]
    return total


@program((np.array([0.7, 0.3, 0.4]), 3), (np.array([0.7, 0.3, 0.4]), 0))
def bits_of_numbers(x, n):
    total = 0.0
    for i in range(2**n):
        bits = [int(bit) for bit in format(i, "03b")]
        total += i * np.prod(np.where(np.array(bits) == 1, x, 1 - x))
        for k, digit in enumerate(str(i)):
            total += int(digit) * x[k % 3]
    return total


@program((0.7, 1.3), wrt=(0, 1))
def settings_that_may_be_missing(x, y):
    mode, limit = os.environ.get("A_SETTING_THAT_IS_MISSING"), os.environ.get("ANOTHER_ONE", "3")
    total = x if mode is None else y
    if mode == None or "4" in limit:  # noqa: E711
        total *= x * y
    power = int(limit) if limit else 2
    return total**power if mode in (None, "fast") else y


@program((0.7, 1.3), wrt=(0, 1))
def namespaces_and_objects_are_equal_by_value(x, y):
    first, second = types.SimpleNamespace(kind="a", size=2), types.SimpleNamespace(kind="a", size=2)
    setting = os.environ.get("A_SETTING_THAT_IS_MISSING")
    total = x * x if first == second else y
    second.size = 3
    if first != second and setting != 1.5:
        total *= y
    return total


@program((0.7, 1.3), wrt=(0, 1))
def truth_sums_and_extremes_of_dates(x, y):
    waits = [date(2024, 1, 5) - date(2024, 1, 5), date(2024, 3, 1) - date(2024, 1, 1)]
    total = x * sum(waits, timedelta(0)).days + y * max(*waits).days
    longest = waits[0] or None
    if longest is None and not waits[0] and any(waits):
        total += x * y * float(sum([Fraction(1, k) for k in range(1, 4)]))
    return total * max(DUE, key=lambda day: day.month).month
