"""No tenant reaches another: by a wide resource, a chain, a third, a service; each beside its sound twin."""

from __future__ import annotations

from typing import Any

import pytest

from infra.proof.report import Claim, Finding, Report, Verdict
from infra.proof.theorem.prove import prove, prove_pair, prove_tenant
from infra.proof.theorem.reaching import MOST_FINDINGS
from infra.proof.world import World
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate, trust
from tests.proof.theorem.estates import estate_of, records

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
_REGION = "eu-central-1"


def _tenant(name: str, *policies: str, **role: Any) -> Stack:
    """A tenant with a bucket, and a role that has some policies."""
    stack = Stack(name)
    stack.bucket(f"ml-{name}")
    stack.role(name, **role)
    _give(stack, name, *policies)
    return stack


def _give(stack: Stack, role: str, *policies: str) -> None:
    for number, policy in enumerate(policies):
        stack.add("aws:iam/rolePolicy:RolePolicy", f"{role}-{number}", {"role": role, "policy": policy})


def _leaks(*stacks: Stack) -> list[Finding]:
    report = prove(estate(*stacks), only={Claim.ISOLATION})
    assert all(one.verdict is Verdict.LEAK for one in report.findings)
    assert report.verdict is (Verdict.LEAK if report.findings else Verdict.PROVED)
    return list(report.findings)


def _ends(one: Finding) -> tuple[str | None, str | None]:
    return one.from_, one.to


@pytest.fixture(scope="module", name="own")
def _own() -> Report:
    return prove(estate_of(records()))


def test_our_own_estate_is_proven(own: Report) -> None:
    assert own.findings == ()
    assert own.verdict is Verdict.PROVED
    assert own.tenants == ("acme", "globex")
    assert own.pairs == 2


def test_a_prefix_that_does_not_end_also_means_a_tenant_whose_name_goes_on() -> None:
    other = _tenant("acmeeu")
    assert _leaks(_tenant("acme", allow("s3:*", resource="arn:aws:s3:::ml-acme/*")), other) == []
    (leak,) = _leaks(_tenant("acme", allow("s3:*", resource="arn:aws:s3:::ml-acme*")), other)
    assert _ends(leak) == ("acme", "acmeeu")
    assert leak.principal == f"{_ROLE}acme"
    assert leak.resource is not None
    assert leak.resource.startswith("arn:aws:s3:::ml-acmeeu")
    (statement,) = leak.statements
    assert statement.layer == "identity"
    assert statement.urn is not None
    assert statement.urn.endswith("::acme-0")
    assert leak.chain == ()
    assert "sharing" in leak.reason


def test_a_chain_through_a_third_tenant_is_told_with_its_steps() -> None:
    middle = _tenant("initech", allow("s3:*", resource="arn:aws:s3:::ml-globex/*"))
    first = _tenant("acme", allow("sts:AssumeRole", resource=f"{_ROLE}initech"))
    last = _tenant("globex")
    sound = _leaks(first, middle, last)
    assert {_ends(one) for one in sound} == {("initech", "globex")}
    open_middle = _tenant(
        "initech",
        allow("s3:*", resource="arn:aws:s3:::ml-globex/*"),
        assumeRolePolicy=trust(AWS=f"{_ROLE}acme"),
    )
    broken = {_ends(one): one for one in _leaks(first, open_middle, last)}
    assert set(broken) == {("initech", "globex"), ("acme", "initech"), ("acme", "globex")}
    assert broken["acme", "initech"].action == "sts:AssumeRole"
    through = broken["acme", "globex"]
    assert [(one.kind, one.principal, one.becomes) for one in through.chain] == [
        ("assume-role", f"{_ROLE}acme", f"{_ROLE}initech")
    ]
    assert through.principal == f"{_ROLE}initech"
    assert broken["initech", "globex"].chain == ()


def test_a_role_of_the_platform_that_a_tenant_becomes_is_the_tenants() -> None:
    platform = Stack("platform")
    platform.role("operator", assumeRolePolicy=trust(AWS=f"{_ROLE}acme"))
    _give(platform, "operator", allow("s3:GetObject"))
    tenant = _tenant("acme", allow("sts:AssumeRole", resource=f"{_ROLE}operator"))
    (leak,) = _leaks(platform, tenant, _tenant("globex"))
    assert _ends(leak) == ("acme", "globex")
    assert [one.becomes for one in leak.chain] == [f"{_ROLE}operator"]
    closed = Stack("platform")
    closed.role("operator", assumeRolePolicy=trust(Service="ecs-tasks.amazonaws.com"))
    _give(closed, "operator", allow("s3:GetObject"))
    assert _leaks(closed, tenant, _tenant("globex")) == []


def test_a_condition_on_the_owners_tag_separates_and_without_it_nothing_does() -> None:
    own = {"StringEquals": {"aws:ResourceTag/tenant": "${aws:PrincipalTag/tenant}"}}
    secret = f"arn:aws:secretsmanager:{_REGION}:{ACCOUNT}:secret:"

    def stacks(**condition: Any) -> list[Stack]:
        found = [_tenant(name, allow("secretsmanager:GetSecretValue", **condition)) for name in ("acme", "globex")]
        for one in found:
            token = "aws:secretsmanager/secret:Secret"
            one.add(
                token, "s", {"arn": f"{secret}{one.name}-AbCdEf", "name": one.name, "tagsAll": {"tenant": one.name}}
            )
        return found

    assert _leaks(*stacks(Condition=own)) == []
    assert {_ends(one) for one in _leaks(*stacks())} == {("acme", "globex"), ("globex", "acme")}


def test_what_a_service_does_for_a_tenants_rule_is_the_tenants() -> None:
    def queue(**condition: Any) -> Stack:
        stack = _tenant("globex")
        arn = f"arn:aws:sqs:{_REGION}:{ACCOUNT}:globex"
        policy = allow("sqs:SendMessage", resource=arn, Principal={"Service": "events.amazonaws.com"}, **condition)
        stack.add("aws:sqs/queue:Queue", "q", {"arn": arn, "name": "globex", "policy": policy})
        return stack

    own = f"arn:aws:events:{_REGION}:{ACCOUNT}:rule/"
    maker = _tenant("acme", allow("events:PutRule", "events:PutTargets", resource=f"{own}acme-*"))
    of_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    of_rule = {"ArnLike": {"aws:SourceArn": f"{own}globex-*"}}
    (leak,) = _leaks(maker, queue(Condition=of_account))
    assert (leak.principal, leak.action) == ("events.amazonaws.com", "sqs:SendMessage")
    assert [one.principal for one in leak.chain] == [f"{_ROLE}acme"]
    assert _leaks(maker, queue(Condition=of_rule)) == []
    assert _leaks(_tenant("acme"), queue(Condition=of_account)) == []


def test_a_key_for_everybody_who_comes_by_a_service_is_everybodys() -> None:
    def key(principal: Any) -> Stack:
        stack = _tenant("globex")
        arn = f"arn:aws:kms:{_REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
        via = {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"s3.{_REGION}.amazonaws.com"}}
        policy = allow("kms:Decrypt", Principal=principal, Condition=via)
        stack.add("aws:kms/key:Key", "k", {"arn": arn, "keyId": arn.rpartition("/")[2], "policy": policy})
        return stack

    (leak,) = _leaks(_tenant("acme"), key("*"))
    assert (leak.action, leak.context["kms:viaservice"]) == ("kms:Decrypt", f"s3.{_REGION}.amazonaws.com")
    assert leak.statements[0].layer == "resource"
    assert _leaks(_tenant("acme"), key({"AWS": f"{_ROLE}globex"})) == []


def test_findings_of_a_pair_are_capped_and_the_rest_is_counted() -> None:
    other = _tenant("globex")
    for number in range(MOST_FINDINGS + 5):
        other.bucket(f"more-{number}")
    found = _leaks(_tenant("acme", allow("s3:*")), other)
    assert len(found) == MOST_FINDINGS
    assert "6 more combinations" in found[-1].reason
    assert not any("more combinations" in one.reason for one in found[:-1])


def test_a_pair_and_a_tenant_can_be_proven_alone() -> None:
    wide = _tenant("acme", allow("s3:*"))
    world = World(estate(wide, _tenant("globex"), _tenant("initech")))
    assert {_ends(one) for one in prove_pair(world, "acme", "globex")} == {("acme", "globex")}
    assert list(prove_pair(world, "globex", "acme")) == []
    found = prove_tenant(world, "acme", only={Claim.ISOLATION})
    assert {_ends(one) for one in found} == {("acme", "globex"), ("acme", "initech")}


def test_a_policy_that_is_not_known_is_the_worst_and_said_so() -> None:
    unread = _tenant("acme")
    unread.add(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "a",
        {"role": "acme", "policyArn": "arn:aws:iam::aws:policy/Some"},
    )
    report = prove(estate(unread, _tenant("globex")), only={Claim.ISOLATION})
    assert report.verdict is Verdict.UNKNOWN
    assert {one.verdict for one in report.findings} == {Verdict.UNKNOWN}
    assert all("arn:aws:iam::aws:policy/Some" in one.reason for one in report.findings)
    assert [one.matters for one in report.unknown] == [False]


def test_a_policy_that_is_not_known_is_no_matter_where_the_worst_does_no_harm() -> None:
    guarded = _tenant("acme")
    boundary = allow("s3:*", resource="arn:aws:s3:::ml-acme/*")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/b"
    guarded.add("aws:iam/policy:Policy", "b", {"arn": arn, "name": "b", "policy": boundary})
    guarded.role("worker", permissionsBoundary=arn)
    guarded.add(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "a",
        {"role": "worker", "policyArn": "arn:aws:iam::aws:policy/Some"},
    )
    report = prove(estate(guarded, _tenant("globex")), only={Claim.ISOLATION})
    assert (report.verdict, report.findings) == (Verdict.PROVED, ())
    assert [one.why for one in report.unknown if "Some" in one.why]


def test_what_cannot_be_decided_is_unknown() -> None:
    both = {
        "NumericLessThan": {"s3:max-keys": "5"},
        "NumericGreaterThan": {"s3:max-keys": "5"},
        "StringNotEquals": {"s3:max-keys": "3"},
    }
    report = prove(estate(_tenant("acme", allow("s3:*", Condition=both)), _tenant("globex")), only={Claim.ISOLATION})
    assert report.verdict is Verdict.UNKNOWN
    assert {one.verdict for one in report.findings} == {Verdict.UNKNOWN}
    assert "s3:max-keys" in report.findings[0].reason


def test_a_type_that_is_not_modelled_is_listed_and_keeps_the_verdict_open() -> None:
    shares = _tenant("acme")
    shares.add("aws:ram/resourceShare:ResourceShare", "r", {"name": "r"})
    report = prove(estate(shares, _tenant("globex")), only={Claim.ISOLATION})
    assert report.verdict is Verdict.UNKNOWN
    (one,) = report.not_modelled
    assert (one.type, one.could_matter) == ("aws:ram/resourceShare:ResourceShare", True)


def test_progress_is_told_for_every_tenant() -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        told.append((done, of))

    prove(estate(_tenant("acme"), _tenant("globex")), progress=tell)
    assert told == [(1, 2), (2, 2)]


def test_a_name_that_looks_like_a_placeholder_is_a_name() -> None:
    other = Stack("{globex}")
    other.bucket("ml-{0}")
    (leak,) = _leaks(_tenant("acme", allow("s3:GetObject")), other)
    assert "{globex}'s" in leak.reason
    assert "s3:GetObject" in leak.reason
