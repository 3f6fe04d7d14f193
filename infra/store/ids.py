"""Ids of what is kept: UUIDs of version 7, which sort by the time at which they were made.

Source: RFC 9562, "Universally Unique IDentifiers (UUIDs)", section 5.7.
"""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A new id, in its usual form of 36 characters."""
    return str(uuid_utils.uuid7())
