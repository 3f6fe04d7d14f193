"""SageMaker's control plane where moto had to be completed: each answer as AWS documents it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sandbox_clients import SERVING_ROLE, Clients, error_of, make_serving_role

ACCOUNT = "123456789012"
PREFIX = f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}"
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/serving:1"


@pytest.fixture(scope="module")
def sagemaker(aws: Clients) -> Any:
    make_serving_role(aws)
    return aws("sagemaker")


def _model(sagemaker: Any, name: str, **more: Any) -> None:
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=SERVING_ROLE, PrimaryContainer={"Image": IMAGE}, **more)


def _config(sagemaker: Any, name: str, model: str, *, count: int = 1, **more: Any) -> None:
    variant = {
        "VariantName": "main",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)


def _endpoint(sagemaker: Any, name: str, **config: Any) -> None:
    _model(sagemaker, f"{name}-m1")
    _config(sagemaker, f"{name}-c1", f"{name}-m1", **config)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-c1")


def test_update_moves_the_endpoint_to_the_new_configuration(sagemaker: Any) -> None:
    _endpoint(sagemaker, "moves")
    _config(sagemaker, "moves-c2", "moves-m1", count=3)
    arn = sagemaker.update_endpoint(EndpointName="moves", EndpointConfigName="moves-c2")["EndpointArn"]
    assert arn == f"{PREFIX}:endpoint/moves"
    after = sagemaker.describe_endpoint(EndpointName="moves")
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == "moves-c2"
    variant = after["ProductionVariants"][0]
    assert variant["CurrentInstanceCount"] == variant["DesiredInstanceCount"] == 3
    assert variant["CurrentWeight"] == 1.0
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    assert after["LastModifiedTime"] > after["CreationTime"]


def test_update_keeps_live_counts_only_when_asked_to(sagemaker: Any) -> None:
    """RetainAllVariantProperties keeps what autoscaling set, except what is excluded; without it nothing is kept."""
    _endpoint(sagemaker, "keeps")
    scaled = [{"VariantName": "main", "DesiredInstanceCount": 5, "DesiredWeight": 1.0}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="keeps", DesiredWeightsAndCapacities=scaled)
    _config(sagemaker, "keeps-c2", "keeps-m1", count=2)

    def count(**options: Any) -> int:
        sagemaker.update_endpoint(EndpointName="keeps", EndpointConfigName="keeps-c2", **options)
        return sagemaker.describe_endpoint(EndpointName="keeps")["ProductionVariants"][0]["CurrentInstanceCount"]

    assert count(RetainAllVariantProperties=True) == 5
    excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
    assert count(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=excluded) == 2
    assert count() == 2


def test_update_rolls_back_when_a_guarding_alarm_is_in_alarm(sagemaker: Any, aws: Clients) -> None:
    """The positive control is the same update with the alarm OK."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
    )
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    _endpoint(sagemaker, "guarded")
    _config(sagemaker, "guarded-c2", "guarded-m1")

    def update() -> str:
        sagemaker.update_endpoint(EndpointName="guarded", EndpointConfigName="guarded-c2", DeploymentConfig=deployment)
        described = sagemaker.describe_endpoint(EndpointName="guarded")
        assert described["EndpointStatus"] == "InService"
        assert described["LastDeploymentConfig"] == deployment
        return described["EndpointConfigName"]

    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    assert update() == "guarded-c1"
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    assert update() == "guarded-c2"


def test_errors_of_endpoints_are_those_of_aws(sagemaker: Any) -> None:
    _endpoint(sagemaker, "there")
    with pytest.raises(ClientError) as caught:
        sagemaker.update_endpoint(EndpointName="nowhere", EndpointConfigName="there-c1")
    assert error_of(caught) == ("ValidationException", f'Could not find endpoint "{PREFIX}:endpoint/nowhere".')
    with pytest.raises(ClientError) as caught:
        sagemaker.update_endpoint(EndpointName="there", EndpointConfigName="nothing")
    assert error_of(caught) == (
        "ValidationException",
        f'Could not find endpoint configuration "{PREFIX}:endpoint-config/nothing".',
    )
    with pytest.raises(ClientError) as caught:
        sagemaker.create_endpoint(EndpointName="there", EndpointConfigName="there-c1")
    assert error_of(caught) == (
        "ValidationException",
        f'Cannot create already existing endpoint "{PREFIX}:endpoint/there".',
    )


def test_data_capture_is_described_as_a_summary(sagemaker: Any) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 25,
        "DestinationS3Uri": "s3://capture/x",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    _endpoint(sagemaker, "captured", DataCaptureConfig=capture)
    assert sagemaker.describe_endpoint(EndpointName="captured")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 25,
        "DestinationS3Uri": "s3://capture/x",
    }
    _endpoint(sagemaker, "uncaptured")
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint(EndpointName="uncaptured")


def test_model_package_group_policy_and_deletion(sagemaker: Any) -> None:
    reader = {"AWS": "arn:aws:iam::210987654321:root"}
    shared = {"Effect": "Allow", "Principal": reader, "Action": "sagemaker:Describe*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [shared]})
    arn = sagemaker.create_model_package_group(ModelPackageGroupName="group")["ModelPackageGroupArn"]
    with pytest.raises(ClientError) as caught:
        sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    assert error_of(caught)[0] == "ValidationException"
    put = sagemaker.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)
    assert put["ModelPackageGroupArn"] == arn
    assert sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")["ResourcePolicy"] == policy
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName="group")
    with pytest.raises(ClientError):
        sagemaker.get_model_package_group_policy(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match="already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match="Invalid resource policy"):
        sagemaker.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy="no policy")

    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="group")
