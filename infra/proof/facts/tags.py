"""The tags of a record's resource.

Source: Pulumi Registry, "AWS Classic" (``tagsAll``: with those that the provider adds).
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.planned import UNKNOWN
from infra.proof.facts.inputs import plain
from infra.proof.facts.records import Record


def tags_of(record: Record) -> tuple[Mapping[str, str], bool]:
    """The tags that are known, and whether these are all that it has."""
    key = "tagsAll" if "tagsAll" in record.properties else "tags"
    if record.properties.get(key) is UNKNOWN:
        return _texts(plain(record.properties.get("tags")) or {}), False
    members = plain(record.properties.get(key)) or {}
    return _texts(members), all(value is not UNKNOWN for value in members.values())


def _texts(members: Mapping[str, object]) -> Mapping[str, str]:
    return {key: value for key, value in members.items() if isinstance(value, str)}
