"""Derivative functions: callables that are specialised on the kinds of their arguments, and remember it.

The first call with new kinds lowers, transforms and compiles; later ones look the result up. What is remembered
belongs to the code of the function, not to the function object: a lambda that is made anew in each step of a training
loop is lowered once. Whatever lowering assumed of the world outside is checked at each call.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import Any

from ast_ad import pipeline
from ast_ad.analysis.schedule import Setting, checked
from ast_ad.arguments import Argnums, Callee
from ast_ad.assumed import assuming_enough, general_arguments
from ast_ad.cache import Cache, Known, Plan, cache_of, is_version, lock, version_of
from ast_ad.entry import MISS
from ast_ad.errors import AutodiffError, SeveralResultsError
from ast_ad.frontend.lower import Argument, Lowered, lower
from ast_ad.highlight import highlighted
from ast_ad.ir.kinds import kind_of
from ast_ad.located import add_place, wants_place
from ast_ad.pinned import settled
from ast_ad.planning import Planner
from ast_ad.request import Request
from ast_ad.rerun import Rerun
from ast_ad.runtime import Misplaced
from ast_ad.tangents import fitted
from ast_ad.trees import ALL, LEAF, flatten

_INSIDE = {"jacobian": "jacobian", "hvp": "along"}
"""The derivatives that are more than one transform, and the operators that they are inside another derivative."""


class Derivative:
    """A derivative of a function; call it with the function's own arguments.

    Attributes
    ----------
    source : str
        The text of the derivative: specialised if it has been called, general otherwise.
    primal : callable
        The function that is differentiated.
    argnums : int, str, or a sequence of these
        By which arguments.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        operator: str,
        argnums: Argnums,
        *,
        has_aux: bool = False,
        checkpoint: Setting = None,
        any_result: bool = False,
    ) -> None:
        self._fun = fun
        self._operator = operator
        self._has_aux = has_aux
        self._any_result = any_result
        self._checkpoint = checked(checkpoint)
        self.argnums = argnums
        self._latest: Plan | None = None
        functools.update_wrapper(self, fun, updated=())
        self._prepare(method=False)

    def _prepare(self, *, method: bool) -> None:
        self._callee = callee = Callee(self._fun, method=method)
        self.primal = callee.function
        self.__signature__ = self._signature()
        targets, single = callee.targets(self.argnums)
        self._request = Request(self._operator, targets, single, self._has_aux, self._checkpoint, self._any_result)
        pipeline.check_source(callee.function)
        self._bound = bool(callee.prefix or callee.keywords)
        self._base = _base_of(callee.function)
        self._version = version_of(self._base)
        self._given = {name: p.default for name, p in callee.signature.parameters.items() if p.default is not p.empty}
        self._cache = _cache_of(callee.function)
        self._planner = Planner(callee, self._request, self._cache)
        self._known = self._cache.known.setdefault((self._request, callee.skipped), Known())

    def _signature(self) -> inspect.Signature:
        if self._operator != "hvp":
            return self._callee.visible
        return inspect.Signature([inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)])

    def __set_name__(self, owner: type, name: str) -> None:
        """Become a method: `self` is not counted among the arguments."""
        if isinstance(self._fun, staticmethod):
            return
        if isinstance(self._fun, Derivative):
            self._fun.__set_name__(owner, name)
        self._prepare(method=True)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind to an instance, as a function does."""
        static = instance is None or isinstance(self._fun, staticmethod)
        return self if static else types.MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._bound:
            args = self._callee.prefix + args
            kwargs = {**self._callee.keywords, **kwargs}
        as_they_lie = False
        try:
            try:
                if self._base is None or is_version(self._base, self._version):
                    known = self._known
                    for each in known.entries:
                        result = each.enter(self.primal, args, kwargs, self._given)
                        if result is not MISS:
                            self._latest = each.plan
                            if each is not known.entries[0]:
                                known.prefer(each)
                            return result
                return self._call(args, kwargs)
            except Misplaced:
                as_they_lie = True
                return self._call(args, kwargs, as_they_lie=True)
        except AutodiffError as error:
            # It says itself where it comes from: how lowering got there would hide that.
            raise error.with_traceback(None)  # noqa: B904 (it is the same error)
        except Exception as error:
            self._add_place(error, args, kwargs, as_they_lie=as_they_lie)
            raise

    def _add_place(
        self, error: Exception, args: tuple[Any, ...], kwargs: dict[str, Any], *, as_they_lie: bool = False
    ) -> None:
        """Tell in an exception of generated code which line of the user's it comes from.

        The reverse sweep of a pullback tells for itself.
        """
        if not wants_place(error):
            return
        callee, request = self._callee, self._request
        primals, tangents = self._planner.apart(args)
        values = callee.bind(primals[len(callee.prefix) :], kwargs)
        arguments, leaves = self._planner.arguments(values, as_they_lie=as_they_lie)
        inputs = [leaf for each in leaves.values() for leaf in each]
        with contextlib.suppress(AutodiffError):
            (lowered, given), _ = settled(lambda given: (lower(callee.function, given), given), arguments, leaves)
            outside = [each.read(callee.function) for each in lowered.hidden]
            if add_place(error, lowered.function, [*inputs, *outside]) or request.operator in pipeline.APART:
                return
            whole = pipeline.whole(lowered, given, request)
            values_then = [*inputs, *(leaf for dot in tangents for leaf in flatten(dot, objects=ALL)[0]), *outside]
            seeds = [1.0 for _ in whole.params[len(values_then) :]]
            add_place(error, whole, [*values_then, *seeds], f"In the {request.mode} sweep of")

    @property
    def callee(self) -> Callee:
        """The function that is differentiated, taken apart."""
        return self._callee

    def checkpointed(self, setting: Setting) -> Derivative:
        """Return the same derivative with another setting of `checkpoint`."""
        return Derivative(self._fun, self._operator, self.argnums, has_aux=self._has_aux, checkpoint=setting)

    @property
    def request(self) -> Request:
        """What is asked for."""
        return self._request

    def arguments_of(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Argument, ...]:
        """Return what a call with these arguments is specialised on."""
        callee = self._callee
        primals, _ = self._planner.apart((*callee.prefix, *args))
        values = callee.bind(primals[len(callee.prefix) :], {**callee.keywords, **kwargs})
        return self._planner.plan(values).arguments

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, as_they_lie: bool = False) -> Any:
        """Find or make the plan for these arguments (with those of a partial or a bound method), and run it.

        How arrays lie in memory is looked at only after it turned out to matter: such a plan has no quick way in.
        """
        self._refresh()
        callee = self._callee
        primals, tangents = self._planner.apart(args)
        values = callee.bind(primals[len(callee.prefix) :], kwargs)
        wanted = [target.of(values) for target in self._request.targets] if tangents else []
        what = "the vector" if self._operator == "hvp" else "the tangent of argument {}"
        fit = [fitted(value, dot, what.format(i)) for i, (value, dot) in enumerate(zip(wanted, tangents))]
        plan = self._planner.plan(values, as_they_lie=as_they_lie)
        self._latest = plan
        root = callee.function
        # What holds no number is not passed on, and so has no tangent.
        dots = [dot for value, dot in zip(wanted, fit) if flatten(value, objects=ALL)[0]]
        if not as_they_lie:
            self._remember(plan, args, kwargs, tangents)
        result = plan.run(*(values[name] for name in plan.passed), *dots, *[each.read(root) for each in plan.hidden])
        if not plan.derived.agrees(values, root):
            self._planner.check_shapes(values)
        return result

    def planned(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Plan, tuple[Any, ...]]:
        """Return the plan for these arguments of a derivative without tangents, and what it is to be run with."""
        self._refresh()
        values = self._callee.bind(tuple(args), dict(kwargs))
        plan = self._planner.plan(values)
        root = self._callee.function
        return plan, (*(values[name] for name in plan.passed), *(each.read(root) for each in plan.hidden))

    def _remember(self, plan: Plan, args: tuple[Any, ...], kwargs: Mapping[str, Any], tangents: Sequence[Any]) -> None:
        """Put the entry for calls like this one before all others."""
        form = (len(args), tuple(kwargs), *(kind_of(leaf) for dot in tangents for leaf in flatten(dot, objects=ALL)[0]))
        if form not in plan.entries:
            plan.entries[form] = self._planner.entry(plan, args, kwargs, self._given)
        found = plan.entries[form]
        if found is not None:
            self._known.prefer(found)

    def _refresh(self) -> None:
        """Start anew where the code or the defaults of the function have been exchanged."""
        if isinstance(self.primal, Derivative):
            self.primal._refresh()
        if not is_version(self._base, self._version):
            self._prepare(method=self._callee.skipped > len(self._callee.prefix))

    @property
    def source(self) -> str:
        """The text of the derivative: specialised if it has been called, general otherwise."""
        if self._latest is not None:
            return self._latest.derived.text
        return self._written(lambda given: pipeline.derivative_text(self._callee.function, given, self._request))

    @property
    def jit_source(self) -> str:
        """The same text for Numba: without `del`, which it does not know, for it frees by itself what is not read."""
        return self._written(
            lambda given: pipeline.derivative_text(self._callee.function, given, self._request, releases=False)
        )

    def _written(self, write: Callable[[tuple[Argument, ...]], str]) -> str:
        """Write this derivative for the arguments of the latest call, or for general ones."""
        if self._latest is not None:
            return write(self._latest.arguments)
        return assuming_enough(write, self._callee, general_arguments(self._callee))

    def __ast_ad_lower__(self, arguments: tuple[Argument, ...]) -> Lowered:
        """Return the IR of this derivative, so that another one can contain it."""
        given = flatten((self._callee.prefix, self._callee.keywords))[0]
        # The numbers that a partial holds are read at each call.
        if self._operator in _INSIDE or given:
            return pipeline.lower_inside(self.inside, self.__signature__, arguments)
        try:
            return pipeline.lower_derivative(self._callee, arguments, self._request, self._cache.lowerings)
        except SeveralResultsError:
            if not self._any_result:
                raise
            return pipeline.lower_inside(self.inside, self.__signature__, arguments)

    @property
    def inside(self) -> Callable[..., Any]:
        """The same derivative, written with an operator that lowering knows."""
        fun = self._fun
        named: list[int | str] = [target.name for target in self._request.targets]
        if self._callee.skipped == len(self._callee.prefix):
            given: list[Any] = [self.argnums] if self._request.single else list(self.argnums)  # type: ignore[arg-type]
            named = [each if isinstance(each, str) else index(each) for each in given]
        single = self._request.single
        name = "jacobian" if self._any_result else _INSIDE.get(self._operator, self._operator)
        apply = pipeline.operator(name, named[0] if single else tuple(named), self._checkpoint, self._has_aux)

        def inside(*args: Any, **kwargs: Any) -> Any:
            return apply(fun)(*args, **kwargs)  # type: ignore[operator]

        return inside

    def __reduce__(self) -> Any:
        """Pickle by name where the name stands for this derivative, else by function and options."""
        module = inspect.getmodule(self._fun)
        found: Any = module
        for part in getattr(self._fun, "__qualname__", "").split("."):
            found = getattr(found, part, None)
        if found is self:
            return self._fun.__qualname__
        options = (self._has_aux, self._checkpoint, self._any_result)
        return (_made, (self._fun, self._operator, self.argnums, *options))

    @property
    def ir(self) -> str:
        """The IR of the derivative, before it is written as text: specialised if it has been called, else general."""
        return self._written(lambda given: pipeline.derivative_ir(self._callee.function, given, self._request))

    @property
    def signatures(self) -> list[str]:
        """What the derivative has been specialised on: the kinds of the arguments, one entry for each plan."""
        return [
            ", ".join(f"{each.name}: {_described(each)}" for each in arguments)
            for (request, _, arguments), *_ in self._cache.plans
            if request == self._request
        ]

    def cache_clear(self) -> None:
        """Forget all that was compiled for this function: the next call starts anew."""
        with lock:
            for table in (self._cache.plans, self._cache.made, self._cache.direct):
                table.clear()
            for known in self._cache.known.values():
                known.entries = ()
            self._cache.lowerings.found.clear()
            self._latest = None

    def __repr__(self) -> str:
        names = ", ".join(map(str, self._request.targets))
        return f"<{self._operator} of {self._callee.name} by {names}>"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the source, highlighted where that can be done."""
        return highlighted(repr(self), self.source)


def _made(
    fun: Callable[..., Any],
    operator: str,
    argnums: Argnums,
    has_aux: bool,
    checkpoint: Setting = None,
    any_result: bool = False,
) -> Derivative:
    return Derivative(fun, operator, argnums, has_aux=has_aux, checkpoint=checkpoint, any_result=any_result)


def applied(
    fun: Callable[..., Any],
    operator: str,
    args: tuple[Any, ...],
    count: int,
    has_aux: bool = False,
    checkpoint: Setting = None,
) -> Any:
    """Call a derivative by the first `count` arguments that is made for this one call."""
    direct = _direct_of(fun)
    form = (operator, count, has_aux, checked(checkpoint))
    known = direct.get(form)

    def derivative() -> Derivative:
        return Derivative(fun, operator, range(count), has_aux=has_aux, checkpoint=checkpoint)

    if known is not None:
        try:
            for each in known.entries:
                result = each.enter(fun, args, {}, {})
                if result is not MISS:
                    return result
        except Misplaced:
            pass
        except Exception as error:
            derivative()._add_place(error, args, {})
            raise
    made = derivative()
    if made.primal is fun:
        direct[form] = made._known
    return made(*args)


def _direct_of(fun: Callable[..., Any]) -> dict[Any, Known]:
    """Return the entries for calls that need no `Derivative`; none where they could be stale."""
    if isinstance(fun, types.FunctionType):
        return _cache_of(fun).direct
    if isinstance(fun, Derivative) and is_version(fun._base, fun._version):
        return _cache_of(fun).direct
    return {}


def _described(argument: Argument) -> str:
    """Return the kinds of the leaves of an argument, in their structure."""
    kinds = ", ".join(map(str, argument.kinds))
    return kinds if argument.tree == LEAF else f"({kinds})"


def _base_of(function: Any) -> types.FunctionType | None:
    """Return the Python function at the bottom of derivatives of derivatives."""
    while isinstance(function, Derivative):
        function = function.primal
    return function if isinstance(function, types.FunctionType) else None


def _cache_of(function: Callable[..., Any]) -> Cache:
    """Return the specialisations of a function; a derivative's belong to the function that it differentiates."""
    if isinstance(function, Derivative):
        inner = function._cache.derivatives
        return inner.setdefault((function._request, function._callee.skipped), Cache())
    if isinstance(function, Rerun):
        return _cache_of(function.__wrapped__).derivatives.setdefault(Rerun, Cache())
    return cache_of(function)
