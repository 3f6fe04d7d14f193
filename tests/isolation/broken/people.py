"""Who asks: roles of tenants and of the platform, administrators, strangers, outsiders, services, the anonymous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from infra import naming
from infra.evaluator.request import Caller, caller_of
from infra.naming import PlatformRoleKind, TenantRoleKind
from infra.policies.principals import EXECUTION_ROLES, role_kinds
from infra.spec.tenant import TenantSpec
from tests.isolation.broken.blueprint import PLATFORM

OUTSIDE = "999999999999"


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A caller with what is attached to it.

    Args:
        name: What tests call it.
        caller: How AWS knows it.
        identity: Names of the documents of its role; None if its policies allow it everything, or if it has none as no
            identity of an account has any.
        boundary: The name of its permission boundary.
        context: Context keys of every request that it makes.
    """

    name: str
    caller: Caller
    identity: tuple[str, ...] | None = None
    boundary: str | None = None
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def _session(role_arn: str) -> Caller:
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return caller_of(f"arn:aws:sts::{account}:assumed-role/{name}/session", role_arn)


def role(owner: TenantSpec, kind: TenantRoleKind) -> Somebody:
    """A session of a tenant's role, which has the tenant's tag."""
    networks = (f"{owner.id}.interfaces",) if kind in EXECUTION_ROLES else ()
    return Somebody(
        name=f"{owner.id} {kind}",
        caller=_session(naming.role_arn(PLATFORM, owner, kind)),
        identity=(f"{owner.id}.identity.{kind}", *networks),
        boundary=f"{owner.id}.boundary",
        context={"aws:PrincipalTag/tenant": owner.id},
    )


def roles(owner: TenantSpec) -> tuple[Somebody, ...]:
    """A session of each of a tenant's roles."""
    return tuple(role(owner, kind) for kind in role_kinds(PLATFORM))


_PROVISIONING = ("identities", "leftovers", "network", "storage", "workloads")
_PLATFORM_POLICIES: Mapping[PlatformRoleKind, tuple[tuple[str, ...], str | None]] = {
    "provisioning": (
        tuple(f"platform.identity.provisioning.{each}" for each in _PROVISIONING),
        "platform.boundary",
    ),
    "gateway": (("platform.identity.gateway",), "platform.boundary"),
    "config": (("platform.identity.config", "aws.config-role"), None),
    "flow-logs": (("platform.identity.flow-logs",), None),
    "preview": (("platform.identity.preview",), None),
}


def platform_role(kind: PlatformRoleKind) -> Somebody:
    """A session of a role of the platform."""
    identity, boundary = _PLATFORM_POLICIES[kind]
    return Somebody(
        name=f"platform {kind}",
        caller=_session(naming.platform_role_arn(PLATFORM, kind)),
        identity=identity,
        boundary=boundary,
        context={"aws:PrincipalTag/tenant": naming.PLATFORM},
    )


PROVISIONING = platform_role("provisioning")
GATEWAY = platform_role("gateway")
CONFIG = platform_role("config")
FLOW_LOGS = platform_role("flow-logs")
PREVIEW = platform_role("preview")
PLATFORM_ROLES = (PROVISIONING, GATEWAY, CONFIG, FLOW_LOGS, PREVIEW)


def erasure(owner: TenantSpec) -> Somebody:
    """The session of the provisioning role that erases a tenant, by what its session policy allows."""
    return replace(PROVISIONING, name=f"erasure of {owner.id}", identity=(f"{owner.id}.identity.erasing",))


def export(owner: TenantSpec) -> Somebody:
    """A session of the role that reads a tenant's data for its export."""
    return Somebody(
        name=f"export of {owner.id}",
        caller=_session(naming.export_role_arn(PLATFORM, owner)),
        identity=(f"{owner.id}.identity.export",),
        boundary=f"{owner.id}.boundary",
        context={"aws:PrincipalTag/tenant": owner.id},
    )


def elsewhere(owner: TenantSpec, kind: TenantRoleKind) -> tuple[Somebody, ...]:
    """Roles like a tenant's of stages whose names extend ours: in their path, in their own name, or in both."""
    arn = naming.role_arn(PLATFORM, owner, kind)
    path, name = f"/{PLATFORM.stage}/", f"/bh-{PLATFORM.stage}-"
    other_path, other_name = f"/{PLATFORM.stage}2/", f"/bh-{PLATFORM.stage}2-"
    arns = (arn.replace(path, other_path), arn.replace(name, other_name))
    return tuple(stranger(each) for each in (*arns, arns[0].replace(name, other_name)))


def stranger(role_arn: str) -> Somebody:
    """A session of a role that the blueprint did not make, whose policies allow it everything."""
    return Somebody(name=role_arn.rpartition(":")[2], caller=_session(role_arn))


def namesake(owner: TenantSpec | None, kind: str) -> Somebody:
    """A role that the blueprint did not make, whose name extends the name of one that it made."""
    return stranger(
        f"arn:aws:iam::{PLATFORM.account}:role{naming.path(PLATFORM, owner)}{naming.prefix(PLATFORM, owner)}-{kind}2"
    )


#: Who audits: a role of the account that the blueprint did not make, with the policy that it has for it.
AUDITOR = replace(
    stranger(f"arn:aws:iam::{PLATFORM.account}:role/Auditor"), name="auditor", identity=("platform.identity.auditor",)
)
#: Who reckons the account's capacity: such a role too, with a policy of its own.
RECKONER = replace(AUDITOR, name="reckoner", identity=("platform.identity.capacity",))
#: Its policies allow it everything in the account.
ADMINISTRATOR = stranger(f"arn:aws:iam::{PLATFORM.account}:role/Administrator")
#: The account's root user in person.
ROOT_USER = Somebody(name="root user", caller=caller_of(naming.account_root_arn(PLATFORM)))
#: Somebody of another account, whose policies allow everything.
OUTSIDER = stranger(f"arn:aws:iam::{OUTSIDE}:role/Outsider")
ANONYMOUS = Somebody(name="anonymous", caller=caller_of("*"))
SAML = Somebody(name="SAML user", caller=caller_of(naming.saml_provider_arn(PLATFORM)))
GITHUB = Somebody(name="GitHub workflow", caller=caller_of(naming.oidc_provider_arn(PLATFORM)))


def service(name: str) -> Somebody:
    """An AWS service that acts for one of its resources, by the first part of its principal: ``sagemaker``."""
    principal = f"{name}.amazonaws.com"
    return Somebody(name=principal, caller=caller_of(principal))
