"""CloudTrail: what it refuses of a trail's name, bucket and key, and how selectors replace each other.

Source: AWS CloudTrail API Reference, "CreateTrail", "DeleteTrail", "PutEventSelectors"; AWS CloudTrail User Guide,
"Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend, Trail
from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from infra.sandbox.moto_extensions.policy_reading import service_may
from infra.sandbox.moto_extensions.registry import wrap

_SERVICE = "cloudtrail.amazonaws.com"


def apply() -> None:
    """Changes moto."""
    wrap(CloudTrailBackend, "create_trail", _create)
    wrap(CloudTrailBackend, "delete_trail", _delete)
    wrap(Trail, "put_event_selectors", _put_selectors)


def _create(original: Callable[..., Trail], backend: CloudTrailBackend, name: str, *args: Any, **given: Any) -> Trail:
    if name in backend.trails:
        message = f"Trail {name} already exists for customer: {backend.account_id}"
        raise JsonRESTError("TrailAlreadyExistsException", message)
    trail = original(backend, name, *args, **given)
    try:
        _check_bucket(backend, trail)
        _check_key(backend, trail)
    except JsonRESTError:
        del backend.trails[name]
        raise
    return trail


def _check_bucket(backend: CloudTrailBackend, trail: Trail) -> None:
    policy = s3_backends[backend.account_id]["aws"].get_bucket(trail.bucket_name).policy
    text = policy.decode() if isinstance(policy, bytes) else policy
    bucket = f"arn:aws:s3:::{trail.bucket_name}"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    log = f"{bucket}/{prefix}AWSLogs/{backend.account_id}/CloudTrail/log"
    context = {
        "aws:SourceArn": trail.arn,
        "aws:SourceAccount": backend.account_id,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    allowed = service_may(text, _SERVICE, "s3:GetBucketAcl", bucket, context) and service_may(
        text, _SERVICE, "s3:PutObject", log, context
    )
    if not allowed:
        message = f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket_name}"
        raise JsonRESTError("InsufficientS3BucketPolicyException", message)


def _check_key(backend: CloudTrailBackend, trail: Trail) -> None:
    if not trail.kms_key_id:
        return
    kms = kms_backends[backend.account_id][backend.region_name]
    name = trail.kms_key_id
    key = kms.keys.get(kms.get_key_id_from_alias(name) or "" if "alias/" in name else kms.get_key_id(name))
    if key is None:
        raise JsonRESTError("KmsKeyNotFoundException", f"KMS key {trail.kms_key_id} was not found")
    context = {
        "aws:SourceArn": trail.arn,
        "kms:EncryptionContext:aws:cloudtrail:arn": trail.arn,
    }
    if not service_may(key.policy, _SERVICE, "kms:GenerateDataKey", key.arn, context):
        message = f"Insufficient permissions to access S3 bucket {trail.bucket_name} or KMS key {key.arn}."
        raise JsonRESTError("InsufficientEncryptionPolicyException", message)


def _delete(original: Callable[..., None], backend: CloudTrailBackend, name: str) -> None:
    names = {name, *(trail.trail_name for trail in backend.trails.values() if trail.arn == name)} & set(backend.trails)
    if not names:
        raise TrailNotFoundException(backend.account_id, name)
    original(backend, names.pop())


def _put_selectors(
    original: Callable[..., None],
    trail: Trail,
    event_selectors: list[dict[str, Any]],
    advanced_event_selectors: list[dict[str, Any]],
) -> None:
    """A trail has selectors of one kind."""
    original(trail, event_selectors, advanced_event_selectors)
    if event_selectors:
        trail.advanced_event_selectors = []
