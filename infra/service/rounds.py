"""What the service does from time to time: compare specs with what runs, look for drift, forget what is kept no longer.

When a round was last done is kept in the home, so that a service that is started often does not do it each time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from infra.engine.private_files import write_private
from infra.errors import UserError
from infra.provisioning.drift_round import drift_round
from infra.provisioning.reconciler import reconcile_round
from infra.service.settings import ServiceSettings
from infra.settings import Settings
from infra.store import idempotency
from infra.store.database import transaction

ROUNDS_FILE = "rounds.json"
_RECONCILE_SECONDS = 30
_FORGET = timedelta(hours=1)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Round:
    """Something that is done from time to time.

    Args:
        name: Under which it is kept when it was done last.
        every: The time from the end of one to the beginning of the next.
        run: Does it; it may be killed at any moment.
    """

    name: str
    every: timedelta
    run: Callable[[], object]


def rounds(settings: Settings, service: ServiceSettings, store: Engine) -> list[Round]:
    """The rounds of a service.

    Args:
        settings: Of the checkout.
        service: Of the service.
        store: Its database.
    """
    seconds = service.gitops.seconds if service.gitops else _RECONCILE_SECONDS

    def forget() -> None:
        with transaction(store) as connection:
            idempotency.forget_expired(connection, datetime.now(UTC))

    found = [
        Round(
            name="reconcile",
            every=timedelta(seconds=seconds),
            run=lambda: reconcile_round(settings, store, service.gitops),
        ),
        Round(name="forget", every=_FORGET, run=forget),
    ]
    if service.drift_hours:
        every = timedelta(hours=service.drift_hours)
        found.append(Round(name="drift", every=every, run=lambda: drift_round(settings, store)))
    return found


class Schedule:
    """Does rounds when they are due, one after another. The time of one that was never done runs from the first start.

    Args:
        file: Where it is kept when each was done last.
        rounds: The rounds.
        now: The time, in UTC.
    """

    def __init__(self, file: Path, rounds: Sequence[Round], now: Callable[[], datetime]) -> None:
        self._file = file
        self._rounds = rounds
        self._now = now
        self._last = {each.name: now() for each in rounds} | _read(file)

    def run_due(self) -> timedelta:
        """Do what is due.

        Returns:
            How long nothing will be due.
        """
        for each in self._rounds:
            if self._now() >= self._last[each.name] + each.every:
                self._run(each)
        return max(timedelta(), min(self._last[each.name] + each.every for each in self._rounds) - self._now())

    def _run(self, due: Round) -> None:
        try:
            due.run()
        except UserError as problem:
            _LOG.warning("the round %s could not be done: %s", due.name, problem)
        self._last[due.name] = self._now()
        write_private(self._file, msgspec.json.encode(self._last).decode())


def run_until(stop: threading.Event, schedule: Schedule) -> None:
    """Do rounds until told to stop.

    Args:
        stop: Says when.
        schedule: The rounds.
    """
    while not stop.is_set():
        stop.wait(schedule.run_due().total_seconds())


def _read(file: Path) -> dict[str, datetime]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, datetime])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
