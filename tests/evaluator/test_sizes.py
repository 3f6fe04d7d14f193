"""A document longer than AWS takes is refused where it is attached, and one of the longest that it takes is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from read_cases import answered

Json = dict[str, Any]

ACCOUNT = "111122223333"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/acme/job"
BUCKET = "arn:aws:s3:::acme-data/x"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/acme"

#: Where a document is attached, its limit in characters, what it needs beside Effect and Action, and for what request.
PLACES = [
    pytest.param("identity_policies", 10_240, "s3:GetObject", BUCKET, id="inline policies of a role: 10,240"),
    pytest.param("boundary", 6_144, "s3:GetObject", BUCKET, id="managed policy as boundary: 6,144"),
    pytest.param("session_policy", 2_048, "s3:GetObject", BUCKET, id="session policy: 2,048"),
    pytest.param("resource_policy", 20_480, "s3:GetObject", BUCKET, id="bucket policy: 20 KB"),
    pytest.param("resource_policy", 32_768, "kms:Decrypt", KEY, id="key policy: 32 KB"),
    pytest.param("trust", 4_096, "sts:AssumeRole", ROLE, id="trust policy: 4,096 at most"),
    pytest.param("vpc_endpoint_policy", 20_480, "s3:GetObject", BUCKET, id="endpoint policy: 20,480"),
    pytest.param("rcps", 5_120, "s3:GetObject", BUCKET, id="resource control policy: 5,120"),
]


def document(place: str, action: str, resource: str, length: int) -> Json:
    """A policy document of exactly so many characters without white space, padded by statements with long Sids."""
    effect = "Deny" if place == "rcps" else "Allow"
    statement: Json = {"Effect": effect, "Action": action, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ""}}}
    if place != "trust":
        statement["Resource"] = "*" if action.startswith("kms") or place != "resource_policy" else resource
    if place in ("resource_policy", "trust", "vpc_endpoint_policy", "rcps"):
        statement["Principal"] = "*" if place != "trust" else {"AWS": ACCOUNT}
    found = {"Version": "2012-10-17", "Statement": [statement]}
    missing = length - len(json.dumps(found, separators=(",", ":")))
    statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"] = "o" * missing
    return found


def request(place: str, action: str, resource: str, written: object) -> Json:
    base: Json = {"id": 1, "principal": CALLER, "action": action, "resource": resource, "resource_account": ACCOUNT}
    match place:
        case "trust":
            return {**base, "trust": True, "resource_policy": written}
        case "identity_policies":
            return {**base, place: [written]}
        case "rcps":
            return {**base, place: [[written]]}
        case _:
            return {**base, place: written}


@pytest.mark.parametrize(("place", "limit", "action", "resource"), PLACES)
def test_one_character_too_many(place: str, limit: int, action: str, resource: str) -> None:
    longest, longer = (
        answered(
            request(place, action, resource, json.dumps(document(place, action, resource, size), separators=(",", ":")))
        )
        for size in (limit, limit + 1)
    )
    assert longest.decision != "Error", longest.reason
    assert longer.decision == "Error"
    assert f"{limit:,}" in longer.reason or str(limit) in longer.reason


@pytest.mark.parametrize("place", ["identity_policies", "boundary"])
def test_white_space_counts_for_nothing_in_iam(place: str) -> None:
    written = json.dumps(document(place, "s3:GetObject", BUCKET, 6_000), indent=200)
    assert len(written) > 10_240
    assert answered(request(place, "s3:GetObject", BUCKET, written)).decision != "Error"
