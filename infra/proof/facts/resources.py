"""Every resource with an ARN: its owner and policies, the roles that it runs as, the keys and settings that guard it.

Source: Pulumi Registry, "AWS Classic"; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from infra.planned import UNKNOWN
from infra.proof.facts import principals, routes
from infra.proof.facts.families import Families
from infra.proof.facts.index import Index
from infra.proof.facts.model import Resource, Unknown
from infra.proof.facts.owners import Owners
from infra.proof.facts.records import Record
from infra.proof.facts.resource_policies import resource_policies
from infra.proof.facts.tags import tags_of
from infra.proof.facts.targets import BUCKETS, KEYS, TARGETS, arn_of

_ROLE_PROPERTY = re.compile(r"(?:^|[a-z])role(?:s|arn|arns)?$|instanceprofile(?:arn|name)?$", re.IGNORECASE)
_KEY_PROPERTY = re.compile(r"kms.*(?:key|arn|id)$|^kmskey$|^customermanagedkey", re.IGNORECASE)
#: What need not be looked for: it says itself what it is.
_ROLE_ARN = re.compile(r"arn:.*:role/", re.DOTALL)
_KEY_ARN = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/")
_PROFILE = "aws:iam/instanceProfile:InstanceProfile"
_ALIAS = "aws:kms/alias:Alias"
_PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
#: What keeps a bucket from being public, by the provider's names.
PUBLIC_ACCESS_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
#: Types without an ARN that are not read otherwise. Source: Pulumi Registry, "AWS Classic", the pages of the types.
_WITHOUT_ARN = frozenset(
    {
        "aws:cfg/deliveryChannel:DeliveryChannel",
        "aws:cfg/recorder:Recorder",
        "aws:cfg/recorderStatus:RecorderStatus",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:guardduty/detectorFeature:DetectorFeature",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:lambda/permission:Permission",
        "aws:cloudwatch/eventPermission:EventPermission",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:kms/grant:Grant",
        "aws:organizations/policyAttachment:PolicyAttachment",
    }
)
#: The records that say something about a bucket and are no resources of their own.
PARTS = frozenset({_PUBLIC_ACCESS, *_ENCRYPTION, _ALIAS})
#: What is a part of something else: an ARN among its properties is that of the whole.
_NO_RESOURCES = frozenset({*TARGETS, *principals.PARTS, *routes.PARTS, _PUBLIC_ACCESS, *_ENCRYPTION, *_WITHOUT_ARN})


class Resources:
    """Reads the resources of an estate.

    Args:
        index: What there is.
        owners: Whose is what.
    """

    def __init__(self, index: Index, owners: Owners) -> None:
        self._index = index
        self._owners = owners
        self._families = Families()
        self._policies, self.unknown = resource_policies(index)
        self._parts: dict[str, list[Record]] = defaultdict(list)
        for record in index.of(_PUBLIC_ACCESS, *_ENCRYPTION):
            bucket = index.follow(record, "bucket", BUCKETS)
            if bucket is not None:
                self._parts[bucket.source.urn].append(record)

    def read(self) -> tuple[Resource, ...]:
        """Every resource with an ARN; `unknown` then says what is not known of them."""
        found: dict[str, Resource] = {}
        # What is only read by one stack may be another's, which says more; what is made first is no part of another.
        for record in sorted(self._index.records, key=lambda each: each.external):
            if not record.type.startswith("aws:") or record.type in _NO_RESOURCES:
                continue
            arn = arn_of(record, self._index)
            if arn is not None:
                key = arn if "*" not in arn else record.source.urn
                if key not in found:
                    found[key] = self._resource(record, arn)
            elif record.planned and self._index.has_arn(record.type) is None and "arn" not in record.properties:
                why = "the preview does not say whether resources of this type have an ARN: give its engine events"
                self.unknown.append(Unknown(record.source, "arn", why))
        return tuple(found.values())

    def under_policy(self) -> frozenset[str]:
        """The ARNs that some policy is attached to, whether or not there is such a resource."""
        return frozenset(self._policies)

    def _resource(self, record: Record, arn: str) -> Resource:
        tags, all_known = tags_of(record)
        source = record.source
        if "*" in arn:
            self.unknown.append(Unknown(source, "arn", f"the ARN is not known before it is deployed: {arn}"))
        if not all_known and record.type != principals.ROLE:
            self.unknown.append(Unknown(source, "tags", "its tags are not known before it is deployed"))
        parts = self._parts.get(source.urn, ())
        keys = [key for each in (record, *parts) for key in self._keys(each)]
        return Resource(
            arn=arn,
            token=record.type,
            families=self._families.of(arn, record.type),
            owner=self._owners.owner(arn, source.stack, tags, self._index.default_tags(record)),
            account=self._index.account(record),
            policies=self._policies.get(arn, ()),
            tags=tags,
            runs_as=tuple(dict.fromkeys(self._roles(record, arn))),
            keys=tuple(dict.fromkeys(keys)),
            settings=dict(setting for part in parts for setting in _settings(part)),
            source=source,
        )

    def _roles(self, record: Record, arn: str) -> Iterator[str]:
        for path, name, value in _leaves(record.properties):
            if not _names_role(name) or (record.type == principals.ROLE and value == arn):
                continue
            if value is UNKNOWN:
                role = self._index.follow(record, path, (principals.ROLE, _PROFILE))
                if role is None:
                    why = "it is not known as which role it runs before it is deployed"
                    self.unknown.append(Unknown(record.source, path, why))
                else:
                    yield from self._role(role)
            elif isinstance(value, str) and _ROLE_ARN.match(value):
                yield value
            elif isinstance(value, str) and value:
                named = self._index.find((principals.ROLE, _PROFILE), value, record)
                if named is not None:
                    yield from self._role(named)

    def _role(self, record: Record) -> Iterator[str]:
        """The ARN of a role, or of the role in an instance profile."""
        role = self._index.follow(record, "role", (principals.ROLE,)) if record.type == _PROFILE else record
        arn = arn_of(role, self._index) if role else None
        if arn:
            yield arn

    def _keys(self, record: Record) -> Iterator[str]:
        if record.type in KEYS:
            return
        for path, name, value in _leaves(record.properties):
            if not _names_key(name):
                continue
            if value is UNKNOWN:
                key = self._index.follow(record, path, (*KEYS, _ALIAS))
                if key is None:
                    why = "it is not known by which key it is encrypted before it is deployed"
                    self.unknown.append(Unknown(record.source, path, why))
                else:
                    yield from self._key(key)
            elif isinstance(value, str) and _KEY_ARN.match(value):
                yield value
            elif isinstance(value, str) and value:
                found = self._index.find((*KEYS, _ALIAS), value, record)
                yield from self._key(found) if found else (value,)

    def _key(self, record: Record) -> Iterator[str]:
        """The ARN of a key, or of the key that an alias stands for."""
        key = self._index.follow(record, "targetKeyId", KEYS) if record.type == _ALIAS else record
        arn = arn_of(key, self._index) if key else record.text("targetKeyArn")
        if arn:
            yield arn


@lru_cache(maxsize=4096)
def _names_role(name: str) -> bool:
    return _ROLE_PROPERTY.search(name) is not None


@lru_cache(maxsize=4096)
def _names_key(name: str) -> bool:
    return _KEY_PROPERTY.search(name) is not None


def _settings(part: Record) -> Iterator[tuple[str, str]]:
    if part.type == _PUBLIC_ACCESS:
        yield from ((flag, _flag(part.properties.get(flag))) for flag in PUBLIC_ACCESS_FLAGS)
    else:
        for rule in part.blocks("rules"):
            default: object = rule.get("applyServerSideEncryptionByDefault")
            if isinstance(default, dict):
                yield "sseAlgorithm", _flag(cast("dict[str, object]", default).get("sseAlgorithm"))


def _flag(value: object) -> str:
    if value is UNKNOWN:
        return "unknown"
    return value if isinstance(value, str) else str(value is True).lower()


def _leaves(properties: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    """The path, the name and the value of every property that is no mapping; the entries of a list have its name."""
    waiting: list[tuple[str, str, object]] = [(key, key, value) for key, value in properties.items()]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            waiting += [(f"{path}.{key}", key, each) for key, each in members.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{at}]", name, each) for at, each in enumerate(cast("list[object]", value))]
        else:
            yield path, name, value
