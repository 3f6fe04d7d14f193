"""The step to a role of another owner by an identity of a provider that both owners' trusts accept.

Whom a trust accepts is one of its owner's people or pipelines. A claim with several values, such as a user's groups,
counts only if all of them are of the first owner: who is in the groups of two owners was made both owners'.
Source: IAM User Guide, "Available keys for AWS OIDC federation", "Available keys for SAML-based AWS STS federation".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from infra.evaluator.document import Condition, Policy, Statement
from infra.evaluator.grammar import Quantifier, parse_operator
from infra.evaluator.kinds import Effect
from infra.evaluator.policies import Applicable
from infra.evaluator.request import caller_of
from infra.proof import symbolic
from infra.proof.facts import Principal
from infra.proof.reach.moves import Allowed, Move, first_allowed, move, not_known
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, World, questions
from infra.proof.world.actors import NO_SOURCE, boundary_policy, identity_policies, states_of
from infra.proof.world.listing import allowing, lists

_FORGE = "iam:UpdateSAMLProvider"
_ACTIONS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
#: What is true of every request, and so says nothing of the identity.
_SERVICES_KEYS = frozenset({"aws", "sts", "iam"})


@dataclass(frozen=True, slots=True)
class _Accepted:
    """Whom a statement of a trust accepts.

    Args:
        role: The role.
        provider: The identity provider.
        pinned: Claims of which one of some literal values is required.
    """

    role: Principal
    provider: str
    pinned: Mapping[str, frozenset[str]]

    def may_share(self, other: _Accepted) -> bool:
        """Whether one identity may be accepted by both."""
        both = self.pinned.keys() & other.pinned.keys()
        return self.provider == other.provider and all(self.pinned[key] & other.pinned[key] for key in both)


def federated(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles that an identity can assume which an actor's own trust accepts.

    Args:
        world: The estate.
        actor: A role in which somebody of a provider starts.
        is_known: Whether an actor needs no step any more.
    """
    if actor.principal is None or actor.principal.trust is None:
        return
    accepting = _accepting(world)
    own = accepting.of_role(actor.principal.arn)
    trust = world.trust(actor.principal)
    if trust is None:
        return
    for provider in dict.fromkeys(one.provider for one in own):
        identity = Actor(
            caller=caller_of(provider),
            owner=actor.owner,
            fixed=tuple((key, None) for key in NO_SOURCE),
            within=_claims_of(trust),
            label=f"whom {actor.label} accepts of {provider}",
        )
        others = {two.role.arn: two.role for one in own if one.provider == provider for two in accepting.near(one)}
        for role in others.values():
            yield from _assuming(world, identity, role, is_known)


def forging(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles that trust a provider whose signatures an actor can make: by writing the provider's metadata anew.

    Args:
        world: The estate.
        actor: Who writes it.
        is_known: Whether an actor needs no step any more.
    """
    identity = identity_policies(world, actor)
    if not any(allowing(identity, _FORGE.lower())):
        return
    for provider in world.naming.named("Federated"):
        if ":saml-provider/" not in provider:
            continue
        roles = [one for one in world.estate.principals if _trusts(world, one, provider)]
        targets = [target for one in roles for target in states_of(world, one) if not is_known(target)]
        found = first_allowed(world, [_forged(world, actor, provider)] if targets else [])
        if isinstance(found, Allowed):
            yield from (move(world, "edit-trust", target, found) for target in targets)
        elif found:
            yield not_known(actor, "edit-trust", provider, found)


def _forged(world: World, actor: Actor, provider: str) -> Question:
    return Question(
        caller=actor.caller,
        family=symbolic.Family.exactly(provider, provider.split(":")[4]),
        actions=(_FORGE,),
        policies=Applicable(identity=identity_policies(world, actor), boundary=boundary_policy(world, actor)),
        fixed=actor.context,
        choosable_tags=actor.choosable_tags,
    )


def _trusts(world: World, role: Principal, provider: str) -> bool:
    return any(one.provider == provider for one in _accepting(world).of_role(role.arn))


def _assuming(
    world: World, identity: Actor, role: Principal, is_known: Callable[[Actor], bool]
) -> Iterator[Move | UnknownFact]:
    targets = [one for one in states_of(world, role) if not is_known(one)]
    resource = world.resources.get(role.arn)
    if not targets or resource is None:
        return
    found = first_allowed(world, questions(world, identity, resource, _ACTIONS))
    if isinstance(found, Allowed):
        yield from (move(world, "web-identity", target, found) for target in targets)
    elif found:
        yield not_known(identity, "web-identity", role.arn, found)


class _Index:
    """Whom the trusts of an estate accept of identity providers."""

    def __init__(self, world: World) -> None:
        self._by_role: dict[str, list[_Accepted]] = defaultdict(list)
        #: By provider, claim and value, or by provider, claim and None for those that do not pin the claim.
        self._by_claim: dict[tuple[str, str, str | None], list[_Accepted]] = defaultdict(list)
        self._claims: dict[str, set[str]] = defaultdict(set)
        every = [one for role in world.estate.principals for one in _accepted_by(world, role)]
        for one in every:
            self._by_role[one.role.arn].append(one)
            self._claims[one.provider].update(one.pinned)
        for one in every:
            for claim in self._claims[one.provider]:
                for value in one.pinned.get(claim, (None,)):
                    self._by_claim[one.provider, claim, value].append(one)

    def of_role(self, arn: str) -> tuple[_Accepted, ...]:
        return tuple(self._by_role.get(arn, ()))

    def near(self, one: _Accepted) -> Iterator[_Accepted]:
        """Who may accept the same identity: looked for by the claim that tells most apart."""
        if one.pinned:
            found = self._sharing(one, min(sorted(one.pinned), key=lambda claim: self._count(one, claim)))
        else:
            found = (two for those in self._by_role.values() for two in those)
        yield from (two for two in found if two.role.arn != one.role.arn and one.may_share(two))

    def _count(self, one: _Accepted, claim: str) -> int:
        return sum(len(self._by_claim.get((one.provider, claim, value), ())) for value in (*one.pinned[claim], None))

    def _sharing(self, one: _Accepted, claim: str) -> Iterator[_Accepted]:
        for value in (*sorted(one.pinned[claim]), None):
            yield from self._by_claim.get((one.provider, claim, value), ())


_INDEXES: WeakKeyDictionary[World, _Index] = WeakKeyDictionary()


def _accepting(world: World) -> _Index:
    found = _INDEXES.get(world)
    if found is None:
        found = _INDEXES[world] = _Index(world)
    return found


def _accepted_by(world: World, role: Principal) -> Iterator[_Accepted]:
    trust = world.trust(role)
    for statement in trust.statements if trust is not None else ():
        if statement.effect is not Effect.ALLOW or not any(lists(statement, one.lower()) for one in _ACTIONS):
            continue
        for name in statement.principals or ():
            if name.type == "Federated":
                yield _Accepted(role, name.value, _pins(trust, statement) if trust is not None else {})


def _pins(trust: Policy, statement: Statement) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for condition in statement.conditions:
        operator = parse_operator(condition.operator)
        if operator is None or operator.name != "StringEquals" or operator.if_exists:
            continue
        literal = not (trust.has_variables and any("${" in value for value in condition.values))
        if _is_claim(condition) and operator.quantifier is not Quantifier.ALL and literal:
            found[condition.key] = found.get(condition.key, frozenset(condition.values)) & frozenset(condition.values)
    return found


_CLAIMS: WeakKeyDictionary[Policy, Policy] = WeakKeyDictionary()


def _claims_of(trust: Policy) -> Policy:
    """What a trust asks of the identity alone, not of the single request; made once and kept as long as the trust."""
    found = _CLAIMS.get(trust)
    if found is None:
        kept = tuple(one for one in map(_about_identity, trust.statements) if one is not None)
        found = _CLAIMS[trust] = replace(trust, statements=kept)
    return found


def _about_identity(statement: Statement) -> Statement | None:
    claims = tuple(one for one in statement.conditions if _is_claim(one))
    if statement.effect is Effect.DENY:
        return statement if len(claims) == len(statement.conditions) else None
    return replace(statement, conditions=tuple(one for claim in claims for one in _of_all_values(claim)))


def _of_all_values(condition: Condition) -> tuple[Condition, ...]:
    """Of a claim with several values, that there are some and that all of them are accepted, not one of them only."""
    operator = parse_operator(condition.operator)
    if operator is None or operator.quantifier is not Quantifier.ANY:
        return (condition,)
    every = replace(condition, operator=f"{Quantifier.ALL.value}:{operator.name}")
    return every, Condition("Null", condition.key, ("false",))


def _is_claim(condition: Condition) -> bool:
    """Whether a condition is about the identity: its key is the provider's."""
    return condition.key.partition(":")[0] not in _SERVICES_KEYS
