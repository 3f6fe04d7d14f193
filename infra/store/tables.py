"""The tables as SQLAlchemy Core knows them; a test holds them against what the migrations make."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from typing_extensions import override


class Instant(TypeDecorator[datetime]):
    """A moment, kept as text in UTC with microseconds, which sorts by time and reads the same in every database."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """As text; a moment without a zone is a mistake of the caller."""
        return None if value is None else instant_text(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """As a moment in UTC."""
        return None if value is None else datetime.fromisoformat(value)


def instant_text(value: datetime) -> str:
    """A moment as it is kept.

    Raises:
        ValueError: it has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData()

schema_versions = Table("schema_versions", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

#: The last sequence number given out, by table; its row's lock makes the order of numbers that of the commits.
sequences = Table(
    "sequences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("failure", Text),
    Column("spec", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenants.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("stays_suspended", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("steps_done", Integer, nullable=False),
    Column("step_begun", Boolean, nullable=False),
    Column("fraction", Float, nullable=False),
    Column("failure", Text),
    Column("caller", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

#: How far each receiver outside (a webhook, a bus) has been told; the events after that are still to be sent.
deliveries = Table(
    "deliveries",
    metadata,
    Column("receiver", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    Column("expires_at", Instant, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

#: What an erasure removed, as it happens; it goes when the certificate is kept.
erasure_journal = Table(
    "erasure_journal",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.id"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
)

#: The signed certificates of erased tenants; ``page`` is the PDF in Base64.
erasure_certificates = Table(
    "erasure_certificates",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.id"), primary_key=True),
    Column("operation", Text, ForeignKey("operations.id"), nullable=False),
    Column("document", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
