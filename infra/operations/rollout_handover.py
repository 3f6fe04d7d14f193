"""Which rollouts the service goes on with: those that somebody gave to it, a file each beside the rollout's own.

A rollout that was begun on the command line is not among them, until somebody asks the service for it: whoever stopped
a command did so on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from infra.engine.private_files import write_private

#: The endings of the files: of rollouts that the service goes on with, and of those that it has ended.
OPEN, OVER = ".service", ".served"


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout that was given to the service.

    Args:
        by: Who gave it.
        at: When.
        reference: Of the request that began it; empty: it was begun elsewhere.
        held_up: Why the service could not go on with it.
        not_before: When it tries again.
    """

    by: str
    at: datetime
    reference: str = ""
    held_up: str = ""
    not_before: datetime | None = None


class Handovers:
    """The rollouts that were given to the service.

    Args:
        folder: Of the rollouts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def give(self, rollout: str, by: str, now: datetime, reference: str = "") -> None:
        """Give a rollout to the service; one that it has already is tried at once.

        Args:
            rollout: Its id.
            by: Who gives it.
            now: The time, in UTC.
            reference: Of the request that begins it.
        """
        known = self.read(rollout)
        given = Handed(by=by, at=now, reference=reference)
        if known is not None:
            given = msgspec.structs.replace(known, held_up="", not_before=None)
        self._write(rollout, given)

    def hold_up(self, rollout: str, why: str, not_before: datetime) -> None:
        """Say why the service cannot go on with a rollout, and when it tries again."""
        known = self.read(rollout)
        if known is not None:
            self._write(rollout, msgspec.structs.replace(known, held_up=why, not_before=not_before))

    def end(self, rollout: str) -> None:
        """The service has nothing more to do with a rollout."""
        file = self._file(rollout, OPEN)
        if file.exists():
            file.replace(self._file(rollout, OVER))

    def read(self, rollout: str) -> Handed | None:
        """What is known of a rollout that is, or was, the service's; None: it never was."""
        for ending in (OPEN, OVER):
            try:
                return msgspec.json.decode(self._file(rollout, ending).read_bytes(), type=Handed)
            except FileNotFoundError:
                continue
        return None

    def open(self) -> list[str]:
        """The rollouts that the service goes on with, the oldest first."""
        return sorted(path.stem for path in self._folder.glob(f"*{OPEN}"))

    def begun_by(self, reference: str, among: Iterable[str]) -> str | None:
        """The rollout that a request has begun."""
        for rollout in among:
            known = self.read(rollout)
            if known is not None and known.reference == reference:
                return rollout
        return None

    def _write(self, rollout: str, handed: Handed) -> None:
        write_private(self._file(rollout, OPEN), msgspec.json.encode(handed).decode())
        self._file(rollout, OVER).unlink(missing_ok=True)

    def _file(self, rollout: str, ending: str) -> Path:
        return self._folder / f"{rollout}{ending}"
