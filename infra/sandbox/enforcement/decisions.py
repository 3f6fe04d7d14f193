"""The record of what was decided about requests: a ring of JSON lines on disk, found again by a request's id.

It says what was asked and which statements decided, and holds nothing that would let anybody ask: no signatures, no
credentials, no bodies.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from infra.errors import UserError

FILE = "decisions.jsonl"
#: The ring is two files of at most this size: the older one is dropped when the newer one is full.
FILE_BYTES = 8_000_000
LAST = "LAST"

#: Context keys whose values are agreed secrets, or addresses that may carry one.
_UNTOLD = frozenset({"sts:externalid", "aws:referer"})


def told(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context as it may be recorded: secret values are left out by name."""
    return {key: "(not recorded)" if key.lower() in _UNTOLD else value for key, value in sorted(context.items())}


class Decisions:
    """Records the decisions of one cloud; safe to use from several threads.

    Args:
        home: The sandbox's folder.
        file_bytes: The size at which the file is put aside.
    """

    def __init__(self, home: Path, file_bytes: int = FILE_BYTES) -> None:
        self._path = home / FILE
        self._file_bytes = file_bytes
        self._lock = threading.Lock()
        self._file = self._open()

    def record(self, decision: Mapping[str, Any]) -> None:
        """Append one decision, which has at least ``request_id`` and ``outcome``."""
        line = json.dumps(decision, separators=(",", ":"), default=str).encode() + b"\n"
        with self._lock:
            if self._file.tell() + len(line) > self._file_bytes:
                self._file.close()
                self._path.replace(_older(self._path))
                self._file = self._open()
            self._file.write(line)

    def close(self) -> None:
        """Close the file; what was recorded stays."""
        self._file.close()

    def _open(self) -> Any:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "ab", buffering=0)
        if file.seek(0, os.SEEK_END):
            file.write(b"\n")  # ends a line that an earlier process was killed in
        return file


def find(home: Path, which: str) -> Mapping[str, Any]:
    """The decision on one request.

    Args:
        home: The sandbox's folder.
        which: The id that the request was answered with, or ``LAST`` for the last request that was refused.

    Raises:
        UserError: there is none.
    """
    if not which.isprintable() or not which:
        raise UserError("a request's id is printable text", remedy="take RequestId from the answer of the AWS SDK")
    wanted = f'"request_id":{json.dumps(which)}'.encode()
    for line in _newest_first(home / FILE):
        if which == LAST:
            if b'"outcome":"Allowed"' not in line:
                return _read(line)
        elif wanted in line and (found := _read(line))["request_id"] == which:
            return found
    if which == LAST:
        raise UserError(
            "no request of late was refused", remedy="give a request's id to see why it was allowed", where=str(home)
        )
    raise UserError(
        f"no decision is recorded for the request {which!r}",
        remedy="take RequestId from the answer (error.response['ResponseMetadata']); the record holds the latest "
        "decisions only",
        where=str(home / FILE),
    )


def _newest_first(path: Path) -> Iterator[bytes]:
    for part in (path, _older(path)):
        if part.exists():
            # A line that is being written is not there yet.
            yield from reversed([line for line in part.read_bytes().splitlines(keepends=True) if line.endswith(b"}\n")])


def _older(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _read(line: bytes) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", json.loads(line))
