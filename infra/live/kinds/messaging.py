"""Topics, queues, event buses and log groups, with their policies.

Sources: Amazon SNS API Reference, "GetTopicAttributes"; Amazon SQS API Reference, "GetQueueAttributes"; Amazon
EventBridge API Reference, "ListEventBuses"; Amazon CloudWatch Logs API Reference, "DescribeResourcePolicies".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.live.entry import Found, Item, Kind, Part, given, tags_part

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
BUS = "aws:cloudwatch/eventBus:EventBus"
BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
LOG_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"


def _topic(item: Item) -> Iterator[Found]:
    arn = item["TopicArn"]
    yield Found(TOPIC, arn, {"arn": arn, "name": arn.rpartition(":")[2]})


def _topic_policy(topic: Item, answer: Item) -> Iterator[Found]:
    arn, attributes = topic["TopicArn"], answer["Attributes"]
    if attributes.get("Policy"):
        yield Found(TOPIC_POLICY, arn, {"arn": arn, "policy": attributes["Policy"]})


def _queue(item: Item) -> Iterator[Found]:
    yield Found(QUEUE, item["value"], {"url": item["value"]})


def _queue_attributes(answer: Item) -> dict[str, Any]:
    attributes: Item = answer["Attributes"]
    arn = attributes["QueueArn"]
    return given({"arn": arn, "name": arn.rpartition(":")[2], "kmsMasterKeyId": attributes.get("KmsMasterKeyId")})


def _queue_policy(queue: Item, answer: Item) -> Iterator[Found]:
    if answer.get("Attributes", {}).get("Policy"):
        properties = {"queueUrl": queue["value"], "policy": answer["Attributes"]["Policy"]}
        yield Found(QUEUE_POLICY, queue["value"], properties)


def _bus(item: Item) -> Iterator[Found]:
    yield Found(BUS, item["Name"], {"arn": item["Arn"], "name": item["Name"]})
    if item.get("Policy"):
        yield Found(BUS_POLICY, item["Name"], {"eventBusName": item["Name"], "policy": item["Policy"]})


def _log_group(item: Item) -> Iterator[Found]:
    name = item["logGroupName"]
    properties = {
        "arn": item.get("logGroupArn") or str(item["arn"]).removesuffix(":*"),
        "name": name,
        "kmsKeyId": item.get("kmsKeyId"),
        "retentionInDays": item.get("retentionInDays"),
    }
    yield Found(LOG_GROUP, name, given(properties))


def _log_policy(item: Item) -> Iterator[Found]:
    name = item["policyName"]
    yield Found(LOG_POLICY, name, {"policyName": name, "policyDocument": item["policyDocument"]})


KINDS = (
    Kind(
        token=TOPIC,
        service="sns",
        lists="list_topics",
        at="Topics",
        action="sns:ListTopics",
        made=_topic,
        parts=(
            Part(
                operation="get_topic_attributes",
                request={"TopicArn": "{TopicArn}"},
                action="sns:GetTopicAttributes",
                take=lambda answer: given({"kmsMasterKeyId": answer["Attributes"].get("KmsMasterKeyId") or None}),
                gives=("kmsMasterKeyId",),
                found=_topic_policy,
                token=TOPIC_POLICY,
                essential=True,
            ),
            tags_part("sns:ListTagsForResource", "list_tags_for_resource", {"ResourceArn": "{TopicArn}"}),
        ),
    ),
    Kind(
        token=QUEUE,
        service="sqs",
        lists="list_queues",
        parameters={"MaxResults": 1000},  # without it there is only one page
        at="QueueUrls",
        action="sqs:ListQueues",
        made=_queue,
        parts=(
            Part(
                operation="get_queue_attributes",
                request={"QueueUrl": "{value}", "AttributeNames": ["All"]},
                action="sqs:GetQueueAttributes",
                take=_queue_attributes,
                gives=("kmsMasterKeyId",),
                found=_queue_policy,
                token=QUEUE_POLICY,
                essential=True,
            ),
            tags_part("sqs:ListQueueTags", "list_queue_tags", {"QueueUrl": "{value}"}),
        ),
    ),
    Kind(
        token=BUS,
        service="events",
        lists="list_event_buses",
        at="EventBuses",
        action="events:ListEventBuses",
        made=_bus,
        also=(BUS_POLICY,),
        parts=(tags_part("events:ListTagsForResource", "list_tags_for_resource", {"ResourceARN": "{Arn}"}),),
    ),
    Kind(
        token=LOG_GROUP,
        service="logs",
        lists="describe_log_groups",
        at="logGroups",
        action="logs:DescribeLogGroups",
        made=_log_group,
        parts=(
            tags_part(
                "logs:ListTagsForResource",
                "list_tags_for_resource",
                {"resourceArn": "arn:aws:logs:{Region}:{Account}:log-group:{logGroupName}"},
                at="tags",
            ),
        ),
    ),
    Kind(
        token=LOG_POLICY,
        service="logs",
        lists="describe_resource_policies",
        at="resourcePolicies",
        action="logs:DescribeResourcePolicies",
        made=_log_policy,
    ),
)
