"""Read values out of planned properties: each reader gives what is known and of the right kind, and else None."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from infra.constraints.planned import UNKNOWN

Properties = Mapping[str, Any]


def given(properties: Properties, key: str) -> bool:
    """Whether the property has a value, known or not."""
    return properties.get(key) is not None


def text(properties: Properties, key: str) -> str | None:
    """A known text."""
    value = properties.get(key)
    return value if isinstance(value, str) else None


def number(properties: Properties, key: str) -> float | None:
    """A known number; the provider takes numbers as text too."""
    value = properties.get(key)
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) else None


def flag(properties: Properties, key: str, *, default: bool) -> bool | None:
    """A known flag, `default` where there is none, and None where it is unknown."""
    value = properties.get(key)
    if value is None:
        return default
    return value if isinstance(value, bool) else None


def inner(properties: Properties, key: str) -> Properties:
    """A nested mapping; empty where there is none."""
    value = properties.get(key)
    return cast("Properties", value) if isinstance(value, Mapping) else {}


def entries(properties: Properties, key: str) -> Sequence[Any]:
    """The entries of a list, unknown ones left out; empty where there is none."""
    value = properties.get(key)
    return [entry for entry in cast("list[Any]", value) if entry is not UNKNOWN] if isinstance(value, list) else []


def texts(properties: Properties, key: str) -> list[str]:
    """The known texts of a list."""
    return [entry for entry in entries(properties, key) if isinstance(entry, str)]


def blocks(properties: Properties, key: str) -> Iterator[tuple[str, Properties]]:
    """The nested mappings of a list, each with its path, for example ``notifications[0]``."""
    value = properties.get(key)
    if isinstance(value, list):
        for index, entry in enumerate(cast("list[Any]", value)):
            if isinstance(entry, Mapping):
                yield f"{key}[{index}]", cast("Properties", entry)


def count(properties: Properties, key: str) -> int | None:
    """How many entries a list has, known or not; None where the list itself is unknown or absent."""
    value = properties.get(key)
    return len(cast("list[Any]", value)) if isinstance(value, list) else None
