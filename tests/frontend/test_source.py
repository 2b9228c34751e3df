"""Each function is found with its own text, wherever it was written; text that is not the function's is refused."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib.util
import inspect
import itertools
import linecache
import math
import operator
import os
import sys
import types
import warnings

import gast
import numpy as np
import pytest

from ast_ad.errors import SourceError, UnsupportedSyntaxError
from ast_ad.frontend.source import find_source

_numbers = itertools.count()


def text_of(fun) -> str:
    return gast.unparse(find_source(fun).tree).strip()


def bare(fun) -> str:
    """The text without parentheses: gast puts some around each lambda."""
    return text_of(fun).replace("(", "").replace(")", "")


def here(fun) -> tuple[str, int]:
    """The text of the line where the definition starts, and its column."""
    source = find_source(fun)
    where = source.where(source.tree)
    return where.text, where.column


def make_module(tmp_path, text: str) -> types.ModuleType:
    """Import a file of this text."""
    path = tmp_path / f"module_{next(_numbers)}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rewrite(module: types.ModuleType, text: str) -> None:
    """Change the file of a module that stays imported; the time stamp tells, whatever the clock's step is."""
    path = module.__file__
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    later = os.stat(path).st_mtime_ns + 10**10
    os.utime(path, ns=(later, later))


def run_cell(text: str, name: str) -> dict:
    """What a notebook does: the text goes to linecache under a name that is no file."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict = {}
    exec(compile(text, name, "exec"), scope)
    return scope


def decorate(fun):
    @functools.wraps(fun)
    def wrapper(*args):
        return fun(*args)

    return wrapper


def plain(x):
    return x + 1


@decorate
@decorate
def decorated(x):
    return x + 2


class Model:
    def method(self, x):
        return self.__secret(x)

    def __secret(self, x):
        return x * 2

    @staticmethod
    def static(x):
        return x * 3

    @property
    def half(self):
        return 0.5


def test_module_function():
    source = find_source(plain)
    assert source.name == "plain"
    assert source.file == __file__
    assert isinstance(source.tree, gast.FunctionDef)
    assert source.lines[source.tree.lineno - 1] == "def plain(x):"
    assert source.tree.lineno == plain.__code__.co_firstlineno


def test_decorators_stay_on_the_node():
    inner = inspect.unwrap(decorated)
    source = find_source(inner)
    assert source.where(source.tree).text == "def decorated(x):"
    assert len(source.tree.decorator_list) == 2
    assert find_source(decorated).name == "wrapper"


def test_methods():
    assert here(Model.method) == here(Model().method) == ("    def method(self, x):", 4)
    assert text_of(Model._Model__secret).startswith("def __secret")
    assert text_of(Model.static).endswith("return x * 3")
    assert text_of(Model.half.fget).endswith("return 0.5")


def test_nested_functions_and_closures():
    def outer(k):
        def inner(x):
            nonlocal k
            k += 1
            return k * x

        return inner

    assert text_of(outer(2)).startswith("def inner(x):")
    assert text_of(outer).startswith("def outer(k):")


def test_two_functions_of_one_name(tmp_path):
    module = make_module(tmp_path, "def f(x):\n    return x\ng = f\ndef f(x):\n    return 2 * x\n")
    assert text_of(module.g).endswith("return x")
    assert text_of(module.f).endswith("return 2 * x")


# fmt: off
several = [lambda x: x * 2, lambda x: x * 3, lambda x: lambda y: x * y, lambda x: x if x > 0 else -x, lambda _: None]
spread = (lambda x,
                 y=1:
          x *
          (2 + y))
in_call = functools.partial(functools.reduce, lambda a, b: a + b); other = lambda a, b: a - b
after_umlaut = ["äöü", lambda x: x * 7]
on_two_lines = [lambda x:
                x - 1, lambda x: x - 2]
# fmt: on


@pytest.mark.parametrize(
    ("number", "text"),
    list(enumerate(["x: x * 2", "x: x * 3", "x: lambda y: x * y", "x: x if x > 0 else -x", "_: None"])),
)
def test_several_lambdas_on_one_line(number, text):
    assert bare(several[number]) == f"lambda {text}"


def test_lambdas_of_constants(tmp_path):
    module = make_module(tmp_path, "fs = [lambda: 1, lambda: 2, lambda: 1]; gs = [lambda: 3]\n")
    assert [bare(f)[-1] for f in (*module.fs, *module.gs)] == ["1", "2", "1", "3"]


def test_lambda_inside_a_lambda():
    assert bare(several[2](1)) == "lambda y: x * y"


def test_lambda_over_several_lines():
    assert bare(spread) == "lambda x, y=1: x * 2 + y"
    assert [bare(each) for each in on_two_lines] == ["lambda x: x - 1", "lambda x: x - 2"]


def test_lambda_inside_a_call():
    assert bare(in_call.args[0]) == "lambda a, b: a + b"
    assert bare(other) == "lambda a, b: a - b"


def test_lambdas_that_differ_only_in_a_constant_of_equal_value(tmp_path):
    module = make_module(
        tmp_path,
        "fs = [lambda x: x * 1, lambda x: x * 1.0, lambda x: x * True, lambda x: x * 0.0, lambda x: x * -0.0]\n",
    )
    assert [bare(f).split("* ")[1] for f in module.fs] == ["1", "1.0", "True", "0.0", "-0.0"]


def test_columns_count_characters():
    text, column = here(after_umlaut[1])
    assert text[column:].startswith("lambda x: x * 7")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code has no columns")
def test_lambdas_that_do_the_same_are_told_apart_by_column(tmp_path):
    module = make_module(tmp_path, "fs = [lambda x: x + 1, lambda x: x + 1]\n")
    assert [here(f)[1] for f in module.fs] == [6, 23]


def test_without_columns_lambdas_are_told_apart_by_code(monkeypatch, tmp_path):
    monkeypatch.setattr("ast_ad.frontend.source._positions", lambda code: set())
    line = "fs = [lambda x: x + 1, lambda x: x + 2, lambda x: lambda y: x, lambda x: lambda y: y]\n"
    module = make_module(tmp_path, f"def f():\n    pass; {line}    return fs\n")
    texts = [bare(f) for f in module.f()]
    assert texts == ["lambda x: x + 1", "lambda x: x + 2", "lambda x: lambda y: x", "lambda x: lambda y: y"]


def test_notebook_cells():
    first = run_cell("k = 1\ndef f(x):\n    return k * x\n", "<ipython-input-1-aaaa>")
    second = run_cell("k = 2\ndef f(x):\n    return k * x * 1\n", "<ipython-input-2-bbbb>")
    assert find_source(first["f"]).file == "<ipython-input-1-aaaa>"
    assert text_of(first["f"]).endswith("k * x")
    assert text_of(second["f"]).endswith("k * x * 1")


CALLS_OF_IMPORTED = """\
import math
try:
    import json as codec
except ImportError:
    codec = None

def f(x):
    return math.sin(x) + codec.loads(x) + x.real()

fs = [lambda x: math.sin(x), lambda x: math.cos(x), lambda _: math]
"""


def test_calls_of_functions_of_imported_modules(tmp_path):
    module = make_module(tmp_path, CALLS_OF_IMPORTED)
    assert text_of(module.f).startswith("def f(x)")
    assert [bare(f) for f in module.fs] == ["lambda x: math.sinx", "lambda x: math.cosx", "lambda _: math"]


def test_cell_that_is_compiled_statement_by_statement():
    scope: dict = {}
    name = "<ipython-input-7-cccc>"
    linecache.cache[name] = (len(CALLS_OF_IMPORTED), None, CALLS_OF_IMPORTED.splitlines(keepends=True), name)
    for statement in ast.parse(CALLS_OF_IMPORTED, name).body:
        exec(compile(ast.Module([statement], []), name, "exec"), scope)
    assert text_of(scope["f"]).startswith("def f(x)")
    assert [bare(f) for f in scope["fs"]] == ["lambda x: math.sinx", "lambda x: math.cosx", "lambda _: math"]


def test_equal_functions_of_two_cells_keep_their_files():
    cells = [run_cell("def f(x):\n    return x\n", f"<cell {number}>") for number in range(2)]
    assert [find_source(cell["f"]).file for cell in cells] == ["<cell 0>", "<cell 1>"]


def test_cell_that_awaits_at_the_top_level():
    text = "async with other() as value:\n    f = lambda x: x + value\n"
    code = next(each for each in compile_with_await(text, "<cell await>").co_consts if isinstance(each, types.CodeType))
    assert bare(types.FunctionType(code, {})) == "lambda x: x + value"


def compile_with_await(text: str, name: str) -> types.CodeType:
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_doctest():
    """Functions in doctests are found while the doctest runs."""
    found = []
    example = ">>> def f(x):\n...     return x ** 5\n>>> keep(f)\n>>> keep(lambda x: x ** 6)\n"
    test = doctest.DocTestParser().get_doctest(example, {"keep": lambda f: found.append(text_of(f))}, "t", "t.py", 0)
    runner = doctest.DocTestRunner()
    assert runner.run(test).failed == 0
    assert found[0].endswith("return x ** 5")
    assert "lambda x: x ** 6" in found[1]


def test_function_under_pytest_assertions():
    def asserts(x):
        assert x > 0, "positive"
        return x

    assert text_of(asserts).startswith("def asserts(x):\n    assert x > 0")


def test_future_annotations_and_defaults(tmp_path):
    module = make_module(
        tmp_path,
        "from __future__ import annotations\n"
        "def outer():\n"
        "    def f(x: Unknown, *rest, y: int = 3, **more) -> Unknown:\n"
        "        z: Unknown = x\n"
        "        return z\n"
        "    return f\n",
    )
    tree = find_source(module.outer()).tree
    assert tree.args.args[0].annotation.id == tree.returns.id == "Unknown"
    # Whether annotations are evaluated is part of the code of the outer function.
    assert find_source(module.outer).name == "outer"
    assert text_of(module.outer()).endswith("z: Unknown = x\n    return z")


def test_warnings_of_the_users_file_are_not_shown_again(tmp_path):
    path = tmp_path / "warns.py"
    path.write_text("def f(x):\n    '\\d'\n    return x is 1\n")
    scope: dict = {}
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        exec(compile(path.read_text(), str(path), "exec"), scope)
    assert len(shown) == 2
    assert text_of(scope["f"]).endswith("x is 1")


def test_where_points_at_inner_nodes():
    source = find_source(plain)
    result = source.tree.body[0].value
    where = source.where(result)
    assert (where.file, where.text, where.function) == (__file__, "    return x + 1", "plain")
    assert where.text[where.column :] == "x + 1"
    assert source.where(source.tree.args).line == source.tree.lineno


def test_same_function_is_found_once():
    assert find_source(plain) is find_source(plain)


def test_async_function_is_refused_where_it_stands():
    async def later(x):
        return x

    with pytest.raises(UnsupportedSyntaxError, match="async def later") as caught:
        find_source(later)
    assert caught.value.text.strip() == "async def later(x):"


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (math.sin, "`sin`: it is not written in Python"),
        (np.sin, "`sin`: it is not written in Python"),
        (str.join, "not written in Python"),
        (Model, "`Model` is a class"),
        (operator.itemgetter(1), "`itemgetter` has no source of its own"),
        (functools.partial(plain, 1), "`partial` has no source of its own"),
        (3.0, "`float` is not a function"),
        (eval("lambda x: x"), "made by `exec` or `eval`"),
        (eval(compile("lambda x: x", "<stdin>", "eval")), "typed at the prompt"),
        (eval(compile("lambda x: x", "/no/such/file.py", "eval")), "no text of /no/such/file.py"),
    ],
)
def test_no_source(thing, says):
    with pytest.raises(SourceError) as caught:
        find_source(thing)
    assert says in str(caught.value)
    assert caught.value.help


@pytest.mark.parametrize(
    "edited",
    [
        "def f(x, k=3):\n    return x * 3\n",
        "def f(x, y):\n    return x * 2\n",
        "def f(x):\n    return x * 2.0\n",
        "def f(x):\n    return x - 2\n",
        "\ndef f(x):\n    return x * 2\n",
        "def g(x):\n    return x * 2\n",
        "",
        "def f(x:\n",
    ],
)
def test_file_that_has_changed_is_refused(tmp_path, edited):
    module = make_module(tmp_path, "def f(x):\n    return x * 2\n")
    linecache.getlines(module.__file__)
    rewrite(module, edited)
    with pytest.raises(SourceError):
        find_source(module.f)


def test_lambdas_that_have_changed_places_are_found_by_what_they_do(tmp_path):
    module = make_module(tmp_path, "fs = [lambda x: x * 2, lambda x: x * 3]\n")
    rewrite(module, "fs = [lambda x: x * 3, lambda x: x * 2]\n")
    assert [bare(f)[-1] for f in module.fs] == ["2", "3"]


def test_change_elsewhere_in_the_file_is_no_change(tmp_path):
    module = make_module(tmp_path, "def f(x):\n    return x * 2\n")
    rewrite(module, "def f(x):\n    # Twice.\n    return x * 2\n\ndef g(x):\n    return f(x)\n")
    assert "# Twice." in find_source(module.f).lines[1]


def test_deleted_file_is_refused(tmp_path):
    module = make_module(tmp_path, "def f(x):\n    return x * 2\n")
    os.remove(module.__file__)
    with pytest.raises(SourceError, match="no text of"):
        find_source(module.f)
