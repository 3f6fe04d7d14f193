"""Reads and verifies the audit log of a service, whether the service runs or not."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from infra.errors import UserError
from infra.service.settings import ServiceSettings
from infra.settings import Settings
from infra.store import audit_log
from infra.store.audit_log import AuditEntry, Broken, Intact
from infra.store.database import open_store, reading
from infra.store.tables import audit_log as entries_table

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def verify_trail(settings: Settings, service: ServiceSettings, head: str | None) -> Intact | Broken:
    """Whether the log is what was written.

    Args:
        settings: Of the checkout.
        service: Of the service.
        head: The hash of an entry that was kept elsewhere.

    Raises:
        UserError: there is no log, or the hash is none.
    """
    if head is not None and not _HASH.fullmatch(head):
        raise UserError("it is no hash of an entry", "give the 64 digits that an earlier verify has printed", "--head")
    with _log(settings, service) as connection:
        if head is None:
            return audit_log.verify(connection)
        at = connection.execute(select(entries_table.c.sequence).where(entries_table.c.hash == head)).scalar()
        found = audit_log.verify(connection, known={} if at is None else {at: head})
        if isinstance(found, Intact) and at is None:
            return Broken(sequence=found.entries, why="no entry has the hash that was kept elsewhere")
        return found


def read_trail(
    settings: Settings, service: ServiceSettings, *, after: int, subject: str | None, limit: int
) -> list[AuditEntry]:
    """Entries in their order.

    Args:
        settings: Of the checkout.
        service: Of the service.
        after: Only those after this number.
        subject: Only those about this.
        limit: How many at most.

    Raises:
        UserError: there is no log.
    """
    with _log(settings, service) as connection:
        return audit_log.entries(connection, after=after, subject=subject, limit=limit)


@contextmanager
def _log(settings: Settings, service: ServiceSettings) -> Generator[Connection]:
    url = service.store_url(settings)
    if service.database_url is None and not (file := settings.database_file).exists():
        raise UserError(
            "no service has run in this home", "start one with: bulkhead serve, or set DATABASE_URL", str(file)
        )
    store = open_store(url)
    try:
        with reading(store) as connection:
            yield connection
    finally:
        store.dispose()
