"""SNS topics and their policies: each property is an attribute that is set by its name.

Source: Pulumi registry, "aws.sns.Topic", "aws.sns.TopicPolicy"; Amazon SNS API Reference, "SetTopicAttributes".
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import UNKNOWN, Properties

_ATTRIBUTES = {"displayName": "DisplayName", "kmsMasterKeyId": "KmsMasterKeyId", "policy": "Policy"}


def _create(action: Action) -> Mapping[str, Any]:
    given = {attribute: action.props.get(name) for name, attribute in _ATTRIBUTES.items()}
    tags: Mapping[str, str] = action.props.get("tags") or {}
    action.tagged = True
    return action.api(
        "create_topic",
        Name=action.props["name"],
        Attributes={attribute: value for attribute, value in given.items() if value},
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def _set(name: str, attribute: str) -> Step:
    def run(action: Action) -> None:
        value: str = action.props.get(name) or ""
        action.api("set_topic_attributes", TopicArn=action.id, AttributeName=attribute, AttributeValue=value)

    return Step((name,), run)


def _from_attributes(found: Mapping[str, Any]) -> Properties:
    known = {name: found.get(attribute) or None for name, attribute in _ATTRIBUTES.items()}
    arn: str = found["TopicArn"]
    return {**known, "arn": arn, "name": arn.rpartition(":")[2], "owner": found["Owner"]}


def _policy(found: Mapping[str, Any]) -> Properties:
    return {"arn": found["TopicArn"], "owner": found["Owner"], "policy": found["Policy"]}


def _name(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon SNS API Reference, "CreateTopic": the constraints of a name."""
    name: str = inputs["name"]
    if name != UNKNOWN and not re.fullmatch("[A-Za-z0-9_-]{1,256}", name):
        yield "name", f"must be 1 to 256 letters, digits, hyphens and underscores; got {name!r}"


def _restore_default_policy(action: Action) -> None:
    """A topic is never without a policy: the official provider gives it back the one that a new topic has."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "SNS:GetTopicAttributes",
            "SNS:SetTopicAttributes",
            "SNS:AddPermission",
            "SNS:RemovePermission",
            "SNS:DeleteTopic",
            "SNS:Subscribe",
            "SNS:ListSubscriptionsByTopic",
            "SNS:Publish",
        ],
        "Resource": action.id,
        "Condition": {"StringEquals": {"AWS:SourceOwner": action.value("account")}},
    }
    policy = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    text = json.dumps(policy)
    action.api("set_topic_attributes", TopicArn=action.id, AttributeName="Policy", AttributeValue=text)


_set_policy = Call(
    "set_topic_attributes",
    properties=("policy",),
    names={"policy": "AttributeValue"},
    fixed={"TopicArn": "{arn}", "AttributeName": "Policy"},
)

RESOURCES = (
    Resource(
        type="aws:sns/topic:Topic",
        service="sns",
        id="TopicArn",
        create=_create,
        writes=(*_ATTRIBUTES, "tags"),
        replace=("name",),
        reads=(Read("get_topic_attributes", at="Attributes", fixed={"TopicArn": "{id}"}, also=_from_attributes),),
        updates=tuple(_set(name, attribute) for name, attribute in _ATTRIBUTES.items()),
        delete=Call("delete_topic", properties=(), fixed={"TopicArn": "{id}"}),
        missing=("NotFound",),
        autoname=Autoname("name", longest=256),
        tags=Tags(resource="{id}"),
        rules=(_name,),
        absent=(
            "namePrefix",  # names are given or automatic here
            "beginningArchiveTime",  # FIFO topics with an archive only
            "fifoThroughputScope",  # FIFO topics only
            *("maximumMessageSize", "signatureVersion", "tracingConfig"),  # cannot be set here
        ),
    ),
    Resource(
        type="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        id="{arn}",
        create=_set_policy,
        updates=(_set_policy,),
        reads=(Read("get_topic_attributes", at="Attributes", fixed={"TopicArn": "{arn}"}, also=_policy),),
        delete=_restore_default_policy,
        missing=("NotFound",),
        retry=("InvalidParameter: Invalid parameter: Policy Error: PrincipalNotFound",),
    ),
)
"""SNS entries of the table, but for subscriptions."""
