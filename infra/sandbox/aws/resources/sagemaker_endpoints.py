"""SageMaker endpoints and their configurations.

Source: Pulumi registry, "aws.sagemaker.EndpointConfiguration" and "aws.sagemaker.Endpoint"; Amazon SageMaker API
Reference, "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from botocore.exceptions import WaiterError

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.diff import canonical
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.errors import ProviderError
from infra.sandbox.aws.wire import Properties, has_unknown

_TAGS = Tags("add_tags", "delete_tags", "list_tags", "{arn}")
_LONGEST_NAME = 63

# A fleet takes 5 to 20 minutes to start, and a deployment at most four hours; in the embedded cloud it takes seconds.
_WAITS: tuple[dict[str, Any], ...] = ({"Delay": 0.5, "MaxAttempts": 20}, {"Delay": 10, "MaxAttempts": 1800})
_UPDATE = Call("update_endpoint")
_DEPLOYMENT = ("endpointConfigName", "deploymentConfig")


def _variants(value: object) -> str:
    """What variants say, with the weight that AWS fills in."""
    filled = [{"initialVariantWeight": 1, **variant} for variant in cast("list[Properties]", value or [])]
    return canonical(filled, ordered=True)


def _same_variants(one: Any, other: Any) -> bool:
    return not has_unknown([one, other]) and _variants(one) == _variants(other)


def _named_variants(request: dict[str, Any]) -> dict[str, Any]:
    """AWS wants a name for every variant; the official provider makes one up."""
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        for index, variant in enumerate(request.get(kind, [])):
            variant.setdefault("VariantName", f"variant-{index + 1}")
    return request


def _variant_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon SageMaker API Reference, "ProductionVariant": instances or serverless, not both."""
    if has_unknown(inputs["productionVariants"]):
        return
    for index, variant in enumerate(cast("list[Properties]", inputs["productionVariants"])):
        if (variant.get("instanceType") is None) == (variant.get("serverlessConfig") is None):
            yield f"productionVariants[{index}]", "needs exactly one of instanceType and serverlessConfig"


def _wait(action: Action, state: str) -> None:
    waiter = action.aws.client("sagemaker", action.region).get_waiter(state)
    for patience in _WAITS:
        try:
            waiter.wait(EndpointName=action.id, WaiterConfig=patience)
        except WaiterError as error:
            if "Max attempts exceeded" in str(error) and patience is not _WAITS[-1]:
                continue
            raise _not_reached(action, state, error) from error
        return


def _not_reached(action: Action, state: str, error: WaiterError) -> ProviderError:
    reason = error.last_response.get("FailureReason") or str(error)
    return ProviderError(f"the endpoint {action.id} did not become {state.partition('_')[2]}: {reason}")


def _in_service(action: Action) -> None:
    _wait(action, "endpoint_in_service")


def _deploy(action: Action) -> None:
    action.call(_UPDATE)
    _in_service(action)
    described = action.api("describe_endpoint", EndpointName=action.id)
    deployed = described["EndpointConfigName"]
    if deployed != action.props["endpointConfigName"]:
        why = described.get("FailureReason") or (
            "see which of the alarms in deploymentConfig.autoRollbackConfiguration rang"
        )
        raise ProviderError(
            f"the deployment of {action.props['endpointConfigName']} was rolled back, and the endpoint serves "
            f"{deployed} as before: {why}"
        )


def _delete(action: Action) -> None:
    action.api("delete_endpoint", EndpointName=action.id)
    _wait(action, "endpoint_deleted")


def _rollback_switched(old: Properties, new: Properties) -> tuple[str, ...]:
    """The official provider makes a new endpoint when automatic rollback comes or goes."""
    return ("deploymentConfig",) if _rolls_back(old) != _rolls_back(new) else ()


def _rolls_back(inputs: Properties) -> bool:
    deployment: Properties | str = inputs.get("deploymentConfig") or {}
    return isinstance(deployment, dict) and deployment.get("autoRollbackConfiguration") is not None


RESOURCES = (
    Resource(
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        service="sagemaker",
        id="{name}",
        identity={"EndpointConfigName": "{name}"},
        names={"name": "EndpointConfigName", "arn": "EndpointConfigArn", "kmsKeyArn": "KmsKeyId"},
        create=Call("create_endpoint_config", adjust=_named_variants),
        reads=(Read("describe_endpoint_config"),),
        delete=Call("delete_endpoint_config", properties=()),
        missing=("ValidationException: Could not find endpoint configuration",),
        autoname=Autoname("name", longest=_LONGEST_NAME),
        absent=("namePrefix",),  # names are given or automatic here
        same={"productionVariants": _same_variants},
        tags=_TAGS,
        rules=(_variant_rules,),
    ),
    Resource(
        type="aws:sagemaker/endpoint:Endpoint",
        service="sagemaker",
        id="{name}",
        identity={"EndpointName": "{name}"},
        names={"name": "EndpointName", "arn": "EndpointArn"},
        create=Call("create_endpoint"),
        settle=_in_service,
        reads=(
            Read(
                "describe_endpoint",
                names={"deploymentConfig": "LastDeploymentConfig"},
                exists=lambda endpoint: endpoint["EndpointStatus"] != "Deleting",
            ),
        ),
        updates=(Step(_DEPLOYMENT, _deploy),),
        delete=_delete,
        missing=("ValidationException: Could not find endpoint",),
        replace_if=_rollback_switched,
        autoname=Autoname("name", longest=_LONGEST_NAME),
        tags=_TAGS,
    ),
)
"""SageMaker entries of the table: endpoints."""
