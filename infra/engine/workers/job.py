"""What a worker is told to do, as a message."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: How long an engine may take to cancel, in seconds, once nobody waits for it any more.
ORPHAN_GRACE = 5.0

#: Come with the order of a worker: its channel, the run lock, the output file.
DESCRIPTORS = 3


@dataclass(frozen=True, kw_only=True)
class Job:
    """One call of the engine.

    Args:
        arguments: The arguments of the call; the worker adds the address of its language server.
        executable: The engine.
        folder: The working folder: the project's.
        environment: The engine's whole environment.
        attach: Provider name -> ``module:function`` that serves it in the worker and returns its port.
        event_log: The file that gets the engine's events as they come, one JSON object a line.
        packs: How many policy packs the call starts.
        program_environment: The program's whole environment; None: it is that of the process the worker is forked from.
    """

    arguments: list[str]
    executable: str
    folder: str
    environment: dict[str, str]
    attach: dict[str, str] = field(default_factory=dict[str, str])
    event_log: str
    packs: int = 0
    program_environment: dict[str, str] | None = None


def encode_job(job: Job) -> dict[str, Any]:
    """A job as a message."""
    return {"kind": "job", **dataclasses.asdict(job)}


def decode_job(message: Mapping[str, Any]) -> Job:
    """The job that `encode_job` made."""
    return Job(**{key: value for key, value in message.items() if key != "kind"})
