"""The organization's control policies over an account, from the root down.

An account outside an organization has none, and the management account is bound by none.
Sources: AWS Organizations User Guide, "SCP evaluation", "RCP evaluation"; IAM User Guide, "AWS global condition context
keys" (aws:PrincipalOrgID).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moto.organizations.models import FakeOrganizationalUnit, organizations_backends

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.sandbox.enforcement.deployed.documents import compiled
from infra.sandbox.moto_extensions.sts_sessions import PARTITION

_TYPES = {PolicyKind.SCP: "SERVICE_CONTROL_POLICY", PolicyKind.RCP: "RESOURCE_CONTROL_POLICY"}

Levels = tuple[tuple[Policy, ...], ...]


def service_control(account: str | None) -> Levels:
    """The service control policies over the account of a principal, a tuple a level."""
    return _levels(account, PolicyKind.SCP)


def resource_control(account: str | None) -> Levels:
    """The resource control policies over the account of a resource, a tuple a level."""
    return _levels(account, PolicyKind.RCP)


def organization_id(account: str | None) -> str | None:
    """The id of the organization that an account is a member or the management account of."""
    if account is None:
        return None
    management, _ = organizations_backends.master_accounts.get(account, (account, PARTITION))
    if management not in organizations_backends:
        return None
    organization = organizations_backends[management][PARTITION].org
    return organization.id if organization else None


def _levels(account: str | None, kind: PolicyKind) -> Levels:
    if account is None or account not in organizations_backends.master_accounts:
        return ()
    management, partition = organizations_backends.master_accounts[account]
    backend = organizations_backends[management][partition]
    units = {unit.id: unit for unit in backend.ou}
    member = next(each for each in backend.accounts if each.id == account)
    above = list(_above(units, member.parent_id))
    if {"Type": _TYPES[kind], "Status": "ENABLED"} not in vars(above[0])["policy_types"]:
        return ()
    return tuple(
        tuple(
            compiled(str(policy.content), kind, str(policy.name))
            for policy in target.attached_policies
            if policy.type == _TYPES[kind]
        )
        for target in (*above, member)
    )


def _above(units: Mapping[str, FakeOrganizationalUnit], parent: str | None) -> Iterator[FakeOrganizationalUnit]:
    """The units above one, from the root down."""
    unit = units.get(parent or "")
    if unit is not None:
        yield from _above(units, unit.parent_id)
        yield unit
