"""CloudTrail trails. Source: Pulumi registry, "aws.cloudtrail.Trail"; AWS CloudTrail API Reference."""

from collections.abc import Iterator
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.diff import canonical
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import UNKNOWN, Properties

_TRAIL = (
    *("s3BucketName", "s3KeyPrefix", "snsTopicName", "includeGlobalServiceEvents", "isMultiRegionTrail"),
    *("enableLogFileValidation", "cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn", "kmsKeyId", "isOrganizationTrail"),
)
_SELECTORS = ("advancedEventSelectors", "eventSelectors")
_ALL_MANAGEMENT_EVENTS = {"ReadWriteType": "All", "IncludeManagementEvents": True}


def _switch(action: Action) -> None:
    action.api("start_logging" if action.props.get("enableLogging", True) else "stop_logging", Name=action.id)


def _one_kind(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutEventSelectors: a trail has event selectors or advanced event selectors, not both."""
    if inputs.get("eventSelectors") and inputs.get("advancedEventSelectors"):
        yield "eventSelectors", "conflicts with advancedEventSelectors; give either"


def _all_regions(inputs: Properties) -> Iterator[tuple[str, str]]:
    """CreateTrail: a trail of all Regions records the global services' events as well."""
    if inputs.get("isMultiRegionTrail") is True and inputs.get("includeGlobalServiceEvents") is False:
        yield "includeGlobalServiceEvents", "must not be false where isMultiRegionTrail is true"


def _same_selectors(one: list[Any], other: list[Any]) -> bool:
    """What a selector leaves out is true and "All", so false is not the same as not given."""
    return [_selector(each) for each in one] == [_selector(each) for each in other]


def _selector(given: Any) -> str:
    if given == UNKNOWN:
        return UNKNOWN
    management = str(given.get("includeManagementEvents", True))
    return canonical({"readWriteType": "All", **given, "includeManagementEvents": management})


def _complete(action: Action, state: Properties) -> Properties:
    found = {"enableLogging": action.api("get_trail_status", Name=action.id)["IsLogging"], **_topic(state)}
    trail = action.api("get_trail", Name=action.id)["Trail"]
    # AWS answers the selectors of a trail without any as well: those that every trail starts with.
    return found if trail["HasCustomEventSelectors"] else {**found, **dict.fromkeys(_SELECTORS)}


def _topic(state: Properties) -> Properties:
    """AWS answers the topic's ARN; it is given by name where it is the trail's own Region and account."""
    arn: str | None = state.get("snsTopicArn")
    if not arn:
        return {"snsTopicName": None}
    own = arn.split(":")[3:5] == state["arn"].split(":")[3:5]
    return {"snsTopicName": arn.rpartition(":")[2] if own else arn}


RESOURCES = (
    Resource(
        type="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        id="TrailARN",
        identity={"Name": "{id}", "TrailName": "{id}"},
        names={
            "arn": "TrailARN",
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
            "endsWiths": "EndsWith",
            "notEndsWiths": "NotEndsWith",
            "notStartsWiths": "NotStartsWith",
            "startsWiths": "StartsWith",
        },
        create=Call("create_trail", properties=("name", *_TRAIL)),
        settle=_switch,
        reads=(
            Read("get_trail", at="Trail", names={"enableLogFileValidation": "LogFileValidationEnabled"}),
            Read("get_event_selectors", properties=_SELECTORS),
        ),
        updates=(
            Call("update_trail", properties=_TRAIL),
            Call(
                "put_event_selectors",
                properties=_SELECTORS,
                remove=Call("put_event_selectors", properties=(), fixed={"EventSelectors": [_ALL_MANAGEMENT_EVENTS]}),
            ),
            Step(("enableLogging",), _switch),
        ),
        replace=("name",),
        delete=Call("delete_trail", properties=()),
        missing=("TrailNotFoundException",),
        autoname=Autoname("name", longest=128),
        defaults={
            "enableLogging": True,
            "enableLogFileValidation": False,
            "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False,
            "isOrganizationTrail": False,
        },
        complete=_complete,
        absent=("snsTopicArn",),  # only where the trail notifies a topic
        tags=Tags("add_tags", "remove_tags", "list_tags"),
        same={"eventSelectors": _same_selectors},
        rules=(_one_kind, _all_regions),
        retry=(
            "InvalidCloudWatchLogsLogGroupArnException: Access denied",
            "InvalidCloudWatchLogsRoleArnException: Access denied",
        ),
    ),
)
"""CloudTrail entries of the table."""
