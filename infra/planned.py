"""The mark for a value that a plan cannot know yet, for all who read plans."""

from __future__ import annotations

from typing import Final


class Unknown:
    """The type of `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


#: Stands for a value that the plan cannot know yet.
UNKNOWN: Final = Unknown()
