"""SageMaker models and registries of model versions.

Source: Pulumi registry, "aws.sagemaker.Model", "aws.sagemaker.ModelPackageGroup" and
"aws.sagemaker.ModelPackageGroupPolicy"; Amazon SageMaker API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags
from infra.sandbox.aws.wire import Properties

_TAGS = Tags("add_tags", "delete_tags", "list_tags", "{arn}")

_LONGEST_NAME = 63


def _one_definition(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon SageMaker API Reference, "CreateModel": the primary container or several, not both."""
    if (inputs.get("primaryContainer") is None) == (inputs.get("containers") is None):
        yield "primaryContainer", "exactly one of primaryContainer and containers must be given"


RESOURCES = (
    Resource(
        type="aws:sagemaker/model:Model",
        service="sagemaker",
        id="{name}",
        identity={"ModelName": "{name}"},
        names={"name": "ModelName", "arn": "ModelArn"},
        create=Call("create_model"),
        reads=(Read("describe_model"),),
        delete=Call("delete_model", properties=()),
        missing=("ValidationException: Could not find model",),
        autoname=Autoname("name", longest=_LONGEST_NAME),
        tags=_TAGS,
        # How the containers of a model of several are called; other models have none.
        absent=("inferenceExecutionConfig",),
        ordered=("containers",),
        rules=(_one_definition,),
        retry=("ValidationException: Could not assume role", "ValidationException: Could not access model data"),
    ),
    Resource(
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        service="sagemaker",
        id="{modelPackageGroupName}",
        identity={"ModelPackageGroupName": "{modelPackageGroupName}"},
        names={"arn": "ModelPackageGroupArn"},
        create=Call("create_model_package_group"),
        reads=(
            Read(
                "describe_model_package_group",
                exists=lambda group: group["ModelPackageGroupStatus"] not in ("Deleting", "DeleteFailed"),
            ),
        ),
        delete=Call("delete_model_package_group", properties=()),
        missing=("ValidationException: does not exist", "ValidationException: Could not find"),
        tags=_TAGS,
    ),
    Resource(
        type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        service="sagemaker",
        id="{modelPackageGroupName}",
        identity={"ModelPackageGroupName": "{modelPackageGroupName}"},
        create=Call("put_model_package_group_policy"),
        updates=(Call("put_model_package_group_policy"),),
        reads=(Read("get_model_package_group_policy"),),
        delete=Call("delete_model_package_group_policy", properties=()),
        missing=("ValidationException: Cannot find Model Package Group", "ValidationException: does not exist"),
        retry=("ValidationException: Invalid principal",),
    ),
)
"""SageMaker entries of the table: models and their registries."""
