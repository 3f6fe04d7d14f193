"""The pid file of the embedded cloud: which process serves it, and whether that process is still the same one."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

SERVER_MODULE = "infra.sandbox.server"


@dataclass(frozen=True, kw_only=True)
class ServerRecord:
    """One server process, as it wrote itself down.

    `instance` is a uuid that is also in the process's command line, so that a pid which the system has given to
    another program since cannot be mistaken for the server.
    """

    pid: int
    port: int
    instance: str
    started: str

    @property
    def endpoint_url(self) -> str:
        """The address for AWS SDKs."""
        return f"http://127.0.0.1:{self.port}"

    def process(self) -> psutil.Process | None:
        """The live process of this record, or None if it has ended, is a zombie, or the pid is another program's."""
        try:
            process = psutil.Process(self.pid)
            command = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if SERVER_MODULE in command and self.instance in command else None


def write_record(path: Path, record: ServerRecord) -> None:
    """Replaces the file at once, so that a reader never sees half of it."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(record)), encoding="utf-8")
    draft.replace(path)


def read_record(path: Path) -> ServerRecord | None:
    """The record in the file, or None if there is none or it cannot be read (then no server wrote it)."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        data = json.loads(path.read_text(encoding="utf-8"))
        return ServerRecord(
            pid=int(data["pid"]), port=int(data["port"]), instance=str(data["instance"]), started=str(data["started"])
        )
    return None
