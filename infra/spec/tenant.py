"""TenantSpec: one tenant as data. A tenant is one reviewable YAML file, ``tenant_stacks/specs/<id>.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from infra.spec.common import (
    RESERVED_IDS,
    TENANT_ID_PATTERN,
    Cidr,
    ComplianceRegime,
    Email,
    InvalidValue,
    Percent,
    Region,
    RetentionDays,
    Slug,
    SpecModel,
    TagKey,
    TagValue,
    Tier,
    Word,
)

INSTANCE_TYPE_PATTERN = r"^ml\.[a-z0-9-]+\.(?:\d*x?large|medium|metal)$"
REPOSITORY_PATTERN = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
ENVIRONMENT_PATTERN = r"^[A-Za-z0-9_.-]{1,255}$"
GROUP_PATTERN = r"^[A-Za-z0-9_.:/=+@-]{1,128}$"
ARTIFACT_KEY_PATTERN = r"^[a-z0-9][A-Za-z0-9_/.=-]{0,500}\.tar\.gz$"
MODEL_NAME_PATTERN = r"^[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?$"
IMAGE_TAG_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"

InstanceType = Annotated[str, StringConstraints(pattern=INSTANCE_TYPE_PATTERN)]


class Budget(SpecModel):
    """The tenant's monthly AWS Budget, filtered by its cost-allocation tag."""

    limit_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """The monthly limit in US dollars."""
    alert_percent: Annotated[tuple[Annotated[int, Field(ge=1, le=200)], ...], Field(max_length=5)] = (80, 100)
    """Shares of the limit, in percent, at which the contacts are alerted. A budget takes at most five."""
    contacts: Annotated[tuple[Email, ...], Field(min_length=1, max_length=10)]
    """Who is alerted. AWS Budgets takes at most ten addresses a notification."""

    @field_validator("alert_percent", "contacts")
    @classmethod
    def _once(cls, values: tuple[int | str, ...]) -> tuple[int | str, ...]:
        repeated = [value for index, value in enumerate(values) if value in values[:index]]
        if repeated:
            raise InvalidValue(f"{repeated[0]} is there twice, which AWS Budgets refuses", "remove one of them")
        return values


class TenantNetwork(SpecModel):
    """Where the tenant's workloads run."""

    cidr: Cidr
    """Tier pool: the tenant's part of its cell's range. Tier silo: the range of its own VPC."""
    cell: Slug | None = None
    """Tier pool: the cell (a shared VPC of the platform) that holds the tenant's subnets."""


class DeployIdentity(SpecModel):
    """The CI that may deploy models: GitHub Actions by OIDC, bound to one repository and one environment."""

    repository: Annotated[str, StringConstraints(pattern=REPOSITORY_PATTERN)]
    environment: Annotated[str, StringConstraints(pattern=ENVIRONMENT_PATTERN)]


class TenantIdentity(SpecModel):
    """Who acts for the tenant."""

    deploy: DeployIdentity
    data_scientists: Annotated[str, StringConstraints(pattern=GROUP_PATTERN)]
    """The group of the platform's SAML identity provider whose members are the tenant's data scientists."""


class Artifact(SpecModel):
    """A packaged model in the tenant's models bucket."""

    key: Annotated[str, StringConstraints(pattern=ARTIFACT_KEY_PATTERN)]
    """The object's key, below the tenant's models bucket."""

    @field_validator("key")
    @classmethod
    def _plain_path(cls, key: str) -> str:
        if any(part in ("", ".", "..") for part in key.split("/")):
            raise InvalidValue("the key is not a plain path", "write the key as <model>/<version>/model.tar.gz")
        return key


class Instances(SpecModel):
    """How many instances serve a model; target tracking keeps the count between the two."""

    min: Annotated[int, Field(ge=1)] = 2
    max: Annotated[int, Field(ge=1)] = 4

    @model_validator(mode="after")
    def _ordered(self) -> Instances:
        if self.min > self.max:
            raise InvalidValue(f"min ({self.min}) is greater than max ({self.max})", f"raise max to {self.min} or more")
        return self


class DataCapture(SpecModel):
    """Capture of requests and responses into the tenant's capture bucket, for drift detection."""

    percent: Percent = 10
    """The share of invocations that are captured, in percent; 0 turns capture off."""


class Model(SpecModel):
    """One model of the tenant and how it is served."""

    name: Annotated[str, StringConstraints(pattern=MODEL_NAME_PATTERN)]
    """1 to 22 lower-case letters, digits and inner hyphens: with stage, id and digest it fits in SageMaker's 63."""
    framework: Literal["sklearn"]
    """The serving image's framework; each has a repository in the platform spec's ``serving_images``."""
    image_tag: Annotated[str, StringConstraints(pattern=IMAGE_TAG_PATTERN)]
    """The tag of the platform's serving image; tags are immutable."""
    artifact: Artifact
    serve_on: Literal["sagemaker", "none"] = "sagemaker"
    """Where the model is served: an endpoint of its own, or nowhere (registered only)."""
    instance_type: InstanceType = "ml.m5.large"
    instances: Instances = Instances()
    data_capture: DataCapture = DataCapture()


class TenantQuotas(SpecModel):
    """Limits of the platform on the tenant, checked before anything is deployed."""

    max_models: Annotated[int, Field(ge=0)] = 5
    max_endpoint_instances: Annotated[int, Field(ge=0)] = 20
    """The sum of ``instances.max`` over all served models."""


class Retention(SpecModel):
    """How long the tenant's data is kept, in days."""

    logs_days: RetentionDays = 90
    capture_days: Annotated[int, Field(ge=1, le=3650)] = 90
    noncurrent_versions_days: Annotated[int, Field(ge=1, le=3650)] = 30


class Lifecycle(SpecModel):
    """The tenant's state, and whether its data may be deleted."""

    state: Literal["active", "suspended"] = "active"
    prevent_deletion: bool = True
    """While true, a destroy of the tenant's stateful resources is refused."""


class TenantSpec(SpecModel):
    """One tenant. The defaults of its tier (``tiers`` in the platform spec) apply where a key is absent."""

    id: Annotated[str, StringConstraints(pattern=TENANT_ID_PATTERN)]
    """2 to 19 lower-case letters and digits, starting with a letter; it never changes."""
    display_name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    owner: Email
    """Who answers for the tenant."""
    tier: Tier
    """``pool``: subnets in a shared VPC cell. ``silo``: a VPC and endpoints of its own."""
    region: Region
    data_residency: Annotated[tuple[Region, ...], Field(min_length=1)]
    """The Regions in which the tenant's data may be."""
    compliance: tuple[ComplianceRegime, ...] = ()
    cost_center: Word
    tags: dict[TagKey, TagValue] = {}
    """Further tags on every resource of the tenant."""
    monthly_budget: Budget
    network: TenantNetwork
    identity: TenantIdentity
    models: tuple[Model, ...] = ()
    quotas: TenantQuotas = TenantQuotas()
    retention: Retention = Retention()
    lifecycle: Lifecycle = Lifecycle()

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in RESERVED_IDS:
            raise InvalidValue("the platform keeps this name for itself", "choose another id")
        return value

    @property
    def served_models(self) -> tuple[Model, ...]:
        """The models that have a SageMaker endpoint."""
        return tuple(model for model in self.models if model.serve_on == "sagemaker")
