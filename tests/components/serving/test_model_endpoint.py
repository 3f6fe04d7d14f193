"""What a model's endpoint says to AWS."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from components.serving.artifact import ArtifactError
from components.serving.model_endpoint import ModelEndpoint, ModelEndpointArgs
from infra import naming
from infra.spec.tenant import Model, TenantSpec
from tests.components.recorder import Invoke, InvokeRefused, Recorder, record
from tests.components.specs import PLATFORM, model, tenant

DIGEST = "ab" * 32
OTHER_DIGEST = "cd" * 32
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:bh-dev-acme-alerts"
NAME = "bh-dev-acme-tumour"


def stated(digest: str) -> Invoke:
    """S3 answers with an object that states its digest in its metadata."""
    return lambda _: {"metadata": {"bulkhead-sha256": digest}, "checksumSha256": ""}


def endpoint(
    model: Model | None = None,
    *,
    read: Invoke | None = None,
    owner: TenantSpec | None = None,
    **changes: Any,
) -> Recorder:
    owner = owner or tenant()
    args: dict[str, Any] = {
        "platform": PLATFORM,
        "tenant": owner,
        "model": model or owner.models[0],
        "models_bucket": "bucket",
        "key_arn": KEY,
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["sg-1"],
        "image_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving",
        "alerts_topic_arn": TOPIC,
    } | changes
    return record(
        lambda: (ModelEndpoint("tumour", ModelEndpointArgs(**args)), None)[1],
        {"aws:s3/getObject:getObject": read or stated(DIGEST)},
    )


def test_the_model_runs_isolated_in_the_tenants_network_with_its_artifact_and_role() -> None:
    """The SageMaker model has no network of its own, the tenant's subnets, role, artifact and the artifact's digest."""
    inputs = endpoint().one("sagemaker/model:Model")
    assert inputs["enableNetworkIsolation"] is True
    assert inputs["vpcConfig"] == {"subnets": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    assert inputs["executionRoleArn"] == "arn:aws:iam::123456789012:role/bulkhead/dev/acme/bh-dev-acme-serving"
    assert inputs["primaryContainer"]["image"].endswith("/serving:1.0.0")
    assert inputs["primaryContainer"]["modelDataUrl"].startswith("s3://bh-dev-acme-models-")
    assert inputs["primaryContainer"]["modelDataUrl"].endswith("/tumour/1/model.tar.gz")
    assert inputs["primaryContainer"]["environment"] == {"BULKHEAD_MODEL_SHA256": DIGEST}


def test_the_configuration_encrypts_volumes_and_captures_into_the_tenants_bucket() -> None:
    """Volumes and captured data are encrypted with the tenant's key; the count starts at the minimum."""
    inputs = endpoint().one("endpointConfiguration:EndpointConfiguration")
    assert inputs["kmsKeyArn"] == KEY
    (variant,) = inputs["productionVariants"]
    assert (variant["instanceType"], variant["initialInstanceCount"]) == ("ml.m5.large", 2)
    capture = inputs["dataCaptureConfig"]
    assert capture["kmsKeyId"] == KEY
    assert capture["destinationS3Uri"].startswith("s3://bh-dev-acme-capture-")
    assert capture["initialSamplingPercentage"] == 10


def test_local_storage_takes_no_volume_key_and_capture_keeps_it() -> None:
    """An instance type with local NVMe storage has no volume key; the captured data is encrypted all the same."""
    inputs = endpoint(model(instance_type="ml.g5.xlarge")).one("endpointConfiguration:EndpointConfiguration")
    assert "kmsKeyArn" not in inputs
    assert inputs["dataCaptureConfig"]["kmsKeyId"] == KEY


def test_capture_of_nothing_is_no_capture() -> None:
    """Zero percent turns data capture off."""
    inputs = endpoint(model(data_capture={"percent": 0})).one("endpointConfiguration:EndpointConfiguration")
    assert "dataCaptureConfig" not in inputs


def test_a_deployment_shifts_a_canary_first_and_rolls_back_by_alarms_that_exist() -> None:
    """Blue/green with a canary of one instance; the rollback alarms are alarms that the component makes."""
    recorder = endpoint()
    deployment = recorder.one("sagemaker/endpoint:Endpoint")["deploymentConfig"]
    routing = deployment["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert (routing["type"], routing["canarySize"]) == ("CANARY", {"type": "INSTANCE_COUNT", "value": 1})
    rollback = {alarm["alarmName"] for alarm in deployment["autoRollbackConfiguration"]["alarms"]}
    made = {alarm.inputs["name"] for alarm in recorder.of("metricAlarm:MetricAlarm")}
    assert rollback == {f"{NAME}-errors", f"{NAME}-latency"}
    assert rollback < made


def test_a_fleet_of_one_shifts_all_at_once() -> None:
    """A canary is at most half of the fleet, which one instance has not."""
    one = endpoint(model(instances={"min": 1, "max": 2})).one("sagemaker/endpoint:Endpoint")
    routing = one["deploymentConfig"]["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert routing["type"] == "ALL_AT_ONCE"
    assert "canarySize" not in routing


def test_alarms_watch_the_endpoint_and_tell_the_tenant() -> None:
    """Errors, latency (in microseconds) and saturation of this endpoint's variant, all told to the tenant's topic."""
    alarms = {alarm.inputs["name"]: alarm.inputs for alarm in endpoint().of("metricAlarm:MetricAlarm")}
    assert {
        name: (alarm["metricName"], alarm.get("statistic") or alarm.get("extendedStatistic"), alarm["threshold"])
        for name, alarm in alarms.items()
    } == {
        f"{NAME}-errors": ("Invocation5XXErrors", "Average", 0.05),
        f"{NAME}-latency": ("ModelLatency", "p99", 1_000_000),
        f"{NAME}-saturation": ("InvocationsPerInstance", "Sum", 900),
    }
    for alarm in alarms.values():
        assert alarm["dimensions"] == {"EndpointName": NAME, "VariantName": "primary"}
        assert alarm["alarmActions"] == alarm["okActions"] == [TOPIC]
        assert alarm["treatMissingData"] == "notBreaching"


@pytest.mark.parametrize(("state", "largest"), [("active", 4), ("suspended", 2)])
def test_autoscaling_follows_invocations_and_a_suspended_tenant_stays_at_the_minimum(state: str, largest: int) -> None:
    """The count is held between the spec's bounds by invocations an instance."""
    recorder = endpoint(owner=tenant(lifecycle={"state": state}))
    target, policy = recorder.one("appautoscaling/target:Target"), recorder.one("appautoscaling/policy:Policy")
    assert (target["minCapacity"], target["maxCapacity"]) == (2, largest)
    assert target["resourceId"] == policy["resourceId"] == f"endpoint/{NAME}/variant/primary"
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
    assert (metric, tracking["targetValue"]) == ("SageMakerVariantInvocationsPerInstance", 600)


def names(recorder: Recorder) -> tuple[str, str]:
    return (
        recorder.one("sagemaker/model:Model")["name"],
        recorder.one("endpointConfiguration:EndpointConfiguration")["name"],
    )


CHANGES: dict[str, tuple[dict[str, Any], Mapping[str, Any], Invoke | None, tuple[bool, bool]]] = {
    "nothing": ({}, {}, None, (False, False)),
    "instance type": ({"instance_type": "ml.c5.large"}, {}, None, (False, True)),
    "smallest count": ({"instances": {"min": 3, "max": 4}}, {}, None, (False, True)),
    "largest count": ({"instances": {"min": 2, "max": 9}}, {}, None, (False, False)),
    "data capture": ({"data_capture": {"percent": 50}}, {}, None, (False, True)),
    "image": ({"image_tag": "1.0.1"}, {}, None, (True, True)),
    "artifact key": ({"artifact": {"key": "tumour/2/model.tar.gz"}}, {}, None, (True, True)),
    "artifact content": ({}, {}, stated(OTHER_DIGEST), (True, True)),
    "subnets": ({}, {"subnet_ids": ["subnet-3"]}, None, (True, True)),
    "environment": ({}, {"environment": {"A": "b"}}, None, (True, True)),
    "key": ({}, {"key_arn": KEY + "2"}, None, (False, True)),
}


@pytest.mark.parametrize(("change", "args", "read", "renamed"), CHANGES.values(), ids=CHANGES)
def test_what_changes_gets_a_new_name(
    change: dict[str, Any], args: Mapping[str, Any], read: Invoke | None, renamed: tuple[bool, bool]
) -> None:
    """A model or configuration that says something else has another name, and no other has."""
    before, after = names(endpoint(model())), names(endpoint(model(**change), read=read, **args))
    assert tuple(old != new for old, new in zip(before, after, strict=True)) == renamed
    assert all(name.startswith(f"{NAME}-") for name in after)


def test_without_a_digest_in_the_name_no_change_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin of the names: with a fixed digest another artifact and instance type keep both names."""

    def fixed(*_: str) -> str:
        return "00000000"

    monkeypatch.setattr(naming, "digest", fixed)
    changed = endpoint(model(instance_type="ml.c5.large"), read=stated(OTHER_DIGEST))
    assert names(endpoint(model())) == names(changed)


def test_the_checksum_that_s3_keeps_stands_in_for_the_metadata() -> None:
    """Without the metadata the whole object's SHA-256 is asked for and told in hex."""

    def read(arguments: Mapping[str, Any]) -> dict[str, Any]:
        kept = base64.b64encode(bytes.fromhex(DIGEST)).decode() if arguments.get("checksumMode") == "ENABLED" else ""
        return {"metadata": {}, "checksumSha256": kept}

    inputs = endpoint(read=read).one("sagemaker/model:Model")
    assert inputs["primaryContainer"]["environment"]["BULKHEAD_MODEL_SHA256"] == DIGEST


def _fails(reason: str) -> Invoke:
    def fail(_: Mapping[str, Any]) -> dict[str, Any]:
        raise InvokeRefused(reason)

    return fail


def _multipart(_: Mapping[str, Any]) -> dict[str, Any]:
    """S3 answers with a checksum of the parts' checksums."""
    return {"metadata": {}, "checksumSha256": "c3VtIG9mIHN1bXM=-3"}


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (_fails("reading S3 Object: couldn't find resource"), "is not there"),
        (_fails("operation error S3: HeadObject, 403, AccessDenied"), "cannot be read: .*AccessDenied"),
        (stated("not a digest"), "does not say its SHA-256"),
        (_multipart, "does not say its SHA-256"),
    ],
    ids=["absent", "denied", "bad metadata", "multipart checksum"],
)
def test_an_artifact_that_cannot_be_deployed_is_a_clear_error(read: Invoke, message: str) -> None:
    """An absent, unreadable or undigested artifact names the object and the remedy; nothing that needs it is made."""
    with pytest.raises(Exception, match=message) as caught:
        endpoint(read=read)
    error = caught.value
    assert isinstance(error, ArtifactError) or isinstance(error.__cause__, ArtifactError)
    assert "s3://bucket/tumour/1/model.tar.gz" in str(error)
    assert "remedy:" in str(error)
