"""The service's API with points before each commit and before the answer: ``... struck_api LISTENER TWIN``.

TWIN is ``-``, or ``two transactions``: the defect of an API that writes a job in a transaction of its own, after that
of the tenant, its operation and its events.

A request says by a header at which of its commits the process is killed; with a number beyond the last one, before its
answer leaves. What it is wired to is the service's own, but for what asks the engine: no request here needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.api.build import ServiceParts, build_app
from infra.api.rollouts import RolloutDesk
from infra.jobs import JobRequest, tickets
from infra.operations.fleet_rollouts import Rollouts
from infra.provisioning.gitops import spec_place
from infra.service.application import api_settings
from infra.service.children.listening import serve
from infra.service.local_tokens import local_issuer
from infra.service.settings import load_service_settings
from infra.service.supervision.child import log_to_stderr
from infra.settings import load_settings
from infra.store.database import open_store, transaction
from tests.faults.natural_steps import FOLDER
from tests.faults.rebirth import again_and_again
from tests.faults.strike_points import after_transaction, watch_transactions

HEADER = "x-struck-at"
#: Is there when a process was killed with all commits of its request done.
BEFORE_ITS_ANSWER = "struck-before-its-answer"
_VERSION = "0.1.0+3f9c1a2b4d5e"


class Struck:
    """Kills its own process where the request says.

    Args:
        app: The API.
        folder: Gets `BEFORE_ITS_ANSWER`.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._commits_left = 0
        event.listen(Engine, "commit", self._commits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http":
            self._commits_left = int(headers.get(HEADER.encode(), b"0"))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and self._commits_left > 0:
                (self._folder / BEFORE_ITS_ANSWER).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await self._app(scope, receive, answer)

    def _commits(self, _connection: object) -> None:
        if self._commits_left > 0:
            self._commits_left -= 1
            if self._commits_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _nobody_asks(*asked: object, **named: object) -> Any:
    raise AssertionError(f"no request of these tests asks the engine or the cloud: {asked} {named}")


def enqueue_later() -> None:
    """Make this process the broken twin: a job is written when the transaction of its operation is over."""
    enqueue = tickets.enqueue

    def later(connection: Connection, request: JobRequest, now: datetime) -> None:
        def write() -> None:
            with transaction(connection.engine) as own:
                enqueue(own, request, now)

        after_transaction(write)

    watch_transactions()
    tickets.enqueue = later


def run() -> None:
    """Answer requests until killed."""
    log_to_stderr()
    if sys.argv[2] == "two transactions":
        enqueue_later()
    settings, service = load_settings(), load_service_settings()
    parts = ServiceParts(
        store=open_store(service.store_url(settings)),
        specs=spec_place(settings, service.gitops),
        platform_file=settings.platform_spec,
        keys=local_issuer(settings),
        preview=_nobody_asks,
        check=_nobody_asks,
        capacity=_nobody_asks,
        fleet=_nobody_asks,
        rollouts=RolloutDesk(rollouts=Rollouts(settings.home), planner=_nobody_asks),
        certificate_key=_nobody_asks,
        version_of=lambda _tenant: _VERSION,
        export_link=_nobody_asks,
    )
    serve(Struck(build_app(api_settings(settings, service), parts), Path(os.environ[FOLDER])), int(sys.argv[1]))


if __name__ == "__main__":
    again_and_again(run)
