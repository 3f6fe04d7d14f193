"""Contract cases of CloudTrail."""

from __future__ import annotations

import json

import pulumi_aws as aws

from .case import Case, Clients, Inputs, Needs, Outputs
from .keys import key_for

_TRAILS = "cloudtrail.amazonaws.com"
_GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:trail:*"
_ROLE = "arn:aws:iam::123456789012:role/trail"


def _bucket(name: str) -> aws.s3.BucketPolicy:
    def policy(arn: str) -> str:
        actions, resources = ["s3:GetBucketAcl", "s3:PutObject"], [arn, f"{arn}/*"]
        statement = {"Effect": "Allow", "Principal": {"Service": _TRAILS}, "Action": actions, "Resource": resources}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    bucket = aws.s3.Bucket(name)
    return aws.s3.BucketPolicy(name, bucket=bucket.bucket, policy=bucket.arn.apply(policy))


def _targets(name: str) -> Needs:
    """CloudTrail takes a bucket and a key only if their policies let it use them."""
    return {
        "one": _bucket(f"{name}-one"),
        "two": _bucket(f"{name}-two"),
        "key": key_for(f"{name}-key", _TRAILS),
        "topic": aws.sns.Topic(f"{name}-topic"),
    }


def _objects_of(bucket: str) -> Inputs:
    fields = [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "starts_withs": [f"arn:aws:s3:::{bucket}/"], "not_ends_withs": [".log"]},
    ]
    return {"name": "objects", "field_selectors": fields}


def _stop(boto: Clients, trail: Outputs) -> None:
    boto("cloudtrail").stop_logging(Name=trail["arn"])
    boto("cloudtrail").put_event_selectors(
        TrailName=trail["arn"], EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False}]
    )


CASES = (
    Case(
        type="aws:cloudtrail/trail:Trail",
        needs=_targets,
        inputs=lambda needs: {
            "name": "contract-one",
            "s3_bucket_name": needs["one"].bucket,
            "s3_key_prefix": "one",
            "kms_key_id": needs["key"].arn,
            "advanced_event_selectors": [_objects_of("one")],
            "cloud_watch_logs_group_arn": _GROUP,
            "cloud_watch_logs_role_arn": _ROLE,
            "tags": {"owner": "one"},
        },
        update=lambda needs: {
            "s3_bucket_name": needs["two"].bucket,
            "s3_key_prefix": None,
            "sns_topic_name": needs["topic"].name,
            "is_multi_region_trail": True,
            "enable_log_file_validation": True,
            "advanced_event_selectors": None,
            "event_selectors": [{"include_management_events": False, "read_write_type": "ReadOnly"}],
            "cloud_watch_logs_group_arn": None,
            "cloud_watch_logs_role_arn": None,
            "tags": {"team": "two"},
        },
        replace=lambda _: {"name": "contract-two", "event_selectors": None},
        tamper=_stop,
        tampered="enableLogging",
        left=lambda boto: {trail["TrailARN"] for trail in boto("cloudtrail").list_trails()["Trails"]},
    ),
)
