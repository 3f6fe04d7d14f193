"""How large a policy may be. AWS refuses a larger one only when it is written.

Sources: IAM User Guide, "IAM and AWS STS quotas"; AWS KMS Developer Guide, "Quotas"; Amazon S3 User Guide, "Bucket
policies"; AWS PrivateLink Guide, "AWS PrivateLink quotas"; Amazon ECR API Reference, "SetRepositoryPolicy"; Amazon
SageMaker API Reference, "PutModelPackageGroupPolicy"; Amazon SNS endpoints and quotas.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import Document, documents
from infra.constraints.rule import Check, Finding, Rule

_SPLIT = "split the policy, or name fewer resources with patterns that end in a delimiter"


def _without_white_space(document: Document) -> int:
    """What IAM counts: every character but white space between the tokens."""
    if document.data is None:
        return len("".join(document.text.split()))
    return len(json.dumps(document.data, separators=(",", ":"), ensure_ascii=False))


def _bytes(document: Document) -> int:
    return len(document.text.encode())


def _at_most(limit: int, unit: str, measure: Callable[[Document], int], kind: str | None = None) -> Check:
    def check(resource: PlannedResource) -> Iterator[Finding]:
        for document in documents(resource):
            size = measure(document)
            if size > limit and document.kind == (kind or document.kind):
                yield Finding(property=document.property, message=f"{size} {unit}, and AWS takes {limit}")

    return check


def _inline_in_total(resource: PlannedResource) -> Iterator[Finding]:
    limit = 10_240
    inline = [document for document in documents(resource) if document.kind == "identity"]
    total = sum(map(_without_white_space, inline))
    if total > limit:
        message = f"{total} characters in all inline policies of the role, and AWS takes {limit}"
        yield Finding(property=inline[-1].property, message=message)


def _rule(name: str, title: str, token: str, source: str, check: Check, remedy: str = _SPLIT) -> Rule:
    return Rule(id=name, title=title, types=frozenset({token}), source=source, remedy=remedy, check=check)


_IAM = "IAM User Guide, IAM and AWS STS quotas"
_UNSPACED = "characters without white space"

RULES = (
    _rule(
        "iam-managed-policy-size",
        "A managed policy has at most 6,144 characters, white space not counted.",
        "aws:iam/policy:Policy",
        _IAM,
        _at_most(6_144, _UNSPACED, _without_white_space),
    ),
    _rule(
        "iam-inline-policy-size",
        "The inline policies of a role have at most 10,240 characters together, white space not counted.",
        "aws:iam/rolePolicy:RolePolicy",
        _IAM,
        _inline_in_total,
    ),
    _rule(
        "iam-inline-policies-size",
        "The inline policies of a role have at most 10,240 characters together, white space not counted.",
        "aws:iam/role:Role",
        _IAM,
        _inline_in_total,
    ),
    _rule(
        "iam-trust-policy-size",
        "A trust policy has at most 2,048 characters, white space not counted.",
        "aws:iam/role:Role",
        _IAM,
        _at_most(2_048, _UNSPACED, _without_white_space, "trust"),
        "trust fewer principals, or have AWS raise the quota (to 4,096 at most)",
    ),
    _rule(
        "kms-key-policy-size",
        "A key policy has at most 32 KB.",
        "aws:kms/key:Key",
        "AWS KMS Developer Guide, Resource quotas",
        _at_most(32_768, "bytes", _bytes),
    ),
    _rule(
        "s3-bucket-policy-size",
        "A bucket policy has at most 20 KB.",
        "aws:s3/bucketPolicy:BucketPolicy",
        "Amazon S3 User Guide, Bucket policies for Amazon S3",
        _at_most(20_480, "bytes", _bytes),
    ),
    _rule(
        "vpc-endpoint-policy-size",
        "An endpoint policy has at most 20,480 characters, white space counted.",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "AWS PrivateLink Guide, AWS PrivateLink quotas",
        _at_most(20_480, "characters", lambda document: len(document.text)),
    ),
    _rule(
        "ecr-repository-policy-size",
        "A repository policy has at most 10,240 characters.",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "Amazon ECR API Reference, SetRepositoryPolicy",
        _at_most(10_240, "characters", lambda document: len(document.text)),
    ),
    _rule(
        "sagemaker-group-policy-size",
        "The policy of a model package group has at most 20,480 characters.",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        "Amazon SageMaker API Reference, PutModelPackageGroupPolicy",
        _at_most(20_480, "characters", lambda document: len(document.text)),
    ),
    _rule(
        "sns-topic-policy-size",
        "A topic policy has at most 30 KB.",
        "aws:sns/topicPolicy:TopicPolicy",
        "AWS General Reference, Amazon SNS endpoints and quotas",
        _at_most(30_720, "bytes", _bytes),
    ),
)
