"""The resources of a tenant's stack that promises are about: what has an ARN, what is in it, and its VPC endpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from infra import naming
from infra.evaluator import catalogue
from infra.spec import PlatformSpec, TenantSpec

#: The types of jobs that a tenant starts; no stack holds any.
_JOBS = ("training-job", "processing-job")

_STACK = "pulumi:pulumi:Stack"


class _State(msgspec.Struct):
    type: str
    outputs: dict[str, Any] | None = None


class _Deployment(msgspec.Struct):
    resources: list[_State] | None = None


class _Export(msgspec.Struct):
    deployment: _Deployment


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What is deployed of a tenant.

    Args:
        arns: ARNs by their kind: ``s3 bucket``.
        endpoints: VPC endpoints by the last parts of their service's name, each with its id and its VPC's: those of the
            network that workloads run in. In the middle of a move there is another beside it.
    """

    arns: Mapping[str, tuple[str, ...]]
    endpoints: Mapping[str, tuple[str, str]]


def read_deployed(platform: PlatformSpec, tenant: TenantSpec, export: bytes) -> Deployed:
    """What an export of a tenant's stack holds, and what its spec says must be there in any case.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        export: What ``pulumi stack export`` writes of its stack.

    Raises:
        msgspec.DecodeError: it is no export.
    """
    states = msgspec.json.decode(export, type=_Export).deployment.resources or []
    outputs = [(each.type, each.outputs) for each in states if each.outputs and each.type.startswith("aws:")]
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for arn in (*_expected(platform, tenant), *(str(each["arn"]) for _, each in outputs if "arn" in each)):
        for each in (arn, *_inside(arn)):
            for kind in _kinds(each):
                found[kind][each] = None
    if "kms key" not in found:
        found["kms key"][naming.any_key_arn(platform).replace("*", "not-deployed")] = None
    endpoints = [_endpoint(each) for type_, each in outputs if type_ == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    vpc = next((each.outputs.get("vpc_id") for each in states if each.type == _STACK and each.outputs), None)
    return Deployed(
        arns={kind: tuple(arns) for kind, arns in found.items()},
        endpoints={service: way for service, way in endpoints if vpc is None or way[1] == vpc},
    )


def _expected(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[str]:
    """What every tenant has, deployed or not, so that a promise about it cannot be kept by leaving it out."""
    yield from naming.bucket_arns(platform, tenant)
    yield naming.repository_arn(platform, naming.repository(platform, tenant))
    yield naming.role_arn(platform, tenant, "training")
    for kind in _JOBS:
        yield naming.sagemaker_arn(platform, kind, f"{naming.prefix(platform, tenant)}-example")


def _inside(arn: str) -> Iterator[str]:
    """What is in a bucket, a log group and a registry, which no stack knows."""
    if arn.startswith("arn:aws:s3:::"):
        yield f"{arn}/example"
    elif ":log-group:" in arn:
        yield f"{arn}:log-stream:example"
        # how AWS itself names the group in a call about it: CloudWatch Logs User Guide, "Log group ARN format"
        yield f"{arn}:log-stream:"
    elif ":model-package-group/" in arn:
        yield arn.replace(":model-package-group/", ":model-package/") + "/1"


def _kinds(arn: str) -> Iterator[str]:
    service = arn.split(":")[2] if arn.startswith("arn:") else ""
    for each in catalogue.resource_types_of_arn(arn, service) if service else ():
        yield f"{service} {each.name}"


def _endpoint(outputs: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    service = str(outputs.get("serviceName", "")).split(".", 3)[-1]
    return service, (str(outputs.get("arn", "")).rpartition("/")[2], str(outputs.get("vpcId", "")))
