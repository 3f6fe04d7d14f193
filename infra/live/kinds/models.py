"""SageMaker: models, endpoints and their configurations, registries with their policies, and notebooks.

Source: Amazon SageMaker API Reference, the pages of the operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.live.entry import Found, Item, Kind, Part, given, tags_part

MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
GROUP_POLICY = "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy"
NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"


def _named(token: str, name: str, arn: str, property: str = "name") -> Callable[[Item], Iterator[Found]]:  # noqa: A002
    def made(item: Item) -> Iterator[Found]:
        yield Found(token, item[name], {"arn": item[arn], property: item[name]})

    return made


def _tags(arn: str) -> Part:
    return tags_part("sagemaker:ListTags", "list_tags", {"ResourceArn": f"{{{arn}}}"})


def _details(
    operation: str,
    action: str,
    name: str,
    gives: tuple[str, ...],
    take: Callable[[Item], Mapping[str, Any]],
) -> Part:
    return Part(
        operation=operation,
        request={name: f"{{{name}}}"},
        action=action,
        take=lambda answer: given(take(answer)),
        gives=gives,
        essential=True,
    )


def _model(answer: Item) -> dict[str, Any]:
    network: Item = answer.get("VpcConfig") or {}
    return {
        "executionRoleArn": answer.get("ExecutionRoleArn"),
        "enableNetworkIsolation": bool(answer.get("EnableNetworkIsolation")),
        "vpcConfig": {
            "securityGroupIds": list(network.get("SecurityGroupIds") or ()),
            "subnets": list(network.get("Subnets") or ()),
        }
        if network
        else None,
    }


def _configuration(answer: Item) -> dict[str, Any]:
    variants: list[Item] = answer.get("ProductionVariants") or []
    return {
        "kmsKeyArn": answer.get("KmsKeyId"),
        "executionRoleArn": answer.get("ExecutionRoleArn"),
        "productionVariants": [
            given({"variantName": each.get("VariantName"), "modelName": each.get("ModelName")}) for each in variants
        ],
    }


def _group_policy(group: Item, answer: Item) -> Iterator[Found]:
    name = group["ModelPackageGroupName"]
    yield Found(GROUP_POLICY, name, {"modelPackageGroupName": name, "resourcePolicy": answer["ResourcePolicy"]})


KINDS = (
    Kind(
        token=MODEL,
        service="sagemaker",
        lists="list_models",
        at="Models",
        action="sagemaker:ListModels",
        made=_named(MODEL, "ModelName", "ModelArn"),
        parts=(
            _details(
                "describe_model",
                "sagemaker:DescribeModel",
                "ModelName",
                ("executionRoleArn", "enableNetworkIsolation", "vpcConfig"),
                _model,
            ),
            _tags("ModelArn"),
        ),
    ),
    Kind(
        token=CONFIGURATION,
        service="sagemaker",
        lists="list_endpoint_configs",
        at="EndpointConfigs",
        action="sagemaker:ListEndpointConfigs",
        made=_named(CONFIGURATION, "EndpointConfigName", "EndpointConfigArn"),
        parts=(
            _details(
                "describe_endpoint_config",
                "sagemaker:DescribeEndpointConfig",
                "EndpointConfigName",
                ("kmsKeyArn", "productionVariants"),
                _configuration,
            ),
            _tags("EndpointConfigArn"),
        ),
    ),
    Kind(
        token=ENDPOINT,
        service="sagemaker",
        lists="list_endpoints",
        at="Endpoints",
        action="sagemaker:ListEndpoints",
        made=_named(ENDPOINT, "EndpointName", "EndpointArn"),
        parts=(
            _details(
                "describe_endpoint",
                "sagemaker:DescribeEndpoint",
                "EndpointName",
                ("endpointConfigName",),
                lambda answer: {"endpointConfigName": answer["EndpointConfigName"]},
            ),
            _tags("EndpointArn"),
        ),
    ),
    Kind(
        token=GROUP,
        service="sagemaker",
        lists="list_model_package_groups",
        at="ModelPackageGroupSummaryList",
        action="sagemaker:ListModelPackageGroups",
        made=_named(GROUP, "ModelPackageGroupName", "ModelPackageGroupArn", "modelPackageGroupName"),
        parts=(
            Part(
                operation="get_model_package_group_policy",
                request={"ModelPackageGroupName": "{ModelPackageGroupName}"},
                action="sagemaker:GetModelPackageGroupPolicy",
                found=_group_policy,
                token=GROUP_POLICY,
            ),
            _tags("ModelPackageGroupArn"),
        ),
    ),
    Kind(
        token=NOTEBOOK,
        service="sagemaker",
        lists="list_notebook_instances",
        at="NotebookInstances",
        action="sagemaker:ListNotebookInstances",
        made=_named(NOTEBOOK, "NotebookInstanceName", "NotebookInstanceArn"),
        parts=(
            _details(
                "describe_notebook_instance",
                "sagemaker:DescribeNotebookInstance",
                "NotebookInstanceName",
                ("roleArn", "kmsKeyId"),
                lambda answer: {"roleArn": answer.get("RoleArn"), "kmsKeyId": answer.get("KmsKeyId")},
            ),
            _tags("NotebookInstanceArn"),
        ),
    ),
)
