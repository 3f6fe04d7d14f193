"""The service's own runner of rollouts: it takes what was given to it, dies and goes on, waits, and fights nobody."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typing_extensions import override

from infra.engine.settings import inherited_environment
from infra.errors import UserError
from infra.fleet import Actions, Done, Ended, Planned, Policy, Started, plan_rollout
from infra.operations.fleet_rollouts import RolloutRefused, Rollouts, UnknownRollout
from infra.provisioning import requests
from infra.provisioning.rollout_runner import PAUSE, RolloutRunner
from infra.provisioning.undisturbed import Undisturbed
from infra.service.children.rollouts import is_given
from infra.settings import ROOT
from infra.store import events
from infra.store.changes import Asked
from infra.store.database import open_store, reading, sqlite_url, transaction
from infra.store.events import StoredEvent
from infra.store.ids import new_id
from tests.fleet.fleets import NEW, OLD, tenant
from tests.fleet.rollout_world import NAMES, REFUSED, SICK, FileWorld
from tests.provisioning.serve_rollouts import POLICY

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_LEFT = {SICK, REFUSED}


@dataclass
class Home:
    """A home with a database, and a runner over a fleet in a file."""

    folder: Path
    store: Engine
    now: datetime = _NOW
    opened: int = 0
    refuses: str = ""

    @property
    def rollouts(self) -> Rollouts:
        return Rollouts(self.folder)

    @property
    def versions(self) -> set[str]:
        return set(FileWorld(self.folder).versions.values())

    def begin(self, reference: str = "r1", **policy: object) -> str:
        plan = plan_rollout([tenant(name) for name in NAMES], NEW, Policy.model_validate({**POLICY, **policy}))
        return self.rollouts.begin_for_service(plan, "ada", reference, self.now)

    def run(self) -> None:
        RolloutRunner(self.rollouts, self.store, self._actions, at_once=2, now=lambda: self.now).run_due()

    @contextmanager
    def _actions(self) -> Generator[Actions]:
        self.opened += 1
        if self.refuses:
            raise UserError(self.refuses, remedy="mend it")
        yield FileWorld(self.folder)

    def events(self, rollout: str) -> list[StoredEvent]:
        with reading(self.store) as connection:
            return events.after(connection, 0, operation=rollout, limit=1_000)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home."""
    store = open_store(sqlite_url(tmp_path / "service" / "service.sqlite"))
    yield Home(tmp_path, store)
    store.dispose()


def test_it_ends_what_was_given_to_it(home: Home) -> None:
    """The rollout ends as it must, once; then the service has nothing more to do with it."""
    rollout = home.begin()
    assert is_given(home.folder)
    assert home.rollouts.view(rollout).verdict == "going on"
    home.run()
    view = home.rollouts.view(rollout)
    assert (view.verdict, view.by) == ("incomplete", "ada")
    assert {name for name, version in FileWorld(home.folder).versions.items() if version == OLD} == _LEFT
    assert not is_given(home.folder)
    home.run()
    assert home.opened == 1


def test_it_leaves_alone_what_a_command_line_began(home: Home) -> None:
    """Until somebody gives it to the service."""
    plan = plan_rollout([tenant(name) for name in NAMES], NEW, Policy.model_validate(POLICY))
    rollout, journal = home.rollouts.begin(plan, _NOW)
    journal.close()
    home.run()
    assert home.rollouts.view(rollout).verdict == "stopped"
    assert home.versions == {OLD}
    home.rollouts.give_to_service(rollout, "ada", _NOW)
    home.run()
    assert home.rollouts.view(rollout).verdict == "incomplete"


def test_what_another_process_holds_is_not_touched(home: Home) -> None:
    """A command line that goes on with a rollout of the service has it alone; afterwards the service goes on."""
    rollout = home.begin()
    _, journal = home.rollouts.resume(rollout)
    with journal:
        home.run()
        assert home.opened == 0
        assert home.versions == {OLD}
    home.run()
    assert home.rollouts.view(rollout).verdict == "incomplete"


def test_one_at_a_time_and_a_request_begins_one(home: Home) -> None:
    """A second rollout is refused while one is not over; the same request again is answered with the same one."""
    rollout = home.begin("r1")
    assert home.begin("r1") == rollout
    with pytest.raises(RolloutRefused, match="is not over"):
        home.begin("r2")
    home.run()
    assert home.begin("r1") == rollout
    home.now += timedelta(seconds=5)
    assert home.begin("r2", tolerated=3) != rollout


def test_it_waits_for_an_approval_and_goes_on_after_it(home: Home) -> None:
    """Waiting, nothing is opened; a wrong wave or another answer changes nothing."""
    rollout = home.begin(approval="after the first")
    home.run()
    assert home.rollouts.view(rollout).verdict == "waiting"
    assert FileWorld(home.folder).versions["t000"] == NEW
    home.run()
    assert home.opened == 1
    (awaited,) = [wave.name for wave in home.rollouts.view(rollout).waves if wave.awaits_approval]
    with pytest.raises(RolloutRefused, match="waits for an approval"):
        home.rollouts.answer(rollout, "canaries", "eve", granted=True)
    home.rollouts.answer(rollout, awaited, "eve", granted=True)
    home.rollouts.answer(rollout, awaited, "eve", granted=True)
    with pytest.raises(RolloutRefused):
        home.rollouts.answer(rollout, awaited, "eve", granted=False)
    home.run()
    assert home.rollouts.view(rollout).waves[-1].awaits_approval
    home.rollouts.answer(rollout, "all", "eve", granted=True)
    home.run()
    assert home.rollouts.view(rollout).verdict == "incomplete"


def test_a_halt_while_it_waits_ends_it(home: Home) -> None:
    """The waves before stay; a rollout that is over cannot be halted."""
    rollout = home.begin(approval="after the first")
    home.run()
    home.rollouts.halt("ada", "errors", rollout)
    home.run()
    view = home.rollouts.view(rollout)
    assert (view.verdict, view.why) == ("halted", "ada halted it: errors")
    assert {name for name, version in FileWorld(home.folder).versions.items() if version == NEW} == {"t000"}
    for asked in (lambda: home.rollouts.halt("ada", "again", rollout), lambda: home.rollouts.halt("ada", "none")):
        with pytest.raises(RolloutRefused, match="over"):
            asked()
    with pytest.raises(UnknownRollout):
        home.rollouts.halt("ada", "x", "20260301T000000-00000000")


def test_what_holds_it_up_is_told_and_it_tries_again(home: Home) -> None:
    """After a pause by itself; at once where somebody resumes it."""
    rollout = home.begin()
    home.refuses = "the cloud cannot be reached"
    home.run()
    view = home.rollouts.view(rollout)
    assert view.verdict == "stopped"
    assert "the cloud cannot be reached" in view.held_up
    home.run()
    assert home.opened == 1, "not before its time"
    home.rollouts.give_to_service(rollout, "eve", home.now)
    assert home.rollouts.view(rollout).held_up == ""
    home.run()
    home.refuses = ""
    home.now += PAUSE
    home.run()
    assert home.opened == 3
    assert home.rollouts.view(rollout).verdict == "incomplete"


def test_one_that_was_never_begun_is_forgotten(home: Home) -> None:
    """A process died between the word that the service has it and its file."""
    home.begin()
    home.run()
    home.rollouts.handovers.give("20260301T000000-00000000", "ada", _NOW, "r9")
    home.run()
    assert not is_given(home.folder)
    assert home.rollouts.begun_by("r9") is None


@pytest.mark.parametrize(
    "moment", ["check after", "upgrade before", "upgrade after", "verify after", "roll back before"]
)
def test_a_runner_that_is_killed_is_followed_by_one_that_goes_on(home: Home, moment: str) -> None:
    """After SIGKILL the rollout ends as it must end, and each entry of its file is told once."""
    rollout = home.begin()
    killed = subprocess.run(
        [sys.executable, "-m", "tests.provisioning.serve_rollouts", str(home.folder), moment],
        cwd=ROOT,
        env=inherited_environment(),
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    home.run()
    assert {name for name, version in FileWorld(home.folder).versions.items() if version == OLD} == _LEFT
    _, record = home.rollouts.read(rollout)
    told = [each for each in home.events(rollout) if each.name in ("rollout.started", "rollout.ended")]
    assert [json.loads(each.data)["entry"] for each in told] == list(range(1, len(record.entries) + 1))
    actions = [entry.action for entry in record.entries if isinstance(entry, Started | Ended)]
    assert [each.tenant for each in told] == [each.tenant for each in actions]
    assert [each.name for each in home.events(rollout) if not each.tenant] == ["rollout.going_on", "rollout.incomplete"]


class _Recording(FileWorld):
    """Remembers whom it was asked to upgrade."""

    asked: list[str]

    @override
    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        self.asked += [one.tenant for one in tenants]
        return super().upgrade(to, tenants)


def _operation(home: Home, name: str) -> str:
    asked = Asked(operation=new_id(), caller="ada", priority=100, now=_NOW)
    with transaction(home.store) as connection:
        spec: dict[str, Any] = {"id": name}
        return requests.onboard(connection, asked, name, spec).id


def _undisturbed(home: Home, world: FileWorld, pause: Callable[[float], None], patience: float) -> Undisturbed:
    seconds = iter(range(1_000))
    return Undisturbed(world, home.store, patience=patience, clock=lambda: next(seconds), pause=pause)


def test_an_operation_on_a_tenant_is_waited_for(home: Home) -> None:
    """One that ends in time delays the upgrade; one that does not has its tenant fail, and no other."""
    world = _Recording(home.folder)
    world.asked = []
    operation = _operation(home, "t000")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            with transaction(home.store) as connection:
                requests.cancel(connection, operation, _NOW)

    planned = [Planned(tenant=name, tier="pool", region="eu-central-1", former=OLD) for name in ("t000", "t001")]
    late = _undisturbed(home, world, lambda _: None, patience=2).upgrade(NEW, planned)
    assert (late["t000"].outcome, late["t001"].outcome) == ("failed", "passed")
    assert operation in late["t000"].detail
    assert world.asked == ["t001"]
    done = _undisturbed(home, world, pause, patience=100).upgrade(NEW, planned)
    assert {each.outcome for each in done.values()} == {"passed"}
    assert len(pauses) == 3
