"""The provisioning service for as long as the demo needs it: `bulkhead serve` in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from infra.api.auth.roles import Role
from infra.errors import UserError
from infra.service.local_tokens import local_token
from infra.settings import ROOT, Settings

BULKHEAD = Path(sys.executable).with_name("bulkhead")
_LIFETIME = timedelta(hours=1)
_PATIENCE_SECONDS = 60.0


@contextmanager
def running_service(settings: Settings) -> Generator[httpx.Client]:
    """The service, and a client that has a signed token of a platform administrator.

    Args:
        settings: Of the checkout.

    Raises:
        UserError: it did not come up; its own words are on standard error.
    """
    command = [BULKHEAD, "serve", "--port", "0", "--workers", "1", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            token = local_token(settings, "demo", [Role.PLATFORM_ADMIN], None, _LIFETIME)
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=_address(process), headers=headers, timeout=_PATIENCE_SECONDS) as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)


def _address(process: subprocess.Popen[str]) -> str:
    """Where it answers: it prints one JSON document when all of its processes work."""
    said = ""
    for line in process.stdout or ():
        said += line
        if line.startswith("}"):
            return str(json.loads(said)["address"])
    raise UserError("the service did not come up", "see what it said above; a service of this checkout may run already")
