"""Brings the service up: what is checked before any process starts, which processes there are, and their end."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.errors import UserError
from infra.operations.cloud import connect
from infra.operations.embedded import sandbox
from infra.service.secret_files import page_token_keys, read_secret
from infra.service.settings import ServiceSettings, require_issuer, service_folder
from infra.service.sockets import bound
from infra.service.sole import sole_service
from infra.service.supervision.child import ChildSpec
from infra.service.supervision.supervisor import Supervisor
from infra.settings import Settings
from infra.spec import load_platform
from infra.store.database import open_store

#: The process that carries rollouts out: it runs beside the scheduler's, whose rounds must not wait for them.
_ROLLOUTS = "rollouts"


class Part(StrEnum):
    """A part of the service that a machine can run alone."""

    API = "api"
    WORKER = "worker"
    OUTBOX = "outbox"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What runs.

    Args:
        address: Where HTTP is answered: the API, or for another part alone its health.
        children: The names of the processes.
        logs: The folder of their logs; None: they log to standard error.
    """

    address: str
    children: tuple[str, ...]
    logs: Path | None


def serve(
    settings: Settings,
    service: ServiceSettings,
    only: Part | None,
    *,
    on_ready: Callable[[Serving], None],
    report: Callable[[str], None],
) -> None:
    """Run the service until SIGTERM or Ctrl-C; its processes end with this one, however it ends.

    Args:
        settings: Of the checkout.
        service: Of the service.
        only: The one part that this machine runs; None: all of them.
        on_ready: Is called once when all processes work.
        report: Is told what takes long, a line at a time.

    Raises:
        UserError: a setting or the platform's spec is wrong, the home or the port is taken, the embedded cloud is not
            the one that the stacks were made in, or a process refuses to start.
    """
    require_issuer(settings, service)
    if only is Part.OUTBOX and not service.has_receivers:
        raise UserError("there is nobody to tell events", "set webhooks or event_bus", "BULKHEAD_SERVICE_EVENT_BUS")
    for webhook in service.webhooks:
        read_secret(webhook.secret_file)
    page_token_keys(service, settings)
    platform = load_platform(settings.platform_spec)
    folder = service_folder(settings)
    with sole_service(folder) as lock, bound(service.host, service.port) as listener:
        open_store(service.store_url(settings)).dispose()
        if settings.cloud == "sandbox":
            sandbox(settings).up(progress=report)
        connect(settings, platform)
        children = processes(service, only, listener, lock)
        names = tuple(child.name for child in children)
        to_files = service.logs == "files"
        serving = Serving(address=_address(listener), children=names, logs=folder if to_files else None)
        asyncio.run(Supervisor(children, folder, to_files=to_files).run(lambda: on_ready(serving)))


def processes(service: ServiceSettings, only: Part | None, listener: socket.socket, lock: int) -> list[ChildSpec]:
    """The processes of a machine; first the one that answers HTTP, which is told the names of the others.

    Args:
        service: The settings.
        only: The one part that the machine runs; None: all of them.
        listener: The bound socket.
        lock: Descriptor of the home's lock, which all of them inherit.
    """
    parts = [only] if only else list(Part)
    workers = [f"worker-{number}" for number in range(1, service.workers + 1)] if Part.WORKER in parts else []
    outbox = [Part.OUTBOX.value] if Part.OUTBOX in parts and service.has_receivers else []
    scheduler = [Part.SCHEDULER.value, _ROLLOUTS] if Part.SCHEDULER in parts else []
    answering = "api" if Part.API in parts else "health"
    environment = _environment(service)

    def child(name: str, module: str, *arguments: str, descriptors: tuple[int, ...] = ()) -> ChildSpec:
        command = [sys.executable, "-P", "-m", f"infra.service.children.{module}", *arguments]
        return ChildSpec(name=name, command=command, environment=environment, descriptors=(lock, *descriptors))

    modules = dict.fromkeys(workers, "worker") | {name: name for name in (*outbox, *scheduler)}
    fd = listener.fileno()
    first = child(answering, answering, str(fd), *modules, descriptors=(fd,))
    return [first, *(child(name, module) for name, module in modules.items())]


def _environment(service: ServiceSettings) -> dict[str, str]:
    """What the processes see: what this one sees, and what the command line said."""
    said = {"BULKHEAD_SERVICE_HOST": service.host, "BULKHEAD_SERVICE_WORKERS": str(service.workers)}
    return {**os.environ, **said}


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
