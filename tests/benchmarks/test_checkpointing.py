"""The benchmark of checkpoints runs, and what it counts is what theory says."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import ast_ad
from ast_ad.analysis.schedule import Setting
from benchmarks.checkpointing import PAGE, PLOT, SETTINGS, START, measured, simulate, steps_run, theory
from benchmarks.in_place import peak
from benchmarks.plot import Curve, plot


@pytest.mark.deep
def test_tables_and_plot():
    text, picture = measured((10, 20), (8,), 1)
    for start in ("| `None` | 10 |", '| `"sqrt"` | 20 |', "| 8 |"):
        assert sum(line.startswith(start) for line in text.splitlines()) == 1
    root = ElementTree.fromstring(picture)
    assert len(root.findall("{*}polyline")) == 2 * len(SETTINGS)


def test_the_page_is_there():
    assert PAGE.read_text(encoding="utf-8").count(START) == 1
    ElementTree.parse(PLOT)


@pytest.mark.parametrize("steps", [1, 10, 37])
def test_each_step_runs_twice(steps: int):
    for setting in SETTINGS:
        assert steps_run(setting, (np.ones(2), steps)) == (steps if setting is None else 2 * steps)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_peak_is_what_theory_says(setting: Setting):
    x = np.linspace(0.0, 1.0, 2000)
    states = peak(ast_ad.grad(simulate, checkpoint=setting), (x, 100)) / x.nbytes
    assert theory(setting, 100) <= states <= theory(setting, 100) + 6


def test_a_curve_is_inside_of_its_axes():
    picture = ElementTree.fromstring(plot([Curve("a", [(1.0, 5.0), (1000.0, 0.2)])], "x", "y", "<title>"))
    circles = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in picture.findall("{*}circle")]
    assert all(0 < x < 640 and 0 < y < 420 for x, y in circles)
    assert circles[0][0] < circles[1][0]
    assert circles[0][1] < circles[1][1]
