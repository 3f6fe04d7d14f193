"""Calls are paginated, tried again when throttled, put to the next way in when denied, and named when in vain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from infra.errors import UserError
from infra.live import Account, WayIn
from infra.live.account import Absent, Unread

_URL = "https://sns.eu-central-1.amazonaws.com"


class _Body:
    """A raw response, as the HTTP library has it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


def _answer(status: int, code: str, message: str) -> AWSResponse:
    error = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return AWSResponse(_URL, status, HTTPHeaders(), _Body(error.encode()))


def _way(name: str, answers: Callable[[], AWSResponse | None] = lambda: None) -> WayIn:
    """A way in whose calls are answered before they are sent, or sent on where the answer is None."""
    session = boto3.Session("AKIA0", "secret", region_name="eu-central-1")

    def answered(**_: object) -> Any:
        return answers()

    session.events.register("before-send.sns", answered)
    return WayIn(name, session)


def _sns() -> Any:
    make = cast("Callable[..., Any]", boto3.client)
    return make("sns", "eu-central-1", aws_access_key_id="AKIA0", aws_secret_access_key="secret")


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    with mock_aws():
        yield


def test_all_pages_are_one_answer() -> None:
    account = Account((_way("own"),))
    sns = _sns()
    for number in range(230):
        sns.create_topic(Name=f"t{number}")
    assert len(account.read("sns", "list_topics")["Topics"]) == 230


def test_operations_without_a_paginator_are_followed_to_their_end() -> None:
    buses = [{"EventBuses": [{"Name": "a"}], "NextToken": "t"}, {"EventBuses": [{"Name": "b"}]}]
    session = boto3.Session("AKIA0", "secret", region_name="eu-central-1")
    bodies = iter(buses)

    def answered(**_: object) -> Any:
        return AWSResponse(_URL, 200, HTTPHeaders(), _Body(json.dumps(next(bodies)).encode()))

    session.events.register("before-send.events", answered)
    answer = Account((WayIn("own", session),)).read("events", "list_event_buses")
    assert [each["Name"] for each in answer["EventBuses"]] == ["a", "b"]


def test_all_queues_are_listed() -> None:
    account = Account((_way("own"),))
    make = cast("Callable[..., Any]", boto3.client)
    sqs = make("sqs", "eu-central-1", aws_access_key_id="AKIA0", aws_secret_access_key="secret")
    for number in range(5):
        sqs.create_queue(QueueName=f"q{number}")
    assert len(account.read("sqs", "list_queues", MaxResults=2)["QueueUrls"]) == 5


def test_a_throttled_call_is_tried_again() -> None:
    answers = iter([_answer(400, "Throttling", "Rate exceeded"), _answer(400, "Throttling", "Rate exceeded")])
    account = Account((_way("own", lambda: next(answers, None)),))
    assert account.read("sns", "list_topics")["Topics"] == []
    assert next(answers, None) is None


def test_a_denied_call_is_put_to_the_next_way_in() -> None:
    denied = _way("own", lambda: _answer(403, "AuthorizationError", "not you"))
    assert Account((denied, _way("role"))).read("sns", "list_topics")["Topics"] == []
    closed = Account((denied, _way("role", lambda: _answer(403, "AuthorizationError", "nor you"))))
    with pytest.raises(Unread, match=r"sns ListTopics: AuthorizationError: own: not you; role: nor you") as caught:
        closed.read("sns", "list_topics")
    assert caught.value.operation == "ListTopics"


def test_what_is_not_there_is_absent_and_asks_no_other_way() -> None:
    asked: list[str] = []

    def second() -> AWSResponse | None:
        asked.append("role")
        return None

    account = Account((_way("own"), _way("role", second)))
    with pytest.raises(Absent):
        account.read("sns", "get_topic_attributes", TopicArn="arn:aws:sns:eu-central-1:123456789012:none")
    assert asked == []


def test_credentials_that_are_not_valid_are_the_users_to_mend() -> None:
    expired = _way("own", lambda: _answer(403, "ExpiredToken", "The security token is expired"))
    with pytest.raises(UserError, match="ExpiredToken"):
        Account((expired,)).read("sns", "list_topics")


def test_the_account_is_the_credentials_own() -> None:
    account = Account((_way("own"),))
    assert (account.id, account.region) == ("123456789012", "eu-central-1")


def test_a_policy_is_read_as_it_was_written() -> None:
    account = Account((_way("own"),))
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    arn = _sns().create_topic(Name="t", Attributes={"Policy": document})["TopicArn"]
    assert json.loads(account.read("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]["Policy"]) == json.loads(
        document
    )
