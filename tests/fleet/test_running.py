"""A rollout that is carried out, and one that dies on the way: it goes on where it was, whatever had begun."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typing_extensions import override

from infra.engine.settings import inherited_environment
from infra.errors import UserError
from infra.fleet import (
    Await,
    Done,
    Finished,
    Halted,
    Journal,
    Planned,
    Policy,
    carry_out,
    plan_rollout,
    read_journal,
    standings,
)
from infra.fleet.model import Ended, Started
from infra.settings import ROOT
from tests.fleet.fleets import NEW, OLD, tenant
from tests.fleet.rollout_world import NAMES, REFUSED, SICK, FileWorld, go_on

_KINDS = ("check", "upgrade", "verify", "roll back")
_MOMENTS = [f"{kind} {when}" for kind in _KINDS for when in ("before", "after")]
_LEFT = {SICK, REFUSED}


def _is_as_it_must(folder: Path) -> None:
    """Every tenant runs the version but the two that cannot, which run their former one; nobody is forgotten."""
    assert FileWorld(folder).versions == {name: OLD if name in _LEFT else NEW for name in NAMES}
    plan, record = read_journal(folder / "rollout.jsonl")
    assert standings(plan, record) == {name: "set aside" if name in _LEFT else "upgraded" for name in NAMES}


def test_one_that_nobody_disturbs_ends(tmp_path: Path) -> None:
    """Two tenants fail and go back, all others are upgraded, and the rollout does not call itself complete."""
    assert go_on(tmp_path) == Finished(verdict="incomplete")
    _is_as_it_must(tmp_path)


@pytest.mark.parametrize("moment", _MOMENTS)
def test_one_that_is_killed_goes_on(tmp_path: Path, moment: str) -> None:
    """After SIGKILL before or after an action of each kind, the next process ends the rollout as it must end."""
    killed = subprocess.run(
        [sys.executable, "-m", "tests.fleet.rollout_world", str(tmp_path), moment],
        cwd=ROOT,
        env=inherited_environment(),
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert go_on(tmp_path) == Finished(verdict="incomplete")
    _is_as_it_must(tmp_path)


class _CrashError(BaseException):
    """Ends a runner as a kill does: nothing catches it."""


def test_one_that_dies_at_any_moment_goes_on(tmp_path: Path) -> None:
    """Whichever moment of whichever action it dies at, and however often, it ends as it must end."""
    number = 0
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        if not _dies_at(folder, number):
            break
        _dies_at(folder, 0)  # and once more, in what it does first then
        assert go_on(folder) == Finished(verdict="incomplete")
        _is_as_it_must(folder)
        number += 1
    assert number > 2 * len(NAMES)


def _dies_at(folder: Path, number: int) -> bool:
    left = number

    def moment(name: str) -> None:
        nonlocal left
        del name
        if left == 0:
            raise _CrashError
        left -= 1

    try:
        go_on(folder, moment)
    except _CrashError:
        return True
    return False


class _Recording(FileWorld):
    """Remembers in which groups tenants were asked for."""

    groups: list[tuple[str, tuple[str, ...]]]

    @override
    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        self.groups.append(("check", tuple(one.tenant for one in tenants)))
        return super().check(to, tenants)

    @override
    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        self.groups.append(("upgrade", tuple(one.tenant for one in tenants)))
        return super().upgrade(to, tenants)


def _journal(folder: Path, **policy: object) -> Journal:
    plan = plan_rollout([tenant(name) for name in NAMES], NEW, Policy.model_validate({"shares": (), **policy}))
    return Journal(folder / "rollout.jsonl", plan)


def test_a_wave_is_checked_as_a_whole_and_upgraded_a_few_at_a_time(tmp_path: Path) -> None:
    """The proof is of all of a wave together; upgrades stop soon after the first that fails."""
    world = _Recording(tmp_path)
    world.groups = []
    with _journal(tmp_path, tolerated=0) as journal:
        ended = carry_out(journal, world, at_once=2)
    assert isinstance(ended, Finished)
    assert ended.verdict == "halted"
    assert [len(names) for kind, names in world.groups if kind == "check"] == [len(NAMES)]
    assert all(len(names) <= 2 for kind, names in world.groups if kind == "upgrade")
    assert set(world.versions.values()) == {OLD}


def test_it_waits_where_nobody_answers(tmp_path: Path) -> None:
    """A wave whose approval nobody gives is checked, and not upgraded."""
    with _journal(tmp_path, approval="each", tolerated=2) as journal:
        assert carry_out(journal, FileWorld(tmp_path), at_once=2) == Await(wave=0)
        kinds = {entry.action.kind for entry in journal.record.entries if isinstance(entry, Started | Ended)}
    assert kinds == {"check"}


def test_somebody_halts_it(tmp_path: Path) -> None:
    """Between two actions it sees that, and what the wave has touched goes back; the wave before stays."""
    asked = 0

    def halted() -> Halted | None:
        nonlocal asked
        asked += 1
        return Halted(by="anna", reason="errors") if set(world.versions.values()) == {OLD, NEW} else None

    world = FileWorld(tmp_path)
    with _journal(tmp_path, tolerated=5) as journal:
        ended = carry_out(journal, world, at_once=1, halted=halted)
    assert ended == Finished(verdict="halted", why="anna halted it: errors")
    assert set(world.versions.values()) == {OLD}
    assert asked > 1


class _Broken(FileWorld):
    """Cannot upgrade at all, and says nothing of one tenant's checks."""

    @override
    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        found = dict(super().check(to, tenants))
        found.pop("t001", None)
        return found

    @override
    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        raise UserError("the engine is gone", remedy="get it back")


def test_what_nobody_tells_is_unknown_and_halts(tmp_path: Path) -> None:
    """An answer that misses a tenant is no success of it."""
    with _journal(tmp_path, tolerated=7) as journal:
        ended = carry_out(journal, _Broken(tmp_path), at_once=2)
    assert isinstance(ended, Finished)
    assert (ended.verdict, ended.why) == ("halted", "nobody can tell how `check` of t001 ended")


def test_an_error_fails_all_that_were_asked_for(tmp_path: Path) -> None:
    """What cannot be done to any of a group is told of each, with the reason."""
    with _journal(tmp_path, canaries=("t000",)) as journal:
        ended = carry_out(journal, _Broken(tmp_path), at_once=2)
        details = [entry.detail for entry in journal.record.entries if isinstance(entry, Ended)]
    assert isinstance(ended, Finished)
    assert ended.verdict == "halted"
    assert any("the engine is gone" in detail for detail in details)
    assert set(FileWorld(tmp_path).versions.values()) == {OLD}
