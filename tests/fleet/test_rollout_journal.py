"""The file of a rollout: what is written survives a crash, and nothing else than what was written is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import UserError
from infra.fleet import Action, Ended, Finished, Journal, Policy, Run, Started, plan_rollout
from tests.fleet.fleets import NEW, tenant

_PLAN = plan_rollout([tenant("acme"), tenant("globex")], NEW, Policy(shares=()))
_FIRST = Action(kind="check", tenant=_PLAN.waves[0].tenants[0].tenant, wave=0)


def test_it_is_resumed_where_it_was(tmp_path: Path) -> None:
    """Closed after any entry and opened again, it goes on to the end, and no step runs twice."""
    path = tmp_path / "rollout.jsonl"
    Journal(path, _PLAN).close()
    ran: list[Action] = []
    for _ in range(40):
        with Journal(path) as journal:
            decision = journal.decide()
            if not isinstance(decision, Run):
                break
            action = decision.actions[0]
            if any(isinstance(one, Started) and one.action == action for one in journal.record.entries):
                ran.append(action)
                journal.add(Ended(action=action, outcome="passed"))
            else:
                journal.add(Started(action=action))
    else:
        raise AssertionError("it does not end")
    assert decision == Finished(verdict="complete")
    assert len(ran) == len(set(ran)) == 6


@pytest.mark.parametrize("cut", [1, 20])
def test_a_torn_line_is_dropped(tmp_path: Path, cut: int) -> None:
    """What a crash cut short was never acted on; what comes after it is read whole."""
    path = tmp_path / "rollout.jsonl"
    with Journal(path, _PLAN) as journal:
        journal.add(Started(action=_FIRST))
        before = journal.record
        journal.add(Ended(action=_FIRST, outcome="passed"))
        after = journal.record
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path) as journal:
        assert journal.record == before
        journal.add(Ended(action=_FIRST, outcome="passed"))
    with Journal(path) as journal:
        assert journal.record == after


def test_an_entry_that_does_not_follow_is_not_written(tmp_path: Path) -> None:
    """An upgrade before its preview is refused, and the file is as it was."""
    path = tmp_path / "rollout.jsonl"
    with Journal(path, _PLAN) as journal:
        before = path.read_bytes()
        with pytest.raises(UserError, match="does not follow"):
            journal.add(Started(action=_FIRST.model_copy(update={"kind": "upgrade"})))
    assert path.read_bytes() == before


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """While it is open, nobody else opens it; afterwards somebody may; and it is not begun twice."""
    path = tmp_path / "rollout.jsonl"
    with Journal(path, _PLAN), pytest.raises(UserError, match="another process"):
        Journal(path)
    Journal(path).close()
    with pytest.raises(UserError, match="has begun here"):
        Journal(path, _PLAN)


@pytest.mark.parametrize(
    ("content", "line"), [(b"no plan\n", 1), (b"", 1), (b"a note without an end", 1), (b"{}\n", 1), (b"PLAN\n{}\n", 2)]
)
def test_what_is_no_rollout_is_told(tmp_path: Path, content: bytes, line: int) -> None:
    """The message names the file, the line and what to do; the file is left as it is."""
    path = tmp_path / "rollout.jsonl"
    held = content.replace(b"PLAN", _PLAN.model_dump_json().encode())
    path.write_bytes(held)
    with pytest.raises(UserError, match=f"(?s)rollout.jsonl: line {line} .*plan a new rollout"):
        Journal(path)
    assert path.read_bytes() == held
    with pytest.raises(UserError, match="cannot be opened"):
        Journal(tmp_path / "nowhere")
