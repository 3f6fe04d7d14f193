"""Questions about an estate that are no claims: who can do something, what somebody can do, what a change changes."""

from infra.proof.queries.access import Access, access
from infra.proof.queries.delta import Delta, delta
from infra.proof.queries.reachable import can, who_can

__all__ = ["Access", "Delta", "access", "can", "delta", "who_can"]
