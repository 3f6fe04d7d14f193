"""Contract cases of SNS."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws

from .case import Case, Clients, Needs, Outputs

_KEY = "arn:aws:kms:eu-central-1:123456789012:key/one"


def _topics(boto: Clients) -> set[str]:
    return {topic["TopicArn"] for topic in boto("sns").list_topics()["Topics"]}


def _subscriptions(boto: Clients) -> set[str]:
    return {each["SubscriptionArn"] for each in boto("sns").list_subscriptions()["Subscriptions"]}


def _two_topics(name: str) -> Needs:
    return {each: aws.sns.Topic(f"{name}-{each}") for each in ("one", "two")}


def _policy(topic: Any, action: str) -> Any:
    def document(arn: str) -> str:
        principal = {"Service": "cloudwatch.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return topic.arn.apply(document)


def _decrypt(boto: Clients, topic: Outputs) -> None:
    boto("sns").set_topic_attributes(TopicArn=topic["arn"], AttributeName="KmsMasterKeyId", AttributeValue="")


def _open(boto: Clients, policy: Outputs) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": policy["arn"]}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto("sns").set_topic_attributes(TopicArn=policy["arn"], AttributeName="Policy", AttributeValue=text)


def _filter(boto: Clients, subscription: Outputs) -> None:
    boto("sns").set_subscription_attributes(
        SubscriptionArn=subscription["arn"], AttributeName="FilterPolicy", AttributeValue='{"kind": ["none"]}'
    )


CASES = (
    Case(
        type="aws:sns/topic:Topic",
        inputs=lambda _: {"name": "contract-one", "display_name": "one", "tags": {"owner": "one"}},
        update=lambda _: {"display_name": None, "kms_master_key_id": _KEY, "tags": {"team": "two"}},
        replace=lambda _: {"name": "contract-two"},
        tamper=_decrypt,
        tampered="kmsMasterKeyId",
        left=_topics,
    ),
    Case(
        type="aws:sns/topicPolicy:TopicPolicy",
        needs=_two_topics,
        inputs=lambda needs: {"arn": needs["one"].arn, "policy": _policy(needs["one"], "sns:Publish")},
        update=lambda needs: {"policy": _policy(needs["one"], "sns:GetTopicAttributes")},
        replace=lambda needs: {"arn": needs["two"].arn, "policy": _policy(needs["two"], "sns:Publish")},
        tamper=_open,
        tampered="policy",
        left=_topics,
    ),
    Case(
        type="aws:sns/topicSubscription:TopicSubscription",
        needs=_two_topics,
        inputs=lambda needs: {
            "topic": needs["one"].arn,
            "protocol": "email",
            "endpoint": "one@example.com",
            "filter_policy": json.dumps({"kind": ["alarm"]}),
            "redrive_policy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:dead"}),
        },
        update=lambda _: {
            "filter_policy": json.dumps({"detail": {"kind": ["alarm"]}}),
            "filter_policy_scope": "MessageBody",
            "redrive_policy": None,
            "raw_message_delivery": True,
        },
        replace=lambda _: {"endpoint": "two@example.com", "filter_policy": None, "filter_policy_scope": None},
        tamper=_filter,
        tampered="filterPolicy",
        left=_subscriptions,
    ),
)
