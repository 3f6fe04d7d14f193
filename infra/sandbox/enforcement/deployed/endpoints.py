"""The VPC endpoint that a request came through: its policy, and what the service learns of the way.

A header names the endpoint: it stands for the network that the caller is in, which a sandbox of one machine lacks.
Sources: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies", "Gateway endpoints for Amazon
S3"; IAM User Guide, "AWS global condition context keys" (properties of the network).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.request import ContextValue
from infra.sandbox.enforcement.deployed.documents import compiled
from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

ENDPOINT_HEADER = "x-bulkhead-vpc-endpoint"
"""Names the endpoint that a request came through."""

HEADER = f"HTTP_{ENDPOINT_HEADER.upper().replace('-', '_')}"
"""The same header in a WSGI environment."""

# Services that one endpoint serves together with another, or under another name than their own hosts have.
_ENDPOINT_NAMES = {"s3control": "s3"}
_FIRST_FREE_ADDRESS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRoute:
    """A request's way through a VPC endpoint.

    Attributes:
        endpoint: Its id.
        vpc: The id of its VPC.
        account: Its owner.
        region: Its Region.
        address: The caller's private address; the sandbox takes one of the endpoint's network.
        policy: Its policy.
    """

    endpoint: str
    vpc: str
    account: str
    region: str
    address: str
    policy: Policy

    @property
    def context(self) -> Mapping[str, ContextValue]:
        """Condition keys that exist for requests through an endpoint only."""
        return {
            "aws:SourceVpce": self.endpoint,
            "aws:SourceVpc": self.vpc,
            "aws:SourceVpcArn": f"arn:aws:ec2:{self.region}:{self.account}:vpc/{self.vpc}",
            "aws:VpceAccount": self.account,
            "aws:VpcSourceIp": self.address,
        }


def route_of(environ: WSGIEnvironment, service: str, region: str) -> EndpointRoute | None:
    """The endpoint that a request names; None for one that came over the internet.

    Args:
        environ: The request.
        service: The service that it calls, by botocore's name.
        region: The Region that it calls.

    Raises:
        CredentialsRefused: No such endpoint, or none that leads to that service in that Region.
    """
    name: str | None = environ.get(HEADER)
    return None if name is None else route_through(name.strip(), service, region)


def route_through(endpoint_id: str, service: str, region: str) -> EndpointRoute:
    """The way through an endpoint.

    Args:
        endpoint_id: For example ``vpce-0123456789abcdef0``.
        service: Botocore's name of the service.
        region: The Region of the service.

    Raises:
        CredentialsRefused: As for `route_of`.
    """
    backend, endpoint = _find(endpoint_id)
    serves = endpoint.service_name.removeprefix("com.amazonaws.")
    wanted = f"{region}.{endpoint_service(service)}"
    if serves != wanted:
        raise CredentialsRefused(
            Failure.UNKNOWN_ROUTE,
            f"The VPC endpoint {endpoint_id} leads to {endpoint.service_name}, not to com.amazonaws.{wanted}.",
        )
    document = endpoint.policy_document or VPCEndPoint.DEFAULT_POLICY
    return EndpointRoute(
        endpoint=endpoint.id,
        vpc=endpoint.vpc_id,
        account=str(backend.account_id),
        region=backend.region_name,
        address=_address(backend, endpoint),
        policy=compiled(document, PolicyKind.ENDPOINT, f"policy of {endpoint.id}"),
    )


def endpoint_service(service: str) -> str:
    """The last part of the name of a service's endpoints: `sagemaker.runtime` for `sagemaker-runtime`.

    Args:
        service: Botocore's name of the service.
    """
    if service in _ENDPOINT_NAMES:
        return _ENDPOINT_NAMES[service]
    prefix = get_service_model(service).metadata["endpointPrefix"]
    return ".".join(reversed(str(prefix).split(".")))


def _find(endpoint_id: str) -> tuple[EC2Backend, VPCEndPoint]:
    for regional in list(ec2_backends.values()):
        for backend in list(regional.values()):
            endpoint = backend.vpc_end_points.get(endpoint_id)
            if endpoint is not None:
                return backend, endpoint
    raise CredentialsRefused(Failure.UNKNOWN_ROUTE, f"There is no VPC endpoint {endpoint_id}.")


def _address(backend: EC2Backend, endpoint: VPCEndPoint) -> str:
    """An address of the network that uses the endpoint: of its first subnet, or of its VPC."""
    subnet = next(iter(endpoint.subnet_ids or ()), None)
    block = backend.get_subnet(subnet).cidr_block if subnet else backend.get_vpc(endpoint.vpc_id).cidr_block
    return str(ipaddress.ip_network(block)[_FIRST_FREE_ADDRESS])
