"""What was last seen of each tenant: drift, proof, health, and the state that our own last run left; a file a tenant.

Each fact is kept with the time at which it was seen. Files are replaced as a whole, by one writer at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from infra.engine.private_files import open_private, private_folder, write_private
from infra.errors import UserError
from infra.gitops import ByHand, StackMark, changed_by_hand, stack_mark
from infra.gitops.place import require_tenant_id
from infra.operations.drift_model import Drift
from infra.operations.exports import export_of
from infra.operations.projects import tenant_stack
from infra.operations.workspace import Workspace


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a check said.

    Args:
        at: When, ISO 8601.
        verdict: What it said: ``Proved``, ``Leak``, ``Unknown`` of a proof; ``passed``, ``failed``, ``unknown`` of
            health and smoke checks.
        detail: Why, where it is not good.
    """

    at: str
    verdict: str
    detail: str = ""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """All that was last seen of a tenant; None: nobody looked yet."""

    proof: Seen | None = None
    health: Seen | None = None
    drift: Drift | None = None
    mark: StackMark | None = None


class FleetMemory:
    """The facts of a fleet.

    Args:
        home: The home.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "fleet" / "tenants"

    def read(self, tenant: str) -> Remembered:
        """What was last seen of a tenant.

        Raises:
            UserError: That is no tenant's id, or the file is not ours.
        """
        file = self._file(tenant)
        try:
            return msgspec.json.decode(file.read_bytes(), type=Remembered)
        except FileNotFoundError:
            return Remembered()
        except msgspec.DecodeError:
            raise UserError("it is not what was written there", remedy="remove the file", where=str(file)) from None

    def change(self, tenant: str, how: Callable[[Remembered], Remembered]) -> Remembered:
        """Keep what was seen.

        Args:
            tenant: The tenant.
            how: What is known after it, from what was known before.
        """
        private_folder(self._folder)
        lock = open_private(self._folder / ".lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            after = how(self.read(tenant))
            write_private(self._file(tenant), msgspec.json.encode(after).decode())
            return after
        finally:
            os.close(lock)

    def forget(self, tenant: str) -> None:
        """Keep nothing of a tenant that is gone."""
        self._file(tenant).unlink(missing_ok=True)

    def _file(self, tenant: str) -> Path:
        return self._folder / f"{require_tenant_id(tenant)}.json"


def memory(workspace: Workspace) -> FleetMemory:
    """The facts of a workspace's fleet."""
    return FleetMemory(workspace.settings.home)


def remember(
    workspace: Workspace, tenant: str, now: datetime, *, proof: str = "", health: str = "", why: str = ""
) -> None:
    """Keep what a proof or a check of health said.

    Args:
        workspace: The home.
        tenant: The tenant.
        now: When it said so.
        proof: ``Proved``, ``Leak`` or ``Unknown``; empty: there was none.
        health: ``passed``, ``failed`` or ``unknown``; empty: there was none.
        why: What was wrong.
    """
    found = {
        name: Seen(at=now.isoformat(timespec="seconds"), verdict=verdict, detail=why)
        for name, verdict in (("proof", proof), ("health", health))
        if verdict
    }
    memory(workspace).change(tenant, lambda before: msgspec.structs.replace(before, **found))


def record_run(workspace: Workspace, tenant: str) -> None:
    """Keep the mark of the state that a run of ours has left, by which a run past us is seen; to be called after it.

    Args:
        workspace: The engine and the home.
        tenant: The tenant; one that has no stack any more is forgotten.
    """
    mark = current_mark(workspace, tenant)
    if mark is None:
        memory(workspace).forget(tenant)
        return
    memory(workspace).change(tenant, lambda before: msgspec.structs.replace(before, mark=mark))


def current_mark(workspace: Workspace, tenant: str) -> StackMark | None:
    """The mark of a tenant's state as it is; None: it has no stack."""
    export = export_of(workspace, tenant_stack(tenant))
    return None if export is None else stack_mark(json.loads(export))


def run_by_hand(workspace: Workspace, tenant: str) -> ByHand | None:
    """What somebody ran past us since our last run of a tenant; None: nothing, or we never ran it.

    Args:
        workspace: The engine and the home.
        tenant: The tenant.
    """
    recorded = memory(workspace).read(tenant).mark
    if recorded is None:
        return None
    return changed_by_hand(recorded, current_mark(workspace, tenant))
