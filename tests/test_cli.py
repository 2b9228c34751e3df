"""The command line: what it prints, where, and the code that it ends with."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import ast_ad
from ast_ad import cli
from ast_ad.errors import ArgumentError, UnsupportedSyntaxError
from ast_ad.ir.nodes import Where

pytestmark = pytest.mark.usefixtures("clean_imports")

MODEL = """
import math

scale = 3.0

def loss(x, y=2.0):
    return x * x * y

def pair(x, y):
    return x * y

def undefined(x):
    return math.log(x)

def later(x):
    with open(x) as file:
        return x

hidden = eval("lambda x: x")

class Layer:
    def forward(self, x):
        return x * x
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "model_file.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """What reaches the pipeline, which is replaced by one that only says so."""
    calls = []

    def derivative_text(fun, **options):
        calls.append((fun.__qualname__, None, options))
        return "def derivative():\n    return 1\n"

    def stage_text(fun, stage, **options):
        calls.append((fun.__qualname__, stage, options))
        return f"the stage {stage}"

    monkeypatch.setattr(cli.stages, "derivative_text", derivative_text)
    monkeypatch.setattr(cli.stages, "stage_text", stage_text)
    return calls


def fails(capsys, argv: list[str], code: int) -> str:
    assert cli.main(argv) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("ast_ad: error: ")
    assert "Traceback" not in captured.err
    return captured.err


def test_defaults(asked, capsys):
    assert cli.main(["show", "model_file.py:loss"]) == 0
    assert capsys.readouterr() == ("def derivative():\n    return 1\n", "")
    assert asked == [("loss", None, {"wrt": None, "mode": "reverse", "order": 1, "at": None, "checkpoint": None})]


def test_all_options(asked, capsys):
    argv = "show model_file.py:loss --wrt y,0 --mode forward --order 2 --at x=scale,y=np.float64(1.5) --no-color"
    argv += " --checkpoint 10"
    assert cli.main(argv.split()) == 0
    options = {"wrt": ("y", 0), "mode": "forward", "order": 2, "at": {"x": 3.0, "y": 1.5}, "checkpoint": 10}
    assert asked == [("loss", None, options)]


def test_stages(asked, capsys):
    for stage in cli.stages.STAGES:
        assert cli.main(["show", "model_file.py:loss", "--stage", stage]) == 0
        assert capsys.readouterr().out == f"the stage {stage}\n"
    assert [stage for _, stage, _ in asked] == list(cli.stages.STAGES)


def test_arguments_may_be_left_to_their_defaults(asked):
    assert cli.main(["show", "model_file.py:loss", "--at", "x=1.0"]) == 0
    assert asked[0][2]["at"] == {"x": 1.0}


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "required: COMMAND"),
        (["shwo"], "'shwo'"),
        (["show"], "required: TARGET"),
        (["show", "model_file.py"], "write FILE.py:FUNCTION"),
        (["show", "none.py:f"], "there is no file none.py"),
        (["show", "model_file.py:los"], "did you mean 'loss'?"),
        (["show", "model_file.py:loss", "--wrt", "z"], "--wrt: the function has no parameter 'z'"),
        (["show", "model_file.py:loss", "--wrt", "x,"], "'' is neither a name nor a position"),
        (["show", "model_file.py:loss", "--at", "x"], "cannot read 'x'"),
        (["show", "model_file.py:loss", "--at", "x=1, z=2"], "--at: the function has no parameter 'z'"),
        (["show", "model_file.py:pair", "--at", "x=1", "--value"], "--at: there is no value for the parameter 'y'"),
        (["show", "model_file.py:loss", "--at", "x=scle"], "there is no 'scle' here; did you mean 'scale'?"),
        (["show", "model_file.py:loss", "--order", "0"], "'0' is not a positive integer"),
        (["show", "model_file.py:loss", "--mode", "sideways"], "invalid choice: 'sideways'"),
        (["show", "model_file.py:loss", "--stage", "nothing"], "invalid choice: 'nothing'"),
        (["show", "model_file.py:loss", "--value"], "give them with --at"),
        (["show", "model_file.py:loss", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_usage_errors_are_one_line(asked, capsys, argv, says):
    message = fails(capsys, argv, 2)
    assert says in message
    assert message.count("\n") == 1
    assert asked == []


def test_what_the_pipeline_does_not_accept_is_a_usage_error(capsys, monkeypatch):
    def refuse(fun, **options):
        raise ArgumentError("`loss` has 2 parameters, and none at position 7", help="count from 0")

    monkeypatch.setattr(cli.stages, "derivative_text", refuse)
    message = fails(capsys, ["show", "model_file.py:loss", "--wrt", "7"], 2)
    assert message.endswith("none at position 7 (count from 0)\n")
    assert message.count("\n") == 1


def test_derivative_that_cannot_be_made(capsys, monkeypatch):
    def refuse(fun, **options):
        where = Where("model.py", 14, 4, "    async for row in rows:", "f")
        raise UnsupportedSyntaxError("cannot differentiate `async for`", help="collect the rows first", where=where)

    monkeypatch.setattr(cli.stages, "derivative_text", refuse)
    message = fails(capsys, ["show", "model_file.py:loss"], 1)
    assert 'File "model.py", line 14\n    async for row in rows:\n    ^\nhelp: collect the rows first' in message


def test_function_without_source(capsys):
    assert "made by `exec` or `eval`" in fails(capsys, ["show", "model_file.py:hidden"], 1)


def test_function_without_rule(capsys):
    assert "no derivative rule for `length_hint`" in fails(capsys, ["show", "operator:length_hint"], 1)


def test_value_and_gradient(asked, capsys):
    assert cli.main(["show", "model_file.py:loss", "--wrt", "x,y", "--at", "y=4.0, x=3.0", "--value"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("def derivative():\n    return 1\n\n")
    assert out.endswith("# value: 36.0\n# gradient: (24.0, 9.0)\n")
    compile(out, "out", "exec")


def test_function_that_fails_at_the_arguments(asked, capsys):
    argv = ["show", "model_file.py:undefined", "--at", "x=-1.0", "--value"]
    assert "the function fails at these arguments: ValueError" in fails(capsys, argv, 1)


def test_help_has_examples_and_exit_codes(capsys):
    assert cli.main(["show", "-h"]) == 0
    out = capsys.readouterr().out
    assert "python -m ast_ad show model.py:loss" in out
    assert "exit codes:" in out
    for stage in cli.stages.STAGES:
        assert stage in out


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"ast_ad {ast_ad.__version__}\n"


@pytest.mark.parametrize(
    ("terminal", "environment", "argv", "colored"),
    [
        (True, {}, [], True),
        (False, {}, [], False),
        (True, {"NO_COLOR": "1"}, [], False),
        (True, {"NO_COLOR": ""}, [], True),
        (True, {"TERM": "dumb"}, [], False),
        (True, {}, ["--no-color"], False),
    ],
)
def test_color(asked, capsys, monkeypatch, terminal, environment, argv, colored):
    pytest.importorskip("pygments")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert cli.main(["show", "model_file.py:loss", *argv]) == 0
    assert ("\x1b[" in capsys.readouterr().out) == colored


def test_without_pygments_it_prints_plainly(asked, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygments", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["show", "model_file.py:loss"]) == 0
    assert capsys.readouterr().out == "def derivative():\n    return 1\n"


def run(*argv: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ast_ad", *argv]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)


def test_process_prints_a_derivative_that_runs(child_environment):
    done = run("show", "model_file.py:loss", "--at", "x=3.0, y=4.0", environment=child_environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b[" not in done.stdout
    assert "x_bar" in done.stdout
    compile(done.stdout, "derivative", "exec")


def test_process_fails_in_one_line(child_environment):
    done = run("show", "model_file.py:los", environment=child_environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ast_ad: error: model_file.py has no function 'los'; did you mean 'loss'?\n"


def test_closed_pipe_is_quiet(child_environment):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "ast_ad", "show", "model_file.py:loss"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=child_environment, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_colors_on_a_terminal(child_environment):
    pytest.importorskip("pygments")
    pty = pytest.importorskip("pty")
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "ast_ad", "show", "model_file.py:loss"]
    done = subprocess.run(command, stdout=end, stderr=subprocess.PIPE, env=child_environment, timeout=60)
    os.close(end)
    printed = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b[" in printed


def test_a_decorated_function_shows_its_own_derivative(tmp_path, capsys):
    file = tmp_path / "decorated.py"
    file.write_text('from ast_ad import grad\n\n\n@grad(argnums="y")\ndef f(x, y):\n    return x * y * y\n')
    assert cli.main(["show", f"{file}:f"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("def f_grad(x, y, out_bar=1.0):\n")
    assert "return y_bar" in text


def test_checkpoints(capsys):
    assert cli.main(["show", "model_file.py:loss", "--checkpoint", "sqrt", "--value", "--at", "x=1.0, y=2.0"]) == 0
    assert "gradient" in capsys.readouterr().out
    message = fails(capsys, ["show", "model_file.py:loss", "--checkpoint", "cube"], 2)
    assert "no schedule" in message


def test_storage(capsys):
    assert cli.main(["show", "model_file.py:loss", "--storage", "--at", "x=1.0, y=2.0"]) == 0
    assert "kept between the sweeps of the gradient of loss" in capsys.readouterr().out
    assert "give them with --at" in fails(capsys, ["show", "model_file.py:loss", "--storage"], 2)
