"""The tables of the lifecycle: whole, without contradiction, and told by docs/lifecycle.md as they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from infra.lifecycle.documentation import FILE, render
from infra.lifecycle.failures import CLASS_MEANINGS, Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import accept
from infra.lifecycle.states import MEANINGS, Event, OperationKind, State
from infra.lifecycle.steps import STARTS, STARTS_AFTER_FAILURE, STEPS, STEPS_WHILE_SUSPENDED, Step, startable, steps_of
from infra.lifecycle.transitions import TRANSITIONS, next_state

ROOT = Path(__file__).parents[3]
PLANS = [*STEPS.values(), *STEPS_WHILE_SUSPENDED.values()]


def test_the_document_is_current() -> None:
    """It is what the tables say; ``python -m infra.lifecycle.documentation`` writes it anew."""
    assert (ROOT / FILE).read_text() == render()


def test_every_word_is_used_and_explained() -> None:
    """Every state has a meaning and a way in, every event is in a transition, every kind has steps and a start."""
    assert {each.target for each in TRANSITIONS} == set(State) == set(MEANINGS)
    assert {each.event for each in TRANSITIONS} == set(Event)
    assert set(STEPS) == set(STARTS) == set(STARTS_AFTER_FAILURE) == set(OperationKind)
    assert set(CLASS_MEANINGS) == set(FailureClass)


def test_one_event_leads_to_one_state() -> None:
    """No two transitions have the same state and event."""
    pairs = Counter((each.source, each.event) for each in TRANSITIONS)
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_every_state_but_erased_can_be_left_and_erased_cannot() -> None:
    """Nothing happens to an erased tenant; no other state is a dead end."""
    assert {each.source for each in TRANSITIONS} - {None} == set(State) - {State.ERASED}


@pytest.mark.parametrize("steps", PLANS)
def test_the_steps_of_an_operation_are_all_its_work(steps: tuple[Step, ...]) -> None:
    """Their shares add up to 100 percent, and no name is there twice."""
    assert sum(each.percent for each in steps) == 100
    assert len({each.name for each in steps}) == len(steps)


@pytest.mark.parametrize("state", [each for each in State if each is not State.FAILED])
def test_an_operation_starts_where_its_events_are_possible(state: State) -> None:
    """The first event of its steps can happen to each tenant on which it can start."""
    for kind in startable(state):
        first = next(event for each in steps_of(kind) for event in (each.begins, each.ends) if event)
        next_state(state, first, during=kind)


@pytest.mark.parametrize("failed_in", OperationKind)
def test_a_failed_tenant_can_always_be_erased(failed_in: OperationKind) -> None:
    """Whatever failed, an erasure can start; a tenant whose erasure failed can do nothing else."""
    assert OperationKind.ERASE in startable(State.FAILED, failed_in)
    if failed_in is OperationKind.ERASE:
        assert startable(State.FAILED, failed_in) == {OperationKind.ERASE}


def test_a_tenant_whose_erasure_failed_never_becomes_active() -> None:
    """No change leads out of a failed erasure; the same change leads out of a failed update."""
    assert (
        next_state(State.FAILED, Event.CHANGE_STARTED, during=OperationKind.UPDATE, failed_in=OperationKind.MOVE)
        is State.UPDATING
    )
    with pytest.raises(TransitionRefused):
        next_state(State.FAILED, Event.CHANGE_STARTED, during=OperationKind.UPDATE, failed_in=OperationKind.ERASE)


def test_an_onboarding_is_never_rolled_back_to_active() -> None:
    """The event that returns an updated tenant to active is refused while it is onboarded."""
    assert next_state(State.VERIFYING, Event.ROLLED_BACK, during=OperationKind.UPDATE) is State.ACTIVE
    with pytest.raises(TransitionRefused, match="possible there: verified, failed"):
        next_state(State.VERIFYING, Event.ROLLED_BACK, during=OperationKind.ONBOARD)


def test_the_refusal_says_what_is_possible() -> None:
    """An operation that cannot start names those that can."""
    with pytest.raises(TransitionRefused, match="possible there: erase, move, suspend, update, upgrade"):
        accept("o1", "acme", OperationKind.RESUME, state=State.ACTIVE)
    with pytest.raises(TransitionRefused, match="another tenant id"):
        accept("o1", "acme", OperationKind.ONBOARD, state=State.ERASED)
    with pytest.raises(TransitionRefused, match="resume it first"):
        accept("o1", "acme", OperationKind.MOVE, state=State.ACTIVE, stays_suspended=True)


def test_a_failed_tenant_says_what_failed() -> None:
    """Without the kind of operation that failed nothing can be said to be possible."""
    with pytest.raises(ValueError, match="which kind of operation failed"):
        startable(State.FAILED)


@pytest.mark.parametrize("failure_class", FailureClass)
def test_only_what_passes_by_itself_is_tried_again(failure_class: FailureClass) -> None:
    """Transient and conflict; never a mistake, a limit or a defect."""
    failure = Failure(
        operation=OperationKind.UPDATE, step="apply", failure_class=failure_class, message="stopped", remedy="look"
    )
    assert failure.retried == (failure_class in {FailureClass.TRANSIENT, FailureClass.CONFLICT})


def test_a_failure_without_a_remedy_is_no_failure() -> None:
    """The reason is never hidden: message and remedy must say something."""
    for message, remedy in (("", "look"), ("stopped", " ")):
        with pytest.raises(ValueError, match="what is wrong and what to do"):
            Failure(
                operation=OperationKind.UPDATE,
                step="apply",
                failure_class=FailureClass.USER,
                message=message,
                remedy=remedy,
            )
