"""The role by which pull requests are previewed: it reads the state and the digests of models, and changes nothing.

It reads no content of tenants. The stacks' secrets are encrypted in the state; the right to decrypt them is the state
key's own to give, and needed for a preview, as a stack's secrets are inputs of its program. So who may assume the role
is bound to one environment of one repository, which GitHub gives to no pull request from a fork.

Sources: Pulumi documentation, "Using a DIY backend"; GitHub Docs, "Configuring OpenID Connect in Amazon Web Services",
"Events that trigger workflows" (pull requests from forks).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies.any_tenant import ANY
from infra.policies.document import PolicyDocument, Statement
from infra.policies.trust import OIDC_AUDIENCE, federated
from infra.spec.platform import PlatformSpec, PreviewIdentity


def trust(platform: PlatformSpec, preview: PreviewIdentity) -> PolicyDocument:
    """GitHub Actions assumes the role, for one environment of one repository."""
    subject = f"repo:{preview.repository}:environment:{preview.environment}"
    return PolicyDocument(
        (
            federated(
                "PreviewsOfOneEnvironment",
                naming.oidc_provider_arn(platform),
                "sts:AssumeRoleWithWebIdentity",
                {
                    "StringEquals": {
                        f"{naming.GITHUB_OIDC}:aud": OIDC_AUDIENCE,
                        f"{naming.GITHUB_OIDC}:sub": subject,
                    }
                },
            ),
        )
    )


def identity(platform: PlatformSpec, preview: PreviewIdentity) -> PolicyDocument:
    """What a preview reads."""
    return PolicyDocument(tuple(_statements(platform, preview)))


def _statements(platform: PlatformSpec, preview: PreviewIdentity) -> Iterator[Statement]:
    bucket = naming.bucket_arn(preview.state_bucket)
    yield Statement(sid="FindState", actions=("s3:ListBucket",), resources=(bucket,))
    yield Statement(sid="ReadState", actions=("s3:GetObject",), resources=(f"{bucket}/.pulumi/*",))
    if preview.state_key is not None:
        yield Statement(sid="DecryptState", actions=("kms:Decrypt",), resources=(preview.state_key,))
    models = naming.bucket_arn(naming.bucket(platform, ANY, "models"))
    # The content is not to be had by it: the tenants' keys name who uses them, and this role is not among them.
    yield Statement(
        sid="ReadDigestsOfModels", actions=("s3:GetObject", "s3:GetObjectTagging"), resources=(f"{models}/*",)
    )
    if platform.audit.guardduty == "adopt":  # the program looks up what it adopts
        detectors = f"arn:aws:guardduty:{platform.region}:{platform.account}:detector/*"
        yield Statement(sid="ReadDetector", actions=("guardduty:GetDetector",), resources=(detectors,))
        yield Statement(sid="FindDetector", actions=("guardduty:ListDetectors",), resources=("*",))
