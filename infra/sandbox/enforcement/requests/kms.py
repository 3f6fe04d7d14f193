"""What calls of KMS need: which key they mean, and the keys that aliases and ciphertexts stand for.

Sources: KMS Developer Guide, "AWS KMS permissions", "Controlling access to aliases"; Service Authorization Reference,
"Actions, resources, and condition keys for AWS Key Management Service".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests import kms_keys
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call, CannotMap
from infra.sandbox.enforcement.requests.plans import Target, planned_targets


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their keys and aliases."""
    special = _OPERATIONS.get(call.operation.name)
    yield from planned_targets(call) if special is None else special(call)


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of one check."""
    if call.operation.name != "ReEncrypt":
        return kms_keys.keys(call, found.resource)
    side = "Source" if found.action.name == "ReEncryptFrom" else "Destination"
    own = kms_keys.keys(call, found.resource, encryption_context_of=f"{side}EncryptionContext")
    own["kms:EncryptionAlgorithm"] = call.text(f"{side}EncryptionAlgorithm") or "SYMMETRIC_DEFAULT"
    own["kms:ReEncryptOnSameKey"] = _source(call) == _key(call, "DestinationKeyId")
    return own


def _key(call: Call, parameter: str) -> str:
    named = call.text(parameter)
    if named is None:
        raise CannotMap(f"it names no key in {parameter}")
    found = call.lookup.arn("kms:key", call.account, call.operation.region, named)
    if found is not None:
        return found
    if named.startswith("arn:"):
        return named
    return f"arn:aws:kms:{call.operation.region}:{call.account}:key/{named}"


def _of_ciphertext(call: Call, parameter: str) -> str:
    ciphertext = call.operation.parameters.get("CiphertextBlob")
    made_by = None
    if isinstance(ciphertext, bytes):
        made_by = call.lookup.key_of_ciphertext(call.account, call.operation.region, ciphertext)
    if made_by is not None:
        # Where the request names another key, KMS refuses it for that; the ciphertext is of this one.
        return made_by
    return _key(call, parameter)


def _source(call: Call) -> str:
    return _of_ciphertext(call, "SourceKeyId")


def _decrypt(call: Call) -> Iterator[Target]:
    yield target("kms:Decrypt", _of_ciphertext(call, "KeyId"), "key")


def _re_encrypt(call: Call) -> Iterator[Target]:
    yield target("kms:ReEncryptFrom", _source(call), "key")
    yield target("kms:ReEncryptTo", _key(call, "DestinationKeyId"), "key")


def _aliases(call: Call) -> Iterator[Target]:
    """An alias is changed with a permission on itself and on each key that it leaves or comes to."""
    name, alias = f"kms:{call.operation.name}", call.text("AliasName")
    if alias is None:
        raise CannotMap("it names no alias")
    region = call.operation.region
    yield target(name, f"arn:aws:kms:{region}:{call.account}:{alias}", "alias")
    now = call.lookup.arn("kms:key", call.account, region, alias) if call.operation.name != "CreateAlias" else None
    wanted = _key(call, "TargetKeyId") if call.operation.name != "DeleteAlias" else None
    for key in dict.fromkeys(one for one in (now, wanted) if one is not None):
        yield target(name, key, "key")


def _retire(call: Call) -> Iterator[Target]:
    token = call.text("GrantToken")
    key = call.lookup.grant_key(token) if token is not None else None
    yield target("kms:RetireGrant", key or _key(call, "KeyId"), "key")


_OPERATIONS = {
    "CreateAlias": _aliases,
    "Decrypt": _decrypt,
    "DeleteAlias": _aliases,
    "ReEncrypt": _re_encrypt,
    "RetireGrant": _retire,
    "UpdateAlias": _aliases,
}
