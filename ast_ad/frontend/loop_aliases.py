"""Which objects that a loop carries may be one, or one from outside: shown by induction over its iterations."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ast_ad.frontend import alternatives, memory, reach
from ast_ad.frontend.frame import Frame
from ast_ad.frontend.jumps import RESULT
from ast_ad.frontend.loop_names import LoopNames
from ast_ad.frontend.parcels import Parcel
from ast_ad.frontend.tokens import Token
from ast_ad.frontend.values import IN_LISTS, UNBOUND, Container, Either, Grown, Ref, Value
from ast_ad.ir.kinds import INT
from ast_ad.ir.nodes import Var


class LoopAliases:
    """What the objects of one loop may be beside themselves.

    Attributes
    ----------
    maybe
        For each object that a name holds at the head of an iteration (by the name, and its place): what it may be.
    markers
        What stands for the objects that two places may have in common.
    """

    def __init__(self, frame: Frame, names: LoopNames) -> None:
        self.frame = frame
        self.names = names
        self.maybe: dict[tuple[str, int], set[Token]] = {}
        self.markers: dict[frozenset[tuple[str, int]], Var] = {}
        self._heads: dict[int, tuple[str, int]] = {}

    def news(self) -> bool:
        """Note which objects that the loop carries may be one, or one from outside; tell whether there is news.

        That two of them are not one is shown by induction: it is so before the loop, and after an iteration if it was
        so before it.
        """
        objects = self.frame.context.objects
        held = self._held_outside()
        self._find_heads()
        places: dict[tuple[str, int], tuple[Token | None, Token | None]] = {}
        for name in self.names.objects():
            started, ended, heads = (
                list(reach.objects_in(env, env.get(name, UNBOUND), attributes=False))
                for env in (self.names.tokens, self.names.end_tokens, self.names.head_tokens)
            )
            for i, head in enumerate(heads):
                if isinstance(head, (Container, Ref)) and {*started[i : i + 1], *ended[i : i + 1]} == {head}:
                    continue  # the same object all the time: who else holds it, holds the same
                before = started[i] if i < len(started) else None
                places[name, i] = before, ended[i] if i < len(ended) else None
        news = False
        for place, (before, after) in places.items():
            shared = (frozenset() if before is None else objects.origins(before)) & held
            shared |= (frozenset() if after is None else self._at_end(after)) & held
            if any(
                each is not None and memory.is_array(each) and IN_LISTS in self._at_end(each)
                for each in (before, after)
            ):
                shared |= {IN_LISTS}
            for other, (others_before, others_after) in places.items():
                if other == place or (
                    self._apart(before, others_before, objects.origins)
                    and self._apart(after, others_after, self._at_end)
                ):
                    continue
                shared |= {self.markers.setdefault(frozenset((place, other)), Var(INT, "shared"))}
            known = self.maybe.setdefault(place, set())
            news = news or not shared <= known
            known |= shared
        return news

    def _apart(self, x: Token | None, y: Token | None, origins: Callable[[Token], frozenset[Token]]) -> bool:
        """Tell whether two tokens stand for two objects; `origins` are those that one may be."""
        if x is None or y is None:
            return True
        return alternatives.apart(
            self.frame.context.objects, x, y, lambda one, other: origins(one).isdisjoint(origins(other))
        )

    def note_produced(self, inside: set[Var], heads: dict[str, Value], env: dict[str, Value]) -> None:
        """Note which arrays the names may hold after the loop that its last iteration leaves behind."""
        objects = self.frame.context.objects
        carried = self.names.objects()
        names = [
            *carried,
            *self.names.produced,
            RESULT,
            *(name for name in self.names.leaving if name not in self.names.produced),
        ]
        ended = {name: set(memory.arrays_in(self.names.end_tokens.get(name, UNBOUND))) for name in names}
        before = {name: self._started(name) for name in names}
        after = {name: frozenset().union(*map(objects.origins, tokens)) for name, tokens in ended.items()}
        made = {name: set(memory.arrays_in(env.get(name, UNBOUND))) - ended[name] for name in names}
        for name in names[len(carried) :]:
            shared = before[name].union(*(self._outside(root, heads, inside) for root in after[name]))
            for other in names:
                if other != name and not (
                    before[name].isdisjoint(before[other]) and after[name].isdisjoint(after[other])
                ):
                    marker = Var(INT, "shared")
                    shared |= {marker}
                    for token in made[other]:
                        objects.may_be(token, [marker])
            for token in made[name]:
                objects.may_be(token, shared)

    def _started(self, name: str) -> frozenset[Token]:
        value = (
            self.names.before_produced(name)
            if name not in self.names.objects()
            else self.names.tokens.get(name, UNBOUND)
        )
        return frozenset().union(*map(self.frame.context.objects.origins, memory.arrays_in(value)))

    def _outside(self, root: Token, heads: dict[str, Value], inside: set[Var]) -> frozenset[Token]:
        """Return the arrays from before the loop that one of its arrays may be."""
        found: set[Token] = set()
        pending, seen = [root], set()
        while pending:
            root = pending.pop()
            if root in seen:
                continue
            seen.add(root)
            name = next((name for name in self.names.objects() if root in set(memory.arrays_in(heads[name]))), None)
            if name is not None:
                found |= self._started(name)
                for token in memory.arrays_in(self.names.end_tokens.get(name, UNBOUND)):
                    pending += self.frame.context.objects.origins(token)
            elif root not in inside:
                found.add(root)
        return frozenset(found)

    def _held_outside(self) -> frozenset[Token]:
        """Return the objects that names hold which the loop does not carry."""
        frame, objects = self.frame, self.frame.context.objects
        carried = set(self.names.objects())
        tokens: list[Token] = [
            token
            for name, value in self.names.tokens.items()
            if name[0] != "%" and name not in self.names.threaded and frame.is_live(name, self.names.live)
            for token in reach.objects_in(self.names.tokens, value, carried)
        ]
        around = list(frame.unnamed)
        around += [value for _, value in reach.named(frame.host)] if frame.host is not None else []
        around += [value for _, value in reach.around(frame)]
        tokens += [token for value in around for token in reach.objects_in(self.names.tokens, value, carried)]
        tokens += [] if frame.is_outermost else frame.base.params
        tokens += self.names.choices.arrays()
        return frozenset().union(*map(objects.origins, tokens))

    def _at_end(self, token: Token) -> frozenset[Token]:
        """Return the objects that a token may be at the end of an iteration, whose heads are taken to be apart."""
        objects = self.frame.context.objects
        root = objects.root(token)
        place = self._heads.get(id(root))
        if place is None:
            return objects.origins(token)
        listed = objects.origins(root) & {IN_LISTS}  # It may have become an item in this iteration.
        return frozenset({root, *self.maybe.get(place, ()), *listed})

    def _find_heads(self) -> None:
        """Find the first place of each object that the names hold at the head, for `_at_end` asks of every two."""
        self._heads = {}
        for name in self.names.objects():
            held = self.names.head_tokens.get(name, UNBOUND)
            for i, leaf in enumerate(reach.objects_in(self.names.head_tokens, held, attributes=False)):
                self._heads.setdefault(id(leaf), (name, i))

    def is_entangled(self, name: str) -> bool:
        """Tell whether what a list contains that grows in the loop is known by other names too.

        Arrays in it are not written to any more.
        """
        outside = self._held_outside()
        top = self.names.tokens.get(name), self.frame.context.objects.containers.get(name)
        shared = False
        for each in reach.objects_in(self.names.tokens, self.names.tokens.get(name, UNBOUND)):
            if memory.is_array(each):
                memory.share_with_lists(self.frame, each)
            elif isinstance(each, Container) and not any(each is one for one in top) and each in outside:
                each.outside = each.outside or "a list that has grown"
                shared = True
        return shared

    def note_listed(self, name: str, met: Value) -> None:
        """Note that arrays are items of lists that grow in the loop, if that is how a name meets its head."""
        self._note_listed(met, self.names.end_tokens.get(name, UNBOUND))

    def _note_listed(self, met: Value, token: Value) -> None:
        met = met.contents if isinstance(met, Parcel) else met
        if isinstance(met, Grown):
            for each in reach.objects_in(self.names.end_tokens, token, attributes=False):
                if memory.is_array(each):
                    memory.share_with_lists(self.frame, each)
            return
        token = self.names.end_tokens.get(token.key) if isinstance(token, Container) else token
        if isinstance(met, dict) and isinstance(token, dict):
            for key in met.keys() & token.keys():
                self._note_listed(met[key], token[key])
        elif isinstance(met, (tuple, list)) and isinstance(token, (tuple, list)):
            for inner, own in zip(met, token):
                self._note_listed(inner, own)

    def note(self, env: dict[str, Value]) -> None:
        """Note what the objects that the loop carries may be beside themselves."""
        objects = self.frame.context.objects
        for name in self.names.objects():
            held = env.get(name, UNBOUND)
            if memory.is_array(held):
                objects.carried[held] = self.frame.where(self.names.node), name
            for i, token in enumerate(reach.objects_in(env, held, attributes=False)):
                if not (isinstance(held, Either) and isinstance(token, Ref)):  # of several, each is itself
                    objects.may_be(token, self.maybe.get((name, i), ()))

    def note_behind(self, env: dict[str, Value]) -> None:
        """Note which objects names hold one after the other; `env` is what they hold after the loop."""
        behind = self.frame.context.objects.behind
        for name in (*self.names.objects(), *self.names.produced, RESULT, *self.names.leaving):
            around = (self.names.tokens, self.names.end_tokens), (self.names.head_tokens, env)
            held, made = ([token for each in envs for token in self._held_by(each, name)] for envs in around)
            for token in made:
                behind.setdefault(token, set()).update(held)

    def _held_by(self, env: dict[str, Value], name: str) -> Iterable[Token]:
        return reach.objects_in(env, env.get(name, UNBOUND), attributes=False)

    def note_installed(self, ended: dict[str, list[Container]]) -> None:
        """Note what the containers may be that names hold after the loop; `ended` is what they held at its end."""
        frame, objects = self.frame, self.frame.context.objects
        origins = {name: frozenset().union(*map(objects.origins, each)) for name, each in ended.items()}
        for name, own in origins.items():
            shared: set[Token] = {each for each in own if isinstance(each, Container) and each.key in self.names.entry}
            for other, others in origins.items():
                if other != name and not own.isdisjoint(others):
                    shared.add(self.markers.setdefault(frozenset(((name, -1), (other, -1))), Var(INT, "shared")))
            for token in reach.objects_in(frame.env, frame.env[name]):
                if isinstance(token, Container):
                    objects.may_be(token, shared)
