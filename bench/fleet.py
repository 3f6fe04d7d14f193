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
    """Make the tenants by `bulkhead up --all`, and again by plain `pulumi up`, as people run it, and without preview.

    The plain runs use the same engine, backend, plugins and cloud. By default they preview before they update; Bulkhead
    checks the specs, the constraints and the cloud instead. The runs without preview show what remains of that.
    """
    settled = estate.write(land.folder / "estate", tenants)
    land.settle(settled)
    land.bulkhead("up", "platform")
    ours = land.bulkhead("up", "--all")
    land.bulkhead("destroy", "--all")
    usual = reduce(add, (plain_up(land, tenant) for tenant in settled.tenants), Cost(wall=0, cpu=0))
    land.bulkhead("destroy", "--all")
    bare = reduce(add, (plain_up(land, tenant, "--skip-preview") for tenant in settled.tenants), Cost(wall=0, cpu=0))
    what = f"(b) {tenants} tenants by up --all, against {tenants} runs of pulumi up"
    return [
        Ratio(what=f"{what}: wall", ours=ours.wall, theirs=usual.wall, reading="faster", target=FASTER),
        Ratio(what=f"{what}: CPU", ours=ours.cpu, theirs=usual.cpu, reading="faster", target=CHEAPER),
        Ratio(what=f"{what} --skip-preview: wall", ours=ours.wall, theirs=bare.wall, reading="faster"),
        Ratio(what=f"{what} --skip-preview: CPU", ours=ours.cpu, theirs=bare.cpu, reading="faster"),
    ]


def plain_up(land: Land, tenant: str, *options: str) -> Cost:
    folder = TENANTS.folder
    try:
        land.pulumi(folder, "stack", "init", tenant)
        return land.pulumi(folder, "up", "--yes", "--stack", tenant, *options)
    finally:
        (folder / f"Pulumi.{tenant}.yaml").unlink(missing_ok=True)
