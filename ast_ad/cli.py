"""The command line: `python -m ast_ad show TARGET` prints the derivative of a function as source.

Exit codes: 0 for success, 1 for a derivative that cannot be made, 2 for a command that makes no sense (a file, name or
option that is wrong).  Everything but the text that was asked for goes to standard error.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from ast_ad import __version__, api, stages
from ast_ad.derivative import Derivative
from ast_ad.errors import ArgumentError, AutodiffError
from ast_ad.storage import storage
from ast_ad.target import UsageError, evaluate_arguments, find_function, one_line, suggestion

_EXAMPLES = """\
examples:
  python -m ast_ad show model.py:loss
  python -m ast_ad show model.py:Layer.forward --wrt x --mode forward
  python -m ast_ad show mypackage.physics:energy --wrt q,p --at "q=1.0, p=np.sqrt(2.0)"
  python -m ast_ad show model.py:loss --checkpoint sqrt
  python -m ast_ad show model.py:simulate --storage --at "x=np.ones(1000), steps=100"
  python -m ast_ad show model.py:loss --stage ir

exit codes:
  0  the source was printed
  1  there is no derivative: the message says where, why, and what to do
  2  the command makes no sense, such as a file or name that is not there
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (`{self.prog} -h` shows how)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    try:
        options = _parser().parse_args(argv)
        text = _show(options)
    except SystemExit as stop:
        # How argparse ends after --help and --version.
        return stop.code if isinstance(stop.code, int) else 0
    except UsageError as error:
        print(f"ast_ad: error: {error}", file=sys.stderr)
        return 2
    except ArgumentError as error:
        print(f"ast_ad: error: {error.message}{f' ({error.help})' if error.help else ''}", file=sys.stderr)
        return 2
    except AutodiffError as error:
        print(f"ast_ad: error: {error}", file=sys.stderr)
        return 1
    _write(text, color=not options.no_color)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m ast_ad", description="Derivatives of Python functions, as readable Python.")
    parser.add_argument("--version", action="version", version=f"ast_ad {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    show = commands.add_parser(
        "show",
        help="print the derivative of a function",
        description="Print the source of the derivative of a function. The file or module is imported for that.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("target", metavar="TARGET", help="FILE.py:FUNCTION or package.module:FUNCTION (or Class.method)")
    show.add_argument("--wrt", metavar="NAMES", type=_names, help="parameters to differentiate by: names or positions")
    show.add_argument(
        "--at",
        metavar="VALUES",
        action="append",
        help='arguments to specialise for, such as "x=1.0, y=np.ones(3)": literals, arithmetic, '
        "what np and math have, and names of the function's module",
    )
    show.add_argument("--mode", choices=("reverse", "forward"), default="reverse", help="(default: %(default)s)")
    show.add_argument("--order", metavar="N", type=_order, default=1, help="differentiate N times (default: 1)")
    show.add_argument(
        "--checkpoint",
        metavar="SCHEDULE",
        type=_schedule,
        help="what the reverse sweep computes again: every_other, sqrt, or a number of iterations",
    )
    show.add_argument("--stage", choices=stages.STAGES, help="print what this stage of the pipeline makes")
    show.add_argument(
        "--storage", action="store_true", help="print what is kept between the sweeps at the arguments of --at"
    )
    show.add_argument("--value", action="store_true", help="print value and gradient at the arguments of --at as well")
    show.add_argument("--no-color", action="store_true", help="no colours, even on a terminal")
    return parser


def _names(text: str) -> tuple[str | int, ...]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if not name.isidentifier() and not name.removeprefix("-").isdecimal():
            raise argparse.ArgumentTypeError(f"{name!r} is neither a name nor a position")
    return tuple(name if name.isidentifier() else int(name) for name in names)


def _schedule(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _order(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def _show(options: argparse.Namespace) -> str:
    module, found = find_function(options.target)
    fun, wrt = _undecorated(found, options.wrt)
    at = None if options.at is None else evaluate_arguments(", ".join(options.at), vars(module))
    for option in ("value", "storage"):
        if at is None and getattr(options, option):
            raise UsageError(f"--{option} needs the arguments: give them with --at")
    try:
        parameters = inspect.signature(fun).parameters
    except ValueError:
        # Some functions that are not written in Python; the pipeline refuses them, and says why.
        parameters = None
    if parameters is not None:
        _check_names("--wrt", [name for name in wrt or () if isinstance(name, str)], parameters)
        _check_names("--at", at or (), parameters)
        if options.value or options.storage:
            _check_complete(at or {}, parameters)
    if options.storage and at is not None:
        return _storage(fun, wrt, at, options.checkpoint)
    made: dict[str, Any] = {"wrt": wrt, "mode": options.mode, "order": options.order, "at": at}
    made["checkpoint"] = options.checkpoint
    if options.stage is None:
        text = stages.derivative_text(fun, **made)
    else:
        text = stages.stage_text(fun, options.stage, **made)
    text = text.rstrip("\n") + "\n"
    return f"{text}\n{_value(fun, wrt, at, options.checkpoint)}" if options.value and at is not None else text


def _undecorated(fun: Any, wrt: tuple[str | int, ...] | None) -> tuple[Any, tuple[str | int, ...] | None]:
    """Return what a derivative differentiates, and by which arguments: under ``@grad``, that is what the file shows."""
    if not isinstance(fun, Derivative):
        return fun, wrt
    argnums = (fun.argnums,) if isinstance(fun.argnums, (int, str)) else tuple(fun.argnums)
    return fun.primal, argnums if wrt is None else wrt


def _value(
    fun: Callable[..., Any], wrt: tuple[str | int, ...] | None, at: Mapping[str, Any], checkpoint: int | str | None
) -> str:
    """Value and gradient as comments, so that all that is printed is Python."""
    derivative = api.value_and_grad(fun, argnums=_argnums(wrt), checkpoint=checkpoint)
    value, gradient = _called(derivative, fun, at)
    return f"# value: {value!r}\n# gradient: {gradient!r}\n"


def _storage(
    fun: Callable[..., Any], wrt: tuple[str | int, ...] | None, at: Mapping[str, Any], checkpoint: int | str | None
) -> str:
    """Return what the gradient keeps, as text."""
    measure = functools.partial(storage, fun, argnums=_argnums(wrt), checkpoint=checkpoint)
    return f"{_called(measure, fun, at)}\n"


def _argnums(wrt: tuple[str | int, ...] | None) -> int | str | tuple[str | int, ...]:
    return 0 if wrt is None else wrt[0] if len(wrt) == 1 else wrt


def _called(run: Callable[..., Any], fun: Callable[..., Any], at: Mapping[str, Any]) -> Any:
    """Call something with the arguments for a function."""
    call = inspect.signature(fun).bind_partial()
    call.arguments.update({name: at[name] for name in call.signature.parameters if name in at})
    try:
        return run(*call.args, **call.kwargs)
    except AutodiffError:
        raise
    except Exception as error:
        raise AutodiffError(f"the function fails at these arguments: {one_line(error)}") from error


def _check_complete(at: Mapping[str, Any], parameters: Mapping[str, inspect.Parameter]) -> None:
    for name, parameter in parameters.items():
        optional = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if not optional and parameter.default is parameter.empty and name not in at:
            raise UsageError(f"--at: there is no value for the parameter {name!r}")


def _check_names(option: str, names: Iterable[str], parameters: Mapping[str, inspect.Parameter]) -> None:
    for name in names:
        if name not in parameters:
            raise UsageError(f"{option}: the function has no parameter {name!r}{suggestion(name, parameters)}")


def _write(text: str, color: bool) -> None:
    try:
        sys.stdout.write(_highlighted(text) if color and _is_color_terminal() else text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough.  Python flushes once more when it ends, and must find a file that takes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_color_terminal() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _highlighted(text: str) -> str:
    try:
        from pygments import highlight
        from pygments.formatters import TerminalFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return text
    return str(highlight(text, PythonLexer(stripnl=False), TerminalFormatter()))
