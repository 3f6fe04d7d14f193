"""The services that the platform uses: how a request names them, and how policies do.

Source: Service Authorization Reference (service prefixes); botocore's service models (names, signing names).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Service as botocore names it -> prefix of its actions in policies.
PREFIXES: Final[Mapping[str, str]] = {
    "accessanalyzer": "access-analyzer",
    "application-autoscaling": "application-autoscaling",
    "budgets": "budgets",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "config": "config",
    "ec2": "ec2",
    "ecr": "ecr",
    "events": "events",
    "guardduty": "guardduty",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "resourcegroupstaggingapi": "tag",
    "s3": "s3",
    "s3control": "s3",
    "sagemaker": "sagemaker",
    "sagemaker-runtime": "sagemaker",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
}

#: Name in a signature's credential scope -> service; ``s3`` and ``sagemaker`` sign for two services each.
SIGNED_AS: Final[Mapping[str, str]] = {
    "access-analyzer": "accessanalyzer",
    "application-autoscaling": "application-autoscaling",
    "budgets": "budgets",
    "cloudtrail": "cloudtrail",
    "config": "config",
    "ec2": "ec2",
    "ecr": "ecr",
    "events": "events",
    "guardduty": "guardduty",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "s3": "s3",
    "sagemaker": "sagemaker",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
}

#: Services that keep one set of resources for all Regions: their calls are signed for one Region only.
GLOBAL: Final = frozenset({"budgets", "iam"})
