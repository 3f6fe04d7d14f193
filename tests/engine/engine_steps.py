"""A job's step that brings up a stack of notes."""

from __future__ import annotations

from pathlib import Path

from infra.engine import Operation
from infra.jobs import StepCall
from tests.engine.notes_bench import load_bench


def run(call: StepCall) -> str:
    bench = load_bench(Path(call.arguments["bench"]))
    with bench.engine() as engine:
        return engine.run(bench.ref(call.tenant), Operation.UP).outcome
