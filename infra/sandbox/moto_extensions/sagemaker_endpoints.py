"""SageMaker endpoints: UpdateEndpoint, which moto lacks, and a DescribeEndpoint that tells what AWS tells.

A deployment is blue/green: the old fleet serves while the endpoint is Updating, until the new one is ready; where that
does not start, the endpoint stays InService on its old configuration. An endpoint that nobody has called yet has no
fleet to replace, so that its deployment takes no time. An alarm of the automatic rollback in ALARM keeps the old fleet.
Source: SageMaker API reference, "UpdateEndpoint", "DescribeEndpoint", "ProductionVariantSummary"; SageMaker developer
guide, "Auto-Rollback Configuration and Monitoring".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from infra.sandbox.moto_extensions.registry import add, parameters, wrap


def apply() -> None:
    """Changes moto."""
    add(SageMakerResponse, update_endpoint=_update_endpoint)
    add(SageMakerModelBackend, roll_out=_roll_out)
    wrap(SageMakerModelBackend, "create_endpoint", _create_endpoint)
    wrap(SageMakerModelBackend, "describe_endpoint", _describe_endpoint)


def _create_endpoint(
    original: Callable[..., FakeEndpoint], backend: SageMakerModelBackend, *args: Any, **kwargs: Any
) -> FakeEndpoint:
    name = kwargs["endpoint_name"]
    if name in backend.endpoints:
        raise ValidationError(f'Cannot create already existing endpoint "{backend.endpoints[name].arn}".')
    endpoint = original(backend, *args, **kwargs)
    _set_weights(endpoint, backend.endpoint_configs[endpoint.endpoint_config_name])
    return endpoint


def _set_weights(endpoint: FakeEndpoint, config: FakeEndpointConfig) -> None:
    """Moto leaves out a weight of 0, and the default of 1."""
    weights = {variant["VariantName"]: variant.get("InitialVariantWeight") for variant in config.production_variants}
    for variant in endpoint.production_variants:
        weight = weights[variant["VariantName"]]
        variant["CurrentWeight"] = variant["DesiredWeight"] = 1.0 if weight is None else weight


def _update_endpoint(response: SageMakerResponse) -> ActionResult:
    backend = response.sagemaker_backend
    given = parameters(response)
    endpoint = _endpoint(backend, given["EndpointName"])
    config = _config(backend, given["EndpointConfigName"])
    if endpoint.endpoint_status != "InService":
        raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    deployment: dict[str, Any] | None = given.get("DeploymentConfig")
    if given.get("RetainDeploymentConfig"):
        deployment = vars(endpoint).get("last_deployment_config")
    vars(endpoint)["last_deployment_config"] = deployment
    endpoint.last_modified_time = utcnow()
    if not _alarmed(backend, deployment):
        cast("Any", backend).roll_out(endpoint, config, lambda: _deploy(endpoint, config, given))
    return ActionResult({"EndpointArn": endpoint.arn})


def _roll_out(
    backend: SageMakerModelBackend, endpoint: FakeEndpoint, config: FakeEndpointConfig, switch: Callable[[], None]
) -> None:
    """Lets an endpoint change over to a configuration; `sagemaker_runtime` starts the new fleet before."""
    del backend, endpoint, config
    switch()


def _endpoint(backend: SageMakerModelBackend, name: str) -> FakeEndpoint:
    if name not in backend.endpoints:
        arn = FakeEndpoint.arn_formatter(name, backend.account_id, backend.region_name)
        raise ValidationError(f'Could not find endpoint "{arn}".')
    return backend.endpoints[name]


def _config(backend: SageMakerModelBackend, name: str) -> FakeEndpointConfig:
    if name not in backend.endpoint_configs:
        arn = FakeEndpointConfig.arn_formatter(name, backend.account_id, backend.region_name)
        raise ValidationError(f'Could not find endpoint configuration "{arn}".')
    return backend.endpoint_configs[name]


def _alarmed(backend: SageMakerModelBackend, deployment: dict[str, Any] | None) -> bool:
    """Whether an alarm that guards the deployment is in ALARM, so that the old fleet stays."""
    alarms = cloudwatch_backends[backend.account_id][backend.region_name].alarms
    rollback: dict[str, Any] = (deployment or {}).get("AutoRollbackConfiguration") or {}
    guards: list[dict[str, str]] = rollback.get("Alarms") or []
    names = [guard["AlarmName"] for guard in guards]
    return any(alarms[name].state_value == "ALARM" for name in names if name in alarms)


def _deploy(endpoint: FakeEndpoint, config: FakeEndpointConfig, given: dict[str, Any]) -> None:
    before = {variant["VariantName"]: variant for variant in endpoint.production_variants}
    fresh = cast(
        "FakeEndpoint",
        FakeEndpoint(
            account_id="",
            region_name="",
            endpoint_name=endpoint.endpoint_name,
            endpoint_config_name=config.endpoint_config_name,
            production_variants=config.production_variants,
            data_capture_config=config.data_capture_config,
            tags=[],
        ),
    )
    _set_weights(fresh, config)
    kept = _kept_properties(given)
    for variant in fresh.production_variants:
        variant.update({key: value for key, value in before.get(variant["VariantName"], {}).items() if key in kept})
    endpoint.endpoint_config_name = config.endpoint_config_name
    endpoint.production_variants = fresh.production_variants
    if "DataCaptureConfig" not in kept:
        endpoint.data_capture_config = config.data_capture_config


def _kept_properties(given: dict[str, Any]) -> set[str]:
    if not given.get("RetainAllVariantProperties"):
        return set()
    kept = {
        "DesiredInstanceCount": ("DesiredInstanceCount", "CurrentInstanceCount"),
        "DesiredWeight": ("DesiredWeight", "CurrentWeight"),
        "DataCaptureConfig": ("DataCaptureConfig",),
    }
    exceptions: list[dict[str, str]] = given.get("ExcludeRetainedVariantProperties") or []
    excluded = {item["VariantPropertyType"] for item in exceptions}
    return {key for kind, keys in kept.items() if kind not in excluded for key in keys}


def _describe_endpoint(
    original: Callable[..., dict[str, Any]], backend: SageMakerModelBackend, endpoint_name: str
) -> dict[str, Any]:
    described = original(backend, endpoint_name)
    config = backend.endpoint_configs.get(described["EndpointConfigName"])
    models = {
        variant["VariantName"]: variant["ModelName"] for variant in (config.production_variants if config else [])
    }
    described["ProductionVariants"] = [
        variant
        | {"DeployedImages": list(_images(backend, models.get(variant["VariantName"]), described["CreationTime"]))}
        for variant in described["ProductionVariants"]
    ]
    described["DataCaptureConfig"] = _capture_summary(described.get("DataCaptureConfig") or {})
    return described


def _images(backend: SageMakerModelBackend, model: str | None, when: object) -> Iterable[dict[str, Any]]:
    for found in backend.list_models():
        if found.model_name == model:
            for container in [found.primary_container, *found.containers]:
                if image := container.get("Image"):
                    yield {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": when}


def _capture_summary(config: dict[str, Any]) -> dict[str, Any] | None:
    if not config:
        return None
    enabled = bool(config.get("EnableCapture"))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config.get("InitialSamplingPercentage"),
        "DestinationS3Uri": config.get("DestinationS3Uri"),
        "KmsKeyId": config.get("KmsKeyId"),
    }
