"""Writing IR by hand, in few words: nested blocks are functions that write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ast_ad.ir.build import Builder, Region
from ast_ad.ir.kinds import FLOAT, INT, Kind, Stack
from ast_ad.ir.nodes import UNDEF, Block, Function, Lit, Operand, Pop, Push, Var, walk
from ast_ad.ir.primitives import new_stack
from ast_ad.rules.registry import infer

Body = Callable[..., Sequence[Any]]


def operand(value: Any) -> Operand:
    return value if isinstance(value, (Var, Lit)) or value is UNDEF else Lit(value)


def _operands(values: Sequence[Any]) -> tuple[Operand, ...]:
    return tuple(map(operand, values))


class Writer(Builder):
    """A builder that takes numbers for constants, and functions for blocks."""

    def __init__(self, *params: Var) -> None:
        super().__init__(infer)
        self.params = params

    def __call__(self, fn: Callable[..., Any], *args: Any, name: str = "") -> Var:
        return self.op(fn, _operands(args), name=name)

    def block(self, body: Body, params: Sequence[Var] = ()) -> tuple[Region, tuple[Operand, ...]]:
        with self.region(Region(params)) as region:
            yields = _operands(body(*params))
        return region, yields

    def if_(
        self, test: Any, then: Body, orelse: Body, kinds: Sequence[Kind] | None = None, name: str = ""
    ) -> list[Var]:
        there, here = self.block(then), self.block(orelse)
        outs = [Var(kind, name) for kind in kinds or [FLOAT] * len(there[1])]
        self.branch(outs, operand(test), there, here)
        return outs

    def for_(
        self,
        limits: Sequence[Any],
        inits: Sequence[Any],
        body: Body,
        kinds: Sequence[Kind] | None = None,
        names: Sequence[str] = (),
        go: bool = False,
    ) -> list[Var]:
        """Write a counted loop; `body` takes the index and the carried, and returns them (after `go`, if so)."""
        return self._loop(inits, body, kinds, names, go, limits=_operands(limits))

    def while_(
        self,
        inits: Sequence[Any],
        test: Body,
        body: Body,
        kinds: Sequence[Kind] | None = None,
        names: Sequence[str] = (),
        go: bool = False,
    ) -> list[Var]:
        kinds = kinds or [operand(init).kind for init in inits]
        region, on = self.block(test, [Var(kind) for kind in kinds])
        return self._loop(inits, body, kinds, names, go, test=region.block(on))

    def _loop(
        self,
        inits: Sequence[Any],
        body: Body,
        kinds: Sequence[Kind] | None,
        names: Sequence[str],
        go: bool,
        limits: tuple[Operand, ...] | None = None,
        test: Block | None = None,
    ) -> list[Var]:
        kinds = kinds or [operand(init).kind for init in inits]
        names = names or [""] * len(kinds)
        params, outs = ([Var(kind, name) for kind, name in zip(kinds, names)] for _ in range(2))
        region, yields = self.block(body, params if limits is None else [Var(INT, "i"), *params])
        block = region.block(yields if go else (Lit(True), *yields))
        self.loop(outs, _operands(inits), block, limits=limits, test=test)
        return outs

    def stack(self, *items: Kind) -> Var:
        return self.op(new_stack, (), kind=Stack(items), name="stack")

    def push(self, stack: Var, *values: Any) -> None:
        self.append(Push(stack, _operands(values)))

    def pop(self, stack: Var) -> tuple[Var, ...]:
        outs = tuple(Var(kind) for kind in stack.kind.items)
        self.append(Pop(outs, stack))
        return outs

    def returning(self, *results: Any, name: str = "f") -> Function:
        return self.function(name, self.params, _operands(results))


def statements(function: Function, wanted: type[Any]) -> list[Any]:
    """Return the statements of one type, nested ones too."""
    return [statement for statement in walk(function.body) if isinstance(statement, wanted)]
