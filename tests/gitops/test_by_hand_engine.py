"""The marks of a stack that the real engine runs: what it writes is what a run by hand is told by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine import Engine, Operation
from infra.gitops import changed_by_hand, stack_mark
from tests.engine.notes_bench import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path, engine_command: Path) -> Bench:
    return make_bench(tmp_path, engine_command)


@pytest.fixture
def engine(bench: Bench) -> Iterator[Engine]:
    with bench.engine() as running:
        yield running


def test_a_run_that_nobody_recorded_is_seen(bench: Bench, engine: Engine) -> None:
    """A preview leaves the mark as it is, a run without changes changes nothing, and one with changes is told."""
    ref = bench.want("acme", first={"text": "one"})
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    recorded = stack_mark(engine.export(ref))
    assert recorded.written

    bench.want("acme", first={"text": "two"})
    assert engine.run(ref, Operation.PREVIEW).outcome == "succeeded"
    assert changed_by_hand(recorded, stack_mark(engine.export(ref))) is None

    bench.want("acme", first={"text": "one"})
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    idle = changed_by_hand(recorded, stack_mark(engine.export(ref)))
    assert idle is None or idle.kind == "written"

    bench.want("acme", first={"text": "two"})
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    found = changed_by_hand(recorded, stack_mark(engine.export(ref)))
    assert found is not None
    assert found.kind == "changed"
