"""Writes a bag: copies of a tenant's objects with a manifest of their checksums, in a bucket, of any size.

The layout is BagIt's, which archives and many tools read: payload below ``data/``, ``manifest-sha256.txt``, and
``bag-info.txt``, which is written last: a bag that has it is complete. Objects are streamed in parts, and listed a page
at a time; after each page a note is kept below ``.progress/``, so that a writer that died is gone on with from there.

Sources: RFC 8493, "The BagIt File Packaging Format (V1.0)"; Amazon S3 User Guide, "Uploading and copying objects using
multipart upload" (parts, limits), "Creating object key names" (1,024 bytes).
"""

from __future__ import annotations

import base64
import hashlib
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from infra.erasure.account import ErasableAccount
from infra.live.account import Absent

#: In bytes: what is held in memory at a time; a larger object has parts of more than that, as it may have 10,000.
PART = 16 * 1024 * 1024
_MOST_PARTS = 9_000
#: How many objects are listed at a time.
PAGE = 1_000
_LONGEST_KEY = 1_024
_OXUM = "Payload-Oxum: "


class Copied(msgspec.Struct, frozen=True, array_like=True):
    """One file of the payload.

    Args:
        sha256: Of its content, in hexadecimal.
        size: In bytes.
        path: In the bag, ``data/...``.
    """

    sha256: str
    size: int
    path: str


class _Note(msgspec.Struct, frozen=True):
    """A page that is copied: its files, and the last key of it."""

    after: str
    files: tuple[Copied, ...]


@dataclass(frozen=True)
class Bag:
    """A bag in a bucket.

    Args:
        account: The account, by credentials that write there.
        bucket: The bucket.
        prefix: What the keys of the bag start with, a slash at its end.
    """

    account: ErasableAccount
    bucket: str
    prefix: str

    @property
    def manifest(self) -> str:
        """The URL of its manifest."""
        return f"s3://{self.bucket}/{self.prefix}manifest-sha256.txt"

    def complete(self) -> tuple[int, int] | None:
        """The size of the payload in bytes and its number of files; None while the bag is not complete."""
        try:
            answer = self.account.read("s3", "get_object", Bucket=self.bucket, Key=f"{self.prefix}bag-info.txt")
        except Absent:
            return None
        lines = bytes(answer["Body"].read()).decode().splitlines()
        size, _, count = next(line for line in lines if line.startswith(_OXUM)).removeprefix(_OXUM).partition(".")
        return int(size), int(count)

    def add(self, folder: str, name: str, content: bytes) -> None:
        """Add one small file, and note it: what is noted already stays.

        Args:
            folder: The part of the payload.
            name: The file's name in it.
            content: What it holds.
        """
        if self._noted(folder) is None:
            path = f"data/{folder}/{name}"
            copied = self._written(path, iter((content,)))
            self._note(folder, 0, _Note(name, (copied,)))

    def copy(self, source: ErasableAccount, bucket: str, folder: str, done: Callable[[Copied], None]) -> None:
        """Copy what a bucket holds now, in its current versions; goes on where it was cut off.

        Args:
            source: The account, by credentials that read there.
            bucket: The bucket to copy.
            folder: The part of the payload that it becomes.
            done: Is told of each file.

        Raises:
            Unread: AWS refuses.
        """
        number, after = self._noted(folder) or (0, "")
        while True:
            listing = {"Bucket": bucket, "MaxKeys": PAGE, **({"StartAfter": after} if after else {})}
            try:
                page = source.read("s3", "list_objects_v2", **listing).get("Contents") or ()
            except Absent:
                return
            if not page:
                return
            files = tuple(self._copied(source, bucket, folder, each, done) for each in page)
            after = str(page[-1]["Key"])
            self._note(folder, number, _Note(after, files))
            number += 1

    def finish(self, info: dict[str, str]) -> tuple[int, int]:
        """Write the manifest and what makes the bag complete.

        Args:
            info: What ``bag-info.txt`` says besides.

        Returns:
            The size of the payload in bytes, and its number of files.
        """
        total = [0, 0]

        def lines() -> Iterator[bytes]:
            for note in self._notes():
                total[0] += sum(one.size for one in note.files)
                total[1] += len(note.files)
                yield "".join(f"{one.sha256}  {_escaped(one.path)}\n" for one in note.files).encode()

        self._written("manifest-sha256.txt", lines())
        self._written("bagit.txt", iter((b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",)))
        told = "".join(f"{name}: {value}\n" for name, value in info.items())
        self._written("bag-info.txt", iter((f"{told}{_OXUM}{total[0]}.{total[1]}\n".encode(),)))
        return total[0], total[1]

    def tidy(self) -> None:
        """Forget the notes of a bag that is complete."""
        for key in self._note_keys(""):
            self.account.change("s3", "delete_object", Bucket=self.bucket, Key=key)

    def _copied(
        self, source: ErasableAccount, bucket: str, folder: str, listed: Any, done: Callable[[Copied], None]
    ) -> Copied:
        key, size = str(listed["Key"]), int(listed["Size"])
        path, more = f"data/{folder}/{key}", {}
        if len(f"{self.prefix}{path}".encode()) > _LONGEST_KEY:
            path = f"data/{folder}/long-names/{hashlib.sha256(key.encode()).hexdigest()}"
            more = {"Metadata": {"name": urllib.parse.quote(key)}}
        body = source.read("s3", "get_object", Bucket=bucket, Key=key)["Body"]
        part = max(PART, -(-size // _MOST_PARTS))
        copied = self._written(path, iter(lambda: body.read(part), b""), part=part, **more)
        done(copied)
        return copied

    def _written(self, path: str, chunks: Iterator[bytes], *, part: int = PART, **more: Any) -> Copied:
        """Stream chunks into one object; whatever is there of that key is replaced."""
        digest, size = hashlib.sha256(), 0

        def parts() -> Iterator[bytes]:
            nonlocal size
            for each in _in_parts(chunks, part):
                digest.update(each)
                size += len(each)
                yield each

        key = f"{self.prefix}{path}"
        pieces = parts()
        first = next(pieces, b"")
        second = next(pieces, None)
        if second is None:
            checksum = base64.b64encode(hashlib.sha256(first).digest()).decode()
            self.account.change(
                "s3", "put_object", Bucket=self.bucket, Key=key, Body=first, ChecksumSHA256=checksum, **more
            )
        else:
            self._in_many(key, _chain(first, second, pieces), more)
        return Copied(digest.hexdigest(), size, path)

    def _in_many(self, key: str, pieces: Iterable[bytes], more: dict[str, Any]) -> None:
        there = {"Bucket": self.bucket, "Key": key}
        upload = self.account.change("s3", "create_multipart_upload", **there, **more)["UploadId"]
        done: list[dict[str, Any]] = []
        for number, piece in enumerate(pieces, 1):
            made = self.account.change("s3", "upload_part", **there, UploadId=upload, PartNumber=number, Body=piece)
            done.append({"PartNumber": number, "ETag": made["ETag"]})
        self.account.change(
            "s3", "complete_multipart_upload", **there, UploadId=upload, MultipartUpload={"Parts": done}
        )

    def _note(self, folder: str, number: int, note: _Note) -> None:
        key = f"{self.prefix}.progress/{folder}/{number:09}.json"
        self.account.change("s3", "put_object", Bucket=self.bucket, Key=key, Body=msgspec.json.encode(note))

    def _noted(self, folder: str) -> tuple[int, str] | None:
        """The number of the next page, and the key after which it starts; None where nothing is noted."""
        keys = list(self._note_keys(f"{folder}/"))
        return (len(keys), self._read_note(keys[-1]).after) if keys else None

    def _notes(self) -> Iterator[_Note]:
        yield from (self._read_note(key) for key in self._note_keys(""))

    def _note_keys(self, below: str) -> Iterator[str]:
        prefix = f"{self.prefix}.progress/{below}"
        answer = self.account.read("s3", "list_objects_v2", Bucket=self.bucket, Prefix=prefix)
        yield from sorted(str(each["Key"]) for each in answer.get("Contents") or ())

    def _read_note(self, key: str) -> _Note:
        body = self.account.read("s3", "get_object", Bucket=self.bucket, Key=key)["Body"]
        return msgspec.json.decode(body.read(), type=_Note)


def _in_parts(chunks: Iterator[bytes], part: int) -> Iterator[bytes]:
    """The same bytes in pieces of one length; only the last may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= part:
            yield bytes(held[:part])
            del held[:part]
    if held:
        yield bytes(held)


def _chain(first: bytes, second: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from others


def _escaped(path: str) -> str:
    """RFC 8493, section 2.1.3: line breaks and the percent sign."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
