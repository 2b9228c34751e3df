"""IR -> the text of a function: the stages of the backend, one after the other.

Function --while stack--> structured --folded--> tree --lives, names--> gast --astor--> text
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ast_ad.backend.expressions import Expressions
from ast_ad.backend.fold import folded
from ast_ad.backend.idioms import drained
from ast_ad.backend.interface import Interface, check, flat
from ast_ad.backend.references import References
from ast_ad.backend.statements import definition
from ast_ad.backend.structure import structured
from ast_ad.backend.text import source
from ast_ad.backend.tree import Fail, For, Routine, read_by, walk, written_by
from ast_ad.ir import primitives
from ast_ad.ir.nodes import UNDEF, Block, Function, Lit, Loop, Op, Push, Where, blocks, functions


@dataclass(frozen=True)
class Chunk:
    """Generated code.

    Attributes
    ----------
    name : str
        The function that it is about.
    imports : tuple of str
        The import statements that the definitions need.
    definitions : str
        The functions, those that are called first.
    saves : tuple of Where or None
        The loop of the user's around each place that saves on a stack, in the order of the text.
    namespace : dict
        What the definitions need and cannot import.
    """

    name: str
    imports: tuple[str, ...]
    definitions: str
    saves: tuple[Where | None, ...] = ()
    namespace: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole, as a module."""
        head = "\n".join(self.imports)
        return f"{head}\n\n\n{self.definitions}" if head else self.definitions


def emit(function: Function, interface: Interface | None = None) -> str:
    """Return a function of the IR as the text of a module: imports, the functions that it calls, and itself.

    Parameters
    ----------
    interface
        The signature and the structure of the result; those of the IR function by default.
    """
    return chunk(function, interface).text


def chunk(function: Function, interface: Interface | None = None, *, releases: bool = False) -> Chunk:
    """Return a function of the IR as text, with what the text needs apart; it `releases` arrays early, or late."""
    interface = interface or flat(function)
    check(function, interface)
    every = functions(function)
    routines = {each: folded(structured(drained(each))) for each in every}
    wishes = {param.name for param in interface.params}
    for each, routine in routines.items():
        wishes.update(param.name for param in each.params)
        wishes.update(_wishes(routine))
    references = References(wishes)
    names = {function: interface.name}
    references.names[interface.name] = None
    for each in every:
        if each is not function:
            names[each] = references.claim(each.name)
    for routine in routines.values():
        _require(routine, references)
    definitions = []
    for each, routine in routines.items():
        own = interface if each is function else flat(each, names[each])
        definitions.append(source(definition(routine, own, references, names, releases=releases)))
    saves = tuple(where for each in every for where in _saves(each.body, None))
    return Chunk(interface.name, references.imports(), "\n\n\n".join(definitions) + "\n", saves, references.namespace)


def _saves(block: Block, loop: Where | None) -> Iterator[Where | None]:
    for s in block.statements:
        if isinstance(s, Push) or (isinstance(s, Op) and s.fn is primitives.append):
            yield loop
        for inner in blocks(s):
            yield from _saves(inner, s.where if isinstance(s, Loop) else loop)


def _wishes(routine: Routine) -> dict[str, None]:
    """Return the names that a routine's variables would like to have."""
    return {routine.wish(var): None for node in walk(routine.body) for var in written_by(node)}


def _require(routine: Routine, references: References) -> None:
    """Give every object that a routine uses its name, before variables get theirs."""
    write = Expressions(lambda var: "", references, lambda function: "")
    for node in walk(routine.body):
        for expr in read_by(node):
            if expr is not UNDEF:
                write(expr)
        if isinstance(node, Fail):
            references.path(node.fn)
        elif isinstance(node, For):
            references.path(range)
    for _, value in routine.function.defaults:
        write(Lit(value))
