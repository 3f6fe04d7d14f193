"""Compares the specs in effect with what was applied: asks for operations in GitOps mode, shows what is done by hand.

Tenants that were onboarded by hand are taken up as they are.

An operation's id follows from the commit that changed the spec, so that each change is asked for once: whatever is
killed, and however many reconcilers run. In direct mode nothing is asked for; what somebody did by hand is shown.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine as Store

from infra.errors import UserError
from infra.gitops import FolderSpecs, GitSpecs, InEffect, SpecMissing, etag
from infra.gitops.reconciling import Applied, Hold, Start, compare_folder, reconcile
from infra.lifecycle.states import OperationKind
from infra.operations.fleet_memory import run_by_hand
from infra.operations.reconciliation import Held, Reconciliation, keep_reconciliation
from infra.operations.workspace import Workspace
from infra.provisioning import requests
from infra.provisioning.gitops import GitOps
from infra.provisioning.kinds import kind_of_change
from infra.provisioning.specs import as_data
from infra.settings import Settings
from infra.spec import SpecErrors, TenantSpec, load_tenant
from infra.store import changes, operations, tenants
from infra.store.changes import Asked
from infra.store.database import reading, transaction
from infra.store.operations import UnknownOperation
from infra.store.tenants import TenantExists, TenantRecord, UnknownTenant

CALLER = "reconciler"
#: After whoever waits for an answer.
_PRIORITY = 100
_BITS_OF_TIME, _RANDOM_BYTES = 48, 10


def reconcile_round(settings: Settings, store: Store, gitops: GitOps | None) -> Reconciliation:
    """One comparison of everything; its result is kept for those who show it. It may be killed at any time.

    Args:
        settings: Of the checkout.
        store: The service's database.
        gitops: GitOps mode; None: direct mode.

    Raises:
        UserError: The specs or the repository cannot be read.
    """
    with Workspace(settings) as workspace:
        found = Reconciler(workspace, store, None if gitops is None else gitops.place()).run()
    keep_reconciliation(settings.home, found)
    return found


class Reconciler:
    """Compares, and asks for operations.

    Args:
        workspace: Has the folder of the specs that the programs read, and the stacks.
        store: The service's database.
        merged: The specs in effect; None: those of the folder, and nothing is asked for.
        clock: Tells the time.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        merged: GitSpecs | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._merged = merged
        self._folder = FolderSpecs(workspace.settings.specs)
        self._clock = clock

    def run(self) -> Reconciliation:
        """Compare every tenant once; one that cannot be compared is shown, and does not stop the others."""
        adopted = self._adopt()
        effective = None if self._merged is None else self._merged.in_effect()
        specs = [] if effective is None else effective.tenants()
        names = sorted({*specs, *self._folder.tenants(), *self._known()})
        started: dict[str, str] = {}
        held: list[Held] = []
        for tenant in names:
            try:
                found = self._compared(tenant) if effective is None else self._reconciled(tenant, effective)
                if isinstance(found, Hold):
                    held.append(Held(tenant=tenant, kind=found.kind, note=found.note))
                elif found is not None:
                    started[tenant] = found
            except UserError as error:
                held.append(Held(tenant=tenant, kind="invalid", note=str(error)))
        return Reconciliation(
            at=self._clock().isoformat(timespec="seconds"),
            mode="direct" if effective is None else "gitops",
            commit="" if effective is None else effective.commit,
            adopted=adopted,
            started=started,
            held=tuple(held),
        )

    def _adopt(self) -> tuple[str, ...]:
        """Take up the tenants that have a spec and a stack, and that the service has never heard of."""
        unknown = set(self._folder.tenants()) - set(self._known())
        if not unknown:
            return ()
        adopted: list[str] = []
        for tenant in sorted(unknown & set(self._workspace.deployed_tenants())):
            # What is no spec is told when it is compared. An onboarding that was asked for meanwhile has made the row.
            with suppress(SpecErrors, TenantExists), transaction(self._store) as connection:
                content = self._folder.read(tenant).content
                suspended = self._parsed(tenant, content).lifecycle.state == "suspended"
                data = json.dumps(as_data(tenant, content))
                changes.adopt(connection, tenant, data, suspended=suspended, now=self._clock())
                adopted.append(tenant)
        return tuple(adopted)

    def _known(self) -> list[str]:
        names: list[str] = []
        with reading(self._store) as connection:
            while page := tenants.page(connection, after=names[-1] if names else ""):
                names += [each.id for each in page]
        return names

    def _compared(self, tenant: str) -> Hold | None:
        """What somebody did by hand, in direct mode."""
        folder = _data(tenant, self._in_folder(tenant))
        return compare_folder(tenant, folder, self._applied(tenant, None))

    def _reconciled(self, tenant: str, specs: InEffect) -> str | Hold | None:
        """The id of the operation that was asked for, or what somebody is to know."""
        content = specs.content(tenant)
        effective, folder = _data(tenant, content), _data(tenant, self._in_folder(tenant))
        change = None if content is None else operation_id(tenant, *specs.changed(tenant))
        found = reconcile(tenant, effective, folder, self._applied(tenant, change))
        if not isinstance(found, Start) or content is None or change is None:
            return found if isinstance(found, Hold) else None
        return self._start(found, content, change)

    def _applied(self, tenant: str, change: str | None) -> Applied | None:
        """The tenant as the service knows it, and how the operation for the change in effect stands."""
        with reading(self._store) as connection:
            try:
                found = tenants.get(connection, tenant)
            except UnknownTenant:
                return None
            running = operations.running(connection, tenant)
            asked = "" if change is None else _asked(connection, change)
        return Applied(
            state=found.condition.state,
            spec=json.loads(found.spec),
            onboarded=found.condition.failed_in is not OperationKind.ONBOARD,
            busy=running.operation.id if running else "",
            asked=asked,
            by_hand="" if running else self._by_hand(found),
        )

    def _by_hand(self, found: TenantRecord) -> str:
        by_hand = run_by_hand(self._workspace, found.id)
        return by_hand.note if by_hand is not None and by_hand.kind != "written" else ""

    def _in_folder(self, tenant: str) -> bytes | None:
        try:
            return self._folder.read(tenant).content
        except SpecMissing:
            return None

    def _start(self, start: Start, content: bytes, change: str) -> str:
        """Ask for the operation; asking twice is asking once."""
        tenant = start.tenant
        asked = Asked(operation=change, caller=CALLER, priority=_PRIORITY, now=self._clock())
        if start.new:
            with transaction(self._store) as connection:
                return requests.onboard(connection, asked, tenant, as_data(tenant, content)).id
        former = self._folder.read(tenant).content
        before, after = self._parsed(tenant, former), self._parsed(tenant, content)
        kind = kind_of_change(before, after)
        arguments: dict[str, Any] = {
            "content": content.decode(),
            "former": former.decode(),
            "expected": etag(former),
        }
        stays = kind is OperationKind.UPDATE and after.lifecycle.state == "suspended"
        with transaction(self._store) as connection:
            return requests.change(connection, asked, tenant, kind, arguments, stays_suspended=stays).id

    def _parsed(self, tenant: str, content: bytes) -> TenantSpec:
        with tempfile.TemporaryDirectory(prefix="bulkhead-spec-") as folder:
            file = Path(folder) / f"{tenant}.yaml"
            file.write_bytes(content)
            return load_tenant(self._workspace.settings.platform_spec, file)[1]


def operation_id(tenant: str, commit: str, committed: datetime) -> str:
    """The id of the operation for a change of a spec: always the same, and ordered by time as other ids are.

    Args:
        tenant: The tenant.
        commit: The commit that changed its spec.
        committed: When it was committed.

    Source: RFC 9562, "Universally Unique IDentifiers", section 5.7 (version 7).
    """
    time = int(committed.timestamp() * 1000) % (1 << _BITS_OF_TIME)
    random = hashlib.sha256(f"{tenant} {commit}".encode()).digest()[:_RANDOM_BYTES]
    content = bytearray(time.to_bytes(6, "big") + random)
    content[6] = 0x70 | content[6] & 0x0F  # the version
    content[8] = 0x80 | content[8] & 0x3F  # the variant
    return str(uuid.UUID(bytes=bytes(content)))


def _asked(connection: Connection, change: str) -> str:
    """How the operation for a change stands; empty where it was not asked for."""
    try:
        operation = operations.get(connection, change).operation
    except UnknownOperation:
        return ""
    why = f": {operation.failure.message}" if operation.failure else ""
    return f"{operation.id} {operation.state}{why}"


def _data(tenant: str, content: bytes | None) -> dict[str, Any] | None:
    return None if content is None else as_data(tenant, content)
