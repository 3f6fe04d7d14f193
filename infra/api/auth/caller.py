"""Who calls: what a verified token says."""

from __future__ import annotations

from dataclasses import dataclass

from infra.api.auth.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller whose token was verified.

    Attributes:
        issuer: Who vouches for the caller.
        subject: The caller's name there, unique and never reused.
        roles: The roles that the token gives.
        tenant: The tenant that the caller administers; None where the token names none.
    """

    issuer: str
    subject: str
    roles: frozenset[Role]
    tenant: str | None

    @property
    def key(self) -> str:
        """Identifies the caller among those of all issuers; no two callers have the same."""
        return f"{len(self.issuer)}:{self.issuer}{self.subject}"
