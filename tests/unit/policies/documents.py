"""Every policy document of the blueprint by a name, what limits its size, and how tests break one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from infra.naming import TenantBucketKind
from infra.policies import (
    audit,
    boundary,
    bucket,
    gateway,
    interfaces,
    key,
    platform_boundary,
    platform_key,
    provisioning,
    roles,
    trust,
)
from infra.policies.document import PolicyDocument, Statement
from infra.policies.principals import role_kinds
from infra.spec.platform import Federation, PlatformSpec, Verification
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM as WITHOUT_SAML
from tests.components.specs import tenant

#: The role under which the workers run that verify tenants.
WORKERS = "arn:aws:iam::123456789012:role/bulkhead-ci"
#: All that a platform can have that is not everybody's: a SAML provider, and roles for smoke tests.
PLATFORM: PlatformSpec = WITHOUT_SAML.model_copy(
    update={
        "federation": Federation(saml_metadata="saml.xml"),
        "verification": Verification(worker_role_arn=WORKERS),
    }
)
ACME = tenant("acme")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f5ca1ab-1e00-4000-8000-000000000000"
VPCE = "vpce-0123456789abcdef0"
SUBNETS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")

#: The longest names that a spec can have, for the limits of size.
LONGEST_PLATFORM = PLATFORM.model_copy(
    update={"stage": "stage123", "region": "ap-southeast-1", "availability_zones": tuple("abcd")}
)
LONGEST_TENANT = tenant(
    "a" * 19,
    identity={
        "deploy": {"repository": "o" * 39 + "/" + "r" * 100, "environment": "e" * 255},
        "data_scientists": "g" * 128,
    },
    lifecycle={"state": "suspended"},
)
LONGEST_SUBNETS = tuple(f"subnet-{zone:017x}" for zone in range(4))


def tenant_documents(
    platform: PlatformSpec, owner: TenantSpec, subnets: tuple[str, ...] = SUBNETS
) -> Mapping[str, PolicyDocument]:
    """The policies of one tenant."""
    return {
        **{f"trust of {kind}": trust.trust(platform, owner, kind) for kind in role_kinds(platform)},
        **{f"identity of {kind}": roles.identity(platform, owner, kind) for kind in role_kinds(platform)},
        "interfaces": interfaces.network_interfaces(platform, owner, subnets),
        "boundary": boundary.tenant_boundary(platform, owner),
        "key": key.tenant_key(platform, owner),
        **{
            f"bucket of {kind}": bucket.tenant_bucket(platform, owner, kind, key_arn=KEY, s3_endpoint_ids=[VPCE])
            for kind in get_args(TenantBucketKind)
        },
    }


def platform_documents(platform: PlatformSpec) -> Mapping[str, PolicyDocument]:
    """The policies of the platform."""
    return {
        "key": platform_key.platform_key(platform),
        "boundary": platform_boundary.platform_boundary(platform),
        "trust of provisioning": provisioning.trust(platform),
        **{f"provisioning of {subject}": document for subject, document in provisioning.policies(platform).items()},
        "trust of gateway": gateway.trust(platform),
        "identity of gateway": gateway.identity(platform),
        "trust of config": audit.config_trust(platform),
        "identity of config": audit.config_delivery(platform),
        "bucket of audit": audit.audit_bucket(platform, key_arn=KEY),
        "bucket of config": audit.config_bucket(platform, key_arn=KEY),
        "bucket of access-logs": audit.access_logs_bucket(platform),
    }


def all_documents() -> Mapping[str, PolicyDocument]:
    """Every policy: the platform's and one tenant's."""
    return {
        **{f"acme, {name}": document for name, document in tenant_documents(PLATFORM, ACME).items()},
        **{f"platform, {name}": document for name, document in platform_documents(PLATFORM).items()},
    }


def statement(document: PolicyDocument, sid: str) -> Statement:
    """The one statement of that name."""
    (found,) = (each for each in document.statements if each.sid == sid)
    return found


def changed(document: PolicyDocument, sid: str, /, **changes: Any) -> PolicyDocument:
    """The document with one statement changed: a broken twin."""
    assert statement(document, sid)
    return PolicyDocument(
        tuple(dataclasses.replace(each, **changes) if each.sid == sid else each for each in document.statements)
    )


def without(document: PolicyDocument, sid: str) -> PolicyDocument:
    """The document without one statement."""
    assert statement(document, sid)
    return PolicyDocument(tuple(each for each in document.statements if each.sid != sid))


def values(keys: Mapping[str, Any] | None, key: str) -> tuple[str, ...]:
    """The values of one key of a condition operator, one or many."""
    found = (keys or {}).get(key, ())
    return (found,) if isinstance(found, str) else tuple(found)


def allows(document: PolicyDocument) -> Iterator[Statement]:
    """The statements that allow."""
    return (each for each in document.statements if each.effect == "Allow")
