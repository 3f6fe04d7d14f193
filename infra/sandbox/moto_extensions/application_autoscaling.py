"""Application Auto Scaling: tags, what AWS fills in and refuses, and policies that go with their target.

Source: Application Auto Scaling API Reference, "RegisterScalableTarget", "DeregisterScalableTarget",
"PutScalingPolicy", "DescribeScalingPolicies", "TagResource"; Application Auto Scaling User Guide, "Service-linked
roles".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError
from moto.sagemaker.models import sagemaker_backends

from infra.sandbox.moto_extensions.registry import add, parameters, wrap

_SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
_SAGEMAKER_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


def apply() -> None:
    """Changes moto."""
    add(ApplicationAutoScalingResponse, tag_resource=_tag, untag_resource=_untag, list_tags_for_resource=_list_tags)
    wrap(ApplicationAutoScalingResponse, "register_scalable_target", _tag_new)
    wrap(ApplicationAutoScalingResponse, "describe_scaling_policies", _describe_policies)
    wrap(ApplicationAutoscalingBackend, "register_scalable_target", _register)
    wrap(ApplicationAutoscalingBackend, "deregister_scalable_target", _deregister)
    wrap(ApplicationAutoscalingBackend, "put_scaling_policy", _put_policy)
    wrap(ApplicationAutoscalingBackend, "delete_scaling_policy", _delete_policy)


def _not_found(message: str) -> JsonRESTError:
    return JsonRESTError("ObjectNotFoundException", message)


def _register(
    original: Callable[..., FakeScalableTarget],
    backend: ApplicationAutoscalingBackend,
    namespace: str,
    r_id: str,
    dimension: str,
    **given: Any,
) -> FakeScalableTarget:
    existing = backend.targets.get(dimension, {}).get(r_id)
    _check_capacity(existing, given)
    if namespace == "sagemaker" and existing is None:
        _check_variant(backend, r_id)
        given["role_arn"] = given.get("role_arn") or f"arn:aws:iam::{backend.account_id}:role/{_SAGEMAKER_ROLE}"
    suspended = cast("Mapping[str, bool]", existing.suspended_state if existing else dict.fromkeys(_SUSPENDED, False))
    given["suspended_state"] = {**suspended, **(given.get("suspended_state") or {})}
    return original(backend, namespace, r_id, dimension, **given)


def _check_capacity(existing: FakeScalableTarget | None, given: Mapping[str, Any]) -> None:
    def bound(name: str) -> int | None:
        value: int | None = given.get(name)
        return value if value is not None else getattr(existing, name, None)

    least, most = bound("min_capacity"), bound("max_capacity")
    if least is None or most is None:
        raise AWSValidationException("Both MinCapacity and MaxCapacity are required to register a new scalable target")
    if least > most:
        raise AWSValidationException("Maximum capacity cannot be less than minimum capacity")


def _check_variant(backend: ApplicationAutoscalingBackend, resource_id: str) -> None:
    """A scalable target is an endpoint's variant that exists ("endpoint/my-end-point/variant/KMeansClustering")."""
    parts = resource_id.split("/")
    endpoint, variant = parts[1], parts[-1]
    found = sagemaker_backends[backend.account_id][backend.region_name].endpoints.get(endpoint)
    if found is None or all(each["VariantName"] != variant for each in found.production_variants):
        raise AWSValidationException(f"Could not find the variant {variant} of the endpoint {endpoint}")


def _deregister(
    original: Callable[..., None],
    backend: ApplicationAutoscalingBackend,
    namespace: str,
    r_id: str,
    dimension: str,
) -> None:
    if r_id not in backend.targets.get(dimension, {}):
        raise _no_target(namespace, r_id, dimension)
    original(backend, namespace, r_id, dimension)
    for policy in list(backend.policies.values()):
        if (policy.service_namespace, policy.resource_id, policy.scalable_dimension) == (namespace, r_id, dimension):
            backend.delete_scaling_policy(policy.policy_name, namespace, r_id, dimension)


def _no_target(namespace: str, resource_id: str, dimension: str) -> JsonRESTError:
    return _not_found(
        f"No scalable target found for service namespace: {namespace}, resource ID: {resource_id}, scalable dimension: "
        f"{dimension}"
    )


def _put_policy(
    original: Callable[..., FakeApplicationAutoscalingPolicy], backend: ApplicationAutoscalingBackend, **given: Any
) -> FakeApplicationAutoscalingPolicy:
    where = given["service_namespace"], given["resource_id"], given["scalable_dimension"]
    if where[1] not in backend.targets.get(where[2], {}):
        raise _no_target(*where)
    key = FakeApplicationAutoscalingPolicy.formulate_key(*where, given["policy_name"])
    existing = backend.policies.get(key)
    policy = original(backend, **given)
    if existing is not None:
        policy.policy_arn, policy.creation_time = existing.policy_arn, existing.creation_time
    return policy


def _delete_policy(
    original: Callable[..., None], backend: ApplicationAutoscalingBackend, *args: Any, **given: Any
) -> None:
    try:
        original(backend, *args, **given)
    except AWSValidationException as error:
        raise _not_found(str(error.message)) from error


def _describe_policies(
    original: Callable[[ApplicationAutoScalingResponse], str], response: ApplicationAutoScalingResponse
) -> str:
    names = parameters(response).get("PolicyNames")
    answer = json.loads(original(response))
    if names:
        answer["ScalingPolicies"] = [each for each in answer["ScalingPolicies"] if each["PolicyName"] in names]
    return json.dumps(answer)


def _tag_new(
    original: Callable[[ApplicationAutoScalingResponse], str], response: ApplicationAutoScalingResponse
) -> str:
    answer = original(response)
    given = parameters(response).get("Tags")
    if given:
        _tags(response, json.loads(answer)["ScalableTargetARN"]).update(given)
    return answer


def _tags(response: ApplicationAutoScalingResponse, arn: str) -> dict[str, str]:
    """The tags of a target: kept with it, they go when it goes."""
    for targets in response.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                return vars(target).setdefault("tags", {})
    raise JsonRESTError("ResourceNotFoundException", f"Resource {arn} does not exist")


def _tag(response: ApplicationAutoScalingResponse) -> str:
    given = parameters(response)
    _tags(response, given["ResourceARN"]).update(given["Tags"])
    return "{}"


def _untag(response: ApplicationAutoScalingResponse) -> str:
    given = parameters(response)
    tags = _tags(response, given["ResourceARN"])
    for key in given["TagKeys"]:
        tags.pop(key, None)
    return "{}"


def _list_tags(response: ApplicationAutoScalingResponse) -> str:
    return json.dumps({"Tags": _tags(response, parameters(response)["ResourceARN"])})
