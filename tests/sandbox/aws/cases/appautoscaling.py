"""Contract cases of Application Auto Scaling."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
from pulumi import Output

from .case import Case, Clients, Inputs, Needs, Outputs
from .sagemaker import endpoint

_DIMENSION: Inputs = {"service_namespace": "sagemaker", "scalable_dimension": "sagemaker:variant:DesiredInstanceCount"}


def _variant(of: aws.sagemaker.Endpoint) -> Output[str]:
    return Output.concat("endpoint/", of.name, "/variant/primary")


def _two_endpoints(name: str) -> Needs:
    return {each: endpoint(f"{name}-{each}") for each in ("one", "two")}


def _two_targets(name: str) -> Needs:
    return {
        each: aws.appautoscaling.Target(
            f"{name}-{each}", resource_id=_variant(made), min_capacity=1, max_capacity=2, **_DIMENSION
        )
        for each, made in _two_endpoints(name).items()
    }


def _tracking(value: float) -> Inputs:
    return {
        "target_tracking_scaling_policy_configuration": {
            "target_value": value,
            "scale_in_cooldown": 300,
            "predefined_metric_specification": {
                "predefined_metric_type": "SageMakerVariantInvocationsPerInstance",
            },
        }
    }


def _key(made: Outputs) -> dict[str, str]:
    members = {
        "ServiceNamespace": "serviceNamespace",
        "ResourceId": "resourceId",
        "ScalableDimension": "scalableDimension",
    }
    return {member: made[name] for member, name in members.items()}


def _grow(boto: Clients, target: Outputs) -> None:
    boto("application-autoscaling").register_scalable_target(MaxCapacity=9, **_key(target))


def _retune(boto: Clients, policy: Outputs) -> None:
    boto("application-autoscaling").put_scaling_policy(
        PolicyName=policy["name"],
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 7,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
        **_key(policy),
    )


def _left(operation: str, answer: str, member: str) -> Any:
    def left(boto: Clients) -> set[str]:
        client = boto("application-autoscaling")
        return {each[member] for each in getattr(client, operation)(ServiceNamespace="sagemaker")[answer]}

    return left


def _path(made: Outputs) -> str:
    return "/".join(_key(made).values())


CASES = (
    Case(
        type="aws:appautoscaling/target:Target",
        needs=_two_endpoints,
        inputs=lambda needs: {
            "resource_id": _variant(needs["one"]),
            "min_capacity": 1,
            "max_capacity": 2,
            "tags": {"owner": "one"},
            **_DIMENSION,
        },
        update=lambda _: {
            "max_capacity": 4,
            "suspended_state": {"dynamic_scaling_in_suspended": True},
            "tags": {"team": "two"},
        },
        replace=lambda needs: {"resource_id": _variant(needs["two"])},
        tamper=_grow,
        tampered="maxCapacity",
        import_id=_path,
        left=_left("describe_scalable_targets", "ScalableTargets", "ResourceId"),
    ),
    Case(
        type="aws:appautoscaling/policy:Policy",
        needs=_two_targets,
        inputs=lambda needs: {
            "policy_type": "TargetTrackingScaling",
            "resource_id": needs["one"].resource_id,
            **_DIMENSION,
            **_tracking(100),
        },
        update=lambda _: _tracking(200.5),
        replace=lambda needs: {"resource_id": needs["two"].resource_id},
        tamper=_retune,
        tampered="targetTrackingScalingPolicyConfiguration",
        import_id=lambda made: f"{_path(made)}/{made['name']}",
        left=_left("describe_scaling_policies", "ScalingPolicies", "PolicyARN"),
    ),
)
