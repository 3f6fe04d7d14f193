"""The context of one check: the keys that every service has, and which keys an action has at all.

Sources: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, Condition keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from infra.evaluator.catalogue import Action, resource_type
from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.operation import Call, Needed
from infra.sandbox.enforcement.requests.plans import Target
from infra.sandbox.enforcement.requests.tags import requested_tags

_RESOURCE_TAG = "ResourceTag"
_REQUEST_TAG = "aws:RequestTag"


def needed(call: Call, target: Target, own: Mapping[str, Value]) -> Needed:
    """One check of a call.

    Args:
        call: The call.
        target: The action and its resource.
        own: The keys of the service; those that the action does not have are left out, as AWS does.
    """
    known = keys_of(target.action, target.kind)
    # STS shows all actions on a role the same request, and providers' claims are in no list.
    listed = target.action.service != "sts"
    context: dict[str, Value] = {
        "aws:RequestedRegion": call.operation.region,
        # The sandbox speaks plain HTTP on the loopback, which no other machine can read: it stands for TLS 1.3.
        "aws:SecureTransport": True,
    }
    context.update(_request_tags(call, target, known))
    context.update(_resource_tags(call, target, known))
    context.update({key: value for key, value in own.items() if not listed or _has(known, key)})
    return Needed(
        action=target.action.full_name,
        resource=target.resource,
        resource_account=account_of(call, target.resource),
        context=context,
    )


def account_of(call: Call, arn: str) -> str | None:
    """The account that owns a resource, which is the caller's for one that is not there yet; None for no resource.

    AWS's own policies (``arn:aws:iam::aws:policy/...``) are in every account.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    if parts[4] == "aws":
        return call.account or None
    return parts[4] or call.lookup.owner(arn) or call.account or None


@lru_cache(maxsize=8192)
def keys_of(action: Action, kind: str | None) -> frozenset[str]:
    """The keys that a check of an action has, in lower case and without the variable part, for example ``aws:tagkeys``.

    Args:
        action: The action.
        kind: The type of the resource in this check.
    """
    written = set(action.condition_keys)
    for entry in action.resources:
        if kind is not None and entry.name.lower() == kind.lower():
            written |= entry.condition_keys
    of_type = None if kind is None else resource_type(action.service, kind)
    if of_type is not None:
        written |= of_type.condition_keys
    return frozenset(_base(key) for key in written)


def _base(key: str) -> str:
    """A key without what follows its slash or second colon: ``kms:EncryptionContext:aws:s3:arn`` is one of a family."""
    lowered = key.lower().split("/")[0]
    parts = lowered.split(":")
    return ":".join(parts[:2])


def _has(known: frozenset[str], key: str) -> bool:
    base = _base(key)
    # SageMaker's key ``VolumeKmsKey`` is listed as ``VolumeKmsKeyArn`` too; both are there.
    return base in known or f"{base}arn" in known or base.startswith("aws:")


def _request_tags(call: Call, target: Target, known: frozenset[str]) -> Iterator[tuple[str, Value]]:
    if _REQUEST_TAG.lower() not in known and "aws:tagkeys" not in known:
        return
    tags = requested_tags(call.operation.parameters, target.kind)
    for key, value in tags.items():
        if value is not None:
            yield f"{_REQUEST_TAG}/{key}", value
    if tags:
        yield "aws:TagKeys", list(tags)


def _resource_tags(call: Call, target: Target, known: frozenset[str]) -> Iterator[tuple[str, Value]]:
    ending = f":{_RESOURCE_TAG.lower()}"
    prefixes = [base.removesuffix(ending) for base in known if base.endswith(ending)]
    # A bucket's tags count only where its owner has switched that on, which nothing here does.
    # Source: Amazon S3 User Guide, "Using tags with S3 general purpose buckets".
    if not prefixes or target.resource == "*" or target.resource.endswith("/*") or target.action.service == "s3":
        return
    for key, value in (call.lookup.tags(target.resource) or {}).items():
        for prefix in prefixes:
            yield f"{prefix}:{_RESOURCE_TAG}/{key}", value
