"""CloudWatch Logs groups. Source: Pulumi registry, "aws.cloudwatch.LogGroup"; Amazon CloudWatch Logs API Reference."""

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import Properties


def _protect(action: Action) -> None:
    protect = action.props.get("deletionProtectionEnabled", False)
    action.api("put_log_group_deletion_protection", logGroupIdentifier=action.id, deletionProtectionEnabled=protect)


def _plain_arn(_: Action, state: Properties) -> Properties:
    """The API ends a group's ARN with ":*", for its streams; policies and the official provider name it without."""
    return {"arn": state["arn"].removesuffix(":*")}


RESOURCES = (
    Resource(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        id="{name}",
        identity={"logGroupName": "{name}"},
        names={"name": "logGroupName"},
        create=Call("create_log_group", properties=("name", "kmsKeyId", "logGroupClass")),
        reads=(
            Read(
                "describe_log_groups",
                at="logGroups",
                pick=("logGroupName", "{name}"),
                fixed={"logGroupNamePrefix": "{name}"},
            ),
        ),
        updates=(
            Call("put_retention_policy", remove=Call("delete_retention_policy", properties=())),
            Call("associate_kms_key", properties=("kmsKeyId",), remove=Call("disassociate_kms_key", properties=())),
            Step(("deletionProtectionEnabled",), _protect),
        ),
        delete=Call("delete_log_group", properties=()),
        missing=("ResourceNotFoundException",),
        local=("skipDestroy",),
        autoname=Autoname("name", longest=512),
        defaults={"skipDestroy": False},
        complete=_plain_arn,
        absent=("namePrefix",),  # names are given or automatic here
        tags=Tags(),
        retry=("InvalidParameterException: The specified KMS key does not exist or is not allowed",),
    ),
)
"""CloudWatch Logs entries of the table."""
