"""What SageMaker would run for an endpoint: its variants, each with image, artifact, role and environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.sagemaker.models import FakeEndpoint, SageMakerModelBackend, sagemaker_backends

from infra.sandbox.serving import errors


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One variant of an endpoint that is in service.

    Attributes:
        account: The endpoint's account.
        region: Its region.
        endpoint: Its name.
        variant: The variant's name.
        weight: The variant's share of the traffic, relative to the others.
        image: The URI of the container image.
        model_data_url: `s3://bucket/key` of the artifact, or None.
        role_arn: The model's execution role.
        environment: The container's environment variables.
        generation: Differs between any two deployments that need a process of their own.
        subnets: The ids of the subnets that the model is in; none for a model outside of a VPC.
    """

    account: str
    region: str
    endpoint: str
    variant: str
    weight: float
    image: str
    model_data_url: str | None
    role_arn: str
    environment: tuple[tuple[str, str], ...]
    generation: str
    subnets: tuple[str, ...] = ()


def deployments(account: str, region: str, name: str, config: str | None = None) -> list[Deployment]:
    """The variants of an endpoint.

    Args:
        account: The endpoint's account.
        region: Its Region.
        name: Its name.
        config: The configuration that it is to have; None for the one that it has.

    Raises:
        InvocationError: There is no such endpoint in service, or what it runs has been deleted.
    """
    backend = sagemaker_backends[account][region]
    endpoint = backend.endpoints.get(name)
    if endpoint is None or endpoint.endpoint_status not in {"InService", "Updating"}:
        raise errors.not_found(account, name)
    return list(_variants(backend, endpoint, config or endpoint.endpoint_config_name))


def _variants(backend: SageMakerModelBackend, endpoint: FakeEndpoint, name: str) -> Iterable[Deployment]:
    config = backend.endpoint_configs.get(name)
    if config is None:
        raise _gone(backend, endpoint, f"the endpoint configuration {name}")
    models = {model.model_name: model for model in list(backend.list_models())}
    weights = {live["VariantName"]: live["CurrentWeight"] for live in endpoint.production_variants}
    for variant in config.production_variants:
        model = models.get(variant["ModelName"])
        if model is None:
            raise _gone(backend, endpoint, f"the model {variant['ModelName']}")
        container: dict[str, Any] = model.primary_container or (model.containers or [{}])[0]
        environment: dict[str, str] = container.get("Environment") or {}
        yield Deployment(
            account=backend.account_id,
            region=backend.region_name,
            endpoint=endpoint.endpoint_name,
            variant=variant["VariantName"],
            weight=float(weights.get(variant["VariantName"], 1.0)),
            image=container.get("Image", ""),
            model_data_url=container.get("ModelDataUrl"),
            role_arn=model.execution_role_arn,
            environment=tuple(sorted(environment.items())),
            generation=f"{endpoint.creation_time}/{config.endpoint_config_name}/{config.creation_time}/{model.arn}",
            subnets=tuple((model.vpc_config or {}).get("Subnets") or ()),
        )


def _gone(backend: SageMakerModelBackend, endpoint: FakeEndpoint, what: str) -> errors.InvocationError:
    return errors.model_error(
        account=backend.account_id,
        region=backend.region_name,
        endpoint=endpoint.endpoint_name,
        status=0,
        message=f"{what} was deleted while the endpoint is in service",
    )
