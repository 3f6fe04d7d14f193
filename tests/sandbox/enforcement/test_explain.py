"""`bulkhead explain`: what people read of a decision, and what scripts do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.errors import UserError
from infra.evaluator.document import Condition, Policy, PrincipalName, Statement
from infra.evaluator.kinds import Effect, PolicyKind
from infra.sandbox.enforcement.decisions import Decisions
from infra.sandbox.enforcement.quoting import quote

KEY = "arn:aws:kms:eu-central-1:123456789012:key/0d4e5f6a"
DENIED: dict[str, Any] = {
    "request_id": "the-id",
    "time": "2026-01-01T00:00:00+00:00",
    "outcome": "Denied",
    "service": "s3",
    "operation": "PutObject",
    "region": "eu-central-1",
    "caller": "arn:aws:sts::123456789012:assumed-role/writer/x",
    "role": "arn:aws:iam::123456789012:role/writer",
    "endpoint": None,
    "status": 403,
    "code": "AccessDenied",
    "message": "User: ... is not authorized",
    "checks": [
        {
            "action": "s3:PutObject",
            "resource": "arn:aws:s3:::bucket/[bold]key",
            "decision": "Allowed",
            "layer": "identity-based policy",
            "reason": "identity-based policy allows it",
            "missing": None,
            "via": None,
            "principal": None,
            "statements": [
                {
                    "ref": "write.Statement[0] (Write)",
                    "layer": "identity-based policy",
                    "text": {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
                }
            ],
            "context": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/writer", "aws:TagKeys": ["a", "b"]},
        },
        {
            "action": "kms:GenerateDataKey",
            "resource": KEY,
            "decision": "ImplicitlyDenied",
            "layer": "resource-based policy",
            "reason": "the key policy does not name the principal",
            "missing": f"an Allow of kms:GenerateDataKey on {KEY}",
            "via": "s3.amazonaws.com",
            "principal": None,
            "statements": [],
            "context": {},
        },
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    return folder


def _explain(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["explain", *arguments], env={"BULKHEAD_HOME": str(home.parent)})


def _in_order(text: str, parts: Sequence[str]) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_people_read_who_what_why_and_what_is_missing(home: Path) -> None:
    Decisions(home).record(DENIED)
    result = _explain(home, "the-id")
    assert result.exit_code == 0
    assert _in_order(
        result.stdout,
        [
            "Denied  s3 PutObject",
            "the-id",
            "assumed-role/writer/x",
            "403 AccessDenied",
            "check 1 of 2: s3:PutObject on arn:aws:s3:::bucket/[bold]key: Allowed by identity-based policy",
            "write.Statement[0] (Write)",
            '"Sid": "Write"',
            "aws:PrincipalArn",
            '["a", "b"]',
            "check 2 of 2: kms:GenerateDataKey",
            "s3.amazonaws.com, on the caller's behalf",
            "missing    an Allow of kms:GenerateDataKey",
        ],
    ), result.stdout


def test_the_last_refused_request_needs_no_id(home: Path) -> None:
    record = Decisions(home)
    record.record(DENIED)
    record.record({**DENIED, "request_id": "fine", "outcome": "Allowed"})
    assert json.loads(_explain(home, "LAST", "--json").stdout)["request_id"] == "the-id"
    assert json.loads(_explain(home, "--json").stdout)["request_id"] == "the-id"


def test_scripts_read_what_was_recorded(home: Path) -> None:
    Decisions(home).record(DENIED)
    assert json.loads(_explain(home, "the-id", "--json").stdout) == DENIED


def test_an_unknown_id_is_an_error_with_a_remedy(home: Path) -> None:
    Decisions(home).record(DENIED)
    result = _explain(home, "other-id")
    assert isinstance(result.exception, UserError)
    assert "other-id" in result.exception.message
    assert "RequestId" in result.exception.remedy


def test_a_statement_is_quoted_as_people_wrote_it() -> None:
    statement = Statement(
        index=0,
        sid="Guard",
        effect=Effect.DENY,
        principals=(PrincipalName("AWS", "*"),),
        not_actions=("s3:getobject", "kms:des*"),
        resources=("arn:aws:s3:::b", "arn:aws:s3:::b/*"),
        conditions=(Condition("Bool", "aws:securetransport", ("false",)), Condition("Null", "a:b", ("true", "false"))),
    )
    policy = Policy("2012-10-17", (statement,), PolicyKind.RESOURCE, "bucket policy")
    assert quote(policy, 0) == {
        "Sid": "Guard",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "NotAction": ["s3:GetObject", "kms:des*"],
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:securetransport": "false"}, "Null": {"a:b": ["true", "false"]}},
    }
