"""What can be counted in the text of a derivative: its lines, its expensive calls, what it saves."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

_TRIGONOMETRIC = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_OTHERS = ("arctan2", "atan2", "sqrt", "cbrt", "hypot", "pow", "power", "erf", "erfc", "gamma", "lgamma")
TRANSCENDENTAL = frozenset(
    {
        *_TRIGONOMETRIC,
        *(f"arc{name}" for name in _TRIGONOMETRIC),
        *(f"a{name}" for name in _TRIGONOMETRIC),
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
        *_OTHERS,
    }
)
_LAYOUT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


def code_lines(text: str) -> int:
    """Count the lines of a function's text that hold code: no blank lines, comments, docstrings, imports or `del`.

    Examples
    --------
    >>> code_lines('import math\\n\\ndef f(x):\\n    "Docs."\\n    # a comment\\n    return (x +\\n        1)\\n')
    3
    """
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {line for token in tokens if token.type not in _LAYOUT for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        documented = isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node) is not None
        for skipped in [node.body[0]] if documented else [node] if isinstance(node, _NO_CODE) else []:
            lines -= set(range(skipped.lineno, (skipped.end_lineno or skipped.lineno) + 1))
    return len(lines)


def transcendental_calls(text: str) -> Counter[str]:
    """Count the places where a transcendental function is called, by its name as it is written.

    Examples
    --------
    >>> transcendental_calls("y = np.sin(x) + abs(np.sin(2 * x))")
    Counter({'np.sin': 2})
    """
    called = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    names = [ast.unparse(function) for function in called]
    return Counter(name for name in names if name.rpartition(".")[2] in TRANSCENDENTAL)


def pushes(text: str) -> list[tuple[str, ...]]:
    """Return what is pushed on stacks: the components of each push, in the order in which they are written.

    Examples
    --------
    >>> pushes("stack.append(x)\\nstack.append((s, x))")
    [('x',), ('s', 'x')]
    """
    appends = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"
    ]
    appends.sort(key=lambda node: node.lineno)
    values = [node.args[0] for node in appends]
    components = [value.elts if isinstance(value, ast.Tuple) else [value] for value in values]
    return [tuple(map(ast.unparse, each)) for each in components]


_NO_CODE = (ast.Import, ast.ImportFrom, ast.Delete)
