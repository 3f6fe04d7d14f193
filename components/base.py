"""What every component shares: its type token."""

from __future__ import annotations


def token(name: str) -> str:
    """The Pulumi type token of a component, for example ``bulkhead:component:TenantKey``."""
    return f"bulkhead:component:{name}"
