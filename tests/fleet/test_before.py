"""What a rollback may remove: what the upgrade has made, and nothing that was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.operations.rollout_before import StatesBefore


def _export(**protected: bool) -> dict[str, Any]:
    return {"deployment": {"resources": [{"urn": urn, "protect": protect} for urn, protect in protected.items()]}}


def test_only_what_was_made_since(tmp_path: Path) -> None:
    """A bucket that was there stays protected; a key that the upgrade has made, and protects, does not."""
    before = StatesBefore(tmp_path)
    before.keep("acme", "2", _export(bucket=True, role=False))
    assert before.protected_since("acme", _export(bucket=True, role=True, key=True, queue=False)) == ["key"]


def test_a_crash_does_not_make_it_forget(tmp_path: Path) -> None:
    """An upgrade that is begun again keeps what the first try found; one to another version begins anew."""
    before = StatesBefore(tmp_path)
    before.keep("acme", "2", _export(bucket=True))
    before.keep("acme", "2", _export(bucket=True, key=True))
    assert before.protected_since("acme", _export(bucket=True, key=True)) == ["key"]
    before.keep("acme", "3", _export(bucket=True, key=True))
    assert before.protected_since("acme", _export(bucket=True, key=True)) == []


def test_what_nobody_kept_is_not_removed(tmp_path: Path) -> None:
    """Without a record, or when the upgrade is over, nothing is lifted."""
    before = StatesBefore(tmp_path)
    assert before.protected_since("acme", _export(key=True)) == []
    before.keep("acme", "2", _export())
    before.forget("acme")
    assert before.protected_since("acme", _export(key=True)) == []
