"""The text of random programs does what the IR says: value by value, effect by effect."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from typing import Any

import pytest

from ast_ad.backend.emit import chunk, emit
from ast_ad.backend.load import load
from ast_ad.ir.check import check
from ast_ad.ir.nodes import Function
from tests import interpreter
from tests.backend import random_ir

ARGUMENTS = ((0.7, -1.3, 2, True), (-0.2, 3.1, 0, False), (1.5, 0.4, 4, True))


def outcome(run: Any, args: tuple[Any, ...]) -> Any:
    """What a run returns or raises, and what it writes on the way; floats by their bits."""
    random_ir.log.clear()
    try:
        result = run(*args)
        values = list(result) if isinstance(result, tuple) else [result]
    except random_ir.Stop as stop:
        values = ["stop", *stop.args]
    return [bits(value) for value in values], list(map(bits, random_ir.log))


def bits(value: Any) -> Any:
    if isinstance(value, float):
        return struct.pack("d", value) if value == value else b"nan"
    return value


def compare(function: Function) -> str:
    code = chunk(function)
    text = code.text
    compiled = load(text, function.name, code.namespace)
    for args in ARGUMENTS:
        expected = outcome(lambda *args: interpreter.run(function, *args), args)
        assert outcome(compiled, args) == expected, f"\n{text}\nfor {args}"
    return text


@pytest.mark.parametrize("seed", range(200))
def test_text_agrees_with_ir(seed: int) -> None:
    function = random_ir.Generator(seed).function()
    check(function, "the random generator")
    text = compare(function)
    assert all(len(line) <= 88 for line in text.splitlines()), text


def test_text_is_the_same_in_every_process() -> None:
    program = (
        "from ast_ad.backend.emit import emit; from tests.backend.random_ir import Generator;"
        "print(*(emit(Generator(seed).function()) for seed in range(40)), sep='')"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert (
        texts[0].decode().split() == "".join(emit(random_ir.Generator(seed).function()) for seed in range(40)).split()
    )


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    for seed in range(first, last):
        function = random_ir.Generator(seed).function()
        try:
            check(function, "the random generator")
            compare(function)
        except BaseException:
            print("seed", seed)
            raise
