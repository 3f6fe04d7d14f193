"""How roles, policies and identity providers are found."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws_finder.lookup import Aws, Inputs, Lookup, named

_POLICY = "arn:aws:iam::{account}:policy{path}{name}"
_SAML = "arn:aws:iam::{account}:saml-provider/{name}"


def _policy(aws: Aws, inputs: Inputs) -> str | None:
    return named("iam", "get_policy", _POLICY, PolicyArn=_POLICY)(aws, {"path": "/", **inputs})


def _oidc_provider(aws: Aws, inputs: Inputs) -> str | None:
    """The provider's ARN ends in its URL without the scheme."""
    arn = f"arn:aws:iam::{aws.account}:oidc-provider/{str(inputs['url']).removeprefix('https://')}"
    return named("iam", "get_open_id_connect_provider", arn, OpenIDConnectProviderArn=arn)(aws, inputs)


TABLE: Mapping[str, Lookup] = {
    "aws:iam/role:Role": named("iam", "get_role", "{name}", RoleName="{name}"),
    "aws:iam/rolePolicy:RolePolicy": named(
        "iam", "get_role_policy", "{role}:{name}", RoleName="{role}", PolicyName="{name}"
    ),
    "aws:iam/policy:Policy": _policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": named(
        "iam",
        "list_attached_role_policies",
        "{role}/{policyArn}",
        among=("AttachedPolicies", "PolicyArn", "{policyArn}"),
        RoleName="{role}",
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _oidc_provider,
    "aws:iam/samlProvider:SamlProvider": named("iam", "get_saml_provider", _SAML, SAMLProviderArn=_SAML),
}
