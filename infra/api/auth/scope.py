"""Decides whether a caller may do an operation, and on which tenants.

Source: OWASP API Security Top 10, "API1:2023 Broken Object Level Authorization".
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.api.auth.caller import Caller
from infra.api.auth.roles import GRANTS, ApiOperation, Role
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError


@dataclass(frozen=True, slots=True)
class TenantScope:
    """The tenants on which a caller may do an operation.

    Attributes:
        only: The one tenant, or None for all of them.
    """

    only: str | None

    def covers(self, tenant: str) -> bool:
        """Whether the caller may act on a tenant."""
        return self.only is None or self.only == tenant

    def require(self, tenant: str) -> None:
        """Refuses a tenant outside of the scope; the same answer whether or not it exists.

        Raises:
            ProblemError: 403.
        """
        if not self.covers(tenant):
            raise ProblemError(Kind.FORBIDDEN, "The caller's roles do not cover this tenant.")


def scope_of(caller: Caller, operation: ApiOperation) -> TenantScope:
    """The tenants on which a caller may do an operation.

    Args:
        caller: Who asks.
        operation: What for.

    Raises:
        ProblemError: 403; none of the caller's roles may do it on any tenant.
    """
    able = caller.roles & GRANTS.get(operation, frozenset())
    if able - {Role.TENANT_ADMIN}:
        return TenantScope(None)
    if able and caller.tenant is not None:
        return TenantScope(caller.tenant)
    raise ProblemError(
        Kind.FORBIDDEN,
        f"None of the caller's roles may do {operation.value}.",
        headers={"WWW-Authenticate": 'Bearer realm="bulkhead", error="insufficient_scope"'},
    )
