"""Answers what the mapping of requests asks of the deployed state, from moto's backends (`Lookup`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends
from moto.sagemaker.models import sagemaker_backends

from infra.sandbox.enforcement.deployed import encryption, network
from infra.sandbox.enforcement.deployed.arns import Arn, backend
from infra.sandbox.enforcement.deployed.resource_policies import key_of
from infra.sandbox.enforcement.deployed.s3_policies import bucket_of
from infra.sandbox.enforcement.deployed.tags import tags_of
from infra.sandbox.enforcement.lookup import Encryption, NamedKind, Route, Value
from infra.sandbox.moto_extensions.sts_sessions import PARTITION, find_role

_PROFILE = "instance-profile/"


class MotoEstate:
    """What is deployed in moto. Nothing is kept: each question is answered from the state of the moment."""

    def arn(self, kind: NamedKind, account: str, region: str, name: str) -> str | None:
        """See `Lookup.arn`. ``instance-profile/NAME`` as the name of a role is the role in that profile."""
        if kind == "kms:key":
            return encryption.key_arn(account, region, name)
        if kind == "secretsmanager:secret":
            found = backend("secretsmanager", account, region)
            secret = found.secrets.get(name) if found else None
            return secret.arn if secret else None
        if kind == "application-autoscaling:scalabletarget":
            return _scalable_target(account, region, name)
        return _iam(kind, account, name)

    def owner(self, arn: str) -> str | None:
        """See `Lookup.owner`."""
        parts = Arn.of(arn)
        if parts is None:
            return None
        if parts.account or parts.service != "s3":
            return parts.account or None
        bucket = bucket_of(parts.resource.partition("/")[0])
        return bucket.account_id if bucket else None

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """See `Lookup.tags`."""
        parts = Arn.of(arn)
        return tags_of(parts) if parts else None

    def properties(self, arn: str) -> Mapping[str, Value]:
        """See `Lookup.properties`."""
        parts = Arn.of(arn)
        reader = {"ec2": network.properties, "kms": _key_properties, "sagemaker": _model_properties}.get(
            parts.service if parts else ""
        )
        return reader(parts) if parts and reader else {}

    def boundary(self, arn: str) -> str | None:
        """See `Lookup.boundary`; moto keeps boundaries of roles only."""
        role = find_role(arn)
        return role.permissions_boundary_arn if role else None

    def key_of(self, arn: str) -> str | None:
        """See `Lookup.key_of`."""
        parts = Arn.of(arn)
        return encryption.key_of(parts) if parts else None

    def key_of_ciphertext(self, account: str, region: str, ciphertext: bytes) -> str | None:
        """See `Lookup.key_of_ciphertext`."""
        return encryption.key_of_ciphertext(account, region, ciphertext)

    def grant_key(self, token: str) -> str | None:
        """See `Lookup.grant_key`."""
        return encryption.grant_key(token)

    def bucket_encryption(self, bucket: str) -> Encryption | None:
        """See `Lookup.bucket_encryption`."""
        return encryption.bucket_encryption(bucket)

    def object_encryption(self, bucket: str, key: str, version: str | None) -> Encryption | None:
        """See `Lookup.object_encryption`."""
        return encryption.object_encryption(bucket, key, version)

    def object_tags(self, bucket: str, key: str, version: str | None) -> Mapping[str, str]:
        """See `Lookup.object_tags`."""
        found, holder = encryption.object_of(bucket, key, version), bucket_of(bucket)
        if found is None or holder is None:
            return {}
        s3: Any = backend("s3", holder.account_id, PARTITION)
        return s3.tagger.get_tag_dict_for_resource(found.arn)

    def upload_encryption(self, bucket: str, upload: str) -> Encryption | None:
        """See `Lookup.upload_encryption`."""
        return encryption.upload_encryption(bucket, upload)

    def associated(self, account: str, region: str, identifier: str) -> Mapping[str, str]:
        """See `Lookup.associated`."""
        return network.associated(account, region, identifier)

    def route(self, subnet: str, service: str) -> Route | None:
        """See `Lookup.route`."""
        return network.route(subnet, service)

    def sagemaker(self, kind: str, account: str, region: str, name: str) -> Mapping[str, object] | None:
        """See `Lookup.sagemaker`."""
        found = sagemaker_backends[account][region] if account in sagemaker_backends else None
        if found is None:
            return None
        if kind == "model":
            model = next((each for each in found.list_models() if each.model_name == name), None)
            return _model(model) if model else None
        configuration = found.endpoint_configs.get(name)
        if configuration is None:
            return None
        return {
            "ProductionVariants": configuration.production_variants,
            "KmsKeyId": configuration.kms_key_id,
            "DataCaptureConfig": configuration.data_capture_config,
            "AsyncInferenceConfig": configuration.async_inference_config,
        }


def _iam(kind: NamedKind, account: str, name: str) -> str | None:
    if account not in iam_backends:
        return None
    iam = iam_backends[account][PARTITION]
    if kind == "iam:role":
        if name.startswith(_PROFILE):
            profile = iam.instance_profiles.get(name.removeprefix(_PROFILE))
            return profile.roles[0].arn if profile and profile.roles else None
        return next((role.arn for role in iam.roles.values() if role.name == name), None)
    kept: Mapping[str, Mapping[str, Any]] = {
        "iam:group": iam.groups,
        "iam:instance-profile": iam.instance_profiles,
        "iam:server-certificate": iam.certificates,
        "iam:user": iam.users,
    }
    found = kept[kind].get(name)
    return found.arn if found else None


def _scalable_target(account: str, region: str, name: str) -> str | None:
    found: Any = backend("applicationautoscaling", account, region)
    parts = name.split("|")
    if found is None or len(parts) != 3:
        return None
    target = found.targets.get(parts[2], {}).get(parts[1])
    return target.arn if target and target.service_namespace == parts[0] else None


def _key_properties(arn: Arn) -> Mapping[str, Value]:
    key = key_of(arn, arn.account) if arn.kind == "key" else None
    if key is None:
        return {}
    return {
        "kms:KeySpec": key.key_spec,
        "kms:KeyUsage": key.key_usage or "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": key.origin or "AWS_KMS",
        "kms:MultiRegion": bool(key.multi_region),
        "kms:ResourceAliases": list(key.aliases),
    }


def _model(model: Any) -> dict[str, object]:
    return {
        "ExecutionRoleArn": model.execution_role_arn,
        "PrimaryContainer": model.primary_container,
        "Containers": model.containers,
        "VpcConfig": model.vpc_config,
        "EnableNetworkIsolation": bool(model.enable_network_isolation),
    }


def _model_properties(arn: Arn) -> Mapping[str, Value]:
    """What a model was made with, as the condition keys of SageMaker."""
    found = sagemaker_backends[arn.account].get(arn.region) if arn.account in sagemaker_backends else None
    model = next((each for each in found.list_models() if each.arn == arn.text), None) if found else None
    if model is None:
        return {}
    network_of: Mapping[str, list[str]] = model.vpc_config or {}
    keys: dict[str, Value] = {"sagemaker:NetworkIsolation": bool(model.enable_network_isolation)}
    if network_of.get("Subnets"):
        keys["sagemaker:VpcSubnets"] = list(network_of["Subnets"])
    if network_of.get("SecurityGroupIds"):
        keys["sagemaker:VpcSecurityGroupIds"] = list(network_of["SecurityGroupIds"])
    return keys
