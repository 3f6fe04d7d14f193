"""SageMaker model package groups: their resource policy and their deletion, which moto lacks.

Source: SageMaker API reference, "PutModelPackageGroupPolicy", "GetModelPackageGroupPolicy",
"DeleteModelPackageGroupPolicy", "DeleteModelPackageGroup".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ConflictException, ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from infra.evaluator.kinds import PolicyKind
from infra.sandbox.moto_extensions.policy_documents import malformed
from infra.sandbox.moto_extensions.registry import add, parameters, wrap

_MAX_POLICY_CHARACTERS = 20_480


def apply() -> None:
    """Changes moto."""
    add(
        SageMakerResponse,
        put_model_package_group_policy=_put_policy,
        get_model_package_group_policy=_get_policy,
        delete_model_package_group_policy=_delete_policy,
        delete_model_package_group=_delete_group,
    )
    wrap(SageMakerModelBackend, "create_model_package_group", _create_group)


def _create_group(original: Callable[..., str], backend: SageMakerModelBackend, *args: Any, **kwargs: Any) -> str:
    name = kwargs["model_package_group_name"]
    if name in backend.model_package_groups:
        arn = backend.model_package_groups[name].arn
        raise ValidationError(f"Model Package Group already exists: {arn}")
    return original(backend, *args, **kwargs)


def _group(response: SageMakerResponse) -> dict[str, Any]:
    """The attributes of the group that a call names: policies are kept among them, and go when the group goes."""
    name = parameters(response)["ModelPackageGroupName"].rpartition("/")[2]
    return vars(response.sagemaker_backend.describe_model_package_group(name))


def _put_policy(response: SageMakerResponse) -> ActionResult:
    group = _group(response)
    policy = parameters(response)["ResourcePolicy"]
    _check_policy(policy)
    group["resource_policy"] = policy
    return ActionResult({"ModelPackageGroupArn": group["arn"]})


def _check_policy(policy: str) -> None:
    if len(policy) > _MAX_POLICY_CHARACTERS:
        raise ValidationError(f"Invalid resource policy: it has more than {_MAX_POLICY_CHARACTERS} characters.")
    why = malformed(policy, PolicyKind.RESOURCE, "sagemaker")
    if why:
        raise ValidationError(f"Invalid resource policy: {why}")


def _get_policy(response: SageMakerResponse) -> ActionResult:
    group = _group(response)
    if "resource_policy" not in group:
        raise ValidationError(f"Cannot find Model Package Group Policy for: {group['arn']}")
    return ActionResult({"ResourcePolicy": group["resource_policy"]})


def _delete_policy(response: SageMakerResponse) -> EmptyResult:
    group = _group(response)
    if group.pop("resource_policy", None) is None:
        raise ValidationError(f"Cannot find Model Package Group Policy for: {group['arn']}")
    return EmptyResult()


def _delete_group(response: SageMakerResponse) -> EmptyResult:
    group = _group(response)
    backend = response.sagemaker_backend
    name = group["model_package_group_name"]
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise ConflictException(f"Model Package Group with arn {group['arn']} cannot be deleted: it still has packages")
    del backend.model_package_groups[name]
    return EmptyResult()
