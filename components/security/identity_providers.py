"""IdentityProviders: how people and CI of tenants sign in to the account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from infra import naming
from infra.policies.trust import OIDC_AUDIENCE
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class IdentityProvidersArgs:
    """What the identity providers are made of.

    Args:
        platform: The platform's spec; ``federation`` says which providers there are.
        saml_metadata: The metadata document (XML) that ``federation.saml_metadata`` names; None where it names none.
    """

    platform: PlatformSpec
    saml_metadata: str | None


class IdentityProviders(pulumi.ComponentResource):
    """The OIDC provider of GitHub Actions, and the SAML provider of the data scientists where one is configured.

    An account has one OIDC provider for an issuer: with ``federation.github_oidc: adopt`` the one that is there serves.
    It lists no thumbprints: AWS trusts GitHub's issuer by its certificate authority.

    Source: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM".
    """

    saml_provider_arn: Output[str] | None

    def __init__(self, name: str, args: IdentityProvidersArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("IdentityProviders"), name, {}, opts)
        child = ResourceOptions(parent=self)
        if args.platform.federation.github_oidc == "create":
            iam.OpenIdConnectProvider(
                f"{name}-github",
                url=f"https://{naming.GITHUB_OIDC}",
                client_id_lists=[OIDC_AUDIENCE],
                opts=child,
            )
        self.saml_provider_arn = None
        if args.saml_metadata is not None:
            self.saml_provider_arn = iam.SamlProvider(
                f"{name}-saml",
                name=naming.saml_provider(args.platform),
                saml_metadata_document=args.saml_metadata,
                opts=child,
            ).arn
        self.register_outputs({"saml_provider_arn": self.saml_provider_arn})
