"""(c) Whether the cost of a tenant grows with the number of tenants that are there already."""

from __future__ import annotations

import statistics

from bench import estate
from bench.land import Land
from bench.ratio import Ratio

TARGET = 1.1
#: So many tenants at each end are measured, so that one slow run does not decide.
_SAMPLE = 5


def measure(land: Land, *, tenants: int) -> list[Ratio]:
    """Make the first tenants one by one, then the bulk together, then the last ones one by one."""
    settled = estate.write(land.folder / "estate", tenants)
    land.settle(settled)
    land.bulkhead("up", "platform")
    first = [land.bulkhead("up", tenant) for tenant in settled.tenants[:_SAMPLE]]
    land.bulkhead("up", *settled.tenants[_SAMPLE:-_SAMPLE])
    last = [land.bulkhead("up", tenant) for tenant in settled.tenants[-_SAMPLE:]]
    return [
        Ratio(
            what=f"(c) tenant {tenants} against tenant 1, CPU",
            ours=statistics.median(cost.cpu for cost in last),
            theirs=statistics.median(cost.cpu for cost in first),
            reading="cost",
            target=TARGET,
        ),
        Ratio(
            what=f"(c) tenant {tenants} against tenant 1, wall",
            ours=statistics.median(cost.wall for cost in last),
            theirs=statistics.median(cost.wall for cost in first),
            reading="cost",
            target=TARGET,
        ),
    ]
