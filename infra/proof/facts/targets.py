"""What a policy that is a resource of its own is attached to, and the ARNs of what has none before it is deployed.

Sources: Pulumi Registry, "AWS Classic", the pages of the types; Service Authorization Reference, Resource types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra.proof.facts.index import Index
from infra.proof.facts.records import Record

_PARTITION = "aws"
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Target:
    """What a policy of a type is attached to.

    Args:
        property: The property that names it.
        types: What it can be.
        template: The form of its ARN where no record is found; ``{name}`` is the property's value.
    """

    property: str
    types: tuple[str, ...]
    template: str = "{name}"


BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
KEYS = (
    "aws:kms/key:Key",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
)
FUNCTIONS = ("aws:lambda/function:Function",)
BUSES = ("aws:cloudwatch/eventBus:EventBus",)
_KEY = "arn:{partition}:kms:{region}:{account}:key/{name}"
_BUS = "arn:{partition}:events:{region}:{account}:event-bus/{name}"
_DOMAIN = "arn:{partition}:es:{region}:{account}:domain/{name}"

#: The types in `DOCUMENTS` whose policy is another resource's.
TARGETS: Mapping[str, Target] = {
    "aws:kms/keyPolicy:KeyPolicy": Target("keyId", KEYS, _KEY),
    "aws:s3/bucketPolicy:BucketPolicy": Target("bucket", BUCKETS, "arn:{partition}:s3:::{name}"),
    "aws:s3control/accessPointPolicy:AccessPointPolicy": Target("accessPointArn", ("aws:s3/accessPoint:AccessPoint",)),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Target(
        "repository",
        ("aws:ecr/repository:Repository",),
        "arn:{partition}:ecr:{region}:{account}:repository/{name}",
    ),
    "aws:sns/topicPolicy:TopicPolicy": Target("arn", ("aws:sns/topic:Topic",)),
    "aws:sqs/queuePolicy:QueuePolicy": Target("queueUrl", ("aws:sqs/queue:Queue",), ""),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Target("secretArn", ("aws:secretsmanager/secret:Secret",)),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": Target(
        "modelPackageGroupName",
        ("aws:sagemaker/modelPackageGroup:ModelPackageGroup",),
        "arn:{partition}:sagemaker:{region}:{account}:model-package-group/{name}",
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": Target("eventBusName", BUSES, _BUS),
    "aws:opensearch/domainPolicy:DomainPolicy": Target("domainName", ("aws:opensearch/domain:Domain",), _DOMAIN),
    "aws:elasticsearch/domainPolicy:DomainPolicy": Target("domainName", ("aws:elasticsearch/domain:Domain",), _DOMAIN),
    "aws:msk/clusterPolicy:ClusterPolicy": Target(
        "clusterArn", ("aws:msk/cluster:Cluster", "aws:msk/serverlessCluster:ServerlessCluster")
    ),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": Target("resourceArn", ("aws:dynamodb/table:Table",)),
    "aws:kinesis/resourcePolicy:ResourcePolicy": Target("resourceArn", ("aws:kinesis/stream:Stream",)),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": Target(
        "fileSystemId",
        ("aws:efs/fileSystem:FileSystem",),
        "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{name}",
    ),
    "aws:backup/vaultPolicy:VaultPolicy": Target(
        "backupVaultName",
        ("aws:backup/vault:Vault",),
        "arn:{partition}:backup:{region}:{account}:backup-vault:{name}",
    ),
}

#: The ARNs of what is not deployed yet, by its properties; what is not known becomes ``*``.
_ARNS: Mapping[str, str] = {
    "aws:iam/role:Role": "arn:{partition}:iam::{account}:role{path}{name}",
    "aws:iam/user:User": "arn:{partition}:iam::{account}:user{path}{name}",
    "aws:iam/group:Group": "arn:{partition}:iam::{account}:group{path}{name}",
    "aws:iam/policy:Policy": "arn:{partition}:iam::{account}:policy{path}{name}",
    "aws:iam/instanceProfile:InstanceProfile": "arn:{partition}:iam::{account}:instance-profile{path}{name}",
    "aws:s3/bucket:Bucket": "arn:{partition}:s3:::{bucket}",
    "aws:s3/bucketV2:BucketV2": "arn:{partition}:s3:::{bucket}",
    "aws:s3/accessPoint:AccessPoint": "arn:{partition}:s3:{region}:{account}:accesspoint/{name}",
    "aws:kms/key:Key": "arn:{partition}:kms:{region}:{account}:key/{keyId}",
    "aws:kms/externalKey:ExternalKey": "arn:{partition}:kms:{region}:{account}:key/{keyId}",
    "aws:sns/topic:Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "aws:ecr/repository:Repository": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
    "aws:cloudwatch/logGroup:LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    "aws:lambda/function:Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "aws:secretsmanager/secret:Secret": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-*",
    "aws:sagemaker/model:Model": "arn:{partition}:sagemaker:{region}:{account}:model/{name}",
    "aws:sagemaker/endpoint:Endpoint": "arn:{partition}:sagemaker:{region}:{account}:endpoint/{name}",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (
        "arn:{partition}:sagemaker:{region}:{account}:endpoint-config/{name}"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": (
        "arn:{partition}:sagemaker:{region}:{account}:model-package-group/{modelPackageGroupName}"
    ),
    "aws:dynamodb/table:Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
}


def arn_of(record: Record, index: Index) -> str | None:
    """The ARN of a record's resource, with ``*`` for what is not known; None for what has none.

    Args:
        record: The resource.
        index: What there is, which says account and Region.
    """
    arn = record.text("arn")
    if arn is not None:
        return arn if arn.startswith("arn:") else None
    template = _ARNS.get(record.type)
    if template is None:
        return "*" if record.properties.get("arn") is not None else None
    path = record.text("path") or ("*" if record.unknown("path") and "path" in record.properties else "/")
    return _filled(template, record, index, {"path": path})


def target_arn(record: Record, target: Target, index: Index) -> str | None:
    """The ARN of what a policy is attached to; None where it cannot be known.

    Args:
        record: The policy.
        target: What policies of its type are attached to.
        index: What there is.
    """
    found = index.follow(record, target.property, target.types)
    if found is not None:
        return arn_of(found, index)
    name = record.text(target.property)
    if name is None:
        return None
    if name.startswith("arn:"):
        return name
    arn = _filled(target.template, record, index, {"name": name})
    return None if "*" in arn or not arn.startswith("arn:") else arn


def _filled(template: str, record: Record, index: Index, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        key = found[1]
        if key in values:
            return values[key]
        if key == "partition":
            return _PARTITION
        if key == "account":
            return index.account(record) or "*"
        if key == "region":
            return index.region(record) or "*"
        return record.text(key) or "*"

    return _FIELD.sub(value, template)
