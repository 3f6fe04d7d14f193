"""Secrets, parameters, disks, backups, and buckets; what buckets hold is counted and removed by `bucket_contents`.

Sources: AWS Secrets Manager API Reference, "DeleteSecret"; AWS Backup API Reference, "DeleteRecoveryPoint";
Amazon EC2 API Reference, "DeleteSnapshot", "DeleteVolume"; Amazon S3 API Reference, "DeleteBucketPolicy".
"""

from __future__ import annotations

from infra.erasure.kinds.entry import Fields, Kind, Step, at, same

BUCKET = "s3:bucket"


def _ends_by_itself(fields: Fields) -> str:
    when = at(fields, "CalculatedLifecycle.DeleteAt")
    return f"the backup's own rule deletes it at {when}" if when and fields.get("IsLocked") else ""


TABLE = (
    Kind(
        name="secretsmanager:secret", service="secretsmanager", lists="list_secrets", at="SecretList", id="{Name}",
        arn="{ARN}", tags="Tags", refers=("KmsKeyId",),
        removal=(
            Step("delete_secret", {"SecretId": "{ARN}", "ForceDeleteWithoutRecovery": True}),
        ),
    ),
    Kind(
        name="ssm:parameter", service="ssm", lists="describe_parameters", at="Parameters", id="{Name}", arn="{ARN}",
        refers=("KeyId",), removal=(Step("delete_parameter", same("Name")),), served=False,
    ),
    Kind(
        name="backup:vault", service="backup", lists="list_backup_vaults", at="BackupVaultList", id="{BackupVaultName}",
        arn="{BackupVaultArn}", refers=("EncryptionKeyArn",),
        removal=(Step("delete_backup_vault", same("BackupVaultName")),), served=False,
    ),
    Kind(
        name="backup:recovery-point", service="backup", lists="list_recovery_points_by_backup_vault",
        at="RecoveryPoints", id="{RecoveryPointArn}", within="backup:vault", request=same("BackupVaultName"),
        removal=(Step("delete_recovery_point", same("BackupVaultName", "RecoveryPointArn")),),
        expires=_ends_by_itself, served=False,
    ),
    Kind(
        name="ec2:snapshot", service="ec2", lists="describe_snapshots", at="Snapshots", id="{SnapshotId}",
        request={"OwnerIds": ["self"]}, tags="Tags", refers=("KmsKeyId",),
        arn="arn:aws:ec2:{Region}:{Account}:snapshot/{SnapshotId}",
        removal=(Step("delete_snapshot", same("SnapshotId")),),
    ),
    Kind(
        name="ec2:volume", service="ec2", lists="describe_volumes", at="Volumes", id="{VolumeId}", tags="Tags",
        refers=("KmsKeyId",), arn="arn:aws:ec2:{Region}:{Account}:volume/{VolumeId}",
        removal=(Step("delete_volume", same("VolumeId")),),
    ),
    Kind(
        name=BUCKET, service="s3", lists="list_buckets", at="Buckets", id="{Name}", arn="arn:aws:s3:::{Name}",
        removal=(
            # The policy of a tenant's bucket lets nobody delete versions or uploads.
            Step("delete_bucket_policy", {"Bucket": "{Name}"}, ends=False),
            Step("delete_bucket", {"Bucket": "{Name}"}),
        ),
    ),
)  # fmt: skip
