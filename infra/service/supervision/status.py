"""The file in which the supervisor says how its processes are, for the API's readiness and for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from infra.engine.private_files import write_private
from infra.service.supervision.child import ChildStatus

STATUS_FILE = "processes.json"


def write_status(folder: Path, found: Mapping[str, ChildStatus]) -> None:
    """Say how the processes are.

    Args:
        folder: Of the service.
        found: By name.
    """
    write_private(folder / STATUS_FILE, msgspec.json.encode(found).decode())


def read_status(folder: Path) -> dict[str, ChildStatus]:
    """How the processes were when one of them last changed; empty where no service has run.

    Args:
        folder: Of the service.
    """
    try:
        return msgspec.json.decode((folder / STATUS_FILE).read_bytes(), type=dict[str, ChildStatus])
    except FileNotFoundError:
        return {}
