"""How large a policy may be. AWS refuses a larger one only when it is written.

The limits and their sources are those of `infra.evaluator.grammar.sizes`.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import Document, documents
from infra.constraints.rule import Check, Finding, Rule
from infra.evaluator.grammar.sizes import (
    ENDPOINT_POLICY,
    MANAGED_POLICY,
    OF_RESOURCES,
    ROLE_INLINE_POLICIES,
    TRUST_POLICY,
    Counted,
    Limit,
    size,
)
from infra.evaluator.kinds import PolicyKind

_SPLIT = "split the policy, or name fewer resources with patterns that end in a delimiter"


def _size(document: Document, counted: Counted) -> int:
    """How long a document is; what is no JSON has no size, and is found by its grammar."""
    return 0 if document.written is None else size(document.written, counted)


def _at_most(limit: Limit, kind: PolicyKind) -> Check:
    def check(resource: PlannedResource) -> Iterator[Finding]:
        for document in documents(resource):
            found = _size(document, limit.counted)
            if found > limit.most and document.kind is kind:
                yield Finding(property=document.property, message=_too_long(found, limit))

    return check


def _inline_in_total(resource: PlannedResource) -> Iterator[Finding]:
    limit = ROLE_INLINE_POLICIES
    inline = [document for document in documents(resource) if document.kind is PolicyKind.IDENTITY]
    total = sum(_size(document, limit.counted) for document in inline)
    if total > limit.most:
        yield Finding(property=inline[-1].property, message=f"all inline policies: {_too_long(total, limit)}")


def _too_long(found: int, limit: Limit) -> str:
    return f"{found} {limit.counted}, and AWS takes {limit.most}"


def _rule(name: str, what: str, token: str, limit: Limit, check: Check, remedy: str = _SPLIT) -> Rule:
    return Rule(
        id=name,
        title=f"{what} at most {limit.most:,} {limit.counted}.",
        types=frozenset({token}),
        source=limit.source,
        remedy=remedy,
        check=check,
    )


def _of_resource(name: str, what: str, token: str, service: str) -> Rule:
    limit = OF_RESOURCES[service]
    return _rule(name, what, token, limit, _at_most(limit, PolicyKind.RESOURCE))


RULES = (
    _rule(
        "iam-managed-policy-size",
        "A managed policy has",
        "aws:iam/policy:Policy",
        MANAGED_POLICY,
        _at_most(MANAGED_POLICY, PolicyKind.IDENTITY),
    ),
    _rule(
        "iam-inline-policy-size",
        "The inline policies of a role have together",
        "aws:iam/rolePolicy:RolePolicy",
        ROLE_INLINE_POLICIES,
        _inline_in_total,
    ),
    _rule(
        "iam-inline-policies-size",
        "The inline policies of a role have together",
        "aws:iam/role:Role",
        ROLE_INLINE_POLICIES,
        _inline_in_total,
    ),
    _rule(
        "iam-trust-policy-size",
        "A trust policy has",
        "aws:iam/role:Role",
        TRUST_POLICY,
        _at_most(TRUST_POLICY, PolicyKind.TRUST),
        "trust fewer principals, or have AWS raise the quota (to 4,096 at most)",
    ),
    _rule(
        "vpc-endpoint-policy-size",
        "An endpoint policy has",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        ENDPOINT_POLICY,
        _at_most(ENDPOINT_POLICY, PolicyKind.ENDPOINT),
    ),
    _of_resource("kms-key-policy-size", "A key policy has", "aws:kms/key:Key", "kms"),
    _of_resource("s3-bucket-policy-size", "A bucket policy has", "aws:s3/bucketPolicy:BucketPolicy", "s3"),
    _of_resource(
        "ecr-repository-policy-size", "A repository policy has", "aws:ecr/repositoryPolicy:RepositoryPolicy", "ecr"
    ),
    _of_resource(
        "sagemaker-group-policy-size",
        "The policy of a model package group has",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        "sagemaker",
    ),
    _of_resource("sns-topic-policy-size", "A topic policy has", "aws:sns/topicPolicy:TopicPolicy", "sns"),
)
