"""PlatformSpec: the shared platform as data, ``stacks/platform.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.spec.common import (
    AccountId,
    Cidr,
    Email,
    Region,
    RetentionDays,
    Slug,
    SpecModel,
    TagKey,
    TagValue,
    Tier,
    Word,
)
from infra.spec.fleet import Fleet
from infra.spec.partial import PartialOf
from infra.spec.service import ROLE_PATTERN, PlatformService
from infra.spec.sharing import Sharing
from infra.spec.tenant import ENVIRONMENT_PATTERN, REPOSITORY_PATTERN, TenantSpec

#: What makes a tenant this tenant, and so cannot be a default of its tier.
_OWN = frozenset({"id", "display_name", "owner", "tier", "cost_center", "network", "identity", "models"})
TierDefaults = Annotated[SpecModel, PartialOf(TenantSpec, without=_OWN)]

BUCKET_PATTERN = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
KEY_ARN_PATTERN = r"^arn:aws:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$"
STAGE_PATTERN = r"^[a-z][a-z0-9]{1,7}$"

Managed = Literal["create", "adopt", "off"]


class Cell(SpecModel):
    """A shared VPC that holds the subnets of tenants of tier pool."""

    name: Slug
    cidr: Cidr
    """The VPC's range: the platform's own subnets take its last /24, tenants the rest."""


class PlatformRetention(SpecModel):
    """How long the platform keeps its logs, in days."""

    logs_days: RetentionDays = 365
    audit_days: Annotated[int, Field(ge=90, le=3650)] = 400
    """How long the audit trail is locked: until then nobody can delete it."""


class ProvisioningIdentity(SpecModel):
    """Who may assume the role that provisions tenants."""

    trusted_principals: Annotated[tuple[str, ...], Field(min_length=1)]
    """IAM role or user ARNs of this account, for example the role of the CI that runs Bulkhead."""


class Verification(SpecModel):
    """Who tries, after each change of a tenant, whether what is the tenant's own works and a neighbour's is denied."""

    worker_role_arn: Annotated[str, StringConstraints(pattern=ROLE_PATTERN)]
    """The role under which the provisioning service's workers run; one of ``provisioning.trusted_principals``. It
    alone may assume the verification role that each tenant then has."""


class PreviewIdentity(SpecModel):
    """Who may read the account to preview pull requests: GitHub Actions by OIDC, reading only."""

    repository: Annotated[str, StringConstraints(pattern=REPOSITORY_PATTERN)]
    """The repository that holds this blueprint, as ``owner/name``."""
    environment: Annotated[str, StringConstraints(pattern=ENVIRONMENT_PATTERN)] = "preview"
    """The environment of the repository whose jobs may assume the role."""
    state_bucket: Annotated[str, StringConstraints(pattern=BUCKET_PATTERN)]
    """The bucket that holds the stacks' state."""
    state_key: Annotated[str, StringConstraints(pattern=KEY_ARN_PATTERN)] | None = None
    """The ARN of the key that encrypts the secrets in the state; its own policy must allow the role to decrypt."""


class Federation(SpecModel):
    """The identity providers of the account."""

    saml_metadata: str | None = None
    """The path, from the spec's folder, of the SAML identity provider's metadata file. Without one there are no data
    scientists' roles."""
    github_oidc: Literal["create", "adopt"] = "create"
    """The OIDC provider of GitHub Actions: an account has one, so adopt the one that is there."""


class Audit(SpecModel):
    """The audit services. One GuardDuty detector and one Config recorder exist a Region: adopt what is there."""

    guardduty: Managed = "create"
    config: Managed = "create"


class ServiceQuotas(SpecModel):
    """The account's limits that the placement of tenants depends on: AWS's defaults, or what AWS has raised them to.

    Source: Amazon VPC User Guide, "Amazon VPC quotas".
    """

    interface_endpoints_per_vpc: Annotated[int, Field(ge=1)] = 50
    gateway_endpoints_per_region: Annotated[int, Field(ge=1)] = 20
    vpcs_per_region: Annotated[int, Field(ge=1)] = 5
    subnets_per_vpc: Annotated[int, Field(ge=1)] = 200
    rules_per_security_group: Annotated[int, Field(ge=1)] = 60


class ServingImage(SpecModel):
    """A repository of the platform for the serving image of one framework."""

    framework: Literal["sklearn"]


class PlatformSpec(SpecModel):
    """The platform: one a stage, account and Region."""

    stage: Annotated[str, StringConstraints(pattern=STAGE_PATTERN)]
    """2 to 8 lower-case letters and digits, for example ``dev`` or ``prod``; part of every name."""
    account: AccountId
    region: Region
    availability_zones: Annotated[tuple[str, ...], Field(min_length=2, max_length=4)]
    cells: Annotated[tuple[Cell, ...], Field(min_length=1)]
    spare_cells: Annotated[tuple[Cell, ...], Field(max_length=50)] = ()
    """Cells that may be opened later, in this order: their ranges are kept free until then. An opened cell moves to
    ``cells``."""
    open_cells: Literal["by_hand", "automatically"] = "by_hand"
    """``automatically``: where no cell has room for a new tenant that leaves its cell out, the service opens the next
    one. ``by_hand``: such a tenant is refused, with what to do."""
    tiers: dict[Tier, TierDefaults] = {}
    """Defaults of each tier: a partial tenant spec, which a tenant's own keys override."""
    cost_center: Word
    tags: dict[TagKey, TagValue] = {}
    alert_emails: tuple[Email, ...] = ()
    retention: PlatformRetention = PlatformRetention()
    provisioning: ProvisioningIdentity
    verification: Verification | None = None
    """Who runs smoke tests with a tenant's own credentials; where it is absent, tenants have no role for it."""
    preview: PreviewIdentity | None = None
    """Who previews pull requests against the account; nobody where it is absent."""
    federation: Federation = Federation()
    audit: Audit = Audit()
    quotas: ServiceQuotas = ServiceQuotas()
    serving_images: Annotated[tuple[ServingImage, ...], Field(min_length=1)] = (ServingImage(framework="sklearn"),)
    fleet: Fleet = Fleet()
    sharing: Annotated[tuple[Sharing, ...], Field(max_length=1000)] = ()
    """What tenants share on purpose, which `bulkhead prove` would report as a leak otherwise."""
    service: PlatformService | None = None
    """The provisioning service on a Kubernetes cluster; where it is absent there are no manifests of it."""
    prevent_deletion: bool = True
    """While true, a destroy of the platform's stateful resources is refused."""
