"""(e) What the enforcement of policies adds to each request of real runs: a tenant comes up, is previewed and goes.

The sandbox's log says of each request how long it took and how much of that was the enforcement: reading, verifying,
resolving, deciding and recording. What is left is the same request without it. Waiting for other requests counts, too.
Another tenant comes up before: the first request of each service reads the service's model, once a sandbox.
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
_FIRST, _TENANT = "tenant000", "tenant001"
_LINE = re.compile(
    r"sandbox\.requests: \S+ \S+ \S+ \d+ (?P<all>[\d.]+) ms \((?P<added>[\d.]+) ms to decide\)$", re.MULTILINE
)


def measure(land: Land) -> list[Ratio]:
    """Run stacks, and read from the log what their requests took.

    Args:
        land: Where to measure.
    """
    land.settle(estate.write(land.folder / "estate", 2))
    land.bulkhead("up", "platform")
    land.bulkhead("up", _FIRST)
    before = len(_requests(land))
    for arguments in (("up", _TENANT), ("preview", _TENANT), ("destroy", _TENANT)):
        land.bulkhead(*arguments)
    found = _requests(land)[before:]
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


def _requests(land: Land) -> list[re.Match[str]]:
    """What the log says of requests, from the first on."""
    log = sandbox(land.settings).status().log
    parts = sorted(log.parent.glob(f"{log.name}*"), reverse=True)
    return [match for part in parts for match in _LINE.finditer(part.read_text())]


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
