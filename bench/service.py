"""The provisioning service as whoever runs it starts it, and callers with signed tokens of their own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta

import httpx

from bench.land import BULKHEAD, Land
from bench.measure import CommandFailed
from infra.api.auth.roles import Role
from infra.service.local_tokens import local_token
from infra.settings import ROOT

_LIFETIME = timedelta(hours=4)
_PATIENCE_SECONDS = 60.0


@contextmanager
def serving(land: Land) -> Generator[str]:
    """`bulkhead serve` with its defaults, on SQLite and a free port, until the block ends.

    Yields:
        The address that it answers at.

    Raises:
        CommandFailed: it did not come up.
    """
    command = [*BULKHEAD, "serve", "--port", "0", "--json"]
    log = land.folder / "serve.log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, env=land.environment(), stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield _address(process, log.read_text)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def caller(land: Land, address: str, name: str, role: Role) -> httpx.Client:
    """A client of the service.

    Args:
        land: Whose sandbox signs its token.
        address: Of the service.
        name: Its name; each caller has a limit of requests of its own.
        role: What it may do.
    """
    token = local_token(land.settings, name, [role], None, _LIFETIME)
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=_PATIENCE_SECONDS)


def _address(process: subprocess.Popen[str], log: Callable[[], str]) -> str:
    """It prints one JSON document when all of its processes work."""
    said = ""
    for line in process.stdout or ():
        said += line
        if line.startswith("}"):
            return str(json.loads(said)["address"])
    raise CommandFailed(f"bulkhead serve did not come up:\n{log()[-2000:]}")
