"""The steps that change what somebody may do, or who may be somebody: policies, boundaries, trusts, credentials.

Source: IAM API Reference, the pages of the actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, Statement
from infra.evaluator.kinds import Effect, PolicyKind
from infra.proof.facts import Principal, PrincipalKind, Resource
from infra.proof.reach.moves import Allowed, Move, first_allowed, move, not_known
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, Identity, World, candidates, questions
from infra.proof.world.actors import state_of


class Gain(StrEnum):
    """What a principal gains by an edit."""

    EVERYTHING = "all rights in its identity policies"
    NO_DENIES = "identity policies without those that deny"
    NO_BOUNDARY = "no permissions boundary"

    def applied(self, actor: Actor) -> Actor:
        """An actor after the edit."""
        match self:
            case Gain.EVERYTHING:
                return replace(actor, identity=Identity.EVERYTHING)
            case Gain.NO_DENIES:
                kept = actor.identity is not Identity.DEPLOYED
                return actor if kept else replace(actor, identity=Identity.WITHOUT_DENIES)
            case Gain.NO_BOUNDARY:
                return replace(actor, bounded=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """A request that changes what somebody may do.

    Args:
        arn: The ARN of who gains.
        gain: What.
        by: The request, as a move to whoever makes it.
    """

    arn: str
    gain: Gain
    by: Move


_BOUNDARY = "iam:permissionsboundary"
_PUT_BOUNDARY = ("iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary")
#: What of a role or user is edited by which actions.
_OF_PRINCIPALS: tuple[tuple[Gain, tuple[str, ...]], ...] = (
    (Gain.EVERYTHING, ("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy")),
    (
        Gain.NO_DENIES,
        ("iam:DeleteRolePolicy", "iam:DeleteUserPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy"),
    ),
    (Gain.NO_BOUNDARY, ("iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary")),
    (Gain.NO_BOUNDARY, _PUT_BOUNDARY),
)
_OF_POLICIES = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")
_OF_GROUPS = ("iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:PutGroupPolicy")
#: What gives whoever asks the credentials of a user.
_OF_CREDENTIALS = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
_OF_TRUST = ("iam:UpdateAssumeRolePolicy",)
_OF_ALL = (
    *(action for _, actions in _OF_PRINCIPALS for action in actions),
    *_OF_POLICIES,
    *_OF_GROUPS,
)


def edits(world: World, actor: Actor, is_done: Callable[[str, Gain], bool]) -> Iterator[Edit | UnknownFact]:
    """What an actor can change of what principals may do: its own rights or those of others.

    Args:
        world: The estate.
        actor: Who edits.
        is_done: Whether the principal with an ARN has a gain already.
    """
    for resource in candidates(world, actor, _OF_ALL):
        for gain, principals, asked in _editable(world, actor, resource):
            gaining = [one.arn for one in principals if not is_done(one.arn, gain)]
            found = first_allowed(world, asked if gaining else ())
            if isinstance(found, Allowed):
                by = move(world, "edit-policy", actor, found)
                yield from (Edit(arn, gain, by) for arn in gaining)
            elif found:
                yield not_known(actor, "edit-policy", resource.arn, found)


def seizing(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles whose trust an actor can write anew, and the users whose credentials it can make.

    Args:
        world: The estate.
        actor: Who does it.
        is_known: Whether an actor needs no step any more.
    """
    for resource in candidates(world, actor, (*_OF_TRUST, *_OF_CREDENTIALS)):
        principal = world.principals.get(resource.arn)
        if principal is None:
            continue
        # Whoever writes the trust lets itself choose the tags of the session too.
        of_role = principal.kind is PrincipalKind.ROLE
        target = state_of(world, principal, None, ("*",) if of_role else ())
        if is_known(target):
            continue
        found = first_allowed(world, questions(world, actor, resource, _OF_TRUST if of_role else _OF_CREDENTIALS))
        if isinstance(found, Allowed):
            yield move(world, "edit-trust", target, found)
        elif found:
            yield not_known(actor, "edit-trust", resource.arn, found)


_Editable = tuple[Gain, tuple[Principal, ...], Iterable[Question]]


def _editable(world: World, actor: Actor, resource: Resource) -> Iterator[_Editable]:
    """What is gained by whom if the policy of a principal, a group or a managed policy is edited."""
    principal = world.principals.get(resource.arn)
    if principal is not None:
        for gain, actions in _OF_PRINCIPALS:
            if gain is Gain.NO_BOUNDARY and principal.boundary is None:
                continue
            asked = questions(world, actor, resource, actions)
            own = principal.boundary.arn if principal.boundary is not None else None
            if actions == _PUT_BOUNDARY and own is not None:
                asked = (_replacing(question, own) for question in asked)
            yield gain, (principal,), asked
        return
    every = world.estate.principals
    holders = tuple(one for one in every if any(each.arn == resource.arn for each in one.identity))
    bounded = tuple(one for one in every if one.boundary is not None and one.boundary.arn == resource.arn)
    for gain, those in ((Gain.EVERYTHING, holders), (Gain.NO_BOUNDARY, bounded)):
        if those:
            yield gain, those, questions(world, actor, resource, _OF_POLICIES)
    if any(family.type == "group" for family in resource.families):
        # Which users are in a group is not kept: any of the account may be.
        users = tuple(one for one in every if one.kind is PrincipalKind.USER and one.account == resource.account)
        if users:
            yield Gain.EVERYTHING, users, questions(world, actor, resource, _OF_GROUPS)


def _replacing(question: Question, boundary: str) -> Question:
    """A question whose requests set another boundary than the one that is there, which would change nothing."""
    return replace(question, policies=replace(question.policies, session=(_any_but(boundary),)))


@lru_cache(maxsize=1024)
def _any_but(boundary: str) -> Policy:
    allow = Statement(index=0, sid=None, effect=Effect.ALLOW, actions=("*",), resources=("*",))
    same = Condition("StringEquals", _BOUNDARY, (boundary,))
    deny = Statement(index=1, sid=None, effect=Effect.DENY, actions=("*",), resources=("*",), conditions=(same,))
    return Policy(VARIABLES_SINCE, (allow, deny), PolicyKind.SESSION, "another boundary than before")
