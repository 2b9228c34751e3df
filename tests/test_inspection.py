"""Looking at derivatives: source, IR, signatures, notebooks, `show` and `explain`."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import ast_ad
from ast_ad import explain, grad, jacobian, show, value_and_grad
from ast_ad.highlight import highlighted


def layers(x, w):
    h = np.tanh(x @ w)
    total = 0.0
    for _ in range(3):
        h = h * np.sin(h)
        total = total + np.sum(h)
    scale = np.shape(x)[0]
    return total * scale


X, W = np.ones((2, 3)), np.ones((3, 2))


def test_ir_and_signatures() -> None:
    derivative = grad(layers)
    assert "def layers_grad" in derivative.ir
    derivative(X, W)
    assert "push stack" in derivative.ir
    assert derivative.signatures == ["x: array[float64, (*, *)], w: array[float64, (*, *)]"]
    derivative.cache_clear()
    assert derivative.signatures == []
    derivative(X, W)
    assert len(derivative.signatures) == 1
    assert "def square" in jacobian(square).ir


def square(x):
    return x * x


def test_repr_tells_what_it_is() -> None:
    assert repr(value_and_grad(layers, (0, 1))) == "<value_and_grad of layers by x, w>"


def test_notebooks_show_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = grad(square)._repr_html_()
    assert "square_grad" in shown
    assert "&lt;grad of square by x&gt;" in shown
    monkeypatch.setitem(sys.modules, "pygments", None)
    assert highlighted("t", "a < b").endswith("<pre>a &lt; b</pre>")


def test_show_prints_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(square, 1.0)
    assert capsys.readouterr().out.startswith("def square_grad(x, out_bar=1.0):")
    show(value_and_grad(square), 1.0)
    assert "square_value_and_grad" in capsys.readouterr().out


def test_explain_says_what_is_active_and_saved(capsys: pytest.CaptureFixture[str]) -> None:
    explain(layers, X, W)
    rows = capsys.readouterr().out.partition("\n\n")[0].splitlines()
    assert rows[0].split() == ["line", "active", "saved", "text"]
    by_text = {row.split("    ")[-1].strip(): row for row in rows[1:]}
    first = layers.__code__.co_firstlineno
    assert by_text["h = h * np.sin(h)"].split()[0] == str(first + 4)
    assert "h" in by_text["h = np.tanh(x @ w)"]
    assert any("reads it" in row for row in rows)
    assert not any("scale = " in row and "active" in row for row in rows)


def march(x, steps):
    for _ in range(steps):
        x = x + 0.1 * np.sin(x)
    return np.sum(x)


def test_explain_says_what_is_kept_and_what_checkpoints_would_save(capsys: pytest.CaptureFixture[str]) -> None:
    explain(march, np.ones(1000), 100)
    kept = capsys.readouterr().out.partition("\n\n")[2].splitlines()
    assert kept[0] == "kept between the sweeps of the gradient of march: at most 792 kB at once"
    assert kept[1].endswith(f"line {march.__code__.co_firstlineno + 1}: for _ in range(steps):")
    assert kept[2].strip().startswith("x_2: 792 kB at most, 100 times")
    assert [row.split(":")[0].strip() for row in kept[3:]] == [
        "with checkpoint='every_other'",
        "with checkpoint='sqrt'",
    ]

    explain(value_and_grad(march, checkpoint="sqrt"), np.ones(1000), steps=100)
    kept = capsys.readouterr().out.partition("\n\n")[2].splitlines()
    assert kept[0].endswith("at most 144 kB at once")
    assert any(row.startswith("  with checkpoint=None: 792 kB") for row in kept)


def test_explain_of_a_jacobian_has_the_table_alone(capsys: pytest.CaptureFixture[str]) -> None:
    explain(jacobian(square), X)
    assert "kept" not in capsys.readouterr().out


def test_the_names_are_public() -> None:
    assert {"debug_nans", "explain", "register_container", "show"} <= set(ast_ad.__all__)
