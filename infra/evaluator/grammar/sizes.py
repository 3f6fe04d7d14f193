"""How long a document may be, and what is counted.

A quota that AWS raises on request stands here twice: what every account has, and the most that AWS gives. A document is
refused beyond the most; whether it fits an account's own quota is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.evaluator.grammar.text import Written, compact
from infra.evaluator.kinds import PolicyKind


class Counted(StrEnum):
    """What the size of a document is counted in."""

    WITHOUT_WHITE_SPACE = "characters without white space"
    CHARACTERS = "characters"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The longest document that AWS takes.

    Attributes:
        most: The size that is still taken.
        counted: What it is counted in.
        source: The page of AWS's documentation, by title.
    """

    most: int
    counted: Counted
    source: str


_IAM = "IAM User Guide, IAM and AWS STS quotas"
_ORGANIZATIONS = "AWS Organizations User Guide, Quotas and service limits for AWS Organizations"

MANAGED_POLICY = Limit(most=6_144, counted=Counted.WITHOUT_WHITE_SPACE, source=_IAM)
#: All inline policies of a role together; those of a group may have 5,120 and those of a user 2,048 characters.
ROLE_INLINE_POLICIES = Limit(most=10_240, counted=Counted.WITHOUT_WHITE_SPACE, source=_IAM)
TRUST_POLICY = Limit(most=2_048, counted=Counted.WITHOUT_WHITE_SPACE, source=_IAM)
TRUST_POLICY_RAISED = Limit(most=4_096, counted=Counted.WITHOUT_WHITE_SPACE, source=_IAM)
SESSION_POLICY = Limit(most=2_048, counted=Counted.CHARACTERS, source=_IAM)
ENDPOINT_POLICY = Limit(most=20_480, counted=Counted.CHARACTERS, source="AWS PrivateLink Guide, AWS PrivateLink quotas")
SCP = Limit(most=10_240, counted=Counted.CHARACTERS, source=_ORGANIZATIONS)
RCP = Limit(most=5_120, counted=Counted.CHARACTERS, source=_ORGANIZATIONS)

#: The policies of resources, by the prefix of their service.
OF_RESOURCES: Mapping[str, Limit] = {
    "s3": Limit(most=20_480, counted=Counted.BYTES, source="Amazon S3 User Guide, Bucket policies for Amazon S3"),
    "kms": Limit(most=32_768, counted=Counted.BYTES, source="AWS KMS Developer Guide, Resource quotas"),
    "ecr": Limit(most=10_240, counted=Counted.CHARACTERS, source="Amazon ECR API Reference, SetRepositoryPolicy"),
    "sagemaker": Limit(
        most=20_480, counted=Counted.CHARACTERS, source="Amazon SageMaker API Reference, PutModelPackageGroupPolicy"
    ),
    "sns": Limit(
        most=30_720, counted=Counted.BYTES, source="AWS General Reference, Amazon SNS endpoints and quotas"
    ),
    "sqs": Limit(
        most=8_192, counted=Counted.BYTES, source="Amazon SQS Developer Guide, Amazon SQS policy quotas"
    ),
    "secretsmanager": Limit(
        most=20_480, counted=Counted.CHARACTERS, source="AWS Secrets Manager API Reference, PutResourcePolicy"
    ),
    "lambda": Limit(
        most=20_480, counted=Counted.BYTES, source="AWS Lambda Developer Guide, Lambda quotas"
    ),
    "logs": Limit(
        most=51_200, counted=Counted.CHARACTERS, source="Amazon CloudWatch Logs API Reference, PutResourcePolicy"
    ),
    "events": Limit(
        most=10_240, counted=Counted.CHARACTERS, source="Amazon EventBridge User Guide, Amazon EventBridge quotas"
    ),
    "es": Limit(
        most=102_400, counted=Counted.BYTES, source="Amazon OpenSearch Service Developer Guide, Quotas"
    ),
}  # fmt: skip

#: In place of a service: that AWS itself manages the policy.
MANAGED_BY_AWS = "aws"

_MEASURES: Mapping[Counted, Callable[[Written], int]] = {
    Counted.WITHOUT_WHITE_SPACE: lambda document: len(compact(document)),
    Counted.CHARACTERS: lambda document: len(document.text),
    Counted.BYTES: lambda document: len(document.text.encode("utf-8", "surrogatepass")),
}

_OF_KINDS: Mapping[PolicyKind, Limit] = {
    # Nothing in the document tells an inline policy from a managed one: the longer of the two is taken.
    PolicyKind.IDENTITY: ROLE_INLINE_POLICIES,
    PolicyKind.BOUNDARY: MANAGED_POLICY,
    PolicyKind.SESSION: SESSION_POLICY,
    PolicyKind.TRUST: TRUST_POLICY_RAISED,
    PolicyKind.ENDPOINT: ENDPOINT_POLICY,
    PolicyKind.SCP: SCP,
    PolicyKind.RCP: RCP,
}


def limit_of(kind: PolicyKind, service: str | None) -> Limit | None:
    """The longest document of a kind; None for the policies of a resource whose service has no known limit.

    AWS's own managed policies, whose service is `MANAGED_BY_AWS`, are as long as AWS makes them.
    """
    if service == MANAGED_BY_AWS:
        return None
    return OF_RESOURCES.get(service or "") if kind is PolicyKind.RESOURCE else _OF_KINDS[kind]


def size(document: Written, counted: Counted) -> int:
    """How long a document is."""
    return _MEASURES[counted](document)
