"""The console's sessions that may still be used: opened when somebody signs in, gone when they end or are revoked.

Source: OWASP Cheat Sheet Series, "Session Management": a session is ended at the server too, not only in the browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from infra.store.tables import console_sessions


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Somebody who has signed in.

    Args:
        caller: Identifies the caller among those of all issuers.
        subject: The caller's name at its issuer.
        sessions: How many sessions it has.
        last_opened_at: When it opened the last of them.
    """

    caller: str
    subject: str
    sessions: int
    last_opened_at: datetime


def open_session(
    connection: Connection, session: str, *, caller: str, subject: str, now: datetime, expires_at: datetime
) -> None:
    """Keep a session; those that have ended by themselves are forgotten.

    Args:
        connection: In a transaction.
        session: Its id.
        caller: Whose it is, among those of all issuers.
        subject: The caller's name at its issuer.
        now: The time.
        expires_at: When it ends by itself.
    """
    connection.execute(delete(console_sessions).where(console_sessions.c.expires_at <= now))
    values = {"id": session, "caller": caller, "subject": subject, "opened_at": now, "expires_at": expires_at}
    connection.execute(insert(console_sessions).values(values))


def is_open(connection: Connection, session: str, now: datetime) -> bool:
    """Whether a session may be used."""
    found = select(console_sessions.c.expires_at).where(console_sessions.c.id == session)
    expires_at = connection.execute(found).scalar_one_or_none()
    return expires_at is not None and now < expires_at


def close_session(connection: Connection, session: str) -> None:
    """Revoke one session; nothing is wrong where it is gone."""
    connection.execute(delete(console_sessions).where(console_sessions.c.id == session))


def close_all_of(connection: Connection, caller: str) -> int:
    """Revoke all sessions of a caller, and return how many there were."""
    return connection.execute(delete(console_sessions).where(console_sessions.c.caller == caller)).rowcount


def signed_in(connection: Connection, now: datetime, limit: int) -> list[SignedIn]:
    """Who has sessions, the last one to sign in first.

    Args:
        connection: In a transaction.
        now: The time.
        limit: How many callers at most.
    """
    last = func.max(console_sessions.c.opened_at)
    statement = (
        select(console_sessions.c.caller, console_sessions.c.subject, func.count(), last)
        .where(console_sessions.c.expires_at > now)
        .group_by(console_sessions.c.caller, console_sessions.c.subject)
        .order_by(last.desc(), console_sessions.c.caller)
        .limit(limit)
    )
    return [
        SignedIn(caller=caller, subject=subject, sessions=count, last_opened_at=at)
        for caller, subject, count, at in connection.execute(statement).tuples()
    ]
