"""The policies that apply to one request, each in the place where AWS looks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infra.evaluator.document import Policy


@dataclass(frozen=True, slots=True)
class Grant:
    """A KMS grant. Source: AWS KMS Developer Guide, "Grants in AWS KMS".

    Args:
        grantee: The ARN, or service, that may use it.
        operations: Names of operations without the prefix: ``Decrypt``.
        key: The ARN of its key; None if the grant is known to be of the request's key.
        context_equals: The encryption context that a request must have, exactly.
        context_subset: The pairs that a request's encryption context must have among others.
        label: How verdicts call it.
    """

    grantee: str
    operations: frozenset[str]
    key: str | None = None
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None
    label: str = "grant"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Applicable:
    """Everything that AWS would look at for one request; absent means that there is none.

    Args:
        identity: The caller's policies: inline, managed, of its groups.
        boundary: Its permissions boundary.
        session: The session's policies; None if the session was made without any.
        resource: The resource's policy, or with ``trust`` the role's trust policy.
        trust: Whether the resource is a role, and ``resource`` its trust policy.
        endpoint: The policy of the VPC endpoint that the request came through.
        scps: The service control policies of the caller's account, a tuple a level, from the root down. The full-access
            policy is listed where it is attached.
        rcps: The resource control policies of the resource's account, likewise; full access is implied.
        grants: The grants of the KMS key that the request is about.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    trust: bool = False
    endpoint: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    grants: tuple[Grant, ...] = field(default=())

    def documents(self) -> Iterator[Policy]:
        """Every policy among them; grants are none."""
        yield from self.identity
        yield from self.session or ()
        for level in (*self.scps, *self.rcps):
            yield from level
        yield from (one for one in (self.boundary, self.resource, self.endpoint) if one is not None)
