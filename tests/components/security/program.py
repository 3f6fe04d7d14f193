"""One stack for the tests of security: the platform's identities and key, and a tenant's roles and key."""

from __future__ import annotations

from pulumi import ResourceOptions

from components.provider import aws_provider
from components.security.identity_providers import IdentityProviders, IdentityProvidersArgs
from components.security.key import TenantKey, TenantKeyArgs
from components.security.platform_key import PlatformKey, PlatformKeyArgs
from components.security.provisioning import ProvisioningIdentity, ProvisioningIdentityArgs
from components.security.roles import TenantRoles, TenantRolesArgs
from components.security.workload_network import WorkloadNetworkAccess, WorkloadNetworkAccessArgs
from infra.spec.platform import Federation
from infra.tags import platform_tags
from tests.components.specs import PLATFORM as PROTECTED
from tests.components.specs import tenant

PLATFORM = PROTECTED.model_copy(update={"prevent_deletion": False, "federation": Federation(saml_metadata="saml.xml")})
ACME = tenant("acme", lifecycle={"state": "active", "prevent_deletion": False})
SUBNETS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")

#: IAM takes metadata of 1,000 characters or more.
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">'
    f"<!--{'x' * 1000}--></EntityDescriptor>"
)


def build() -> None:
    """Register the identities and keys."""
    opts = ResourceOptions(provider=aws_provider(PLATFORM, platform_tags(PLATFORM)))
    PlatformKey("platform-key", PlatformKeyArgs(platform=PLATFORM), opts)
    ProvisioningIdentity("provisioning", ProvisioningIdentityArgs(platform=PLATFORM), opts)
    IdentityProviders("sign-in", IdentityProvidersArgs(platform=PLATFORM, saml_metadata=METADATA), opts)

    roles = TenantRoles("roles", TenantRolesArgs(platform=PLATFORM, tenant=ACME), opts)
    TenantKey("key", TenantKeyArgs(platform=PLATFORM, tenant=ACME, roles=roles), opts)
    WorkloadNetworkAccess(
        "access", WorkloadNetworkAccessArgs(platform=PLATFORM, tenant=ACME, roles=roles, subnet_ids=SUBNETS), opts
    )
