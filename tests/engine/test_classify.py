"""From what the engine says to typed errors."""

from __future__ import annotations

import os
import socket

import pytest
from pulumi.automation import CommandResult

from infra.engine.backend_lock import lock_holders
from infra.engine.classify import command_error, run_error
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

URN = "urn:pulumi:acme::p::aws:s3/bucket:Bucket::models"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the"
    " lock file with `pulumi cancel`.\n  file:///state/.pulumi/locks/organization/p/acme/1.json:"
    " created by me@{host} (pid {pid}) at 2026-01-02T03:04:05Z"
)


def said(stderr: str) -> CommandResult:
    return CommandResult(stdout="", stderr=stderr, code=255)


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("error: no stack named 'acme' found", StackMissing),
        ("error: getting stack configuration: get stack secrets manager: incorrect passphrase", WrongPassphrase),
        ("error: unable to open bucket file:///x: stat /x: no such file or directory", BackendUnreachable),
        ('error: read ".pulumi/meta.yaml": blob: S3: GetObject: dial tcp: lookup x: no such host', BackendUnreachable),
        ("error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", BackendUnreachable),
        ("error: [409] Conflict: Another update is currently in progress.", ConcurrentUpdate),
        (LOCKED.format(host="elsewhere", pid=7), ConcurrentUpdate),
    ],
)
def test_a_refused_call_is_typed_and_has_a_remedy(stderr: str, kind: type[EngineError]) -> None:
    """Each says where, what and what to do."""
    error = command_error(said(stderr), where="p/acme")
    assert type(error) is kind
    assert error.remedy
    assert error.where == "p/acme"


def test_anything_else_keeps_the_engines_own_words() -> None:
    """An error that nobody foresaw is shown as the engine put it, without its prefix."""
    error = command_error(said("warning: x\nerror: something new"), where="p/acme")
    assert type(error) is EngineError
    assert error.message == "something new"


@pytest.mark.parametrize(
    ("host", "pid", "dead"),
    [(socket.gethostname(), os.getpid(), False), ("elsewhere", 7, False)],
    ids=["alive or recycled", "another host"],
)
def test_only_the_provably_dead_count_as_dead(host: str, pid: int, *, dead: bool) -> None:
    """A lock on another host may be alive."""
    (holder,) = lock_holders(LOCKED.format(host=host, pid=pid).replace("2026-01-02", "2999-01-02"))
    assert holder.is_dead() is dead


def test_a_process_that_is_younger_than_the_lock_is_not_its_holder() -> None:
    """The process id was given to somebody else since."""
    (holder,) = lock_holders(LOCKED.format(host=socket.gethostname(), pid=os.getpid()).replace("2026", "2001"))
    assert holder.is_dead()


def test_the_refusal_of_a_resource_comes_before_the_end_of_the_program() -> None:
    """The provider's message is the cause; that the program ended is the consequence."""
    diagnostics = [Diagnostic(severity="error", message="no such bucket", urn=URN)]
    error = run_error(said(""), diagnostics, [URN], ProgramFailed("the monitor is gone"), "p/acme")
    assert isinstance(error, ResourceFailed)
    assert (error.urn, error.message) == (URN, "no such bucket")


def test_a_protected_resource_is_named_even_if_only_the_message_does() -> None:
    """Destroy reports protection without the resource's own event."""
    message = f'resource "{URN}" cannot be deleted\nbecause it is protected. To unprotect the resource, ...'
    error = run_error(said(""), [Diagnostic(severity="error", message=message)], [], None, "p/acme")
    assert isinstance(error, ProtectedResource)
    assert error.urns == (URN,)


def test_warnings_are_no_errors() -> None:
    """Without an error, what the command itself said counts."""
    diagnostics = [Diagnostic(severity="warning", message="deprecated", urn=URN)]
    error = run_error(said("error: no stack named 'acme' found"), diagnostics, [], None, "p/acme")
    assert isinstance(error, StackMissing)
