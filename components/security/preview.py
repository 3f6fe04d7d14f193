"""PreviewAccess: the role by which pull requests are previewed against the account, reading only."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from components.security.identity_providers import IdentityProviders
from components.security.roles import SESSION_SECONDS
from infra import naming
from infra.policies import preview
from infra.spec.platform import PlatformSpec, PreviewIdentity


@dataclass(frozen=True, kw_only=True)
class PreviewAccessArgs:
    """What the role is made of.

    Args:
        platform: The platform's spec.
        preview: Its ``preview``.
        identities: The identity providers, which are made before who trusts them.
    """

    platform: PlatformSpec
    preview: PreviewIdentity
    identities: IdentityProviders


class PreviewAccess(pulumi.ComponentResource):
    """A role that one environment of one repository assumes by OIDC. It reads the state and the digests of models."""

    role_arn: Output[str]
    """Known when the role's policy is in place."""

    def __init__(self, name: str, args: PreviewAccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("PreviewAccess"), name, {}, opts)
        platform = args.platform
        role = iam.Role(
            name,
            name=naming.platform_role(platform, "preview"),
            path=naming.path(platform),
            assume_role_policy=preview.trust(platform, args.preview).render(),
            max_session_duration=SESSION_SECONDS,
            opts=ResourceOptions(parent=self, depends_on=[args.identities]),
        )
        access = iam.RolePolicy(
            name,
            name="access",
            role=role.name,
            policy=preview.identity(platform, args.preview).render(),
            opts=ResourceOptions(parent=self),
        )
        self.role_arn = Output.all(role.arn, access.id).apply(lambda known: str(known[0]))
        self.register_outputs({"role_arn": self.role_arn})
