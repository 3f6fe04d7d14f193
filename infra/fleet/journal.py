"""A rollout on disk: the plan in the first line, then one entry a line, each on the disk before it is acted on.

A line that a crash cut short was never acted on, and is dropped when the file is read again.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from infra.closing import Closing
from infra.errors import UserError
from infra.fleet.deciding import Decision, append, decide
from infra.fleet.model import Entry, Plan, Record

T = TypeVar("T")
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
#: Who only looks whether a process goes on with a rollout holds its file for a moment: so long that is waited for.
_GLANCE_SECONDS, _PAUSE_SECONDS = 0.5, 0.02


class JournalHeld(UserError):
    """Another process goes on with the rollout now."""


class Journal(Closing):
    """A rollout's file, held by one process at a time.

    Args:
        path: The file; its folder exists. With a plan it must be new, without one it must be there.
        plan: The plan of a rollout that begins; None: the file's is resumed.

    Raises:
        JournalHeld: Another process holds it.
        UserError: The file is there already, is not there, or is not a rollout's.
    """

    def __init__(self, path: Path, plan: Plan | None = None) -> None:
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if plan else 0)
        try:
            self._descriptor = os.open(path, flags, 0o600)
        except FileExistsError:
            raise UserError(
                "a rollout has begun here", remedy="resume it, or choose a new file", where=str(path)
            ) from None
        except OSError as error:
            remedy = "name the file of a rollout that has begun"
            raise UserError(f"cannot be opened: {error.strerror}", remedy=remedy, where=str(path)) from None
        try:
            self._hold(path)
            if plan is not None:
                self._write(plan.model_dump_json())
                _sync_folder(path.parent)
            self.plan, self.record = self._read(path)
        except BaseException:
            os.close(self._descriptor)
            raise

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def decide(self) -> Decision:
        """What is next."""
        return decide(self.plan, self.record)

    def add(self, entry: Entry) -> Decision:
        """Write an entry and say what is next; it is on the disk when this returns.

        Raises:
            UserError: The entry does not follow from what is recorded; nothing is written.
        """
        record = append(self.plan, self.record, entry)
        self._write(entry.model_dump_json())
        self.record = record
        return self.decide()

    def _hold(self, path: Path) -> None:
        deadline = time.monotonic() + _GLANCE_SECONDS
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(_PAUSE_SECONDS)
                    continue
                remedy = "wait until that process has ended"
                raise JournalHeld("another process runs this rollout", remedy=remedy, where=str(path)) from None
            return

    def _write(self, line: str) -> None:
        left = memoryview(f"{line}\n".encode())
        while left:
            left = left[os.write(self._descriptor, left) :]
        os.fsync(self._descriptor)

    def _read(self, path: Path) -> tuple[Plan, Record]:
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            content = file.read()
        read = _parsed_content(content, path)
        # Only now: what is no rollout's file is left as it is.
        os.ftruncate(self._descriptor, content.rfind(b"\n") + 1)
        return read


def read_journal(path: Path) -> tuple[Plan, Record]:
    """A rollout as far as it is written, also while a process goes on with it.

    Args:
        path: The file.

    Raises:
        UserError: It is not a rollout's.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        remedy = "name the file of a rollout that has begun"
        raise UserError(f"cannot be read: {error.strerror}", remedy=remedy, where=str(path)) from None
    return _parsed_content(content, path)


def is_held(path: Path) -> bool:
    """Whether a process goes on with the rollout now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _parsed_content(content: bytes, path: Path) -> tuple[Plan, Record]:
    first, *others = content.rpartition(b"\n")[0].split(b"\n")
    plan = _parsed(TypeAdapter(Plan), first, path, 1)
    entries = tuple(_parsed(_ENTRY, line, path, number) for number, line in enumerate(others, start=2))
    return plan, Record(plan=plan.digest, entries=entries)


def _parsed(kind: TypeAdapter[T], line: bytes, path: Path, number: int) -> T:
    try:
        return kind.validate_json(line)
    except ValidationError:
        raise UserError(
            f"line {number} is not what a rollout wrote there",
            remedy="restore the file, or plan a new rollout from what the fleet runs now",
            where=str(path),
        ) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
