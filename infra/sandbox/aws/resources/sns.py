"""SNS topics, their policies and subscriptions: each property is an attribute that is set by its name.

Source: Pulumi registry, "aws.sns"; Amazon SNS API Reference, "SetTopicAttributes", "SetSubscriptionAttributes".
"""

from collections.abc import Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.wire import Properties

_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
_SUBSCRIPTION_ATTRIBUTES = {
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _create_topic(action: Action) -> Mapping[str, Any]:
    attributes = {
        attribute: _text(action.props[name])
        for name, attribute in _TOPIC_ATTRIBUTES.items()
        if action.props.get(name) not in (None, "")
    }
    tags: Mapping[str, str] = action.props.get("tags") or {}
    action.tagged = True
    return action.api(
        "create_topic",
        Name=action.props["name"],
        Attributes=attributes,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def _set_topic(name: str, attribute: str) -> Step:
    def run(action: Action) -> None:
        value = _text(action.props.get(name) or "")
        action.api("set_topic_attributes", TopicArn=action.id, AttributeName=attribute, AttributeValue=value)

    return Step((name,), run)


def _set_subscription(name: str, attribute: str) -> Step:
    def run(action: Action) -> None:
        value = action.props.get(name)
        text = _text(value) if value not in (None, "") else "{}"
        action.api(
            "set_subscription_attributes", SubscriptionArn=action.id, AttributeName=attribute, AttributeValue=text
        )

    return Step((name,), run)


def _topic_attributes(found: Mapping[str, Any]) -> Properties:
    known = {name: found[attribute] for name, attribute in _TOPIC_ATTRIBUTES.items() if found.get(attribute)}
    arn: str = found["TopicArn"]
    return {**known, "arn": arn, "name": arn.rpartition(":")[2], "owner": found.get("Owner")}


def _subscription_attributes(found: Mapping[str, Any]) -> Properties:
    known = {name: found[attribute] for name, attribute in _SUBSCRIPTION_ATTRIBUTES.items() if found.get(attribute)}
    flags = {
        "rawMessageDelivery": "RawMessageDelivery",
        "pendingConfirmation": "PendingConfirmation",
        "confirmationWasAuthenticated": "ConfirmationWasAuthenticated",
    }
    return {
        **known,
        **{name: found.get(attribute) == "true" for name, attribute in flags.items()},
        "arn": found["SubscriptionArn"],
        "ownerId": found.get("Owner"),
        "topic": found["TopicArn"],
        "protocol": found["Protocol"],
        "endpoint": found["Endpoint"],
    }


def _default_policy(action: Action) -> None:
    """A topic always has a policy; without one of its own, the official provider restores that of a new topic."""
    account = action.aws.identity["Account"]
    policy = (
        '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",'
        '"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes",'
        '"SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic",'
        f'"SNS:Publish"],"Resource":"{action.id}","Condition":{{"StringEquals":{{"AWS:SourceOwner":"{account}"}}}}}}]}}'
    )
    action.api("set_topic_attributes", TopicArn=action.id, AttributeName="Policy", AttributeValue=policy)


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
        create=_create_topic,
        writes=(*_TOPIC_ATTRIBUTES, "tags"),
        replace=("name",),
        reads=(Read("get_topic_attributes", at="Attributes", fixed={"TopicArn": "{id}"}, also=_topic_attributes),),
        updates=tuple(_set_topic(name, attribute) for name, attribute in _TOPIC_ATTRIBUTES.items()),
        delete=Call("delete_topic", properties=(), fixed={"TopicArn": "{id}"}),
        missing=("NotFound",),
        autoname=Autoname("name", longest=256),
        tags=Tags(resource="{id}"),
        # Names are given or automatic here; archives are for FIFO topics, which the platform does not use.
        absent=("namePrefix", "beginningArchiveTime", "fifoThroughputScope", "signatureVersion", "tracingConfig"),
    ),
    Resource(
        type="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        id="{arn}",
        create=_set_policy,
        updates=(_set_policy,),
        reads=(Read("get_topic_attributes", at="Attributes", fixed={"TopicArn": "{arn}"}, also=_topic_attributes),),
        delete=_default_policy,
        missing=("NotFound",),
        retry=("InvalidParameter: Invalid parameter: Policy Error: PrincipalNotFound",),
    ),
    Resource(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        id="SubscriptionArn",
        names={"topic": "TopicArn"},
        create=Call("subscribe", properties=("topic", "protocol", "endpoint"), fixed={"ReturnSubscriptionArn": True}),
        reads=(
            Read(
                "get_subscription_attributes",
                at="Attributes",
                fixed={"SubscriptionArn": "{id}"},
                also=_subscription_attributes,
            ),
        ),
        updates=tuple(_set_subscription(name, attribute) for name, attribute in _SUBSCRIPTION_ATTRIBUTES.items()),
        delete=Call("unsubscribe", properties=(), fixed={"SubscriptionArn": "{id}"}),
        missing=("NotFound",),
        local=("confirmationTimeoutInMinutes", "endpointAutoConfirms"),
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        absent=("filterPolicyScope",),  # given by AWS together with a filter policy only
    ),
)
"""SNS entries of the table."""
