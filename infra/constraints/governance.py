"""Budgets, trails and the services of the audit."""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import Properties, blocks, count, flag, given, inner, number, text, texts

_TRAIL = frozenset({"aws:cloudtrail/trail:Trail"})
_OPERATORS = (None, "GREATER_THAN", "LESS_THAN", "EQUAL_TO")


def _budget(resource: PlannedResource) -> Iterator[Finding]:
    limit = number(resource.properties, "limitAmount")
    written = text(resource.properties, "limitAmount")
    if (limit is None and written is not None) or (limit is not None and limit <= 0):
        yield Finding(property="limitAmount", message=f"{written or limit} is no positive amount")
    notifications = count(resource.properties, "notifications") or 0
    if notifications > 5:
        yield Finding(property="notifications", message=f"{notifications} notifications, and a budget takes 5")
    seen: set[tuple[object, ...]] = set()
    for path, notification in blocks(resource.properties, "notifications"):
        yield from _notification(path, notification)
        keys = ("comparisonOperator", "notificationType", "threshold", "thresholdType")
        identity = tuple(notification.get(key) for key in keys)
        if identity in seen:
            yield Finding(property=path, message="another notification says the same: AWS refuses duplicates")
        seen.add(identity)


def _notification(path: str, notification: Properties) -> Iterator[Finding]:
    mails = count(notification, "subscriberEmailAddresses") or 0
    topics = count(notification, "subscriberSnsTopicArns") or 0
    if mails > 10:
        message = f"{mails} addresses, and a notification takes 10"
        yield Finding(property=f"{path}.subscriberEmailAddresses", message=message)
    if topics > 1:
        yield Finding(property=f"{path}.subscriberSnsTopicArns", message=f"{topics} topics, and a notification takes 1")
    subscribers = ("subscriberEmailAddresses", "subscriberSnsTopicArns")
    if not mails + topics and not any(
        given(notification, key) and not _listed(notification, key) for key in subscribers
    ):
        yield Finding(property=path, message="nobody is told: a notification needs a subscriber")
    threshold = number(notification, "threshold")
    if threshold is not None and not 0 < threshold <= 1_000_000_000:
        yield Finding(property=f"{path}.threshold", message=f"{threshold} is no positive share or amount")
    if text(notification, "comparisonOperator") not in _OPERATORS:
        message = f"{notification['comparisonOperator']!r} is no operator"
        yield Finding(property=f"{path}.comparisonOperator", message=message)


def _listed(notification: Properties, key: str) -> bool:
    return count(notification, key) is not None


def _trail(resource: PlannedResource) -> Iterator[Finding]:
    properties = resource.properties
    if flag(properties, "enableLogFileValidation", default=False) is False:
        yield Finding(property="enableLogFileValidation", message="changed log files would not be noticed")
    if not given(properties, "kmsKeyId"):
        yield Finding(property="kmsKeyId", message="the log files are not encrypted by the platform's key")
    if count(properties, "eventSelectors") and count(properties, "advancedEventSelectors"):
        yield Finding(property="eventSelectors", message="a trail has basic or advanced event selectors, not both")


def _selectors(resource: PlannedResource) -> Iterator[Finding]:
    selectors = count(resource.properties, "eventSelectors") or 0
    if selectors > 5:
        yield Finding(property="eventSelectors", message=f"{selectors} selectors, and a trail takes 5")
    values = 0
    for path, selector in blocks(resource.properties, "advancedEventSelectors"):
        fields = [text(field, "field") for _, field in blocks(selector, "fieldSelectors")]
        known = len(fields) == count(selector, "fieldSelectors") and None not in fields
        if known and "eventCategory" not in fields:
            yield Finding(property=f"{path}.fieldSelectors", message="a selector needs a condition on eventCategory")
        for _, field in blocks(selector, "fieldSelectors"):
            for operator in ("equals", "notEquals", "startsWiths", "notStartsWiths", "endsWiths", "notEndsWiths"):
                values += count(field, operator) or 0
            if text(field, "field") == "eventCategory" and set(texts(field, "equals")) - {
                "Management",
                "Data",
                "NetworkActivity",
            }:
                yield Finding(
                    property=f"{path}.fieldSelectors", message="eventCategory is Management, Data or NetworkActivity"
                )
    if values > 500:
        message = f"{values} values in all selectors, and a trail takes 500"
        yield Finding(property="advancedEventSelectors", message=message)


def _recorder(resource: PlannedResource) -> Iterator[Finding]:
    group = inner(resource.properties, "recordingGroup")
    every = flag(group, "allSupported", default=True)
    if every and count(group, "resourceTypes"):
        message = "every type is recorded, so that none can be named"
        yield Finding(property="recordingGroup.resourceTypes", message=message)
    if every is False and flag(group, "includeGlobalResourceTypes", default=False):
        message = "global types are recorded only where every type is"
        yield Finding(property="recordingGroup.includeGlobalResourceTypes", message=message)


_FREQUENCIES = (None, "FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS")


def _detector(resource: PlannedResource) -> Iterator[Finding]:
    frequency = text(resource.properties, "findingPublishingFrequency")
    if frequency not in _FREQUENCIES:
        message = f"{frequency!r} is not one of {', '.join(filter(None, _FREQUENCIES))}"
        yield Finding(property="findingPublishingFrequency", message=message)
    if flag(resource.properties, "enable", default=True) is False:
        yield Finding(property="enable", message="the detector is off", remedy="write audit: {guardduty: off} instead")


RULES = (
    Rule(
        id="budgets",
        title="A budget has a positive limit and at most 5 notifications, each to 10 addresses and a topic at most.",
        types=frozenset({"aws:budgets/budget:Budget"}),
        source="AWS Budgets API Reference, CreateBudget and NotificationWithSubscribers",
        remedy="correct monthly_budget in the spec",
        check=_budget,
    ),
    Rule(
        id="cloudtrail",
        title="A trail is encrypted, validates its files, and has one kind of selectors.",
        types=_TRAIL,
        source="AWS CloudTrail User Guide, Security best practices in AWS CloudTrail",
        remedy="correct the trail",
        check=_trail,
    ),
    Rule(
        id="cloudtrail-selectors",
        title="A trail has at most 5 basic selectors, or advanced ones of 500 values with a category each.",
        types=_TRAIL,
        source="AWS CloudTrail API Reference, AdvancedEventSelector",
        remedy="correct the selectors",
        check=_selectors,
    ),
    Rule(
        id="config-recorder",
        title="A recorder records every type, with the global ones, or those that it names.",
        types=frozenset({"aws:cfg/recorder:Recorder"}),
        source="AWS Config API Reference, RecordingGroup",
        remedy="correct the recording group",
        check=_recorder,
    ),
    Rule(
        id="guardduty-detector",
        title="A detector is on, and publishes at a frequency that GuardDuty takes.",
        types=frozenset({"aws:guardduty/detector:Detector"}),
        source="Amazon GuardDuty API Reference, CreateDetector",
        remedy="choose a frequency of GuardDuty",
        check=_detector,
    ),
)
