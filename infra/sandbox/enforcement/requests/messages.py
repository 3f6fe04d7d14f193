"""SNS and SQS: topics of subscriptions, queues by their URLs, and the KMS keys of encrypted ones.

Sources: Amazon SNS Developer Guide, "Securing Amazon SNS data with server-side encryption", "Amazon SNS API
permissions"; Amazon SQS Developer Guide, "Encryption at rest in Amazon SQS", "Amazon SQS API permissions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.forward import target, through_key
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.operation import Call, Needed
from infra.sandbox.enforcement.requests.plans import Target, planned_targets

_SENDING: Final = ("GenerateDataKey", "Decrypt")
#: Operation -> actions of KMS that the service checks where the topic or queue is encrypted.
_KMS: Final[Mapping[str, tuple[str, ...]]] = {
    "Publish": _SENDING,
    "PublishBatch": _SENDING,
    "ReceiveMessage": ("Decrypt",),
    "SendMessage": _SENDING,
    "SendMessageBatch": _SENDING,
}


def sns_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of SNS with their topics; a subscription's ARN begins with its topic's."""
    subscription = call.text("SubscriptionArn")
    if subscription is not None:
        topic = ":".join(subscription.split(":")[:6])
        yield target(f"sns:{call.operation.name}", topic, "topic")
    else:
        yield from planned_targets(call)


def sns_keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of a check of SNS."""
    del found
    named = {"sns:Endpoint": call.text("Endpoint"), "sns:Protocol": call.text("Protocol")}
    return {key: value for key, value in named.items() if value is not None}


def sqs_targets(call: Call) -> Iterator[Target]:
    """The actions of a call of SQS with its queue, which its URL names by account and name."""
    address = call.text("QueueUrl")
    if address is None:
        yield from planned_targets(call)
        return
    parts = urlsplit(address).path.strip("/").split("/")
    account = parts[-2] if len(parts) > 1 else call.account
    arn = f"arn:aws:sqs:{call.operation.region}:{account}:{parts[-1]}"
    yield from (target(f"sqs:{name}", arn, "queue") for name in actions_of("sqs", call.operation.name))


def encryption(call: Call, found: tuple[Target, ...]) -> Iterator[Needed]:
    """The uses of KMS keys that SNS or SQS checks on the caller's behalf."""
    service = call.operation.service
    name = "aws:sns:topicArn" if service == "sns" else "aws:sqs:arn"
    for resource in dict.fromkeys(one.resource for one in found):
        key = call.lookup.key_of(resource) if call.operation.name in _KMS else None
        if key is not None:
            for used in _KMS[call.operation.name]:
                yield through_key(call, used, key, service=service, encryption_context={name: resource})
