"""What callers read of tenants and operations: each read is of the tenants that the caller may know of, and no others.

The methods block on the database and the specs' files only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from infra.api.actions import operation_of
from infra.api.auth.scope import TenantScope
from infra.api.specs import Specs, etag_of_tenant
from infra.api.views import (
    OperationView,
    ResourcesView,
    TenantSummary,
    TenantView,
    failure_view,
    operation_view,
    tenant_summary,
)
from infra.jobs import tickets
from infra.jobs.model import JobMissing
from infra.lifecycle.states import State
from infra.provisioning.exports import Exported, export_of
from infra.store import audit_log, erasures, operations, tenants
from infra.store.audit_log import AuditEntry
from infra.store.database import reading
from infra.store.erasures import StoredCertificate
from infra.store.operations import OperationRecord
from infra.store.tenants import TenantRecord, UnknownTenant

_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class TenantFilter:
    """Which tenants a list is of.

    Attributes:
        states: Only those in these states; none: all.
        tier: Only those of this tier.
        region: Only those in this Region.
    """

    states: Collection[State] = ()
    tier: str | None = None
    region: str | None = None

    def takes(self, tenant: TenantSummary) -> bool:
        """Whether a tenant belongs to the list, its state apart."""
        return self.tier in (None, tenant.tier) and self.region in (None, tenant.region)


@dataclass(frozen=True, kw_only=True)
class Reads:
    """The reads of one service.

    Attributes:
        store: The database.
        specs: The tenants' specs.
    """

    store: Engine
    specs: Specs

    def tenant(self, tenant: str) -> tuple[TenantView, str]:
        """A tenant, and its tag.

        Args:
            tenant: Its id; whether the caller may know of it has been checked.

        Raises:
            UnknownTenant: There is none of that id.
            SpecErrors: Its file is no YAML.
        """
        with reading(self.store) as connection:
            record = tenants.get(connection, tenant)
            running = operations.running(connection, tenant)
        spec = self.specs.current(record)
        view = TenantView(
            id=record.id,
            state=record.condition.state,
            spec=dict(spec.data),
            failure=failure_view(record.condition.failure),
            operation=running.operation.id if running else None,
            created_at=record.created_at,
            changed_at=record.changed_at,
        )
        return view, etag_of_tenant(spec, record.condition.state)

    def tenants(self, scope: TenantScope, wanted: TenantFilter, after: str, limit: int) -> list[TenantSummary]:
        """Tenants in the order of their ids, by the spec that each was last given.

        Args:
            scope: Which the caller may know of.
            wanted: Which it asks for.
            after: Only those whose id comes after this one.
            limit: How many at most.
        """
        found: list[TenantSummary] = []
        with reading(self.store) as connection:
            while len(found) < limit:
                batch = self._batch(connection, scope, wanted, after)
                found += [one for one in map(_summary, batch) if wanted.takes(one)]
                if len(batch) < _BATCH:
                    break
                after = batch[-1].id
        return found[:limit]

    def operation(self, operation: str, scope: TenantScope) -> OperationView:
        """An operation.

        Raises:
            UnknownOperation: There is none of that id, or none that the caller may know of.
        """
        with reading(self.store) as connection:
            return _view(connection, operation_of(connection, operation, scope))

    def operations(
        self, scope: TenantScope, tenant: str | None, *, open_only: bool, after: str, limit: int
    ) -> list[OperationView]:
        """Operations in the order of their ids, which is that of their age.

        Args:
            scope: Which tenants' the caller may know of.
            tenant: Only those on this tenant, which the scope covers.
            open_only: Only those that are not over.
            after: Only those whose id comes after this one.
            limit: How many at most.
        """
        with reading(self.store) as connection:
            found = operations.page(
                connection, tenant=scope.only or tenant, open_only=open_only, after=after, limit=limit
            )
            return [_view(connection, each) for each in found]

    def certificate(self, tenant: str) -> StoredCertificate:
        """The certificate of a tenant's erasure.

        Args:
            tenant: Its id; whether the caller may know of it has been checked.

        Raises:
            UnknownTenant: It was not erased.
        """
        with reading(self.store) as connection:
            found = erasures.certificate_of(connection, tenant)
        if found is None:
            raise UnknownTenant(f"tenant {tenant} has no certificate", "it gets one when its erasure has succeeded")
        return found

    def export(self, tenant: str, now: datetime) -> Exported:
        """The export of a tenant that is erased, or being erased.

        Args:
            tenant: Its id; whether the caller may have the export has been checked.
            now: The time, in UTC.

        Raises:
            ExportMissing: There is none, or not any more.
        """
        return export_of(self.store, tenant, now)

    def audit(self, after: int, subject: str | None, limit: int) -> list[AuditEntry]:
        """Entries of the audit log in their order.

        Args:
            after: Only those after this number.
            subject: Only those about this.
            limit: How many at most.
        """
        with reading(self.store) as connection:
            return audit_log.entries(connection, after=after, subject=subject, limit=limit)

    def _batch(
        self, connection: Connection, scope: TenantScope, wanted: TenantFilter, after: str
    ) -> list[TenantRecord]:
        if scope.only is None:
            return tenants.page(connection, states=wanted.states, after=after, limit=_BATCH)
        try:
            own = tenants.get(connection, scope.only)
        except tenants.UnknownTenant:
            return []
        return [own] if own.id > after and own.condition.state in (wanted.states or State) else []


def _summary(record: TenantRecord) -> TenantSummary:
    return tenant_summary(record, msgspec.json.decode(record.spec, type=dict[str, Any]))


def _view(connection: Connection, record: OperationRecord) -> OperationView:
    try:
        job = tickets.get(connection, record.operation.id)
    except JobMissing:
        return operation_view(record)
    counted = job.total and not record.operation.final
    resources = ResourcesView(done=job.done, total=job.total) if counted else None
    return operation_view(record, resources, cancel_requested=job.cancel_requested)
