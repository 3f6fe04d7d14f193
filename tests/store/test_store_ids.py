"""Ids of operations: each its own, and in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from infra.store.ids import new_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_ids_are_version_7_and_differ() -> None:
    """Of one moment, too."""
    ids = {new_id(NOW) for _ in range(1000)}
    assert len(ids) == 1000
    assert all(UUID(each).version == 7 and UUID(each).variant == "specified in RFC 4122" for each in ids)


def test_later_ids_come_after() -> None:
    """A millisecond later is a later id, as text."""
    ids = [new_id(NOW + timedelta(milliseconds=each)) for each in range(300)]
    assert ids == sorted(ids)
