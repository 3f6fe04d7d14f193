"""The resources of CloudWatch Logs: a log group is written with its streams in most checks.

Source: CloudWatch Logs User Guide, "Overview of managing access permissions to your CloudWatch Logs resources": the ARN
of a log group ends in ``:*`` in permissions of all actions but those on tags.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infra.evaluator.catalogue import AccessLevel
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call
from infra.sandbox.enforcement.requests.plans import Target, planned_targets

_ON_STREAMS: Final = frozenset({"CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"})
_TAGS: Final = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})
#: What a check of a whole group ends in: the group's streams, none of them named.
GROUP_SUFFIX: Final = ":log-stream:"


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their log groups and streams."""
    if call.operation.name in _ON_STREAMS:
        group = call.text("logGroupName") or call.text("logGroupIdentifier") or "*"
        stream = call.text("logStreamName") or "*"
        arn = group.removesuffix(":*") if group.startswith("arn:") else _group_arn(call, group)
        yield target(f"logs:{call.operation.name}", f"{arn}:log-stream:{stream}", "log-stream")
        return
    for found in planned_targets(call):
        yield _whole(found)


def base_arn(resource: str) -> str:
    """The ARN of the log group that a check is about, without its streams."""
    return resource.split(":log-stream:", maxsplit=1)[0].removesuffix(":*")


def _whole(found: Target) -> Target:
    if found.kind != "log-group" or found.action.name in _TAGS or found.action.access_level is AccessLevel.TAGGING:
        return Target(found.action, base_arn(found.resource), found.kind)
    return Target(found.action, f"{base_arn(found.resource)}{GROUP_SUFFIX}", found.kind)


def _group_arn(call: Call, name: str) -> str:
    return f"arn:aws:logs:{call.operation.region}:{call.account}:log-group:{name}"
