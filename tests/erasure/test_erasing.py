"""What a tenant left is found and removed, of every kind; its neighbour, whose id extends its own, keeps everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from infra import naming
from infra.erasure import bucket_contents, inventory, removal
from infra.erasure.inventory import Inventory, NotRead
from infra.erasure.kinds import EMBEDDED, TABLE
from infra.erasure.ownership import Owner
from infra.erasure.removal import Removal
from infra.live.account import Unread
from infra.sandbox.moto_extensions import registry
from tests.erasure import populated
from tests.erasure.populated import ACME, NEIGHBOUR, PLATFORM

_BUCKET = naming.bucket(PLATFORM, ACME.tenant, "capture")
_S3 = tuple(kind for kind in TABLE if kind.name in ("s3:bucket", "kms:key", "kms:alias", "kms:grant"))
_JOBS = tuple(kind for kind in TABLE if kind.name == "sagemaker:training-job")

#: What no API removes, or what the embedded cloud makes only of what it does not keep.
_NOT_POPULATED = {
    "application-autoscaling:policy", "application-autoscaling:target", "sagemaker:pipeline",
    "sagemaker:processing-job", "sagemaker:hyper-parameter-tuning-job", "sagemaker:compilation-job",
    "sagemaker:transform-job", "sagemaker:notebook-instance", "sagemaker:trial-component", "sagemaker:trial",
    "sagemaker:experiment", "logs:stream-of-ProcessingJobs", "logs:stream-of-TransformJobs", "cloudwatch:dashboard",
    "ec2:vpc-flow-log", "ec2:vpc-endpoint", "ec2:route-table",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    registry.apply()
    with mock_aws():
        yield


def _take(owner: Owner, kinds: Any = EMBEDDED) -> Inventory:
    return inventory.take(populated.account(), owner, kinds)


def _remove(found: Inventory, kinds: Any = EMBEDDED, **more: Any) -> tuple[Removal, ...]:
    return removal.remove(populated.account(), found, kinds=kinds, **more)


def _said(found: Inventory) -> set[tuple[str, str, int, str]]:
    return {(item.kind, item.id, item.count, item.expires) for item in found.items}


def test_an_account_without_the_tenant_has_an_empty_inventory() -> None:
    found = _take(ACME)
    assert found == Inventory(())
    assert found.empty


def test_everything_is_found_and_removed_and_the_neighbour_keeps_everything() -> None:
    ids = populated.populate(ACME)
    populated.populate(NEIGHBOUR)
    neighbours = _said(_take(NEIGHBOUR))
    before = _take(ACME)
    assert before.not_read == ()
    assert {kind.name for kind in EMBEDDED} - {item.kind for item in before.items} == _NOT_POPULATED
    counts = {item.kind: item.count for item in before.items if item.kind in bucket_contents.KINDS}
    assert counts == {"s3:object-version": 2, "s3:delete-marker": 1, "s3:multipart-upload": 1}
    results = _remove(before)
    assert [one for one in results if one.outcome not in ("removed", "scheduled", "gone")] == []
    assert (results[-1].kind, results[-1].id, results[-1].outcome) == ("kms:key", ids["key"], "scheduled")
    after = _take(ACME)
    assert after.empty
    assert {item.kind for item in after.items} == {"cloudwatch:metric", "kms:key"}
    assert all(item.expires for item in after.items)
    assert _remove(after) == ()
    assert _said(_take(NEIGHBOUR)) == neighbours
    assert populated.client("kms").describe_key(KeyId=ids["key"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_bucket_of_more_than_a_page_is_counted_and_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_contents, "_PAGE", 2)
    s3 = populated.client("s3")
    populated.make_bucket(ACME.tenant)
    for number in range(5):
        s3.put_object(Bucket=_BUCKET, Key=f"captured/{number}", Body=b"x")
        s3.create_multipart_upload(Bucket=_BUCKET, Key=f"half/{number}")
    counts = bucket_contents.count(populated.account(), _BUCKET)
    assert counts == {"s3:object-version": 7, "s3:delete-marker": 1, "s3:multipart-upload": 6}
    assert [bucket_contents.remove(populated.account(), _BUCKET, kind) for kind in counts] == [7, 1, 6]
    assert sum(bucket_contents.count(populated.account(), _BUCKET).values()) == 0


def test_a_removal_that_is_cut_off_is_gone_on_with() -> None:
    """The first run dies after two removals; the second does the others, and says so of things gone since."""
    populated.make_key(ACME.tenant)
    populated.make_bucket(ACME.tenant)
    before = _take(ACME, _S3)
    said: list[Removal] = []

    def die(one: Removal) -> None:
        said.append(one)
        if len(said) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _remove(before, _S3, done=die)
    again = _remove(before, _S3)
    assert [one.outcome for one in again[:2]] == ["gone", "gone"]
    assert _take(ACME, _S3).empty


def test_what_cannot_be_read_is_named_and_the_inventory_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    original = populated.account().read

    def read(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "list_buckets":
            raise Unread(service, "ListBuckets", "AccessDenied", "no")
        return original(service, operation, **parameters)

    monkeypatch.setattr(populated.account(), "read", read)
    found = _take(ACME, _S3)
    assert found.not_read == (NotRead("s3:bucket", "", "s3 ListBuckets: AccessDenied: no"),)
    assert not found.empty


def test_the_key_waits_while_something_stands_against_the_erasure() -> None:
    populated.make_key(ACME.tenant)
    hidden = replace(_take(ACME, _S3), not_read=(NotRead("s3:bucket", "", "denied"),))
    assert {one.outcome for one in _remove(hidden, _S3)} == {"refused"}
    assert {one.outcome for one in _remove(_take(ACME, _S3), _S3)} == {"removed", "scheduled"}


def test_what_is_disputed_is_told_and_not_removed() -> None:
    """Somebody tagged a bucket of the neighbour as acme's."""
    populated.make_bucket(NEIGHBOUR.tenant)
    name = naming.bucket(PLATFORM, NEIGHBOUR.tenant, "capture")
    populated.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": populated.tag_list(ACME.tenant)})
    found = _take(ACME, _S3)
    assert {item.claim.dispute for item in found.left} == {"its name says that it is of acmeeu"}
    assert {one.outcome for one in _remove(found, _S3)} == {"refused"}
    assert bucket_contents.count(populated.account(), name)["s3:object-version"] == 2


def test_what_bears_the_tag_and_is_of_no_kind_is_found_by_the_index() -> None:
    queue = populated.client("sqs")
    queue.create_queue(QueueName="odd", tags={"tenant": "acme", "stage": "dev"})
    queue.create_queue(QueueName="others", tags={"tenant": "acmeeu", "stage": "dev"})
    (item,) = _take(ACME, ()).left
    assert (item.kind, item.arn) == (inventory.TAGGED, "arn:aws:sqs:eu-central-1:123456789012:odd")
    (refused,) = _remove(Inventory((item,)), ())
    assert (refused.outcome, refused.detail) == ("refused", "no removal is known for it: remove it by hand")


def test_a_job_that_runs_is_stopped_first(monkeypatch: pytest.MonkeyPatch) -> None:
    populated.make_training_job(ACME.tenant)
    found = _take(ACME, _JOBS)
    (job,) = found.left
    running = replace(job, fields={**job.fields, "TrainingJobStatus": "InProgress"})
    calls: list[str] = []
    original = populated.account().change

    def change(service: str, operation: str, **parameters: Any) -> Any:
        calls.append(operation)
        return {} if operation == "stop_training_job" else original(service, operation, **parameters)

    monkeypatch.setattr(populated.account(), "change", change)
    assert [one.outcome for one in _remove(Inventory((running,)), _JOBS)] == ["asked"]
    assert [one.outcome for one in _remove(found, _JOBS)] == ["removed"]
    assert calls == ["stop_training_job", "delete_training_job"]


@pytest.mark.parametrize("days", [6, 31])
def test_keys_wait_as_long_as_aws_allows(days: int) -> None:
    with pytest.raises(ValueError, match="AWS allows 7 to 30"):
        _remove(Inventory(()), window_days=days)


def test_a_bucket_whose_policy_hides_its_versions_is_emptied_in_the_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run takes the policy away and holds the key back; the next sees what was hidden, and ends it."""
    populated.make_key(ACME.tenant)
    populated.make_bucket(ACME.tenant)
    original = populated.account().read
    opened: list[str] = []

    def read(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "delete_bucket_policy":
            opened.append(parameters["Bucket"])
        if operation == "list_object_versions" and not opened:
            raise Unread(service, "ListObjectVersions", "AccessDenied", "an explicit deny")
        return original(service, operation, **parameters)

    monkeypatch.setattr(populated.account(), "read", read)
    first = {one.kind: one.outcome for one in _remove(_take(ACME, _S3), _S3)}
    assert first == {"s3:bucket": "failed"} | dict.fromkeys(("kms:alias", "kms:grant", "kms:key"), "refused")
    second = {one.kind: one.outcome for one in _remove(_take(ACME, _S3), _S3)}
    assert set(second.values()) == {"removed", "scheduled"}
    assert _take(ACME, _S3).empty
