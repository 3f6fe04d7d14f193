"""The table of what is compared of each type: what tells one resource from another, what it is a part of, what counts.

Only what decides about access, encryption and transport counts. Defaults are those of the service where the provider
leaves a property out. Source: Pulumi Registry, "AWS Classic", the pages of the types.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from infra.evaluator.kinds import PolicyKind
from infra.live.documents import meaning
from infra.live.kinds import buckets, functions, identities, keys, messaging, models, network, organization, registries
from infra.live.kinds import secrets as secret_kinds
from infra.policy_documents import DOCUMENTS
from infra.proof.facts import Record

#: What a property says, equal for values that mean the same.
Normal = Callable[[object], Hashable]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How live resources of a type are compared with those that stacks have.

    Args:
        identity: The properties that tell one from another; without them it is the id.
        whole: The types of what it is a part of, and the property that names that.
        properties: What counts, and how it is compared.
    """

    identity: tuple[str, ...] = ()
    whole: tuple[str, str] | None = None
    properties: Mapping[str, Normal] = field(default_factory=dict[str, Normal])


def text(default: str = "") -> Normal:
    """A text, a number or a flag; nothing is the default."""
    return lambda value: str(default if value is None or value == "" else value).lower()


def listed(value: object) -> Hashable:
    """A list whose order and repetitions do not matter."""
    entries = cast("list[object]", value) if isinstance(value, list | tuple) else []
    return frozenset(map(str, entries))


def tagged(value: object) -> Hashable:
    """Tags, without AWS's own."""
    members = cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})
    return frozenset((key, str(each)) for key, each in members.items() if not key.startswith("aws:"))


def last_part(value: object) -> Hashable:
    """A name, for what is named by its ARN or its name."""
    return str(value or "").rpartition("/")[2]


def shaped(value: object) -> Hashable:
    """Nested blocks, without what is empty or false; the order of lists does not matter."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        kept = ((key, shaped(each)) for key, each in members)
        return frozenset((key, each) for key, each in kept if each is not None) or None
    if isinstance(value, list | tuple):
        entries = cast("list[object]", value)
        return frozenset(shaped(each) for each in entries) or None
    return None if value in (None, "", False) else str(value)


def policy(token: str, key: str) -> Normal:
    """A policy document in a property of a type."""
    kind, service = DOCUMENTS[token][key]
    return lambda value: meaning(value, kind, service)


def document_kind(token: str, key: str) -> tuple[PolicyKind, str | None] | None:
    """Of what kind the document in a property is; None for what is no document."""
    if token == organization.POLICY:
        return (PolicyKind.SCP, None) if key == "content" else None
    if token == messaging.LOG_POLICY:
        return (PolicyKind.RESOURCE, "logs") if key == "policyDocument" else None
    return DOCUMENTS.get(token, {}).get(key)


def _first(value: object) -> Hashable:
    """A block, alone or as the only one of a list."""
    entries = cast("list[object]", value) if isinstance(value, list) else [value]
    return shaped(entries[0]) if entries else None


def _variants(value: object) -> Hashable:
    """Which models are served; how many instances is the scaling's affair."""
    entries = cast("list[Mapping[str, Any]]", value) if isinstance(value, list) else []
    return frozenset((each.get("variantName"), each.get("modelName")) for each in entries)


def _rules(value: object) -> Hashable:
    """How a bucket encrypts by default; S3's own key and no configuration are the same."""
    entries = cast("list[Mapping[str, Any]]", value) if isinstance(value, list) else []
    blocks = (entry.get("applyServerSideEncryptionByDefault") for entry in entries)
    return frozenset(_first(block) for block in blocks)


def _held(holder: str) -> dict[str, Compared]:
    kind, token = holder.title(), f"aws:iam/{holder}:{holder.title()}"
    inline = f"aws:iam/{holder}Policy:{kind}Policy"
    return {
        inline: Compared(
            identity=(holder, "name"), whole=(token, holder), properties={"policy": policy(inline, "policy")}
        ),
        f"aws:iam/{holder}PolicyAttachment:{kind}PolicyAttachment": Compared(
            identity=(holder, "policyArn"), whole=(token, holder)
        ),
    }


def _of_bucket(token: str, properties: Mapping[str, Normal]) -> dict[str, Compared]:
    return {token: Compared(identity=("bucket",), whole=(buckets.BUCKET, "bucket"), properties=properties)}


_TAGS: Mapping[str, Normal] = {"tags": tagged}
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
_SAML = "aws:iam/samlProvider:SamlProvider"
_MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"

TABLE: Mapping[str, Compared] = {
    identities.ROLE: Compared(
        identity=("name",),
        properties={
            "assumeRolePolicy": policy(identities.ROLE, "assumeRolePolicy"),
            "permissionsBoundary": text(),
            "path": text("/"),
            **_TAGS,
        },
    ),
    identities.USER: Compared(
        identity=("name",), properties={"permissionsBoundary": text(), "path": text("/"), **_TAGS}
    ),
    identities.GROUP: Compared(identity=("name",), properties={"path": text("/")}),
    identities.POLICY: Compared(identity=("arn",), properties={"policy": policy(identities.POLICY, "policy"), **_TAGS}),
    identities.ACCESS_KEY: Compared(whole=(identities.USER, "user")),
    identities.PROFILE: Compared(identity=("name",), properties={"role": last_part}),
    **_held("role"),
    **_held("user"),
    **_held("group"),
    _MEMBERSHIP: Compared(identity=("user",), whole=(identities.USER, "user"), properties={"groups": listed}),
    _OIDC: Compared(identity=("arn",), properties={"clientIdLists": listed, **_TAGS}),
    _SAML: Compared(identity=("arn",), properties={"samlMetadataDocument": text(), **_TAGS}),
    keys.KEY: Compared(
        identity=("keyId",),
        properties={
            "policy": policy(keys.KEY, "policy"),
            "isEnabled": text("true"),
            "enableKeyRotation": text("false"),
            **_TAGS,
        },
    ),
    keys.ALIAS: Compared(identity=("name",), properties={"targetKeyId": last_part}),
    keys.GRANT: Compared(identity=("keyId", "grantId"), whole=(keys.KEY, "keyId")),
    buckets.BUCKET: Compared(identity=("bucket",), properties=_TAGS),
    **_of_bucket(buckets.BUCKET_POLICY, {"policy": policy(buckets.BUCKET_POLICY, "policy")}),
    **_of_bucket(buckets.PUBLIC_ACCESS, dict.fromkeys(_FLAGS, text("false"))),
    **_of_bucket(buckets.ENCRYPTION, {"rules": _rules}),
    **_of_bucket(buckets.OWNERSHIP, {"rule": _first}),
    **_of_bucket(buckets.VERSIONING, {"versioningConfiguration": _first}),
    **_of_bucket(buckets.ACL, {"accessControlPolicy": _first}),
    buckets.ACCESS_POINT: Compared(
        identity=("arn",), properties={"bucket": text(), "policy": policy(buckets.ACCESS_POINT, "policy")}
    ),
    network.ENDPOINT: Compared(
        properties={
            "policy": policy(network.ENDPOINT, "policy"),
            "serviceName": text(),
            "vpcId": text(),
            "routeTableIds": listed,
            "subnetIds": listed,
            "securityGroupIds": listed,
            "privateDnsEnabled": text("false"),
            **_TAGS,
        }
    ),
    registries.REPOSITORY: Compared(
        identity=("name",),
        properties={"encryptionConfigurations": _first, "imageTagMutability": text("mutable"), **_TAGS},
    ),
    registries.REPOSITORY_POLICY: Compared(
        identity=("repository",),
        whole=(registries.REPOSITORY, "repository"),
        properties={"policy": policy(registries.REPOSITORY_POLICY, "policy")},
    ),
    registries.REGISTRY_POLICY: Compared(
        identity=("registryId",), properties={"policy": lambda value: meaning(value, PolicyKind.RESOURCE, "ecr")}
    ),
    messaging.TOPIC: Compared(identity=("arn",), properties={"kmsMasterKeyId": last_part, **_TAGS}),
    messaging.TOPIC_POLICY: Compared(
        identity=("arn",),
        whole=(messaging.TOPIC, "arn"),
        properties={"policy": policy(messaging.TOPIC_POLICY, "policy")},
    ),
    messaging.QUEUE: Compared(identity=("url",), properties={"kmsMasterKeyId": last_part, **_TAGS}),
    messaging.QUEUE_POLICY: Compared(
        identity=("queueUrl",),
        whole=(messaging.QUEUE, "queueUrl"),
        properties={"policy": policy(messaging.QUEUE_POLICY, "policy")},
    ),
    messaging.BUS: Compared(identity=("name",), properties=_TAGS),
    messaging.BUS_POLICY: Compared(
        identity=("eventBusName",),
        whole=(messaging.BUS, "eventBusName"),
        properties={"policy": policy(messaging.BUS_POLICY, "policy")},
    ),
    messaging.LOG_GROUP: Compared(identity=("name",), properties={"kmsKeyId": text(), **_TAGS}),
    messaging.LOG_POLICY: Compared(
        identity=("policyName",),
        properties={"policyDocument": lambda value: meaning(value, PolicyKind.RESOURCE, "logs")},
    ),
    secret_kinds.SECRET: Compared(identity=("arn",), properties={"kmsKeyId": text(), **_TAGS}),
    secret_kinds.SECRET_POLICY: Compared(
        identity=("secretArn",),
        whole=(secret_kinds.SECRET, "secretArn"),
        properties={"policy": policy(secret_kinds.SECRET_POLICY, "policy")},
    ),
    functions.FUNCTION: Compared(identity=("name",), properties={"role": text(), "kmsKeyArn": text(), **_TAGS}),
    functions.PERMISSION: Compared(
        identity=("function", "statementId"),
        whole=(functions.FUNCTION, "function"),
        properties=dict.fromkeys(("action", "principal", "sourceArn", "sourceAccount", "principalOrgId"), text()),
    ),
    models.MODEL: Compared(
        identity=("name",),
        properties={"executionRoleArn": text(), "enableNetworkIsolation": text("false"), "vpcConfig": _first, **_TAGS},
    ),
    models.CONFIGURATION: Compared(
        identity=("name",),
        properties={"kmsKeyArn": text(), "executionRoleArn": text(), "productionVariants": _variants, **_TAGS},
    ),
    models.ENDPOINT: Compared(identity=("name",), properties={"endpointConfigName": text(), **_TAGS}),
    models.GROUP: Compared(identity=("modelPackageGroupName",), properties=_TAGS),
    models.GROUP_POLICY: Compared(
        identity=("modelPackageGroupName",),
        whole=(models.GROUP, "modelPackageGroupName"),
        properties={"resourcePolicy": policy(models.GROUP_POLICY, "resourcePolicy")},
    ),
    models.NOTEBOOK: Compared(identity=("name",), properties={"roleArn": text(), "kmsKeyId": text(), **_TAGS}),
    organization.POLICY: Compared(
        identity=("arn",), properties={"content": lambda value: meaning(value, PolicyKind.SCP)}
    ),
    organization.ATTACHMENT: Compared(identity=("policyId", "targetId")),
}
#: Properties whose values may be given as an ARN or as its last part, where they tell one resource from another.
_NAMES = frozenset({"role", "user", "group", "function", "keyId"})


def identity(record: Record) -> tuple[str, ...]:
    """What tells a record's resource from all others, whichever of its names its parts use."""
    entry = TABLE[record.type]
    values = [record.text(key) for key in entry.identity]
    if not values or any(value is None for value in values):
        return record.type, record.id or record.source.urn
    return record.type, *(_name(key, str(value)) for key, value in zip(entry.identity, values, strict=True))


def whole_of(record: Record) -> tuple[str, str] | None:
    """What tells the resource that a record's is a part of; None for what is no part."""
    entry = TABLE[record.type].whole
    if entry is None:
        return None
    token, key = entry
    named = record.text(key)
    return None if named is None else (token, _name(key, named))


def _name(key: str, value: str) -> str:
    return value.rpartition("/")[2] if key in _NAMES else value
