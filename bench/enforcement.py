"""(e) What the enforcement of policies adds to each request of real runs: the platform, a tenant, a preview, a destroy.

The sandbox's log says of each request how long it took and how much of that was the enforcement: reading, verifying,
resolving, deciding and recording. What is left is the same request without it. Waiting for other requests counts, too.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from bench import estate
from bench.land import Land
from bench.measure import CommandFailed
from bench.ratio import Ratio
from infra.operations.embedded import sandbox

#: Milliseconds that a request may take longer, at the median.
BUDGET = 2.0
_TENANT = "tenant000"
_LINE = re.compile(
    r"sandbox\.requests: \S+ \S+ \S+ \d+ (?P<all>[\d.]+) ms \((?P<added>[\d.]+) ms to decide\)$", re.MULTILINE
)


def measure(land: Land) -> list[Ratio]:
    """Run stacks, and read from the log what their requests took.

    Args:
        land: Where to measure.
    """
    land.settle(estate.write(land.folder / "estate", 1))
    for arguments in (("up", "platform"), ("up", _TENANT), ("preview", _TENANT), ("destroy", _TENANT)):
        land.bulkhead(*arguments)
    status = sandbox(land.settings).status()
    logs = sorted(status.log.parent.glob(f"{status.log.name}*"))
    found = [match for log in logs for match in _LINE.finditer(log.read_text())]
    added = [float(match["added"]) for match in found]
    without = [float(match["all"]) - float(match["added"]) for match in found]
    if len(added) < 100:
        raise CommandFailed(f"the log tells of {len(added)} requests only")
    requests = f"(e) a thousand requests, of {len(added):,}"
    return [
        Ratio(
            what=f"{requests}: added at the median ({_percentile(added, 99):.1f} ms at p99), against {BUDGET} ms",
            ours=statistics.median(added),
            theirs=BUDGET,
            reading="cost",
            target=1.0,
        ),
        Ratio(
            what=f"{requests}: with the enforcement at the median, against without",
            ours=statistics.median(float(match["all"]) for match in found),
            theirs=statistics.median(without),
            reading="cost",
        ),
    ]


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
