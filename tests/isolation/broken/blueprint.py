"""Every policy document that the blueprint makes, by name: three tenants, a suspended one, the platform and its cell.

``acme`` has a VPC and every endpoint of its own; ``acmeeu``, whose id extends it, and ``globex`` share a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import get_args
from uuid import NAMESPACE_DNS, uuid5

from infra import endpoint_services, naming
from infra.evaluator.kinds import PolicyKind
from infra.naming import TenantBucketKind
from infra.policies import (
    audit,
    boundary,
    bucket,
    endpoint,
    erasing,
    export,
    flow_logs,
    gateway,
    interfaces,
    key,
    model_package_group,
    platform_boundary,
    platform_key,
    preview,
    provisioning,
    reading,
    repository,
    roles,
    topic,
    trust,
)
from infra.policies.document import PolicyDocument, Statement
from infra.policies.principals import role_kinds
from infra.spec.platform import (
    Audit,
    Federation,
    PlatformSpec,
    PreviewIdentity,
    ProvisioningIdentity,
    Verification,
)
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM as WITHOUT_SAML
from tests.components.specs import tenant

#: Somebody of another account whom the spec trusts: its rules refuse that, and the trust policy must too.
FOREIGN_CI = "arn:aws:iam::999999999999:role/ci"
_TRUSTED = ProvisioningIdentity(trusted_principals=(*WITHOUT_SAML.provisioning.trusted_principals, FOREIGN_CI))
#: The role under which the workers run that verify tenants.
WORKERS = WITHOUT_SAML.provisioning.trusted_principals[0]
#: The key of the state, which an estate has beside the platform's own.
STATE_KEY = f"arn:aws:kms:{WITHOUT_SAML.region}:{WITHOUT_SAML.account}:key/{uuid5(NAMESPACE_DNS, 'state')}"
PREVIEW = PreviewIdentity(repository="platform-team/blueprint", state_bucket="bulkhead-state", state_key=STATE_KEY)
PLATFORM: PlatformSpec = WITHOUT_SAML.model_copy(
    update={
        "federation": Federation(saml_metadata="saml.xml"),
        "provisioning": _TRUSTED,
        "preview": PREVIEW,
        "verification": Verification(worker_role_arn=WORKERS),
        "audit": Audit(guardduty="adopt"),
    }
)
ACME = tenant("acme", tier="silo", network={"cidr": "10.80.0.0/22"})
ACMEEU = tenant("acmeeu", network={"cell": "main", "cidr": "10.64.1.0/24"})
GLOBEX = tenant("globex", network={"cell": "main", "cidr": "10.64.3.0/24"})
#: Its id extends what stands in the place of an id in the platform's names.
PLATFORMEU = tenant("platformeu", network={"cell": "main", "cidr": "10.64.4.0/24"})
SUSPENDED = tenant("idle", lifecycle={"state": "suspended"}, network={"cell": "main", "cidr": "10.64.2.0/24"})
TENANTS = (ACME, ACMEEU, GLOBEX)
#: When the roles that export end.
EXPORT_ENDS = datetime(2026, 3, 1, 12, tzinfo=UTC)


#: What the recorder's role has of AWS: looking at how everything is configured. It is attached by its name.
#: Source: AWS Managed Policy Reference Guide, "AWS_ConfigRole".
AWS_CONFIG_ROLE = PolicyDocument(
    (
        Statement(
            sid="LookAtEverything",
            actions=("s3:GetBucketAcl", "s3:GetBucketPolicy", "s3:GetEncryptionConfiguration", "kms:DescribeKey"),
            resources=("*",),
        ),
    )
)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document of the blueprint.

    Args:
        name: What tests call it: ``acme.bucket.data``.
        policy: What it says.
        kind: Where it is attached.
        service: For a resource's policy, the prefix of the resource's service.
        made_by: The function of `infra.policies` that makes it; None for AWS's own.
        guarded: The statements whose guards are removed; all for None.
    """

    name: str
    policy: PolicyDocument
    kind: PolicyKind
    service: str | None = None
    made_by: Callable[..., object] | None
    guarded: tuple[str, ...] | None = None


def key_arn(owner: TenantSpec | None) -> str:
    """The ARN of the owner's key, whose id says nothing of the owner."""
    return f"arn:aws:kms:{PLATFORM.region}:{PLATFORM.account}:key/{uuid5(NAMESPACE_DNS, naming.key(PLATFORM, owner))}"


def vpce(endpoint_document: str) -> str:
    """The id of the endpoint that a document is the policy of."""
    return f"vpce-{naming.digest(endpoint_document)}"


def subnets(owner: TenantSpec) -> tuple[str, ...]:
    """The ids of the owner's subnets."""
    return tuple(f"subnet-{naming.digest(owner.id, zone)}" for zone in PLATFORM.availability_zones)


def own_endpoints(owner: TenantSpec) -> tuple[str, ...]:
    """The services whose endpoint the tenant has for itself."""
    interface = endpoint_services.ALL if owner.tier == "silo" else endpoint_services.DEDICATED_POOL
    return (endpoint_services.GATEWAY, *interface)


def _of_tenant(owner: TenantSpec) -> Iterator[Document]:
    kind = PolicyKind
    for role in role_kinds(PLATFORM):
        trusted, allowed = trust.trust(PLATFORM, owner, role), roles.identity(PLATFORM, owner, role)
        yield _named(owner, f"trust.{role}", trusted, kind.TRUST, trust.trust)
        yield _named(owner, f"identity.{role}", allowed, kind.IDENTITY, roles.identity)
    networks = interfaces.network_interfaces(PLATFORM, owner, subnets(owner))
    yield _named(owner, "interfaces", networks, kind.IDENTITY, interfaces.network_interfaces)
    erased = erasing.of_one_tenant(PLATFORM, owner)
    yield _named(owner, "identity.erasing", erased, kind.IDENTITY, erasing.of_one_tenant)
    exported = export.identity(PLATFORM, owner, EXPORT_ENDS)
    yield _named(owner, "identity.export", exported, kind.IDENTITY, export.identity)
    limit = boundary.tenant_boundary(PLATFORM, owner)
    yield _named(owner, "boundary", limit, kind.BOUNDARY, boundary.tenant_boundary)
    yield _named(owner, "key", key.tenant_key(PLATFORM, owner), kind.RESOURCE, key.tenant_key, "kms")
    for store in get_args(TenantBucketKind):
        s3 = vpce(f"{owner.id}.endpoint.{endpoint_services.GATEWAY}")
        policy = bucket.tenant_bucket(PLATFORM, owner, store, key_arn=key_arn(owner), s3_endpoint_ids=[s3])
        yield _named(owner, f"bucket.{store}", policy, kind.RESOURCE, bucket.tenant_bucket, "s3")
    images = repository.model_repository(PLATFORM, owner)
    yield _named(owner, "repository", images, kind.RESOURCE, repository.model_repository, "ecr")
    versions = model_package_group.model_package_group(PLATFORM, owner, "tumour")
    yield _named(owner, "registry", versions, kind.RESOURCE, model_package_group.model_package_group, "sagemaker")
    alerts = topic.alerts_topic(PLATFORM, owner)
    yield _named(owner, "topic", alerts, kind.RESOURCE, topic.alerts_topic, "sns")
    for service in own_endpoints(owner):
        passing = endpoint.tenant_endpoint(PLATFORM, owner, service)
        yield _named(owner, f"endpoint.{service}", passing, kind.ENDPOINT, endpoint.tenant_endpoint)


def _of_platform() -> Iterator[Document]:
    kind, own_key = PolicyKind, key_arn(None)
    yield _named(None, "key", platform_key.platform_key(PLATFORM), kind.RESOURCE, platform_key.platform_key, "kms")
    limit = platform_boundary.platform_boundary(PLATFORM)
    yield _named(None, "boundary", limit, kind.BOUNDARY, platform_boundary.platform_boundary)
    yield _named(None, "trust.provisioning", provisioning.trust(PLATFORM), kind.TRUST, provisioning.trust)
    for subject, document in provisioning.policies(PLATFORM).items():
        yield _named(None, f"identity.provisioning.{subject}", document, kind.IDENTITY, provisioning.policies)
    yield _named(None, "trust.gateway", gateway.trust(PLATFORM), kind.TRUST, gateway.trust)
    yield _named(None, "identity.gateway", gateway.identity(PLATFORM), kind.IDENTITY, gateway.identity)
    yield _named(None, "trust.flow-logs", flow_logs.trust(PLATFORM), kind.TRUST, flow_logs.trust)
    yield _named(None, "identity.flow-logs", flow_logs.write(PLATFORM), kind.IDENTITY, flow_logs.write)
    yield _named(None, "trust.config", audit.config_trust(PLATFORM), kind.TRUST, audit.config_trust)
    yield _named(None, "identity.config", audit.config_delivery(PLATFORM), kind.IDENTITY, audit.config_delivery)
    yield _named(None, "trust.preview", preview.trust(PLATFORM, PREVIEW), kind.TRUST, preview.trust)
    yield _named(None, "identity.preview", preview.identity(PLATFORM, PREVIEW), kind.IDENTITY, preview.identity)
    yield _named(None, "identity.auditor", reading.reading(), kind.IDENTITY, reading.reading)
    capacity = reading.reading_capacity()
    yield _named(None, "identity.capacity", capacity, kind.IDENTITY, reading.reading_capacity)
    trail, records = audit.audit_bucket(PLATFORM, key_arn=own_key), audit.config_bucket(PLATFORM, key_arn=own_key)
    yield _named(None, "bucket.audit", trail, kind.RESOURCE, audit.audit_bucket, "s3")
    yield _named(None, "bucket.config", records, kind.RESOURCE, audit.config_bucket, "s3")
    logs = audit.access_logs_bucket(PLATFORM)
    yield _named(None, "bucket.access-logs", logs, kind.RESOURCE, audit.access_logs_bucket, "s3")
    images = repository.serving_repository(PLATFORM)
    yield _named(None, "repository", images, kind.RESOURCE, repository.serving_repository, "ecr")
    yield _named(None, "topic", topic.alerts_topic(PLATFORM), kind.RESOURCE, topic.alerts_topic, "sns")
    for service in endpoint_services.SHARED:
        passing = endpoint.shared_endpoint(PLATFORM, service)
        yield _named(None, f"endpoint.{service}", passing, kind.ENDPOINT, endpoint.shared_endpoint)


def _named(
    owner: TenantSpec | None,
    name: str,
    policy: PolicyDocument,
    kind: PolicyKind,
    made_by: Callable[..., object],
    service: str | None = None,
) -> Document:
    full_name = f"{naming.PLATFORM if owner is None else owner.id}.{name}"
    return Document(name=full_name, policy=policy, kind=kind, service=service, made_by=made_by)


def documents() -> Mapping[str, Document]:
    """Every document by its name."""
    aws = Document(name="aws.config-role", policy=AWS_CONFIG_ROLE, kind=PolicyKind.IDENTITY, made_by=None)
    made = (aws, *(each for owner in (*TENANTS, PLATFORMEU, SUSPENDED) for each in _of_tenant(owner)), *_of_platform())
    return {each.name: each for each in made}


def broken_documents() -> Iterator[Document]:
    """The documents whose guards are removed one at a time.

    Tenants come from one template, so the platform's and one tenant's are enough, and of the suspended tenant's
    boundary what an active one's does not have.
    """
    active = {each.sid for each in boundary.tenant_boundary(PLATFORM, ACME).statements}
    for name, document in documents().items():
        if name.partition(".")[0] in {ACME.id, naming.PLATFORM}:
            yield document
        elif name == f"{SUSPENDED.id}.boundary":
            yield replace(
                document, guarded=tuple(each.sid for each in document.policy.statements if each.sid not in active)
            )
