"""One comparison: two figures of one run, and the target for their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Ours against what it is measured against, both in one unit.

    Args:
        what: What was measured.
        ours: Bulkhead's figure.
        theirs: The figure beside it.
        reading: ``cost``: ours over theirs, at most the target. ``faster``: theirs over ours, at least the target.
        target: The limit of the ratio; None where the figure is only for the reader.
        unit: Of both figures.
    """

    what: str
    ours: float
    theirs: float
    reading: Literal["cost", "faster"]
    target: float | None = None
    unit: str = "s"

    @property
    def value(self) -> float:
        """The ratio."""
        return self.ours / self.theirs if self.reading == "cost" else self.theirs / self.ours

    @property
    def met(self) -> bool:
        """Whether the target is met; a figure without one always is."""
        if self.target is None:
            return True
        return self.value <= self.target if self.reading == "cost" else self.value >= self.target

    @property
    def target_text(self) -> str:
        """The target as text."""
        if self.target is None:
            return "-"
        return f"{'at most' if self.reading == 'cost' else 'at least'} {self.target}x"
