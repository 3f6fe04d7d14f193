"""S3 Block Public Access: a public bucket policy is refused where BlockPublicPolicy is on, for bucket or account.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" (BlockPublicPolicy).
"""

from __future__ import annotations

from collections.abc import Callable

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend
from moto.s3control.models import s3control_backends

from infra.evaluator.compiling import MalformedPolicy
from infra.evaluator.kinds import PolicyKind
from infra.sandbox.enforcement.deployed.documents import compiled
from infra.sandbox.enforcement.deployed.public_policies import is_public
from infra.sandbox.moto_extensions.registry import wrap
from infra.sandbox.moto_extensions.sts_sessions import PARTITION


class _AccessDenied(S3ClientError):
    code = 403

    def __init__(self) -> None:
        super().__init__(
            "AccessDenied",
            "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
        )


class _MalformedPolicy(S3ClientError):
    code = 400

    def __init__(self, why: str) -> None:
        super().__init__("MalformedPolicy", why)


def apply() -> None:
    """Changes moto."""
    wrap(S3Backend, "put_bucket_policy", _put_policy)


def _put_policy(original: Callable[..., None], backend: S3Backend, bucket_name: str, policy: bytes) -> None:
    try:
        found = compiled(policy, PolicyKind.RESOURCE, f"policy of bucket {bucket_name}", service="s3")
    except MalformedPolicy as error:
        raise _MalformedPolicy("; ".join(str(reason) for reason in error.reasons)) from None
    if is_public(found) and _blocked(backend.get_bucket(bucket_name)):
        raise _AccessDenied
    original(backend, bucket_name, policy)


def _blocked(bucket: FakeBucket) -> bool:
    own, account = bucket.public_access_block, bucket.account_id
    whole = s3control_backends[account][PARTITION].public_access_block if account in s3control_backends else None
    return any(block is not None and block.block_public_policy for block in (own, whole))
