"""From a function object to the part of its file that defines it.

A derivative is made from text, and text can be wrong about the function: several lambdas share a line, a file is
edited after it was imported, a notebook cell is run twice.  So what is found is checked: the statement around it is
compiled again, and the result must be the code that the function runs.  A derivative of other text than the
function's own is never made.
"""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import linecache
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gast

from ast_ad.errors import SourceError, UnsupportedSyntaxError
from ast_ad.frontend import nesting
from ast_ad.frontend.yields import separate
from ast_ad.ir.nodes import Where

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_FUTURE_FLAGS = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)
_CACHE_SIZE = 1024
_NO_TEXT_HELP = "write the function in a file or a notebook cell, so that its text can be read"
_CHANGED_HELP = "import the module again (or restart the session), so that the text and the running function agree"


@dataclass(frozen=True)
class Source:
    """The definition of one function, and the whole file around it.

    The tree is shared between all who ask for the same function: it is not to be changed.
    """

    file: str
    tree: gast.FunctionDef | gast.Lambda
    lines: tuple[str, ...]
    name: str

    def where(self, node: Any) -> Where:
        """The place of `node`; that of the function for nodes which the parser gives no place (`arguments`)."""
        if getattr(node, "lineno", None) is None:
            node = self.tree
        text = self.lines[node.lineno - 1]
        # The parser counts bytes of UTF-8; people and carets count characters.
        column = len(text.encode()[: node.col_offset].decode(errors="replace"))
        return Where(self.file, node.lineno, column, text, self.name)


def find_source(fun: Callable[..., Any]) -> Source:
    """Find the definition of a Python function: a `def` or a `lambda`, in a file, a notebook or a doctest.

    Parameters
    ----------
    fun
        A function that is written in Python, a bound method, or an `ast_ad.checkpoint` of a function.

    Raises
    ------
    SourceError
        If there is no such text, or if the text is no longer that of the function.
    UnsupportedSyntaxError
        If the function is `async`.

    Examples
    --------
    >>> import statistics
    >>> source = find_source(statistics.mean)
    >>> source.name, source.lines[source.tree.lineno - 1]
    ('mean', 'def mean(data):')
    """
    if isinstance(fun, types.MethodType):
        fun = fun.__func__
    fun = getattr(fun, "__wrapped__", fun) if hasattr(fun, "__ast_ad_rerun__") else fun
    if not isinstance(fun, types.FunctionType):
        raise _not_python(fun)
    # Code objects are equal when their instructions and lines are, whatever their file.
    key = fun.__code__.co_filename, fun.__code__
    found = _by_code.get(key)
    if found is None:
        found = _find(fun)
        while len(_by_code) >= _CACHE_SIZE:
            _by_code.pop(next(iter(_by_code)), None)
        _by_code[key] = found
    return found


_by_code: dict[tuple[str, types.CodeType], Source] = {}


def _find(fun: types.FunctionType) -> Source:
    code = fun.__code__
    file = _parse(code.co_filename, _read(fun))
    node = file.find(code)
    if node is None:
        raise _changed(code, file.lines)
    try:
        tree = nesting.nested(gast.ast_to_gast(node))
    except RecursionError:
        raise UnsupportedSyntaxError(
            f"`{code.co_name}` has an expression that is nested too deeply, such as a sum of hundreds of terms",
            help="split it into several assignments, or add the terms up in a loop",
            where=Where(code.co_filename, node.lineno, node.col_offset, file.lines[node.lineno - 1]),
        ) from None
    separate(tree)
    source = Source(code.co_filename, tree, file.lines, code.co_name)
    if isinstance(node, ast.AsyncFunctionDef):
        raise UnsupportedSyntaxError(
            f"cannot differentiate `async def {node.name}`: what it computes depends on who runs it, and when",
            help="move the computation into an ordinary function, and call that from the asynchronous one",
            where=source.where(source.tree),
        )
    return source


def _read(fun: types.FunctionType) -> str:
    """The text of the file of `fun`, as it is now."""
    try:
        lines, _ = inspect.findsource(fun)
    except OSError:
        frozen = re.fullmatch("<frozen (.*)>", fun.__code__.co_filename)
        path = getattr(sys.modules.get(frozen[1]), "__file__", None) if frozen else None
        if path is not None and linecache.getlines(path):
            return "".join(linecache.getlines(path))  # a part of the standard library
        name, file = fun.__code__.co_name, fun.__code__.co_filename
        if linecache.getlines(file):
            # There is a file, and it has become shorter.
            raise _changed(fun.__code__, ()) from None
        reason = {
            "<stdin>": "it was typed at the prompt, which keeps no text",
            "<string>": "it was made by `exec` or `eval` from a string, which keeps no text",
        }.get(file, f"there is no text of {file}")
        raise SourceError(f"cannot find the source of `{name}`: {reason}", help=_NO_TEXT_HELP) from None
    return "".join(lines)


def _not_python(fun: Any) -> SourceError:
    """Say what `fun` is, since it is no function that is written in Python."""
    name = getattr(fun, "__qualname__", None) or getattr(fun, "__name__", None) or type(fun).__name__
    if isinstance(fun, type):
        return SourceError(f"`{name}` is a class, not a function", help="pass a function or a method of it")
    if inspect.isbuiltin(fun) or inspect.ismethoddescriptor(fun) or type(fun).__name__ == "ufunc":
        return SourceError(
            f"cannot find the source of `{name}`: it is not written in Python",
            help=f"wrap it in a function of your own, such as `def f(x): return {name}(x)`",
        )
    if callable(fun):
        return SourceError(
            f"an object of type `{type(fun).__qualname__}` has no source of its own",
            help="pass the function that it calls, or wrap it: `lambda x: obj(x)`",
        )
    return SourceError(f"an object of type `{type(fun).__qualname__}` is not a function", help="pass a function")


def _changed(code: types.CodeType, lines: tuple[str, ...]) -> SourceError:
    line = code.co_firstlineno
    text = lines[line - 1] if line <= len(lines) else ""
    return SourceError(
        f"the source of `{code.co_name}` is not what the running function was made from: "
        "the file has changed since, or a tool has rewritten the code",
        help=_CHANGED_HELP,
        where=Where(code.co_filename, line, len(text) - len(text.lstrip()), text, code.co_name),
    )


@dataclass(frozen=True)
class _Definition:
    """A `def` or `lambda`, its number in the file, and the number of the top-level statement that holds it."""

    node: FunctionNode
    number: int
    statement: int


class _File:
    """The parsed text of one file, with its functions by name and first line."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.lines = tuple(text.removesuffix("\n").split("\n"))
        self.tree = _parse_quietly(text, name)
        self.imports = [each for each in self.tree.body if _imports(each)]
        self.functions: dict[tuple[str, int], list[_Definition]] = {}
        self._compiled: dict[tuple[int, bool, int], list[types.CodeType]] = {}
        for definition in _definitions(self.tree):
            key = _name(definition.node), _first_line(definition.node)
            self.functions.setdefault(key, []).append(definition)

    def find(self, code: types.CodeType) -> FunctionNode | None:
        """The function with the name, the first line and the instructions of `code`."""
        candidates = self.functions.get((code.co_name, code.co_firstlineno), [])
        if _is_rewritten(code):
            # Its instructions cannot be compared, but its arguments can.
            return next((each.node for each in candidates if _arguments(each.node) == _argument_names(code)), None)
        # A file is compiled as a whole, the cell of a notebook statement by statement.
        for alone in (False, True):
            twins = [
                (each, statement)
                for statement in dict.fromkeys(candidate.statement for candidate in candidates)
                for each in self._code_of(statement, alone, code.co_flags & _FUTURE_FLAGS)
                if each.co_firstlineno == code.co_firstlineno and _same_code(each, code)
            ]
            if twins:
                break
        else:
            return None
        # Of several that do the same, the one in the same columns: an error then points at the right one.
        positions = _positions(code)
        twin, statement = next((twin for twin in twins if _positions(twin[0]) == positions), twins[0])
        candidates = [each for each in candidates if each.statement == statement]
        return candidates[0].node if len(candidates) == 1 else self._choose(candidates, twin, alone)

    def _code_of(self, statement: int, alone: bool, flags: int) -> list[types.CodeType]:
        code = self._compiled.get((statement, alone, flags))
        if code is None:
            imports = [] if alone else self.imports
            code = _compile([*imports, self.tree.body[statement]], self.name, flags)
            self._compiled[statement, alone, flags] = code
        return code

    def _choose(self, candidates: list[_Definition], code: types.CodeType, alone: bool) -> FunctionNode:
        """The one of several lambdas that start on a line which `code`, a part of the same text, was compiled from."""
        positions = _positions(code)
        holding = [each.node for each in candidates if _holds(each.node, positions)] if positions else []
        if holding:
            # Of lambdas inside each other, only the innermost starts as late.
            return max(holding, key=lambda node: (node.lineno, node.col_offset))
        # Without positions: each candidate in turn is moved to lines where no other function is.
        tree = _parse_quietly(self.text, self.name)
        movable = [each.node for each in _definitions(tree)]
        distance = len(self.lines)
        for candidate in candidates:
            ast.increment_lineno(movable[candidate.number], distance)
            statements = [*([] if alone else self.imports), tree.body[candidate.statement]]
            codes = _compile(statements, self.name, code.co_flags & _FUTURE_FLAGS)
            ast.increment_lineno(movable[candidate.number], -distance)
            if _same_code(next(each for each in codes if each.co_firstlineno > distance), code):
                break
        return candidate.node


@functools.lru_cache(maxsize=64)
def _parse(name: str, text: str) -> _File:
    try:
        return _File(name, text)
    except SyntaxError as error:
        where = Where(name, error.lineno or 1, max((error.offset or 1) - 1, 0), (error.text or "").rstrip("\n"))
        raise SourceError(f"cannot parse {name}: {error.msg}", help=_CHANGED_HELP, where=where) from None


def _parse_quietly(text: str, name: str) -> ast.Module:
    with warnings.catch_warnings():
        # Python has shown them already, when it compiled the user's file.
        warnings.simplefilter("ignore")
        return ast.parse(text, name)


def _compile(statements: list[ast.stmt], file: str, flags: int) -> list[types.CodeType]:
    """The code of every function in some of a file's top-level statements, outer ones first.

    Of the statements around a function only imports have a part in its code: a call of a function of an imported module
    is compiled unlike that of a method.
    """
    # A notebook may await at the top level.
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [compile(ast.Module(statements, []), file, "exec", flags, dont_inherit=True)]
    for code in found:
        found += [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return found[1:]


def _definitions(tree: ast.Module) -> Iterator[_Definition]:
    nodes = ((node, number) for number, statement in enumerate(tree.body) for node in ast.walk(statement))
    functions = ((node, statement) for node, statement in nodes if isinstance(node, FunctionNode))
    for number, (node, statement) in enumerate(functions):
        yield _Definition(node, number, statement)


def _imports(statement: ast.stmt) -> bool:
    """Tell whether a top-level statement imports: itself, or in a block such as `try`."""
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return False
    future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    return not future and any(isinstance(each, ast.Import | ast.ImportFrom) for each in ast.walk(statement))


def _name(node: FunctionNode) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _first_line(node: FunctionNode) -> int:
    """The line where the code of the function begins: that of its first decorator, if it has one."""
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _arguments(node: FunctionNode) -> list[str]:
    return [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _argument_names(code: types.CodeType) -> list[str]:
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _positions(code: types.CodeType) -> set[tuple[int, int]]:
    """Where the instructions of `code` start in the text, as (line, column); empty where Python does not keep it."""
    if not hasattr(code, "co_positions"):
        return set()
    # The instructions that set up the frame stand at column 0 of the first line.
    return {
        (line, column)
        for line, end_line, column, end_column in code.co_positions()
        if line is not None and column is not None and (line, column) != (end_line, end_column)
    }


def _holds(node: FunctionNode, positions: set[tuple[int, int]]) -> bool:
    body = node.body if isinstance(node, ast.Lambda) else node
    end = body.end_lineno or body.lineno, body.end_col_offset or 0
    return all((body.lineno, body.col_offset) <= place < end for place in positions)


def _is_rewritten(code: types.CodeType) -> bool:
    """Whether a tool has added to the code: pytest does, where a test asserts, under names that no text can spell."""
    names = (*code.co_names, *code.co_varnames)
    return any(name.startswith("@") for name in names) or any(
        _is_rewritten(const) for const in code.co_consts if isinstance(const, types.CodeType)
    )


def _same_code(a: types.CodeType, b: types.CodeType) -> bool:
    """Whether two functions do the same, wherever their text stands."""
    return (
        a.co_code == b.co_code
        and a.co_name == b.co_name
        and a.co_argcount == b.co_argcount
        and a.co_posonlyargcount == b.co_posonlyargcount
        and a.co_kwonlyargcount == b.co_kwonlyargcount
        and a.co_names == b.co_names
        and a.co_varnames == b.co_varnames
        and a.co_freevars == b.co_freevars
        and a.co_cellvars == b.co_cellvars
        and _same_constant(a.co_consts, b.co_consts)
    )


def _same_constant(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, types.CodeType):
        return _same_code(a, b)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same_constant, a, b))
    if isinstance(a, frozenset):
        # Equality takes 1 for 1.0 and True.
        return sorted(map(repr, a)) == sorted(map(repr, b))
    # By their text, zeros of either sign differ and NaN agrees with itself.
    return a == b if isinstance(a, str | bytes) else repr(a) == repr(b)
