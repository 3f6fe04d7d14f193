"""By which KMS key something is encrypted.

Sources: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)", "Reducing the cost of SSE-KMS
with Amazon S3 Bucket Keys"; AWS KMS Developer Guide, "Key identifiers (KeyId)", "Aliases in AWS KMS".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from moto.kms.models import KmsBackend, kms_backends
from moto.s3.models import FakeBucket, FakeKey

from infra.sandbox.enforcement.deployed.arns import Arn, backend, backends_everywhere
from infra.sandbox.enforcement.deployed.s3_policies import bucket_of
from infra.sandbox.enforcement.lookup import Encryption

_KMS = frozenset({"aws:kms", "aws:kms:dsse"})
_KEY_ID_BYTES = 36


def key_arn(account: str, region: str, name: str) -> str | None:
    """The ARN of the key that a name stands for; None where there is none.

    Args:
        account: The account in which ids and aliases are looked up.
        region: The Region of them.
        name: An id, an ARN, an alias (`alias/...`) or an alias's ARN.
    """
    arn = Arn.of(name)
    if arn is not None:
        if arn.service != "kms":
            return None
        account, region = arn.account, arn.region
    found = cast("KmsBackend | None", backend("kms", account, region))
    if found is None:
        return None
    local = arn.resource if arn else name
    if local.startswith("alias/"):
        # Moto makes the keys that AWS manages when their alias is asked for: a question must not make one.
        key = next((each for each in found.keys.values() if local in each.aliases), None)
    else:
        key = found.keys.get(local.removeprefix("key/"))
    return key.arn if key else None


def key_of_ciphertext(account: str, region: str, ciphertext: bytes) -> str | None:
    """The ARN of the key that a ciphertext names: moto writes its id in front."""
    key_id = ciphertext[:_KEY_ID_BYTES].decode("ascii", "replace")
    own = cast("KmsBackend | None", backend("kms", account, region))
    for found in [own, *backends_everywhere("kms", region)]:
        if found is not None and key_id in found.keys:
            return found.keys[key_id].arn
    return None


def grant_key(token: str) -> str | None:
    """The ARN of the key whose grant has a token."""
    for found in _every_kms():
        for key in found.keys.values():
            if any(grant.token == token for grant in key.grants.values()):
                return key.arn
    return None


def key_of(arn: Arn) -> str | None:
    """The ARN of the key by which a log group, topic, queue, secret or endpoint configuration is encrypted."""
    reader = _NAMED_KEYS.get(arn.service)
    found = backend(arn.service, arn.account, arn.region) if reader else None
    name = reader(found, arn) if reader and found else None
    return None if not name else key_arn(arn.account, arn.region, name)


def bucket_encryption(name: str) -> Encryption | None:
    """What a new object of a bucket gets by default; None where that is no KMS key."""
    bucket = bucket_of(name)
    rule = cast("dict[str, Any]", (bucket.encryption or {}).get("Rule") or {}) if bucket else {}
    default = cast("Mapping[str, str]", rule.get("ApplyServerSideEncryptionByDefault") or {})
    return _encryption(bucket, default.get("SSEAlgorithm"), default.get("KMSMasterKeyID"), rule.get("BucketKeyEnabled"))


def object_encryption(bucket: str, key: str, version: str | None) -> Encryption | None:
    """How an object is encrypted; None where it is not there or not by a KMS key."""
    found = object_of(bucket, key, version)
    if found is None:
        return None
    return _encryption(bucket_of(bucket), found.encryption, found.kms_key_id, found.bucket_key_enabled)


def upload_encryption(bucket: str, upload: str) -> Encryption | None:
    """How a multipart upload will be encrypted; None as for an object."""
    found = bucket_of(bucket)
    part = found.multiparts.get(upload) if found else None
    if part is None:
        return None
    return _encryption(found, part.sse_encryption, part.kms_key_id, False) or bucket_encryption(bucket)


def object_of(bucket: str, key: str, version: str | None) -> FakeKey | None:
    """An object, or one version of it; None where there is none."""
    found = bucket_of(bucket)
    if found is None:
        return None
    if version is None:
        latest = found.keys.get(key)
        return latest if isinstance(latest, FakeKey) else None
    versions = cast("list[Any]", found.keys.getlist(key, default=[]))
    matching = (each for each in versions if isinstance(each, FakeKey) and str(each.version_id) == version)
    return next(matching, None)


def _encryption(
    bucket: FakeBucket | None, algorithm: str | None, name: str | None, bucket_key: Any
) -> Encryption | None:
    if bucket is None or algorithm not in _KMS:
        return None
    region = bucket.region_name
    # Without a key the one that AWS manages for S3 in the account is used, of which no policy of the account speaks.
    arn = key_arn(bucket.account_id, region, name) if name else None
    named = arn or name or f"arn:aws:kms:{region}:{bucket.account_id}:alias/aws/s3"
    return Encryption(key=named, bucket_key=str(bucket_key).lower() == "true")


def _every_kms() -> list[KmsBackend]:
    return [found for regional in list(kms_backends.values()) for found in list(regional.values())]


def _log_group(found: Any, arn: Arn) -> str | None:
    group = found.groups.get(arn.resource.removeprefix("log-group:").partition(":")[0])
    return group.kms_key_id if group else None


def _topic(found: Any, arn: Arn) -> str | None:
    topic = found.topics.get(arn.text)
    return topic.kms_master_key_id if topic else None


def _queue(found: Any, arn: Arn) -> str | None:
    queue = found.queues.get(arn.resource)
    return queue.kms_master_key_id if queue else None


def _secret(found: Any, arn: Arn) -> str | None:
    secret = found.secrets.get(arn.text)
    return secret.kms_key_id if secret else None


def _endpoint_configuration(found: Any, arn: Arn) -> str | None:
    configuration = found.endpoint_configs.get(arn.name) if arn.kind == "endpoint-config" else None
    return configuration.kms_key_id if configuration else None


_NAMED_KEYS = {
    "logs": _log_group,
    "sagemaker": _endpoint_configuration,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
}
