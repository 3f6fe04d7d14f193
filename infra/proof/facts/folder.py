"""Reads a folder of plain IAM, S3, KMS and EC2 JSON, as the AWS CLI writes it: for estates that no Pulumi made.

Each file is one answer of the CLI, or several merged into one object, told by its keys:

- ``RoleDetailList``, ``UserDetailList``, ``GroupDetailList``, ``Policies``: `aws iam
  get-account-authorization-details`;
- ``VpcEndpoints``: `aws ec2 describe-vpc-endpoints`;
- ``Grants``: `aws kms list-grants`;
- ``KeyMetadata``: `aws kms describe-key`, with ``Policy`` of `get-key-policy` and ``Tags`` of `list-resource-tags`;
- ``Bucket``, with ``Policy`` of `aws s3api get-bucket-policy`, ``TagSet`` of `get-bucket-tagging`, ``Account``, and
  ``PublicAccessBlockConfiguration`` of `get-public-access-block`.

Each becomes the records that Pulumi would have, so that one reading serves both. Source: AWS CLI Command Reference, the
pages of these commands.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from infra.proof.facts.inputs import Unreadable, decoded, plain, read_file
from infra.proof.facts.model import Source
from infra.proof.facts.records import Record, known

_WHAT = "JSON as the AWS CLI writes it"
_MOST_FILES = 10_000
_Members = Mapping[str, Any]


def read_folder(folder: Path) -> tuple[Record, ...]:
    """The records of every JSON file in a folder, and in the folders in it.

    Raises:
        Unreadable: There is no such folder, it holds no JSON or too many files, or one is no answer that is known.
    """
    if not folder.is_dir():
        raise Unreadable("there is no such folder", "name a folder that is there", where=str(folder))
    files = sorted(path for path in folder.rglob("*.json") if not path.is_symlink())
    if not 0 < len(files) <= _MOST_FILES:
        raise Unreadable(
            f"it holds {len(files)} JSON files", f"give one to {_MOST_FILES} files of {_WHAT}", where=str(folder)
        )
    return tuple(record for path in files for record in read_answer(read_file(path), str(path)))


def read_answer(content: bytes, where: str) -> tuple[Record, ...]:
    """The records of one file.

    Args:
        content: JSON in UTF-8.
        where: The file, for messages.

    Raises:
        Unreadable: It is no answer that is known.
    """
    members = known(decoded(content, dict[str, Any], where, _WHAT), where, "the file")
    readers = [reader for key, reader in _READERS.items() if key in members]
    if not readers:
        raise Unreadable(
            f"it has none of the keys {', '.join(ANSWERS)}", f"give {_WHAT}; leave other files out", where=where
        )
    try:
        return tuple(record for reader in readers for record in reader(members, where))
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(
            f"it lacks what the AWS CLI writes: {type(problem).__name__} {problem}", f"give {_WHAT}", where=where
        ) from None


def _roles(members: _Members, where: str) -> Iterator[Record]:
    for role in _listed(members, "RoleDetailList"):
        properties = {
            **_of_identity(role, "RoleName"),
            "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
            "managedPolicyArns": _attached(role),
            "inlinePolicies": _inline(role, "RolePolicyList"),
        }
        yield _record("aws:iam/role:Role", properties, where, role["RoleName"])
        for profile in _listed(role, "InstanceProfileList"):
            inner = {"arn": profile["Arn"], "name": profile["InstanceProfileName"], "role": role["RoleName"]}
            yield _record("aws:iam/instanceProfile:InstanceProfile", inner, where, profile["InstanceProfileName"])


def _users(members: _Members, where: str) -> Iterator[Record]:
    for user in _listed(members, "UserDetailList"):
        yield _record("aws:iam/user:User", _of_identity(user, "UserName"), where, user["UserName"])
        yield from _held(user, "user", "aws:iam/userPolicy:UserPolicy", "UserPolicyList", where)
        membership = {"user": user["Arn"], "groups": list(user.get("GroupList") or [])}
        yield _record("aws:iam/userGroupMembership:UserGroupMembership", membership, where)


def _groups(members: _Members, where: str) -> Iterator[Record]:
    for group in _listed(members, "GroupDetailList"):
        yield _record("aws:iam/group:Group", _of_identity(group, "GroupName"), where, group["GroupName"])
        yield from _held(group, "group", "aws:iam/groupPolicy:GroupPolicy", "GroupPolicyList", where)


def _held(holder: _Members, kind: str, token: str, key: str, where: str) -> Iterator[Record]:
    """The inline and managed policies of a user or group."""
    for policy in _inline(holder, key):
        yield _record(token, {**policy, kind: holder["Arn"]}, where)
    for arn in _attached(holder):
        attachment = {kind: holder["Arn"], "policyArn": arn}
        yield _record(f"aws:iam/{kind}PolicyAttachment:{kind.title()}PolicyAttachment", attachment, where)


def _policies(members: _Members, where: str) -> Iterator[Record]:
    for policy in _listed(members, "Policies"):
        versions = _listed(policy, "PolicyVersionList")
        documents = [_document(each["Document"]) for each in versions if each.get("IsDefaultVersion")]
        properties = {"arn": policy["Arn"], "name": policy["PolicyName"], "policy": documents[0] if documents else None}
        yield _record("aws:iam/policy:Policy", properties, where, policy["Arn"])


def _endpoints(members: _Members, where: str) -> Iterator[Record]:
    for endpoint in _listed(members, "VpcEndpoints"):
        properties = {
            "serviceName": endpoint["ServiceName"],
            "vpcId": endpoint["VpcId"],
            "vpcEndpointType": endpoint.get("VpcEndpointType"),
            "policy": _document(endpoint.get("PolicyDocument")),
            "routeTableIds": list(endpoint.get("RouteTableIds") or []),
            "subnetIds": list(endpoint.get("SubnetIds") or []),
            "securityGroupIds": [each["GroupId"] for each in _listed(endpoint, "Groups")],
            "privateDnsEnabled": endpoint.get("PrivateDnsEnabled"),
            "tags": _tags(endpoint),
        }
        yield _record("aws:ec2/vpcEndpoint:VpcEndpoint", properties, where, endpoint["VpcEndpointId"])


def _grants(members: _Members, where: str) -> Iterator[Record]:
    for grant in _listed(members, "Grants"):
        constraints = plain(grant.get("Constraints")) or {}
        constraint = {
            "encryptionContextEquals": constraints.get("EncryptionContextEquals"),
            "encryptionContextSubset": constraints.get("EncryptionContextSubset"),
        }
        properties = {
            "keyId": grant["KeyId"],
            "granteePrincipal": grant["GranteePrincipal"],
            "operations": list(grant["Operations"]),
            "retiringPrincipal": grant.get("RetiringPrincipal"),
            "constraints": [constraint] if constraints else [],
        }
        yield _record("aws:kms/grant:Grant", properties, where, grant.get("GrantId"))


def _keys(members: _Members, where: str) -> Iterator[Record]:
    key = members["KeyMetadata"]
    properties = {
        "arn": key["Arn"],
        "keyId": key["KeyId"],
        "policy": _document(members.get("Policy")),
        "tags": _tags(members),
    }
    yield _record("aws:kms/key:Key", properties, where, key["KeyId"])


def _buckets(members: _Members, where: str) -> Iterator[Record]:
    name = members["Bucket"]
    account = members.get("Account")
    properties = {
        "arn": f"arn:aws:s3:::{name}",
        "bucket": name,
        "policy": _document(members.get("Policy")),
        "tags": _tags(members, "TagSet"),
        "account": account,
    }
    yield _record("aws:s3/bucket:Bucket", properties, where, name)
    block = plain(members.get("PublicAccessBlockConfiguration"))
    if block is not None:
        flags = {key[:1].lower() + key[1:]: value for key, value in block.items()}
        yield _record("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {**flags, "bucket": name}, where)


def _of_identity(detail: _Members, name: str) -> dict[str, Any]:
    boundary = plain(detail.get("PermissionsBoundary")) or {}
    return {
        "arn": detail["Arn"],
        "name": detail[name],
        "path": detail.get("Path") or "/",
        "tags": _tags(detail),
        "permissionsBoundary": boundary.get("PermissionsBoundaryArn"),
    }


def _inline(detail: _Members, key: str) -> list[dict[str, Any]]:
    return [{"name": each["PolicyName"], "policy": _document(each["PolicyDocument"])} for each in _listed(detail, key)]


def _attached(detail: _Members) -> list[str]:
    return [each["PolicyArn"] for each in _listed(detail, "AttachedManagedPolicies")]


def _document(written: object) -> object:
    """A document; IAM's own answers have it in percent-encoding, which the AWS CLI takes off and others do not."""
    return urllib.parse.unquote(written) if isinstance(written, str) and written.startswith("%7B") else written


def _tags(detail: _Members, key: str = "Tags") -> dict[str, str]:
    """Tags; KMS calls key and value by other names."""
    return {
        str(tag.get("Key", tag.get("TagKey"))): str(tag.get("Value", tag.get("TagValue")))
        for tag in _listed(detail, key)
    }


def _listed(members: _Members, key: str) -> list[_Members]:
    return cast("list[_Members]", members.get(key) or [])


def _record(token: str, properties: Mapping[str, Any], where: str, name: str | None = None) -> Record:
    arn = properties.get("arn") or name or f"{token} in {where}"
    for text in (arn, name or arn):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")
    given = {key: value for key, value in properties.items() if value is not None}
    return Record(token, given, Source(where, arn, where), name)


_READERS: Mapping[str, Callable[[_Members, str], Iterator[Record]]] = {
    "RoleDetailList": _roles,
    "UserDetailList": _users,
    "GroupDetailList": _groups,
    "Policies": _policies,
    "VpcEndpoints": _endpoints,
    "Grants": _grants,
    "KeyMetadata": _keys,
    "Bucket": _buckets,
}
#: The keys by which files are told.
ANSWERS = tuple(_READERS)
