"""Contract cases, one file a service; every type of the table has one.

A lane lives together in one stack and is run by one worker: a stack costs some seconds, a resource almost nothing.
"""

from __future__ import annotations

from . import (
    appautoscaling,
    budgets,
    cfg,
    cloudtrail,
    cloudwatch,
    ec2,
    ecr,
    guardduty,
    iam,
    kms,
    logs,
    s3,
    sagemaker,
    sns,
    vpc,
)
from .case import Case

LANES: dict[str, tuple[Case, ...]] = {
    "network": (*ec2.CASES, *vpc.CASES),
    "serving": (*appautoscaling.CASES, *sagemaker.CASES),
    "oversight": (
        *(*budgets.CASES, *cfg.CASES, *cloudtrail.CASES, *cloudwatch.CASES),
        *(*ecr.CASES, *guardduty.CASES, *sns.CASES),
    ),
    "foundation": (*iam.CASES, *kms.CASES, *logs.CASES, *s3.CASES),
}
"""Cases by lane."""
