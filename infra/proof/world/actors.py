"""Who can ask: a principal in one of its states, an outsider, or a service that acts for somebody's resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.request import Caller, ContextValue, caller_of
from infra.proof.facts import Principal, PrincipalKind
from infra.proof.world.listing import allowing, without_denies
from infra.proof.world.session_tags import Tags, matches_any, sessions
from infra.proof.world.world import World
from infra.proof.world.worst_case import everything

_TAG = "aws:PrincipalTag/"
_SOURCE_IDENTITY = "sts:setsourceidentity"
#: What only a service's own request has. Source: IAM User Guide, "AWS global condition context keys", aws:SourceArn,
#: aws:SourceAccount, aws:SourceOrgID and aws:SourceOrgPaths, Availability.
NO_SOURCE = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths")

Fixed = tuple[tuple[str, ContextValue], ...]


class Identity(StrEnum):
    """Which identity policies a principal has."""

    DEPLOYED = "as deployed"
    #: Somebody has taken away those that deny.
    WITHOUT_DENIES = "without those that deny"
    #: Somebody has given it all rights.
    EVERYTHING = "that allow everything"


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller in one state; two are equal if they can ask the same.

    Args:
        caller: Who it is to policies.
        principal: The role or user that it is; None for anybody that is none of the estate.
        owner: Whose it is; None where it is shared or of nobody.
        tags: Its principal tags that it cannot choose, by name in lower case; None for one that it does not have.
        fixed: Further context keys that it cannot choose, with their values; None for a key that no request of it has.
        choosable_tags: Globs of the names of its principal tags whose values it can choose.
        session_tags: Those of its tags that came with the session, and may go on to the next.
        identity: Which identity policies it has.
        bounded: Whether it still has its permissions boundary.
        within: What all its requests must pass too, as the policy of an endpoint would.
        label: How reports call it.
    """

    caller: Caller
    principal: Principal | None = field(default=None, compare=False)
    owner: str | None = field(default=None, compare=False)
    tags: tuple[tuple[str, str | None], ...] = ()
    fixed: Fixed = ()
    choosable_tags: tuple[str, ...] = ()
    session_tags: Tags = ()
    identity: Identity = Identity.DEPLOYED
    bounded: bool = True
    within: Policy | None = None
    label: str = field(default="", compare=False)

    @property
    def arn(self) -> str:
        """Its ARN, a service's name, or ``*`` for the anonymous."""
        return self.caller.arn

    @property
    def context(self) -> Mapping[str, ContextValue]:
        """The context keys that it cannot choose."""
        return {**{f"{_TAG}{key}": value for key, value in self.tags}, **dict(self.fixed)}

    def subsumes(self, other: Actor) -> bool:
        """Whether it can do everything that another state of the same caller can."""
        return (
            self.caller == other.caller
            and self.fixed == other.fixed
            and self.within is other.within
            and (self.identity is other.identity or self.identity is Identity.EVERYTHING)
            and self.bounded <= other.bounded
            and self._covers_tags(other)
        )

    def _covers_tags(self, other: Actor) -> bool:
        mine, its = dict(self.tags), dict(other.tags)
        going_on = {*self.session_tags} >= {(key, value) for key, value in other.session_tags if not self._chooses(key)}
        chooses_all = "*" in self.choosable_tags or {*self.choosable_tags} >= {*other.choosable_tags}
        return (
            going_on
            and chooses_all
            and all(its.get(key) == value and not other._chooses(key) for key, value in mine.items())
            and all(key in mine or value is None or self._chooses(key) for key, value in its.items())
        )

    def _chooses(self, tag: str) -> bool:
        return tag not in dict(self.tags) and matches_any(tag, self.choosable_tags)


def identity_policies(world: World, actor: Actor) -> tuple[Policy, ...]:
    """The identity policies of an actor."""
    if actor.identity is Identity.EVERYTHING:
        return (_EVERYTHING,)
    if actor.principal is None:
        return ()
    deployed = world.identity(actor.principal)
    return deployed if actor.identity is Identity.DEPLOYED else tuple(map(without_denies, deployed))


def boundary_policy(world: World, actor: Actor) -> Policy | None:
    """The permissions boundary of an actor; None where it has none, or somebody has taken it away."""
    return world.boundary(actor.principal) if actor.bounded and actor.principal is not None else None


def administers(world: World, actor: Actor) -> bool:
    """Whether an actor has all rights that the identity policies of its account can give."""
    return actor.identity is Identity.EVERYTHING and boundary_policy(world, actor) is None


#: One for all, as what is compiled of a policy is kept beside it.
_EVERYTHING = everything(PolicyKind.IDENTITY, "policies that the caller gives itself")


def actors_of(world: World, owner: str | None) -> Iterator[Actor]:
    """The roles and users of an owner in every state that a session of theirs can be in.

    A role whose trust lets sessions bring tags has one state for each choice of them, whoever makes the session.

    Args:
        world: The estate.
        owner: A tenant, an owner of the platform's, or None for those that nobody owns.
    """
    for principal in world.principals_of(owner):
        yield from states_of(world, principal)


def states_of(world: World, principal: Principal) -> Iterator[Actor]:
    """A role or user in every state that a session of it can be in, whoever makes the session."""
    yield state_of(world, principal)
    trust = world.trust(principal)
    if trust is not None:
        for session in sessions(trust):
            yield from (state_of(world, principal, tags, session.choosable) for tags in session.choices())


def state_of(
    world: World, principal: Principal, session: Mapping[str, str | None] | None = None, choosable: tuple[str, ...] = ()
) -> Actor:
    """A role or user, with the tags of a session over its own.

    Args:
        world: The estate.
        principal: The role or user.
        session: The tags of the session; with None for one that it does not bring.
        choosable: Globs of the names of tags that the session's maker chooses, but for those in ``session``.
    """
    given = {key.lower(): value for key, value in (session or {}).items()}
    brought = {key: value for key, value in given.items() if value is not None}
    own = {key.lower(): value for key, value in principal.tags.items()}
    resource = world.resources.get(principal.arn)
    if not principal.complete or (resource is not None and not world.has_known_tags(resource)):
        choosable = ("*",)
    kept = {key: value for key, value in own.items() if key in given or not matches_any(key, choosable)}
    left_out = {key: None for key in given if key not in own and key not in brought}
    return Actor(
        caller=_caller(world, principal),
        principal=principal,
        owner=principal.owner,
        tags=tuple(sorted({**kept, **left_out, **brought}.items())),
        fixed=tuple(_fixed_of(world, principal)),
        choosable_tags=tuple(one for one in choosable if one.lower() not in given),
        session_tags=tuple(sorted(brought.items())),
        label=principal.arn,
    )


def _caller(world: World, principal: Principal) -> Caller:
    """The caller; a principal whose ARN is not known yet has some name that no policy writes."""
    if "*" not in principal.arn:
        return caller_of(principal.arn)
    account = principal.account or next(iter(sorted(world.accounts)), "000000000000")
    name = "".join(letter if letter.isalnum() else "-" for letter in principal.source.urn)[-64:]
    return caller_of(f"arn:aws:iam::{account}:{principal.kind.value}/not-known-yet/{name}")


def _fixed_of(world: World, principal: Principal) -> Iterator[tuple[str, ContextValue]]:
    yield from ((key, None) for key in NO_SOURCE)
    if principal.kind is PrincipalKind.USER or not _takes_source_identity(world.trust(principal)):
        yield "aws:SourceIdentity", None


def _takes_source_identity(trust: Policy | None) -> bool:
    """Whether any session of the role can have a source identity, which its trust must allow.

    Source: AWS STS API Reference, "AssumeRole" (SourceIdentity); IAM User Guide, "Monitor and control actions taken
    with assumed roles".
    """
    return trust is None or any(allowing((trust,), _SOURCE_IDENTITY))
