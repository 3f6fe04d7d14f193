"""Where a tenant stands in a move, read from the export of its stack: pure functions over its resources."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from infra.operations.move_plans import of_network
from infra.spec.common import Tier

State = Mapping[str, Any]

_SUBNET = "aws:ec2/subnet:Subnet"
_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_MODEL = "aws:sagemaker/model:Model"


def resources(state: State) -> list[Mapping[str, Any]]:
    """The resources of an export, those that wait for their deletion left out."""
    return [each for each in state["deployment"].get("resources") or () if not each.get("delete")]


def subnets_of(state: State, tier: Tier) -> frozenset[str]:
    """The ids of the subnets of a tenant's network of a tier."""
    subnets = (each for each in resources(state) if each["type"] == _SUBNET)
    return frozenset(each["id"] for each in subnets if of_network(each["urn"], tier))


def endpoint_interfaces_of(state: State, tier: Tier) -> frozenset[str]:
    """The ids of the network interfaces of the VPC endpoints of a tenant's network of a tier."""
    endpoints = (each for each in resources(state) if each["type"] == _VPC_ENDPOINT and of_network(each["urn"], tier))
    return frozenset(interface for each in endpoints for interface in each["outputs"].get("networkInterfaceIds") or ())


def endpoints_of(state: State) -> tuple[str, ...]:
    """The names of a tenant's SageMaker endpoints."""
    return tuple(each["id"] for each in resources(state) if each["type"] == _ENDPOINT)


def serves_elsewhere(state: State, tier: Tier) -> bool:
    """Whether a model runs in other subnets than those of the network of a tier."""
    own = subnets_of(state, tier)
    return any(not own.issuperset(subnets) for subnets in _subnets_of_models(state))


def planned_ids(events: bytes) -> Mapping[str, str]:
    """The names that a plan gives to what it replaces, by Pulumi's names: the ids of resources that go by their name.

    Args:
        events: The events of a preview, one JSON object a line.
    """
    steps = (event["resourcePreEvent"]["metadata"] for event in _events(events) if "resourcePreEvent" in event)
    replaced = (step for step in steps if step["op"] == "create-replacement")
    return {step["urn"]: step["new"]["inputs"]["name"] for step in replaced if "name" in step["new"]["inputs"]}


def _events(lines: bytes) -> Iterable[Mapping[str, Any]]:
    return (json.loads(line) for line in lines.splitlines())


def _subnets_of_models(state: State) -> Iterator[Collection[str]]:
    for each in resources(state):
        if each["type"] == _MODEL:
            yield each["inputs"].get("vpcConfig", {}).get("subnets", ())
