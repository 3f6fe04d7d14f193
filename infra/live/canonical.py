"""One form for what providers let programs write in several: each policy a resource of its own, or each its owner's.

A role's inline policies may be resources or properties of the role; a topic's policy may be its own property, which a
state repeats there beside the resource that has it. Compared and proven is one form of either side.

Source: Pulumi Registry, "AWS Classic", the notes of "Role", "Bucket", "Topic", "Queue", "Secret" and "Key".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from infra.live.compared import identity
from infra.live.kinds import buckets, identities, keys, messaging
from infra.live.kinds import secrets as secret_kinds
from infra.proof.facts import Record

#: Older names of types.
_RENAMED: Mapping[str, str] = {
    "aws:s3/bucketV2:BucketV2": buckets.BUCKET,
    "aws:s3/bucketAclV2:BucketAclV2": buckets.ACL,
    "aws:s3/bucketVersioningV2:BucketVersioningV2": buckets.VERSIONING,
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": buckets.ENCRYPTION,
}
#: Type to the property that may hold a policy, the type that has it alone, and how that names the resource.
_SPLIT: Mapping[str, tuple[str, str, str, str]] = {
    messaging.TOPIC: ("policy", messaging.TOPIC_POLICY, "arn", "arn"),
    messaging.QUEUE: ("policy", messaging.QUEUE_POLICY, "queueUrl", "url"),
    buckets.BUCKET: ("policy", buckets.BUCKET_POLICY, "bucket", "bucket"),
    secret_kinds.SECRET: ("policy", secret_kinds.SECRET_POLICY, "secretArn", "arn"),
}
#: Type of a policy to the type whose property it is, and how it names it.
_JOINED: Mapping[str, tuple[str, str]] = {"aws:kms/keyPolicy:KeyPolicy": (keys.KEY, "keyId")}
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_SHARED_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
_HOLDERS = (("roles", "role"), ("users", "user"), ("groups", "group"))


def canonical(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records in one form; those of types that have one form only are as they were.

    Args:
        records: As stacks have them.
    """
    given = [replace(each, type=_RENAMED.get(each.type, each.type)) for each in records]
    joined = {
        (token, _last(each.text(key))): each.properties.get("policy")
        for each in given
        if each.type in _JOINED
        for token, key in (_JOINED[each.type],)
    }
    kept = [each for each in given if each.type not in _JOINED and each.type != _SHARED_ATTACHMENT]
    made = [_with_policy(each, joined) for each in kept]
    alone = {identity(each) for each in made if each.type in _ALONE}
    shared = [part for each in given if each.type == _SHARED_ATTACHMENT for part in _of_shared(each)]
    parts = [part for each in made for part in _parts(each) if identity(part) not in alone]
    return (*map(_without_parts, made), *parts, *(part for part in shared if identity(part) not in alone))


_ALONE = frozenset({token for _, token, _, _ in _SPLIT.values()} | {_ROLE_POLICY, _ROLE_ATTACHMENT})


def _with_policy(record: Record, joined: Mapping[tuple[str, str], Any]) -> Record:
    key = record.type, _last(record.text("keyId") or record.id)
    return replace(record, properties={**record.properties, "policy": joined[key]}) if key in joined else record


def _parts(record: Record) -> Iterator[Record]:
    split = _SPLIT.get(record.type)
    if split is not None:
        key, token, names, by = split
        if record.properties.get(key):
            yield _part(record, token, {names: record.text(by) or record.id, "policy": record.properties[key]})
    if record.type == identities.ROLE:
        name = record.text("name") or record.id
        for block in record.blocks("inlinePolicies"):
            if block.get("policy"):
                yield _part(record, _ROLE_POLICY, {"role": name, "name": block.get("name"), "policy": block["policy"]})
        for arn in record.texts("managedPolicyArns"):
            yield _part(record, _ROLE_ATTACHMENT, {"role": name, "policyArn": arn})


def _of_shared(record: Record) -> Iterator[Record]:
    """An attachment of one policy to several holders, as one for each."""
    for key, holder in _HOLDERS:
        token = f"aws:iam/{holder}PolicyAttachment:{holder.title()}PolicyAttachment"
        for name in record.texts(key):
            yield _part(record, token, {holder: name, "policyArn": record.properties.get("policyArn")})


def _part(record: Record, token: str, properties: Mapping[str, Any]) -> Record:
    return Record(token, properties, record.source, None, record.provider)


def _without_parts(record: Record) -> Record:
    gone = {split[0] for token, split in _SPLIT.items() if token == record.type}
    if record.type == identities.ROLE:
        gone |= {"inlinePolicies", "managedPolicyArns"}
    if not gone & set(record.properties):
        return record
    return replace(record, properties={key: value for key, value in record.properties.items() if key not in gone})


def _last(name: str | None) -> str:
    return (name or "").rpartition("/")[2]
