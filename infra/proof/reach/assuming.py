"""The step to another role by ``sts:AssumeRole``, with the tags that the session brings or takes along.

Source: IAM User Guide, "Pass session tags in AWS STS", Chaining roles with session tags: tags of a session go on to the
next if they are transitive, and then the next session can bring no others of these names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from infra.evaluator.document import Statement
from infra.evaluator.policies import Applicable
from infra.evaluator.request import CallerKind, ContextValue
from infra.proof import symbolic
from infra.proof.facts import Principal, Resource
from infra.proof.reach.moves import Allowed, Move, first_allowed, fixing, move, not_known
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, World, candidates, questions
from infra.proof.world.actors import boundary_policy, identity_policies, state_of
from infra.proof.world.mentions import keys_in
from infra.proof.world.session_tags import Session, matches_any, sessions

_ASSUME, _TAG = "sts:AssumeRole", "sts:TagSession"
#: What a user needs to become a federated user with tags.
_FEDERATE = ("sts:GetFederationToken", _TAG)
_REQUEST_TAG = "aws:requesttag/"
_OF_TAGS = ("aws:TagKeys", "sts:TransitiveTagKeys")
_CALLERS = frozenset({CallerKind.ROLE, CallerKind.ROLE_SESSION, CallerKind.USER})
#: With more tags that may go on to the next session, they count as chosen freely.
_MOST_TRANSITIVE = 3

_Given = Mapping[str, str | None]


def assuming(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles that an actor can assume, in every state that it can give their sessions.

    Args:
        world: The estate.
        actor: Who assumes.
        is_known: Whether an actor needs no step any more.
    """
    if actor.caller.kind not in _CALLERS:
        return
    for resource in candidates(world, actor, (_ASSUME,)):
        role = world.principals.get(resource.arn)
        if role is not None and role.trust is not None:
            yield from _plain(world, actor, role, resource, is_known)
            yield from _tagged(world, actor, role, resource, is_known)


def federating(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """A user as a federated user with tags of its choice: its rights are the user's, which it passes on whole.

    Args:
        world: The estate.
        actor: The user.
        is_known: Whether an actor needs no step any more.

    Source: AWS STS API Reference, "GetFederationToken" (Tags).
    """
    target = replace(actor, tags=(), choosable_tags=("*",))
    if actor.caller.kind is not CallerKind.USER or is_known(target):
        return
    policies = Applicable(identity=identity_policies(world, actor), boundary=boundary_policy(world, actor))
    account = actor.caller.account or ""
    both: list[Allowed] = []
    for action in _FEDERATE:
        question = Question(
            caller=actor.caller,
            family=symbolic.Family.like(f"arn:aws:sts::{account}:federated-user/*", account),
            actions=(action,),
            policies=policies,
            fixed=actor.context,
            choosable_tags=actor.choosable_tags,
        )
        found = first_allowed(world, [question])
        if not isinstance(found, Allowed):
            if found:
                yield not_known(actor, "assume-role", actor.arn, found)
            return
        both.append(found)
    yield move(world, "assume-role", target, *both)


def _plain(
    world: World, actor: Actor, role: Principal, resource: Resource, is_known: Callable[[Actor], bool]
) -> Iterator[Move | UnknownFact]:
    """Sessions that bring no tags but those that go on from the caller's session."""
    targets = [one for one in _states(world, actor, role, {}, ()) if not is_known(one)]
    if not targets:
        return
    asked = list(questions(world, actor, resource, (_ASSUME,)))
    found = first_allowed(world, (one for each in asked for one in fixing([each], _no_tags(actor, each))))
    if isinstance(found, Allowed):
        yield from (move(world, "assume-role", target, found) for target in targets)
    elif found:
        yield not_known(actor, "assume-role", role.arn, found)


def _tagged(
    world: World, actor: Actor, role: Principal, resource: Resource, is_known: Callable[[Actor], bool]
) -> Iterator[Move | UnknownFact]:
    """Sessions that bring tags: the caller needs ``sts:TagSession`` too."""
    trust = world.trust(role)
    if trust is None:
        return
    for session in sessions(trust, _value_of(actor), _naming(actor)):
        for given in session.choices():
            states = _states(world, actor, role, given, _free(session, given))
            targets = [one for one in states if not is_known(one)]
            if targets:
                yield from _ask_tagged(world, actor, resource, given, targets)


def _ask_tagged(
    world: World, actor: Actor, resource: Resource, given: _Given, targets: list[Actor]
) -> Iterator[Move | UnknownFact]:
    fixed = {f"{_REQUEST_TAG}{key}": value for key, value in given.items()}
    both: list[Allowed] = []
    for action in (_ASSUME, _TAG):
        found = first_allowed(world, fixing(questions(world, actor, resource, (action,)), fixed))
        if not isinstance(found, Allowed):
            if found:
                yield not_known(actor, "assume-role", resource.arn, found)
            return
        both.append(found)
    yield from (move(world, "assume-role", target, *both) for target in targets)


def _states(world: World, actor: Actor, role: Principal, given: _Given, choosable: tuple[str, ...]) -> Iterator[Actor]:
    """The states of a session of a role: with each choice of the tags that go on from the caller's session."""
    tags = dict(actor.session_tags)
    going_on = actor.choosable_tags
    if len(tags) > _MOST_TRANSITIVE:
        going_on, tags = (*going_on, *tags), {}
    free = tuple(dict.fromkeys([*choosable, *going_on]))
    told = {key for key, _ in actor.tags if len(actor.session_tags) <= _MOST_TRANSITIVE}
    pinned = {key: value for key, value in given.items() if key in told or not matches_any(key, going_on)}
    for chosen in product((False, True), repeat=len(tags)):
        along = {key: value for (key, value), goes in zip(tags.items(), chosen, strict=True) if goes}
        # What the caller's session has and did not choose is not chosen by that it goes on.
        staying = {key: None for key in told - along.keys() if not matches_any(key, choosable)}
        yield state_of(world, role, {**staying, **pinned, **along}, free)


def _free(session: Session, given: _Given) -> tuple[str, ...]:
    """What of a session's tags is chosen freely beside those that are given."""
    return session.choosable if given.keys() >= session.pinned.keys() else (*session.choosable, *session.pinned)


def _no_tags(actor: Actor, question: Question) -> dict[str, ContextValue]:
    """That a request brings no tags but those that go on from the caller's session."""
    along = {key for key, _ in actor.session_tags}
    fixed: dict[str, ContextValue] = {}
    for key in keys_in(question.policies):
        name = key.removeprefix(_REQUEST_TAG)
        if name != key and name not in along and not matches_any(name, actor.choosable_tags):
            fixed[key] = None
    return fixed if along or actor.choosable_tags else {**fixed, **dict.fromkeys(_OF_TAGS)}


def _value_of(actor: Actor) -> Callable[[str], str | None]:
    """The values of policy variables that the caller cannot choose."""
    values = {key.lower(): value for key, value in actor.context.items() if isinstance(value, str)}
    return values.get


def _naming(actor: Actor) -> Callable[[Statement], bool]:
    """Whether a statement names the caller for certain."""
    names = {actor.caller.arn, actor.caller.role_arn, actor.caller.account, "*"}
    names.add(f"arn:aws:iam::{actor.caller.account}:root")

    def named(statement: Statement) -> bool:
        return any(one.type == "AWS" and one.value in names for one in statement.principals or ())

    return named
