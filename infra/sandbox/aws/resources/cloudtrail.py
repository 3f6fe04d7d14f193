"""CloudTrail trails. Source: Pulumi registry, "aws.cloudtrail.Trail"; AWS CloudTrail API Reference."""

from collections.abc import Iterator

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import Properties


def _switch(action: Action) -> None:
    action.api("start_logging" if action.props.get("enableLogging", True) else "stop_logging", Name=action.id)


def _one_kind(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutEventSelectors: a trail has event selectors or advanced event selectors, not both."""
    if inputs.get("eventSelectors") and inputs.get("advancedEventSelectors"):
        yield "eventSelectors", "conflicts with advancedEventSelectors; give either"


def _status(action: Action, _: Properties) -> Properties:
    return {
        "enableLogging": action.api("get_trail_status", Name=action.id)["IsLogging"],
        "homeRegion": action.props.get("homeRegion") or action.region,
    }


_TRAIL = (
    *("name", "s3BucketName", "s3KeyPrefix", "snsTopicName", "includeGlobalServiceEvents", "isMultiRegionTrail"),
    *("enableLogFileValidation", "cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn", "kmsKeyId", "isOrganizationTrail"),
)

RESOURCES = (
    Resource(
        type="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        id="TrailARN",
        names={
            "arn": "TrailARN",
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
            "snsTopicArn": "SnsTopicARN",
            "enableLogFileValidation": "LogFileValidationEnabled",
            "startsWiths": "StartsWith",
            "notStartsWiths": "NotStartsWith",
            "endsWiths": "EndsWith",
            "notEndsWiths": "NotEndsWith",
        },
        create=Call("create_trail", properties=_TRAIL, names={"enableLogFileValidation": "EnableLogFileValidation"}),
        settle=_switch,
        reads=(
            Read("get_trail", at="Trail", fixed={"Name": "{id}"}),
            Read(
                "get_event_selectors",
                fixed={"TrailName": "{id}"},
                properties=("advancedEventSelectors", "eventSelectors"),
            ),
        ),
        updates=(
            Call(
                "update_trail",
                properties=tuple(name for name in _TRAIL if name != "name"),
                names={"enableLogFileValidation": "EnableLogFileValidation"},
                fixed={"Name": "{id}"},
            ),
            Call(
                "put_event_selectors",
                properties=("advancedEventSelectors", "eventSelectors"),
                fixed={"TrailName": "{id}"},
            ),
            Step(("enableLogging",), _switch),
        ),
        replace=("name",),
        # Moto deletes by name only, and says nothing of an ARN that it does not know.
        delete=Call("delete_trail", properties=(), fixed={"Name": "{name}"}),
        missing=("TrailNotFoundException",),
        autoname=Autoname("name", longest=128),
        defaults={
            "enableLogging": True,
            "enableLogFileValidation": False,
            "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False,
            "isOrganizationTrail": False,
        },
        complete=_status,
        absent=("snsTopicArn",),  # only where the trail notifies a topic
        tags=Tags("add_tags", "remove_tags", "list_tags", "{arn}"),
        rules=(_one_kind,),
        retry=("InsufficientEncryptionPolicyException", "InsufficientS3BucketPolicyException"),
    ),
)
"""CloudTrail entries of the table."""
