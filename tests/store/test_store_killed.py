"""A process killed by SIGKILL while it writes: each state is what its events tell, and the work goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from onboarding_loop import NOW
from sqlalchemy import Engine

from infra.lifecycle.progress import begin_step, end_step
from infra.lifecycle.states import State
from infra.store import changes, events, operations, tenants
from infra.store.database import reading, transaction

LOOP = Path(__file__).with_name("onboarding_loop.py")


@pytest.mark.parametrize("writes", [1, 4, 11])
def test_a_killed_writer_leaves_state_and_events_as_one(store: Engine, store_url: str, writes: int) -> None:
    """After so many writes, wherever in the next one it is: nothing is written or told by half."""
    environment = {"DATABASE_URL": store_url}
    process = subprocess.Popen([sys.executable, LOOP], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(writes):
        assert process.stdout.readline() == ".\n"
    process.kill()
    process.communicate()
    with reading(store) as connection:
        stream = events.after(connection, 0, limit=10_000)
        found = tenants.page(connection, limit=1000)
        unfinished = operations.page(connection, open_only=True)
    assert [each.sequence for each in stream] == list(range(1, len(stream) + 1))
    told: dict[str, str] = {}
    for each in stream:
        if each.name.startswith("tenant."):
            told[each.tenant] = msgspec.json.decode(each.data)["to"]
    assert {each.id: str(each.condition.state) for each in found} == told
    assert len(stream) > writes
    # Another worker goes on at the step at which the operation is.
    for record in unfinished:
        for step in record.operation.steps[record.operation.steps_done :]:
            for how in (begin_step, end_step):
                with transaction(store) as connection:
                    name = step.name
                    changes.move(
                        connection,
                        record.operation.id,
                        lambda operation, at, how=how, name=name: how(operation, at, name),
                        NOW,
                    )
    with reading(store) as connection:
        assert {each.condition.state for each in tenants.page(connection, limit=1000)} == {State.ACTIVE}
