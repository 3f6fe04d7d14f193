"""What an account uses of the quotas now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.quotas.counting import Counts


@dataclass(frozen=True)
class Present:
    """What an account uses.

    Args:
        counts: How much, by place.
        unread: Why that of a quota is not known, by the quota's key.
    """

    counts: Counts
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
