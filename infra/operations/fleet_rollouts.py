"""The rollouts of a home, each in a file of its own, one going on at a time: begin one, answer it, halt it, see it.

Who carries one out holds its file. What is done here to one that another process holds is small, and waits for nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Generator
from datetime import datetime
from pathlib import Path

from infra.engine.private_files import open_private, private_folder, write_private
from infra.errors import UserError
from infra.fleet import (
    Answered,
    Await,
    Finished,
    Halted,
    Journal,
    Plan,
    Record,
    decide,
    is_held,
    read_journal,
)
from infra.operations.rollout_handover import Handovers
from infra.operations.rollout_view import RolloutView, view_of

_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


class UnknownRollout(UserError):
    """There is no rollout of that id."""


class RolloutRefused(UserError):
    """The rollout, or another one, is not where it would have to be for that."""


class Rollouts:
    """The rollouts of a home.

    Args:
        home: The home.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "fleet" / "rollouts"
        self.handovers = Handovers(self._folder)

    def ids(self) -> list[str]:
        """All rollouts, the oldest first."""
        return sorted(path.stem for path in self._folder.glob("*.jsonl") if _ID.fullmatch(path.stem))

    def begin(self, plan: Plan, now: datetime) -> tuple[str, Journal]:
        """Begin a rollout that this process carries out; its id and journal.

        Raises:
            RolloutRefused: Another one is not over.
        """
        with self._alone():
            rollout = self._new(plan, now)
            return rollout, Journal(self._file(rollout), plan)

    def begin_for_service(self, plan: Plan, by: str, reference: str, now: datetime) -> str:
        """Begin a rollout that the service carries out; its id. The same request again begins nothing.

        Args:
            plan: What is to be done.
            by: Who asks for it.
            reference: Of the request.
            now: The time, in UTC.

        Raises:
            RolloutRefused: Another one is not over.
        """
        with self._alone():
            if begun := self.begun_by(reference):
                return begun
            rollout = self._new(plan, now)
            # Before the rollout itself, so that none is begun that the service does not know of.
            self.handovers.give(rollout, by, now, reference)
            Journal(self._file(rollout), plan).close()
            return rollout

    def begun_by(self, reference: str) -> str | None:
        """The rollout that a request has begun."""
        return self.handovers.begun_by(reference, reversed(self.ids()))

    def answer(self, rollout: str, wave: str, by: str, *, granted: bool) -> None:
        """Approve a wave, or refuse to; the same answer of the same person again changes nothing.

        Args:
            rollout: The rollout's id.
            wave: The wave's name.
            by: Who answers.
            granted: Whether the wave may be upgraded.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: That wave waits for no answer.
            JournalHeld: A process goes on with it.
        """
        with self._opened(rollout) as journal:
            number = next((at for at, one in enumerate(journal.plan.waves) if one.name == wave), None)
            if any(
                isinstance(entry, Answered) and (entry.wave, entry.by, entry.granted) == (number, by, granted)
                for entry in journal.record.entries
            ):
                return
            decision = journal.decide()
            if not isinstance(decision, Await) or decision.wave != number:
                raise RolloutRefused(
                    f"no wave {wave!r} of the rollout {rollout} waits for an approval",
                    remedy="look at it again: see GET /v1/fleet/rollouts, or bulkhead fleet rollouts",
                )
            journal.add(Answered(wave=decision.wave, granted=granted, by=by))

    def halt(self, by: str, reason: str, rollout: str | None = None) -> str:
        """Halt a rollout; a process that goes on with it sees that before its next action. Returns its id.

        Args:
            by: Who halts it.
            reason: Why.
            rollout: Its id; None: the one that is not over.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: It is over.
        """
        wanted = rollout or self.unfinished()
        if wanted is None:
            raise RolloutRefused("every rollout is over", remedy="see them with: bulkhead fleet rollouts")
        self._require_going(wanted)
        if self.halted(wanted) is None:
            write_private(self._halt(wanted), Halted(by=by, reason=reason).model_dump_json())
        return wanted

    def halted(self, rollout: str) -> Halted | None:
        """Whether somebody halts a rollout."""
        try:
            return Halted.model_validate_json(self._halt(rollout).read_bytes())
        except FileNotFoundError:
            return None

    def give_to_service(self, rollout: str, by: str, now: datetime) -> None:
        """Have the service go on with a rollout; what it has already it tries again at once.

        Args:
            rollout: Its id.
            by: Who asks for it.
            now: The time, in UTC.

        Raises:
            UnknownRollout: There is none of that id.
            RolloutRefused: It is over.
        """
        self._require_going(rollout)
        self.handovers.give(rollout, by, now)

    def give_unless_over(self, rollout: str, by: str, now: datetime) -> None:
        """As `give_to_service`; nothing is wrong with one that is over."""
        with contextlib.suppress(RolloutRefused):
            self.give_to_service(rollout, by, now)

    def resume(self, rollout: str | None = None) -> tuple[str, Journal]:
        """Take up a rollout; its id and journal.

        Args:
            rollout: Its id; None: the one that is not over.

        Raises:
            JournalHeld: Another process goes on with it.
            UserError: There is none.
        """
        wanted = rollout or self.unfinished()
        if wanted is None:
            raise UserError("every rollout is over", remedy="begin one: bulkhead fleet upgrade --to REF")
        return wanted, Journal(self._file(wanted))

    def unfinished(self) -> str | None:
        """The rollout that is not over."""
        for rollout in reversed(self.ids()):
            if not isinstance(decide(*read_journal(self._file(rollout))), Finished):
                return rollout
        return None

    def forget_unbegun(self, rollout: str) -> None:
        """Take back that the service has a rollout that was never begun: the process that was to begin it died."""
        with self._alone():
            if rollout not in self.ids():
                self.handovers.end(rollout)

    def read(self, rollout: str) -> tuple[Plan, Record]:
        """A rollout's plan, and what happened so far, also while a process goes on with it.

        Raises:
            UnknownRollout: There is none of that id.
        """
        return read_journal(self._known(rollout))

    def view(self, rollout: str) -> RolloutView:
        """A rollout as it is, also while a process goes on with it.

        Raises:
            UnknownRollout: There is none of that id.
        """
        file = self._known(rollout)
        plan, record = read_journal(file)
        return view_of(rollout, plan, record, held=is_held(file), handed=self.handovers.read(rollout))

    def _new(self, plan: Plan, now: datetime) -> str:
        if unfinished := self.unfinished():
            raise RolloutRefused(
                f"the rollout {unfinished} is not over",
                remedy="go on with it: bulkhead fleet upgrade --resume; or end it: bulkhead fleet halt",
            )
        return f"{now:%Y%m%dT%H%M%S}-{plan.digest[:8]}"

    def _require_going(self, rollout: str) -> None:
        if isinstance(decide(*read_journal(self._known(rollout))), Finished):
            raise RolloutRefused(f"the rollout {rollout} is over", remedy="begin a new one")

    @contextlib.contextmanager
    def _opened(self, rollout: str) -> Generator[Journal]:
        with Journal(self._known(rollout)) as journal:
            yield journal

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        """Or two begin at once."""
        private_folder(self._folder)
        lock = open_private(self._folder / ".lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _halt(self, rollout: str) -> Path:
        return self._file(rollout).with_suffix(".halt")

    def _known(self, rollout: str) -> Path:
        file = self._file(rollout)
        if not file.exists():
            raise UnknownRollout(f"there is no rollout {rollout}", remedy="see them with: bulkhead fleet rollouts")
        return file

    def _file(self, rollout: str) -> Path:
        if not _ID.fullmatch(rollout):
            raise UnknownRollout(
                f"{rollout[:40]!r} is no rollout's id", remedy="see them with: bulkhead fleet rollouts"
            )
        return self._folder / f"{rollout}.jsonl"
