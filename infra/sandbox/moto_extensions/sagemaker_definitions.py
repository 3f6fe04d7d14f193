"""SageMaker models and endpoint configurations: what moto drops of them, duplicates, and current instance types.

Source: Amazon SageMaker API Reference, "CreateModel", "DescribeModel", "CreateEndpointConfig",
"DescribeEndpointConfig", "ProductionVariant", "CreateEndpoint" (DeploymentConfig).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import botocore.session
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpointConfig
from moto.sagemaker.responses import SageMakerResponse

from infra.sandbox.moto_extensions.registry import parameters, wrap

_MODEL = {
    "EnableNetworkIsolation": "enable_network_isolation",
    "InferenceExecutionConfig": "inference_execution_config",
}
_CONFIG = {
    "EnableNetworkIsolation": "enable_network_isolation",
    "ExecutionRoleArn": "execution_role_arn",
    "ExplainerConfig": "explainer_config",
    "ShadowProductionVariants": "shadow_production_variants",
    "VpcConfig": "vpc_config",
}


def apply() -> None:
    """Changes moto."""
    wrap(SageMakerResponse, "create_model", _create_model)
    wrap(SageMakerResponse, "describe_model", _describe_without_empty)
    wrap(SageMakerResponse, "create_endpoint_config", _create_config)
    wrap(SageMakerResponse, "describe_endpoint_config", _describe_without_empty)
    wrap(SageMakerResponse, "create_endpoint", _create_endpoint)
    wrap(FakeEndpointConfig, "validate_instance_type", _validate_instance_type)


def _create_model(original: Callable[[SageMakerResponse], ActionResult], response: SageMakerResponse) -> ActionResult:
    given, backend = parameters(response), response.sagemaker_backend
    name = given["ModelName"]
    existing = {model.model_name: model for model in backend.list_models()}
    if name in existing:
        raise ValidationError(f'Cannot create already existing model "{existing[name].arn}".')
    answer = original(response)
    _keep(backend.describe_model(name), given, _MODEL)
    return answer


def _create_config(original: Callable[[SageMakerResponse], ActionResult], response: SageMakerResponse) -> ActionResult:
    given, configs = parameters(response), response.sagemaker_backend.endpoint_configs
    name = given["EndpointConfigName"]
    if name in configs:
        arn = configs[name].endpoint_config_arn
        raise ValidationError(f'Cannot create already existing endpoint configuration "{arn}".')
    answer = original(response)
    _keep(configs[name], given, _CONFIG)
    variants = [*configs[name].production_variants, *given.get("ShadowProductionVariants", [])]
    for variant in variants:
        variant.setdefault("InitialVariantWeight", 1.0)
    return answer


def _create_endpoint(
    original: Callable[[SageMakerResponse], ActionResult], response: SageMakerResponse
) -> ActionResult:
    given = parameters(response)
    answer = original(response)
    endpoint = response.sagemaker_backend.endpoints[given["EndpointName"]]
    _keep(endpoint, given, {"DeploymentConfig": "last_deployment_config"})
    return answer


def _keep(made: object, given: Mapping[str, Any], members: Mapping[str, str]) -> None:
    """Moto answers every attribute of an object as a member of its description."""
    vars(made).update({attribute: given[member] for member, attribute in members.items() if member in given})


def _describe_without_empty(
    original: Callable[[SageMakerResponse], ActionResult], response: SageMakerResponse
) -> ActionResult:
    """AWS leaves out what was not given; moto answers an empty structure."""
    described = cast("dict[str, Any]", original(response).result)
    return ActionResult({member: value for member, value in described.items() if value not in ({}, [])})


@cache
def _instance_types() -> frozenset[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = cast("Any", model.shape_for("ProductionVariantInstanceType"))
    return frozenset(cast("list[str]", shape.enum))


def _validate_instance_type(_: Callable[..., None], __: FakeEndpointConfig, instance_type: str) -> None:
    """Moto's own list is some years old."""
    if instance_type not in _instance_types():
        raise ValidationError(
            f"1 validation error detected: Value '{instance_type}' at 'productionVariants.1.member.instanceType' "
            "failed to satisfy constraint: Member must satisfy enum value set"
        )
