"""Looks up nested properties: ``encryptAtRest.kmsKeyId``; a list of one block is as good as the block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from infra.constraints import UNKNOWN


def at(properties: Mapping[str, Any], path: str) -> Any:
    """The value of a nested property.

    Args:
        properties: Planned properties.
        path: Keys, joined by dots.

    Returns:
        The value; `UNKNOWN` where it, or what it is in, is not known; None where there is none.
    """
    value: Any = properties
    for key in path.split("."):
        if isinstance(value, list):
            entries = cast("list[Any]", value)
            value = entries[0] if len(entries) == 1 else None
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(key)
    return value
