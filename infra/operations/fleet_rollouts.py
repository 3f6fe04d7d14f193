"""The rollouts of a home: planned from the fleet as it is, each in a file of its own, one going on at a time."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from infra.engine.private_files import open_private, private_folder, write_private
from infra.errors import UserError
from infra.fleet import (
    Await,
    Finished,
    FleetTenant,
    Halted,
    Journal,
    Plan,
    Policy,
    SetAside,
    decide,
    is_held,
    plan_rollout,
    read_journal,
)
from infra.fleet.progress import standings
from infra.operations.fleet_status import FleetStatus, fleet_tenants
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace

_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


class WaveView(msgspec.Struct, frozen=True, kw_only=True):
    """A wave of a rollout.

    Args:
        name: ``canaries``, ``5 %``, ..., ``all``.
        tenants: Each tenant's id with how it stands: ``waiting``, ``going on``, ``upgraded``, ``set aside``, ``rolled
            back`` or ``stuck``.
        awaits_approval: Whether somebody must approve it now.
    """

    name: str
    tenants: dict[str, str]
    awaits_approval: bool = False


class RolloutView(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout.

    Args:
        id: Its id; its beginning, in UTC, is part of it.
        to: The version.
        verdict: ``going on``, ``waiting`` for an approval, ``stopped`` (nobody goes on with it: it is to be resumed),
            ``complete``, ``incomplete`` (some tenants are set aside) or ``halted``.
        why: What halted it.
        waves: Its waves.
        left_out: The tenants in no wave, with the reason.
        troubles: Of each tenant the last thing that went wrong.
    """

    id: str
    to: str
    verdict: str
    why: str
    waves: tuple[WaveView, ...]
    left_out: dict[str, str]
    troubles: dict[str, str]


class Rollouts:
    """The rollouts of a home.

    Args:
        home: The home.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "fleet" / "rollouts"

    def ids(self) -> list[str]:
        """All rollouts, the oldest first."""
        return sorted(path.stem for path in self._folder.glob("*.jsonl") if _ID.fullmatch(path.stem))

    def begin(self, plan: Plan, now: datetime) -> tuple[str, Journal]:
        """Begin a rollout; its id and journal.

        Raises:
            UserError: Another one is not over.
        """
        private_folder(self._folder)
        lock = open_private(self._folder / ".lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)  # or two begin at once
            if unfinished := self.unfinished():
                raise UserError(
                    f"the rollout {unfinished} is not over",
                    remedy="go on with it: bulkhead fleet upgrade --resume; or end it: bulkhead fleet halt",
                )
            rollout = f"{now:%Y%m%dT%H%M%S}-{plan.digest[:8]}"
            return rollout, Journal(self._file(rollout), plan)
        finally:
            os.close(lock)

    def halt(self, by: str, reason: str) -> None:
        """Halt the rollout that is not over; a process that goes on with it sees that before its next action.

        Raises:
            UserError: Every rollout is over.
        """
        rollout = self.unfinished()
        if rollout is None:
            raise UserError("every rollout is over", remedy="see them with: bulkhead fleet rollouts")
        write_private(self._halt(rollout), Halted(by=by, reason=reason).model_dump_json())

    def halted(self, rollout: str) -> Halted | None:
        """Whether somebody halts a rollout."""
        try:
            return Halted.model_validate_json(self._halt(rollout).read_bytes())
        except FileNotFoundError:
            return None

    def _halt(self, rollout: str) -> Path:
        return self._file(rollout).with_suffix(".halt")

    def resume(self, rollout: str | None = None) -> tuple[str, Journal]:
        """Take up a rollout; its id and journal.

        Args:
            rollout: Its id; None: the one that is not over.

        Raises:
            UserError: There is none, or another process goes on with it.
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

    def view(self, rollout: str) -> RolloutView:
        """A rollout as it is, also while a process goes on with it.

        Raises:
            UserError: There is none of that id.
        """
        file = self._file(rollout)
        plan, record = read_journal(file)
        decision, standing = decide(plan, record), standings(plan, record)
        troubles = {
            entry.action.tenant: f"{entry.action.kind}: {entry.detail or entry.outcome}"
            for entry in record.entries
            if entry.entry == "ended" and entry.outcome != "passed"
        }
        waves = tuple(
            WaveView(
                name=wave.name,
                tenants={one.tenant: standing[one.tenant] for one in wave.tenants},
                awaits_approval=isinstance(decision, Await) and decision.wave == number,
            )
            for number, wave in enumerate(plan.waves)
        )
        if isinstance(decision, Finished):
            verdict = decision.verdict
        else:
            verdict = "waiting" if isinstance(decision, Await) else "going on" if is_held(file) else "stopped"
        return RolloutView(
            id=rollout,
            to=plan.to,
            verdict=verdict,
            why=decision.why if isinstance(decision, Finished) else "",
            waves=waves,
            left_out={one.tenant: f"{one.kind}: {one.why}" for one in plan.left_out},
            troubles=troubles,
        )

    def _file(self, rollout: str) -> Path:
        if not _ID.fullmatch(rollout):
            raise UserError(f"{rollout[:40]!r} is no rollout's id", remedy="see them with: bulkhead fleet rollouts")
        return self._folder / f"{rollout}.jsonl"


def plan_upgrade(
    versions: Versions,
    status: FleetStatus,
    to: str,
    policy: Policy,
    *,
    set_aside: Sequence[SetAside] = (),
    selected: Callable[[FleetTenant], bool] = lambda _: True,
) -> Plan:
    """Plan a rollout.

    Args:
        versions: Know the versions.
        status: The fleet as it is.
        to: A branch, tag or commit, or a version.
        policy: In which waves.
        set_aside: The tenants that somebody leaves as they are.
        selected: Which tenants it is for.

    Raises:
        UserError: There is no such version, or the fleet cannot be planned with.
    """
    version = versions.code(to).version
    plan = plan_rollout(fleet_tenants(status), version, policy, set_aside=set_aside, selected=selected)
    versions.require_runnable(version)
    return plan


def rollouts(workspace: Workspace) -> Rollouts:
    """The rollouts of a workspace's home."""
    return Rollouts(workspace.settings.home)
