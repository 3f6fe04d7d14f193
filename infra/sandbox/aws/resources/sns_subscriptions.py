"""SNS subscriptions. Source: Pulumi registry, "aws.sns.TopicSubscription"; Amazon SNS API Reference.

See "SetSubscriptionAttributes" there, and "Removing a subscription filter policy" in the Amazon SNS Developer Guide.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource, Step
from infra.sandbox.aws.wire import UNKNOWN, Properties

_PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
_SCOPES = ("MessageAttributes", "MessageBody")
_NO_FILTER = "{}"


def _set(action: Action, attribute: str, **value: str) -> None:
    action.api("set_subscription_attributes", SubscriptionArn=action.id, AttributeName=attribute, **value)


def _set_filter(action: Action) -> None:
    """Only filters on bodies may be nested: the scope goes first where it widens, last where it narrows."""
    policy, scope = action.props.get("filterPolicy") or _NO_FILTER, action.props.get("filterPolicyScope")
    if scope == "MessageBody":
        _set(action, "FilterPolicyScope", AttributeValue=scope)
    _set(action, "FilterPolicy", AttributeValue=policy)
    if scope == "MessageAttributes":
        _set(action, "FilterPolicyScope", AttributeValue=scope)


def _set_raw(action: Action) -> None:
    _set(action, "RawMessageDelivery", AttributeValue=str(action.props["rawMessageDelivery"]).lower())


def _set_redrive(action: Action) -> None:
    policy = action.props.get("redrivePolicy")
    _set(action, "RedrivePolicy", **({"AttributeValue": policy} if policy else {}))


def _from_attributes(found: Mapping[str, Any]) -> Properties:
    policy = found.get("FilterPolicy")
    filtered = policy not in (None, "", _NO_FILTER)
    return {
        "arn": found["SubscriptionArn"],
        "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
        "endpoint": found["Endpoint"],
        "filterPolicy": policy if filtered else None,
        "filterPolicyScope": found.get("FilterPolicyScope") if filtered else None,
        "ownerId": found["Owner"],
        "pendingConfirmation": found.get("PendingConfirmation") == "true",
        "protocol": found["Protocol"],
        "rawMessageDelivery": found.get("RawMessageDelivery") == "true",
        "redrivePolicy": found.get("RedrivePolicy") or None,
        "topic": found["TopicArn"],
    }


def _choices(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon SNS API Reference, "Subscribe": the protocols and the scopes of a filter policy."""
    for name, known in {"protocol": _PROTOCOLS, "filterPolicyScope": _SCOPES}.items():
        value = inputs.get(name)
        if value not in (None, UNKNOWN, *known):
            yield name, f"expected one of {', '.join(known)}; got {value!r}"
    if inputs.get("filterPolicyScope") and not inputs.get("filterPolicy"):
        yield "filterPolicyScope", "has no meaning without filterPolicy; give both"


RESOURCES = (
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
                also=_from_attributes,
            ),
        ),
        updates=(
            Step(("filterPolicy", "filterPolicyScope"), _set_filter),
            Step(("rawMessageDelivery",), _set_raw),
            Step(("redrivePolicy",), _set_redrive),
        ),
        delete=Call("unsubscribe", properties=(), fixed={"SubscriptionArn": "{id}"}),
        # What nobody has confirmed cannot be unsubscribed; AWS forgets it after two days.
        missing=("NotFound", "InvalidParameter: pending confirmation"),
        local=("confirmationTimeoutInMinutes", "endpointAutoConfirms"),
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        rules=(_choices,),
        absent=("filterPolicyScope",),  # given by AWS together with a filter policy only
    ),
)
"""SNS subscription entries of the table."""
