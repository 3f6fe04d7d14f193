"""What is not known is listed; whether the verdict depends on it is told apart."""

from __future__ import annotations

import pytest

from infra.evaluator.kinds import PolicyKind
from infra.proof.facts import Document, Estate, Family, Principal, PrincipalKind, Resource, Source, Unknown
from infra.proof.report import Claim, Verdict
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import ACCOUNT, allow, trust


def _source(name: str) -> Source:
    return Source("tenants/acme", f"urn:{name}")


def _principal(policy: str | None) -> Principal:
    source = _source("role")
    return Principal(
        arn=f"arn:aws:iam::{ACCOUNT}:role/acme",
        kind=PrincipalKind.ROLE,
        owner="acme",
        account=ACCOUNT,
        identity=(Document(policy, PolicyKind.IDENTITY, source, "policy"),),
        boundary=None,
        trust=Document(trust(Service="ec2.amazonaws.com"), PolicyKind.TRUST, source, "assumeRolePolicy"),
        tags={},
        source=source,
    )


def _queue(owner: str | None) -> Resource:
    arn = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q"
    return Resource(
        arn=arn,
        token="aws:sqs/queue:Queue",
        families=(Family(arn, "sqs", "queue"),),
        owner=owner,
        account=ACCOUNT,
        policies=(),
        tags={},
        runs_as=(),
        keys=(),
        settings={},
        source=_source("queue"),
    )


def _estate(*unknown: tuple[str, str], policy: str | None = None, owner: str | None = "globex") -> Estate:
    facts = tuple(Unknown(_source(name), key, "it is not known") for name, key in unknown)
    return Estate(principals=(_principal(policy or allow("s3:Get*")),), resources=(_queue(owner),), unknown=facts)


@pytest.mark.parametrize(
    ("what", "key", "owner", "matters"),
    [
        ("role", "policy", "globex", True),  # no policy of the role is unknown: another property of that name is
        ("queue", "arn", "globex", False),
        ("role", "arn", "globex", True),
        ("queue", "tags", "globex", False),
        ("queue", "tags", None, True),
        ("function", "role", "globex", True),
    ],
)
def test_what_matters_is_told_apart(what: str, key: str, owner: str | None, *, matters: bool) -> None:
    report = prove(_estate((what, key), owner=owner), only={Claim.ISOLATION})
    assert [(one.urn, one.property, one.matters) for one in report.unknown] == [(f"urn:{what}", key, matters)]
    assert report.verdict is (Verdict.UNKNOWN if matters else Verdict.PROVED)


def test_a_policy_that_is_not_known_matters_by_what_the_worst_would_do() -> None:
    estate = Estate(
        principals=(_principal(None),),
        resources=(_queue("acme"),),
        unknown=(Unknown(_source("role"), "policy", "the policy is not known before it is deployed"),),
    )
    harmless = prove(estate, only={Claim.ISOLATION})
    assert [one.matters for one in harmless.unknown] == [False]
    assert harmless.verdict is Verdict.PROVED
    other = Estate(principals=estate.principals, resources=(_queue("globex"),), unknown=estate.unknown)
    harmful = prove(other, only={Claim.ISOLATION})
    assert harmful.verdict is Verdict.UNKNOWN
    assert {one.verdict for one in harmful.findings} == {Verdict.UNKNOWN}


def test_a_policy_that_aws_would_refuse_is_listed() -> None:
    report = prove(_estate(policy='{"Version": "2030-01-01", "Statement": []}'), only={Claim.ISOLATION})
    (one,) = report.unknown
    assert "AWS would refuse the policy" in one.why
    assert report.verdict is Verdict.UNKNOWN
