"""IAM: deletions, names, sizes and principals that AWS refuses and moto lets pass.

Source: IAM API Reference, "DeletePolicy", "CreateRole", "PutRolePolicy", "UpdateAssumeRolePolicy"; IAM User Guide, "IAM
and AWS STS quotas" (character limits, which do not count white space).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import (
    DeleteConflictException,
    LimitExceededException,
    MalformedPolicyDocument,
    NotFoundException,
    ValidationError,
)
from moto.iam.models import IAMBackend, ManagedPolicy, Role

from infra.sandbox.moto_extensions.policy_reading import missing_principals
from infra.sandbox.moto_extensions.registry import wrap

_ROLE_NAME = 64
_MANAGED_POLICY = 6_144
_INLINE_POLICIES = 10_240
_TRUST_POLICY = 2_048
_AWS_POLICY = "arn:aws:iam::aws:policy/"


def apply() -> None:
    """Changes moto."""
    wrap(IAMBackend, "create_role", _create_role)
    wrap(IAMBackend, "update_assume_role_policy", _update_trust)
    wrap(IAMBackend, "put_role_permissions_boundary", _put_boundary)
    wrap(IAMBackend, "put_role_policy", _put_role_policy)
    wrap(IAMBackend, "create_policy", _create_policy)
    wrap(IAMBackend, "create_policy_version", _create_policy_version)
    wrap(IAMBackend, "delete_policy", _delete_policy)


def _size(document: str) -> int:
    return len("".join(document.split()))


def _create_role(
    original: Callable[..., Role],
    backend: IAMBackend,
    role_name: str,
    assume_role_policy_document: str,
    path: str,
    permissions_boundary: str | None,
    *args: Any,
    **given: Any,
) -> Role:
    if len(role_name) > _ROLE_NAME:
        raise ValidationError(
            f"1 validation error detected: Value '{role_name}' at 'roleName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_ROLE_NAME}"
        )
    _check_trust(backend, assume_role_policy_document)
    if permissions_boundary:
        _check_boundary(backend, permissions_boundary)
    return original(backend, role_name, assume_role_policy_document, path, permissions_boundary, *args, **given)


def _check_trust(backend: IAMBackend, document: str) -> None:
    missing = missing_principals(document, backend.account_id)
    if missing:
        quoted = ", ".join(f'"AWS":"{arn}"' for arn in missing)
        raise MalformedPolicyDocument(f"Invalid principal in policy: {quoted}")
    if _size(document) > _TRUST_POLICY:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {_TRUST_POLICY}")


def _check_boundary(backend: IAMBackend, arn: str) -> None:
    if not arn.startswith(_AWS_POLICY) and arn not in backend.managed_policies:
        raise NotFoundException(f"Scope ARN: {arn} does not exist or is not attachable.")


def _update_trust(original: Callable[..., None], backend: IAMBackend, role_name: str, policy_document: str) -> None:
    _check_trust(backend, policy_document)
    original(backend, role_name, policy_document)


def _put_boundary(
    original: Callable[..., None], backend: IAMBackend, role_name: str, permissions_boundary: str
) -> None:
    _check_boundary(backend, permissions_boundary)
    original(backend, role_name, permissions_boundary)


def _put_role_policy(
    original: Callable[..., None], backend: IAMBackend, role_name: str, policy_name: str, policy_json: str
) -> None:
    policies: dict[str, str] = {**backend.get_role(role_name).policies, policy_name: policy_json}
    if sum(_size(document) for document in policies.values()) > _INLINE_POLICIES:
        raise LimitExceededException(f"Maximum policy size of {_INLINE_POLICIES} bytes exceeded for role {role_name}")
    original(backend, role_name, policy_name, policy_json)


def _create_policy(
    original: Callable[..., ManagedPolicy], backend: IAMBackend, *args: Any, **given: Any
) -> ManagedPolicy:
    _check_managed_size(given["policy_document"] if "policy_document" in given else args[2])
    return original(backend, *args, **given)


def _create_policy_version(
    original: Callable[..., Any], backend: IAMBackend, policy_arn: str, policy_document: str, set_as_default: str
) -> Any:
    _check_managed_size(policy_document)
    return original(backend, policy_arn, policy_document, set_as_default)


def _check_managed_size(document: str) -> None:
    if _size(document) > _MANAGED_POLICY:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {_MANAGED_POLICY}")


def _delete_policy(original: Callable[..., None], backend: IAMBackend, policy_arn: str) -> None:
    policy = backend.get_policy(policy_arn)
    bounded = [role for role in backend.get_roles() if role.permissions_boundary_arn == policy_arn]
    if policy.attachment_count or bounded:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must "
            "delete the policy's versions. The default version is deleted with the policy."
        )
    original(backend, policy_arn)
