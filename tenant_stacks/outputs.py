"""TenantOutputs: what a tenant's stack tells programs about the tenant, as stack outputs of the same names."""

from __future__ import annotations

from infra.spec.common import SpecModel, Tier


class EndpointOutputs(SpecModel):
    """One served model."""

    name: str
    """The SageMaker endpoint's name."""
    arn: str
    url: str
    """Where invocations go: POST with AWS Signature Version 4."""
    model: str
    """The SageMaker model that is deployed."""
    configuration: str
    """The endpoint configuration that is deployed."""
    model_sha256: str
    """The SHA-256 of the deployed artifact, in hex."""
    log_group: str


class TenantOutputs(SpecModel):
    """A tenant as its stack made it."""

    tenant: str
    tier: Tier
    region: str
    key_arn: str
    role_arns: dict[str, str]
    """``training``, ``serving``, ``invoke``, ``data-scientist``, ``deploy``, ``verification`` to the role's ARN."""
    buckets: dict[str, str]
    """``data``, ``models``, ``capture`` to the bucket's name."""
    vpc_id: str
    subnet_ids: tuple[str, ...]
    security_group_id: str
    endpoint_urls: dict[str, str]
    """The SDKs' name of a service to the URL at which the tenant's workloads reach it; the others are at their usual
    names."""
    repository_url: str
    """The tenant's image repository."""
    model_package_groups: dict[str, str]
    """A model's name to the name of its model package group."""
    log_groups: dict[str, str]
    """A purpose, or ``endpoint/<model>``, to the log group's name."""
    alerts_topic_arn: str
    budget: str
    endpoints: dict[str, EndpointOutputs]
    """A served model's name to its endpoint; empty while the tenant is brought up without models."""
    blueprint_version: str
    """The version of the blueprint that the tenant runs."""
