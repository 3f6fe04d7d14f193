"""The roles of callers, the operations of the API, and which role may do which: one table, and nothing else decides.

What is not in the table is refused. A tenant's administrator acts on its own tenant only, whatever the operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a caller is for the platform, as a token's claim spells it."""

    PLATFORM_ADMIN = "platform-admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    TENANT_ADMIN = "tenant-admin"


class ApiOperation(StrEnum):
    """What can be asked of the API."""

    TENANTS_CREATE = "tenants.create"
    TENANTS_LIST = "tenants.list"
    TENANTS_READ = "tenants.read"
    TENANTS_UPDATE = "tenants.update"
    TENANTS_PREVIEW = "tenants.preview"
    TENANTS_SUSPEND = "tenants.suspend"
    TENANTS_RESUME = "tenants.resume"
    TENANTS_UPGRADE = "tenants.upgrade"
    TENANTS_ERASE = "tenants.erase"
    OPERATIONS_LIST = "operations.list"
    OPERATIONS_READ = "operations.read"
    OPERATIONS_WATCH = "operations.watch"
    OPERATIONS_CANCEL = "operations.cancel"
    FLEET_READ = "fleet.read"
    FLEET_UPGRADE = "fleet.upgrade"
    FLEET_APPROVE = "fleet.approve"
    FLEET_HALT = "fleet.halt"
    FLEET_RESUME = "fleet.resume"
    CAPACITY_READ = "capacity.read"
    AUDIT_READ = "audit.read"
    ME_READ = "me.read"
    EXPORTS_READ = "exports.read"
    SESSIONS_END = "sessions.end"


_ADMIN = frozenset({Role.PLATFORM_ADMIN})
_OPERATORS = _ADMIN | {Role.OPERATOR}
_READERS = _OPERATORS | {Role.AUDITOR}
_AND_TENANT = frozenset({Role.TENANT_ADMIN})

GRANTS: Mapping[ApiOperation, frozenset[Role]] = MappingProxyType(
    {
        ApiOperation.TENANTS_CREATE: _OPERATORS,
        ApiOperation.TENANTS_LIST: _READERS | _AND_TENANT,
        ApiOperation.TENANTS_READ: _READERS | _AND_TENANT,
        ApiOperation.TENANTS_UPDATE: _OPERATORS | _AND_TENANT,
        ApiOperation.TENANTS_PREVIEW: _READERS | _AND_TENANT,
        ApiOperation.TENANTS_SUSPEND: _OPERATORS,
        ApiOperation.TENANTS_RESUME: _OPERATORS,
        ApiOperation.TENANTS_UPGRADE: _OPERATORS,
        ApiOperation.TENANTS_ERASE: _ADMIN,
        ApiOperation.OPERATIONS_LIST: _READERS | _AND_TENANT,
        ApiOperation.OPERATIONS_READ: _READERS | _AND_TENANT,
        ApiOperation.OPERATIONS_WATCH: _READERS | _AND_TENANT,
        ApiOperation.OPERATIONS_CANCEL: _OPERATORS | _AND_TENANT,
        ApiOperation.FLEET_READ: _READERS,
        ApiOperation.FLEET_UPGRADE: _OPERATORS,
        ApiOperation.FLEET_APPROVE: _ADMIN,
        ApiOperation.FLEET_HALT: _OPERATORS,
        ApiOperation.FLEET_RESUME: _OPERATORS,
        ApiOperation.CAPACITY_READ: _READERS,
        ApiOperation.AUDIT_READ: frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR}),
        ApiOperation.ME_READ: _READERS | _AND_TENANT,
        ApiOperation.EXPORTS_READ: _ADMIN | _AND_TENANT,
        ApiOperation.SESSIONS_END: _ADMIN,
    }
)
"""Which roles may ask for an operation."""
