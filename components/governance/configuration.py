"""ConfigurationRecord: what every resource looked like and when, and the rules that it must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import cfg, iam

from components.base import token
from components.storage.access_logs import NONCURRENT_DAYS, AccessLogs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from infra import naming
from infra.policies import audit
from infra.spec.platform import PlatformSpec

#: AWS's managed rules that watch what the blueprint promises, by our name for each.
#: Source: AWS Config Developer Guide, "List of AWS Config Managed Rules".
RULES: Mapping[str, str] = {
    "bucket-public-read": "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "bucket-public-write": "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    "bucket-tls": "S3_BUCKET_SSL_REQUESTS_ONLY",
    "bucket-versions": "S3_BUCKET_VERSIONING_ENABLED",
    "default-group-closed": "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    "endpoint-volumes-encrypted": "SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED",
    "images-immutable": "ECR_PRIVATE_TAG_IMMUTABILITY_ENABLED",
    "images-scanned": "ECR_PRIVATE_IMAGE_SCANNING_ENABLED",
    "key-rotation": "CMK_BACKING_KEY_ROTATION_ENABLED",
    "keys-not-going": "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    "no-administrators": "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    "root-has-mfa": "ROOT_ACCOUNT_MFA_ENABLED",
    "trail-encrypted": "CLOUD_TRAIL_ENCRYPTION_ENABLED",
    "trail-validated": "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "vpc-flow-logs": "VPC_FLOW_LOGS_ENABLED",
}


@dataclass(frozen=True, kw_only=True)
class ConfigurationRecordArgs:
    """What the record of configurations is made of.

    Args:
        platform: The platform's spec; ``audit.config`` says whether the recorder is made, or there already.
        key_arn: The platform's key.
        access_logs: Where the reads of the record itself are logged.
    """

    platform: PlatformSpec
    key_arn: Input[str]
    access_logs: AccessLogs


class ConfigurationRecord(pulumi.ComponentResource):
    """AWS Config: a recorder with its role and bucket, and rules. A Region has one recorder.

    ``adopt`` makes the rules only, for the recorder that the account has. The bucket has no lock: AWS Config delivers
    into none whose lock has a default retention.

    Source: AWS Config Developer Guide, "Working with the delivery channel", "Managing the configuration recorder".
    """

    recorder_name: Output[str] | None

    def __init__(self, name: str, args: ConfigurationRecordArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ConfigurationRecord"), name, {}, opts)
        platform = args.platform
        self.recorder_name = None
        recording: list[Resource] = []
        if platform.audit.config == "create":
            status = self._recorder(name, args)
            self.recorder_name = status.name
            recording.append(status)
        for rule, identifier in RULES.items():
            cfg.Rule(
                f"{name}-{rule}",
                name=naming.config_rule(platform, rule),
                source={"owner": "AWS", "source_identifier": identifier},
                # AWS refuses a rule where nothing records.
                opts=ResourceOptions(parent=self, depends_on=recording),
            )
        self.register_outputs({"recorder_name": self.recorder_name})

    def _recorder(self, name: str, args: ConfigurationRecordArgs) -> cfg.RecorderStatus:
        platform = args.platform
        child = ResourceOptions(parent=self)
        bucket = PrivateBucket(
            f"{name}-bucket",
            PrivateBucketArgs(
                bucket=naming.platform_bucket(platform, "config"),
                policy=Output.from_input(args.key_arn).apply(
                    lambda key: audit.config_bucket(platform, key_arn=key).render()
                ),
                key_arn=args.key_arn,
                expire_days=platform.retention.audit_days,
                noncurrent_days=NONCURRENT_DAYS,
                logs_to=naming.platform_bucket(platform, "access-logs"),
                keep=platform.prevent_deletion,
            ),
            opts=ResourceOptions(parent=self, depends_on=[args.access_logs]),
        )
        role = iam.Role(
            name,
            name=naming.platform_role(platform, "config"),
            path=naming.path(platform),
            assume_role_policy=audit.config_trust(platform).render(),
            opts=child,
        )
        describe = iam.RolePolicyAttachment(name, role=role.name, policy_arn=audit.CONFIG_MANAGED_POLICY, opts=child)
        deliver = iam.RolePolicy(
            name, name="deliver", role=role.name, policy=audit.config_delivery(platform).render(), opts=child
        )
        recorder = cfg.Recorder(
            name,
            name=naming.config_recorder(platform),
            role_arn=role.arn,
            recording_group={"all_supported": True, "include_global_resource_types": True},
            opts=child,
        )
        channel = cfg.DeliveryChannel(
            name,
            name=naming.config_recorder(platform),
            s3_bucket_name=bucket.bucket_id,
            s3_kms_key_arn=args.key_arn,
            opts=ResourceOptions(parent=self, depends_on=[recorder, bucket, describe, deliver]),
        )
        return cfg.RecorderStatus(
            name,
            name=recorder.name,
            is_enabled=True,
            opts=ResourceOptions(parent=self, depends_on=[channel]),
        )
