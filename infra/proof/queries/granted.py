"""Every action that one actor can do to one resource, each with a request that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from infra.evaluator.policies import Applicable
from infra.evaluator.request import ContextValue
from infra.proof.facts import Resource
from infra.proof.report import Statement
from infra.proof.symbolic import Question, Sat, Unknown
from infra.proof.symbolic.deciding import alike
from infra.proof.symbolic.statements import Asked, asked_by
from infra.proof.world import Actor, World, ask, doubts, questions, statements_of


@dataclass(frozen=True, kw_only=True)
class Granted:
    """Actions that one actor can do.

    Args:
        actions: The actions: the same statements allow them all.
        resource: What an allowed request names; a pattern where nothing is certain.
        context: The context keys that it needs, but for those that nobody chooses.
        statements: What allows it.
        doubt: Why it is not certain; empty where it is.
    """

    actions: tuple[str, ...]
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])
    statements: tuple[Statement, ...] = ()
    doubt: str = ""


def granted(
    world: World, actor: Actor, resource: Resource, actions: Iterable[str] | None = None
) -> Iterator[tuple[str, Granted]]:
    """What an actor can do to a resource, and to what is in it: the family's pattern with the actions.

    Args:
        world: The estate.
        actor: Who asks.
        resource: The resource.
        actions: The actions, ``service:Action``; all of the catalogue for its types where it is None.
    """
    for question in questions(world, actor, resource, actions):
        statements = [*_of_routes(world), *(one for those in asked_by(question.policies).values() for one in those)]
        for those in alike(question, statements):
            found = _asked(world, replace(question, actions=(those[0],)), tuple(those))
            if found is not None:
                yield _pattern(question), found


def _asked(world: World, question: Question, actions: tuple[str, ...]) -> Granted | None:
    answer = ask(world, question)
    if isinstance(answer, Sat):
        unsure = doubts(world, question, answer)
        return Granted(
            actions=actions,
            resource=answer.witness.resource,
            context={key: value for key, value in answer.witness.context.items() if not question.is_fixed(key.lower())},
            statements=statements_of(world, answer),
            doubt="; ".join(f"{one.source}: {one.why}" for one in unsure),
        )
    if isinstance(answer, Unknown):
        return Granted(actions=actions, resource=_pattern(question), doubt="; ".join(answer.reasons))
    return None


def _pattern(question: Question) -> str:
    return "".join(one if isinstance(one, str) else "*" for one in question.family.pattern)


_ROUTES: WeakKeyDictionary[World, tuple[Asked, ...]] = WeakKeyDictionary()


def _of_routes(world: World) -> tuple[Asked, ...]:
    """The statements of the policies of all VPC endpoints, by which actions differ too."""
    found = _ROUTES.get(world)
    if found is None:
        policies = [world.policy(one.policy) for one in world.routes]
        found = _ROUTES[world] = tuple(
            one for policy in policies for those in asked_by(Applicable(endpoint=policy)).values() for one in those
        )
    return found
