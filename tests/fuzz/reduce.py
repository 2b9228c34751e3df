"""Makes a failing program small: statements are left out, compound ones opened, expressions replaced by their parts."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator


def reduce(text: str, fails: Callable[[str], bool], most: int = 1500) -> str:
    """Return a smaller program that still fails; no single edit makes it smaller, unless `most` edits were tried.

    Parameters
    ----------
    fails
        Tells of a program's text whether it shows the failure that is being looked for.

    Examples
    --------
    >>> reduce("def f(x): return (x + 1 / x) * x", lambda text: "/" in text)
    'def f(x):\\n    return 1 / x'
    """
    text = ast.unparse(ast.parse(text))
    tried = 0
    smaller = True
    while smaller:
        smaller = False
        at = 0
        while tried < most and (edited := _edited(text, at)) is not None:
            if len(edited) < len(text) and _compiles(edited):
                tried += 1
                if fails(edited):
                    text, smaller = edited, True
                    continue
            at += 1
    return text


def _edited(text: str, at: int) -> str | None:
    """Return the text after one edit, by number; None if there are not so many."""
    tree = ast.parse(text)
    for number, edit in enumerate(_edits(tree)):
        if number == at:
            edit()
            return ast.unparse(tree)
    return None


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<reduced>", "exec")
        except SyntaxError:
            return False
    return True


def _edits(tree: ast.AST) -> Iterator[Callable[[], None]]:
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield from _statement_edits(value, required=field == "body" and not isinstance(node, ast.Module))
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    for new in _replacements(item):
                        yield lambda value=value, i=i, new=new: value.__setitem__(i, new)
            elif field != "func":
                for new in _replacements(value):
                    yield lambda node=node, field=field, new=new: setattr(node, field, new)


def _statement_edits(block: list[ast.stmt], *, required: bool) -> Iterator[Callable[[], None]]:
    for i in range(len(block) - 1, -1, -1):
        left_out = [ast.Pass()] if required and len(block) == 1 else []
        insides = [getattr(block[i], field, []) for field in ("body", "orelse")]
        if isinstance(block[i], ast.FunctionDef):
            insides = insides[:1] if not required else []
        for new in (left_out, *filter(None, insides)):
            yield lambda i=i, new=new: block.__setitem__(slice(i, i + 1), new)


def _replacements(node: object) -> Iterator[ast.expr]:
    """Yield what can stand for an expression: its parts, and a number."""
    if not isinstance(node, ast.expr) or isinstance(node, ast.Name | ast.Constant | ast.Attribute | ast.Starred):
        return
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    for field, value in ast.iter_fields(node):
        if field != "func":
            yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.expr))
    yield ast.Constant(1.0)
