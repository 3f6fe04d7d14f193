"""The ways through VPC endpoints.

Source: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies" (the default allows all),
"Gateway endpoints for Amazon S3".
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from infra.evaluator.kinds import PolicyKind
from infra.proof.facts.index import Index
from infra.proof.facts.model import Document, Route, RouteKind, Unknown
from infra.proof.facts.owners import Owners
from infra.proof.facts.records import Record
from infra.proof.facts.resource_policies import document_in
from infra.proof.facts.tags import tags_of

_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_POLICY = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
_TABLE = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
_SUBNET = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
#: The records that say something about an endpoint.
PARTS = frozenset({_POLICY, _TABLE, _SUBNET})
_ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
#: What an endpoint has whose program gives it no policy.
DEFAULT_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [_ALL]})
_SERVICE_PREFIX_PARTS = 3


def routes(index: Index, owners: Owners, unknown: list[Unknown]) -> Iterator[Route]:
    """Every VPC endpoint.

    Args:
        index: What there is.
        owners: Whose is what.
        unknown: Gets what is not known.
    """
    parts: dict[str, list[Record]] = {}
    for record in index.of(*sorted(PARTS)):
        endpoint = index.follow(record, "vpcEndpointId", (_ENDPOINT,))
        if endpoint is None:
            why = "the endpoint that it is of is in none of the inputs: give the stack that it is in"
            unknown.append(Unknown(record.source, "vpcEndpointId", why))
        else:
            parts.setdefault(endpoint.source.urn, []).append(record)
    for record in index.of(_ENDPOINT):
        yield _route(record, parts.get(record.source.urn, []), index, owners, unknown)


def _route(record: Record, parts: list[Record], index: Index, owners: Owners, unknown: list[Unknown]) -> Route:
    tags, _ = tags_of(record)
    unknown.extend(
        Unknown(record.source, key, "it is not known before it is deployed")
        for key in ("serviceName", "vpcId", "routeTableIds", "subnetIds", "securityGroupIds")
        if record.partly_unknown(key)
    )
    name = record.text("serviceName") or ""
    tables = [text for part in parts if (text := part.text("routeTableId"))]
    subnets = [text for part in parts if (text := part.text("subnetId"))]
    return Route(
        id=record.id,
        kind=_kind(record.text("vpcEndpointType") or "Gateway"),
        service=name.split(".", _SERVICE_PREFIX_PARTS)[-1],
        policy=_policy(record, parts),
        vpc=record.text("vpcId"),
        owner=owners.owner(record.text("arn"), record.source.stack, tags, index.default_tags(record)),
        account=index.account(record),
        tables=tuple(dict.fromkeys([*record.texts("routeTableIds"), *tables])),
        subnets=tuple(dict.fromkeys([*record.texts("subnetIds"), *subnets])),
        groups=record.texts("securityGroupIds"),
        private_names=record.properties.get("privateDnsEnabled") is True,
        source=record.source,
    )


def _policy(record: Record, parts: list[Record]) -> Document:
    own = [document_in(part, "policy", PolicyKind.ENDPOINT) for part in parts if part.type == _POLICY]
    found = next(filter(None, own), None) or document_in(record, "policy", PolicyKind.ENDPOINT)
    return found or Document(DEFAULT_POLICY, PolicyKind.ENDPOINT, record.source, "policy")


def _kind(text: str) -> RouteKind:
    return RouteKind(text) if text in (RouteKind.GATEWAY, RouteKind.INTERFACE) else RouteKind.OTHER
