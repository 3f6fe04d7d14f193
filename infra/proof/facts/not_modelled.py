"""What could give access and is not read: policies of types that are not modelled, and other ways to share.

Whoever adds a type to the readers takes it off here by that alone: what is read is asked of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from infra.planned import UNKNOWN
from infra.policy_documents import DOCUMENTS
from infra.proof.facts import grants, principals, resources, routes
from infra.proof.facts.deployments import INTERRUPTED
from infra.proof.facts.index import Index
from infra.proof.facts.model import NotModelled
from infra.proof.facts.records import Record

#: The types that are read for what they give access to.
MODELLED = frozenset(
    {
        *DOCUMENTS,
        *principals.PARTS,
        *resources.PARTS,
        *routes.PARTS,
        *grants.PARTS,
        principals.USER,
        principals.GROUP,
        "aws:lambda/permission:Permission",
        "aws:cloudwatch/eventPermission:EventPermission",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    }
)
#: Types that share, or act for somebody, without a policy document; whole modules end with a slash. Sources: AWS RAM
#: User Guide; AWS Lake Formation Developer Guide; IAM Identity Center User Guide; IAM Roles Anywhere User Guide; Amazon
#: Cognito Developer Guide, "Identity pools"; Amazon S3 User Guide, "Access control list (ACL) overview", "S3 Access
#: Grants"; Amazon EKS User Guide, "EKS Pod Identity"; AWS CloudFormation User Guide, "Stacks".
_SHARING = (
    "aws:ram/",
    "aws:lakeformation/",
    "aws:ssoadmin/",
    "aws:rolesanywhere/",
    "aws:quicksight/",
    "aws:servicecatalog/",
    "aws:cloudformation/",
    "aws:cloudcontrol/",
    "aws:transfer/",
    "aws:cognito/identityPool",
    "aws:eks/podIdentityAssociation",
    "aws:eks/accessEntry",
    "aws:eks/accessPolicyAssociation",
    "aws:s3control/accessGrant",
    "aws:ec2/amiLaunchPermission",
    "aws:ec2/snapshotCreateVolumePermission",
    "aws:lambda/functionUrl",
    "aws:redshift/endpointAuthorization",
    "aws:iam/accessKey",
)
_ACLS = frozenset({"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2", *resources.BUCKETS})
#: Packages that make nothing in AWS.
_ELSEWHERE = frozenset({"random", "tls", "time", "archive", "null", "std", "docker", "docker-build"})
_POLICY_PROPERTY = re.compile(r"(?:^p|P)olic(?:y|ies)(?:Document|Text|Json)?$|^permissions?$|^principals?$")
#: Policies of another kind, that say nothing of who may do what.
_OTHER_POLICIES = re.compile(
    r"(?i)(lifecycle|scaling|retention|security|ssl|tls|alpn|retry|redrive|redriveAllow|filter|replay|delivery|deletion|"
    r"update|termination|routing|password|sampling|backup|origin|placement|maintenance|instances|feedback|archive|"
    r"protection|evictions?|dataProtection|signing)polic(y|ies)$"
)
_STATEMENT = re.compile(r'"Statement"\s*:', re.IGNORECASE)
_LIFECYCLE = frozenset({"aws:ecr/lifecyclePolicy:LifecyclePolicy", "aws:dlm/lifecyclePolicy:LifecyclePolicy"})


def not_modelled(index: Index) -> Iterator[NotModelled]:
    """The resources that the proof cannot judge, each with whether it could give somebody access.

    Args:
        index: What there is.
    """
    for record in index.records:
        found = _of_interrupted(record) or (
            _judged(record) if record.custom or record.type.startswith("aws:") else None
        )
        if found is not None:
            could_matter, why = found
            yield NotModelled(record.type, record.source, could_matter, why)


def _of_interrupted(record: Record) -> tuple[bool, str] | None:
    if record.type != INTERRUPTED:
        return None
    return True, f"a run was interrupted while it was {record.text('operation')}: whether it is there is not known"


def _judged(record: Record) -> tuple[bool, str] | None:
    token = record.type
    package = token.partition(":")[0]
    if package != "aws":
        return _of_package(package)
    if token in _ACLS:
        return _acl(record)
    if token in MODELLED:
        return None
    if token.startswith(_SHARING):
        return True, "it shares, or acts for somebody, without a policy"
    return _carries_policy(record)


def _of_package(package: str) -> tuple[bool, str] | None:
    if package == "pulumi":
        return None
    if package in _ELSEWHERE:
        return False, f"the package {package} makes nothing in AWS"
    return True, f"what the package {package} makes is not read"


def _acl(record: Record) -> tuple[bool, str] | None:
    """Grants of access control lists; a private one grants nothing to others."""
    for key in ("acl", "accessControlPolicy", "grants"):
        value: object = record.properties.get(key)
        if value in (None, "", "private") or value in ([], {}):
            continue
        if key == "grants" and _only_owner(value):
            continue
        return True, f"its access control list ({key}) is not read"
    return None


def _only_owner(value: object) -> bool:
    """Whether the list is the one that a bucket has whose list nobody set: full control for its owner."""
    listed = cast("list[object]", value) if isinstance(value, list) else []
    grant = cast("dict[str, object]", listed[0]) if len(listed) == 1 and isinstance(listed[0], dict) else {}
    return (
        grant.get("type") == "CanonicalUser" and not grant.get("uri") and grant.get("permissions") == ["FULL_CONTROL"]
    )


@lru_cache(maxsize=4096)
def _names_policy(key: str) -> bool:
    return _POLICY_PROPERTY.search(key) is not None and _OTHER_POLICIES.search(key) is None


def _carries_policy(record: Record) -> tuple[bool, str] | None:
    for key, value in record.properties.items():
        if isinstance(value, str) and _STATEMENT.search(value):
            return True, f"its policy ({key}) is not read"
        if isinstance(value, dict) and "Statement" in value:
            return True, f"its policy ({key}) is not read"
        named = _names_policy(key) and record.type not in _LIFECYCLE
        if named and value is UNKNOWN:
            return True, f"its policy ({key}) is not known, and not read"
        if named and value not in (None, "", [], {}) and key.lower().startswith(("permission", "principal")):
            return True, f"what it gives ({key}) is not read"
    return None
