"""The spec that an operation is to leave: which content that is, checked before it is written to its file.

The file is the truth, so whatever an operation does begins by writing it, with the ETag of the file that the operation
was asked from: a change by somebody else in between is a conflict, and the same content again is none.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, cast

from filelock import FileLock

from infra.engine.private_files import private_folder
from infra.errors import UserError
from infra.gitops import Author, SpecChange, SpecConflict, SpecMissing, etag, patched
from infra.gitops.patching import new_spec
from infra.gitops.place import require_tenant_id
from infra.jobs import JobStatus, tickets
from infra.jobs.processes.call import StepCall
from infra.provisioning.context import Work
from infra.spec import SpecErrors, load_estate, load_tenant
from infra.spec.source import source_of
from infra.store.database import hold_alone, reading, transaction

_SERVICE = Author(name="bulkhead", email="bulkhead@localhost")
_SUSPENDED = {"lifecycle": {"state": "suspended"}}
#: The key of PostgreSQL's advisory lock: any number that nobody else uses.
_LOCK = 5_130_212
_TEXT = "the content of a spec"


def wanted(call: StepCall) -> bytes | None:
    """The content that the operation leaves in the tenant's file; None: it leaves the file as it is.

    An onboarding whose spec leaves its place out leaves it with the place that the step ``validate`` has chosen.

    Raises:
        UserError: the operation's arguments are not what they should be.
    """
    arguments = call.arguments
    if "spec" in arguments:
        spec = call.results.get("validate", {}).get("spec", arguments["spec"])
        if not isinstance(spec, Mapping):
            raise UserError("spec is no object", "send the tenant's spec as a JSON object", where="spec")
        return new_spec(cast("Mapping[str, Any]", spec))
    if "content" in arguments:
        return _encoded(arguments["content"])
    return None


def suspended(work: Work, tenant: str) -> bytes:
    """A tenant's file with its state set to suspended, all else as it is.

    Raises:
        SpecMissing: it has none.
    """
    return patched(work.settings.specs / f"{tenant}.yaml", work.specs.read(tenant).content, _SUSPENDED)


def expected(call: StepCall) -> str | None:
    """The ETag of the file that the operation was asked from; None: there was none."""
    given = call.arguments.get("expected")
    return given if isinstance(given, str) else None


def check_alone(work: Work, tenant: str, content: bytes) -> None:
    """Check a spec with the platform's and without the other tenants'.

    Raises:
        SpecErrors: all that is wrong with it.
    """
    load_tenant(work.settings.platform_spec, _file(work, tenant), content)


def check_beside_all(work: Work, tenant: str, content: bytes) -> None:
    """Check a spec alone, and beside all other tenants' as if it were written already.

    A tenant whose network is being changed is in two for a time: it is checked beside both.

    Raises:
        SpecErrors: all that is wrong.
    """
    new = {_file(work, tenant): content}
    load_estate(work.settings.platform_spec, work.settings.specs, new)
    for other, former in left_by_changes(work).items():
        if other != tenant:
            load_estate(work.settings.platform_spec, work.settings.specs, {**new, _file(work, other): former})


def write_checked(work: Work, call: StepCall, content: bytes, before: str | None) -> bool:
    """Check a spec beside all others and write it, with nobody else of the service between the two.

    Of two new tenants that want the same range one is refused, however they come: if both were written, no spec could
    be loaded any more, and nobody's stack be run.

    Args:
        work: Where the specs are.
        call: Whose operation it is.
        content: The file's new content.
        before: As for `write`.

    Returns:
        Whether the file was another before.

    Raises:
        SpecErrors: all that is wrong with it.
        SpecConflict: the file is another one.
    """
    require_own_id(call.tenant, content)
    with alone(work):
        check_beside_all(work, call.tenant, content)
        return write(work, call, content, before)


@contextlib.contextmanager
def alone(work: Work) -> Generator[None]:
    """Held by whoever checks specs beside each other and writes one.

    On this machine by a file's lock; where several share a PostgreSQL, by a lock of it too.
    """
    folder = work.settings.home / "service"
    private_folder(folder)
    with FileLock(folder / "specs.lock"), locked(work, _LOCK):
        yield


@contextlib.contextmanager
def locked(work: Work, key: int) -> Generator[None]:
    """A lock over all machines that share a PostgreSQL; nothing where SQLite keeps all on this one."""
    if work.store.dialect.name != "postgresql":
        yield
        return
    with transaction(work.store) as connection:
        hold_alone(connection, key)
        yield


def _file(work: Work, tenant: str) -> Path:
    return work.settings.specs / f"{require_tenant_id(tenant)}.yaml"


def left_by_changes(work: Work) -> dict[str, bytes]:
    """By tenant, the spec that a change of its network leaves which is not over yet, and may be put back."""
    with reading(work.store) as connection:
        running = [each.request for each in tickets.listed(connection, JobStatus.WAITING, JobStatus.ADMITTED)]
    left: dict[str, bytes] = {}
    for each in running:
        if "content" in each.arguments:
            before, after = _encoded(each.arguments["former"]), _encoded(each.arguments["content"])
            if _place(each.tenant, before) != _place(each.tenant, after):
                left[each.tenant] = before
    return left


def _place(tenant: str, content: bytes) -> tuple[Any, Any]:
    data = as_data(tenant, content)
    return data.get("tier"), data.get("network")


def as_data(tenant: str, content: bytes) -> dict[str, Any]:
    """The data of a spec's file.

    Raises:
        SpecErrors: it is no YAML.
    """
    source, problems = source_of(Path(f"{tenant}.yaml"), content)
    if source is None or problems:
        raise SpecErrors(problems)
    return source.data


def require_own_id(tenant: str, content: bytes) -> None:
    """Refuse a spec that says it is another tenant's.

    Raises:
        SpecErrors: it is no YAML.
        UserError: it is another tenant's.
    """
    named = as_data(tenant, content).get("id")
    if named != tenant:
        written = json.dumps(named)
        raise UserError(f"id is {written}, and the tenant is {tenant}", "an id never changes", where=f"{tenant}.yaml")


def write(work: Work, call: StepCall, content: bytes, before: str | None) -> bool:
    """Write a tenant's file; returns whether it was another before.

    Args:
        work: Where the specs are.
        call: Whose operation it is.
        content: The file's new content.
        before: The ETag of the file that it replaces; None: there is none.

    Raises:
        SpecConflict: the file is another one.
    """
    if current(work, call.tenant) == content:
        return False
    message = f"{call.step}: operation {call.operation}"
    change = SpecChange(tenant=call.tenant, content=content, expected=before, author=_SERVICE, message=message)
    try:
        work.specs.write(change)
    except SpecConflict:
        if current(work, call.tenant) == content:
            return False
        raise
    return True


def remove(work: Work, call: StepCall, content: bytes) -> bool:
    """Remove a tenant's file if it has that content still; returns whether it did."""
    if current(work, call.tenant) != content:
        return False
    message = f"{call.step}: operation {call.operation}"
    change = SpecChange(tenant=call.tenant, content=None, expected=etag(content), author=_SERVICE, message=message)
    work.specs.write(change)
    return True


def current(work: Work, tenant: str) -> bytes | None:
    """A tenant's file as it is; None: there is none."""
    try:
        return work.specs.read(tenant).content
    except SpecMissing:
        return None


def former(call: StepCall) -> bytes | None:
    """The file as it was before the operation; None where the operation does not say."""
    return _encoded(call.arguments["former"]) if "content" in call.arguments else None


def _encoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise UserError("the content of the spec is no text", "send the whole file as text", where=_TEXT)
    return value.encode()
