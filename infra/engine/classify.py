"""From what a failed call of the engine says to a typed error with a remedy."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence

from pulumi.automation import CommandResult, ConcurrentUpdateError, StackNotFoundError
from pulumi.automation.errors import create_command_error

from infra.engine.backend_lock import lock_holders
from infra.engine.errors import (
    BackendUnreachable,
    ConcurrentUpdate,
    EngineError,
    ProgramFailed,
    ProtectedResource,
    ResourceFailed,
    StackMissing,
    WrongPassphrase,
)
from infra.engine.model import Diagnostic

_WRONG_PASSPHRASE = re.compile(
    r"incorrect passphrase|passphrase must be set|unable to find either `PULUMI_CONFIG_PASSPHRASE"
)
_UNREACHABLE = re.compile(
    r"unable to open bucket|unable to check if bucket|read \"?\.pulumi/|could not list|error listing|problem logging in"
    r"|PULUMI_ACCESS_TOKEN must be set|dial tcp|connection refused|AccessDenied|InvalidAccessKeyId|ExpiredToken"
    r"|failed to retrieve credentials|no EC2 IMDS role found"
)
_PROTECTED = re.compile(r"because it is protected|as it is currently marked for protection")
_NOISE = re.compile(r"^(error: )?(update|preview|destroy|refresh) (failed|canceled)")


def command_error(result: CommandResult, *, where: str) -> EngineError:
    """Type the failure of a call that did not get as far as running a stack.

    Args:
        result: What it printed and its exit code.
        where: The stack or folder that it was about.
    """
    text = "\n".join(part for part in (result.stderr.strip(), result.stdout.strip()) if part)
    error = create_command_error(result)
    if isinstance(error, ConcurrentUpdateError):
        return _concurrent(text, where)
    if isinstance(error, StackNotFoundError) or re.search(r"no stack named", text):
        return StackMissing("there is no such stack", remedy="bring it up first", where=where)
    if _WRONG_PASSPHRASE.search(text):
        return WrongPassphrase(
            "the passphrase does not open the stack's secrets",
            remedy="put back the passphrase file that the stack was made with; without it the secrets are lost",
            where=where,
        )
    if _UNREACHABLE.search(text):
        return BackendUnreachable(
            f"the state backend cannot be used: {_first_error(text)}",
            remedy="check the backend's URL, the network and the credentials for it",
            where=where,
        )
    return EngineError(_first_error(text) or f"the engine exited with {result.code}", where=where)


def run_error(
    result: CommandResult,
    diagnostics: Sequence[Diagnostic],
    failed: Sequence[str],
    program: ProgramFailed | None,
    where: str,
) -> EngineError:
    """Type the failure of a run.

    Args:
        result: Exit code and what the engine printed besides its events.
        diagnostics: The messages of the run.
        failed: URNs of the resources whose operation failed.
        program: The error that the program ended with, if it did.
        where: The stack.
    """
    errors = [entry for entry in diagnostics if entry.severity == "error" and not _NOISE.search(entry.message)]
    protected = [entry for entry in errors if _PROTECTED.search(entry.message)]
    if protected:
        return _protected(protected)
    for entry in errors:
        if entry.urn is not None and (entry.urn in failed or "::pulumi:pulumi:Stack::" not in entry.urn):
            return ResourceFailed(entry.urn, entry.message, remedy="correct it and run again; what succeeded is kept")
    if program is not None:
        return program
    if errors:
        return EngineError(errors[0].message, where=where)
    return command_error(result, where=where)


def _protected(entries: Sequence[Diagnostic]) -> ProtectedResource:
    urns = tuple(dict.fromkeys(urn for entry in entries for urn in _urns(entry)))
    names = ", ".join(urn.split("::", 2)[-1] for urn in urns)
    return ProtectedResource(
        urns,
        f"protected resources are not deleted: {names}",
        remedy="lift the protection where the program sets it and bring the stack up, then destroy it",
    )


def _urns(entry: Diagnostic) -> list[str]:
    named = re.findall(r"urn:pulumi:[^\s\"'`]+", entry.message)
    return named or ([entry.urn] if entry.urn else [])


def _concurrent(text: str, where: str) -> ConcurrentUpdate:
    holders = lock_holders(text)
    if not holders:
        return ConcurrentUpdate(
            "another update of the stack is in progress",
            remedy="wait until it has ended; if it died, run `pulumi cancel` for the stack",
            where=where,
        )
    who = "; ".join(f"process {holder.pid} on {holder.host} since {holder.since.isoformat()}" for holder in holders)
    here = all(holder.host == socket.gethostname() for holder in holders)
    remedy = (
        "wait until that process has ended"
        if here
        else "wait until that run has ended; if you know that it is dead, run `pulumi cancel` for the stack"
    )
    return ConcurrentUpdate(f"the stack is locked by {who}", remedy=remedy, where=where, holders=tuple(holders))


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("error:") and not _NOISE.search(line):
            return line.removeprefix("error:").strip()
    return os.linesep.join(lines[:3])
