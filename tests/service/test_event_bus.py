"""A bus of EventBridge takes events in their order; what it does not take is told again."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from infra.service.outbox.event_bus import CLIENT, EventBusReceiver
from infra.service.outbox.receiver import SEND_SECONDS, NotTold
from infra.store.events import StoredEvent

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(sequence: int, size: int = 0) -> StoredEvent:
    data = json.dumps({"to": "active", "padding": "x" * size})
    return StoredEvent(sequence=sequence, tenant="acme", operation="op-1", name="tenant.verified", data=data, at=AT)


EVENTS = [event(sequence) for sequence in range(1, 6)]


@pytest.fixture
def account() -> Generator[boto3.Session]:
    with mock_aws():
        yield boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-central-1")


def make_client(account: boto3.Session, service: str) -> Any:
    return account.client(service, config=CLIENT)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportCallIssue, reportArgumentType]


def test_events_arrive_at_the_bus(account: boto3.Session) -> None:
    """Read back from a queue that a rule of the bus feeds."""
    bus, queues = make_client(account, "events"), make_client(account, "sqs")
    bus.create_event_bus(Name="platform")
    queue = queues.create_queue(QueueName="told")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus.put_rule(Name="all", EventBusName="platform", EventPattern=json.dumps({"source": ["bulkhead"]}))
    bus.put_targets(Rule="all", EventBusName="platform", Targets=[{"Id": "queue", "Arn": arn}])
    assert EventBusReceiver("platform", lambda: bus).tell(EVENTS) == 5
    came = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    found = [json.loads(each["Body"]) for each in came]
    assert [each["detail"]["data"]["sequence"] for each in found] == [1, 2, 3, 4, 5]
    assert {(each["source"], each["detail-type"]) for each in found} == {("bulkhead", "tenant.verified")}
    assert found[0]["detail"]["data"]["detail"]["to"] == "active"


@dataclass
class ScriptedBus:
    """Takes entries but those of some sequences."""

    refused: dict[int, str] = field(default_factory=dict[int, str])
    error: Exception | None = None
    calls: list[list[int]] = field(default_factory=list[list[int]])

    def put_events(self, *, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        sequences = [json.loads(entry["Detail"])["data"]["sequence"] for entry in Entries]
        self.calls.append(sequences)
        if self.error is not None:
            raise self.error
        results = [
            {"ErrorCode": self.refused[each], "ErrorMessage": "no"} if each in self.refused else {"EventId": str(each)}
            for each in sequences
        ]
        return {"FailedEntryCount": len(self.refused), "Entries": results}


def test_of_a_part_that_failed_the_events_before_the_first_failure_count() -> None:
    """The fourth was taken, and is told again after the third: nothing is left out."""
    bus = ScriptedBus(refused={3: "ThrottlingException"})
    receiver = EventBusReceiver("platform", lambda: bus)
    assert receiver.tell(EVENTS) == 2
    bus.refused = {}
    assert receiver.tell(EVENTS[2:]) == 3
    assert bus.calls == [[1, 2, 3, 4, 5], [3, 4, 5]]


def test_a_failed_first_event_is_no_arrival() -> None:
    receiver = EventBusReceiver("platform", lambda: ScriptedBus(refused={1: "InternalFailure"}))
    with pytest.raises(NotTold, match="InternalFailure"):
        receiver.tell(EVENTS)


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events.example"),
    ],
)
def test_a_refusal_is_no_arrival_and_the_next_try_has_a_new_client(error: Exception) -> None:
    """Credentials may have expired: the client is made anew."""
    buses = [ScriptedBus(error=error), ScriptedBus()]
    made = iter(buses)
    receiver = EventBusReceiver("platform", lambda: next(made))
    with pytest.raises(NotTold):
        receiver.tell(EVENTS)
    assert receiver.tell(EVENTS) == 5


def test_a_request_stays_below_the_limit() -> None:
    """256 KB a request: large events go in several, and one alone is sent whatever its size."""
    bus = ScriptedBus()
    receiver = EventBusReceiver("platform", lambda: bus)
    large = [event(1, 100_000), event(2, 100_000), event(3, 100_000)]
    assert receiver.tell(large) == 2
    assert receiver.tell([replace(event(4, 300_000))]) == 1
    assert bus.calls == [[1, 2], [4]]


def test_a_call_ends_before_the_events_are_given_to_another_process() -> None:
    assert CLIENT.connect_timeout + CLIENT.read_timeout < SEND_SECONDS  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert CLIENT.retries["total_max_attempts"] == 1  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
