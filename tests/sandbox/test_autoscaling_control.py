"""Application Auto Scaling where moto had to be completed: each answer as AWS documents it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of, make_serving_role

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving:1"
TRACKING = {
    "TargetValue": 100.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
Key = dict[str, str]


@pytest.fixture(scope="module")
def scaling(aws: Clients) -> Any:
    return aws("application-autoscaling")


@pytest.fixture(scope="module")
def role(aws: Clients) -> str:
    return make_serving_role(aws)


@pytest.fixture
def variant(aws: Clients, role: str) -> Callable[[str], Key]:
    """Makes an endpoint and tells what identifies its one variant as a scalable target."""
    sagemaker = aws("sagemaker")

    def make(name: str) -> Key:
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE})
        variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return _key(name)

    return make


def _key(endpoint: str) -> Key:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def _targets(scaling: Any, key: Key) -> list[Any]:
    where = {"ServiceNamespace": key["ServiceNamespace"], "ResourceIds": [key["ResourceId"]]}
    return scaling.describe_scalable_targets(**where)["ScalableTargets"]


def _policies(scaling: Any, key: Key, **more: Any) -> list[Any]:
    return scaling.describe_scaling_policies(**key, **more)["ScalingPolicies"]


def test_a_target_has_what_aws_fills_in(scaling: Any, variant: Callable[[str], Key]) -> None:
    """The service-linked role, and nothing suspended; what is not named in an update stays."""
    key = variant("filled")
    arn = scaling.register_scalable_target(**key, MinCapacity=1, MaxCapacity=3)["ScalableTargetARN"]
    (target,) = _targets(scaling, key)
    assert target["ScalableTargetARN"] == arn
    assert target["RoleARN"].endswith(
        "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    assert set(target["SuspendedState"].values()) == {False}
    scaling.register_scalable_target(**key, MaxCapacity=5, SuspendedState={"DynamicScalingInSuspended": True})
    (after,) = _targets(scaling, key)
    assert (after["MinCapacity"], after["MaxCapacity"]) == (1, 5)
    assert after["SuspendedState"] == {**target["SuspendedState"], "DynamicScalingInSuspended": True}
    assert after["ScalableTargetARN"] == arn


def test_a_target_is_refused(scaling: Any, variant: Callable[[str], Key]) -> None:
    """No such variant, no bounds, or bounds the wrong way round; the positive control is the test above."""
    with pytest.raises(ClientError, match="Could not find the variant main of the endpoint nowhere"):
        scaling.register_scalable_target(**_key("nowhere"), MinCapacity=1, MaxCapacity=2)
    key = variant("refused")
    with pytest.raises(ClientError, match="Both MinCapacity and MaxCapacity are required"):
        scaling.register_scalable_target(**key, MinCapacity=1)
    with pytest.raises(ClientError, match="cannot be less"):
        scaling.register_scalable_target(**key, MinCapacity=3, MaxCapacity=2)
    assert _targets(scaling, key) == []


def test_targets_have_tags(scaling: Any, variant: Callable[[str], Key]) -> None:
    key = variant("tagged")
    registered = scaling.register_scalable_target(**key, MinCapacity=1, MaxCapacity=2, Tags={"a": "1", "b": "2"})
    arn = registered["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "3", "c": "4"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "3", "c": "4"}
    with pytest.raises(ClientError) as caught:
        scaling.list_tags_for_resource(ResourceARN=f"{arn}x")
    assert error_of(caught)[0] == "ResourceNotFoundException"


def test_a_policy_needs_a_target_and_goes_with_it(scaling: Any, variant: Callable[[str], Key]) -> None:
    key = variant("policies")
    policy = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING, **key}
    with pytest.raises(ClientError) as caught:
        scaling.put_scaling_policy(PolicyName="one", **policy)
    assert error_of(caught)[0] == "ObjectNotFoundException"
    scaling.register_scalable_target(**key, MinCapacity=1, MaxCapacity=2)
    arn = scaling.put_scaling_policy(PolicyName="one", **policy)["PolicyARN"]
    scaling.put_scaling_policy(PolicyName="two", **policy)
    assert scaling.put_scaling_policy(PolicyName="one", **policy)["PolicyARN"] == arn, "an update keeps the policy"
    assert [found["PolicyName"] for found in _policies(scaling, key, PolicyNames=["two"])] == ["two"]
    scaling.deregister_scalable_target(**key)
    assert _policies(scaling, key) == []
    for gone in (
        lambda: scaling.deregister_scalable_target(**key),
        lambda: scaling.delete_scaling_policy(PolicyName="one", **key),
    ):
        with pytest.raises(ClientError) as caught:
            gone()
        assert error_of(caught)[0] == "ObjectNotFoundException"
