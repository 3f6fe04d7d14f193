"""Condition keys of KMS that a request decides.

Source: KMS Developer Guide, "AWS KMS condition keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.operation import Call

#: Parameter -> condition key, where the one is the other.
_SAME: Mapping[str, str] = {
    "ExpirationModel": "kms:ExpirationModel",
    "GranteePrincipal": "kms:GranteePrincipal",
    "KeyAgreementAlgorithm": "kms:KeyAgreementAlgorithm",
    "KeyPairSpec": "kms:DataKeyPairSpec",
    "MacAlgorithm": "kms:MacAlgorithm",
    "PrimaryRegion": "kms:PrimaryRegion",
    "ReplicaRegion": "kms:ReplicaRegion",
    "RetiringPrincipal": "kms:RetiringPrincipal",
    "RotationPeriodInDays": "kms:RotationPeriodInDays",
    "SigningAlgorithm": "kms:SigningAlgorithm",
    "WrappingAlgorithm": "kms:WrappingAlgorithm",
    "WrappingKeySpec": "kms:WrappingKeySpec",
}
#: What counts where the request says nothing.
_DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "CreateKey": {
        "kms:BypassPolicyLockoutSafetyCheck": False,
        "kms:KeyOrigin": "AWS_KMS",
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:MultiRegion": False,
    },
    "Decrypt": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "Encrypt": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "GenerateDataKey": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "PutKeyPolicy": {"kms:BypassPolicyLockoutSafetyCheck": False},
    "ReplicateKey": {"kms:BypassPolicyLockoutSafetyCheck": False},
    "ScheduleKeyDeletion": {"kms:ScheduleKeyDeletionPendingWindowInDays": 30},
    "Sign": {"kms:MessageType": "RAW"},
    "Verify": {"kms:MessageType": "RAW"},
}
_GIVEN: Mapping[str, str] = {
    "BypassPolicyLockoutSafetyCheck": "kms:BypassPolicyLockoutSafetyCheck",
    "CustomerMasterKeySpec": "kms:KeySpec",
    "EncryptionAlgorithm": "kms:EncryptionAlgorithm",
    "KeySpec": "kms:KeySpec",
    "KeyUsage": "kms:KeyUsage",
    "MessageType": "kms:MessageType",
    "MultiRegion": "kms:MultiRegion",
    "Origin": "kms:KeyOrigin",
    "PendingWindowInDays": "kms:ScheduleKeyDeletionPendingWindowInDays",
}


def encryption_context(given: Mapping[str, str]) -> dict[str, Value]:
    """The keys of an encryption context."""
    if not given:
        return {}
    keys: dict[str, Value] = {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
    return {**keys, "kms:EncryptionContextKeys": list(given)}


def keys(call: Call, resource: str, *, encryption_context_of: str = "EncryptionContext") -> dict[str, Value]:
    """The keys of one check.

    Args:
        call: The call.
        resource: The ARN of the key or alias in this check, or ``*``.
        encryption_context_of: The parameter that holds the encryption context.
    """
    operation, parameters = call.operation.name, call.operation.parameters
    found: dict[str, Value] = {"kms:CallerAccount": call.account}
    if ":key/" in resource:
        found.update(call.lookup.properties(resource))
    found.update(_DEFAULTS.get(operation, {}))
    for parameter, key in _SAME.items():
        if isinstance(parameters.get(parameter), (str, int)):
            found[key] = parameters[parameter]
    if operation in _DEFAULTS:
        for parameter, key in _GIVEN.items():
            # The spec of a data key is not that of the key that makes it.
            if parameter in parameters and not (parameter == "KeySpec" and operation != "CreateKey"):
                found[key] = parameters[parameter]
    found.update(encryption_context(cast("Mapping[str, str]", parameters.get(encryption_context_of) or {})))
    if (alias := call.text("KeyId")) is not None and "alias/" in alias:
        found["kms:RequestAlias"] = f"alias/{alias.split('alias/', 1)[1]}"
    if operation == "CreateGrant":
        found.update(_grant(parameters))
    return found


def _grant(parameters: Mapping[str, Any]) -> dict[str, Value]:
    """A grant that a caller asks for itself is for no resource of AWS."""
    found: dict[str, Value] = {"kms:GrantIsForAWSResource": False}
    if parameters.get("Operations"):
        found["kms:GrantOperations"] = list(parameters["Operations"])
    constraints = cast("Mapping[str, Mapping[str, str]]", parameters.get("Constraints") or {})
    for name, given in constraints.items():
        if name.startswith("EncryptionContext"):
            found["kms:GrantConstraintType"] = name
            found.update(encryption_context(given))
    return found
