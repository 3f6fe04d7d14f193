"""The DNS names by which a VPC endpoint answers.

Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint" (DNS hostnames of endpoints:
Regional, zonal and private); AWS General Reference, "Service endpoints".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_AWS_PREFIX = "com.amazonaws."

# Services whose private name covers every name below it: a registry or a bucket each has a name of its own.
_WILDCARD = frozenset({"ecr.dkr", "s3"})


def _service(service_name: str, region: str) -> str:
    """The service in the order of host names: "com.amazonaws.eu-central-1.ecr.api" is "api.ecr"."""
    short = service_name.removeprefix(_AWS_PREFIX).removeprefix(f"{region}.")
    return ".".join(reversed(short.split(".")))


def private_name(service_name: str, region: str) -> str:
    """The service's usual name in the region, which an endpoint with private DNS takes over.

    Args:
        service_name: As in CreateVpcEndpoint, for example ``com.amazonaws.eu-central-1.sts``.
        region: The endpoint's Region.
    """
    short = service_name.removeprefix(f"{_AWS_PREFIX}{region}.")
    return f"{'*.' if short in _WILDCARD else ''}{_service(service_name, region)}.{region}.amazonaws.com"


def dns_entries(
    endpoint_id: str, service_name: str, region: str, zones: Iterable[str], *, private: bool
) -> list[dict[str, str]]:
    """The names of an interface endpoint: the Regional one first, then one a zone, then the private one.

    Args:
        endpoint_id: The endpoint; its names stay the same as long as it lives.
        service_name: As in CreateVpcEndpoint.
        region: The endpoint's Region.
        zones: The availability zones of its subnets.
        private: Whether it has private DNS.
    """
    own = f"{endpoint_id}-{_digest(endpoint_id)[:8].lower()}"
    domain = f"{_service(service_name, region)}.{region}.vpce.amazonaws.com"
    public = f"Z{_digest(domain)[:13]}"
    names = [f"{own}.{domain}", *(f"{own}-{zone}.{domain}" for zone in zones)]
    entries = [{"DnsName": name, "HostedZoneId": public} for name in names]
    if private:
        entries.append({"DnsName": private_name(service_name, region), "HostedZoneId": f"Z{_digest(own)[:13]}"})
    return entries


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest().upper()
