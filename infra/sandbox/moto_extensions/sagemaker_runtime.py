"""SageMaker runtime: InvokeEndpoint answered by the endpoint's real server, where moto sends canned bytes.

Source: SageMaker runtime API reference, "InvokeEndpoint".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.core.common_types import TYPE_RESPONSE
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, SageMakerModelBackend
from moto.sagemakerruntime import urls
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from infra.sandbox.moto_extensions.registry import wrap
from infra.sandbox.serving import errors
from infra.sandbox.serving.deployment import deployments
from infra.sandbox.serving.runtime import EndpointRuntime

_MAX_CUSTOM_ATTRIBUTES = 1024
_UNSUPPORTED = {
    "x-amzn-sagemaker-target-model": "TargetModel",
    "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname",
    "x-amzn-sagemaker-inference-component": "InferenceComponentName",
}


def apply(runtime: EndpointRuntime) -> None:
    """Changes moto.

    Args:
        runtime: Runs the endpoints' servers.
    """

    class Response(_InvokeEndpoint):
        endpoints = runtime

    urls.url_paths = dict.fromkeys(urls.url_paths, Response.dispatch)

    def delete_endpoint(
        original: Callable[[SageMakerModelBackend, str], None], backend: SageMakerModelBackend, endpoint_name: str
    ) -> None:
        original(backend, endpoint_name)
        runtime.retire(backend.account_id, backend.region_name, endpoint_name)

    def roll_out(
        original: Callable[..., None],
        backend: SageMakerModelBackend,
        endpoint: FakeEndpoint,
        config: FakeEndpointConfig,
        switch: Callable[[], None],
    ) -> None:
        place = backend.account_id, backend.region_name, endpoint.endpoint_name
        wanted = [] if _lacks_models(backend, config) else deployments(*place, config.endpoint_config_name)
        if not any(map(runtime.serves, wanted)):
            original(backend, endpoint, config, switch)
            return

        def roll() -> None:
            try:
                runtime.roll(wanted, switch)
                vars(endpoint)["failure_reason"] = None
            except errors.InvocationError as error:
                vars(endpoint)["failure_reason"] = error.message
            finally:
                endpoint.endpoint_status = "InService"

        endpoint.endpoint_status = "Updating"
        runtime.in_background(roll)

    wrap(SageMakerModelBackend, "delete_endpoint", delete_endpoint)
    wrap(SageMakerModelBackend, "roll_out", roll_out)


def _lacks_models(backend: SageMakerModelBackend, config: FakeEndpointConfig) -> bool:
    there = {model.model_name for model in backend.list_models()}
    return any(variant["ModelName"] not in there for variant in config.production_variants)


class _InvokeEndpoint(SageMakerRuntimeResponse):
    """The operations of the SageMaker runtime."""

    use_raw_body = True
    endpoints: EndpointRuntime

    def invoke_endpoint(self) -> TYPE_RESPONSE:
        """Answers with what the endpoint's model answers."""
        try:
            return self._invoke()
        except errors.InvocationError as error:
            return _error(error)

    def invoke_endpoint_async(self) -> TYPE_RESPONSE:
        """Refuses: the endpoints here are not asynchronous ones."""
        return _error(errors.validation(f"Endpoint {self._endpoint_name()} is not of type Async Inference."))

    def _endpoint_name(self) -> str:
        return unquote(self.path.split("/")[2])

    def _invoke(self) -> TYPE_RESPONSE:
        headers = {str(name).lower(): str(value) for name, value in self.headers.items()}
        for header, parameter in _UNSUPPORTED.items():
            if header in headers:
                raise errors.validation(f"{parameter} is not supported by endpoint {self._endpoint_name()}.")
        if len(headers.get("x-amzn-sagemaker-custom-attributes", "")) > _MAX_CUSTOM_ATTRIBUTES:
            raise errors.validation(
                "1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_MAX_CUSTOM_ATTRIBUTES}"
            )
        answer = self.endpoints.invoke(
            account=self.current_account,
            region=self.region,
            endpoint=self._endpoint_name(),
            target_variant=headers.get("x-amzn-sagemaker-target-variant"),
            headers=headers,
            body=self.raw_body,
        )
        given = {"Content-Type": answer.content_type, "x-Amzn-Invoked-Production-Variant": answer.variant}
        if answer.custom_attributes is not None:
            given["X-Amzn-SageMaker-Custom-Attributes"] = answer.custom_attributes
        return 200, given, answer.body


def _error(error: errors.InvocationError) -> TYPE_RESPONSE:
    headers: dict[str, Any] = {"Content-Type": "application/json", "status": error.status}
    if error.code:
        headers["x-amzn-errortype"] = error.code
    body = {"Message": error.message, "message": error.message, **error.details}
    return error.status, headers, json.dumps(body)
