"""How log groups, alarms, topics and budgets are found."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws_finder.lookup import Aws, Inputs, Lookup, named, only

_TOPIC = "arn:aws:sns:{region}:{account}:{name}"


def _subscription(aws: Aws, inputs: Inputs) -> str | None:
    """A confirmed subscription. One that waits for its confirmation has no ARN: subscribing again makes no second."""
    wanted = (inputs.get("protocol"), inputs.get("endpoint"))
    found = aws.items("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=inputs.get("topic"))
    arns = [str(item["SubscriptionArn"]) for item in found if (item["Protocol"], item["Endpoint"]) == wanted]
    return only([arn for arn in arns if arn.startswith("arn:")], f"subscriptions of {wanted[1]}")


TABLE: Mapping[str, Lookup] = {
    "aws:cloudwatch/logGroup:LogGroup": named(
        "logs",
        "describe_log_groups",
        "{name}",
        among=("logGroups", "logGroupName", "{name}"),
        logGroupNamePrefix="{name}",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": named(
        "cloudwatch", "describe_alarms", "{name}", has="MetricAlarms", AlarmNames=["{name}"]
    ),
    "aws:sns/topic:Topic": named("sns", "get_topic_attributes", _TOPIC, TopicArn=_TOPIC),
    "aws:sns/topicPolicy:TopicPolicy": named("sns", "get_topic_attributes", "{arn}", TopicArn="{arn}"),
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:budgets/budget:Budget": named(
        "budgets", "describe_budget", "{account}:{name}", AccountId="{account}", BudgetName="{name}"
    ),
}
