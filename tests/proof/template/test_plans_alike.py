"""A plan that differs from an earlier one in names only is not proven anew; one that differs in more is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from infra.proof.report import Report
from infra.proof.template import Input, Kind, prove, prove_all
from tests.proof.facts.exports import Stack, allow
from tests.proof.template.made_alike import given
from tests.proof.template.test_same_as_naive import naive, told

_TODAY = date(2026, 1, 1)
_DEPLOYED = 4


@pytest.fixture(name="proofs")
def _proofs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One item for each proof that was not found in the cache."""
    found: list[int] = []
    original: Callable[..., Report] = prove._proven  # pyright: ignore[reportPrivateUsage]

    def counted(*arguments: object) -> Report:
        found.append(1)
        return original(*arguments)

    monkeypatch.setattr(prove, "_proven", counted)
    return found


def _stack(number: int, resource: str) -> Stack:
    stack = Stack(f"zeta{number}")
    stack.role(f"zeta{number}-work")
    policy = allow("s3:GetObject", resource=resource)
    stack.add("aws:iam/rolePolicy:RolePolicy", "work", {"role": f"zeta{number}-work", "policy": policy})
    stack.bucket(f"zeta{number}-data")
    return stack


def _own(number: int) -> str:
    return f"arn:aws:s3:::zeta{number}-data/*"


def _estate(number: int, resource: str, platform: str = "shared-data") -> tuple[Input, ...]:
    """What is deployed, and the plan of one more tenant."""
    shared = Stack("platform")
    shared.bucket(platform)
    deployed = [given(shared), *(given(_stack(each, _own(each))) for each in range(_DEPLOYED))]
    new = _stack(number, resource)
    steps = [{"op": "create", "urn": one["urn"], "newState": one} for one in new.resources]
    digest = json.dumps({"steps": steps, "changeSummary": {"create": len(steps)}})
    return (*deployed, Input(new.name, digest.encode(), Kind.PREVIEW))


def _across(report: Report) -> set[tuple[str | None, str | None]]:
    return {(one.from_, one.to) for one in report.findings if one.claim == "isolation"}


def test_the_plan_of_another_tenant_alike_is_found_in_the_cache(tmp_path: Path, proofs: list[int]) -> None:
    cache = tmp_path / "proof.cache"
    first = prove_all(_estate(7, _own(7)), today=_TODAY, cache=cache)
    second = prove_all(_estate(8, _own(8)), today=_TODAY, cache=cache)
    assert len(proofs) == 1
    assert "zeta7" in first.tenants
    assert "zeta8" in second.tenants
    assert told(second) == told(naive(_estate(8, _own(8))))


def test_a_plan_that_leaks_is_no_such_plan(tmp_path: Path, proofs: list[int]) -> None:
    cache = tmp_path / "proof.cache"
    assert not _across(prove_all(_estate(7, _own(7)), today=_TODAY, cache=cache))
    assert _across(prove_all(_estate(8, _own(0)), today=_TODAY, cache=cache)) == {("zeta8", "zeta0")}
    assert len(proofs) == 2
    assert _across(prove_all(_estate(9, _own(0)), today=_TODAY, cache=cache)) == {("zeta9", "zeta0")}


def test_what_is_shared_counts(tmp_path: Path, proofs: list[int]) -> None:
    cache = tmp_path / "proof.cache"
    prove_all(_estate(7, _own(7)), today=_TODAY, cache=cache)
    prove_all(_estate(8, _own(8), platform="other-data"), today=_TODAY, cache=cache)
    assert len(proofs) == 2
