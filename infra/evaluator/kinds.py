"""The kinds of policies that AWS evaluates, and the effects of their statements."""

from __future__ import annotations

from enum import StrEnum


class PolicyKind(StrEnum):
    """Where a policy is attached, which decides what it may contain and how it counts.

    Source: IAM User Guide, "Policies and permissions in AWS Identity and Access Management".
    """

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    TRUST = "trust"
    RESOURCE = "resource"
    ENDPOINT = "endpoint"
    SCP = "scp"
    RCP = "rcp"


class Effect(StrEnum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"
