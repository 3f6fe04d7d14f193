"""(g) Tenants by requests to the provisioning service, against as many runs of the plain command line, and its floor.

The service runs as by default, with checkpoints, proofs and smoke tests; what it cost is what its whole tree of
processes and the sandbox worked, with its start, which few tenants pay for more dearly than many. The plain command
line makes the same specs, one after the other, through the same provider in an embedded cloud of its own; it previews,
as people run it, but proves, counts and tries nothing. The floor is less than any onboarding can cost: no preview, no
proof, no cloud, and a flat program. Every figure is of one machine in one run; of what else works there the processor's
caches tell, so that only ratios of one run mean anything.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import reduce
from http import HTTPStatus
from operator import add
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from bench import estate, floor
from bench.fleet import plain_up
from bench.land import Land
from bench.measure import CommandFailed, Cost, cpu_below
from bench.progress import Course, Meter
from bench.ratio import Ratio
from bench.readers import Readers
from bench.service import caller, serving
from infra.api.auth.roles import Role

CHEAPER, FASTER, ABOVE_THE_FLOOR, GROWTH = 2.5, 3.0, 1.6, 1.1
#: Seconds that 99 of 100 answers may take at most.
ANSWER = 0.05
_READERS, _REQUESTS_A_SECOND, _ENOUGH = 4, 20.0, 1_000
_POLL_SECONDS = 1.0
_PAGE = 100


def measure(folder: Path, *, tenants: int) -> list[Ratio]:
    """Onboard the tenants, make one's resources by a provider that does nothing, then all by plain `pulumi up`.

    Args:
        folder: An empty folder; the plain command line gets a home, a cloud and specs of its own.
        tenants: How many.
    """
    with _land(folder / "service") as land:
        settled = _settled(land, tenants)
        specs = [_taken(settled.specs / f"{tenant}.yaml") for tenant in settled.tenants]
        course, waits = _onboard(land, specs)
        least = floor.measure(land, settled.tenants[0])
    with _land(folder / "plain") as land:
        usual = reduce(add, (plain_up(land, each) for each in _settled(land, tenants).tenants), Cost(wall=0, cpu=0))
    what = f"(g) {tenants} tenants by the service, against {tenants} runs of pulumi up"
    first, last = course.ends()
    many = f"(g) the last tenants of {tenants} against the first"
    return [
        Ratio(what=f"{what}: CPU", ours=course.total.cpu, theirs=usual.cpu, reading="faster", target=CHEAPER),
        Ratio(what=f"{what}: wall", ours=course.total.wall, theirs=usual.wall, reading="faster", target=FASTER),
        Ratio(
            what="(g) a tenant by the service, against its resources by a provider that does nothing: CPU",
            ours=course.total.cpu / tenants,
            theirs=least,
            reading="cost",
            target=ABOVE_THE_FLOOR,
        ),
        Ratio(what=f"{many}: CPU", ours=last.cpu, theirs=first.cpu, reading="cost", target=GROWTH),
        Ratio(what=f"{many}: wall", ours=last.wall, theirs=first.wall, reading="cost", target=GROWTH),
        Ratio(
            what=f"(g) 99 of 100 answers while all workers are busy, of {len(waits)}",
            ours=sorted(waits)[len(waits) * 99 // 100],
            theirs=ANSWER,
            reading="cost",
            target=1.0,
        ),
    ]


def _land(folder: Path) -> Land:
    folder.mkdir()
    return Land(folder)


def _settled(land: Land, tenants: int) -> estate.BenchEstate:
    """Specs for a land, and the platform brought up."""
    settled = estate.write(land.folder / "estate", tenants)
    land.settle(settled)
    land.bulkhead("up", "platform")
    return settled


def _taken(file: Path) -> Mapping[str, Any]:
    """A spec, which the service is to write itself."""
    yaml: Any = YAML(typ="safe")
    spec: Mapping[str, Any] = yaml.load(file.read_text())
    file.unlink()
    return spec


def _onboard(land: Land, specs: Sequence[Mapping[str, Any]]) -> tuple[Course, Sequence[float]]:
    """Ask for all tenants at once, and wait; how it went, and how long readers waited for answers meanwhile."""
    before = cpu_below()
    with serving(land) as address, ExitStack() as opened:
        ready = time.time()
        admin = opened.enter_context(caller(land, address, "bench", Role.PLATFORM_ADMIN))
        auditors = [opened.enter_context(caller(land, address, f"reader{n}", Role.AUDITOR)) for n in range(_READERS)]
        with Meter() as meter:
            for spec in specs:
                _ask(admin, spec)
            with Readers(auditors, specs[0]["id"], rate=_REQUESTS_A_SECOND, most=_ENOUGH) as readers:
                ended = _ended(admin, len(specs))
        meter.sample()
    # What starts once, and ends once, is part of the CPU of all tenants, but no wait of theirs.
    total = Cost(wall=max(ended) - ready, cpu=cpu_below() - before)
    return Course(total=total, ended=sorted(ended), samples=meter.samples), readers.seconds


def _ask(client: httpx.Client, spec: Mapping[str, Any]) -> None:
    """Ask for a tenant; where that are too many requests, again, under the same key."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    while (
        answer := client.post("/v1/tenants", json=spec, headers=headers)
    ).status_code == HTTPStatus.TOO_MANY_REQUESTS:
        time.sleep(float(answer.headers["Retry-After"]))
    if answer.status_code != HTTPStatus.ACCEPTED:
        raise CommandFailed(f"{spec['id']} was refused: {answer.status_code} {answer.text}")


def _ended(client: httpx.Client, tenants: int) -> list[float]:
    """Wait for all onboardings; when each ended.

    Raises:
        CommandFailed: one failed.
    """
    while client.get("/v1/operations", params={"open_only": True, "page_size": 1}).json()["items"]:
        time.sleep(_POLL_SECONDS)
    found: list[dict[str, Any]] = []
    token = ""
    while len(found) < tenants:
        page = client.get("/v1/operations", params={"page_size": _PAGE, **({"page_token": token} if token else {})})
        found += page.json()["items"]
        token = page.json()["next_page_token"]
        if not token:
            break
    failed = [each for each in found if each["state"] != "succeeded"]
    if failed or len(found) != tenants:
        raise CommandFailed(f"{len(found)} of {tenants} onboardings, {len(failed)} failed: {failed[:1]}")
    return [datetime.fromisoformat(each["ended_at"]).timestamp() for each in found]
