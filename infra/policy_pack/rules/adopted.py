"""The rules of `infra.constraints`, which our own programs check too, as rules of the pack: for anybody's program."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from infra import constraints
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, ResourceCheck, Rule

#: The AWS Foundational Security Best Practices that a constraint stands for.
#: Source: AWS Security Hub User Guide, "Control reference for Security Hub CSPM".
STANDARDS: Mapping[str, tuple[str, ...]] = {
    "cloudtrail": ("CloudTrail.2", "CloudTrail.4"),
    "cloudwatch-alarm-metric": ("CloudWatch.15",),
    "config-recorder": ("Config.1",),
    "ecr-lifecycle": ("ECR.3",),
    "ecr-repository": ("ECR.2", "ECR.5"),
    "guardduty-detector": ("GuardDuty.1",),
    "kms-rotation": ("KMS.4",),
    "policy-every-resource": ("KMS.2",),
    "policy-everyone": ("KMS.5", "S3.2", "S3.3", "SNS.4"),
    "s3-encryption": ("S3.17",),
    "s3-lifecycle": ("S3.13",),
    "s3-ownership": ("S3.12",),
    "s3-public-access": ("S3.8",),
    "sagemaker-isolation": ("SageMaker.5",),
    "security-group-internet": ("EC2.18", "EC2.19"),
    "sns-topic-key": ("SNS.1",),
    "subnet-public-address": ("EC2.15",),
}


def _adopted(constraint: constraints.Rule) -> Rule:
    return Rule(
        id=constraint.id,
        title=constraint.title,
        source=constraint.source,
        remedy=constraint.remedy,
        types=constraint.types,
        resource=_check(constraint),
        standards=STANDARDS.get(constraint.id, ()),
    )


def _check(constraint: constraints.Rule) -> ResourceCheck:
    def check(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
        yield from constraint.check(dataclasses.replace(resource, shared_vpcs=expected.shared_vpcs))

    return check


RULES = tuple(map(_adopted, constraints.RULES))
