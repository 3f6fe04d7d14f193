"""One stack for the tests of networks: a cell, a tenant that shares it and one that has a VPC of its own."""

from __future__ import annotations

from pulumi import ResourceOptions
from pulumi_aws import kms

from components.network.cell import NetworkCell, NetworkCellArgs
from components.network.flow_logs_role import FlowLogsRole, FlowLogsRoleArgs
from components.network.tenant_network import TenantNetwork, TenantNetworkArgs
from components.provider import aws_provider
from components.security.platform_key import PlatformKey, PlatformKeyArgs
from infra import naming
from infra.policies import key_services
from infra.policies.document import PolicyDocument
from infra.policies.key import root_user_administers
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import platform_tags
from tests.components.specs import PLATFORM as PROTECTED
from tests.components.specs import tenant

PLATFORM: PlatformSpec = PROTECTED.model_copy(update={"prevent_deletion": False})
POOL = tenant("acme")
SILO = tenant(
    "globex", tier="silo", network={"cidr": "10.80.0.0/22"}, lifecycle={"state": "active", "prevent_deletion": False}
)


def build() -> None:
    """Register the networks."""
    opts = ResourceOptions(provider=aws_provider(PLATFORM, platform_tags(PLATFORM)))
    platform_key = PlatformKey("key", PlatformKeyArgs(platform=PLATFORM), opts).key_arn
    tenants_key = kms.Key("globex", policy=_logs_of(SILO).render(), opts=opts).arn
    role = FlowLogsRole("flow-logs", FlowLogsRoleArgs(platform=PLATFORM), opts).arn
    shared = NetworkCellArgs(platform=PLATFORM, cell=PLATFORM.cells[0], key_arn=platform_key, flow_logs_role_arn=role)
    cell = NetworkCell("main", shared, opts)
    for owner, shared_cell in ((POOL, cell), (SILO, None)):
        args = TenantNetworkArgs(platform=PLATFORM, tenant=owner, cell=shared_cell, key_arn=tenants_key, keep=False)
        TenantNetwork(owner.id, args, opts)


def _logs_of(owner: TenantSpec) -> PolicyDocument:
    """The policy of a key without the tenant's roles, which networks do not need."""
    logs = key_services.logs(PLATFORM, naming.log_group(PLATFORM, owner, "*"))
    return PolicyDocument((root_user_administers(PLATFORM), logs))
