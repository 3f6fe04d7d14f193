"""Services that act for a tenant's resource on another's: each beside a policy that names the source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.proof.reach import closure
from infra.proof.symbolic import Sat
from infra.proof.world import actors_of, ask, candidates, questions
from tests.proof.world.estates import ACCOUNT, Statement, allow, role, role_arn, thing, world

LOGS = "logs.eu-central-1.amazonaws.com"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/b"
GROUPS = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:"
MAKES = allow("logs:CreateLogGroup", on=f"{GROUPS}/a/*")


def _for_service(service: str, condition: dict[str, Any] | None, *actions: str) -> Statement:
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions, "Resource": "*", **more}


def _leaks(statement: Statement, *own: Statement, arn: str = KEY) -> bool:
    estate = world(role("a", "a", *own), thing(arn, "b", statement))
    found = closure(estate, actors_of(estate, "a"))
    return any(
        isinstance(ask(estate, question), Sat)
        for actor in found.actors
        for one in candidates(estate, actor)
        for question in questions(estate, actor, one)
        if one.owner == "b"
    )


def _context(pattern: str) -> dict[str, Any]:
    return {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": pattern}}


@pytest.mark.parametrize("broken", [None, _context(f"{GROUPS}*"), {"StringEquals": {"aws:SourceAccount": ACCOUNT}}])
def test_a_key_that_a_service_may_use_for_anybody(broken: dict[str, Any] | None) -> None:
    assert _leaks(_for_service(LOGS, broken, "kms:Decrypt"), MAKES)


@pytest.mark.parametrize(
    "sound",
    [
        _context(f"{GROUPS}/b/*"),
        {"ArnLike": {"aws:SourceArn": f"{GROUPS}/b/*"}, "Null": {"aws:SourceArn": "false"}},
        {"StringEquals": {"aws:SourceAccount": "999988887777"}},
    ],
)
def test_a_key_that_a_service_may_use_for_its_owner(sound: dict[str, Any]) -> None:
    assert not _leaks(_for_service(LOGS, sound, "kms:Decrypt"), MAKES)


def test_a_service_acts_only_for_who_can_make_it_act() -> None:
    open_ = _for_service(LOGS, None, "kms:Decrypt")
    assert not _leaks(open_, allow("s3:*"))
    assert not _leaks(open_, allow("logs:GetLogEvents"))


def test_publishing_metrics_makes_no_alarm_act() -> None:
    topic = f"arn:aws:sns:eu-central-1:{ACCOUNT}:b"
    open_ = _for_service("cloudwatch.amazonaws.com", None, "sns:Publish")
    assert not _leaks(open_, allow("cloudwatch:PutMetricData"), arn=topic)
    assert _leaks(open_, allow("cloudwatch:PutMetricAlarm"), arn=topic)


def test_a_service_that_acts_becomes_no_role() -> None:
    trust: Statement = {"Effect": "Allow", "Principal": {"Service": LOGS}, "Action": "sts:AssumeRole"}
    key = thing(KEY, "b", _for_service(LOGS, None, "kms:Decrypt"))
    estate = world(role("a", "a", MAKES), role("b", "b", trust=[trust]), key)
    found = closure(estate, actors_of(estate, "a"))
    target = estate.resources[role_arn("b")]
    asked = [question for actor in found.actors for question in questions(estate, actor, target)]
    assert LOGS in {actor.arn for actor in found.actors}
    assert not any(isinstance(ask(estate, question), Sat) for question in asked)


@pytest.mark.parametrize("unknown", [False, True])
def test_what_a_service_acts_for_is_in_doubt_where_a_policy_is_not_known(unknown: bool) -> None:
    """Beside a policy that is not known the service might act for anything: what is found says that it rests on it."""
    principal = role("a", "a", MAKES)
    if unknown:
        hidden = replace(principal.identity[0], text=None, property="hidden")
        principal = replace(principal, identity=(*principal.identity, hidden))
    estate = world(principal, thing(KEY, "b", _for_service(LOGS, None, "kms:Decrypt")))
    found = closure(estate, actors_of(estate, "a"))
    deputies = [actor for actor in found.actors if actor.arn == LOGS]
    assert deputies
    assert all(("hidden" in {doubt.property for doubt in found.doubts(one)}) is unknown for one in deputies)
