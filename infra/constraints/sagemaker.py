"""SageMaker models and endpoint configurations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import Properties, blocks, count, flag, given, inner, number, text
from infra.instance_types import has_local_storage

_MODEL = frozenset({"aws:sagemaker/model:Model"})
_CONFIGURATION = frozenset({"aws:sagemaker/endpointConfiguration:EndpointConfiguration"})
_VARIANT_NAME = re.compile(r"(?=.{1,63}$)[a-zA-Z0-9](?:-*[a-zA-Z0-9])*")
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,1023}")


def _containers(resource: PlannedResource) -> Iterator[tuple[str, Properties]]:
    primary = inner(resource.properties, "primaryContainer")
    if primary:
        yield "primaryContainer", primary
    yield from blocks(resource.properties, "containers")


def _isolation(resource: PlannedResource) -> Iterator[Finding]:
    if flag(resource.properties, "enableNetworkIsolation", default=False) is False:
        yield Finding(property="enableNetworkIsolation", message="the container may call out by itself")
    if not given(resource.properties, "vpcConfig"):
        yield Finding(
            property="vpcConfig", message="without a VPC the artifact is fetched around the tenant's endpoints"
        )


def _vpc(resource: PlannedResource) -> Iterator[Finding]:
    for key, most in (("subnets", 16), ("securityGroupIds", 5)):
        entries = count(inner(resource.properties, "vpcConfig"), key)
        if entries is not None and not 1 <= entries <= most:
            yield Finding(property=f"vpcConfig.{key}", message=f"{entries} entries, and SageMaker takes 1 to {most}")


def _container(resource: PlannedResource) -> Iterator[Finding]:
    containers = [key for key in ("primaryContainer", "containers") if given(resource.properties, key)]
    if len(containers) != 1:
        yield Finding(property="primaryContainer", message="a model has either a primary container or containers")
    for path, container in _containers(resource):
        artifact = text(container, "modelDataUrl")
        if artifact is not None and not re.fullmatch(r"(?:https|s3)://[^/]+/.+", artifact):
            yield Finding(property=f"{path}.modelDataUrl", message=f"{artifact!r} is no object of S3")
        yield from _environment(path, inner(container, "environment"))


def _environment(path: str, environment: Properties) -> Iterator[Finding]:
    if len(environment) > 100:
        message = f"{len(environment)} variables, and SageMaker takes 100"
        yield Finding(property=f"{path}.environment", message=message)
    for name, value in environment.items():
        if not _VARIABLE.fullmatch(name):
            yield Finding(property=f"{path}.environment.{name}", message="not the name of a variable")
        if isinstance(value, str) and len(value) > 1_024:
            message = f"{len(value)} characters, and SageMaker takes 1,024"
            yield Finding(property=f"{path}.environment.{name}", message=message)


def _volume_key(resource: PlannedResource) -> Iterator[Finding]:
    types = [text(variant, "instanceType") for _, variant in blocks(resource.properties, "productionVariants")]
    local = [name for name in types if name is not None and has_local_storage(name)]
    if local and given(resource.properties, "kmsKeyArn"):
        message = f"{local[0]} has local NVMe storage, which its hardware encrypts: AWS refuses a key"
        yield Finding(property="kmsKeyArn", message=message, remedy="leave the key out for this instance type")
    elif types and None not in types and not local and not given(resource.properties, "kmsKeyArn"):
        message = f"the volumes of {types[0]} are not encrypted by the tenant's key"
        yield Finding(property="kmsKeyArn", message=message, remedy="name the tenant's key")


def _variants(resource: PlannedResource) -> Iterator[Finding]:
    variants = count(resource.properties, "productionVariants")
    if variants is not None and not 1 <= variants <= 10:
        yield Finding(property="productionVariants", message=f"{variants} variants, and SageMaker takes 1 to 10")
    for path, variant in blocks(resource.properties, "productionVariants"):
        name = text(variant, "variantName")
        if name is not None and not _VARIANT_NAME.fullmatch(name):
            yield Finding(
                property=f"{path}.variantName", message=f"{name!r} is not 1 to 63 letters, digits and hyphens"
            )
        instances = number(variant, "initialInstanceCount")
        if instances is not None and instances < 1:
            yield Finding(property=f"{path}.initialInstanceCount", message="a variant starts with an instance or more")
        weight = number(variant, "initialVariantWeight")
        if weight is not None and weight < 0:
            yield Finding(property=f"{path}.initialVariantWeight", message=f"{weight} is negative")


def _capture(resource: PlannedResource) -> Iterator[Finding]:
    capture = inner(resource.properties, "dataCaptureConfig")
    if not capture:
        return
    percent = number(capture, "initialSamplingPercentage")
    if percent is not None and not 0 <= percent <= 100:
        message = f"{percent:.0f} percent is no share"
        yield Finding(property="dataCaptureConfig.initialSamplingPercentage", message=message)
    destination = text(capture, "destinationS3Uri")
    if destination is not None and not re.fullmatch(r"(?:https|s3)://[^/]+.{0,480}", destination):
        message = f"{destination!r} is no prefix in a bucket"
        yield Finding(property="dataCaptureConfig.destinationS3Uri", message=message)
    options = count(capture, "captureOptions")
    if options is not None and not 1 <= options <= 32:
        message = f"{options} options, and SageMaker takes 1 to 32"
        yield Finding(property="dataCaptureConfig.captureOptions", message=message)
    if not given(capture, "kmsKeyId"):
        message = "captured requests are not encrypted by the tenant's key"
        yield Finding(property="dataCaptureConfig.kmsKeyId", message=message)


RULES = (
    Rule(
        id="sagemaker-isolation",
        title="A model runs in a VPC, with network isolation.",
        types=_MODEL,
        source="Amazon SageMaker AI Developer Guide, Run Training and Inference Containers in Internet-Free Mode",
        remedy="give it the tenant's subnets, and set enableNetworkIsolation to true",
        check=_isolation,
    ),
    Rule(
        id="sagemaker-vpc",
        title="A model's VPC configuration has 1 to 16 subnets and 1 to 5 security groups.",
        types=_MODEL,
        source="Amazon SageMaker API Reference, VpcConfig",
        remedy="name fewer",
        check=_vpc,
    ),
    Rule(
        id="sagemaker-container",
        title="A model has containers whose artifact is in S3, with at most 100 variables of 1,024 characters.",
        types=_MODEL,
        source="Amazon SageMaker API Reference, ContainerDefinition",
        remedy="correct the container",
        check=_container,
    ),
    Rule(
        id="sagemaker-volume-key",
        title="An endpoint configuration names a key, but for instance types with local NVMe storage.",
        types=_CONFIGURATION,
        source="Amazon SageMaker API Reference, CreateEndpointConfig",
        remedy="choose the key by the instance type",
        check=_volume_key,
    ),
    Rule(
        id="sagemaker-variants",
        title="An endpoint configuration has 1 to 10 variants, each with an instance or more.",
        types=_CONFIGURATION,
        source="Amazon SageMaker API Reference, ProductionVariant",
        remedy="correct the variant",
        check=_variants,
    ),
    Rule(
        id="sagemaker-capture",
        title="Data capture takes a share of 0 to 100 percent into a bucket, under a key.",
        types=_CONFIGURATION,
        source="Amazon SageMaker API Reference, DataCaptureConfig",
        remedy="correct the capture, with the tenant's bucket and key",
        check=_capture,
    ),
)
