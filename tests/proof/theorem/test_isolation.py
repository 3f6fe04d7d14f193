"""No tenant reaches another: by a wide resource, by a chain, by a third, through a service; each beside its sound twin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.evaluator.compiling import compile_policy
from infra.proof.facts import Estate
from infra.proof.report import Claim, Finding, Report, Verdict
from infra.proof.theorem.prove import prove, prove_pair, prove_tenant
from infra.proof.world import World
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate, trust
from tests.proof.theorem.estates import estate_of, records

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/"


def _tenant(name: str, *policies: str, **role: Any) -> Stack:
    """A tenant with a bucket, and a role that has some policies."""
    stack = Stack(name)
    stack.bucket(f"ml-{name}")
    stack.role(name, **role)
    for number, policy in enumerate(policies):
        stack.add("aws:iam/rolePolicy:RolePolicy", f"{name}-{number}", {"role": name, "policy": policy})
    return stack


def _leaks(found: Estate) -> list[Finding]:
    report = prove(found, only={Claim.ISOLATION})
    assert all(one.verdict is Verdict.LEAK for one in report.findings)
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
    sound = _tenant("acme", allow("s3:*", resource="arn:aws:s3:::ml-acme/*"))
    broken = _tenant("acme", allow("s3:*", resource="arn:aws:s3:::ml-acme*"))
    other = _tenant("acmeeu")
    assert _leaks(estate(sound, other)) == []
    (leak,) = _leaks(estate(broken, other))
    assert _ends(leak) == ("acme", "acmeeu")
    assert leak.principal == f"{_ROLE}acme"
    assert leak.resource is not None
    assert leak.resource.startswith("arn:aws:s3:::ml-acmeeu")
    (statement,) = leak.statements
    assert statement.layer == "identity"
    assert statement.urn is not None
    assert statement.urn.endswith("::acme-0")
    assert "sharing" in leak.reason
