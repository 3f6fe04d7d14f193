"""What can go wrong with the embedded cloud, each with the remedy."""

from __future__ import annotations

from pathlib import Path

from infra.errors import UserError


class SandboxError(UserError):
    """Any error of the embedded cloud."""


class HomeUnusable(SandboxError):
    """The sandbox's folder, or a file of its own in it, cannot be used."""

    def __init__(self, where: Path, reason: str) -> None:
        super().__init__(
            message=f"the sandbox cannot use this: {reason}",
            remedy="remove it, or make it yours to write, and try again",
            where=str(where),
        )


class PortTaken(SandboxError):
    """Another program listens on the port that the user asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(
            message=f"port {port} of 127.0.0.1 is taken by another program",
            remedy="stop that program, give another --port, or give none and a free one is chosen",
        )


class PortUnusable(SandboxError):
    """The port cannot be bound at all: out of range, or reserved for root."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            message=f"port {port} of 127.0.0.1 cannot be used: {reason}",
            remedy="give a --port from 1024 to 65535, or none and a free one is chosen",
        )


class OtherPort(SandboxError):
    """The sandbox runs already, on another port than the one asked for."""

    def __init__(self, asked: int, running: int) -> None:
        super().__init__(
            message=f"the sandbox runs already on port {running}, not on {asked}",
            remedy="use the running one, or `bulkhead sandbox down` first (what is in the cloud is then lost)",
        )


class SandboxDown(SandboxError):
    """Something needs the sandbox while it is not running."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            message="the sandbox is not running", remedy="start it with `bulkhead sandbox up`", where=str(home)
        )


class SandboxStartFailed(SandboxError):
    """The server process ended, or did not answer, before it was ready."""

    def __init__(self, reason: str, log: Path) -> None:
        super().__init__(
            message=f"the sandbox did not start: {reason}",
            remedy="read the log, then try again",
            where=str(log),
        )


class SandboxBusy(SandboxError):
    """Another command has held the sandbox's lock for too long."""

    def __init__(self, lock: Path, seconds: float) -> None:
        super().__init__(
            message=f"another command has been starting or stopping the sandbox for more than {seconds:.0f} s",
            remedy="wait for it to end, or end it, and try again",
            where=str(lock),
        )
