"""Exports in which anything stands anywhere: each is refused with its name, or has a verdict that can be written down.

What once ended otherwise is in ``corpus``, and is tried in every run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.proof.report import Verdict
from tests.proof.hostile.judging import judged
from tests.proof.points.small import Small, Statement, allow, both, bucket_arn, document, role_arn, trusting

CORPUS = sorted((Path(__file__).with_name("corpus")).glob("*.json"))
#: How many exports are tried: the same in every run, or others each time where their number is given.
_GIVEN = os.environ.get("BULKHEAD_FUZZ_CASES")
_CASES = int(_GIVEN or "150")
_WORKER = role_arn("acme-worker")


def _seed() -> dict[str, Any]:
    """An export in which there is something of everything that the proof reads."""
    small = Small().settled()
    limit = document(allow("*"))
    small.acme.worker(allow("s3:GetObject", on=both("acme-data")), boundary=limit)
    tagged: Statement = {"StringLike": {"aws:RequestTag/tenant": "acme-*"}}
    trust = trusting({"AWS": _WORKER}, "sts:AssumeRole", "sts:TagSession", when=tagged)
    small.platform.worker(
        allow("s3:GetObject", on=f"{bucket_arn('${aws:PrincipalTag/tenant}')}-data/*"),
        name="tool",
        assumeRolePolicy=trust,
    )
    grant = {"grantId": "g", "keyId": small.acme.key_arn, "granteePrincipal": _WORKER, "operations": ["Decrypt"]}
    small.acme.add("aws:kms/grant:Grant", "grant", grant)
    endpoint = {"id": "vpce-1", "serviceName": "com.amazonaws.eu-central-1.s3", "vpcId": "vpc-1", "policy": limit}
    small.acme.add("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", endpoint, id="vpce-1")
    resources = [one for stack in (small.acme, small.globex, small.platform) for one in stack.resources]
    return {"version": 3, "deployment": {"resources": resources}}


_TEXT = json.dumps(_seed())
_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text("*?:/${}\\\"'aé\x00\ud7ff\uffff", max_size=12),
    st.sampled_from(["", "*", "arn:", "arn:aws:iam::123456789012:root", "2012-10-17", "{tenant}", "acme", "globex"]),
    st.sampled_from([[], {}, [[]], [{}], [None], {"": None}]),
    st.sampled_from(["Allow", "Deny", "sts:*", "aws:PrincipalTag/tenant", "ForAllValues:StringLike", "Null"]),
)


def _places(value: object) -> Iterator[tuple[dict[str, Any] | list[Any], str | int]]:
    """Every place in a JSON value, as what holds it and where it is there."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        for key, each in members.items():
            yield members, key
            yield from _places(each)
    elif isinstance(value, list):
        entries = cast("list[Any]", value)
        for at, each in enumerate(entries):
            yield entries, at
            yield from _places(each)


def _change(draw: st.DrawFn, whole: object) -> None:
    """Put something else into one place; of texts that are documents, into one place of the document."""
    places = list(_places(whole))
    if not places:
        return
    holder, where = draw(st.sampled_from(places))
    value: object = holder[where]  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType] - a key of a mapping, or a place in a list
    if isinstance(value, str) and value.startswith('{"Version') and draw(st.booleans()):
        inner = json.loads(value)
        _change(draw, inner)
        changed: object = json.dumps(inner)
    elif draw(st.booleans()):
        other, there = draw(st.sampled_from(places))
        changed = json.loads(json.dumps(other[there]))  # pyright: ignore[reportArgumentType, reportCallIssue] - as above
    else:
        changed = draw(_ANYTHING)
    holder[where] = changed  # pyright: ignore[reportArgumentType, reportCallIssue] - as above


@st.composite
def _exports(draw: st.DrawFn) -> bytes:
    whole = json.loads(_TEXT)
    for _ in range(draw(st.integers(1, 4))):
        _change(draw, whole)
    content = json.dumps(whole).encode()
    return content[: draw(st.integers(0, len(content)))] if draw(st.integers(0, 9)) == 0 else content


@given(_exports())
@settings(
    deadline=None,
    max_examples=_CASES,
    derandomize=_GIVEN is None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_anything_anywhere_is_refused_or_has_a_verdict(content: bytes) -> None:
    report = judged(content)
    assert report is None or report.verdict in Verdict


def test_the_seed_is_read_whole() -> None:
    report = judged(_TEXT.encode())
    assert report is not None
    assert report.unknown == ()
    assert report.not_modelled == ()


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_what_once_ended_otherwise(file: Path) -> None:
    report = judged(file.read_bytes())
    assert report is None or report.verdict in Verdict


def test_there_is_a_corpus() -> None:
    assert CORPUS
