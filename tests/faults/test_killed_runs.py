"""Engine, provider, worker and cloud are killed in the middle of every step that runs the engine, in a tenant's life.

One tenant lives through one operation of each kind. Each step that runs the engine is struck once, with the embedded
cloud standing still, so that what the engine has asked for is done and nobody hears of it. Who is struck goes round;
with the marker ``exhaustive`` each is struck in each step.

The embedded cloud is another matter, since what is in it ends with it. What is left to do then is to say so: nothing is
shown as whole that is gone, and nothing is made in another cloud as if it was the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.lifecycle.states import OperationKind
from infra.provisioning import requests
from infra.store.database import transaction
from tests.acceptance.killing import remains
from tests.faults.kill_bench import PATIENCE
from tests.faults.lifecycle_cases import PUT_BACK, failure, steps
from tests.faults.real_bench import RealBench, empty_estate, kill_engine, kill_provider, kill_worker
from tests.faults.tenant_life import TENANT, Act, life, runs_engine
from tests.jobs.job_bench import wait_for
from tests.provisioning.estate_bench import NOW

pytestmark = [pytest.mark.xdist_group("killed runs"), pytest.mark.timeout(1800)]

Kill = Callable[[RealBench, psutil.Process], None]
VICTIMS: tuple[Kill, ...] = (kill_worker, kill_engine, kill_provider)
LIFE = life()
PLACES = [(act, step, done) for act in LIFE for step, done in act.places]


def victims(turn: int) -> dict[tuple[str, str], Kill]:
    """Who is struck where, by the operation and the step; over all turns, everybody everywhere."""
    return {(act.name, step): VICTIMS[(turn + place) % len(VICTIMS)] for place, (act, step, _) in enumerate(PLACES)}


@pytest.fixture
def bench(tmp_path: Path, engine_command: Path) -> Iterator[RealBench]:
    del engine_command  # made before, if it has to be
    land = empty_estate(tmp_path / "estate")
    try:
        bench = RealBench(land)
        try:
            yield bench
        finally:
            bench.close()
    finally:
        land.sandbox.down()


def live(bench: RealBench, act: Act, struck: dict[tuple[str, str], Kill]) -> None:
    """One operation from its request to its end, struck where it runs the engine; then cloud and state agree."""
    bench.begin(act)
    if act.cancelled_in is not None:
        with bench.in_the_middle(act, steps(act.what).index(act.cancelled_in)), transaction(bench.database) as writing:
            requests.cancel(writing, act.name, NOW)
    for step, done in act.places if struck else ():
        with bench.in_the_middle(act, done) as engine:
            struck[act.name, step](bench, engine)
        if struck[act.name, step] is kill_worker:
            bench.start_worker()
    bench.end(act.name)
    assert bench.wrong_with(act.name) == []
    assert bench.disagreements() == []


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.exhaustive) for turn in (1, 2))])
def test_a_life_with_a_death_in_every_run(bench: RealBench, turn: int) -> None:
    struck = victims(turn)
    _require_that_an_orphan_is_seen(bench)
    bench.start_worker()
    for act in LIFE:
        live(bench, act, struck)
    assert bench.left_of_tenants() == set()
    assert not (bench.land.specs / f"{TENANT}.yaml").exists()
    assert bench.worker is not None
    bench.kill(bench.worker)
    wait_for(lambda: remains(bench.land) == [], "the end of all processes", bench.log, PATIENCE)


def _require_that_an_orphan_is_seen(bench: RealBench) -> None:
    """The comparison of cloud and states can fail."""
    logs = bench.land.client("logs")
    logs.create_log_group(logGroupName="orphan")
    assert bench.disagreements() == ["only in the cloud: ('aws:cloudwatch/logGroup:LogGroup', 'orphan')"]
    logs.delete_log_group(logGroupName="orphan")


def _cloud_places() -> list[object]:
    """Always the first; where each other kind runs the engine, for those who have the time."""
    places = [(act, step) for act, step, _ in PLACES if act.cancelled_in is None]
    every = [pytest.param(act, step, id=f"{act.name}-{step}", marks=pytest.mark.exhaustive) for act, step in places[1:]]
    return [pytest.param(*places[0], id=f"{places[0][0].name}-{places[0][1]}"), *every]


@pytest.mark.parametrize(("act", "step"), _cloud_places())
def test_a_cloud_that_is_killed_is_not_taken_for_another(bench: RealBench, act: Act, step: str) -> None:
    """The operation fails and says what to do; with a new cloud, the next is refused before it makes anything."""
    bench.start_worker()
    for earlier in LIFE[: LIFE.index(act)]:
        live(bench, earlier, {})
    bench.begin(act, failure(act.what, step, can_be_undone=False))
    with bench.in_the_middle(act, dict(act.places)[step]):
        bench.kill_cloud()
    bench.end(act.name)
    assert bench.wrong_with(act.name) == []
    ended = bench.tickets.get(act.name).failure
    assert ended is not None
    assert "bulkhead sandbox up" in ended.remedy

    bench.land.sandbox.up()
    state = bench.land.state()
    refused = bench.try_again(act if act.what.kind is OperationKind.ONBOARD else LIFE[-1])
    assert refused is not None
    assert "bulkhead sandbox reset" in refused.remedy
    assert bench.land.state() == state


def test_every_kind_step_and_victim_is_among_them() -> None:
    assert {act.what.kind for act, _, _ in PLACES} == {*OperationKind}
    named = {step for act in LIFE for step in steps(act.what) if runs_engine(step)}
    assert {step for _, step, _ in PLACES} == {*named, PUT_BACK}
    assert named >= {"apply", "scale down", "remove", "build network", "switch endpoints", "remove old network"}
    assert {*victims(0).values()} == {*VICTIMS}
    everywhere = {(place, kill) for turn in range(len(VICTIMS)) for place, kill in victims(turn).items()}
    assert len(everywhere) == len(PLACES) * len(VICTIMS)
