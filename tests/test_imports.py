"""The layers of the package: which module may import which, as the design says."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PASSES = ("analysis", "transform", "backend", "frontend", "ir", "rules")

# What a part of the package (a folder or a module) may import of the rest, where it is told what.
ONLY = {
    "": {"api", "errors", "explain", "familiar", "nans", "trees"},
    "errors": set(),
    "familiar": set(),
    "ir": {"errors", "trees"},
    "runtime": set(),
    "trees": set(),
}
# What a part may not import, where it is told that.
NEVER = {
    "cli": set(PASSES) | {"pipeline"},
    "target": set(PASSES) | {"api", "pipeline", "stages"},
    "testing": set(PASSES),
    "__main__": set(PASSES),
    "frontend": {"transform", "backend"},
    "analysis": {"transform", "backend"},
    "transform": {"frontend", "backend"},
    "backend": {"analysis", "transform"},
    "rules": {"frontend", "transform", "backend"},
}
# The only parts that may import a library.
LIBRARIES = {"gast": {"frontend", "backend", "stages"}, "astor": {"backend"}, "numba": {"runtime"}}
# Modules of the runtime that import more than NumPy: this one is imported by Numba only.
RUNTIME = {"ast_ad.runtime.compiled": {"numpy", "numba"}}


def imports(tree: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of each import, wherever it stands in the file."""
    package = module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{prefix}.{alias.name}"


def part(name: str) -> str:
    """The folder or module right under `ast_ad` that a dotted name is in, or "" for the package itself."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def parts() -> set[str]:
    """The folders and modules right under `ast_ad`."""
    package = ROOT / "ast_ad"
    return {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}


def violations(module: str, tree: ast.Module) -> list[str]:
    """What is wrong with the imports of a module, as lines to read."""
    own = part(module)
    found = []
    for line, name in imports(tree, module):
        top = name.split(".")[0]
        other = part(name)
        place = f"{module}, line {line}: {own or 'the package'} must not import {name}"
        if top == "ast_ad":
            if other == own or (other and other not in parts()):
                continue
            if (own in ONLY and other not in ONLY[own]) or other in NEVER.get(own, ()):
                found.append(place)
        elif own not in LIBRARIES.get(top, {own}):
            found.append(place)
        elif own == "runtime" and top not in RUNTIME.get(module, {"numpy"}) and top not in sys.stdlib_module_names:
            # A derivative that is shipped without ast_ad's other parts needs NumPy alone.
            found.append(place)
    return found


def names(node: ast.If) -> set[str]:
    """The names in the test of a branch."""
    return {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}


def cycles(graph: dict[str, set[str]]) -> set[str]:
    """The modules that are in cycles, or between two: those that are left when others are taken away one by one."""
    left = {module: set(found) for module, found in graph.items()}
    while ends := {
        module
        for module, found in left.items()
        if not found & left.keys() or not any(module in others for others in left.values())
    }:
        left = {module: found for module, found in left.items() if module not in ends}
    return set(left)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources() -> list[Path]:
    return sorted((ROOT / "ast_ad").rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_respect_the_layers(path):
    module = dotted(path)
    if path.parent == ROOT / "ast_ad" and path.name == "__init__.py":
        module = "ast_ad."
    assert violations(module, parsed(path)) == []


def test_no_module_imports_itself_by_way_of_others():
    modules = {dotted(path).removesuffix(".__init__"): path for path in sources()}
    graph = {}
    for module, path in modules.items():
        # What is imported for type checkers alone is no import.
        body = [node for node in parsed(path).body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in names(node))]
        found = [name for _, name in imports(ast.Module(body, []), module)]
        graph[module] = {name if name in modules else name.rpartition(".")[0] for name in found} - {module}
    assert cycles(graph) == set()


def test_a_cycle_is_seen():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c"}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ast_ad.", "from ast_ad.ir import nodes"),
        ("ast_ad.", "from ast_ad import pipeline"),
        ("ast_ad.api", "import gast"),
        ("ast_ad.cli", "from ast_ad.frontend.source import find_source"),
        ("ast_ad.cli", "def f():\n    import ast_ad.transform.reverse"),
        ("ast_ad.errors", "from ast_ad.ir.nodes import Where"),
        ("ast_ad.frontend.lower", "from ast_ad.backend import emit"),
        ("ast_ad.frontend.lower", "import astor"),
        ("ast_ad.ir.nodes", "from ..rules import registry"),
        ("ast_ad.analysis.activity", "from ast_ad import transform"),
        ("ast_ad.transform.reverse", "from ..frontend import lower"),
        ("ast_ad.backend.emit", "from ast_ad.analysis.liveness import live"),
        ("ast_ad.rules.numpy", "import ast_ad.backend.emit as emit"),
        ("ast_ad.runtime", "import scipy"),
        ("ast_ad.runtime", "from .errors import AutodiffError"),
        ("ast_ad.transform.reverse", "import gast"),
    ],
)
def test_a_forbidden_import_is_seen(module, line):
    assert len(violations(module, ast.parse(line))) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ast_ad.", "from ast_ad.api import grad"),
        ("ast_ad.ir.check", "from ast_ad.errors import InternalError\nfrom .nodes import Var"),
        ("ast_ad.cli", "from ast_ad import api, stages"),
        ("ast_ad.frontend.source", "import gast"),
        ("ast_ad.runtime", "import math\nimport numpy as np"),
    ],
)
def test_an_allowed_import_passes(module, line):
    assert violations(module, ast.parse(line)) == []
