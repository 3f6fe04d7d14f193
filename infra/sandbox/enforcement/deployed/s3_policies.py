"""S3: the policies of buckets and access points, and what Block Public Access leaves of them.

Access control lists do not count: buckets own their objects ("bucket owner enforced"), as all new ones do on AWS.
Sources: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" (RestrictPublicBuckets), "Configuring
IAM policies for using access points", "Controlling ownership of objects and disabling ACLs for your bucket".
"""

from __future__ import annotations

import re

from moto.s3.models import FakeBucket, s3_backends
from moto.s3control.models import AccessPoint, s3control_backends

from infra.evaluator.kinds import PolicyKind
from infra.evaluator.request import Caller, CallerKind
from infra.sandbox.enforcement.deployed.documents import Stored, compiled
from infra.sandbox.enforcement.deployed.public_policies import is_public
from infra.sandbox.moto_extensions.sts_sessions import PARTITION

_ACCESS_POINT = re.compile(r"arn:aws[a-z-]*:s3:[a-z0-9-]*:(?P<account>\d{12}):accesspoint/(?P<name>[^/]+)(?:/.*)?")
_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::(?P<name>[^/]+)(?:/.*)?", re.DOTALL)


def bucket_of(name: str) -> FakeBucket | None:
    """A bucket, of whichever account: names are global."""
    owner = s3_backends.bucket_accounts.get(name)
    if owner is None:
        return None
    partition, account = owner
    return s3_backends[account][partition].buckets.get(name)


def access_point_of(account: str, name: str) -> AccessPoint | None:
    """An access point of an account."""
    if account not in s3control_backends:
        return None
    return s3control_backends[account][PARTITION].access_points.get(account, {}).get(name)


def document_of(arn: str, caller: Caller) -> Stored | None:
    """The policy document of the bucket or access point that an ARN is of; None where there is none that counts.

    Args:
        arn: Of a bucket, an object, an access point, or an object through one.
        caller: Who asks.
    """
    found = _ACCESS_POINT.fullmatch(arn)
    if found:
        point = access_point_of(found["account"], found["name"])
        return (
            None
            if point is None
            else _unless_restricted(
                point.policy, str(point.pubc["RestrictPublicBuckets"]).lower() == "true", caller, found["account"]
            )
        )
    found = _BUCKET.fullmatch(arn)
    bucket = bucket_of(found["name"]) if found else None
    if bucket is None:
        return None
    return _unless_restricted(bucket.policy, _restricted(bucket), caller, bucket.account_id)


def _unless_restricted(document: Stored | None, restricted: bool, caller: Caller, owner: str) -> Stored | None:
    """The document, unless it is public and its resource is not for callers from outside the owner's account."""
    if not document or not restricted or caller.account == owner or caller.kind is CallerKind.SERVICE:
        return document or None
    return None if is_public(compiled(document, PolicyKind.RESOURCE, "bucket policy", service="s3")) else document


def _restricted(bucket: FakeBucket) -> bool:
    own = bucket.public_access_block
    if own is not None and own.restrict_public_buckets:
        return True
    account = bucket.account_id
    whole = s3control_backends[account][PARTITION].public_access_block if account in s3control_backends else None
    return bool(whole and whole.restrict_public_buckets)
