"""What every test starts from."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def clean_imports() -> Iterator[None]:
    """Forget the modules that a test imports, and the folders that it imports them from."""
    modules, path = dict(sys.modules), list(sys.path)
    yield
    sys.path[:] = path
    for name in sys.modules.keys() - modules.keys():
        if not name.startswith("ast_ad"):
            del sys.modules[name]


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.deep)])
def order(request: pytest.FixtureRequest) -> int:
    """Return the order up to which derivatives are tested."""
    return int(request.param)


@pytest.fixture
def child_environment() -> dict[str, str]:
    """The environment for a child process that must find this ast_ad from any folder, and print plainly."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    return {**kept, "PYTHONPATH": root, "TERM": "xterm"}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass over what collecting has made: ten thousand tests, which stay until the end."""
    gc.collect()
    gc.freeze()
