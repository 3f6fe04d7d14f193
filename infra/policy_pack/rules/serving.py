"""Endpoints and their autoscaling, seen together.

Sources: Amazon SageMaker AI Developer Guide, "Automatic scaling of Amazon SageMaker AI models" and "Blue/Green
Deployments"; hashicorp/terraform-provider-aws, issue 48990 (an endpoint's update does not keep live instance counts).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from infra.constraints.values import blocks, given, number, text
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules.parts import names, of_type

_TARGET, _ENDPOINT = "aws:appautoscaling/target:Target", "aws:sagemaker/endpoint:Endpoint"
_CONFIGURATION, _MODEL = "aws:sagemaker/endpointConfiguration:EndpointConfiguration", "aws:sagemaker/model:Model"
_SUBNET = "aws:ec2/subnet:Subnet"
#: AWS keeps five addresses of every subnet. Source: Amazon VPC User Guide, "Subnet CIDR blocks".
_KEPT = 5

Found = Iterator[tuple[StackResource, Finding]]


def _instances(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for path, variant in blocks(resource.properties, "productionVariants"):
        instances = number(variant, "initialInstanceCount")
        if instances is not None and instances < 2:
            message = f"{instances:.0f} instance is in one zone, and gone with it"
            yield Finding(property=f"{path}.initialInstanceCount", message=message)


def _managed(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for path, variant in blocks(resource.properties, "productionVariants"):
        if given(variant, "managedInstanceScaling") and given(variant, "modelName"):
            message = "SageMaker takes it for inference components only, not for a variant with a model"
            yield Finding(property=f"{path}.managedInstanceScaling", message=message)


def _served(stack: Sequence[StackResource]) -> Iterator[tuple[StackResource, StackResource, StackResource]]:
    """Scalable targets with their endpoints and those endpoints' configurations."""
    for target in of_type(stack, _TARGET):
        for endpoint in of_type(stack, _ENDPOINT):
            name = text(endpoint.properties, "name")
            resource_id = text(target.properties, "resourceId") or ""
            if resource_id.split("/")[1:2] == [name] or endpoint.urn in target.leads_to.get("resourceId", ()):
                for configuration in of_type(stack, _CONFIGURATION):
                    if names(endpoint, "endpointConfigName", configuration, "name"):
                        yield target, endpoint, configuration


def _floor(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    for target, _, configuration in _served(stack):
        floor = number(target.properties, "minCapacity")
        for path, variant in blocks(configuration.properties, "productionVariants"):
            initial = number(variant, "initialInstanceCount")
            if initial is not None and floor is not None and initial < floor:
                message = f"every update starts with {initial:.0f}, below the floor of {floor:.0f} that scaling keeps"
                yield configuration, Finding(property=f"{path}.initialInstanceCount", message=message)


def _order(stack: Sequence[StackResource], expected: Expectations) -> Found:
    """What depends on the endpoint is deleted before it."""
    del expected
    for target, endpoint, _ in _served(stack):
        if endpoint.urn not in target.depends_on:
            message = f"{endpoint.name} may be deleted before it: AWS refuses to delete what is scaled"
            yield target, Finding(property="resourceId", message=message)


def _addresses(stack: Sequence[StackResource], expected: Expectations) -> Found:
    """One address an instance, and as many again while an update runs both fleets."""
    del expected
    for target, endpoint, configuration in _served(stack):
        most = number(target.properties, "maxCapacity")
        for model in of_type(stack, _MODEL):
            subnets = [one for one in of_type(stack, _SUBNET) if names(model, "vpcConfig", one, "id")]
            ranges = [text(one.properties, "cidrBlock") for one in subnets]
            if most is None or not ranges or None in ranges or not _uses(configuration, model):
                continue
            free = sum(ipaddress.ip_network(one).num_addresses - _KEPT for one in ranges if one is not None)
            if 2 * most > free:
                message = f"{most:.0f} instances need {2 * most:.0f} addresses in an update, and there are {free}"
                yield endpoint, Finding(property="endpointConfigName", message=message)


def _uses(configuration: StackResource, model: StackResource) -> bool:
    named = [text(variant, "modelName") for _, variant in blocks(configuration.properties, "productionVariants")]
    return text(model.properties, "name") in named or model.urn in configuration.leads_to.get("productionVariants", ())


RULES = (
    Rule(
        id="sagemaker-instances",
        title="An endpoint runs two instances or more, for two zones.",
        source="AWS Security Hub User Guide, Security Hub CSPM controls for SageMaker AI",
        remedy="set initialInstanceCount to 2 or more: instances.min of the specification",
        types=frozenset({_CONFIGURATION}),
        resource=_instances,
        level=Level.ADVISORY,
        levels={Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY},
        standards=("SageMaker.4",),
    ),
    Rule(
        id="sagemaker-managed-scaling",
        title="Managed instance scaling is for inference components only.",
        source="Amazon SageMaker API Reference, ProductionVariant",
        remedy="remove managedInstanceScaling, and scale by a scalable target",
        types=frozenset({_CONFIGURATION}),
        resource=_managed,
    ),
    Rule(
        id="autoscaling-floor",
        title="An endpoint starts with as many instances as its scaling keeps at least.",
        source="Amazon SageMaker AI Developer Guide, Automatic scaling of Amazon SageMaker AI models",
        remedy="set initialInstanceCount to the scalable target's minCapacity or more",
        stack=_floor,
    ),
    Rule(
        id="autoscaling-order",
        title="A scalable target goes before its endpoint is deleted.",
        source="Amazon SageMaker AI Developer Guide, Delete Endpoints and Resources",
        remedy="let the scalable target depend on the endpoint",
        stack=_order,
    ),
    Rule(
        id="sagemaker-addresses",
        title="The subnets of an endpoint have room for an update of all its instances.",
        source="Amazon SageMaker AI Developer Guide, Blue/Green Deployments",
        remedy="choose larger subnets in the specification, or fewer instances",
        stack=_addresses,
    ),
)
