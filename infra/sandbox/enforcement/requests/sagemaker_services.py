"""What SageMaker does for a call: with the caller's permission (keys of volumes), and as the role that it is given.

A job or endpoint works as its execution role: SageMaker assumes the role, reads the artifact and writes the results
with the role's permissions. AWS refuses a model whose role cannot read its artifact, and fails a job.

Sources: SageMaker AI Developer Guide, "How to use SageMaker AI execution roles", "Cross-service confused deputy
prevention", "Run Training and Inference Containers in Internet-Free Mode"; SageMaker API Reference, "CreateModel",
"CreateEndpoint", "CreateEndpointConfig" (``KmsKeyId``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from infra.sandbox.enforcement.lookup import Encryption, Route, Value
from infra.sandbox.enforcement.requests.context import account_of, needed
from infra.sandbox.enforcement.requests.forward import target, through_key
from infra.sandbox.enforcement.requests.operation import Call, Needed
from infra.sandbox.enforcement.requests.s3 import object_arn
from infra.sandbox.enforcement.requests.sagemaker import models_of

_SERVICE: Final = "sagemaker.amazonaws.com"
_JOBS: Final[Mapping[str, tuple[str, str]]] = {
    "CreateProcessingJob": ("processing-job", "ProcessingJobName"),
    "CreateTrainingJob": ("training-job", "TrainingJobName"),
}
_PULL: Final = ("BatchGetImage", "GetDownloadUrlForLayer", "BatchCheckLayerAvailability")


def beside(call: Call) -> Iterator[Needed]:
    """What a call needs beside its own actions."""
    operation = call.operation.name
    if operation == "CreateModel":
        role = call.text("ExecutionRoleArn")
        if role is not None:
            yield from _model(call, role, f"model/{call.text('ModelName')}")
    elif operation in ("CreateEndpoint", "UpdateEndpoint"):
        yield from _endpoint(call)
    elif operation in _JOBS:
        role = call.text("RoleArn")
        if role is not None:
            yield from _job(call, role)


def _assumed(call: Call, role: str, source: str) -> Needed:
    """SageMaker assumes the role for a resource of the account."""
    arn = f"arn:aws:sagemaker:{call.operation.region}:{call.account}:{source}"
    found = needed(call, target("sts:AssumeRole", role, "role"), {})
    return Needed(
        action=found.action,
        resource=role,
        resource_account=found.resource_account,
        context={"aws:SecureTransport": True, "aws:SourceAccount": call.account, "aws:SourceArn": arn},
        principal=_SERVICE,
    )


def _model(call: Call, role: str, source: str) -> Iterator[Needed]:
    """SageMaker reads a model's artifact as the role before there is an instance in a subnet: not from the VPC."""
    yield _assumed(call, role, source)
    parameters = call.operation.parameters
    containers = cast("list[Mapping[str, Any]]", parameters.get("Containers") or [])
    primary = cast("Mapping[str, Any]", parameters.get("PrimaryContainer") or {})
    for container in (primary, *containers):
        data = container.get("ModelDataUrl")
        source_uri = _deep(container, "ModelDataSource", "S3DataSource", "S3Uri")
        for uri in (data, source_uri):
            if isinstance(uri, str):
                yield from _reads(call, role, uri, None)
        image = container.get("Image")
        if isinstance(image, str):
            yield from _pulls(call, role, image)


def _endpoint(call: Call) -> Iterator[Needed]:
    """The key of an endpoint's volumes gets a grant, for which the caller and the role need the permission."""
    name = call.text("EndpointConfigName")
    region = call.operation.region
    found = None if name is None else call.lookup.sagemaker("endpoint-config", call.account, region, name)
    if found is None:
        return
    given = found.get("KmsKeyId")
    roles = [model.get("ExecutionRoleArn") for _, model in models_of(call, found)]
    named = [role for role in dict.fromkeys(roles) if isinstance(role, str)]
    for role in named:
        yield _assumed(call, role, f"endpoint/{call.text('EndpointName')}")
    if isinstance(given, str) and given:
        key = call.lookup.arn("kms:key", call.account, region, given) or given
        yield through_key(call, "CreateGrant", key, service="sagemaker", grant=True)
        for role in named:
            yield through_key(call, "CreateGrant", key, service="sagemaker", grant=True, principal=role)


def _job(call: Call, role: str) -> Iterator[Needed]:
    """A job reads its inputs, writes its outputs and encrypts its volumes as its role, from its own subnets."""
    kind, name = _JOBS[call.operation.name]
    parameters = call.operation.parameters
    yield _assumed(call, role, f"{kind}/{call.text(name)}")
    route = _route(call)
    for uri in _uris(parameters.get("InputDataConfig")):
        yield from _reads(call, role, uri, route)
    for uri in _uris(parameters.get("ProcessingInputs")):
        yield from _reads(call, role, uri, route)
    output = _deep(parameters, "OutputDataConfig", "S3OutputPath")
    written = [output, *_uris(parameters.get("ProcessingOutputConfig"))]
    for uri in written:
        if isinstance(uri, str):
            yield from _writes(call, role, uri, route)
    image = _deep(parameters, "AlgorithmSpecification", "TrainingImage") or _deep(
        parameters, "AppSpecification", "ImageUri"
    )
    if isinstance(image, str):
        yield from _pulls(call, role, image)
    volume = _deep(parameters, "ResourceConfig", "VolumeKmsKeyId") or _deep(
        parameters, "ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"
    )
    if isinstance(volume, str) and volume:
        key = call.lookup.arn("kms:key", call.account, call.operation.region, volume) or volume
        yield through_key(call, "CreateGrant", key, service="sagemaker", grant=True, principal=role)


def _route(call: Call) -> Route | None:
    """How a job in a VPC reaches S3."""
    parameters = call.operation.parameters
    network = _deep(parameters, "VpcConfig") or _deep(parameters, "NetworkConfig", "VpcConfig")
    subnets = cast("Mapping[str, list[str]]", network).get("Subnets", []) if isinstance(network, dict) else []
    return call.lookup.route(subnets[0], "s3") if subnets else None


def _reads(call: Call, role: str, uri: str, route: Route | None) -> Iterator[Needed]:
    bucket, key = _place(uri)
    if not bucket:
        return
    yield _as_role(call, role, "s3:GetObject", object_arn(bucket, key), "object", route)
    stored = call.lookup.object_encryption(bucket, key, None)
    yield from _key(call, role, bucket, key, stored or call.lookup.bucket_encryption(bucket), "Decrypt")


def _writes(call: Call, role: str, uri: str, route: Route | None) -> Iterator[Needed]:
    bucket, prefix = _place(uri)
    if not bucket:
        return
    key = f"{prefix.rstrip('/')}/*" if prefix else "*"
    yield _as_role(call, role, "s3:PutObject", object_arn(bucket, key), "object", route)
    yield from _key(call, role, bucket, key, call.lookup.bucket_encryption(bucket), "GenerateDataKey")


def _key(call: Call, role: str, bucket: str, key: str, encryption: Encryption | None, action: str) -> Iterator[Needed]:
    if encryption is not None:
        arn = f"arn:aws:s3:::{bucket}" if encryption.bucket_key else object_arn(bucket, key)
        context = {"aws:s3:arn": arn}
        yield through_key(call, action, encryption.key, service="s3", encryption_context=context, principal=role)


def _pulls(call: Call, role: str, image: str) -> Iterator[Needed]:
    """Images of the account's own registry are pulled as the role."""
    registry, _, rest = image.partition("/")
    account, _, host = registry.partition(".dkr.ecr.")
    if not host or account != call.account:
        return
    repository = rest.partition("@")[0].partition(":")[0]
    arn = f"arn:aws:ecr:{host.split('.')[0]}:{account}:repository/{repository}"
    for name in _PULL:
        yield _as_role(call, role, f"ecr:{name}", arn, "repository", None)


def _as_role(call: Call, role: str, action: str, resource: str, kind: str, route: Route | None) -> Needed:
    found = needed(call, target(action, resource, kind), {})
    context: dict[str, Value] = dict(found.context)
    if kind == "object":
        context["s3:TlsVersion"] = 1.3
        context["s3:ResourceAccount"] = account_of(call, resource) or call.account
    if route is not None:
        context.update({"aws:SourceVpce": route.endpoint, "aws:SourceVpc": route.vpc})
    return Needed(
        action=found.action,
        resource=resource,
        resource_account=account_of(call, resource),
        context=context,
        principal=role,
        endpoint=None if route is None else route.endpoint,
    )


def _place(uri: str) -> tuple[str, str]:
    """Bucket and key of an address ``s3://bucket/key``; empty for another."""
    parts = urlsplit(uri)
    return (parts.netloc, parts.path.removeprefix("/")) if parts.scheme == "s3" else ("", "")


def _deep(value: Any, *names: str) -> object:
    for name in names:
        value = cast("Mapping[str, Any]", value).get(name) if isinstance(value, dict) else None
    return value


def _uris(value: object) -> Iterator[str]:
    """Every address in S3 in a parameter, however deep."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            if name in ("S3Uri", "S3OutputPath") and isinstance(inner, str):
                yield inner
            else:
                yield from _uris(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _uris(inner)
