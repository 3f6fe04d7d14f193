"""Contract cases of SageMaker."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
from pulumi import Output

from .case import Case, Clients, Inputs, Needs, Outputs

_IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving:1"


def _role_arn(name: str) -> Output[str]:
    """The ARN of a role that SageMaker can use for the cases' image and artifact; known when it can."""
    trusts = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": ["s3:GetObject", "ecr:Batch*", "ecr:GetDownloadUrlForLayer"], "Resource": "*"}
    role = aws.iam.Role(name, assume_role_policy=_document(trusts))
    policy = aws.iam.RolePolicy(name, role=role.name, policy=_document(reads))
    return Output.all(role.arn, policy.id).apply(lambda known: str(known[0]))


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _model(name: str) -> aws.sagemaker.Model:
    return aws.sagemaker.Model(name, execution_role_arn=_role_arn(name), primary_container={"image": _IMAGE})


def configuration(name: str, model: aws.sagemaker.Model) -> aws.sagemaker.EndpointConfiguration:
    return aws.sagemaker.EndpointConfiguration(name, production_variants=_variants(model, 1))


def endpoint(name: str) -> aws.sagemaker.Endpoint:
    return aws.sagemaker.Endpoint(name, endpoint_config_name=configuration(name, _model(name)).name)


def _variants(model: aws.sagemaker.Model, count: int) -> list[aws.sagemaker.EndpointConfigurationProductionVariantArgs]:
    variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name="primary", model_name=model.name, instance_type="ml.m6i.large", initial_instance_count=count
    )
    return [variant]


def _two_configurations(name: str) -> Needs:
    model = _model(name)
    return {each: configuration(f"{name}-{each}", model) for each in ("one", "two")}


def _two_groups(name: str) -> Needs:
    return {
        each: aws.sagemaker.ModelPackageGroup(f"{name}-{each}", model_package_group_name=f"{name}-{each}")
        for each in ("one", "two")
    }


def _container(threads: int) -> Inputs:
    return {
        "primary_container": {
            "image": _IMAGE,
            "model_data_url": "s3://models/model.tar.gz",
            "environment": {"OMP_NUM_THREADS": str(threads)},
        }
    }


def _deployment(seconds: int) -> Inputs:
    return {
        "deployment_config": {
            "blue_green_update_policy": {
                "traffic_routing_configuration": {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": seconds},
                "maximum_execution_timeout_in_seconds": 3600,
            },
            "auto_rollback_configuration": {"alarms": [{"alarm_name": "errors"}]},
        }
    }


def _group_policy(action: str, group: Any) -> Any:
    def document(arn: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": action,
            "Resource": arn,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return group.arn.apply(document)


def _names(operation: str, answer: str, member: str) -> Any:
    def left(boto: Clients) -> set[str]:
        return {each[member] for each in getattr(boto("sagemaker"), operation)()[answer]}

    return left


def _with_policy(boto: Clients) -> set[str]:
    sagemaker = boto("sagemaker")
    found = set[str]()
    for group in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]:
        name = group["ModelPackageGroupName"]
        try:
            sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)
        except sagemaker.exceptions.ClientError:
            continue
        found.add(name)
    return found


def _retag(boto: Clients, resource: Outputs) -> None:
    boto("sagemaker").add_tags(ResourceArn=resource["arn"], Tags=[{"Key": "team", "Value": "other"}])


def _deploy_another(boto: Clients, made: Outputs) -> None:
    sagemaker = boto("sagemaker")
    configurations = sagemaker.list_endpoint_configs(NameContains="sagemaker-endpoint-")["EndpointConfigs"]
    names = [each["EndpointConfigName"] for each in configurations]
    other = next(name for name in names if name != made["endpointConfigName"])
    sagemaker.update_endpoint(EndpointName=made["name"], EndpointConfigName=other, RetainDeploymentConfig=True)


def _loosen(boto: Clients, policy: Outputs) -> None:
    document = json.loads(policy["resourcePolicy"])
    document["Statement"][0]["Action"] = "sagemaker:*"
    boto("sagemaker").put_model_package_group_policy(
        ModelPackageGroupName=policy["modelPackageGroupName"], ResourcePolicy=json.dumps(document)
    )


CASES = (
    Case(
        type="aws:sagemaker/model:Model",
        needs=lambda name: {"role": _role_arn(f"{name}-role")},
        inputs=lambda needs: {
            "execution_role_arn": needs["role"],
            "enable_network_isolation": True,
            "vpc_config": {"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]},
            "tags": {"owner": "one"},
            **_container(1),
        },
        update=lambda _: {"tags": {"team": "two"}},
        replace=lambda _: _container(2),
        tamper=_retag,
        tampered="tags",
        left=_names("list_models", "Models", "ModelName"),
    ),
    Case(
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        needs=lambda name: {"model": _model(f"{name}-model")},
        inputs=lambda needs: {
            "production_variants": _variants(needs["model"], 1),
            "data_capture_config": {
                "enable_capture": True,
                "initial_sampling_percentage": 10,
                "destination_s3_uri": "s3://capture/here",
                "capture_options": [{"capture_mode": "Input"}],
                "capture_content_type_header": {"csv_content_types": ["text/csv"]},
            },
            "tags": {"owner": "one"},
        },
        update=lambda _: {"tags": {"team": "two"}},
        replace=lambda needs: {"production_variants": _variants(needs["model"], 2)},
        tamper=_retag,
        tampered="tags",
        left=_names("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ),
    Case(
        type="aws:sagemaker/endpoint:Endpoint",
        needs=_two_configurations,
        inputs=lambda needs: {
            "endpoint_config_name": needs["one"].name,
            "tags": {"owner": "one"},
            **_deployment(60),
        },
        update=lambda needs: {
            "endpoint_config_name": needs["two"].name,
            "tags": {"team": "two"},
            **_deployment(120),
        },
        replace=lambda _: {"name": "contract-endpoint"},
        tamper=_deploy_another,
        tampered="endpointConfigName",
        left=_names("list_endpoints", "Endpoints", "EndpointName"),
    ),
    Case(
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        inputs=lambda _: {"model_package_group_name": "contract-one", "tags": {"owner": "one"}},
        update=lambda _: {"tags": {"team": "two"}},
        replace=lambda _: {"model_package_group_name": "contract-two", "model_package_group_description": "two"},
        tamper=_retag,
        tampered="tags",
        left=_names("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    ),
    Case(
        type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        needs=_two_groups,
        inputs=lambda needs: {
            "model_package_group_name": needs["one"].model_package_group_name,
            "resource_policy": _group_policy("sagemaker:DescribeModelPackage", needs["one"]),
        },
        update=lambda needs: {"resource_policy": _group_policy("sagemaker:ListModelPackages", needs["one"])},
        replace=lambda needs: {
            "model_package_group_name": needs["two"].model_package_group_name,
            "resource_policy": _group_policy("sagemaker:ListModelPackages", needs["two"]),
        },
        tamper=_loosen,
        tampered="resourcePolicy",
        left=_with_policy,
    ),
)
