"""SageMaker models and endpoint configurations where moto had to be completed: each answer as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sandbox_clients import SERVING_ROLE, Clients, error_of, make_serving_role

ARN = "arn:aws:sagemaker:eu-central-1:123456789012"
CONTAINER = {"Image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving:1"}
VARIANT = {"VariantName": "main", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.fixture(scope="module")
def sagemaker(aws: Clients) -> Any:
    make_serving_role(aws)
    return aws("sagemaker")


def _model(sagemaker: Any, name: str, **more: Any) -> Any:
    sagemaker.create_model(
        **{"ModelName": name, "ExecutionRoleArn": SERVING_ROLE, "PrimaryContainer": CONTAINER, **more}
    )
    return sagemaker.describe_model(ModelName=name)


def _config(sagemaker: Any, name: str, model: str, variant: dict[str, Any] | None = None, **more: Any) -> Any:
    variants = [{**VARIANT, "ModelName": model, **(variant or {})}]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **more)
    return sagemaker.describe_endpoint_config(EndpointConfigName=name)


def test_a_model_is_described_with_all_that_it_was_given(sagemaker: Any) -> None:
    network = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    isolated = _model(sagemaker, "isolated", EnableNetworkIsolation=True, VpcConfig=network)
    assert isolated["EnableNetworkIsolation"] is True
    assert isolated["VpcConfig"] == network
    several = _model(
        sagemaker,
        "several",
        PrimaryContainer={},
        Containers=[CONTAINER, CONTAINER],
        InferenceExecutionConfig={"Mode": "Direct"},
    )
    assert several["InferenceExecutionConfig"] == {"Mode": "Direct"}


def test_what_was_not_given_is_not_described(sagemaker: Any) -> None:
    """AWS leaves it out: an empty structure would not be what was asked for."""
    model = _model(sagemaker, "plain")
    assert model["EnableNetworkIsolation"] is False
    assert {"VpcConfig", "Containers"} & model.keys() == set()
    config = _config(sagemaker, "plain", "plain")
    assert {"DataCaptureConfig", "AsyncInferenceConfig", "KmsKeyId"} & config.keys() == set()
    assert config["ProductionVariants"][0]["InitialVariantWeight"] == 1.0


def test_a_configuration_is_described_with_all_that_it_was_given(sagemaker: Any) -> None:
    _model(sagemaker, "given")
    shadow = {**VARIANT, "VariantName": "shadow", "ModelName": "given", "InitialVariantWeight": 0.5}
    config = _config(sagemaker, "given", "given", ExecutionRoleArn=SERVING_ROLE, ShadowProductionVariants=[shadow])
    assert config["ExecutionRoleArn"] == SERVING_ROLE
    assert config["ShadowProductionVariants"] == [shadow]


def test_current_instance_types_are_taken_and_others_refused(sagemaker: Any) -> None:
    _model(sagemaker, "types")
    config = _config(sagemaker, "types", "types", {"InstanceType": "ml.g5.xlarge"})
    assert config["ProductionVariants"][0]["InstanceType"] == "ml.g5.xlarge"
    with pytest.raises(ClientError, match=r"Value 'ml.none.large' at 'productionVariants.1.member.instanceType'"):
        _config(sagemaker, "refused", "types", {"InstanceType": "ml.none.large"})


def test_names_are_taken_once(sagemaker: Any) -> None:
    """A second model or configuration of a name is refused, and the first stays as it is."""
    _model(sagemaker, "once", EnableNetworkIsolation=True)
    with pytest.raises(ClientError) as caught:
        _model(sagemaker, "once")
    assert error_of(caught) == ("ValidationException", f'Cannot create already existing model "{ARN}:model/once".')
    assert sagemaker.describe_model(ModelName="once")["EnableNetworkIsolation"] is True
    _config(sagemaker, "once", "once")
    with pytest.raises(ClientError) as caught:
        _config(sagemaker, "once", "once", {"InitialInstanceCount": 2})
    assert error_of(caught) == (
        "ValidationException",
        f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/once".',
    )


def test_an_endpoint_remembers_the_deployment_that_it_was_created_with(sagemaker: Any) -> None:
    _model(sagemaker, "deployed")
    _config(sagemaker, "deployed", "deployed")
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}}
    }
    sagemaker.create_endpoint(EndpointName="deployed", EndpointConfigName="deployed", DeploymentConfig=deployment)
    assert sagemaker.describe_endpoint(EndpointName="deployed")["LastDeploymentConfig"] == deployment


def test_a_tag_has_one_value(sagemaker: Any) -> None:
    arn = _model(sagemaker, "tagged", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])["ModelArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "3"}])
    tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert sorted((tag["Key"], tag["Value"]) for tag in tags) == [("a", "3"), ("b", "2")]
