"""Every event is told at least once and in order, whoever is killed and whoever does not answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from http_receiver import HttpReceiver, receiving
from sqlalchemy import Engine
from waiting import wait_for

from infra.service.outbox.deliverer import deliver, deliver_until
from infra.service.outbox.receiver import SEND_SECONDS, NotTold
from infra.store import deliveries, events
from infra.store.database import open_store, sqlite_url, transaction
from infra.store.deliveries import FIRST_DELAY
from infra.store.events import Happening, StoredEvent

START = datetime(2026, 3, 1, tzinfo=UTC)
ONBOARD = Path(__file__).with_name("onboard_and_die.py")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "store.sqlite")


@pytest.fixture
def store(url: str) -> Generator[Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


@dataclass
class ScriptedReceiver:
    """Notes what it is told; does not take events that it is to refuse."""

    name: str = "scripted"
    batch: int = 3
    refuses: set[int] = field(default_factory=set[int])
    told: list[int] = field(default_factory=list[int])

    def tell(self, events: Sequence[StoredEvent]) -> int:
        for index, event in enumerate(events):
            if event.sequence in self.refuses:
                if index == 0:
                    raise NotTold("refused")
                return index
            self.told.append(event.sequence)
        return len(events)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


def happen(store: Engine, count: int) -> None:
    with transaction(store) as connection:
        events.append(connection, "acme", "o1", [Happening(name="tenant.verified", data={})] * count, START)


def register(store: Engine, *receivers: ScriptedReceiver) -> None:
    with transaction(store) as connection:
        for each in receivers:
            deliveries.register(connection, each.name, START)


def test_all_events_in_order_part_by_part(store: Engine) -> None:
    receiver, clock = ScriptedReceiver(), Clock()
    register(store, receiver)
    happen(store, 7)
    assert [deliver(store, receiver, clock) for _ in range(4)] == [3, 3, 1, 0]
    assert receiver.told == [1, 2, 3, 4, 5, 6, 7]


def test_a_refused_event_holds_up_those_behind_it_until_it_is_taken(store: Engine) -> None:
    """Order before speed; it is tried again at growing distances, and then all follow."""
    receiver, clock = ScriptedReceiver(refuses={3}), Clock()
    register(store, receiver)
    happen(store, 5)
    assert deliver(store, receiver, clock) == 2
    assert deliver(store, receiver, clock) == 0
    tries = 0
    for _ in range(3 * 60):
        clock.now += timedelta(seconds=1)
        tries += deliveries_due(store, receiver, clock)
        deliver(store, receiver, clock)
    assert tries == 5, "5, 10, 20, 40 and 80 seconds after each other"
    receiver.refuses.clear()
    clock.now += timedelta(hours=1)
    assert deliver(store, receiver, clock) == 3
    assert receiver.told == [1, 2, 3, 4, 5]


def deliveries_due(store: Engine, receiver: ScriptedReceiver, clock: Clock) -> bool:
    with transaction(store) as connection:
        return deliveries.due(connection, receiver.name, clock())


def test_one_that_refuses_holds_up_no_other(store: Engine) -> None:
    broken, sound = ScriptedReceiver(name="broken", refuses={1}), ScriptedReceiver(name="sound")
    stop = threading.Event()
    thread = threading.Thread(
        target=deliver_until, args=(stop, store, [broken, sound], lambda: datetime.now(UTC)), daemon=True
    )
    thread.start()
    happen(store, 9)
    wait_for(lambda: sound.told == list(range(1, 10)), "the events at the sound one")
    stop.set()
    thread.join()
    assert broken.told == []


def test_a_defect_of_one_ends_the_process_and_not_in_silence(store: Engine) -> None:
    """The supervisor starts it again and tells of it."""

    class Defect(ScriptedReceiver):
        def tell(self, events: Sequence[StoredEvent]) -> int:
            raise ZeroDivisionError(len(events))

    happen(store, 1)
    with pytest.raises(ZeroDivisionError):
        deliver_until(threading.Event(), store, [Defect(name="defect"), ScriptedReceiver()], lambda: datetime.now(UTC))


def test_sending_ends_before_the_events_are_given_to_another() -> None:
    assert timedelta(seconds=SEND_SECONDS) < FIRST_DELAY


@pytest.fixture
def receiver() -> Generator[HttpReceiver]:
    with receiving() as found:
        yield found


class Outbox:
    """Starts the process that tells receivers."""

    def __init__(self, home: Path, url: str, receiver: HttpReceiver) -> None:
        secret = home / "secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        webhooks = [{"name": "ops", "url": receiver.url, "secret_file": str(secret)}]
        self.environment = {
            "PATH": os.defpath,
            "BULKHEAD_HOME": str(home),
            "DATABASE_URL": url,
            "BULKHEAD_SERVICE_WEBHOOKS": json.dumps(webhooks),
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "infra.service.children.outbox"]
        started = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._started.append(started)
        return started

    def close(self) -> None:
        for each in self._started:
            with each:
                each.kill()


@pytest.fixture
def outbox(tmp_path: Path, url: str, receiver: HttpReceiver) -> Generator[Outbox]:
    made = Outbox(tmp_path, url, receiver)
    yield made
    made.close()


def test_killed_between_writing_and_sending_nothing_is_lost(
    outbox: Outbox, store: Engine, receiver: HttpReceiver
) -> None:
    """Who wrote is killed right after its commit; who sends is killed while the receiver has not answered yet."""
    writer = subprocess.run([sys.executable, ONBOARD, "acme", "globex"], env=outbox.environment, check=False)
    assert writer.returncode == -signal.SIGKILL
    with transaction(store) as connection:
        kept = [f"evt_{each.sequence}" for each in events.after(connection, 0)]
    assert len(kept) == 4, "of each tenant and its operation"
    receiver.gate.clear()
    first = outbox.start()
    wait_for(lambda: receiver.ids() == kept[:1], "the first event on its way")
    first.kill()
    first.wait()
    receiver.gate.set()
    outbox.start()
    wait_for(lambda: receiver.ids()[1:] == kept, "all events, the first of them again")


def test_it_ends_with_its_starter(outbox: Outbox, receiver: HttpReceiver) -> None:
    del receiver
    started = outbox.start()
    assert started.stdout is not None
    assert started.stdin is not None
    assert started.stdout.readline() == b"ready\n"
    started.stdin.close()
    assert started.wait() == 0
