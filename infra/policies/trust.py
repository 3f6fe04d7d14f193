"""Who may assume a tenant's role, and on what proof. One function makes the trust policy of each kind of role.

Sources: SageMaker AI Developer Guide, "Cross-service confused deputy prevention"; IAM User Guide, "Pass session tags in
AWS STS", "Available keys for SAML-based AWS STS federation"; GitHub Docs, "Configuring OpenID Connect in Amazon Web
Services".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from infra import naming
from infra.naming import TenantRoleKind
from infra.policies.document import Conditions, PolicyDocument, Principal, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The most characters of a trust policy that AWS takes without a raised quota.
MAX_SIZE = 2_048

#: What a SAML assertion must be addressed to; the audience of the sign-in endpoint of every commercial Region.
SAML_AUDIENCE = "https://signin.aws.amazon.com/saml"
#: The attribute of the assertion that lists the user's groups: eduPersonEntitlement. AWS offers no ``groups`` key.
SAML_GROUPS = "saml:edupersonentitlement"
#: The audience that GitHub's token for AWS names.
OIDC_AUDIENCE = "sts.amazonaws.com"

#: The tags that a gateway may set on a session: whose it is, and for whom it acts.
SESSION_TAGS = (TENANT_TAG, "caller")


def trust(platform: PlatformSpec, tenant: TenantSpec, kind: TenantRoleKind) -> PolicyDocument:
    """The trust policy of a tenant's role."""
    return PolicyDocument((_STATEMENTS[kind](platform, tenant),))


def service_trust(sid: str, service: str, account: str, *source_arns: str) -> Statement:
    """A service assumes the role, for resources of the account alone.

    Args:
        sid: What the statement is for.
        service: The service's principal, for example ``sagemaker.amazonaws.com``.
        account: The account that the service acts for.
        source_arns: Patterns of the ARNs of the resources that the service acts for; none where the service's
            documentation names the account only.
    """
    own_account: Conditions = {"StringEquals": {"aws:SourceAccount": account}}
    return Statement(
        sid=sid,
        principal=Principal(service=(service,)),
        actions=("sts:AssumeRole",),
        conditions={**own_account, "ArnLike": {"aws:SourceArn": source_arns}} if source_arns else own_account,
    )


def _training(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    own = naming.names_of(platform, tenant)
    jobs = (naming.sagemaker_arn(platform, kind, own) for kind in ("training-job", "processing-job"))
    return service_trust("SageMakerRunsOwnJobs", "sagemaker.amazonaws.com", platform.account, *jobs)


def _serving(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    del tenant
    # For inference AWS documents that the source is not one model or endpoint: only the account can be named.
    source = f"arn:aws:sagemaker:{platform.region}:{platform.account}:*"
    return service_trust("SageMakerServesModels", "sagemaker.amazonaws.com", platform.account, source)


def _invoke(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    return Statement(
        sid="GatewayActsForThisTenantOnly",
        principal=Principal(aws=(naming.platform_role_arn(platform, "gateway"),)),
        actions=("sts:AssumeRole", "sts:TagSession"),
        conditions={
            # The tag is required, so that the set of keys is never empty, for which ForAllValues would be true.
            "StringEquals": {f"aws:RequestTag/{TENANT_TAG}": tenant.id},
            "ForAllValues:StringEquals": {"aws:TagKeys": SESSION_TAGS},
        },
    )


def _verification(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    if platform.verification is None:
        raise ValueError("the platform names nobody who verifies tenants, so that they have no role for it")
    return Statement(
        sid="WorkersVerifyThisTenantOnly",
        principal=Principal(aws=(platform.verification.worker_role_arn,)),
        actions=("sts:AssumeRole", "sts:TagSession"),
        conditions={
            # The tag is required here too: who asks says for which tenant, and a mistaken name is refused.
            "StringEquals": {f"aws:RequestTag/{TENANT_TAG}": tenant.id},
            "ForAllValues:StringEquals": {"aws:TagKeys": (TENANT_TAG,)},
        },
    )


def _data_scientist(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    return federated(
        "GroupOfTheTenantSignsIn",
        naming.saml_provider_arn(platform),
        "sts:AssumeRoleWithSAML",
        {
            "StringEquals": {"saml:aud": SAML_AUDIENCE},
            # A user has many groups. ForAnyValue is false where the attribute is absent.
            "ForAnyValue:StringEquals": {SAML_GROUPS: tenant.identity.data_scientists},
        },
    )


def _deploy(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    identity = tenant.identity.deploy
    return federated(
        "OneEnvironmentOfOneRepository",
        naming.oidc_provider_arn(platform),
        "sts:AssumeRoleWithWebIdentity",
        {
            "StringEquals": {
                f"{naming.GITHUB_OIDC}:aud": OIDC_AUDIENCE,
                f"{naming.GITHUB_OIDC}:sub": f"repo:{identity.repository}:environment:{identity.environment}",
            }
        },
    )


def federated(sid: str, provider: str, action: str, conditions: Conditions) -> Statement:
    """Who an identity provider vouches for assumes the role.

    Args:
        sid: What the statement is for.
        provider: The ARN of the identity provider.
        action: How the role is assumed.
        conditions: What the provider must say.
    """
    return Statement(sid=sid, principal=Principal(federated=(provider,)), actions=(action,), conditions=conditions)


_STATEMENTS: Mapping[TenantRoleKind, Callable[[PlatformSpec, TenantSpec], Statement]] = {
    "training": _training,
    "serving": _serving,
    "invoke": _invoke,
    "data-scientist": _data_scientist,
    "deploy": _deploy,
    "verification": _verification,
}
