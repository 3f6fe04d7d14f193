"""(h) What the preview of a tenant costs in which nothing changed, beside many others."""

from __future__ import annotations

from bench import estate
from bench.land import Land
from bench.ratio import Ratio

#: CPU-seconds that the preview of an unchanged tenant may take.
TARGET = 2.0


def measure(land: Land, *, tenants: int) -> list[Ratio]:
    """Bring tenants up, and preview all of them together; nothing may be found to change.

    Args:
        land: Where to measure.
        tenants: How many.
    """
    land.settle(estate.write(land.folder / "estate", tenants))
    land.bulkhead("up", "platform")
    land.bulkhead("up", "--all")
    cost = land.bulkhead("preview", "--all", "--expect-no-changes")
    what = f"(h) preview of one of {tenants} unchanged tenants: CPU"
    return [Ratio(what=what, ours=cost.cpu / tenants, theirs=TARGET, reading="cost", target=1.0)]
