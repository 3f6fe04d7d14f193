"""On the real engine and real steps: engine, provider, worker, step and cloud are killed at each step of a life.

Always tried: each step of an onboarding, and the cloud in an update. With the marker ``exhaustive``: each step of one
operation of each kind, and of one that is cancelled, with everybody who has a part in it. Engine and steps are scripted
in `tests.faults.test_killed_at_every_step`, which tries all kinds and steps always.

The embedded cloud is another matter than the others, since what is in it ends with it. What is left to do then is to
say so: nothing is shown as whole that is gone, and nothing is made in another cloud as if it was the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.jobs import JobStatus
from infra.lifecycle.states import OperationKind, State
from infra.provisioning import requests
from infra.store import operations
from infra.store.database import reading, transaction
from tests.acceptance.killing import remains
from tests.faults.kill_bench import PATIENCE
from tests.faults.lifecycle_cases import Ending, failure, kinds, steps, success
from tests.faults.real_bench import RealBench, empty_estate
from tests.faults.real_strikes import Strikes, Struck, Victim, victims_of
from tests.faults.tenant_life import TENANT, Act, Place, Runs, life
from tests.jobs.job_bench import wait_for
from tests.provisioning.estate_bench import NOW

pytestmark = [pytest.mark.xdist_group("killed runs"), pytest.mark.timeout(3600)]

LIFE = life()
ONBOARD, UPDATE = LIFE[:2]
PLACES = [(act, place) for act in LIFE for place in act.places]
TURNS = max(len(victims_of(place)) for _, place in PLACES)
#: What is tried always.
ALWAYS: Struck = {
    (ONBOARD.name, "validate"): (Victim.STEP,),
    (ONBOARD.name, "preflight"): (Victim.WORKER,),
    (ONBOARD.name, "apply"): (Victim.ENGINE, Victim.PROVIDER),
    (ONBOARD.name, "verify"): (Victim.STEP,),
}


def way_to(act: Act) -> list[Act]:
    """What brings a tenant to where an operation starts."""
    if act is ONBOARD:
        return []
    suspend = next(each for each in LIFE if each.what.kind is OperationKind.SUSPEND)
    return [ONBOARD, *[suspend] * (act.what.before is State.SUSPENDED)]


def victims(turn: int) -> Struck:
    """One of those who can be killed at each place, in turns; over all turns, everybody everywhere."""
    possible = [(act.name, place.step, victims_of(place)) for act, place in PLACES]
    return {(act, step): (of[(turn + number) % len(of)],) for number, (act, step, of) in enumerate(possible)}


@pytest.fixture
def bench(tmp_path: Path, engine_command: Path) -> Iterator[RealBench]:
    del engine_command  # made before, if it has to be
    land = empty_estate(tmp_path / "estate")
    try:
        bench = RealBench(land)
        try:
            bench.start_worker()
            yield bench
        finally:
            bench.close()
    finally:
        land.sandbox.down()


def live(bench: RealBench, act: Act, struck: Struck) -> None:
    """One operation from its request to its end, with deaths at its steps; then cloud and state agree."""
    strikes = Strikes(bench, act, struck)
    bench.begin(act)
    if act.cancelled_in is not None:
        change = Place(step=act.cancelled_in, done=steps(act.what).index(act.cancelled_in))
        with bench.in_the_middle(act, change), transaction(bench.database) as writing:
            requests.cancel(writing, act.name, NOW)
    strikes.strike()
    bench.end(act.name)
    assert bench.wrong_with(act.name) == []
    assert bench.disagreements() == []
    assert bench.points.all_struck()


def lose_the_cloud(bench: RealBench, act: Act, place: Place) -> None:
    """The operation fails and says what to do; with a new cloud, the next is refused before it makes anything."""
    strikes = Strikes(bench, act, {(act.name, place.step): (Victim.CLOUD,)})
    bench.begin(act)
    strikes.strike()
    bench.end(act.name)
    ending = _end_without_a_cloud(bench, act, place)
    bench.expect(act.name, TENANT, act.what, ending)
    assert bench.wrong_with(act.name) == []
    ended = bench.tickets.get(act.name).failure
    assert ended is None or "bulkhead sandbox up" in ended.remedy, ended

    bench.land.sandbox.up()
    state = bench.land.state()
    refused = bench.try_again(act if act.what.kind is OperationKind.ONBOARD else LIFE[-1])
    assert refused is not None
    assert "bulkhead sandbox reset" in refused.remedy
    assert bench.land.state() == state


def _end_without_a_cloud(bench: RealBench, act: Act, struck: Place) -> Ending:
    """How the lifecycle ends it: in the step whose cloud was killed, or in the first after it that needs one."""
    after = {place.step: place for place in act.places[struck.done :]}
    if bench.tickets.get(act.name).status is JobStatus.SUCCEEDED:
        assert all(place.runs is Runs.NOTHING for place in after.values())
        return success(act.what)
    with reading(bench.database) as connection:
        failed = operations.get(connection, act.name).operation.failure
    assert failed is not None
    assert failed.step in after
    assert struck.runs is Runs.NOTHING or failed.step == struck.step
    return failure(act.what, failed.step, can_be_undone=False)


def test_an_onboarding_struck_at_every_step_and_an_update_whose_cloud_is_killed(bench: RealBench) -> None:
    _require_that_an_orphan_is_seen(bench)
    live(bench, ONBOARD, ALWAYS)
    lose_the_cloud(bench, UPDATE, next(place for place in UPDATE.places if place.step == "apply"))
    _require_an_end_of_all_processes(bench)


@pytest.mark.exhaustive
@pytest.mark.parametrize("turn", range(TURNS))
def test_a_life_with_a_death_at_every_step(bench: RealBench, turn: int) -> None:
    for act in LIFE:
        live(bench, act, victims(turn))
    assert bench.left_of_tenants() == set()
    assert not (bench.land.specs / f"{TENANT}.yaml").exists()
    _require_an_end_of_all_processes(bench)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("act", "place"),
    [pytest.param(act, at, id=f"{act.name}-{at.step}") for act, at in PLACES if act.cancelled_in is None],
)
def test_a_cloud_that_is_killed_is_not_taken_for_another(bench: RealBench, act: Act, place: Place) -> None:
    for earlier in way_to(act):
        live(bench, earlier, {})
    lose_the_cloud(bench, act, place)


def _require_that_an_orphan_is_seen(bench: RealBench) -> None:
    """The comparison of cloud and states can fail."""
    logs = bench.land.client("logs")
    logs.create_log_group(logGroupName="orphan")
    assert bench.disagreements() == ["only in the cloud: ('aws:cloudwatch/logGroup:LogGroup', 'orphan')"]
    logs.delete_log_group(logGroupName="orphan")


def _require_an_end_of_all_processes(bench: RealBench) -> None:
    assert bench.worker is not None
    bench.kill(bench.worker)
    wait_for(lambda: remains(bench.land) == [], "the end of all processes", bench.log, PATIENCE)


def test_every_kind_step_and_victim_is_among_them() -> None:
    assert {act.what.kind for act, _ in PLACES} == {*OperationKind}
    assert {step for what in kinds() for step in steps(what)} < {place.step for _, place in PLACES}
    changing = {place.step for _, place in PLACES if place.runs is Runs.CHANGE}
    assert changing >= {"apply", "put back", "scale down", "remove", "build network", "switch endpoints"}
    assert {place.step for _, place in PLACES if place.runs is Runs.PREVIEW} == {"preflight"}
    everywhere = {(place, victim) for turn in range(TURNS) for place, one in victims(turn).items() for victim in one}
    assert everywhere == {((act.name, place.step), victim) for act, place in PLACES for victim in victims_of(place)}
    assert {step for _, step in ALWAYS} == {place.step for place in ONBOARD.places}
    assert {*Victim} - {victim for each in ALWAYS.values() for victim in each} == {Victim.CLOUD}
