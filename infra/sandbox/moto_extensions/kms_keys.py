"""KMS keys: the rotation period, which moto lacks, and what KMS refuses by a key's state, window or policy.

Source: AWS KMS API Reference, "EnableKeyRotation", "GetKeyRotationStatus", "ScheduleKeyDeletion", "CreateKey",
"PutKeyPolicy"; AWS KMS Developer Guide, "Key states of AWS KMS keys".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import ValidationException
from moto.kms.models import Key, KmsBackend
from moto.kms.responses import KmsResponse

from infra.evaluator.kinds import PolicyKind
from infra.sandbox.moto_extensions.policy_documents import malformed
from infra.sandbox.moto_extensions.policy_reading import missing_principals, statements
from infra.sandbox.moto_extensions.registry import parameters, wrap

_NOT_WHILE_PENDING = (
    "create_grant",
    "disable_key",
    "disable_key_rotation",
    "enable_key",
    "enable_key_rotation",
    "encrypt",
    "generate_data_key",
    "schedule_key_deletion",
    "tag_resource",
    "untag_resource",
    "update_key_description",
)
_NOT_WHILE_DISABLED = ("create_grant", "encrypt", "generate_data_key", "enable_key_rotation", "disable_key_rotation")


def apply() -> None:
    """Changes moto."""
    for operation in _NOT_WHILE_PENDING:
        wrap(KmsResponse, operation, _in_a_fit_state(operation))
    for operation in ("create_alias", "update_alias"):
        wrap(KmsResponse, operation, _alias)
    wrap(KmsBackend, "decrypt", _decrypt)
    wrap(KmsResponse, "enable_key_rotation", _enable_rotation)
    wrap(KmsResponse, "get_key_rotation_status", _rotation_status)
    wrap(KmsResponse, "schedule_key_deletion", _schedule_deletion)
    wrap(KmsBackend, "create_key", _create_key)
    wrap(KmsBackend, "put_key_policy", _put_policy)


def _key(backend: KmsBackend, name: str) -> Key | None:
    return backend.keys.get(backend.any_id_to_key_id(name))


def _refuse_by_state(key: Key | None, *, also_disabled: bool) -> None:
    if key is None:
        return
    if key.key_state == "PendingDeletion":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if also_disabled and not key.enabled:
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")


def _in_a_fit_state(operation: str) -> Callable[..., str]:
    def check(original: Callable[[KmsResponse], str], response: KmsResponse) -> str:
        key = _key(response.kms_backend, parameters(response)["KeyId"])
        _refuse_by_state(key, also_disabled=operation in _NOT_WHILE_DISABLED)
        return original(response)

    return check


def _alias(original: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    _refuse_by_state(_key(response.kms_backend, parameters(response)["TargetKeyId"]), also_disabled=False)
    return original(response)


def _decrypt(
    original: Callable[..., tuple[bytes, str]], backend: KmsBackend, *args: Any, **given: Any
) -> tuple[bytes, str]:
    plaintext, arn = original(backend, *args, **given)
    _refuse_by_state(_key(backend, arn), also_disabled=True)
    return plaintext, arn


def _enable_rotation(original: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    given = parameters(response)
    days = given.get("RotationPeriodInDays", 365)
    if not 90 <= days <= 2560:
        raise ValidationException(
            f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
            "Member must have value between 90 and 2560"
        )
    answer = original(response)
    key = _key(response.kms_backend, given["KeyId"])
    if key is not None:
        vars(key)["rotation_period_in_days"] = days
    return answer


def _rotation_status(original: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    answer = json.loads(original(response))
    key = _key(response.kms_backend, parameters(response)["KeyId"])
    if key is not None:
        answer["KeyId"] = key.arn
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = vars(key).get("rotation_period_in_days", 365)
    return json.dumps(answer)


def _schedule_deletion(original: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    given = parameters(response)
    days = given.get("PendingWindowInDays", 30)
    if not 7 <= days <= 30:
        raise ValidationException(
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
            "Member must have value between 7 and 30"
        )
    return json.dumps(json.loads(original(response)) | {"KeyState": "PendingDeletion", "PendingWindowInDays": days})


def _create_key(original: Callable[..., Key], backend: KmsBackend, policy: str | None, *args: Any, **given: Any) -> Key:
    _check_policy(backend, policy)
    return original(backend, policy, *args, **given)


def _put_policy(original: Callable[..., None], backend: KmsBackend, key_id: str, policy: str) -> None:
    _check_policy(backend, policy)
    original(backend, key_id, policy)


def _check_policy(backend: KmsBackend, policy: str | None) -> None:
    if policy is None:
        return
    why = malformed(policy, PolicyKind.RESOURCE, "kms")
    if why:
        raise JsonRESTError("MalformedPolicyDocumentException", why)
    missing = missing_principals(policy, backend.account_id)
    if missing:
        raise JsonRESTError(
            "MalformedPolicyDocumentException",
            f"Policy contains a statement with one or more invalid principals: {', '.join(missing)}",
        )
    if not any(_keeps_control(statement, backend.account_id) for statement in statements(policy)):
        raise JsonRESTError(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )


def _keeps_control(statement: dict[str, Any], account: str) -> bool:
    """Whether somebody of the account may still put the policy; which of them, the calls' enforcement decides."""
    actions: Any = statement.get("Action") or []
    listed = {str(action).lower() for action in ([actions] if isinstance(actions, str) else actions)}
    may_put = listed & {"*", "kms:*", "kms:put*", "kms:putkeypolicy"}
    principal = json.dumps(statement.get("Principal"))
    return statement.get("Effect") == "Allow" and bool(may_put) and (account in principal or '"*"' in principal)
