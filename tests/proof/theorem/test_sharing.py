"""Sharing that is meant is taken out to the letter, printed, and told of when it has ended or nobody uses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from infra.proof.report import Claim, Report, Verdict
from infra.proof.theorem.inputs import Sharing
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import Stack, allow, estate

TODAY = date(2026, 11, 22)
MEANT = Sharing(
    from_="acme",
    to="globex",
    actions=("s3:GetObject", "s3:List*"),
    resources=("arn:aws:s3:::ml-globex", "arn:aws:s3:::ml-globex/public/*"),
    reason="a common benchmark",
    expires=date(2026, 12, 31),
)


def _proven(policy: str, *sharing: Sharing) -> Report:
    acme, globex = Stack("acme"), Stack("globex")
    acme.role("acme")
    acme.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": "acme", "policy": policy})
    globex.bucket("ml-globex")
    claims = {Claim.ISOLATION, Claim.SHARING}
    return prove(estate(acme, globex), sharing=sharing, today=TODAY, only=claims)


def test_what_is_meant_passes_and_is_printed() -> None:
    policy = allow("s3:GetObject", resource="arn:aws:s3:::ml-globex/public/*")
    assert _proven(policy).verdict is Verdict.LEAK
    report = _proven(policy, MEANT)
    assert (report.verdict, report.findings) == (Verdict.PROVED, ())
    (shared,) = report.shared
    assert (shared.from_, shared.to, shared.state, shared.expires) == ("acme", "globex", "used", "2026-12-31")


def test_what_is_beside_it_does_not_pass() -> None:
    objects = _proven(allow("s3:GetObject", resource="arn:aws:s3:::ml-globex/*"), MEANT)
    (leak,) = objects.findings
    assert leak.resource is not None
    assert not leak.resource.startswith("arn:aws:s3:::ml-globex/public/")
    actions = _proven(allow("s3:GetObject", "s3:PutObject", resource="arn:aws:s3:::ml-globex/public/*"), MEANT)
    assert [one.action for one in actions.findings] == ["s3:PutObject"]
    other_way = replace(MEANT, from_="globex", to="acme")
    found = _proven(allow("s3:GetObject", resource="arn:aws:s3:::ml-globex/public/*"), other_way)
    assert {one.claim for one in found.findings} == {Claim.ISOLATION, Claim.SHARING}


def test_what_has_ended_does_not_pass_and_is_told() -> None:
    policy = allow("s3:GetObject", resource="arn:aws:s3:::ml-globex/public/*")
    last_day = _proven(policy, replace(MEANT, expires=TODAY))
    assert last_day.verdict is Verdict.PROVED
    ended = _proven(policy, replace(MEANT, expires=date(2026, 11, 21)))
    assert ended.verdict is Verdict.LEAK
    assert {one.claim: one.verdict for one in ended.findings} == {
        Claim.ISOLATION: Verdict.LEAK,
        Claim.SHARING: Verdict.UNKNOWN,
    }
    assert [one.state for one in ended.shared] == ["expired"]


def test_what_nobody_uses_is_told() -> None:
    report = _proven(allow("s3:GetObject", resource="arn:aws:s3:::ml-acme/*"), MEANT)
    (finding,) = report.findings
    assert (finding.claim, report.verdict) == (Claim.SHARING, Verdict.UNKNOWN)
    assert "of no use" in finding.reason
    assert [one.state for one in report.shared] == ["unused"]


def test_the_world_can_be_meant_too() -> None:
    globex = Stack("globex")
    policy = allow("s3:GetObject", resource="arn:aws:s3:::ml-globex/public/*", Principal="*")
    globex.bucket("ml-globex", policy=policy)
    public = replace(MEANT, from_="outside")
    claims = {Claim.OUTSIDE, Claim.SHARING}
    assert prove(estate(globex), only=claims, today=TODAY).verdict is Verdict.LEAK
    report = prove(estate(globex), sharing=[public], only=claims, today=TODAY)
    assert (report.verdict, [one.state for one in report.shared]) == (Verdict.PROVED, ["used"])


def test_what_a_tenant_may_administer_of_its_own_can_be_meant_too() -> None:
    acme = Stack("acme")
    acme.role("acme")
    acme.bucket("ml-acme")
    administer = allow("s3:PutBucketPolicy", resource="arn:aws:s3:::ml-acme")
    acme.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": "acme", "policy": administer})
    claims = {Claim.FOUNDATION, Claim.SHARING}
    assert prove(estate(acme), only=claims, today=TODAY).verdict is Verdict.LEAK
    meant = replace(MEANT, to="acme", actions=("s3:PutBucketPolicy",), resources=("arn:aws:s3:::ml-acme",))
    report = prove(estate(acme), sharing=[meant], only=claims, today=TODAY)
    assert (report.verdict, [one.state for one in report.shared]) == (Verdict.PROVED, ["used"])
