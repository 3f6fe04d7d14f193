"""What a whole tenant registers, and how its program starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.errors import UserError
from infra.spec import Estate, TenantSpec
from stacks.outputs import CellOutputs, PlatformOutputs
from tenant_stacks.program import tenant_of_stack
from tenant_stacks.tenant import build_tenant
from tests.components.recorder import Recorder, record
from tests.components.specs import PLATFORM, model, tenant

OUTPUTS = PlatformOutputs(
    stage="dev",
    account="123456789012",
    region="eu-central-1",
    cells={
        "main": CellOutputs(
            vpc_id="vpc-1",
            cidr="10.64.0.0/16",
            endpoint_security_group_id="sg-9",
            shared_endpoint_ids={"sts": "vpce-9"},
        )
    },
    serving_image_urls={"sklearn": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/dev/platform/serving"},
    alerts_topic_arn="arn:aws:sns:eu-central-1:123456789012:bh-dev-platform-alerts",
    blueprint_version="0.1.0",
)

POOL = tenant()
SILO = tenant(
    "globex",
    tier="silo",
    network={"cidr": "10.80.0.0/22"},
    models=[model(name="cultivar"), model(name="progression")],
)


def build(owner: TenantSpec, outputs: PlatformOutputs = OUTPUTS, *, serve: bool = True) -> Recorder:
    def read(_: Any) -> dict[str, Any]:
        return {"metadata": {"bulkhead-sha256": "ab" * 32}}

    return record(lambda: build_tenant(PLATFORM, owner, outputs, serve=serve), {"aws:s3/getObject:getObject": read})


@pytest.mark.parametrize("owner", [POOL, SILO], ids=["pool", "silo"])
def test_a_tenant_has_its_models_endpoints(owner: TenantSpec) -> None:
    """Each served model has its own endpoint."""
    made = {endpoint.inputs["name"] for endpoint in build(owner).of("sagemaker/endpoint:Endpoint")}
    assert made == {f"bh-dev-{owner.id}-{model.name}" for model in owner.models}


def test_without_models_everything_else_is_made() -> None:
    """A tenant without artifacts has all but what serves models."""
    full, bare = build(SILO), build(SILO, serve=False)
    kinds = {resource.type for resource in full.resources} - {resource.type for resource in bare.resources}
    assert {kind.rpartition(":")[2] for kind in kinds} == {
        "ModelEndpoint",
        "Model",
        "EndpointConfiguration",
        "Endpoint",
        "EndpointAutoscaling",
        "Target",
        "Policy",
        "EndpointAlarms",
        "MetricAlarm",
    }


def test_every_resource_uses_the_provider_with_the_tenants_tags() -> None:
    """One provider tags everything as the tenant's, and refuses another account."""
    provider = build(POOL).one("pulumi:providers:aws")
    assert '"tenant": "acme"' in provider["defaultTags"]
    assert provider["allowedAccountIds"] == '["123456789012"]'


@pytest.mark.parametrize(
    ("owner", "outputs", "message"),
    [
        (POOL, OUTPUTS.model_copy(update={"cells": {}}), "no cell 'main'"),
        (POOL, OUTPUTS.model_copy(update={"serving_image_urls": {}}), "no serving image for 'sklearn'"),
    ],
    ids=["cell", "image"],
)
def test_a_platform_that_lags_behind_is_a_clear_error(
    owner: TenantSpec, outputs: PlatformOutputs, message: str
) -> None:
    """A cell or image that the platform's stack does not have yet is named, with the remedy."""
    with pytest.raises(UserError, match=message) as caught:
        build(owner, outputs)
    assert "bulkhead up platform" in caught.value.remedy


def test_a_stack_without_a_spec_names_the_missing_file() -> None:
    """The error of a stack whose spec was deleted says which file is missing."""
    estate = Estate(platform=PLATFORM, tenants={"acme": POOL}, platform_file=Path("p.yaml"), tenant_files={})
    assert tenant_of_stack(estate, "acme") is POOL
    with pytest.raises(UserError, match="there is no tenant 'beta'") as caught:
        tenant_of_stack(estate, "beta")
    assert caught.value.where.endswith("tenant_stacks/specs/beta.yaml")
    assert "acme" in caught.value.remedy
