"""Log groups, alarms and topics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import documents
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import count, given, number, text
from infra.evaluator.grammar import Subject
from infra.spec.common import RetentionDays

_ALARM = frozenset({"aws:cloudwatch/metricAlarm:MetricAlarm"})
_TOPIC = frozenset({"aws:sns/topic:Topic"})
#: The periods that CloudWatch Logs takes, as our specs know them.
_RETENTIONS: tuple[int, ...] = get_args(RetentionDays)


def _log_group(resource: PlannedResource) -> Iterator[Finding]:
    days = number(resource.properties, "retentionInDays")
    if (days is None and not given(resource.properties, "retentionInDays")) or days == 0:
        yield Finding(property="retentionInDays", message="the logs are kept, and paid for, for ever")
    elif days is not None and days not in _RETENTIONS:
        message = f"{days:.0f} days, and AWS takes {', '.join(map(str, _RETENTIONS))}"
        yield Finding(property="retentionInDays", message=message)
    if not given(resource.properties, "kmsKeyId"):
        yield Finding(property="kmsKeyId", message="the logs are not encrypted by their owner's key")


def _alarm_times(resource: PlannedResource) -> Iterator[Finding]:
    period = number(resource.properties, "period")
    evaluations = number(resource.properties, "evaluationPeriods")
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        yield Finding(
            property="period", message=f"{period:.0f} seconds, and CloudWatch takes 10, 20, 30 or whole minutes"
        )
    if period is not None and evaluations is not None:
        most = 604_800 if period >= 3_600 else 86_400
        if evaluations < 1 or period * evaluations > most:
            message = f"{evaluations:.0f} periods of {period:.0f} seconds, and CloudWatch looks back {most:,} seconds"
            yield Finding(property="evaluationPeriods", message=message)
    datapoints = number(resource.properties, "datapointsToAlarm")
    if datapoints is not None and evaluations is not None and not 1 <= datapoints <= evaluations:
        message = f"{datapoints:.0f} of {evaluations:.0f} evaluation periods"
        yield Finding(property="datapointsToAlarm", message=message)


_EXTENDED = re.compile(r"p(?:\d{1,2}(?:\.\d{1,10})?|100)|(?:tm|tc|ts|wm|TM|TC|TS|WM|PR|IQM).*")
_MISSING = (None, "missing", "ignore", "breaching", "notBreaching")


def _alarm_metric(resource: PlannedResource) -> Iterator[Finding]:
    properties = resource.properties
    if sum(given(properties, key) for key in ("statistic", "extendedStatistic", "metricQueries")) != 1:
        message = "an alarm has one of statistic, extendedStatistic and metricQueries"
        yield Finding(property="statistic", message=message)
    extended = text(properties, "extendedStatistic")
    if extended is not None and not _EXTENDED.fullmatch(extended):
        yield Finding(property="extendedStatistic", message=f"{extended!r} is no percentile like p99")
    if text(properties, "treatMissingData") not in _MISSING:
        message = f"{properties['treatMissingData']!r} is not one of {', '.join(filter(None, _MISSING))}"
        yield Finding(property="treatMissingData", message=message)
    for key in ("alarmActions", "okActions", "insufficientDataActions"):
        actions = count(properties, key) or 0
        if actions > 5:
            yield Finding(property=key, message=f"{actions} actions, and CloudWatch takes 5")


def _topic_key(resource: PlannedResource) -> Iterator[Finding]:
    key = text(resource.properties, "kmsMasterKeyId")
    if not given(resource.properties, "kmsMasterKeyId"):
        yield Finding(property="kmsMasterKeyId", message="messages are not encrypted by the topic's owner's key")
    elif key == "alias/aws/sns":
        message = "CloudWatch and Budgets may not use the key of AWS, and would publish nothing"
        yield Finding(property="kmsMasterKeyId", message=message)


def _topic_actions(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        for path, message in document.refusals(Subject.ACTION):
            yield Finding(property=path, message=message)


def _subscription(resource: PlannedResource) -> Iterator[Finding]:
    protocol, endpoint = text(resource.properties, "protocol"), text(resource.properties, "endpoint")
    if protocol in ("email", "email-json") and endpoint is not None and "@" not in endpoint:
        yield Finding(property="endpoint", message=f"{endpoint!r} is no e-mail address")
    if protocol == "http":
        yield Finding(property="protocol", message="messages would travel without TLS", remedy="write https")


RULES = (
    Rule(
        id="logs-group",
        title="A log group is encrypted, and kept for a period that CloudWatch Logs takes.",
        types=frozenset({"aws:cloudwatch/logGroup:LogGroup"}),
        source="Amazon CloudWatch Logs API Reference, PutRetentionPolicy",
        remedy="write one of the spec's retention periods, and the owner's key",
        check=_log_group,
    ),
    Rule(
        id="cloudwatch-alarm-times",
        title="An alarm looks back a day at most, in periods that CloudWatch takes.",
        types=_ALARM,
        source="Amazon CloudWatch API Reference, PutMetricAlarm",
        remedy="correct period, evaluationPeriods or datapointsToAlarm",
        check=_alarm_times,
    ),
    Rule(
        id="cloudwatch-alarm-metric",
        title="An alarm has one statistic, a known treatment of missing data, and at most 5 actions of a kind.",
        types=_ALARM,
        source="Amazon CloudWatch API Reference, PutMetricAlarm",
        remedy="correct the alarm",
        check=_alarm_metric,
    ),
    Rule(
        id="sns-topic-key",
        title="A topic is encrypted by its owner's key.",
        types=_TOPIC,
        source="Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs",
        remedy="name the owner's key, whose policy lets the publishing services use it",
        check=_topic_key,
    ),
    Rule(
        id="sns-topic-actions",
        title="A topic's policy names actions of topics, not every action of SNS.",
        types=frozenset({"aws:sns/topicPolicy:TopicPolicy"}),
        source="Amazon SNS Developer Guide, Amazon SNS API permissions: Actions and resources reference",
        remedy="name the actions, for example sns:Publish",
        check=_topic_actions,
    ),
    Rule(
        id="sns-subscription",
        title="A subscription by e-mail has an address, and none is without TLS.",
        types=frozenset({"aws:sns/topicSubscription:TopicSubscription"}),
        source="Amazon SNS API Reference, Subscribe",
        remedy="correct the endpoint",
        check=_subscription,
    ),
)
