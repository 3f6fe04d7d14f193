"""The process of a version: runs stacks by the code that it was started from, for a process of another version.

``python -c`` starts `main` with the version's folder first on the path. It reads requests from standard input and
writes answers to standard output; when the input ends, whoever asked is gone, and so is it: the engine's own processes
see that and cancel.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path

import msgspec

from infra.engine import Operation, StackEvent
from infra.errors import UserError
from infra.operations import run
from infra.operations.projects import tenant_stack
from infra.operations.versions.messages import Answer, Request, of_error, of_event, of_result
from infra.operations.workspace import Workspace
from infra.settings import load_settings


def main(command: str) -> None:
    """Serve until the input ends.

    Args:
        command: The pulumi executable, which the asking process has prepared.
    """
    answers = os.dup(1)
    os.dup2(2, 1)  # what anything else prints is no answer
    requests: queue.Queue[bytes | None] = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=_receive, args=(requests, busy), daemon=True).start()
    with Workspace(load_settings(), command=Path(command)) as workspace:
        while (line := requests.get()) is not None:
            busy.set()
            _send(answers, _answered(workspace, line, answers))
            busy.clear()


def _receive(requests: queue.Queue[bytes | None], busy: threading.Event) -> None:
    for line in sys.stdin.buffer:
        requests.put(line)
    requests.put(None)
    if busy.is_set():
        os._exit(1)


def _answered(workspace: Workspace, line: bytes, answers: int) -> Answer:
    def on_event(event: StackEvent) -> None:
        if event.kind != "finished":
            _send(answers, Answer(kind="event", event=of_event(event)))

    try:
        request = msgspec.json.decode(line, type=Request)
        _forget_specs(workspace)
        stacks = {tenant: tenant_stack(tenant) for tenant in request.tenants}
        results = run.apply(
            workspace,
            list(stacks.values()),
            Operation(request.operation),
            models=request.models,
            on_event=on_event,
            events={stacks[tenant]: Path(file) for tenant, file in request.events.items()},
        )
    except msgspec.DecodeError as error:
        return Answer(kind="error", error=of_error(UserError(f"the request cannot be read: {error}")))
    except UserError as error:
        return Answer(kind="error", error=of_error(error))
    return Answer(kind="results", results=tuple(map(of_result, results)))


def _forget_specs(workspace: Workspace) -> None:
    """Specs may have changed since the last request."""
    workspace.__dict__.pop("estate", None)


def _send(answers: int, answer: Answer) -> None:
    left = memoryview(msgspec.json.encode(answer) + b"\n")
    while left:
        left = left[os.write(answers, left) :]
