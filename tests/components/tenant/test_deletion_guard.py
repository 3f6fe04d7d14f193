"""A guard makes the refusal of a destroy complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.engine import Operation
from tests.components.live import live


@pytest.mark.parametrize(
    ("program", "outcome", "left"),
    [
        ("guarded", "failed", {"data", "plain"}),
        ("unguarded", "failed", {"data"}),
        ("open_guard", "succeeded", set[str]()),
    ],
)
def test_a_closed_guard_keeps_everything(
    tmp_path: Path, engine_command: Path, program: str, outcome: str, left: set[str]
) -> None:
    """Nothing goes while it is closed; without it what is unprotected goes; open, everything does."""
    with live(tmp_path, engine_command, f"tests.components.tenant.guard_programs:{program}") as stack:
        stack.run(Operation.UP)
        assert stack.engine.run(stack.ref, Operation.DESTROY).outcome == outcome
        groups = stack.client("logs").describe_log_groups()["logGroups"]
        assert {group["logGroupName"] for group in groups} == left
