"""Ids of operations: unique over all processes, and in the order of time, so that a list by id is a list by age."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> str:
    """A UUID of version 7: 48 bits of milliseconds, and 74 that are random.

    Source: RFC 9562 "Universally Unique IDentifiers (UUIDs)", section 5.7.

    Args:
        now: The time.
    """
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(UUID(int=value))
