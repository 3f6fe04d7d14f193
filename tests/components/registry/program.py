"""One stack for the tests of registries: the platform's serving images, and a tenant's images and model versions."""

from __future__ import annotations

from pulumi import ResourceOptions

from components.provider import aws_provider
from components.registry.model_repository import ModelRepository, ModelRepositoryArgs
from components.registry.serving_images import ServingImages, ServingImagesArgs
from components.security.platform_key import PlatformKey, PlatformKeyArgs
from components.security.provisioning import ProvisioningIdentity, ProvisioningIdentityArgs
from components.security.roles import TenantRoles, TenantRolesArgs
from infra.spec.platform import PlatformSpec
from infra.tags import platform_tags
from tests.components.specs import PLATFORM as PROTECTED
from tests.components.specs import model, tenant

PLATFORM: PlatformSpec = PROTECTED.model_copy(update={"prevent_deletion": False})
ACME = tenant(
    "acme",
    models=[model(), model(name="nodule", serve_on="none")],
    lifecycle={"state": "active", "prevent_deletion": False},
)


def build() -> None:
    """Register the registries."""
    opts = ResourceOptions(provider=aws_provider(PLATFORM, platform_tags(PLATFORM)))
    identity = ProvisioningIdentity("provisioning", ProvisioningIdentityArgs(platform=PLATFORM), opts)
    key_arn = PlatformKey("key", PlatformKeyArgs(platform=PLATFORM), opts).key_arn
    ServingImages("serving", ServingImagesArgs(platform=PLATFORM, key_arn=key_arn), opts)
    after = ResourceOptions(provider=opts.provider, depends_on=[identity])
    roles = TenantRoles("roles", TenantRolesArgs(platform=PLATFORM, tenant=ACME), after)
    after = ResourceOptions(provider=opts.provider, depends_on=[roles])
    ModelRepository("registry", ModelRepositoryArgs(platform=PLATFORM, tenant=ACME, key_arn=key_arn), after)
