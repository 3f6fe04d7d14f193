"""Encryption at rest, encryption in transit and public exposure of services beside those that our components use.

What S3, ECR, CloudWatch Logs, SNS, CloudTrail and SageMaker's hosting need is in `infra.constraints`.
Sources: AWS Security Hub User Guide, the pages of the services; Pulumi Registry, "AWS Classic", the pages of the types.
"""

from __future__ import annotations

from infra.policy_pack.rule import Rule
from infra.policy_pack.rules.wanted import GIVEN, Want, check, types

_NOT_OURS = "without a key of the owner AWS takes its own, which every principal of the account may use"
_PLAIN = "it is not encrypted"
_DATABASE, _CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"
_SEARCH, _KAFKA = "aws:opensearch/domain:Domain", "aws:msk/cluster:Cluster"
_CACHE, _WAREHOUSE = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:redshift/cluster:Cluster"
_NOTEBOOK, _DOMAIN = "aws:sagemaker/notebookInstance:NotebookInstance", "aws:sagemaker/domain:Domain"
_QUALITY = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
_FILES, _DISK, _STREAM = "aws:efs/fileSystem:FileSystem", "aws:ebs/volume:Volume", "aws:kinesis/stream:Stream"
_POINT = "aws:s3/accessPoint:AccessPoint"

_AT_REST = (
    *(
        Want(token, flag, (True,), _PLAIN, default=False)
        for token, flag in (
            (_DATABASE, "storageEncrypted"),
            (_CLUSTER, "storageEncrypted"),
            (_FILES, "encrypted"),
            (_DISK, "encrypted"),
            (_SEARCH, "encryptAtRest.enabled"),
            (_CACHE, "atRestEncryptionEnabled"),
        )
    ),
    Want(_WAREHOUSE, "encrypted", (True, "true"), _PLAIN, default=False),
    Want(_STREAM, "encryptionType", ("KMS",), _PLAIN, default="NONE"),
    *(
        Want(token, key, (GIVEN,), _NOT_OURS)
        for token, key in (
            (_DATABASE, "kmsKeyId"),
            (_CLUSTER, "kmsKeyId"),
            (_FILES, "kmsKeyId"),
            (_DISK, "kmsKeyId"),
            (_SEARCH, "encryptAtRest.kmsKeyId"),
            (_CACHE, "kmsKeyId"),
            (_WAREHOUSE, "kmsKeyId"),
            (_STREAM, "kmsKeyId"),
            (_KAFKA, "encryptionInfo.encryptionAtRestKmsKeyArn"),
            (_NOTEBOOK, "kmsKeyId"),
            (_DOMAIN, "kmsKeyId"),
            ("aws:sqs/queue:Queue", "kmsMasterKeyId"),
            ("aws:dynamodb/table:Table", "serverSideEncryption.kmsKeyArn"),
            ("aws:secretsmanager/secret:Secret", "kmsKeyId"),
            ("aws:backup/vault:Vault", "kmsKeyArn"),
        )
    ),
)

_READABLE = "what it sends can be read on the way"
_IN_TRANSIT = (
    Want(_SEARCH, "domainEndpointOptions.enforceHttps", (True,), _READABLE, default=False),
    Want(_SEARCH, "nodeToNodeEncryption.enabled", (True,), _READABLE, default=False),
    Want(_CACHE, "transitEncryptionEnabled", (True,), _READABLE, default=False),
    Want(_KAFKA, "encryptionInfo.encryptionInTransit.clientBroker", ("TLS",), _READABLE, default="TLS"),
    Want(_KAFKA, "encryptionInfo.encryptionInTransit.inCluster", (True,), _READABLE, default=True),
    Want("aws:lb/listener:Listener", "protocol", ("HTTPS", "TLS"), _READABLE, default="HTTP"),
    Want(_QUALITY, "networkConfig.enableInterContainerTrafficEncryption", (True,), _READABLE, default=False),
)

_FROM_OUTSIDE = "it can be reached from the Internet"
_EXPOSURE = (
    Want(_DATABASE, "publiclyAccessible", (False,), _FROM_OUTSIDE, default=False),
    Want(_MEMBER, "publiclyAccessible", (False,), _FROM_OUTSIDE, default=False),
    Want(_WAREHOUSE, "publiclyAccessible", (False,), _FROM_OUTSIDE, default=False),
    Want("aws:ec2/instance:Instance", "associatePublicIpAddress", (False,), "it may get a public address"),
    Want("aws:eks/cluster:Cluster", "vpcConfig.endpointPublicAccess", (False,), _FROM_OUTSIDE, default=True),
    Want("aws:lambda/functionUrl:FunctionUrl", "authorizationType", ("AWS_IAM",), "everybody may call it"),
    Want("aws:lb/loadBalancer:LoadBalancer", "internal", (True,), _FROM_OUTSIDE, default=False),
    Want(
        _KAFKA,
        "brokerNodeGroupInfo.connectivityInfo.publicAccess.type",
        ("DISABLED",),
        _FROM_OUTSIDE,
        default="DISABLED",
    ),
    *(
        Want(_POINT, f"publicAccessBlockConfiguration.{key}", (True,), "public access is not blocked", default=True)
        for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
)

_OUT = "its code reaches the Internet past the VPC's endpoints"
_ISOLATION = (
    Want(_NOTEBOOK, "directInternetAccess", ("Disabled",), _OUT, default="Enabled"),
    Want(_NOTEBOOK, "subnetId", (GIVEN,), "it is in a VPC of SageMaker, not in the owner's"),
    Want(_NOTEBOOK, "rootAccess", ("Disabled",), "who uses it may change what confines it", default="Enabled"),
    Want(_DOMAIN, "appNetworkAccessType", ("VpcOnly",), _OUT, default="PublicInternetOnly"),
    Want(_QUALITY, "networkConfig.enableNetworkIsolation", (True,), _OUT, default=False),
)

RULES = (
    Rule(
        id="encryption-at-rest",
        title="What keeps data is encrypted by its owner's key.",
        source="AWS Prescriptive Guidance, Encryption best practices for Amazon Web Services",
        remedy="name the owner's key",
        types=types(_AT_REST),
        resource=check(_AT_REST),
        standards=(
            "EC2.3", "EFS.1", "ElastiCache.4", "Kinesis.1", "Opensearch.1", "RDS.3", "SQS.1",
        ),
    ),
    Rule(
        id="encryption-in-transit",
        title="What is sent is encrypted by TLS.",
        source="AWS Well-Architected Framework, SEC09-BP02 Enforce encryption in transit",
        remedy="turn TLS on",
        types=types(_IN_TRANSIT),
        resource=check(_IN_TRANSIT),
        standards=("ElastiCache.5", "MSK.1", "Opensearch.3", "SageMaker.9"),
    ),
    Rule(
        id="public-exposure",
        title="Nothing is reachable from the Internet.",
        source="AWS Well-Architected Framework, SEC05-BP01 Create network layers",
        remedy="keep it private",
        types=types(_EXPOSURE),
        resource=check(_EXPOSURE),
        standards=("EC2.9", "EKS.1", "MSK.4", "RDS.2", "Redshift.1", "S3.19"),
    ),
    Rule(
        id="workload-isolation",
        title="A tenant's code runs in its own subnets, without the Internet and without root.",
        source="Amazon SageMaker AI Developer Guide, Connect to resources from within a VPC",
        remedy="keep it in the owner's subnets",
        types=types(_ISOLATION),
        resource=check(_ISOLATION),
        standards=("SageMaker.1", "SageMaker.2", "SageMaker.3", "SageMaker.11"),
    ),
)  # fmt: skip
