"""The tables of erasures: what was removed so far, line by line, and the certificate that outlives the tenant.

They are in the database, and not on a worker's disk, so that another machine goes on where one died, and any machine
of the API has the certificate.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from infra.store import tenants
from infra.store.inserting import insert_if_absent
from infra.store.tables import erasure_certificates, erasure_journal


@dataclass(frozen=True, kw_only=True)
class StoredCertificate:
    """The certificate of an erasure as it is kept.

    Args:
        tenant: Who was erased.
        operation: The id of the operation that did it.
        json: The signed certificate, which ``bulkhead certificate verify`` takes.
        pdf: The same for people.
        at: When it was issued.
    """

    tenant: str
    operation: str
    json: str
    pdf: bytes
    at: datetime


def entries(connection: Connection, tenant: str) -> list[str]:
    """The lines of a tenant's journal, in the order in which they were written.

    Args:
        connection: In a transaction.
        tenant: The tenant's id.
    """
    journal = erasure_journal.c
    ordered = select(journal.entry).where(journal.tenant == tenant).order_by(journal.sequence)
    return list(connection.execute(ordered).scalars())


def add_entry(connection: Connection, tenant: str, entry: str) -> None:
    """Add a line to a tenant's journal.

    Args:
        connection: In a transaction.
        tenant: The tenant's id; one operation at a time writes here.
        entry: The line.
    """
    journal = erasure_journal.c
    last = connection.execute(select(func.max(journal.sequence)).where(journal.tenant == tenant)).scalar() or 0
    connection.execute(insert(erasure_journal).values(tenant=tenant, sequence=last + 1, entry=entry))


def keep_certificate(connection: Connection, certificate: StoredCertificate) -> None:
    """Keep a certificate, and forget what it stands for: the journal, and the tenant's spec.

    The tenant's row stays, with its id and nothing of its content: an id is never used again. A certificate that is
    there already stays as it is.

    Args:
        connection: In a transaction.
        certificate: The certificate.

    Raises:
        UnknownTenant: There is no such tenant.
    """
    values = {
        "tenant": certificate.tenant,
        "operation": certificate.operation,
        "document": certificate.json,
        "page": base64.b64encode(certificate.pdf).decode(),
        "at": certificate.at,
    }
    if not insert_if_absent(connection, erasure_certificates, values):
        return
    connection.execute(delete(erasure_journal).where(erasure_journal.c.tenant == certificate.tenant))
    found = tenants.get(connection, certificate.tenant, lock=True)
    emptied = json.dumps({"id": certificate.tenant})
    tenants.replace_spec(connection, certificate.tenant, emptied, version=found.version, now=certificate.at)


def certificate_of(connection: Connection, tenant: str) -> StoredCertificate | None:
    """The certificate of a tenant's erasure; None where it was not erased.

    Args:
        connection: In a transaction.
        tenant: The tenant's id.
    """
    statement = select(erasure_certificates).where(erasure_certificates.c.tenant == tenant)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    return StoredCertificate(
        tenant=row["tenant"],
        operation=row["operation"],
        json=row["document"],
        pdf=base64.b64decode(row["page"]),
        at=row["at"],
    )
