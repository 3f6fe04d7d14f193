"""Which properties of the official provider's types hold a policy document, and of what kind.

Source: Pulumi Registry, "AWS Classic", the pages of the types.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.evaluator.kinds import PolicyKind

#: Type token to the properties that hold a policy document, the document's kind, and the prefix of its service. Roles'
#: inline policies, and policies of an organisation, whose kind is a property of theirs, are not in it.
DOCUMENTS: Mapping[str, Mapping[str, tuple[PolicyKind, str]]] = {
    "aws:iam/policy:Policy": {"policy": (PolicyKind.IDENTITY, "iam")},
    "aws:iam/rolePolicy:RolePolicy": {"policy": (PolicyKind.IDENTITY, "iam")},
    "aws:iam/userPolicy:UserPolicy": {"policy": (PolicyKind.IDENTITY, "iam")},
    "aws:iam/groupPolicy:GroupPolicy": {"policy": (PolicyKind.IDENTITY, "iam")},
    "aws:iam/role:Role": {"assumeRolePolicy": (PolicyKind.TRUST, "iam")},
    "aws:kms/key:Key": {"policy": (PolicyKind.RESOURCE, "kms")},
    "aws:kms/externalKey:ExternalKey": {"policy": (PolicyKind.RESOURCE, "kms")},
    "aws:kms/replicaKey:ReplicaKey": {"policy": (PolicyKind.RESOURCE, "kms")},
    "aws:kms/replicaExternalKey:ReplicaExternalKey": {"policy": (PolicyKind.RESOURCE, "kms")},
    "aws:kms/keyPolicy:KeyPolicy": {"policy": (PolicyKind.RESOURCE, "kms")},
    "aws:s3/bucketPolicy:BucketPolicy": {"policy": (PolicyKind.RESOURCE, "s3")},
    "aws:s3/bucket:Bucket": {"policy": (PolicyKind.RESOURCE, "s3")},
    "aws:s3/bucketV2:BucketV2": {"policy": (PolicyKind.RESOURCE, "s3")},
    "aws:s3/accessPoint:AccessPoint": {"policy": (PolicyKind.RESOURCE, "s3")},
    "aws:s3control/accessPointPolicy:AccessPointPolicy": {"policy": (PolicyKind.RESOURCE, "s3")},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"policy": (PolicyKind.ENDPOINT, "ec2")},
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": {"policy": (PolicyKind.ENDPOINT, "ec2")},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"policy": (PolicyKind.RESOURCE, "ecr")},
    "aws:sns/topic:Topic": {"policy": (PolicyKind.RESOURCE, "sns")},
    "aws:sns/topicPolicy:TopicPolicy": {"policy": (PolicyKind.RESOURCE, "sns")},
    "aws:sqs/queue:Queue": {"policy": (PolicyKind.RESOURCE, "sqs")},
    "aws:sqs/queuePolicy:QueuePolicy": {"policy": (PolicyKind.RESOURCE, "sqs")},
    "aws:secretsmanager/secret:Secret": {"policy": (PolicyKind.RESOURCE, "secretsmanager")},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"policy": (PolicyKind.RESOURCE, "secretsmanager")},
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {
        "resourcePolicy": (PolicyKind.RESOURCE, "sagemaker")
    },
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": {"policy": (PolicyKind.RESOURCE, "events")},
    "aws:opensearch/domain:Domain": {"accessPolicies": (PolicyKind.RESOURCE, "es")},
    "aws:opensearch/domainPolicy:DomainPolicy": {"accessPolicies": (PolicyKind.RESOURCE, "es")},
    "aws:elasticsearch/domain:Domain": {"accessPolicies": (PolicyKind.RESOURCE, "es")},
    "aws:elasticsearch/domainPolicy:DomainPolicy": {"accessPolicies": (PolicyKind.RESOURCE, "es")},
    "aws:msk/clusterPolicy:ClusterPolicy": {"policy": (PolicyKind.RESOURCE, "kafka")},
    "aws:dynamodb/resourcePolicy:ResourcePolicy": {"policy": (PolicyKind.RESOURCE, "dynamodb")},
    "aws:kinesis/resourcePolicy:ResourcePolicy": {"policy": (PolicyKind.RESOURCE, "kinesis")},
    "aws:efs/fileSystemPolicy:FileSystemPolicy": {"policy": (PolicyKind.RESOURCE, "elasticfilesystem")},
    "aws:backup/vaultPolicy:VaultPolicy": {"policy": (PolicyKind.RESOURCE, "backup")},
}
