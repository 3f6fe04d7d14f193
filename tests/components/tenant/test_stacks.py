"""Whole tenants on the real engine: what is there, what a change does, and what stays when a tenant goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.aws_finder import AwsFinder
from infra.engine import Operation
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.sandbox import Sandbox
from infra.sandbox.credentials import access_key
from tests.components.tenant.conftest import ARTIFACTS
from tests.components.tenant.land import Land, kind, steps, succeeded

pytestmark = pytest.mark.xdist_group("tenant-stacks")

STACKS = {"platform": PLATFORM_STACK, **{tenant: tenant_stack(tenant) for tenant in ARTIFACTS}}


@pytest.mark.parametrize("tenant", ARTIFACTS)
def test_an_endpoint_is_in_service_with_the_artifact_that_was_uploaded(serving: Land, tenant: str) -> None:
    """Each model's endpoint serves the configuration and model that the outputs name, with the artifact's digest."""
    outputs = serving.outputs(tenant)
    sagemaker = serving.client("sagemaker")
    assert set(outputs.endpoints) == set(ARTIFACTS[tenant])
    for endpoint in outputs.endpoints.values():
        described = sagemaker.describe_endpoint(EndpointName=endpoint.name)
        configuration = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        model = sagemaker.describe_model(ModelName=configuration["ProductionVariants"][0]["ModelName"])
        assert described["EndpointStatus"] == "InService"
        assert described["EndpointConfigName"] == endpoint.configuration
        assert configuration["KmsKeyId"] == outputs.key_arn
        assert model["ModelName"] == endpoint.model
        assert model["EnableNetworkIsolation"] is True
        assert model["VpcConfig"]["Subnets"] == list(outputs.subnet_ids)
        assert model["PrimaryContainer"]["Environment"]["BULKHEAD_MODEL_SHA256"] == endpoint.model_sha256


@pytest.mark.parametrize("tenant", ARTIFACTS)
def test_logs_alarms_and_autoscaling_are_there(serving: Land, tenant: str) -> None:
    """Every log group is encrypted and expires; alarms tell the tenant's topic; each endpoint scales."""
    outputs = serving.outputs(tenant)
    groups = {
        group["logGroupName"]: group
        for page in serving.client("logs").get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    }
    for name in outputs.log_groups.values():
        assert groups[name]["kmsKeyId"] == outputs.key_arn
        assert groups[name]["retentionInDays"] > 0
    for endpoint in outputs.endpoints.values():
        assert endpoint.log_group in outputs.log_groups.values()
        alarms = serving.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{endpoint.name}-")["MetricAlarms"]
        assert {alarm["AlarmName"].rpartition("-")[2] for alarm in alarms} == {"errors", "latency", "saturation"}
        assert all(alarm["AlarmActions"] == [outputs.alerts_topic_arn] for alarm in alarms)
        targets = serving.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=[f"endpoint/{endpoint.name}/variant/primary"]
        )
        assert len(targets["ScalableTargets"]) == 1


@pytest.mark.parametrize("tenant", ARTIFACTS)
def test_an_endpoint_waits_for_what_sagemaker_needs(serving: Land, tenant: str) -> None:
    """Its log group, alarms and the model's role policies, key and bucket policy and S3 endpoint are made before it."""
    resources = {resource["urn"]: resource for resource in serving.resources(tenant_stack(tenant))}
    endpoints = [urn for urn in resources if urn.split("::")[2].endswith("sagemaker/endpoint:Endpoint")]
    assert len(endpoints) == len(ARTIFACTS[tenant])
    for endpoint in endpoints:
        before, found = [endpoint], set[str]()
        while before:
            for urn in resources.get(before.pop(), {}).get("dependencies", []):
                if urn in resources and urn not in found:
                    found.add(urn)
                    before.append(urn)
        kinds = {resources[urn]["type"].rpartition(":")[2] for urn in found}
        assert {"LogGroup", "MetricAlarm", "RolePolicy", "Key", "BucketPolicy", "VpcEndpoint"} <= kinds
        assert "Target" not in kinds


@pytest.mark.parametrize("tenant", ARTIFACTS)
def test_nothing_changed_is_no_change(serving: Land, tenant: str) -> None:
    """A preview of what is deployed plans nothing."""
    assert steps(succeeded(serving.run(tenant, Operation.PREVIEW))) == set()


def test_another_instance_type_is_a_new_configuration_and_an_update_of_the_endpoint(serving: Land) -> None:
    """Nothing else changes, not at the other tenant either; afterwards the old configuration is gone."""
    before = serving.outputs("globex").endpoints["cultivar"]
    spec = serving.spec("globex")
    text = spec.read_text()
    spec.write_text(text.replace("ml.m5.large", "ml.m5.xlarge", 1))
    replaced = {("create-replacement", C), ("replace", C), ("delete-replaced", C), ("update", "sagemaker:Endpoint")}
    assert steps(succeeded(serving.run("globex", Operation.PREVIEW))) <= replaced
    assert steps(succeeded(serving.run("acme", Operation.PREVIEW))) == set()
    result = succeeded(serving.run("globex", Operation.UP))
    assert steps(result) <= replaced
    assert {("create-replacement", C), ("delete-replaced", C), ("update", "sagemaker:Endpoint")} <= steps(result)
    after = serving.outputs("globex").endpoints["cultivar"]
    assert (after.name, after.model) == (before.name, before.model)
    names = _configurations(serving)
    assert after.configuration in names
    assert before.configuration not in names


C = "sagemaker:EndpointConfiguration"


def _configurations(land: Land) -> set[str]:
    listed = land.client("sagemaker").list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
    return {configuration["EndpointConfigName"] for configuration in listed}


def test_another_artifact_makes_a_new_model_before_the_old_one_goes(serving: Land) -> None:
    """A new object under the same key is deployed: model, configuration, endpoint in this order, then the old ones."""
    before = serving.outputs("globex").endpoints["progression"]
    digest = serving.upload("globex", "progression", b"another model")
    result = succeeded(serving.run("globex", Operation.UP))
    taken = [(change.op, kind(change)) for change in result.changes if change.op != "replace"]
    assert taken == [
        ("create-replacement", "sagemaker:Model"),
        ("create-replacement", C),
        ("update", "sagemaker:Endpoint"),
        ("delete-replaced", C),
        ("delete-replaced", "sagemaker:Model"),
    ]
    after = serving.outputs("globex").endpoints["progression"]
    assert (after.name, after.model_sha256) == (before.name, digest)
    assert after.model != before.model
    assert steps(succeeded(serving.run("globex", Operation.PREVIEW))) == set()


def test_a_missing_artifact_is_a_clear_error_and_changes_nothing(serving: Land) -> None:
    """The error names the object; the endpoint goes on serving what it did."""
    spec = serving.spec("globex")
    text = spec.read_text()
    before = serving.outputs("globex")
    spec.write_text(text.replace("progression/1/model.tar.gz", "progression/9/model.tar.gz"))
    try:
        result = serving.run("globex", Operation.UP)
    finally:
        spec.write_text(text)
    assert result.outcome == "failed"
    said = f"{result.error} " + " ".join(diagnostic.message for diagnostic in result.diagnostics)
    assert "progression/9/model.tar.gz" in said
    assert "is not there" in said
    assert "Traceback" not in said
    assert serving.outputs("globex") == before


def test_a_protected_tenant_is_not_destroyed(serving: Land) -> None:
    """A destroy of acme, whose spec prevents deletion, is refused before anything goes."""
    before = {resource["urn"]: resource["id"] for resource in serving.resources(tenant_stack("acme"))}
    result = serving.run("acme", Operation.DESTROY)
    assert result.outcome == "failed"
    assert "protect" in str(result.error).lower()
    assert {resource["urn"]: resource["id"] for resource in serving.resources(tenant_stack("acme"))} == before
    assert steps(succeeded(serving.run("acme", Operation.PREVIEW))) == set()


def test_a_new_tenant_comes_and_goes(serving: Land) -> None:
    """Its first preview needs no artifacts; at its end autoscaling goes before the endpoint, and nothing is left."""
    spec = serving.spec("globex").read_text()
    gone = serving.spec("initech")
    gone.write_text(spec.replace("globex", "initech").replace("10.80.0.0/22", "10.81.0.0/22"))
    try:
        planned = steps(succeeded(serving.run("initech", Operation.PREVIEW)))
        assert ("create", "sagemaker:Endpoint") in planned, "without buckets the artifacts are unknown, not absent"
        succeeded(serving.run_without_models("initech"))
        for model in ARTIFACTS["globex"]:
            serving.upload("initech", model, b"initech")
        succeeded(serving.run("initech", Operation.UP))
        resources = serving.resources(tenant_stack("initech"))
        result = succeeded(serving.run("initech", Operation.DESTROY))
    finally:
        gone.unlink()
    order = [kind(change) for change in result.changes if change.op == "delete"]
    assert order.index("appautoscaling:Target") < order.index("sagemaker:Endpoint") < order.index(C)
    finder = serving.finder(tenant_stack("initech"))
    assert {finder.find(resource["type"], resource["inputs"]) for resource in resources} == {None}


@pytest.mark.parametrize("stack", STACKS)
def test_the_finder_finds_every_resource_of_a_stack(serving: Land, stack: str) -> None:
    """What a crash could leave behind is found again under the id that the provider imports it by."""
    finder = serving.finder(STACKS[stack])
    resources = serving.resources(STACKS[stack])
    found = {resource["urn"]: finder.find(resource["type"], resource["inputs"]) for resource in resources}
    assert found == {resource["urn"]: _import_id(resource) for resource in resources}


def test_the_finder_finds_nothing_in_an_empty_cloud(serving: Land, tmp_path: Path) -> None:
    """The same resources are not there before they are made. A VPC's default security group is there with the VPC."""
    sandbox = Sandbox(tmp_path / "sandbox")
    try:
        endpoint_url = sandbox.up().endpoint_url
        key = access_key(tmp_path / "sandbox" / "credentials.json")
        session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=serving.cloud.region)
        finder = AwsFinder(session, endpoint_url)
        resources = [resource for ref in STACKS.values() for resource in serving.resources(ref)]
        found = {resource["urn"]: finder.find(resource["type"], resource["inputs"]) for resource in resources}
    finally:
        sandbox.down()
    assert {urn for urn, known in found.items() if known is not None} == set()


def _import_id(resource: Any) -> str:
    """The id that the provider's import takes, where it is not the id in the state."""
    inputs = resource["inputs"]
    match resource["type"]:
        case "aws:ec2/routeTableAssociation:RouteTableAssociation":
            return f"{inputs['subnetId']}/{inputs['routeTableId']}"
        case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
            return f"{inputs['role']}/{inputs['policyArn']}"
        case "aws:appautoscaling/target:Target":
            return f"{inputs['serviceNamespace']}/{inputs['resourceId']}/{inputs['scalableDimension']}"
        case "aws:appautoscaling/policy:Policy":
            variant = f"{inputs['serviceNamespace']}/{inputs['resourceId']}/{inputs['scalableDimension']}"
            return f"{variant}/{inputs['name']}"
        case _:
            return resource["id"]
