"""Registries, topics, alarms, budgets, trails, Config, GuardDuty: bad inputs, and what the contract runs leave out."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from provider_client import Provider
from sandbox_clients import Clients

from infra.sandbox.aws.wire import UNKNOWN, from_struct

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUDGET = "aws:budgets/budget:Budget"
TRAIL = "aws:cloudtrail/trail:Trail"
RECORDER = "aws:cfg/recorder:Recorder"
STATUS = "aws:cfg/recorderStatus:RecorderStatus"
RULE = "aws:cfg/rule:Rule"
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"

SUBSCRIBED = {"topic": "arn:aws:sns:eu-central-1:123456789012:t", "protocol": "email", "endpoint": "a@example.com"}
COMPARED = {"comparisonOperator": "GreaterThanThreshold", "threshold": 1, "evaluationPeriods": 1}
WATCHED = {**COMPARED, "metricName": "m", "namespace": "n", "period": 60, "statistic": "Sum"}
LIMITED = {"budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "10", "limitUnit": "USD"}
ALERT = {
    "notificationType": "ACTUAL",
    "comparisonOperator": "GREATER_THAN",
    "threshold": 80,
    "thresholdType": "PERCENTAGE",
    "subscriberEmailAddresses": ["a@example.com"],
}
TRAILED = {"s3BucketName": "b-1"}
SIMPLE = {"readWriteType": "All"}
RECORDED = {"roleArn": "arn:aws:iam::123456789012:role/r"}
SOURCE = {"owner": "AWS", "sourceIdentifier": "IAM_PASSWORD_POLICY"}
FEATURED = {"detectorId": "0" * 32, "name": "RUNTIME_MONITORING", "status": "ENABLED"}


def _without(inputs: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != name}


BAD: list[tuple[str, dict[str, Any], str]] = [
    (REPOSITORY, {"name": "Upper"}, "name: 'Upper' does not match the pattern"),
    (REPOSITORY, {"imageTagMutability": "FIXED"}, "imageTagMutability: expected one of MUTABLE, IMMUTABLE"),
    (REPOSITORY, {"encryptionConfigurations": [{"encryptionType": "RSA"}]}, "encryptionType: expected one of AES256"),
    (REPOSITORY, {"encryptionConfigurations": [{}, {}]}, "encryptionConfigurations: the offline provider cannot"),
    (LIFECYCLE, {"repository": "r", "policy": "rules"}, "policy: contains an invalid JSON document"),
    (TOPIC, {"name": "a.b"}, "name: must be 1 to 256 letters, digits, hyphens and underscores; got 'a.b'"),
    (TOPIC, {"fifoTopic": True}, "fifoTopic: the offline provider does not support"),
    (SUBSCRIPTION, {**SUBSCRIBED, "protocol": "mail"}, "protocol: expected one of application, email"),
    (SUBSCRIPTION, {**SUBSCRIBED, "filterPolicyScope": "MessageBody"}, "filterPolicyScope: has no meaning without"),
    (SUBSCRIPTION, {**SUBSCRIBED, "deliveryPolicy": "{}"}, "deliveryPolicy: the offline provider does not support"),
    (ALARM, COMPARED, "metricName: give it, or metricQueries"),
    (ALARM, _without(WATCHED, "comparisonOperator"), "comparisonOperator: missing required property"),
    (ALARM, _without(WATCHED, "threshold"), "threshold: give exactly one of threshold and thresholdMetricId"),
    (ALARM, {**WATCHED, "extendedStatistic": "p99"}, "statistic: give exactly one of statistic and extendedStatistic"),
    (ALARM, {**WATCHED, "metricQueries": [{"id": "a"}]}, "metricName: conflicts with metricQueries"),
    (ALARM, {**WATCHED, "period": 45}, "period: expected 10, 20, 30 or a multiple of 60 seconds; got 45"),
    (ALARM, {**WATCHED, "unit": "Parsec"}, "unit: expected one of Seconds"),
    (ALARM, {**WATCHED, "evaluationInterval": 60}, "evaluationInterval: the offline provider does not support"),
    (BUDGET, _without(LIMITED, "limitUnit"), "limitUnit: missing; the offline provider supports budgets of a fixed"),
    (BUDGET, {**LIMITED, "limitAmount": "ten"}, "limitAmount: expected a decimal number; got 'ten'"),
    (BUDGET, {**LIMITED, "timeUnit": "WEEKLY"}, "timeUnit: expected one of DAILY, MONTHLY"),
    (BUDGET, {**LIMITED, "timePeriodEnd": "2030"}, "timePeriodEnd: expected a time such as 2027-01-31_00:00"),
    (BUDGET, {**LIMITED, "costTypes": {"includeTax": False}}, "costTypes: the offline provider does not support"),
    (
        BUDGET,
        {**LIMITED, "notifications": [{**ALERT, "thresholdType": "PERCENT"}]},
        "notifications[0].thresholdType: expected one of PERCENTAGE, ABSOLUTE_VALUE; got 'PERCENT'",
    ),
    (
        BUDGET,
        {**LIMITED, "notifications": [_without(ALERT, "subscriberEmailAddresses")]},
        "notifications[0]: has nobody to tell",
    ),
    (TRAIL, {}, "s3BucketName: missing required property"),
    (
        TRAIL,
        {**TRAILED, "isMultiRegionTrail": True, "includeGlobalServiceEvents": False},
        "includeGlobalServiceEvents: must not be false where isMultiRegionTrail is true",
    ),
    (
        TRAIL,
        {**TRAILED, "eventSelectors": [SIMPLE], "advancedEventSelectors": [{"fieldSelectors": []}]},
        "eventSelectors: conflicts with advancedEventSelectors",
    ),
    (TRAIL, {**TRAILED, "insightSelectors": []}, "insightSelectors: the offline provider does not support"),
    (
        RECORDER,
        {**RECORDED, "recordingGroup": {"resourceTypes": ["AWS::EC2::VPC"]}},
        "recordingGroup.resourceTypes: conflicts with allSupported, which is true by default",
    ),
    (STATUS, {"isEnabled": True}, "name: missing required property: the name of the recorder"),
    (RULE, {"source": {**SOURCE, "owner": "CUSTOM_POLICY"}}, "source.owner: the offline provider does not support"),
    (RULE, {"source": {**SOURCE, "owner": "ME"}}, "source.owner: expected one of CUSTOM_LAMBDA, AWS"),
    (FEATURE, _without(FEATURED, "name"), "name: missing required property: the name of the feature"),
    (FEATURE, {**FEATURED, "status": "ON"}, "status: expected one of ENABLED, DISABLED"),
    (
        FEATURE,
        {**FEATURED, "additionalConfigurations": [{"name": "AGENT", "status": "ENABLED"}]},
        "additionalConfigurations[0].name: expected one of EKS_ADDON_MANAGEMENT",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "expected"), BAD, ids=[expected[:50] for _, _, expected in BAD])
def test_is_refused(provider: Provider, token: str, inputs: dict[str, Any], expected: str) -> None:
    """The failure names the property and what is expected."""
    assert expected in provider.check(token, "bad", inputs)[1]


GOOD: list[tuple[str, dict[str, Any]]] = [
    (REPOSITORY, {"name": "a/b", "encryptionConfigurations": [UNKNOWN]}),
    (TOPIC, {"name": UNKNOWN, "policy": UNKNOWN}),
    (SUBSCRIPTION, {**SUBSCRIBED, "protocol": UNKNOWN, "filterPolicy": UNKNOWN, "filterPolicyScope": UNKNOWN}),
    (ALARM, {**WATCHED, "dimensions": {"EndpointName": UNKNOWN}, "period": UNKNOWN, "alarmActions": [UNKNOWN]}),
    (ALARM, {**COMPARED, "metricQueries": UNKNOWN}),
    (BUDGET, {**LIMITED, "limitAmount": UNKNOWN, "timePeriodStart": UNKNOWN, "notifications": [UNKNOWN]}),
    (BUDGET, {**LIMITED, "notifications": [{**ALERT, "subscriberSnsTopicArns": UNKNOWN}]}),
    (TRAIL, {**TRAILED, "eventSelectors": [UNKNOWN]}),
    (RECORDER, {**RECORDED, "recordingGroup": UNKNOWN}),
    (STATUS, {"isEnabled": True, "name": UNKNOWN}),
    (RULE, {"source": UNKNOWN}),
    (FEATURE, {**FEATURED, "name": UNKNOWN, "additionalConfigurations": UNKNOWN}),
]


@pytest.mark.parametrize(("token", "inputs"), GOOD)
def test_good_inputs_pass(provider: Provider, token: str, inputs: dict[str, Any]) -> None:
    """The control: what is right, or not known yet, is not refused."""
    assert provider.check(token, "good", inputs)[1] == ""


KMS = [{"encryptionType": "KMS"}]
KEYED = [{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:eu-central-1:123456789012:key/one"}]
OTHER = [{**KEYED[0], "kmsKey": "arn:aws:kms:eu-central-1:123456789012:key/other"}]
PARTS = "additionalConfigurations"
AGENT = [{"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}]

DIFFERENCES: list[tuple[str, str, Any, Any, list[str], list[str]]] = [
    (REPOSITORY, "encryptionConfigurations", KEYED, KMS, [], []),
    (REPOSITORY, "encryptionConfigurations", KEYED, None, [], []),
    (REPOSITORY, "encryptionConfigurations", KMS, KEYED, ["encryptionConfigurations"], ["encryptionConfigurations"]),
    (REPOSITORY, "encryptionConfigurations", KEYED, OTHER, ["encryptionConfigurations"], ["encryptionConfigurations"]),
    (REPOSITORY, "encryptionConfigurations", [{}], KMS, ["encryptionConfigurations"], ["encryptionConfigurations"]),
    (LIFECYCLE, "policy", '{"rules": [1]}', '{"rules": [2]}', ["policy"], ["policy"]),
    (BUDGET, "limitAmount", "100", "100.00", [], []),
    (BUDGET, "limitAmount", "100", "100.01", ["limitAmount"], []),
    (TRAIL, "eventSelectors", [SIMPLE], [{"includeManagementEvents": True}], [], []),
    (TRAIL, "eventSelectors", [SIMPLE], [{**SIMPLE, "includeManagementEvents": False}], ["eventSelectors"], []),
    (FEATURE, PARTS, AGENT, [{**AGENT[0], "status": "DISABLED"}], [PARTS], []),
    (FEATURE, PARTS, AGENT, None, [PARTS], [PARTS]),
]


@pytest.mark.parametrize(("token", "name", "old", "new", "changed", "replaced"), DIFFERENCES)
def test_differences(
    provider: Provider, token: str, name: str, old: Any, new: Any, changed: list[str], replaced: list[str]
) -> None:
    """What is a change for the official provider, and which changes replace."""
    after = {} if new is None else {name: new}
    found = provider.diff(token, {name: old}, after)
    assert sorted({path.partition("[")[0] for path in found.diffs}) == changed
    assert sorted({path.partition("[")[0] for path in found.replaces}) == replaced


def test_what_aws_chose_is_no_drift(provider: Provider) -> None:
    """A refresh leaves a repository's key and scanning alone where the program does not say them."""
    inputs, _ = provider.check(REPOSITORY, "quiet", {"encryptionConfigurations": KMS})
    id_, state = provider.create(REPOSITORY, inputs)
    assert state["encryptionConfigurations"][0]["kmsKey"]
    assert from_struct(provider.read(REPOSITORY, id_, state, inputs).inputs) == inputs
    bare = {name: value for name, value in inputs.items() if name != "encryptionConfigurations"}
    assert from_struct(provider.read(REPOSITORY, id_, state, bare).inputs) == bare
    provider.delete(REPOSITORY, id_, state)


def test_repository_with_images_needs_force(provider: Provider, aws: Clients) -> None:
    """A repository with an image is deleted only with forceDelete."""
    inputs, _ = provider.check(REPOSITORY, "full", {"name": "full"})
    id_, state = provider.create(REPOSITORY, inputs)
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {}, "layers": []})
    aws("ecr").put_image(repositoryName="full", imageManifest=manifest, imageTag="one")
    with pytest.raises(grpc.RpcError, match="RepositoryNotEmptyException"):
        provider.delete(REPOSITORY, id_, state)
    provider.delete(REPOSITORY, id_, {**state, "forceDelete": True})
    assert provider.read(REPOSITORY, id_).id == ""


def test_topic_gets_its_first_policy_back(provider: Provider, aws: Clients) -> None:
    """Deleting a topic's policy leaves the topic with the policy that a new one has."""
    arn = aws("sns").create_topic(Name="restored")["TopicArn"]

    def policy() -> Any:
        return json.loads(aws("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])

    first: Any = policy()
    reader = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sns:Subscribe", "Resource": arn}
    own: dict[str, Any] = {"Version": "2012-10-17", "Statement": [reader]}
    id_, state = provider.create(TOPIC_POLICY, {"arn": arn, "policy": json.dumps(own)})
    assert policy() == own
    provider.delete(TOPIC_POLICY, id_, state)
    assert policy() == first


def test_filter_goes_from_bodies_to_attributes(provider: Provider, aws: Clients) -> None:
    """A nested policy cannot be there while the scope is attributes, whichever way it changes."""
    arn = aws("sns").create_topic(Name="filtered")["TopicArn"]
    nested, flat = '{"detail": {"kind": ["a"]}}', '{"kind": ["a"]}'
    given = {**SUBSCRIBED, "topic": arn}
    inputs, _ = provider.check(SUBSCRIPTION, "f", {**given, "filterPolicy": nested, "filterPolicyScope": "MessageBody"})
    id_, state = provider.create(SUBSCRIPTION, inputs)
    later, _ = provider.check(
        SUBSCRIPTION, "f", {**given, "filterPolicy": flat, "filterPolicyScope": "MessageAttributes"}
    )
    state = provider.update(SUBSCRIPTION, id_, inputs, state, later)
    assert (state["filterPolicy"], state["filterPolicyScope"]) == (flat, "MessageAttributes")
    without, _ = provider.check(SUBSCRIPTION, "f", given)
    state = provider.update(SUBSCRIPTION, id_, later, state, without)
    assert not {"filterPolicy", "filterPolicyScope"} & state.keys()


def test_import_of_another_region(provider: Provider, aws: Clients) -> None:
    """The id of an import may name the Region; a Region that has no such resource answers that it is gone."""
    inputs, _ = provider.check(TOPIC, "x", {"name": "elsewhere", "region": "eu-west-1"})
    id_, _ = provider.create(TOPIC, inputs)
    found = provider.read(TOPIC, f"{id_}@eu-west-1")
    assert found.id == id_
    assert from_struct(found.inputs)["region"] == from_struct(found.properties)["region"] == "eu-west-1"
    assert provider.read(TOPIC, f"{id_}@eu-west-2").id == ""
    assert id_ not in {topic["TopicArn"] for topic in aws("sns").list_topics()["Topics"]}


def test_get_detector(provider: Provider, aws: Clients) -> None:
    """The Region's detector with its features; without one, an error that says what to do."""
    function = "aws:guardduty/getDetector:getDetector"
    with pytest.raises(grpc.RpcError, match="there are 0 GuardDuty detectors in eu-central-1, expected one"):
        provider.invoke(function, {})
    part = {"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}
    feature = {"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": [part]}
    client = aws("guardduty")
    id_ = client.create_detector(Enable=True, Features=[feature], FindingPublishingFrequency="ONE_HOUR")["DetectorId"]
    found, _ = provider.invoke(function, {})
    assert found["id"] == id_
    assert found["arn"] == f"arn:aws:guardduty:eu-central-1:123456789012:detector/{id_}"
    assert (found["status"], found["findingPublishingFrequency"]) == ("ENABLED", "ONE_HOUR")
    named = {"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}
    features = [{"name": "EKS_RUNTIME_MONITORING", "status": "ENABLED", "additionalConfigurations": [named]}]
    assert found["features"] == features
    assert provider.invoke(function, {"id": id_})[0] == found
    with pytest.raises(grpc.RpcError, match="expected one"):
        provider.invoke(function, {"region": "eu-west-1"})
    client.delete_detector(DetectorId=id_)
