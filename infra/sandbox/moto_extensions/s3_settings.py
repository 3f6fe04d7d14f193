"""S3 bucket settings: parts that moto drops, and changes that S3 refuses.

Source: Amazon S3 API Reference, "PutBucketLifecycleConfiguration" (NoncurrentVersionExpiration), "PutBucketLogging"
(TargetObjectKeyFormat), "PutBucketVersioning", "PutBucketPolicy"; Amazon S3 User Guide, "Object Lock considerations".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from infra.sandbox.moto_extensions.policy_reading import missing_principals
from infra.sandbox.moto_extensions.registry import wrap


class _InvalidBucketState(S3ClientError):
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("InvalidBucketState", message)


class _MalformedPolicy(S3ClientError):
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("MalformedPolicy", message)


def apply() -> None:
    """Changes moto."""
    wrap(FakeBucket, "set_lifecycle", _set_lifecycle)
    wrap(S3Backend, "put_bucket_versioning", _put_versioning)
    wrap(S3Backend, "put_bucket_policy", _put_policy)
    wrap(S3Response, "serialized", _serialized)


def _set_lifecycle(original: Callable[..., None], bucket: FakeBucket, rules: list[dict[str, Any]]) -> None:
    original(bucket, rules)
    for rule, given in zip(bucket.rules, rules, strict=True):
        expiration: dict[str, str] = given.get("NoncurrentVersionExpiration") or {}
        vars(rule)["newer_noncurrent"] = expiration.get("NewerNoncurrentVersions")


def _put_versioning(original: Callable[..., None], backend: S3Backend, bucket_name: str, status: str) -> None:
    if status != "Enabled" and backend.get_bucket(bucket_name).object_lock_enabled:
        raise _InvalidBucketState(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        )
    original(backend, bucket_name, status)


def _put_policy(original: Callable[..., None], backend: S3Backend, bucket_name: str, policy: bytes) -> None:
    if missing_principals(policy.decode(), backend.account_id):
        raise _MalformedPolicy("Invalid principal in policy")
    original(backend, bucket_name, policy)


def _serialized(
    original: Callable[[S3Response, ActionResult], TYPE_RESPONSE], response: S3Response, answer: ActionResult
) -> TYPE_RESPONSE:
    """Puts back into an answer what moto's own code for it leaves out."""
    if isinstance(answer.result, dict):
        result = cast("dict[str, Any]", answer.result)
        if "Rules" in result and "TransitionDefaultMinimumObjectSize" in result:
            for rule, stored in zip(
                result["Rules"], response.backend.get_bucket(response.bucket_name).rules, strict=True
            ):
                if newer := vars(stored).get("newer_noncurrent"):
                    rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = int(newer)
        if "LoggingEnabled" in result:
            kept = response.backend.get_bucket(response.bucket_name).logging.get("TargetObjectKeyFormat")
            if kept:
                result["LoggingEnabled"]["TargetObjectKeyFormat"] = {k: v or {} for k, v in kept.items()}
    return original(response, answer)
