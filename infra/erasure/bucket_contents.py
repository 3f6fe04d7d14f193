"""What a bucket holds: versions, delete markers and unfinished uploads, counted and removed a page at a time.

A page holds a thousand keys, so a bucket of any size takes the same memory. Removal lists the first page again and
again until it is empty: it goes on wherever it was cut off.
Sources: Amazon S3 API Reference, "ListObjectVersions", "DeleteObjects", "AbortMultipartUpload".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.erasure.account import ErasableAccount
from infra.live.account import Absent, Answer, Unread

#: The kinds, as an inventory calls them.
KINDS: tuple[str, ...] = ("s3:object-version", "s3:delete-marker", "s3:multipart-upload")
_MEMBERS: dict[str, str] = dict(zip(KINDS, ("Versions", "DeleteMarkers", "Uploads"), strict=True))
_PAGE = 1000
#: The listings: the member that limits a page, and those that say where it starts.
_LISTINGS = {
    "list_object_versions": ("MaxKeys", ("KeyMarker", "VersionIdMarker")),
    "list_multipart_uploads": ("MaxUploads", ("KeyMarker", "UploadIdMarker")),
}


def count(account: ErasableAccount, bucket: str) -> dict[str, int]:
    """How many a bucket holds of each kind.

    Args:
        account: The account.
        bucket: The bucket's name.

    Raises:
        Unread: The bucket is not to be listed.
        Absent: There is no such bucket.
    """
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for operation in _LISTINGS:
        for page in _pages(account, operation, bucket):
            for kind, member in _MEMBERS.items():
                counts[kind] += len(page.get(member) or ())
    return counts


def remove(account: ErasableAccount, bucket: str, kind: str) -> int:
    """Remove all of one kind from a bucket.

    Args:
        account: The account.
        bucket: The bucket's name.
        kind: One of `KINDS`.

    Returns:
        How many were removed.

    Raises:
        Unread: The bucket is not to be listed, or some of it may not be deleted: it is locked or held.
    """
    removed = 0
    while page := _first(account, bucket, kind):
        if kind == KINDS[2]:
            for upload in page:
                _abort(account, bucket, upload)
        else:
            _delete(account, bucket, page)
        removed += len(page)
    return removed


def _first(account: ErasableAccount, bucket: str, kind: str) -> list[dict[str, Any]]:
    """Some of one kind; none where the bucket holds none, or is not there."""
    operation = "list_multipart_uploads" if kind == KINDS[2] else "list_object_versions"
    try:
        for page in _pages(account, operation, bucket):
            if found := page.get(_MEMBERS[kind]):
                return list(found)
    except Absent:
        pass
    return []


def _pages(account: ErasableAccount, operation: str, bucket: str) -> Iterator[Answer]:
    """One page after another; each says where the next starts."""
    limit, markers = _LISTINGS[operation]
    start: dict[str, str] = {}
    while True:
        page = account.read("s3", operation, Bucket=bucket, **{limit: _PAGE}, **start)
        yield page
        if not page.get("IsTruncated"):
            return
        start = {marker: page[f"Next{marker}"] for marker in markers if page.get(f"Next{marker}")}


def _abort(account: ErasableAccount, bucket: str, upload: dict[str, Any]) -> None:
    try:
        account.change("s3", "abort_multipart_upload", Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except Absent:
        return


def _delete(account: ErasableAccount, bucket: str, page: list[dict[str, Any]]) -> None:
    named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in page]
    answer = account.change("s3", "delete_objects", Bucket=bucket, Delete={"Objects": named, "Quiet": True})
    for error in answer.get("Errors") or ():
        raise Unread("s3", "DeleteObjects", error.get("Code", ""), f"{error.get('Key')}: {error.get('Message')}")
