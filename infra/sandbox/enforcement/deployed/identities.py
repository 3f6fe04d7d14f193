"""The policies of a principal: inline, managed and of its groups, its permissions boundary, its session's.

Sources: IAM User Guide, "Managed policies and inline policies", "Permissions boundaries for IAM entities", "Policies
and permissions in AWS Identity and Access Management" (session policies).
"""

from __future__ import annotations

from collections.abc import Iterator

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User, iam_backends

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.request import Caller, CallerKind
from infra.sandbox.enforcement.deployed.documents import compiled
from infra.sandbox.moto_extensions.sts_sessions import PARTITION, RoleSession, find_role

#: What a policy allows that was there when a session was bound to it and is no more.
_NOTHING_ALLOWED = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def holder_of(caller: Caller) -> Role | User | None:
    """The role or user in IAM that a caller is; None for those without policies of their own."""
    if caller.role_arn is not None:
        return find_role(caller.role_arn)
    if caller.kind is CallerKind.USER and caller.account and caller.account in iam_backends:
        users = iam_backends[caller.account][PARTITION].users.values()
        return next((user for user in users if user.arn == caller.arn), None)
    return None


def identity_policies(holder: Role | User) -> tuple[Policy, ...]:
    """Everything that is attached to a role or user, and to the user's groups."""
    return tuple(_identity_policies(holder))


def boundary_policy(holder: Role | User) -> Policy | None:
    """The permissions boundary of a role; moto keeps none for users.

    A boundary that was deleted under its role allows nothing.
    """
    arn: str | None = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    return compiled(_managed_document(holder.account_id, arn), PolicyKind.BOUNDARY, arn)


def session_policies(session: RoleSession) -> tuple[Policy, ...] | None:
    """The policies that bound a session beyond its role; None if it was made without any."""
    if not session.bounded:
        return None
    inline = [
        compiled(document, PolicyKind.SESSION, f"session policy of {session.name}") for document in session.policies
    ]
    managed = [
        compiled(_managed_document(session.account, arn), PolicyKind.SESSION, arn) for arn in session.policy_arns
    ]
    return (*inline, *managed)


def _identity_policies(holder: Role | User) -> Iterator[Policy]:
    yield from _attached(holder, holder.name)
    if isinstance(holder, User):
        for group in _backend(holder.account_id).groups.values():
            if holder in group.users:
                yield from _attached(group, f"group {group.name}")


def _attached(holder: Role | User | Group, name: str) -> Iterator[Policy]:
    for title, document in holder.policies.items():
        yield compiled(document, PolicyKind.IDENTITY, f"{name}/{title}")
    for arn, policy in holder.managed_policies.items():
        yield compiled(_default_version(policy), PolicyKind.IDENTITY, arn)


def _managed_document(account: str, arn: str) -> str:
    policy = _backend(account).managed_policies.get(arn)
    return _NOTHING_ALLOWED if policy is None else _default_version(policy)


def _default_version(policy: ManagedPolicy) -> str:
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return version.document or _NOTHING_ALLOWED
    return _NOTHING_ALLOWED


def _backend(account: str) -> IAMBackend:
    return iam_backends[account][PARTITION]
