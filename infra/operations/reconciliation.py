"""What the last comparison of specs with what was applied came to, kept for those who show it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from infra.engine.private_files import private_folder, write_private


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant for which nothing was done, and what somebody is to know of it; as `infra.gitops.reconciling.Hold`."""

    tenant: str
    kind: str
    note: str


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to.

    Args:
        at: When, ISO 8601.
        mode: ``gitops`` or ``direct``.
        commit: The commit that is in effect; empty in direct mode.
        adopted: Tenants that were onboarded by hand, and that the service knows from now on.
        started: By tenant, the operation that was asked for.
        held: What somebody is to know.
    """

    at: str
    mode: str
    commit: str = ""
    adopted: tuple[str, ...] = ()
    started: dict[str, str] = {}
    held: tuple[Held, ...] = ()


def keep_reconciliation(home: Path, found: Reconciliation) -> None:
    """Keep what a comparison came to."""
    file = _file(home)
    private_folder(file.parent)
    write_private(file, msgspec.json.encode(found).decode())


def last_reconciliation(home: Path) -> Reconciliation | None:
    """What the last comparison came to; None: there was none yet."""
    try:
        return msgspec.json.decode(_file(home).read_bytes(), type=Reconciliation)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _file(home: Path) -> Path:
    return home / "fleet" / "reconciliation.json"
