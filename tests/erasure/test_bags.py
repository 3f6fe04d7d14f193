"""An export is a bag that anyone can check by its manifest, and that a writer which died is gone on with."""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from infra.erasure import bags
from infra.erasure.account import ErasableAccount
from infra.erasure.bags import Bag
from tests.erasure import populated

_FROM, _TO = "bh-dev-acme-data", "bulkhead-exports-dev"
_CONTENT = {"a/1.csv": b"one", "a/2 %ü.csv": b"two", "b\nc": b"three", "empty": b"", "z/last": b"five"}


@pytest.fixture(autouse=True)
def _cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    monkeypatch.setattr(bags, "PAGE", 2)
    with mock_aws():
        s3 = populated.client("s3")
        for bucket in (_FROM, _TO):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": populated.REGION})
        s3.put_bucket_versioning(Bucket=_FROM, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=_FROM, Key="a/1.csv", Body=b"an earlier version")
        s3.put_object(Bucket=_FROM, Key="deleted", Body=b"x")
        s3.delete_object(Bucket=_FROM, Key="deleted")
        for key, content in _CONTENT.items():
            s3.put_object(Bucket=_FROM, Key=key, Body=content)
        yield


def _bag(account: ErasableAccount | None = None) -> Bag:
    return Bag(account or populated.account(), _TO, "acme/op-1/")


def _write(bag: Bag) -> tuple[int, int]:
    bag.add("spec", "acme.yaml", b"id: acme\n")
    bag.copy(populated.account(), _FROM, "data", lambda _: None)
    there = bag.finish({"External-Identifier": "op-1"})
    bag.tidy()
    return there


def _read(path: str) -> bytes:
    return populated.client("s3").get_object(Bucket=_TO, Key=f"acme/op-1/{path}")["Body"].read()


def _checked() -> dict[str, bytes]:
    """The payload by its paths, each file checked against the manifest; nothing else may be there."""
    payload: dict[str, bytes] = {}
    for line in _read("manifest-sha256.txt").decode().splitlines():
        digest, _, path = line.partition("  ")
        name = path.replace("%0A", "\n").replace("%25", "%")
        payload[name] = _read(name)
        assert hashlib.sha256(payload[name]).hexdigest() == digest, path
    listed = populated.client("s3").list_objects_v2(Bucket=_TO)["Contents"]
    tags = {"manifest-sha256.txt", "bagit.txt", "bag-info.txt"}
    assert {each["Key"].removeprefix("acme/op-1/") for each in listed} == {*payload, *tags}
    return payload


_EXPECTED = {"data/spec/acme.yaml": b"id: acme\n", **{f"data/data/{key}": body for key, body in _CONTENT.items()}}


def test_a_bag_holds_what_is_current_and_its_manifest_says_so() -> None:
    bag = _bag()
    assert bag.complete() is None
    size, count = _write(bag)
    assert _checked() == _EXPECTED
    assert (size, count) == (sum(map(len, _EXPECTED.values())), len(_EXPECTED))
    assert bag.complete() == (size, count)
    assert _read("bagit.txt") == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class _Mortal(ErasableAccount):
    """An account whose user dies after so many changes."""

    left = 0

    def change(self, service: str, operation: str, **parameters: Any) -> Any:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().change(service, operation, **parameters)


#: The spec and its note; pages of two, two and one objects, each with its note; manifest and two more; four notes.
_PAGES_END_AT, _CHANGES = (5, 8, 10), 17


@pytest.mark.parametrize("changes", range(_CHANGES))
def test_a_writer_that_died_anywhere_is_gone_on_with(changes: int) -> None:
    account = _Mortal(populated.account()._ways)  # pyright: ignore[reportPrivateUsage]
    account.left = changes
    with pytest.raises(KeyboardInterrupt):
        _write(_bag(account))
    copied: list[str] = []
    bag = _bag()
    if bag.complete() is None:
        bag.add("spec", "acme.yaml", b"id: acme\n")
        bag.copy(populated.account(), _FROM, "data", lambda one: copied.append(one.path))
        bag.finish({})
    bag.tidy()
    assert _checked() == _EXPECTED
    kept = sum(2 for end in _PAGES_END_AT if changes >= end)
    assert len(copied) == max(0, len(_CONTENT) - kept), "a page that was noted is not copied again"
    assert bag.complete() == (sum(map(len, _EXPECTED.values())), len(_EXPECTED))


class _Asked:
    """A body that remembers how much of it was asked for at a time."""

    def __init__(self, body: Any, asked: list[int]) -> None:
        self._body, self._asked = body, asked

    def read(self, amount: int) -> bytes:
        self._asked.append(amount)
        return self._body.read(amount)


def test_a_large_object_is_streamed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    part = 5 * 1024 * 1024
    monkeypatch.setattr(bags, "PART", part)
    content = bytes(range(256)) * (2 * part // 256 + 3)
    populated.client("s3").put_object(Bucket=_FROM, Key="large", Body=content)
    asked: list[int] = []
    uploaded: list[int] = []
    account = populated.account()
    read, change = account.read, account.change

    def reading(service: str, operation: str, **parameters: Any) -> Any:
        answer = read(service, operation, **parameters)
        if operation == "get_object" and parameters["Key"] == "large":
            return {"Body": _Asked(answer["Body"], asked)}
        return answer

    def changing(service: str, operation: str, **parameters: Any) -> Any:
        uploaded.extend([len(parameters["Body"])] if operation == "upload_part" else [])
        return change(service, operation, **parameters)

    monkeypatch.setattr(account, "read", reading)
    monkeypatch.setattr(account, "change", changing)
    _write(_bag())
    assert set(asked) == {part}
    assert uploaded == [part, part, len(content) - 2 * part]
    monkeypatch.undo()
    assert _checked()["data/data/large"] == content


def test_a_name_that_is_too_long_for_the_bag_is_told_beside_the_object() -> None:
    name = "x/" * 505 + "end"
    s3 = populated.client("s3")
    s3.put_object(Bucket=_FROM, Key=name, Body=b"long")
    _write(_bag())
    (path,) = [path for path in _checked() if "/long-names/" in path]
    told = s3.head_object(Bucket=_TO, Key=f"acme/op-1/{path}")["Metadata"]["name"]
    assert urllib.parse.unquote(told) == name
