"""Several stacks at the same time."""

from __future__ import annotations

import threading
from collections import defaultdict

import pytest

from infra.engine import Engine, Operation, StackEvent
from infra.engine.errors import ResourceFailed, StackBusy
from tests.engine.notes_bench import Bench

STACKS = [f"tenant{number}" for number in range(6)]


def test_stacks_run_side_by_side_and_are_never_mixed_up(bench: Bench, engine: Engine) -> None:
    """Each program sees the name of its own stack, each event names its own, and results keep the order asked for."""
    refs = [bench.want(stack, one={}, two={}) for stack in STACKS]
    seen: dict[str, set[str]] = defaultdict(set)

    def on_event(event: StackEvent) -> None:
        if event.change is not None:
            seen[event.ref.stack].add(event.change.urn.split("::")[0])

    results = engine.run_many(refs, Operation.UP, parallel=3, on_event=on_event)

    assert [result.ref.stack for result in results] == STACKS
    assert {result.ref.stack: result.outputs["stack"] for result in results} == {stack: stack for stack in STACKS}
    assert bench.names() == sorted(f"{stack}-{note}" for stack in STACKS for note in ("one", "two"))
    assert seen == {stack: {f"urn:pulumi:{stack}"} for stack in STACKS}


def test_one_that_fails_does_not_stop_the_others(bench: Bench, engine: Engine) -> None:
    """The failing stack is told from the others, which are all there."""
    refs = [bench.want(stack, note={"text": "refused" if stack == "tenant1" else ""}) for stack in STACKS[:3]]
    results = engine.run_many(refs, Operation.UP)
    assert [result.outcome for result in results] == ["succeeded", "failed", "succeeded"]
    assert isinstance(results[1].error, ResourceFailed)
    assert bench.names() == ["tenant0-note", "tenant2-note"]


def test_they_really_run_at_the_same_time(bench: Bench, engine: Engine) -> None:
    """Two stacks that both wait for the same gate are both waiting at one moment."""
    bench.close_gate()
    refs = [bench.want(stack, note={"hold": "before"}) for stack in STACKS[:2]]
    results: list[str] = []
    running = threading.Thread(
        target=lambda: results.extend(result.outcome for result in engine.run_many(refs, Operation.UP, parallel=2))
    )
    running.start()
    for stack in STACKS[:2]:
        bench.wait_until_reached(f"{stack}-note")
    bench.open_gate()
    running.join()
    assert results == ["succeeded", "succeeded"]


def test_a_second_run_of_a_busy_stack_is_refused(bench: Bench, engine: Engine) -> None:
    """While one run is alive, another is told who runs what since when; previews too; afterwards it is welcome."""
    bench.close_gate()
    ref = bench.want("acme", note={"hold": "before"})
    running = threading.Thread(target=engine.run, args=(ref, Operation.UP))
    running.start()
    bench.wait_until_reached("acme-note")
    for operation in (Operation.UP, Operation.PREVIEW):
        error = engine.run(ref, operation).error
        assert isinstance(error, StackBusy)
        assert "`up` by process" in error.message
        assert "since" in error.message
        assert error.remedy
    bench.open_gate()
    running.join()
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert bench.names() == ["acme-note"]


def test_a_stack_that_is_named_twice_is_a_mistake_of_the_caller(bench: Bench, engine: Engine) -> None:
    """Nothing is run."""
    ref = bench.want("acme", note={})
    with pytest.raises(ValueError, match="twice"):
        engine.run_many([ref, ref], Operation.UP)
    assert bench.names() == []
