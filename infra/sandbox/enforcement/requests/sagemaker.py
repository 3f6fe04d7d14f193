"""What calls of SageMaker need beside what the catalogue says, and the keys that their nested parameters decide.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker"; SageMaker AI
Developer Guide, "Amazon SageMaker AI API permissions", "Control access to SageMaker AI by using tags".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call
from infra.sandbox.enforcement.requests.plans import Target, planned_targets

#: Parameter, wherever it is nested -> condition key of several values.
_MANY: Final[Mapping[str, str]] = {
    "AcceleratorType": "sagemaker:AcceleratorTypes",
    "ImageArn": "sagemaker:ImageArns",
    "ImageVersionArn": "sagemaker:ImageVersionArns",
    "InstanceType": "sagemaker:InstanceTypes",
    "SecurityGroupIds": "sagemaker:VpcSecurityGroupIds",
    "Subnets": "sagemaker:VpcSubnets",
    "SubnetIds": "sagemaker:VpcSubnets",
}
#: Parameter, wherever it is nested -> condition key of one value.
_ONE: Final[Mapping[str, str]] = {
    "AppNetworkAccessType": "sagemaker:AppNetworkAccessType",
    "AuthMode": "sagemaker:AuthMode",
    "DirectInternetAccess": "sagemaker:DirectInternetAccess",
    "DirectoryPath": "sagemaker:FileSystemDirectoryPath",
    "DomainId": "sagemaker:DomainId",
    "EnableInterContainerTrafficEncryption": "sagemaker:InterContainerTrafficEncryption",
    "EnableNetworkIsolation": "sagemaker:NetworkIsolation",
    "EnableOnlineStore": "sagemaker:FeatureGroupEnableOnlineStore",
    "EnableRemoteDebug": "sagemaker:EnableRemoteDebug",
    "FileSystemAccessMode": "sagemaker:FileSystemAccessMode",
    "FileSystemId": "sagemaker:FileSystemId",
    "FileSystemType": "sagemaker:FileSystemType",
    "KeepAlivePeriodInSeconds": "sagemaker:KeepAlivePeriod",
    "MaxConcurrency": "sagemaker:ServerlessMaxConcurrency",
    "MaxRuntimeInSeconds": "sagemaker:MaxRuntimeInSeconds",
    "MemorySizeInMB": "sagemaker:ServerlessMemorySize",
    "MinimumInstanceMetadataServiceVersion": "sagemaker:MinimumInstanceMetadataServiceVersion",
    "ModelApprovalStatus": "sagemaker:ModelApprovalStatus",
    "RootAccess": "sagemaker:RootAccess",
    "TargetModel": "sagemaker:TargetModel",
    "UserProfileName": "sagemaker:UserProfileName",
    "WorkteamArn": "sagemaker:WorkteamArn",
}
#: Where keys of KMS are: parameter, and the parameter that it is in ("" is the request itself).
_KMS: Final[Mapping[tuple[str, str], str]] = {
    ("VolumeKmsKeyId", "ResourceConfig"): "sagemaker:VolumeKmsKey",
    ("VolumeKmsKeyId", "ClusterConfig"): "sagemaker:VolumeKmsKey",
    ("VolumeKmsKeyId", "TransformResources"): "sagemaker:VolumeKmsKey",
    ("VolumeKmsKeyId", "AutoMLJobConfig"): "sagemaker:VolumeKmsKey",
    ("VolumeKmsKeyId", "SecurityConfig"): "sagemaker:VolumeKmsKey",
    ("VolumeKmsKeyId", ""): "sagemaker:VolumeKmsKey",
    ("KmsKeyId", ""): "sagemaker:VolumeKmsKey",
    ("KmsKeyId", "OutputDataConfig"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "OutputConfig"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "ProcessingOutputConfig"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "TransformOutput"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "MonitoringOutputConfig"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "DataQualityJobOutputConfig"): "sagemaker:OutputKmsKey",
    ("KmsKeyId", "OnlineStoreSecurityConfig"): "sagemaker:FeatureGroupOnlineStoreKmsKey",
    ("KmsKeyId", "SecurityConfig"): "sagemaker:FeatureGroupOnlineStoreKmsKey",
    ("KmsKeyId", "S3StorageConfig"): "sagemaker:FeatureGroupOfflineStoreKmsKey",
    ("HomeEfsFileSystemKmsKeyId", ""): "sagemaker:HomeEfsFileSystemKmsKey",
    ("S3KmsKeyId", "SharingSettings"): "sagemaker:DomainSharingOutputKmsKey",
}


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their resources."""
    operation = call.operation.name
    if operation in ("CreateModelPackage", "ListModelPackages"):
        # A version has no name yet: AWS gives it its group's and a number.
        group = (call.text("ModelPackageGroupName") or "").split("/")[-1]
        name = f"{group}/*" if group else call.text("ModelPackageName") or "*"
        arn = f"arn:aws:sagemaker:{call.operation.region}:{call.account}:model-package/{name}"
        yield target(f"sagemaker:{operation}", arn, "model-package")
    elif operation == "BatchDescribeModelPackage":
        for arn in cast("list[str]", call.operation.parameters.get("ModelPackageArnList") or []):
            yield target("sagemaker:BatchDescribeModelPackage", arn, "model-package")
    else:
        yield from planned_targets(call)


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of one check."""
    parameters = call.operation.parameters
    own: dict[str, Value] = {}
    many: dict[str, list[str]] = {}
    for name, inside, value in _walk(parameters, ""):
        if name in _MANY:
            values = cast("list[object]", value) if isinstance(value, list) else [value]
            many.setdefault(_MANY[name], []).extend(str(one) for one in values)
        elif name in _ONE and isinstance(value, (str, bool, int, float)):
            own[_ONE[name]] = value
        elif (name, inside) in _KMS and isinstance(value, str):
            key = call.lookup.arn("kms:key", call.account, call.operation.region, value) or value
            # The reference lists both names of the key.
            own[_KMS[name, inside]] = own[f"{_KMS[name, inside]}Arn"] = key
    own.update({key: list(dict.fromkeys(values)) for key, values in many.items()})
    for name, value in cast("Mapping[str, str]", parameters.get("CustomerMetadataProperties") or {}).items():
        own[f"sagemaker:CustomerMetadataProperties/{name}"] = value
    if call.operation.name == "CreateEndpointConfig":
        own.update(_of_models(call))
    if found.action.name == "AddTags" and call.operation.name != "AddTags":
        own["sagemaker:TaggingAction"] = call.operation.name
    return own


def models_of(call: Call, configuration: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The models of an endpoint configuration that exist: ARN and properties.

    Args:
        call: The call.
        configuration: The configuration, as a request or an answer describes it.
    """
    for parameter in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in cast("list[Mapping[str, Any]]", configuration.get(parameter) or []):
            name = variant.get("ModelName")
            found = None
            if isinstance(name, str):
                found = call.lookup.sagemaker("model", call.account, call.operation.region, name)
            if found is not None:
                yield f"arn:aws:sagemaker:{call.operation.region}:{call.account}:model/{name}", found


def _of_models(call: Call) -> Iterator[tuple[str, Value]]:
    """What a configuration's models decide: a request names them and cannot say it."""
    subnets: list[str] = []
    groups: list[str] = []
    isolated = True
    arn = None
    for model, properties in models_of(call, call.operation.parameters):
        arn = model
        network = cast("Mapping[str, list[str]]", properties.get("VpcConfig") or {})
        subnets += network.get("Subnets", [])
        groups += network.get("SecurityGroupIds", [])
        isolated = isolated and bool(properties.get("EnableNetworkIsolation"))
    if arn is not None:
        yield "sagemaker:ModelArn", arn
        yield "sagemaker:NetworkIsolation", isolated
    if subnets:
        yield "sagemaker:VpcSubnets", subnets
    if groups:
        yield "sagemaker:VpcSecurityGroupIds", groups


def _walk(value: Mapping[str, Any], inside: str) -> Iterator[tuple[str, str, object]]:
    """Every parameter with the name of the one that it is in. Tags and environments hold the caller's own names."""
    for name, inner in value.items():
        if name in ("Environment", "Tags", "HyperParameters", "CustomerMetadataProperties"):
            continue
        yield name, inside, inner
        if isinstance(inner, dict):
            yield from _walk(cast("Mapping[str, Any]", inner), name)
        elif isinstance(inner, list):
            for item in cast("list[object]", inner):
                if isinstance(item, dict):
                    yield from _walk(cast("Mapping[str, Any]", item), name)
