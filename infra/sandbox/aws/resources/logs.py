"""CloudWatch Logs groups. Source: Pulumi registry, "aws.cloudwatch.LogGroup"; Amazon CloudWatch Logs API Reference."""

from collections.abc import Iterator

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import Properties

_RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def _retention(inputs: Properties) -> Iterator[tuple[str, str]]:
    """CloudWatch Logs API Reference, "PutRetentionPolicy": the possible values; 0 keeps for ever."""
    days = inputs.get("retentionInDays")
    if isinstance(days, int) and days not in _RETENTIONS:
        yield "retentionInDays", f"expected one of {', '.join(map(str, _RETENTIONS))}; got {days}"


def _retain(action: Action) -> None:
    days = action.props.get("retentionInDays")
    if days:
        action.api("put_retention_policy", logGroupName=action.id, retentionInDays=days)
    else:
        action.api("delete_retention_policy", logGroupName=action.id)


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
            Step(("retentionInDays",), _retain),
            Call("associate_kms_key", properties=("kmsKeyId",), remove=Call("disassociate_kms_key", properties=())),
            Step(("deletionProtectionEnabled",), _protect),
        ),
        delete=Call("delete_log_group", properties=()),
        missing=("ResourceNotFoundException",),
        local=("skipDestroy",),
        autoname=Autoname("name", longest=512),
        defaults={"retentionInDays": 0, "skipDestroy": False},
        rules=(_retention,),
        complete=_plain_arn,
        absent=("namePrefix",),  # names are given or automatic here
        tags=Tags(),
        retry=("InvalidParameterException: The specified KMS key does not exist or is not allowed",),
    ),
)
"""CloudWatch Logs entries of the table."""
