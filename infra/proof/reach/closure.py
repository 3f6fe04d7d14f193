"""The closure: every actor that somebody becomes by any chain of steps, each with the shortest chain to it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from infra.evaluator.request import CallerKind
from infra.proof.facts import Unknown
from infra.proof.reach.assuming import assuming, federating
from infra.proof.reach.creating import creating
from infra.proof.reach.deputies import deputies
from infra.proof.reach.editing import Edit, Gain, edits, seizing
from infra.proof.reach.federation import federated, forging
from infra.proof.reach.moves import Move
from infra.proof.reach.running import passing, running
from infra.proof.report import Step, UnknownFact
from infra.proof.world import Actor, World
from infra.proof.world.actors import administers

#: Nobody has more states: with more, the rest is not known.
_MOST_ACTORS = 2_000
#: Up to so many, every state is told apart.
_MANY_ACTORS = 60
#: Callers whose requests make them somebody else; a service that acts for somebody stays what it is.
_MOVING = frozenset({CallerKind.ROLE, CallerKind.ROLE_SESSION, CallerKind.USER})


@dataclass(frozen=True, slots=True)
class _Way:
    """How an actor was reached.

    Args:
        steps: The chain from a start.
        doubts: What is not known that the chain rests on.
        start: Whom it starts from.
    """

    steps: tuple[Step, ...]
    doubts: tuple[Unknown, ...]
    start: Actor


class Reached:
    """Everybody that the starts become.

    Args:
        ways: How each was reached, the shortest chains first.
        unknown: The steps that cannot be ruled out.
    """

    def __init__(self, ways: dict[Actor, _Way], unknown: tuple[UnknownFact, ...]) -> None:
        self._ways = ways
        self.actors: tuple[Actor, ...] = tuple(ways)
        self.unknown = unknown

    def chain(self, actor: Actor) -> tuple[Step, ...]:
        """The steps from a start to an actor; empty for a start."""
        return self._ways[actor].steps

    def doubts(self, actor: Actor) -> tuple[Unknown, ...]:
        """What is not known that the chain rests on: what the actor then does is no leak that is certain."""
        return self._ways[actor].doubts

    def start(self, actor: Actor) -> Actor:
        """Whom the chain starts from."""
        return self._ways[actor].start


def closure(world: World, starts: Iterable[Actor], until: Callable[[Actor], bool] = lambda _: False) -> Reached:
    """Everybody that some actors become by any chain of steps.

    Args:
        world: The estate.
        starts: Who they are at first.
        until: Whether somebody was looked for; the search ends with the first, and is not complete then.
    """
    return _Search(world, until).run(tuple(starts))


class _Search:
    """A search from the starts, a step farther each round, until nobody new is found."""

    def __init__(self, world: World, until: Callable[[Actor], bool]) -> None:
        self._world = world
        self._until = until
        self._is_over = False
        self._ways: dict[Actor, _Way] = {}
        self._by_caller: dict[str, list[Actor]] = defaultdict(list)
        self._edits: dict[str, list[tuple[Actor, Edit]]] = defaultdict(list)
        self._unknown: dict[UnknownFact, None] = {}
        self._waiting: deque[Actor] = deque()
        self._explored: set[str | None] = set()
        self._new: list[Actor] = []
        self._administered: set[str | None] = set()

    def run(self, starts: tuple[Actor, ...]) -> Reached:
        for start in starts:
            if start not in self._ways:
                self._add(start, _Way((), (), start))
        first = set(self._ways)
        while self._waiting and not self._is_over and len(self._ways) <= _MOST_ACTORS:
            actor = self._waiting.popleft()
            if actor in first:
                self._take(actor, federated(self._world, actor, self._is_known))
            if actor.caller.kind in _MOVING and not self._is_over:
                self._take(actor, self._moves(actor))
                if not self._was_here(actor):
                    self._edit(actor)
                if administers(self._world, actor) and "*" in actor.choosable_tags:
                    self._explored.add(actor.caller.account)
        if self._waiting and not self._is_over:
            why = f"more than {_MOST_ACTORS} states of callers can be reached: the rest was not looked at"
            self._unknown[UnknownFact(urn=starts[0].label, property="chains", why=why)] = None
        return Reached(self._ways, tuple(self._unknown))

    def _moves(self, actor: Actor) -> Iterator[Move | UnknownFact]:
        world = self._world
        yield from assuming(world, actor, self._is_known)
        if self._was_here(actor):
            return
        yield from federating(world, actor, self._is_known)
        yield from passing(world, actor, self._is_known)
        yield from running(world, actor, self._is_known)
        yield from seizing(world, actor, self._is_known)
        yield from forging(world, actor, self._is_known)
        yield from creating(world, actor, self._makes_principals)
        yield from deputies(world, actor, self._is_known)

    def _was_here(self, actor: Actor) -> bool:
        """Whether an administrator of the account, with any tags, took all steps: another takes those by its name."""
        many = len(self._ways) > _MANY_ACTORS
        return many and actor.caller.account in self._explored and administers(self._world, actor)

    def _take(self, actor: Actor, moves: Iterable[Move | UnknownFact]) -> None:
        for one in moves:
            if isinstance(one, UnknownFact):
                self._unknown[one] = None
            elif not self._is_known(one.to):
                way = self._ways[actor]
                self._add(one.to, _Way((*way.steps, one.step), _joined(way.doubts, one.doubts), way.start))
            if self._is_over:
                return

    def _edit(self, actor: Actor) -> None:
        for one in edits(self._world, actor, self._is_done):
            if isinstance(one, UnknownFact):
                self._unknown[one] = None
                continue
            self._edits[one.arn].append((actor, one))
            for edited in tuple(self._by_caller[one.arn]):
                self._apply(actor, one, edited)

    def _is_done(self, arn: str, gain: Gain) -> bool:
        """Whether somebody reached gives a principal a gain for certain: a second editor reaches nobody new."""
        return any(
            edit.gain is gain and not edit.by.doubts and not self._ways[editor].doubts
            for editor, edit in self._edits.get(arn, ())
        )

    def _apply(self, editor: Actor, edit: Edit, edited: Actor) -> None:
        """Add what an actor is after somebody who was reached too has edited what it may do."""
        after = edit.gain.applied(edited)
        if self._is_known(after) or self._gains_nothing(edited):
            return
        first, then = self._ways[editor], self._ways[edited]
        step = _becoming(edit.by.step, after)
        if then.steps[: len(first.steps)] == first.steps:
            steps = (*then.steps, step)
        else:
            steps = (*first.steps, step, *(one for one in then.steps if one not in first.steps))
        doubts = _joined(_joined(first.doubts, then.doubts), edit.by.doubts)
        self._add(after, _Way(steps, doubts, first.start))

    def _gains_nothing(self, edited: Actor) -> bool:
        """Whether more rights of a principal are worth nothing: many are known, and one administers its account.

        Whoever administers the account has these rights too, but for what other accounts allow to the principal alone.
        """
        administered = edited.caller.account in self._administered and len(self._ways) > _MANY_ACTORS
        return administered and edited.arn not in self._world.named_across

    def _add(self, actor: Actor, way: _Way) -> None:
        self._ways[actor] = way
        self._is_over = self._is_over or self._until(actor)
        self._waiting.append(actor)
        if actor.caller.kind in _MOVING and administers(self._world, actor):
            self._administered.add(actor.caller.account)
        if actor.principal is None:
            self._by_caller[actor.arn].append(actor)
            return
        arn = actor.principal.arn
        self._by_caller[arn].append(actor)
        if arn not in self._world.principals:
            self._new.append(actor)
        for editor, edit in tuple(self._edits[arn]):
            self._apply(editor, edit, actor)

    def _makes_principals(self, account: str | None) -> bool:
        """Whether somebody reached makes principals of an account that nothing limits."""
        made = (one for one in self._new if one.caller.account == account)
        return any(not one.bounded and not self._ways[one].doubts for one in made)

    def _is_known(self, actor: Actor) -> bool:
        arn = actor.arn if actor.principal is None else actor.principal.arn
        return any(one.subsumes(actor) for one in self._by_caller.get(arn, ()))


def _becoming(step: Step, actor: Actor) -> Step:
    return Step(
        kind=step.kind,
        principal=step.principal,
        action=step.action,
        resource=step.resource,
        becomes=actor.arn,
        context=step.context,
        statements=step.statements,
    )


def _joined(one: tuple[Unknown, ...], other: tuple[Unknown, ...]) -> tuple[Unknown, ...]:
    return tuple(dict.fromkeys((*one, *other)))
