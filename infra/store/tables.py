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
from sqlalchemy.exc import DontWrapMixin
from typing_extensions import override

from infra.errors import UserError


class TextRefused(UserError, DontWrapMixin):
    """A text that a database cannot hold."""


class Words(TypeDecorator[str]):
    """Text without NUL characters, which PostgreSQL cannot hold: refused here, whatever the database is.

    Source: PostgreSQL documentation, "Character Types": the character with code zero cannot be stored.
    """

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As it is."""
        if value is not None and "\0" in value:
            raise TextRefused("a text holds a NUL character", "leave that character out")
        return value


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
    Column("name", Words, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("failure", Words),
    Column("spec", Words, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("kind", Words, nullable=False),
    Column("before", Words, nullable=False),
    Column("stays_suspended", Boolean, nullable=False),
    Column("state", Words, nullable=False),
    Column("steps_done", Integer, nullable=False),
    Column("step_begun", Boolean, nullable=False),
    Column("fraction", Float, nullable=False),
    Column("failure", Words),
    Column("caller", Words, nullable=False),
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
    Column("tenant", Words, nullable=False),
    Column("operation", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("data", Words, nullable=False),
    Column("at", Instant, nullable=False),
)

#: How far each receiver outside (a webhook, a bus) has been told; the events after that are still to be sent.
deliveries = Table(
    "deliveries",
    metadata,
    Column("receiver", Words, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("digest", Words, nullable=False),
    Column("reference", Words, nullable=False),
    Column("attempt", Words, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("status", Integer),
    Column("headers", Words),
    Column("answer", Words),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Column("previous", Words, nullable=False),
    Column("hash", Words, nullable=False),
)

#: The durable execution of operations, by their ids; `infra.jobs` says what the columns mean.
job_tickets = Table(
    "job_tickets",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("caller", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("arguments", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("digest", Words, nullable=False),
    Column("sequence", BigInteger, nullable=False, unique=True),
    Column("status", Words, nullable=False),
    Column("turn", BigInteger),
    Column("not_before", Instant),
    Column("rests", Integer, nullable=False, server_default="0"),
    Column("step", Words, nullable=False, server_default=""),
    Column("steps_done", Integer, nullable=False, server_default="0"),
    Column("steps", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("results", Words, nullable=False, server_default="{}"),
    Column("cancel_requested", Boolean, nullable=False, server_default="false"),
    Column("failure", Words),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
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

#: The console's sessions that may still be used, by a digest of what their cookies hold.
console_sessions = Table(
    "console_sessions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("caller", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

#: Sums over all workers, by what is counted; `infra.jobs.figures` says what the columns mean.
job_figures = Table(
    "job_figures",
    metadata,
    Column("figure", Words, primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("label", Words, primary_key=True),
    Column("bucket", Words, primary_key=True),
    Column("value", Float, nullable=False),
)
