"""What callers have done to tenants: each action checks the caller's right, and is one transaction.

In it are the tenant's row, the operation, its event, its job, and last the entry of the audit log. Nothing here waits
for an engine or a cloud; the methods block on the database and the specs' files only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from infra.api.asking import NORMAL, URGENT, Accepted, Asking, shown_keys
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import TenantScope, scope_of
from infra.api.etags import IfMatch
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.api.specs import CurrentSpec, Specs, data_of, etag_of_tenant, file_of, require_plain
from infra.api.tenant_rights import OWN_KINDS, changed_keys, require_own
from infra.gitops import SpecChange, SpecMissing, etag, patched
from infra.gitops.patching import new_spec
from infra.gitops.place import require_tenant_id
from infra.lifecycle.operations import Operation
from infra.lifecycle.states import CHANGES, OperationKind, State
from infra.placement import is_placed, wants_place
from infra.provisioning import requests
from infra.provisioning.kinds import kind_of_change, require_move_alone
from infra.store import operations, tenants
from infra.store.database import hold_alone, reading, transaction
from infra.store.operations import OperationRecord, UnknownOperation
from infra.store.tenants import TenantExists, TenantRecord

_ANY = IfMatch(None)
#: The key of PostgreSQL's advisory lock of who proposes a place: any number that nobody else uses.
_PLACES = 5_130_214


@dataclass(frozen=True, kw_only=True)
class Actions:
    """The actions on the tenants of one service.

    Attributes:
        store: The database.
        specs: The tenants' specs.
        merged: Whether changes of specs are committed for review, and take effect when somebody merges them.
    """

    store: Engine
    specs: Specs
    merged: bool = False

    def onboard(self, asking: Asking, spec: Mapping[str, Any]) -> Accepted:
        """Ask for a new tenant.

        Args:
            asking: Who asks.
            spec: Its spec, as JSON.

        Raises:
            SpecErrors: All that is wrong with the spec.
            TenantExists: The id is in use, or was.
            ProblemError: 403.
        """
        scope = scope_of(asking.caller, ApiOperation.TENANTS_CREATE)
        require_plain(spec)
        tenant = require_tenant_id(str(spec.get("id")))
        scope.require(tenant)
        content = new_spec(spec)
        self.specs.check(tenant, content)
        if self.merged:
            return self._propose_new(asking, tenant, spec)
        with transaction(self.store) as connection:
            if done := _done(connection, asking, tenant):
                return done
            self._refuse_another_spec(connection, tenant, spec)
            operation = requests.onboard(connection, asking.asked(), tenant, dict(spec))
            return _accepted(connection, asking, ApiOperation.TENANTS_CREATE, operation)

    def patch(self, asking: Asking, tenant: str, patch: Mapping[str, Any], version: IfMatch) -> Accepted:
        """Change a tenant's spec by a JSON merge patch.

        Args:
            asking: Who asks.
            tenant: The tenant.
            patch: The patch, as RFC 7396 has it.
            version: The versions of the tenant that the patch is of.

        Returns:
            With neither operation nor proposal where the patch changes nothing, unless an earlier change of the tenant
            has failed: an update then brings the tenant to what its spec says.

        Raises:
            UnknownTenant: There is no such tenant.
            OperationRunning: Another operation on it is not over.
            SpecErrors: All that would be wrong with the spec.
            ProblemError: 403, or 412 for another version.
        """
        return self._change(asking, ApiOperation.TENANTS_UPDATE, tenant, patch, version)

    def suspend(self, asking: Asking, tenant: str) -> Accepted:
        """Close a tenant's access and keep its data.

        Raises:
            UnknownTenant: There is no such tenant.
            OperationRunning: Another operation on it is not over.
            TransitionRefused: It is not in a state to be suspended.
            ProblemError: 403.
        """
        patch = {"lifecycle": {"state": "suspended"}}
        return self._change(asking, ApiOperation.TENANTS_SUSPEND, tenant, patch, _ANY, OperationKind.SUSPEND)

    def resume(self, asking: Asking, tenant: str) -> Accepted:
        """Open a suspended tenant's access again; raises as `suspend`."""
        patch = {"lifecycle": {"state": "active"}}
        return self._change(asking, ApiOperation.TENANTS_RESUME, tenant, patch, _ANY, OperationKind.RESUME)

    def upgrade(self, asking: Asking, tenant: str, to: str, former: str | None) -> Accepted:
        """Bring a tenant to another version of the blueprint; raises as `suspend`.

        Args:
            asking: Who asks.
            tenant: The tenant.
            to: The version, or a branch, tag or commit.
            former: The version that it runs, where that is known.
        """
        scope = scope_of(asking.caller, ApiOperation.TENANTS_UPGRADE)
        scope.require(tenant)
        arguments = {"to": to, "former": former}
        return self._start(asking, ApiOperation.TENANTS_UPGRADE, tenant, OperationKind.UPGRADE, arguments)

    def erase(self, asking: Asking, tenant: str, *, export: bool, grace_seconds: int, window_days: int) -> Accepted:
        """Remove a tenant with all that is left of it, and certify that; raises as `suspend`.

        Args:
            asking: Who asks.
            tenant: The tenant.
            export: Whether its data is exported to it first.
            grace_seconds: How long it can still be taken back after access is closed.
            window_days: How long its keys can still be kept from deletion, in days.
        """
        scope = scope_of(asking.caller, ApiOperation.TENANTS_ERASE)
        scope.require(tenant)
        arguments = {
            "export": export,
            "grace_seconds": grace_seconds,
            "window_days": window_days,
            "requested_by": asking.name,
        }
        return self._start(asking, ApiOperation.TENANTS_ERASE, tenant, OperationKind.ERASE, arguments)

    def cancel(self, asking: Asking, operation: str) -> Accepted:
        """Ask that an operation ends: at once while it waits, before its next step while it runs.

        Raises:
            UnknownOperation: There is none of that id, or none that the caller may know of.
            TransitionRefused: It is over, or past the point from which it can only go on.
            ProblemError: 403.
        """
        scope = scope_of(asking.caller, ApiOperation.OPERATIONS_CANCEL)
        with transaction(self.store) as connection:
            found = operation_of(connection, operation, scope)
            if scope.only is not None and found.operation.kind not in OWN_KINDS:
                raise ProblemError(Kind.FORBIDDEN, f"An operator of the platform started this {found.operation.kind}.")
            record = requests.cancel(connection, operation, asking.now)
            asking.record(connection, ApiOperation.OPERATIONS_CANCEL, f"operations/{operation}")
            return Accepted(tenant=record.operation.tenant, operation=record, recorded=True)

    def _change(
        self,
        asking: Asking,
        action: ApiOperation,
        tenant: str,
        patch: Mapping[str, Any],
        version: IfMatch,
        kind: OperationKind | None = None,
    ) -> Accepted:
        scope = scope_of(asking.caller, action)
        scope.require(tenant)
        require_plain(patch)
        with reading(self.store) as connection:
            spec = self.specs.current(tenants.get(connection, tenant))
        before = _content(tenant, spec)
        after = patched(file_of(tenant), before, patch)
        changed = list(changed_keys(spec.data, data_of(tenant, after)))
        if scope.only is not None:
            require_own(changed)
        wanted = self.specs.check(tenant, after)
        kind = kind or kind_of_change(self.specs.check(tenant, before), wanted)
        if kind is OperationKind.MOVE:
            require_move_alone(changed)
        if self.merged and changed:
            self._require_version(tenant, spec, version)
            return self._propose(asking, tenant, after, etag(before), "change " + ", ".join(shown_keys(changed)))
        arguments = {"content": after.decode(), "former": before.decode(), "expected": etag(before)}
        stays = wanted.lifecycle.state == "suspended"
        with transaction(self.store) as connection:
            if done := _done(connection, asking, tenant):
                return done
            record = tenants.get(connection, tenant, lock=True)
            operations.refuse_second(connection, tenant)
            version.require(etag_of_tenant(spec, record.condition.state))
            if not changed and action is ApiOperation.TENANTS_UPDATE and not _failed_in_a_change(record):
                return Accepted(tenant=tenant)
            asked = asking.asked(URGENT if kind is OperationKind.SUSPEND else NORMAL)
            operation = requests.change(connection, asked, tenant, kind, arguments, stays_suspended=stays)
            return _accepted(connection, asking, action, operation, changed=shown_keys(changed))

    def _start(
        self, asking: Asking, action: ApiOperation, tenant: str, kind: OperationKind, arguments: dict[str, Any]
    ) -> Accepted:
        with transaction(self.store) as connection:
            if done := _done(connection, asking, tenant):
                return done
            record = tenants.get(connection, tenant, lock=True)
            stays = kind is OperationKind.UPGRADE and _is_suspended(self.specs.current(record))
            operation = requests.change(connection, asking.asked(), tenant, kind, arguments, stays_suspended=stays)
            return _accepted(connection, asking, action, operation, arguments=arguments)

    def _propose_new(self, asking: Asking, tenant: str, spec: Mapping[str, Any]) -> Accepted:
        """A spec that leaves its place out is committed with one, with no other proposal made between the two."""
        if not wants_place(spec):
            return self._propose(asking, tenant, new_spec(spec), None, "onboard")
        with transaction(self.store) as connection:
            hold_alone(connection, _PLACES)
            data, opens = self.specs.placed(tenant, spec)
            return self._propose(asking, tenant, new_spec(data), None, "onboard", opens)

    def _propose(
        self, asking: Asking, tenant: str, content: bytes, expected: str | None, why: str, opens: str = ""
    ) -> Accepted:
        message = f"{tenant}: {why}\n\nRequest: {asking.operation}"
        change = SpecChange(
            tenant=tenant, content=content, expected=expected, author=asking.author(), message=message, opens=opens
        )
        return Accepted(tenant=tenant, proposal=self.specs.place.write(change))

    def _require_version(self, tenant: str, spec: CurrentSpec, version: IfMatch) -> None:
        with reading(self.store) as connection:
            version.require(etag_of_tenant(spec, tenants.get(connection, tenant).condition.state))

    def _refuse_another_spec(self, connection: Connection, tenant: str, spec: Mapping[str, Any]) -> None:
        """A file that somebody else wrote is not overwritten; the same spec again adopts it."""
        try:
            content = self.specs.place.read(tenant).content
        except SpecMissing:
            return
        there = data_of(tenant, content)
        if there != spec and not is_placed(spec, there) and not _known(connection, tenant):
            raise TenantExists(
                f"{tenant} has a spec already, which was made past the service",
                "read that file: send the same spec to take the tenant over, or choose another id",
                file_of(tenant).name,
            )


def operation_of(connection: Connection, operation: str, scope: TenantScope) -> OperationRecord:
    """An operation that a caller may know of; one of another tenant is not there, as one that does not exist.

    Raises:
        UnknownOperation: There is none.
    """
    found = operations.get(connection, operation)
    if not scope.covers(found.operation.tenant):
        raise UnknownOperation(f"there is no operation {operation}", "list the operations to see their ids")
    return found


def _accepted(
    connection: Connection, asking: Asking, action: ApiOperation, operation: Operation, **detail: object
) -> Accepted:
    asking.record(
        connection, action, f"tenants/{operation.tenant}", operation=operation.id, kind=operation.kind, **detail
    )
    return Accepted(tenant=operation.tenant, operation=operations.get(connection, operation.id), recorded=True)


def _done(connection: Connection, asking: Asking, tenant: str) -> Accepted | None:
    """What an attempt before this one made, whose process died before it answered."""
    try:
        found = operations.get(connection, asking.operation)
    except UnknownOperation:
        return None
    return Accepted(tenant=tenant, operation=found) if found.operation.tenant == tenant else None


def _failed_in_a_change(record: TenantRecord) -> bool:
    """Whether the tenant may be other than its spec says, because a change could be neither ended nor put back."""
    return record.condition.state is State.FAILED and record.condition.failed_in in CHANGES


def _content(tenant: str, spec: CurrentSpec) -> bytes:
    if spec.content is None:
        raise SpecMissing(
            f"the spec of {tenant} is not written", "wait until the tenant is onboarded", file_of(tenant).name
        )
    return spec.content


def _is_suspended(spec: CurrentSpec) -> bool:
    lifecycle = spec.data.get("lifecycle")
    return isinstance(lifecycle, Mapping) and msgspec.convert(lifecycle, dict[str, Any]).get("state") == "suspended"


def _known(connection: Connection, tenant: str) -> bool:
    try:
        found: TenantRecord = tenants.get(connection, tenant)
    except tenants.UnknownTenant:
        return False
    return found.id == tenant
