"""Ctrl-C, and two runs of one stack at a time."""

from __future__ import annotations

import os
import signal

from tests.acceptance.killing import engines, processes, remains, still, wait_for
from tests.acceptance.land import Demo, Land
from tests.acceptance.moments import has_key
from tests.acceptance.settled import assert_settled, states


def test_ctrl_c_leaves_no_mess(demo: Demo, land: Land, initech: str) -> None:
    """The command says that it was cancelled and exits with 130; nothing is left running or pending."""
    run = land.start("up", initech, "--no-models")
    wait_for(lambda: has_key(land), run)
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate()
    assert run.returncode == 130, out
    assert f"{initech}: cancelled" in out
    assert "Traceback" not in out
    assert remains(land) == []
    assert states(land)[initech] == "deployed"
    assert land.run("doctor").code == 0
    land.succeed("up", initech, "--no-models")
    assert_settled(demo)


def test_a_second_up_at_the_same_time_is_refused(land: Land) -> None:
    """It names the run that is going on and how to end it; that run is not affected, other stacks are not either."""
    first = land.start("up", "acme", "--expect-no-changes")
    wait_for(lambda: bool(engines(processes(first))), first)
    (engine,) = engines(processes(first))
    with still(engine.pid):
        second = land.run("up", "acme", "globex", "--json")
    out, _ = first.communicate()
    assert first.returncode == 0, out
    assert second.code == 1, second.said()
    assert {each["stack"]: each["outcome"] for each in second.document()["stacks"]} == {
        "acme": "failed",
        "globex": "succeeded",
    }
    error = second.stack("acme")["error"]
    assert error["type"] == "StackBusy"
    assert f"process {first.pid}" in error["message"]
    assert f"kill -INT {first.pid}" in error["remedy"]
