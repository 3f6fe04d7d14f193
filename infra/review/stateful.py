"""The types of resources that hold something which is gone when they are: data, keys, logs, images, models."""

from __future__ import annotations

#: Each type token, with what a replacement or a deletion loses.
STATEFUL = {
    "aws:s3/bucket:Bucket": "its objects",
    "aws:s3/bucketV2:BucketV2": "its objects",
    "aws:s3/directoryBucket:DirectoryBucket": "its objects",
    "aws:kms/key:Key": "all that is encrypted with it",
    "aws:kms/externalKey:ExternalKey": "all that is encrypted with it",
    "aws:kms/replicaKey:ReplicaKey": "all that is encrypted with it",
    "aws:cloudwatch/logGroup:LogGroup": "its logs",
    "aws:ecr/repository:Repository": "its images",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "its registered models",
    "aws:sagemaker/featureGroup:FeatureGroup": "its features",
    "aws:sagemaker/domain:Domain": "its users' files",
    "aws:sagemaker/notebookInstance:NotebookInstance": "its volume",
    "aws:rds/instance:Instance": "its databases",
    "aws:rds/cluster:Cluster": "its databases",
    "aws:docdb/cluster:Cluster": "its databases",
    "aws:neptune/cluster:Cluster": "its databases",
    "aws:redshift/cluster:Cluster": "its databases",
    "aws:redshiftserverless/namespace:Namespace": "its databases",
    "aws:dynamodb/table:Table": "its items",
    "aws:elasticache/cluster:Cluster": "its entries",
    "aws:elasticache/replicationGroup:ReplicationGroup": "its entries",
    "aws:memorydb/cluster:Cluster": "its entries",
    "aws:opensearch/domain:Domain": "its indexes",
    "aws:opensearch/serverlessCollection:ServerlessCollection": "its indexes",
    "aws:ebs/volume:Volume": "its blocks",
    "aws:ebs/snapshot:Snapshot": "its blocks",
    "aws:efs/fileSystem:FileSystem": "its files",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "its files",
    "aws:msk/cluster:Cluster": "its topics",
    "aws:msk/serverlessCluster:ServerlessCluster": "its topics",
    "aws:kinesis/stream:Stream": "its records",
    "aws:sqs/queue:Queue": "its messages",
    "aws:secretsmanager/secret:Secret": "its value",
    "aws:ssm/parameter:Parameter": "its value",
    "aws:backup/vault:Vault": "its recovery points",
    "aws:cognito/userPool:UserPool": "its users",
    "aws:amp/workspace:Workspace": "its metrics",
    "aws:glue/catalogDatabase:CatalogDatabase": "its tables",
    "aws:guardduty/detector:Detector": "its findings",
}


def lost(type_token: str) -> str:
    """What is lost with a resource of the type; empty for what can be made again as it was."""
    return STATEFUL.get(type_token, "")
