"""`prove_all` on copies of a real export, with and without a cache, and what it says of many alike."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bench.copies import Copies
from infra.proof.facts import Unreadable
from infra.proof.report import Report, Verdict
from infra.proof.template import Input, Kind, expanding, prove_all, whole, worker
from infra.proof.template.boundaries import Cuts
from infra.proof.theorem.inputs import Control, Sharing
from tests.proof.facts.exports import ACCOUNT, Stack, allow
from tests.proof.template.made_alike import given
from tests.proof.template.test_same_as_naive import naive, told

_EXPORT = Path(__file__).parents[1] / "facts" / "acme_export.json"
_TODAY = date(2026, 1, 1)
_TENANTS = tuple(f"copy{number}x" for number in range(5))


def _copies() -> Iterator[Input]:
    copies = Copies(_EXPORT.read_text(), "acme", "51faef04")
    for number, tenant in enumerate(_TENANTS):
        yield Input(tenant, copies.copy(number, tenant).encode())


def _readers(count: int, resource: str = "arn:aws:s3:::*-data/*") -> tuple[Input, ...]:
    """Tenants of whom each may read what all have."""
    found: list[Input] = []
    for number in range(count):
        stack = Stack(f"zeta{number}")
        stack.role(f"zeta{number}-work")
        policy = allow("s3:GetObject", resource=resource)
        stack.add("aws:iam/rolePolicy:RolePolicy", "work", {"role": f"zeta{number}-work", "policy": policy})
        stack.bucket(f"zeta{number}-data")
        found.append(given(stack))
    return tuple(found)


def _isolation(report: Report) -> set[tuple[str | None, str | None]]:
    return {(one.from_, one.to) for one in report.findings if one.claim == "isolation"}


@pytest.fixture(name="reads")
def _reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the deployments that are read, as they are read."""
    found: list[str] = []
    original = worker.summary

    def counted(content: bytes, where: str, *others: object) -> object:
        found.append(where)
        return original(content, where, *others)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(worker, "summary", counted)
    return found


def test_copies_of_a_real_export_are_proven_as_each_by_itself() -> None:
    inputs = tuple(_copies())
    report = prove_all(inputs, today=_TODAY)
    assert told(report) == told(naive(inputs))
    assert report.tenants == _TENANTS
    assert report.pairs == 20


def test_a_leak_between_two_copies_is_found_and_only_that() -> None:
    inputs = list(_copies())
    export = json.loads(bytes(inputs[1].content))  # pyright: ignore[reportArgumentType]
    for resource in export["deployment"]["resources"]:
        if resource["type"] == "aws:iam/role:Role" and resource["urn"].endswith("training"):
            document = json.loads(resource["outputs"]["assumeRolePolicy"])
            who = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bulkhead/dev/{_TENANTS[3]}/bh-dev-{_TENANTS[3]}-training"}
            document["Statement"].append({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})
            resource["outputs"]["assumeRolePolicy"] = json.dumps(document)
    inputs[1] = Input(_TENANTS[1], json.dumps(export).encode())
    attacker = json.loads(bytes(inputs[3].content))  # pyright: ignore[reportArgumentType]
    for resource in attacker["deployment"]["resources"]:
        if resource["type"] == "aws:iam/role:Role" and resource["urn"].endswith("training"):
            del resource["outputs"]["permissionsBoundary"]
            resource["outputs"]["inlinePolicies"] = [{"name": "more", "policy": allow("sts:AssumeRole")}]
    inputs[3] = Input(_TENANTS[3], json.dumps(attacker).encode())
    report = prove_all(inputs, today=_TODAY)
    assert _isolation(report) == {(_TENANTS[3], _TENANTS[1])}
    assert told(report) == told(naive(inputs))


def test_a_leak_of_the_template_is_a_leak_of_every_pair() -> None:
    inputs = _readers(4)
    report = prove_all(inputs, today=_TODAY)
    assert len(_isolation(report)) == 12
    assert told(report) == told(naive(inputs))


def test_many_alike_are_counted() -> None:
    report = prove_all(_readers(9), today=_TODAY)
    found = [one for one in report.findings if one.claim == "isolation"]
    assert len(found) == expanding.MOST_ALIKE
    assert "for 72 pairs" in found[0].reason
    assert report.verdict is Verdict.LEAK


def test_findings_name_the_tenants_that_they_are_about() -> None:
    report = prove_all(_readers(5), today=_TODAY)
    for one in report.findings:
        if one.claim == "isolation":
            assert one.principal == f"arn:aws:iam::{ACCOUNT}:role/{one.from_}-work"
            assert str(one.resource).startswith(f"arn:aws:s3:::{one.to}-data")
            assert {each.urn for each in one.statements} == {
                f"urn:pulumi:{one.from_}::tenants::aws:iam/rolePolicy:RolePolicy::work"
            }


def test_an_attachment_to_another_tenant_s_role_counts() -> None:
    """The policy is in the stack of one tenant, and the role in that of another."""
    own = "arn:aws:s3:::zeta0-data/*"
    inputs = list(_readers(5, own.replace("zeta0", "nobody")))
    stack = Stack("kappa")
    stack.bucket("kappa-data")
    policy = allow("s3:GetObject", resource="arn:aws:s3:::kappa-data/*")
    stack.add("aws:iam/rolePolicy:RolePolicy", "more", {"role": "zeta2-work", "policy": policy})
    report = prove_all([*inputs, given(stack)], today=_TODAY)
    assert _isolation(report) == {("zeta2", "kappa")}


def _unterminated() -> tuple[Input, ...]:
    """Tenants whose patterns lack the end of their ids, one of which begins with another."""
    found: list[Input] = []
    for name in ("zeta", "zetaeu", "omega", "sigma"):
        stack = Stack(name)
        stack.role(f"{name}-work")
        policy = allow("s3:GetObject", resource=f"arn:aws:s3:::bh-{name}*")
        stack.add("aws:iam/rolePolicy:RolePolicy", "work", {"role": f"{name}-work", "policy": policy})
        stack.bucket(f"bh-{name}-data")
        found.append(given(stack))
    return tuple(found)


def test_a_prefix_that_covers_another_tenant_is_a_leak_of_these_two() -> None:
    report = prove_all(_unterminated(), today=_TODAY)
    assert _isolation(report) == {("zeta", "zetaeu")}


def _nothing(_self: Cuts, _pattern: str) -> None:
    """Look at no pattern."""


def _none(_summaries: object) -> frozenset[Input]:
    """Find no ties."""
    return frozenset()


def test_without_looking_at_patterns_the_proof_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cuts, "add", _nothing)
    report = prove_all(_unterminated(), today=_TODAY)
    assert _isolation(report) != {("zeta", "zetaeu")}


def test_without_looking_at_ties_the_proof_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket is protected by a policy in another stack: read apart, it looks as if it were not."""
    inputs = list(_readers(4))
    own = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::zeta0-data/*"}
    stack = Stack("kappa")
    guard = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    stack.add("aws:s3/bucketPolicy:BucketPolicy", "guard", {"bucket": "zeta0-data", "policy": guard})
    inputs.append(given(stack))
    assert ("zeta1", "zeta0") not in _isolation(prove_all(inputs, today=_TODAY))
    monkeypatch.setattr(whole, "tied", _none)
    assert ("zeta1", "zeta0") in _isolation(prove_all(inputs, today=_TODAY))


def test_what_is_shared_on_purpose_is_no_leak_for_the_one_alone() -> None:
    sharing = Sharing(
        from_="zeta1",
        to="zeta2",
        actions=("s3:GetObject",),
        resources=("arn:aws:s3:::zeta2-data/*",),
        reason="both agreed",
        expires=date(2026, 2, 1),
    )
    report = prove_all(_readers(5), sharing=[sharing], today=_TODAY)
    assert len(_isolation(report)) == 19
    assert ("zeta1", "zeta2") not in _isolation(report)
    assert [one.state for one in report.shared] == ["used"]


def test_a_control_that_one_tenant_fails_is_told_of_that_one() -> None:
    controls = [
        Control(
            owner=f"zeta{number}",
            principal_arn=f"arn:aws:iam::{ACCOUNT}:role/zeta{number}-work",
            action="s3:GetObject" if number != 3 else "s3:PutObject",
            resource=f"arn:aws:s3:::zeta{number}-data/x",
        )
        for number in range(5)
    ]
    report = prove_all(_readers(5), controls=controls, today=_TODAY)
    assert [one.from_ or one.to for one in report.findings if one.claim == "control"] == ["zeta3"]


def test_a_second_run_reads_what_changed_only(tmp_path: Path, reads: list[str]) -> None:
    inputs = list(_copies())
    cache = tmp_path / "proof.cache"
    first = prove_all(inputs, today=_TODAY, cache=cache)
    assert sorted(reads) == sorted(_TENANTS)
    reads.clear()
    again = prove_all(inputs, today=_TODAY, cache=cache)
    assert reads == []
    assert told(again) == told(first)
    changed = bytes(inputs[2].content).replace(b"s3:AbortMultipartUpload", b"s3:GetObjectTorrent")  # pyright: ignore[reportArgumentType]
    inputs[2] = Input(_TENANTS[2], changed)
    after = prove_all(inputs, today=_TODAY, cache=cache)
    assert reads == [_TENANTS[2]]
    assert told(after) == told(prove_all(inputs, today=_TODAY))


def test_the_cache_never_hides_a_leak(tmp_path: Path) -> None:
    """One tenant becomes another while the cache is there; the other way round the leak is gone."""
    cache = tmp_path / "proof.cache"
    safe, leaking = _readers(4, "arn:aws:s3:::nobody/*"), _readers(4)
    for inputs in (safe, (*safe[:2], *leaking[2:]), leaking, safe):
        assert told(prove_all(inputs, today=_TODAY, cache=cache)) == told(naive(inputs))


def test_the_cache_is_the_owner_s_alone(tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "proof.cache"
    prove_all(_readers(2), today=_TODAY, cache=cache)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert [path.name for path in cache.parent.iterdir()] == [cache.name]


def _truncate(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:-20])


def _of_other_version(cache: Path) -> None:
    content = cache.read_bytes()
    cache.write_bytes(content[:10] + bytes([content[10] ^ 1]) + content[11:])


def _empty(cache: Path) -> None:
    cache.write_bytes(b"")


def _of_other_format(cache: Path) -> None:
    cache.write_text('{"verdict": "Proved"}')


def _for_others(cache: Path) -> None:
    cache.chmod(0o666)


def _deleted(cache: Path) -> None:
    cache.unlink()


@pytest.mark.parametrize(
    "spoil",
    [_truncate, _of_other_version, _empty, _of_other_format, _for_others, _deleted],
    ids=["truncated", "other version", "empty", "other format", "writable by others", "deleted"],
)
def test_a_cache_that_is_none_is_ignored(tmp_path: Path, reads: list[str], spoil: Callable[[Path], object]) -> None:
    cache = tmp_path / "proof.cache"
    inputs = _readers(3)
    first = prove_all(inputs, today=_TODAY, cache=cache)
    reads.clear()
    spoil(cache)
    assert told(prove_all(inputs, today=_TODAY, cache=cache)) == told(first)
    assert len(reads) == 3


def test_a_cache_behind_a_link_is_ignored(tmp_path: Path, reads: list[str]) -> None:
    inputs = _readers(2)
    prove_all(inputs, today=_TODAY, cache=tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    reads.clear()
    prove_all(inputs, today=_TODAY, cache=tmp_path / "link")
    assert len(reads) == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"missing\.json"):
        prove_all([Input("zeta", tmp_path / "missing.json")])


def test_a_folder_and_deployments_are_one_estate(tmp_path: Path) -> None:
    bucket = {"Bucket": "kappa-data", "TagSet": [{"Key": "tenant", "Value": "kappa"}], "Account": ACCOUNT}
    (tmp_path / "bucket.json").write_text(json.dumps(bucket))
    inputs = (*_readers(4), Input("folder", tmp_path, Kind.FOLDER))
    report = prove_all(inputs, today=_TODAY)
    assert {pair for pair in _isolation(report) if "kappa" in pair} == {
        (f"zeta{number}", "kappa") for number in range(4)
    }
    assert told(report) == told(naive(inputs))


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    prove_all(_readers(3), today=_TODAY, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3), (1, 1)]
