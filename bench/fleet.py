"""(b) Many tenants at once against the plain command line, one tenant after the other."""

from __future__ import annotations

from functools import reduce
from operator import add

from bench import estate
from bench.land import Land
from bench.measure import Cost
from bench.ratio import Ratio
from infra.operations.projects import TENANTS

FASTER, CHEAPER = 3.0, 2.0


def measure(land: Land, *, tenants: int) -> list[Ratio]:
    """Make the tenants by `bulkhead up --all`, destroy them, and make them again by plain `pulumi up` runs.

    The plain runs skip their preview, as ours do, and use the same engine, backend, plugins and cloud.
    """
    settled = estate.write(land.folder / "estate", tenants)
    land.settle(settled)
    land.bulkhead("up", "platform")
    ours = land.bulkhead("up", "--all")
    land.bulkhead("destroy", "--all")
    theirs = reduce(add, (_plain_up(land, tenant) for tenant in settled.tenants), Cost(wall=0, cpu=0))
    what = f"(b) {tenants} tenants by up --all, against {tenants} runs of pulumi up"
    return [
        Ratio(what=f"{what}: wall", ours=ours.wall, theirs=theirs.wall, reading="faster", target=FASTER),
        Ratio(what=f"{what}: CPU", ours=ours.cpu, theirs=theirs.cpu, reading="faster", target=CHEAPER),
    ]


def _plain_up(land: Land, tenant: str) -> Cost:
    folder = TENANTS.folder
    try:
        land.pulumi(folder, "stack", "init", tenant)
        return land.pulumi(folder, "up", "--yes", "--skip-preview", "--stack", tenant)
    finally:
        (folder / f"Pulumi.{tenant}.yaml").unlink(missing_ok=True)
