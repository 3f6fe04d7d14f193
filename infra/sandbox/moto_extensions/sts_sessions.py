"""What a session of a role is: moto remembers its key and expiry, AWS also who it is and how far its rights go.

A session is kept beside its access key, and goes with it.
Sources: AWS STS API Reference, "AssumeRole", "AssumeRoleWithWebIdentity"; IAM User Guide, "Pass session tags in AWS
STS", "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moto.iam.models import AccessKey, Role, iam_backends

PARTITION = "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSession:
    """A session of a role, as it was made.

    Attributes:
        account: The role's account.
        role_arn: The role, with its path.
        role_id: The role's unique id (``AROA...``): a role that is made again by the same name is another one.
        name: The session's name.
        token: The session token that belongs to its key.
        issued_at: When it was made.
        expires_at: When it ends.
        tags: Session tags, with those that it inherited.
        transitive: Keys of the tags that sessions made from this one inherit.
        source_identity: Who is behind it, for it and all sessions made from it.
        policies: Inline session policies, as JSON.
        policy_arns: Managed policies as session policies.
        provider: The ARN of the identity provider that vouched for the caller.
        claims: Condition keys of that provider which stay with the session, such as ``HOST:sub``.
        mfa: Whether the caller proved to have the MFA device that it named.
    """

    account: str
    role_arn: str
    role_id: str
    name: str
    token: str
    issued_at: datetime
    expires_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    provider: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    mfa: bool = False

    @property
    def arn(self) -> str:
        """The session's ARN, which has the role's name but not its path."""
        return f"arn:{PARTITION}:sts::{self.account}:assumed-role/{self.role_arn.rpartition('/')[2]}/{self.name}"

    @property
    def bounded(self) -> bool:
        """Whether it was made with session policies."""
        return bool(self.policies or self.policy_arns)


def find_key(access_key_id: str) -> tuple[str, AccessKey] | None:
    """The account and the key of a user or a session; None for any other id."""
    for account, backends in list(iam_backends.items()):
        key = backends[PARTITION].access_keys.get(access_key_id)
        if key is not None:
            return account, key
    return None


def find_role(arn: str) -> Role | None:
    """The role of an ARN with its path, in whichever account; None where there is none."""
    account, name = arn.split(":")[4] if arn.count(":") > 4 else "", arn.rpartition("/")[2]
    if account not in iam_backends:
        return None
    roles = iam_backends[account][PARTITION].roles.values()
    # An account has a thousand roles, and to make the ARN of each would be most of a request's cost.
    return next((role for role in roles if role.name == name and role.arn == arn), None)


def role_of(session: RoleSession) -> Role | None:
    """The role that a session is of; None if it was deleted since, even if there is one of its name again."""
    role = iam_backends[session.account][PARTITION].roles.get(session.role_id)
    return role if role is not None and role.arn == session.role_arn else None


def remember(key: AccessKey, session: RoleSession) -> None:
    """Keeps a session beside its key."""
    vars(key)["role_session"] = session


def session_of(key: AccessKey) -> RoleSession | None:
    """The session that a key is of; None for a user's key."""
    return vars(key).get("role_session")
