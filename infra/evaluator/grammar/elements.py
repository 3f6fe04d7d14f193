"""Elements that are one text or a list of texts, and the places of their entries in the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast


def entries(value: object, path: str) -> Iterator[tuple[str, object]]:
    """The entries of an element, each with its place: one that stands without brackets has the element's own place."""
    if isinstance(value, (list, tuple)):
        for index, entry in enumerate(cast("Sequence[object]", value)):
            yield f"{path}[{index}]", entry
    else:
        yield path, value


def is_empty(value: object) -> bool:
    """Whether an element is a list without entries."""
    return isinstance(value, (list, tuple)) and not value
