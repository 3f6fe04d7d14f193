"""What lets one role read a tenant's data for its export, while the tenant itself is shut out.

The role is made for the export and goes with it. A suspended tenant's boundary, its key and its buckets let nobody in,
so each of their policies is opened to that role, as it is, and closed again. Should the export die and never be taken
up, nothing stays open: what the role may read ends by the clock.

Sources: IAM User Guide, "AWS global condition context keys" (aws:CurrentTime); AWS KMS Developer Guide, "Key policies".
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from infra import naming
from infra.policies import actions
from infra.policies.document import PolicyDocument, Statement
from infra.policies.key import THIS_KEY
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The statements of a tenant's boundary and buckets that except principals from a denial.
_EXCEPTING = frozenset({"NobodyElse", "Suspended"})
_OF_KEY = "ExportReads"
_READ = ("s3:GetObject", "s3:GetObjectTagging")


def identity(platform: PlatformSpec, tenant: TenantSpec, until: datetime) -> PolicyDocument:
    """What the role may do: read the tenant's objects, up to a moment.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec; only its id counts.
        until: When it ends, in UTC.
    """
    ends = {"DateLessThan": {"aws:CurrentTime": until.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    buckets = naming.bucket_arns(platform, tenant)
    return PolicyDocument(
        (
            Statement(sid="List", actions=actions.BUCKET_LIST, resources=buckets, conditions=ends),
            Statement(sid="Read", actions=_READ, resources=tuple(f"{one}/*" for one in buckets), conditions=ends),
        )
    )


def opened(document: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
    """A boundary's or a bucket's policy that does not shut the role out; opened twice it is the same.

    Args:
        document: The policy as it is, as AWS gives it.
        role_arn: The role.
    """
    changed = deepcopy(dict(document))
    for excepted in _exceptions(changed):
        others = [each for each in _listed(excepted["aws:PrincipalArn"]) if each != role_arn]
        excepted["aws:PrincipalArn"] = [*others, role_arn]
    return changed


def closed(document: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
    """A boundary's or a bucket's policy as it was before it was opened; a closed one stays as it is.

    Args:
        document: The policy as it is, as AWS gives it.
        role_arn: The role.
    """
    changed = deepcopy(dict(document))
    for excepted in _exceptions(changed):
        known = _listed(excepted["aws:PrincipalArn"])
        left = [each for each in known if each != role_arn]
        if len(left) < len(known):
            excepted["aws:PrincipalArn"] = left[0] if len(left) == 1 else left
    return changed


def opened_key(document: Mapping[str, Any], platform: PlatformSpec, role_arn: str) -> dict[str, Any]:
    """A key's policy by which the role may decrypt what is in the tenant's buckets, and nothing else.

    Args:
        document: The policy as it is, as AWS gives it.
        platform: The platform's spec.
        role_arn: The role, which exists.
    """
    statement = {
        "Sid": _OF_KEY,
        "Effect": "Allow",
        "Principal": {"AWS": role_arn},
        "Action": "kms:Decrypt",
        "Resource": THIS_KEY[0],
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{platform.region}.amazonaws.com"}},
    }
    without = closed_key(document)
    return {**without, "Statement": [*without["Statement"], statement]}


def closed_key(document: Mapping[str, Any]) -> dict[str, Any]:
    """A key's policy as it was before it was opened.

    Args:
        document: The policy as it is, as AWS gives it.
    """
    statements = [each for each in document["Statement"] if each.get("Sid") != _OF_KEY]
    return {**document, "Statement": statements}


def _exceptions(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lists of who is excepted."""
    found = [each for each in document["Statement"] if each.get("Sid") in _EXCEPTING and each["Effect"] == "Deny"]
    return [each["Condition"]["ArnNotEquals"] for each in found]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
