"""VPC flow logs. Source: Pulumi registry, "aws.ec2.FlowLog"; Amazon EC2 API Reference, "CreateFlowLogs".

Flow logs of transit gateways, file formats and delivery across accounts are not supported: the embedded cloud would
drop them without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource, Tags
from infra.sandbox.aws.errors import ProviderError
from infra.sandbox.aws.tags import creation_members
from infra.sandbox.aws.wire import UNKNOWN, Properties

# Property -> (resource type, prefix of its ids).
_SUBJECTS = {
    "vpcId": ("VPC", "vpc-"),
    "subnetId": ("Subnet", "subnet-"),
    "eniId": ("NetworkInterface", "eni-"),
}
_MEMBERS = {
    "iamRoleArn": "DeliverLogsPermissionArn",
    "logDestination": "LogDestination",
    "logDestinationType": "LogDestinationType",
    "logFormat": "LogFormat",
    "maxAggregationInterval": "MaxAggregationInterval",
    "trafficType": "TrafficType",
}
_INTERVALS = (60, 600)
_DESTINATIONS = ("cloud-watch-logs", "s3", "kinesis-data-firehose")
_TRAFFIC = ("ACCEPT", "REJECT", "ALL")


def _create(action: Action) -> Mapping[str, Any]:
    subject = next(name for name in _SUBJECTS if action.props.get(name))
    request = {member: action.props[name] for name, member in _MEMBERS.items() if action.props.get(name) is not None}
    if "LogDestination" in request:
        request["LogDestination"] = request["LogDestination"].removesuffix(":*")
    answer = action.api(
        "create_flow_logs",
        ResourceIds=[action.props[subject]],
        ResourceType=_SUBJECTS[subject][0],
        **request,
        **creation_members(action, "create_flow_logs"),
    )
    for failed in answer.get("Unsuccessful", []):
        error = failed["Error"]
        raise ProviderError(f"{error['Code']}: {error['Message']} ({failed['ResourceId']})")
    return {"FlowLogId": answer["FlowLogIds"][0]}


def _subject(found: Mapping[str, Any]) -> Properties:
    identifier: str = found["ResourceId"]
    return {name: identifier for name, (_, prefix) in _SUBJECTS.items() if identifier.startswith(prefix)}


def _flow_log_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    given = [name for name in _SUBJECTS if inputs.get(name) is not None]
    if len(given) != 1:
        yield given[1] if given else "vpcId", f"exactly one of {', '.join(_SUBJECTS)} must be given"
    for name, allowed in (
        ("logDestinationType", _DESTINATIONS),
        ("trafficType", _TRAFFIC),
        ("maxAggregationInterval", _INTERVALS),
    ):
        value = inputs.get(name)
        if value not in (None, UNKNOWN, *allowed):
            yield name, f"expected one of {', '.join(map(str, allowed))}; got {value!r}"
    if inputs.get("trafficType") is None:
        yield "trafficType", "missing required property: AWS needs it for a VPC, a subnet or a network interface"
    if inputs.get("logDestinationType") == "cloud-watch-logs" and inputs.get("iamRoleArn") is None:
        yield "iamRoleArn", "missing required property: AWS needs a role to write to CloudWatch Logs"
    if inputs.get("logDestination") is None:
        yield "logDestination", "missing required property: the ARN of a log group, a bucket or a delivery stream"


def _same_group(one: str, other: str) -> bool:
    """A log group's ARN may end in ":*"; AWS answers it without."""
    return one.removesuffix(":*") == other.removesuffix(":*")


RESOURCES = (
    Resource(
        type="aws:ec2/flowLog:FlowLog",
        service="ec2",
        id="FlowLogId",
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        create=_create,
        reads=(Read("describe_flow_logs", at="FlowLogs", fixed={"FlowLogIds": ["{id}"]}, also=_subject),),
        delete=Call("delete_flow_logs", properties=(), fixed={"FlowLogIds": ["{id}"]}),
        missing=("InvalidFlowLogId.NotFound",),
        replace=(*_SUBJECTS, *_MEMBERS),
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        templates={"arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"},
        same={"logDestination": _same_group},
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="vpc-flow-log"),
        rules=(_flow_log_rules,),
        retry=("InvalidParameter: Unable to assume given IAM role",),
    ),
)
"""EC2 entries of the table: flow logs."""
