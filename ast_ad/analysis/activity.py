"""Activity: which variables depend on the inputs that are differentiated, and which the result depends on.

`varied` follows the inputs forwards, `useful` the results backwards; only variables that are both get adjoints
(L. Hascoet, V. Pascual, "The Tapenade automatic differentiation tool", ACM TOMS 39(3), 2013, section 3).

What is made of texts is followed as well, and the objects that texts are given to: a number that is read from a text
which was made of an active one (`float(f"{x}")`) would count as a constant, so it is refused.

A fact is a `Mask`: one boolean for a variable, and for a stack one mask for each component of what it holds, so that
a saved loop counter does not make a saved state inactive, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Union

from ast_ad.analysis.provenance import path_to
from ast_ad.analysis.shifts import shifts
from ast_ad.errors import MissingRuleError, UnsupportedSyntaxError
from ast_ad.ir.kinds import Kind, List, Opaque, Stack, is_inexact
from ast_ad.ir.nodes import Block, Call, Function, If, Lit, Loop, Op, Operand, Pop, Push, Statement, Var
from ast_ad.rules.registry import find
from ast_ad.runtime import attempted, watched

Mask = Union[bool, tuple["Mask", ...]]


def nothing(kind: Kind) -> Mask:
    """Return the mask of a variable that is not active at all."""
    return tuple(map(nothing, kind.items)) if isinstance(kind, Stack) else False


def everything(kind: Kind) -> Mask:
    """Return the mask of a variable all of whose floating-point parts are active."""
    return tuple(map(everything, kind.items)) if isinstance(kind, Stack) else is_inexact(kind)


def traced(kind: Kind) -> Mask:
    """Return the mask of a variable all of whose numbers, texts and objects depend on something."""
    if isinstance(kind, Stack):
        return tuple(map(traced, kind.items))
    return is_inexact(kind) or is_text(kind)


def is_text(kind: Kind) -> bool:
    """Tell whether values of a kind are texts, or objects that may hold some."""
    return is_text(kind.item) if isinstance(kind, List) else isinstance(kind, Opaque)


def either(a: Mask, b: Mask) -> Mask:
    """Return the union of two masks."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return tuple(map(either, a, b))
    return bool(a or b)


def both(a: Mask, b: Mask) -> Mask:
    """Return the intersection of two masks."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return tuple(map(both, a, b))
    return bool(a and b)


def some(mask: Mask) -> bool:
    """Tell whether anything in a mask is set."""
    return any(map(some, mask)) if isinstance(mask, tuple) else mask


@dataclass(frozen=True)
class Activity:
    """The facts: `varied` and `useful` masks of every variable that has any."""

    varied: dict[Var, Mask]
    useful: dict[Var, Mask]

    def mask(self, operand: Operand) -> Mask:
        """Return which parts of an operand are active: varied and useful."""
        if not isinstance(operand, Var):
            return False
        none = nothing(operand.kind)
        return both(self.varied.get(operand, none), self.useful.get(operand, none))

    def __call__(self, operand: Operand) -> bool:
        """Tell whether any part of an operand is active."""
        return some(self.mask(operand))


def activity(function: Function, wrt: Sequence[Mask], of: Sequence[Mask]) -> Activity:
    """Return the activity of a function's variables.

    Parameters
    ----------
    wrt
        One mask for each parameter: what is differentiated.
    of
        One mask for each result: what the derivative is asked of.
    """
    varied = varied_variables(function, wrt)
    useful = _Useful()
    useful.function(function, of)
    return Activity(varied, useful.facts)


def varied_variables(function: Function, wrt: Sequence[Mask]) -> dict[Var, Mask]:
    """Return the variables that depend on the parameters marked in `wrt`."""
    varied = _Varied()
    varied.function(function, wrt)
    return {var: both(mask, everything(var.kind)) for var, mask in varied.facts.items() if not is_text(var.kind)}


def varied_results(function: Function, wrt: Sequence[Mask]) -> tuple[Mask, ...]:
    """Return which results depend on the parameters marked in `wrt`."""
    varied = _Varied()
    return varied.function(function, wrt)


_Key = tuple[Function, tuple[Mask, ...]]


class _Facts:
    """Masks that only ever grow; `changed` tells a loop whether to go round again."""

    whole = staticmethod(everything)

    def __init__(self) -> None:
        self.facts: dict[Var, Mask] = {}
        self.calls: dict[_Key, tuple[Mask, ...]] = {}
        self.asked: set[_Key] = set()
        self.changed = False

    def get(self, operand: Operand) -> Mask:
        if not isinstance(operand, Var):
            return False
        return self.facts.get(operand) or nothing(operand.kind)

    def set(self, operand: Operand, mask: Mask) -> None:
        if not isinstance(operand, Var) or not some(mask):
            return
        known = self.get(operand)
        mask = both(either(known, mask), self.whole(operand.kind))
        if mask != known:
            self.facts[operand] = mask
            self.changed = True

    def called(self, key: _Key, kinds: Sequence[Kind], facts: type[_Varied | _Useful]) -> tuple[Mask, ...]:
        """Return the masks that a call gives: of a recursion, the least that it can be, found in rounds."""
        self.asked.add(key)
        if key in self.calls:
            return self.calls[key]
        self.calls[key] = tuple(map(nothing, kinds))
        while True:
            before = set(self.calls)
            inner = facts()
            inner.calls, inner.asked = self.calls, self.asked
            self.asked.discard(key)
            found = tuple(map(either, self.calls[key], inner.function(*key)))
            assumed, self.calls[key] = self.calls[key], found
            if found == assumed or key not in self.asked:
                return found  # what was assumed of it is so, or nothing inside of it asked for that
            for other in self.calls.keys() - before:
                del self.calls[other]

    def settle(self, step: Callable[[], None]) -> None:
        """Repeat `step` until no fact changes."""
        before, going = self.changed, True
        while going:
            self.changed = False
            step()
            going = self.changed
            before = before or going
        self.changed = before


class _Varied(_Facts):
    whole = staticmethod(traced)
    subject: Function
    shifts: frozenset[Var] = frozenset()

    def function(self, function: Function, wrt: Sequence[Mask]) -> tuple[Mask, ...]:
        self.subject, self.shifts = function, shifts(function)
        for param, mask in zip(function.params, wrt):
            self.set(param, mask)
        self.block(function.body)
        return tuple(self.get(result) for result in function.results)

    def set(self, operand: Operand, mask: Mask) -> None:
        if operand not in self.shifts:
            super().set(operand, mask)

    def block(self, block: Block) -> None:
        for statement in block.statements:
            self.statement(statement)

    def statement(self, s: Statement) -> None:
        if isinstance(s, Op):
            self.operation(s)
        elif isinstance(s, If):
            self.block(s.then)
            self.block(s.orelse)
            for out, x, y in zip(s.outs, s.then.yields, s.orelse.yields):
                self.flow((x, y), (out,))
        elif isinstance(s, Loop):
            self.settle(lambda: self.loop(s))
        elif isinstance(s, Call):
            masks = tuple(map(self.get, s.args))
            key = (s.function, masks)
            found = self.called(key, [result.kind for result in s.outs], _Varied)
            for out, mask in zip(s.outs, found):
                self.set(out, mask)
        elif isinstance(s, Push):
            self.set(s.stack, tuple(map(self.component, s.values, _items(s.stack))))
        elif isinstance(s, Pop):
            for out, mask in zip(s.outs, _parts(self.get(s.stack))):
                self.set(out, mask)

    def operation(self, s: Op) -> None:
        rule = find(s.fn)
        dependent = [arg for arg in _arguments(s) if isinstance(arg, Var) and some(self.get(arg))]
        if not dependent:
            return
        from_texts = all(is_text(arg.kind) for arg in dependent)
        if from_texts and any(is_inexact(out.kind) for out in s.outs):
            self.refuse_text(s, dependent[0])
        if rule is not None and rule.refuses and not from_texts:
            raise MissingRuleError(
                f"`{s.fn.__name__}` draws at random with a parameter that is differentiated",
                help="draw from a fixed distribution, and shift and scale what is drawn: `mean + sd * draw`",
                where=s.where,
            )
        if rule is None and s.outs and not from_texts:
            self.refuse(s)
        inactive = rule is not None and rule.inactive
        # A call of which nothing is known may put a text that it is given into an object: a line into a file.
        changed = [arg for arg in s.args if isinstance(arg, Var) and is_text(arg.kind)] if rule is None else []
        for out in (*s.outs, *changed):
            if not inactive or is_text(out.kind):
                self.set(out, traced(out.kind))

    def refuse_text(self, s: Op, text: Var) -> NoReturn:
        """Refuse to read a number from a text that was made of what is differentiated."""
        path = path_to(self.subject, text, lambda operand: some(self.get(operand)))
        raise UnsupportedSyntaxError(
            f"a number is read from a text that was made of what is differentiated: {path}",
            help="keep the number itself; to let it count as a constant, pass `stop_gradient(...)`",
            where=s.where,
        )

    def refuse(self, s: Op) -> NoReturn:
        """Refuse an operation that nothing is known of, where it depends on what is differentiated."""
        called = s.fn
        if called in (attempted, watched):  # The classes that are caught come first, then what is called.
            given = (arg.value for arg in s.args if isinstance(arg, Lit) and not _is_exception(arg.value))
            called = next(filter(callable, given), called)
        name = getattr(called, "__name__", type(called).__name__)
        active = next(arg for arg in _arguments(s) if some(self.get(arg)))
        assert isinstance(active, Var)
        path = path_to(self.subject, active, lambda operand: some(self.get(operand)))
        raise MissingRuleError(
            f"`{name}` has no derivative rule, and is called with what is differentiated: {path}",
            help="give it a rule: wrap it in a function with `@ast_ad.primitive`, and add `defvjp` and `defjvp`; to "
            "let it count as a constant, pass `stop_gradient(...)`",
            where=s.where,
        )

    def component(self, value: Operand, kind: Kind) -> Mask:
        return self.get(value) or nothing(kind)

    def loop(self, s: Loop) -> None:
        for init, param, out, value in zip(s.inits, s.carried, s.outs, s.body.yields[1:]):
            self.flow((init, value), (param, out))
        self.block(s.body)

    def flow(self, sources: Sequence[Operand], targets: Sequence[Var]) -> None:
        """Let masks flow from `sources` to `targets`; stacks that meet hold the same tangents, to be of one kind."""
        for source in sources:
            for target in targets:
                self.set(target, self.get(source))
        for source in sources:
            for target in targets:
                if isinstance(target.kind, Stack):
                    self.set(source, self.get(target))


class _Useful(_Facts):
    def function(self, function: Function, of: Sequence[Mask]) -> tuple[Mask, ...]:
        for result, mask in zip(function.results, of):
            self.set(result, mask)
        self.block(function.body)
        return tuple(self.get(param) for param in function.params)

    def block(self, block: Block) -> None:
        for statement in reversed(block.statements):
            self.statement(statement)

    def statement(self, s: Statement) -> None:
        if isinstance(s, Op):
            rule = find(s.fn)
            if (rule is None or not rule.inactive) and any(some(self.get(out)) for out in s.outs):
                for arg in _arguments(s):
                    self.set(arg, everything(arg.kind) if isinstance(arg, Var) else False)
        elif isinstance(s, If):
            for out, x, y in zip(s.outs, s.then.yields, s.orelse.yields):
                self.set(x, self.get(out))
                self.set(y, self.get(out))
            self.block(s.then)
            self.block(s.orelse)
        elif isinstance(s, Loop):
            self.settle(lambda: self.loop(s))
        elif isinstance(s, Call):
            masks = tuple(map(self.get, s.outs))
            key = (s.function, masks)
            found = self.called(key, [param.kind for param in s.function.params], _Useful)
            for arg, mask in zip(s.args, found):
                self.set(arg, mask)
        elif isinstance(s, Pop):
            self.set(s.stack, tuple(map(self.get, s.outs)))
        elif isinstance(s, Push):
            for value, mask in zip(s.values, _parts(self.get(s.stack))):
                self.set(value, mask)

    def loop(self, s: Loop) -> None:
        for init, param, out, value in zip(s.inits, s.carried, s.outs, s.body.yields[1:]):
            for sink in (out, param):
                self.set(init, self.get(sink))
                self.set(value, self.get(sink))
        self.block(s.body)


def _arguments(op: Op) -> tuple[Operand, ...]:
    return op.args + tuple(value for _, value in op.kwargs)


def _items(stack: Var) -> tuple[Kind, ...]:
    assert isinstance(stack.kind, Stack)
    return stack.kind.items


def _parts(mask: Mask) -> tuple[Mask, ...]:
    assert isinstance(mask, tuple)
    return mask


def _is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)
