"""Operations of every kind, failed and cancelled in every step: job, tenant and events end as one.

Workers are killed at every step of every kind in `tests.faults.test_killed_at_every_step`.
"""

from __future__ import annotations

from infra.jobs import JobStatus
from infra.lifecycle.states import CHANGES, OperationKind, State
from infra.lifecycle.steps import steps_of
from tests.jobs.job_bench import wait_for
from tests.provisioning.estate_bench import KINDS, EstateBench, Kind

#: One operation a step of each kind, by its id.
MOMENTS = {
    f"{what.name}-{step.name.replace(' ', '-')}": (what, step.name)
    for what in KINDS
    for step in steps_of(what.kind, stays_suspended=what.stays_suspended)
}


def _state_after_failure(what: Kind, step: str) -> State:
    match what.kind, step:
        case OperationKind.SUSPEND, "scale down":  # access stays closed
            return State.SUSPENDED
        case OperationKind.MOVE, "remove old network":
            return State.FAILED
        case kind, _ if kind in CHANGES:
            return what.before
        case _:
            return State.FAILED


def test_a_failure_at_every_step_of_every_kind(estate: EstateBench) -> None:
    for name, (what, step) in MOMENTS.items():
        estate.ask(name, what, fails={step: ["user", 1]})
    estate.start_worker()
    estate.wait_until_ended(*MOMENTS)
    estate.require_agreement(*MOMENTS)
    undone = {line.split()[0] for line in estate.lines("undone")}
    for name, (what, step) in MOMENTS.items():
        assert estate.tickets.get(name).status is JobStatus.FAILED, name
        assert estate.state(name) is _state_after_failure(what, step), name
        past_return = step in ("scale down", "remove old network")
        assert (name in undone) == (what.kind in CHANGES and not past_return), name


def test_cancelled_in_every_step_of_a_change_and_killed_while_it_is_put_back(estate: EstateBench) -> None:
    kinds = (OperationKind.ONBOARD, OperationKind.UPDATE, OperationKind.MOVE)
    moments = {name: each for name, each in MOMENTS.items() if each[0].kind in kinds}
    final = {name for name, (_, step) in moments.items() if step == "remove old network"}
    for name, (what, step) in moments.items():
        estate.ask(name, what, hold=step)
    first = estate.start_worker()
    for name in moments:
        estate.wait_until_reached(name)
    for name in moments.keys() - final:
        estate.cancel(name)
    estate.kill(first)
    for name in moments:
        estate.let_go(name)
    estate.start_worker()
    estate.wait_until_ended(*moments)
    estate.require_agreement(*moments)
    for name, (what, step) in moments.items():
        expected = JobStatus.SUCCEEDED if name in final else JobStatus.CANCELLED
        assert estate.tickets.get(name).status is expected, name
        made_something = State.FAILED if step in ("apply", "verify") else State.ERASED
        assert estate.state(name) is (made_something if what.kind is OperationKind.ONBOARD else what.before), name
    assert {line.split()[0] for line in estate.lines("undone")} == moments.keys() - final


def test_what_cannot_be_put_back_has_failed_for_both_reasons(estate: EstateBench) -> None:
    update = next(each for each in KINDS if each.kind is OperationKind.UPDATE)
    estate.ask("stuck", update, fails={"apply": ["quota", 1], "put back": ["capacity", 1]})
    estate.ask("cancelled", update, hold="apply", fails={"put back": ["internal", 1]})
    estate.start_worker()
    estate.wait_until_reached("cancelled")
    estate.cancel("cancelled")
    estate.let_go("cancelled")
    estate.wait_until_ended("stuck", "cancelled")
    estate.require_agreement("stuck", "cancelled")
    assert estate.state("stuck") is estate.state("cancelled") is State.FAILED
    for name, first in (("stuck", "failed for the 1. time;"), ("cancelled", "it was cancelled;")):
        failure = estate.tickets.get(name).failure
        assert failure is not None
        assert failure.message.startswith(first)
        assert "putting back what it had changed failed as well" in failure.message


def test_an_update_ends_a_move_that_failed_past_its_way_back(estate: EstateBench) -> None:
    move, update = (
        next(each for each in KINDS if each.kind is kind) for kind in (OperationKind.MOVE, OperationKind.UPDATE)
    )
    estate.ask("moved", move, fails={"remove old network": ["user", 1]})
    estate.start_worker()
    estate.wait_until_ended("moved")
    assert estate.state("moved") is State.FAILED
    estate.ask_again("mended", "moved", update)
    estate.wait_until_ended("mended")
    assert estate.tickets.get("mended").status is JobStatus.SUCCEEDED
    assert estate.state("moved") is State.ACTIVE
    assert estate.lines("undone") == []


def test_one_that_waits_is_cancelled_at_once_and_an_onboarding_withdrawn(estate: EstateBench) -> None:
    onboard, update = KINDS[0], KINDS[1]
    estate.ask("new", onboard)
    estate.ask("old", update)
    estate.cancel("new")
    estate.cancel("old")
    estate.require_agreement("new", "old")
    assert (estate.state("new"), estate.state("old")) == (State.ERASED, State.ACTIVE)


def test_progress_within_a_step_is_told(estate: EstateBench) -> None:
    estate.ask("held", KINDS[0], hold="apply")
    estate.start_worker()
    estate.wait_until_reached("held")
    wait_for(lambda: estate.percent("held") == 45, "the progress: 10 % before it and half of 70 %")
    estate.let_go("held")
    estate.wait_until_ended("held")


def test_what_was_validated_is_the_tenants_spec_once_it_has_succeeded(estate: EstateBench) -> None:
    update, resume = KINDS[1], KINDS[6]
    estate.ask("changed", update, returns={"validate": {"spec": {"id": "changed", "tier": "silo"}}})
    estate.ask("resumed", resume, returns={"preflight": {"spec": {"id": "resumed"}}})
    estate.ask("refused", update, returns={"validate": {"spec": {"id": "refused"}}}, fails={"apply": ["user", 1]})
    estate.start_worker()
    estate.wait_until_ended("changed", "refused", "resumed")
    assert estate.spec("changed") == {"id": "changed", "tier": "silo"}
    assert estate.spec("resumed") == {"id": "resumed"}
    assert estate.spec("refused") == {}


def test_jobs_of_an_erased_tenant_hold_nothing_of_it(estate: EstateBench) -> None:
    estate.ask("gone", KINDS[7], who="Ada Lovelace")
    estate.start_worker()
    estate.wait_until_ended("gone")
    found = estate.tickets.get("gone")
    assert (found.request.arguments, found.results, estate.state("gone")) == ({}, {}, State.ERASED)
